"""Everything that runs in a chaos run, wired: stores, fault proxy, two copies of each service, and who watches them."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from baton import keys, postgres, processes
from baton.data_dir import DataDir, StackState
from baton.exit_codes import CannotStartError
from baton.ports import LOOPBACK, free_port, is_free
from baton.postgres import StartedPostgres
from baton.services import SERVICES, Service
from baton.stack import Stack
from events.topics import SLA_FLAGGED
from tests.chaos import toxiproxy, versions
from tests.chaos.brokers import LANES, Cluster, Node
from tests.chaos.copies import Copy, Ended, environment
from tests.chaos.toxiproxy import Link, Toxiproxy

LANE_DISTANCE = 10
QUORUM = 3
"""Brokers of which one may be lost."""
LONELY_PARTITION = SLA_FLAGGED
"""Partition 0 of this topic is on the last broker alone, where there is a quorum."""
START_SECONDS = 180.0
WATCH_SECONDS, PAUSE_SECONDS = 0.25, 0.1
SERVER_SETTINGS = "alter system set max_connections = 300; alter system set max_wal_size = '256MB';"


@dataclass(frozen=True)
class Size:
    """What to build: how many brokers, on which ports, on disk or not, from which release."""

    brokers: int = 1
    port_base: int | None = None
    durable: bool = False
    release: str = ""
    """The commit or tag whose services run first; this one's without."""


