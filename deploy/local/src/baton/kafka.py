"""Which Kafka to use: the one that is given, else Apache Kafka itself, else one in memory.

The rungs of the ladder differ in what survives a restart, never in what the services see.
"""

import os
import socket
import struct
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, Self

from baton import kafka_apache, kafka_memory, processes
from baton.chosen_kafka import find_chosen_kafka
from baton.exit_codes import CannotStartError, WrongUsageError
from baton.ports import keep_or_free
from baton.processes import Program, Running

START_SECONDS = 90.0
STOP_SECONDS = 20.0
ASK_SECONDS = 2.0
METADATA_KEY, METADATA_VERSION = 3, 4


class Broker(Protocol):
    """A broker that this machine can run itself."""

    rung: str
    port: int

    @property
    def bootstrap(self) -> str:
        """What clients connect to first."""
        ...

    def prepare(self) -> None:
        """Get everything ready that has to be there before the start."""
        ...

    def program(self) -> Program:
        """Return what to run."""
        ...


@dataclass
class Kafka:
    """A Kafka that can be used now: ours if `running`, else somebody else's."""

    rung: str
    bootstrap: str
    running: Running | None = field(default=None, repr=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop the broker if it is ours; what it keeps, stays."""
        if self.running is not None:
            self.running.stop(STOP_SECONDS)


def choose_kafka(environ: Mapping[str, str] = os.environ) -> str:
    """Return the rung: `given`, `apache` or `memory`.

    `KAFKA_BOOTSTRAP_SERVERS` wins (unless `baton env` printed it), then `BATON_KAFKA=apache|memory`,
    then what the machine has.
    """
    if find_chosen_kafka(environ):
        return "given"
    forced = environ.get("BATON_KAFKA", "")
    if forced in {"apache", "memory"}:
        return forced
    if forced:
        raise WrongUsageError(f"BATON_KAFKA is 'apache' or 'memory', not '{forced}'")
    return "apache" if kafka_apache.can_run_apache_kafka() else "memory"


def prepare_broker(directory: Path, port: int, log: Path, environ: Mapping[str, str] = os.environ) -> Broker:
    """Return a broker this machine can start now.

    Where Apache Kafka was chosen but cannot be fetched (no network, say) and nobody insists on it,
    the next rung is taken; what was lost by that is said aloud.
    """
    why = "BATON_KAFKA=memory asks for it"
    if choose_kafka(environ) == "apache":
        apache = kafka_apache.ApacheKafka(directory, port, log)
        try:
            apache.prepare()
        except CannotStartError as error:
            if environ.get("BATON_KAFKA"):
                raise
            why = str(error)
        else:
            return apache
    elif not environ.get("BATON_KAFKA"):
        why = "Java 17+ and Maven are not both on the PATH"
    sys.stderr.write(f"{kafka_memory.WARNING.format(why=why)}\n")
    memory = kafka_memory.MemoryKafka(directory, port, log)
    memory.prepare()
    return memory


def start_kafka(directory: Path, port: int | None = None, environ: Mapping[str, str] = os.environ) -> Kafka:
    """Climb the ladder and return a Kafka that answers; its files, if any, are in `directory`."""
    rung = choose_kafka(environ)
    if rung == "given":
        return Kafka(rung, environ["KAFKA_BOOTSTRAP_SERVERS"])
    directory = directory.resolve()
    log = directory.with_name(f"{directory.name}.log")
    ours = prepare_broker(directory, keep_or_free(port), log, environ)
    running = processes.start_program(ours.program(), lambda: is_kafka_ready(ours.bootstrap), START_SECONDS)
    return Kafka(ours.rung, ours.bootstrap, running)


def is_kafka_ready(bootstrap: str) -> bool:
    """Return whether any of the servers answers a metadata request that names a live broker.

    An open port is not enough: a starting broker listens long before it serves.
    """
    return any(_metadata_names_a_broker(server.strip()) for server in bootstrap.split(","))


def _metadata_names_a_broker(server: str) -> bool:
    host, _, port = server.rpartition(":")
    header = struct.pack(">hhih", METADATA_KEY, METADATA_VERSION, 1, -1)
    request = header + struct.pack(">i?", 0, False)  # no topics, create none
    with suppress(OSError, struct.error, ValueError):
        with socket.create_connection((host, int(port)), ASK_SECONDS) as connection:
            connection.settimeout(ASK_SECONDS)
            connection.sendall(struct.pack(">i", len(request)) + request)
            answer = _receive_exactly(connection, struct.unpack(">i", _receive_exactly(connection, 4))[0])
        _, _, brokers = struct.unpack_from(">iii", answer)  # correlation, throttle, count
        return bool(brokers > 0)
    return False


def _receive_exactly(connection: socket.socket, size: int) -> bytes:
    chunks = b""
    while len(chunks) < size:
        chunk = connection.recv(size - len(chunks))
        if not chunk:
            raise ConnectionError("the broker closed the connection")
        chunks += chunk
    return chunks
