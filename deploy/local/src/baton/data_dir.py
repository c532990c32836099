"""The data directory: everything a stack keeps, and who may read it."""

import json
import os
import secrets
import stat
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from baton.exit_codes import WrongUsageError
from baton.services import SERVICES

DEFAULT = Path(".baton")
KEY_ID_BYTES, KEY_SECRET_BYTES = 6, 24


@dataclass
class RememberedProcess:
    """A process some supervisor started, remembered so that it is never mistaken for another."""

    pid: int
    created: float
    restarts: int = 0


@dataclass
class StackState:
    """What the supervisor last knew; `phase` is starting, ready, failed, stopping or stopped."""

    phase: str = "starting"
    failure: str = ""
    supervisor: RememberedProcess | None = None
    parts: dict[str, RememberedProcess] = field(default_factory=dict)
    rung: str = ""
    bootstrap: str = ""
    postgres_port: int | None = None
    kafka_port: int | None = None
    port_base: int = 8000
    clock: str = "system"
    clock_start: str | None = None


@dataclass(frozen=True)
class StackSecrets:
    """What must stay the same for the life of an installation, and must stay in it."""

    superuser: str
    databases: dict[str, str]
    installation: str
    api_key: str
    form_key: str


@dataclass(frozen=True)
class DataDir:
    """Where each thing lies in the data directory."""

    directory: Path

    @classmethod
    def of_folder(cls, directory: Path) -> "DataDir":
        """Return the data directory by its absolute path: processes run in other folders."""
        return cls(directory.expanduser().resolve())

    @property
    def postgres_folder(self) -> Path:
        """PostgreSQL's cluster."""
        return self.directory / "postgres"

    @property
    def kafka_folder(self) -> Path:
        """Kafka's configuration and log."""
        return self.directory / "kafka"

    @property
    def lock_file(self) -> Path:
        """Held by the one supervisor that works here."""
        return self.directory / "run" / "lock"

    def log_file_of(self, name: str) -> Path:
        """Return where a part writes what it has to say."""
        return self.directory / "logs" / f"{name}.log"

    def create_folders(self) -> None:
        """Make the folders."""
        for folder in (self.directory, self.directory / "run", self.directory / "logs"):
            make_private_folder(folder)

    def was_started(self) -> bool:
        """Return whether a stack was ever started here."""
        return self._state_file.exists()

    def read_state(self) -> StackState:
        """Return what the last supervisor wrote; a fresh state if there was none."""
        try:
            raw: dict[str, Any] = json.loads(self._state_file.read_text())
        except FileNotFoundError:
            return StackState(phase="stopped")
        supervisor = raw.pop("supervisor")
        parts = raw.pop("parts")
        return StackState(
            **raw,
            supervisor=RememberedProcess(**supervisor) if supervisor else None,
            parts={name: RememberedProcess(**process) for name, process in parts.items()},
        )

    def write_state(self, state: StackState) -> None:
        """Replace the state in one step, so no reader ever sees half of it."""
        _replace_file(self._state_file, json.dumps(asdict(state), indent=2), 0o600)

    def read_secrets(self) -> StackSecrets:
        """Return the secrets of a stack that was started here."""
        try:
            return StackSecrets(**json.loads(self._secrets_file.read_text()))
        except FileNotFoundError:
            raise WrongUsageError(f"no stack was ever started in {self.directory} (`baton up` starts one)") from None

    def ensure_secrets(self) -> StackSecrets:
        """Return the secrets, drawing them at the first start."""
        if not self._secrets_file.exists():
            drawn = StackSecrets(
                superuser=secrets.token_urlsafe(24),
                databases={service.module: secrets.token_urlsafe(24) for service in SERVICES},
                installation=secrets.token_hex(32),
                api_key=draw_api_key(),
                form_key=draw_api_key(),
            )
            _replace_file(self._secrets_file, json.dumps(asdict(drawn), indent=2), 0o600)
        found = self.read_secrets()
        missing = {service.module for service in SERVICES} - found.databases.keys()
        if missing:  # started before there were so many services
            found.databases.update({name: secrets.token_urlsafe(24) for name in missing})
            _replace_file(self._secrets_file, json.dumps(asdict(found), indent=2), 0o600)
        return found

    @property
    def _state_file(self) -> Path:
        return self.directory / "run" / "state.json"

    @property
    def _secrets_file(self) -> Path:
        return self.directory / "secrets.json"


def make_private_folder(folder: Path) -> None:
    """Create a folder that its owner alone can list, read and write; an existing one becomes so.

    Passing through it stays allowed where it was: PostgreSQL may run as another user in a folder below.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(stat.S_IMODE(folder.stat().st_mode) & 0o711)


def draw_api_key() -> str:
    """Draw an API key: a public id to find it by and a secret nobody stores."""
    return f"bk_{secrets.token_hex(KEY_ID_BYTES)}_{secrets.token_hex(KEY_SECRET_BYTES)}"


def _replace_file(path: Path, text: str, mode: int) -> None:
    scratch = path.with_name(f"{path.name}.{os.getpid()}")
    scratch.touch(mode=mode)
    scratch.write_text(text)
    scratch.replace(path)
