"""The rules of engagement in force: versioned YAML in the service's database: all copies switch at one instant."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import orjson
import yaml
from pydantic import BaseModel, ValidationError

from events.contacts import PlaybookActivated
from events.ids import derive_id
from events.runtime import audit_log
from events.runtime.security import Caller
from events.runtime.transaction import DriverConnection, Transaction
from events.yaml_text import load_yaml

P = TypeVar("P", bound=BaseModel)

DEFINITIONS = "definitions.yaml"
UNREADABLE = (OSError, ValueError, yaml.YAMLError)
"""What `Playbooks.read` raises."""
LOCK = 0x0BA7_0003
"""The advisory lock of whoever puts rules in force."""


@dataclass(frozen=True, slots=True)
class PlaybookText:
    """One version as written. `version` is a hash of both texts."""

    definitions: str
    body: str

    @property
    def version(self) -> str:
        """Twelve hexadecimal digits of SHA-256 over both texts."""
        return hashlib.sha256(f"{self.definitions}\0{self.body}".encode()).hexdigest()[:12]


def describe_file_faults(file: str, error: Exception) -> list[str]:
    """Return in a line each why a playbook's file is `UNREADABLE`, and where in it."""
    if isinstance(error, ValidationError):
        return [f"{file}: {'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()]
    reason = error.strerror if isinstance(error, OSError) else None
    return [f"{file}: {reason or ' '.join(str(error).split())}"]


def build_timer_key(timer: str, version: str, at: datetime) -> UUID:
    """Return the key of the timer that an activation sets."""
    return derive_id(timer, version, at.isoformat())


class PlaybookVersions:
    """The versions a process has seen, parsed once each."""

    def __init__(self, model: type[BaseModel], file: str) -> None:
        self.model = model
        self.file = file
        self._sources: dict[str, PlaybookText] = {}
        self._parsed: dict[tuple[str, type[BaseModel]], BaseModel] = {}
        self._review_dates: dict[str, date | None] = {}

    def read(self, folder: Path) -> PlaybookText:
        """Read the version that lies in a folder; raises where it is not a valid playbook."""
        definitions = folder / DEFINITIONS
        source = PlaybookText(
            definitions.read_text() if definitions.exists() else "",
            (folder / self.file).read_text(),
        )
        self.model.model_validate(load_yaml(source.body))
        return source

    async def ensure_loaded(self, version: str, connection: DriverConnection) -> None:
        """Have this version's text at hand."""
        if version in self._sources:
            return
        rows = await connection.fetch(
            "select definitions, body from playbooks where version = $1 order by nth desc limit 1",
            version,
        )
        self._sources[version] = PlaybookText(rows[0]["definitions"], rows[0]["body"])

    def parse_version(self, version: str, model: type[P]) -> P:
        """Return a version as `model`: the service's own, or one that reads `definitions.yaml`."""
        found = self._parsed.get((version, model))
        if found is None:
            source = self._sources[version]
            body = source.body if model is self.model else source.definitions
            found = self._parsed[version, model] = model.model_validate(load_yaml(body) or {})
        return found  # type: ignore[return-value]  # stored under its own model

    def find_review_date(self, version: str | None) -> date | None:
        """Return the date by which both teams promised to look at this version again."""
        if version is None or version not in self._sources:
            return None
        if version not in self._review_dates:
            found = (load_yaml(self._sources[version].definitions) or {}).get("review_by")
            self._review_dates[version] = found if isinstance(found, date) else None
        return self._review_dates[version]

    async def activate(
        self, tx: Transaction, source: PlaybookText, by: str, approvals: list[Any], caller: Caller | None = None
    ) -> bool:
        """Put a version in force from this transaction's instant on, and publish it; False where it already is.

        A model with `timer_on_activation` gets a timer of that kind, unless it is the first version of all.
        """
        if tx.playbook_version == source.version:
            return False
        await tx.raw.execute(
            "insert into playbooks (activated_at, version, definitions, body, activated_by, approvals)"
            " values ($1, $2, $3, $4, $5, $6::text::jsonb)",
            tx.now, source.version, source.definitions, source.body, by, orjson.dumps(approvals).decode(),
        )  # fmt: skip
        await audit_log.record_action(tx.raw, caller, "playbook.activated", source.version)
        timer: str | None = getattr(self.model, "timer_on_activation", None)
        if timer is not None and tx.playbook_version:
            key = build_timer_key(timer, source.version, tx.now)
            tx.schedule(timer, key, key, tx.now)
        definitions = load_yaml(source.definitions) or {}
        rules = self.model.model_validate(load_yaml(source.body))
        tx.emit(
            PlaybookActivated(
                occurred_at=tx.now,
                service=tx.service,
                version=source.version,
                approvers=list_named_approvers(definitions),
                review_by=str(definitions["review_by"]) if "review_by" in definitions else None,
                promised_shares=getattr(rules, "promised_shares", None),
            )
        )
        return True


def list_named_approvers(definitions: Mapping[str, Any]) -> list[str]:
    """Return the approvers that definitions name, whether they are listed or given by team."""
    named = definitions.get("approvers") or []
    of_teams = list(named.values()) if isinstance(named, dict) else [named]
    return [str(name) for team in of_teams for name in (team if isinstance(team, list) else [team])]