@dataclass
class Rig:
    """One system under test."""

    folder: Path
    postgres: StartedPostgres
    cluster: Cluster
    stack: Stack
    size: Size
    release: Mapping[str, str] = field(default_factory=dict)
    """The environment that makes a process run the release before."""
    copies: list[Copy] = field(default_factory=list)
    proxy: Toxiproxy | None = None
    databases: dict[str, Link] = field(default_factory=dict)
    """The way to PostgreSQL, by lane."""
    brokers: dict[str, list[Link]] = field(default_factory=dict)
    """The ways to each broker, by lane."""
    ended: list[Ended] = field(default_factory=list)
    fault: str = ""
    """What is being injected now."""
    marks: dict[str, set[object]] = field(default_factory=dict)
    """What faults leave for the ledger: poison records, topics that lost records, …"""

    def of(self, service: str) -> list[Copy]:
        """Return the copies of a service."""
        return [copy for copy in self.copies if copy.service.name == service]

    def on(self, lane: str) -> list[Copy]:
        """Return the copies on a lane."""
        return [copy for copy in self.copies if copy.lane == lane]

    def links(self, lanes: tuple[str, ...] = LANES) -> Iterator[Link]:
        """Return the ways to Kafka on these lanes."""
        for lane in lanes:
            yield from self.brokers.get(lane, ())

    def mark(self, kind: str, *values: object) -> None:
        """Leave something for the ledger."""
        self.marks.setdefault(kind, set()).update(values)

    async def mend(self) -> None:
        """Undo what may still be broken: network, stores, stopped and killed processes."""
        if self.proxy is not None:
            await self.proxy.heal()
        if not self.postgres.running.is_alive():
            await self.start_postgres()
        await self.cluster.mend()
        for copy in self.copies:
            if copy.paused:
                copy.resume()
            if copy.expected and not copy.is_alive():
                copy.start()

    async def start_postgres(self) -> None:
        """Start PostgreSQL again where it was."""
        server = self.postgres
        await asyncio.to_thread(server.prepare)
        server.running = await asyncio.to_thread(
            processes.start_program, server.program(), server.is_ready, postgres.START_SECONDS
        )

    async def stop_postgres(self, number: signal.Signals = signal.SIGQUIT) -> None:
        """Stop PostgreSQL; SIGQUIT is its immediate stop, which leaves crash recovery to the next start."""
        running = self.postgres.running
        running.process.send_signal(number)
        await asyncio.to_thread(running.wait_stopped, postgres.STOP_SECONDS)

    async def all_ready(self, seconds: float = START_SECONDS, lanes: tuple[str, ...] = LANES) -> list[str]:
        """Wait until each copy is ready; return the names of those that are not in time."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        copies = [copy for copy in self.copies if copy.lane in lanes]
        async with httpx.AsyncClient() as http:
            while True:
                states = await asyncio.gather(*(copy.is_ready(http) for copy in copies))
                late = [copy.name for copy, ready in zip(copies, states, strict=True) if not ready]
                if not late or loop.time() > deadline:
                    return late
                await asyncio.sleep(PAUSE_SECONDS)

    async def watch(self) -> None:
        """Note each process that ends by itself, and start it again as a supervisor would; until cancelled."""
        while True:
            for copy in self.copies:
                end = copy.ended(self.fault)
                if end is not None:
                    self.ended.append(end)
                    copy.start()
            await asyncio.sleep(WATCH_SECONDS)

    def stop(self) -> None:
        """Stop everything."""
        for copy in self.copies:
            copy.kill()
        with contextlib.suppress(ProcessLookupError):
            self.postgres.running.process.send_signal(signal.SIGCONT)
        self.cluster.stop()
        self.postgres.stop()
        if self.proxy is not None:
            self.proxy.stop()


@asynccontextmanager
async def up(folder: Path, size: Size) -> AsyncIterator[Rig]:
    """Start stores and proxy, then both copies of each service; stop all at the end."""
    data_dir = DataDir.of_folder(folder)
    data_dir.create_folders()
    secrets = data_dir.ensure_secrets()
    server = await asyncio.to_thread(
        postgres.start_postgres, folder / "postgres", password=secrets.superuser, durable=size.durable
    )
    cluster = Cluster([Node(number, folder / f"kafka-{number}") for number in range(1, size.brokers + 1)])
    state = StackState(port_base=size.port_base or free_base(), postgres_port=server.port, bootstrap=cluster.bootstrap)
    rig = Rig(folder, server, cluster, Stack(data_dir, state, secrets), size)
    if size.release:
        rig.release = await asyncio.to_thread(versions.checkout, size.release, folder / "release")
    try:
        await _start_stores(rig)
        await _start_copies(rig)
        watching = asyncio.create_task(rig.watch())
        try:
            yield rig
        finally:
            watching.cancel()
    finally:
        await asyncio.to_thread(rig.stop)


async def _start_stores(rig: Rig) -> None:
    server = toxiproxy.program()
    if server is not None:
        rig.proxy = await asyncio.to_thread(toxiproxy.start, server, rig.folder / "logs" / "toxiproxy.log")
    for lane in LANES:
        rig.databases[lane] = await _link(rig, f"postgres-{lane}", rig.postgres.port)
        rig.brokers[lane] = [
            await _link(rig, f"kafka-{node.number}-{lane}", node.lanes[lane]) for node in rig.cluster.nodes
        ]
        for node, link in zip(rig.cluster.nodes, rig.brokers[lane], strict=True):
            node.advertised[lane] = link.port
    await rig.cluster.start()
    if rig.cluster.replicas >= QUORUM:
        await rig.cluster.create_with_lonely_partition(LONELY_PARTITION)
    await asyncio.to_thread(rig.postgres.execute, SERVER_SETTINGS)
    await rig.stop_postgres(signal.SIGINT)
    await rig.start_postgres()
    for service in SERVICES:
        password = rig.stack.secrets.databases[service.module]
        await asyncio.to_thread(rig.postgres.create_database, service.module, password)


async def _link(rig: Rig, name: str, upstream: int) -> Link:
    """Return a way through the proxy; without one, the port itself."""
    if rig.proxy is None:
        return Link(name, upstream, upstream)
    return await rig.proxy.link(name, free_port(), upstream)


async def _start_copies(rig: Rig) -> None:
    for lane, distance in zip(LANES, (0, LANE_DISTANCE), strict=True):
        for service in SERVICES:
            rig.copies.append(new_copy(rig, service, lane, service.port(rig.stack.state.port_base) + distance))
    for lane in LANES:  # the first lane migrates, so that the second finds its tables
        for copy in rig.on(lane):
            copy.start()
        late = await rig.all_ready(lanes=(lane,))
        if late:
            raise CannotStartError(f"not ready: {', '.join(late)}")
    await keys.store_key(rig.stack.databases, rig.stack.secrets.api_key, label="chaos")


def new_copy(rig: Rig, service: Service, lane: str, port: int, *, instance: str | None = None) -> Copy:
    """Return another copy of a service, not started yet."""
    password = rig.stack.secrets.databases[service.module]
    way = rig.databases[lane].port
    database = f"postgresql://{service.module}:{password}@{LOOPBACK}:{way}/{service.module}"
    variables = environment(
        service, lane, database=database, kafka=rig.cluster.lane(lane), port=port, replicas=rig.cluster.replicas
    )
    variables |= {"BATON_SECRET": rig.stack.secrets.installation, "BATON_API_KEY": rig.stack.secrets.api_key}
    variables |= rig.release
    if instance is not None:
        variables["BATON_INSTANCE"] = instance
    return Copy(service, lane, port, variables, rig.folder)


def free_base() -> int:
    """Return a base at which both copies of each service find their ports free."""
    while True:
        base = free_port()
        if all(is_free(service.port(base) + far) for service in SERVICES for far in (0, LANE_DISTANCE)):
            return base
