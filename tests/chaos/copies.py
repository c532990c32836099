"""The twelve processes under test: two copies of each service, each watched for an end that nobody asked for."""

import os
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from baton.ports import LOOPBACK
from baton.processes import Program, Running, find_telling_line
from baton.services import Service
from baton.stack_processes import playbook_directory
from tests.chaos.brokers import PARTITIONS

ASK_SECONDS = 3.0
STOP_SECONDS = 30.0
ORDERLY = (0, -signal.SIGTERM)
"""Exit codes of a stop in order: uvicorn raises the signal again when all is done."""


@dataclass(frozen=True)
class Ended:
    """A process that ended by itself: `code` is its exit code, negative for a signal."""

    copy: str
    code: int
    fault: str
    line: str


@dataclass
class Copy:
    """One copy of a service, on a lane of the network of its own."""

    service: Service
    lane: str
    port: int
    environment: Mapping[str, str]
    folder: Path
    running: Running | None = None
    expected: bool = True
    """Whether it may be down: it was never started, was killed on purpose or asked to stop."""
    paused: bool = False
    codes: list[int] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The service and the lane."""
        return f"{self.service.name}-{self.lane}"

    @property
    def url(self) -> str:
        """Where its HTTP interface is."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def log(self) -> Path:
        """What it writes."""
        return self.folder / "logs" / f"{self.name}.log"

    def start(self, extra: Mapping[str, str] | None = None) -> None:
        """Start the process, with `extra` in its environment."""
        program = Program(
            self.name, (sys.executable, "-m", self.service.module), self.log,
            environment={**self.environment, **(extra or {})}, directory=self.folder,
        )  # fmt: skip
        self.running = Running(program, program.spawn())
        self.expected = self.paused = False

    def is_alive(self) -> bool:
        """Return whether its process runs."""
        return self.running is not None and self.running.is_alive()

    def kill(self) -> None:
        """End it at once (SIGKILL)."""
        self.expected = True
        if self.running is not None:
            self.running.process.kill()
            self.running.process.wait()
        self.paused = False

    def pause(self) -> None:
        """Stop it where it stands (SIGSTOP)."""
        if self.running is not None and self.running.is_alive():
            self.running.process.send_signal(signal.SIGSTOP)
            self.paused = True

    def resume(self) -> None:
        """Let it go on (SIGCONT)."""
        if self.running is not None and self.running.is_alive():
            self.running.process.send_signal(signal.SIGCONT)
        self.paused = False

    def stop(self) -> tuple[float, int]:
        """Ask it to stop (SIGTERM); return the seconds that took and its exit code."""
        self.expected = True
        self.resume()
        if self.running is None:
            return 0.0, 0
        begun = time.monotonic()
        self.running.stop(STOP_SECONDS)
        return time.monotonic() - begun, self.running.process.returncode

    def ended(self, fault: str) -> Ended | None:
        """Return how it ended if nobody asked it to."""
        if self.expected or self.running is None or self.running.is_alive():
            return None
        self.expected = True
        return Ended(self.name, self.running.process.returncode, fault, find_telling_line(self.log))

    async def is_ready(self, http: httpx.AsyncClient) -> bool:
        """Return whether it reports that it can do its work."""
        return await self.answers(http, "readyz") == httpx.codes.OK

    async def answers(self, http: httpx.AsyncClient, page: str) -> int:
        """Return the status of one of its pages, 0 without an answer."""
        try:
            return (await http.get(f"{self.url}/{page}", timeout=ASK_SECONDS)).status_code
        except httpx.HTTPError:
            return 0


def environment(service: Service, lane: str, *, database: str, kafka: str, port: int, replicas: int) -> dict[str, str]:
    """Return what a copy is configured with; `database` and `kafka` lead through its lane."""
    return {
        **os.environ,
        "BATON_SERVICE": service.name,
        "BATON_DATABASE_URL": database,
        "KAFKA_BOOTSTRAP_SERVERS": kafka,
        "BATON_HOST": LOOPBACK,
        "BATON_PORT": str(port),
        "BATON_PLAYBOOK_DIR": str(playbook_directory()),
        "BATON_REPLICATION_FACTOR": str(replicas),
        "BATON_PARTITIONS": str(PARTITIONS),
        "BATON_INSTANCE": f"{service.name}-{lane}",
        "BATON_LOG_LEVEL": "INFO",
    }
