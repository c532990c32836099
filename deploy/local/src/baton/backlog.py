"""Is anything still on its way? The stepped clock asks thousands of times, so this is quick.

The order of the questions makes one clean answer a proof. First each database is asked: nothing to
send, no timer due, and how far it has read. Only then Kafka is asked where its logs end. Work that
was missed in a database came from a record that database had not read yet, and that record is in
Kafka by then, beyond the position it gave. What no order can see is a request that a service has
accepted but not committed; those are counted by the services themselves.
"""

import asyncio
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Any, Protocol, Self

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from baton import clusters
from baton.database import Connection, connect
from baton.exit_codes import FoundWrongError
from baton.service_client import ReachableServices, open_service_clients
from events.runtime import kafka
from events.topics import CONTACTS_ERASED, SERVICES, TOPICS

ASK = """
select (select count(*) from outbox) as outbox,
       (select count(*) from timers where due_at <= timer_horizon()) as due,
       (select min(due_at) from timers) as next_due,
       read.*
from (select array_agg(topic order by topic, partition) as topics,
             array_agg(partition order by topic, partition) as partitions,
             array_agg(next_offset order by topic, partition) as offsets
      from positions) as read
"""
"""The three arrays belong together, so one scan makes them in one order: of three scans, each may read in another."""
CONSUMED: dict[str, set[str]] = {name: {topic.name for topic in TOPICS if name in topic.consumers} for name in SERVICES}
SHOWN = {"desk": CONSUMED["desk"] - {CONTACTS_ERASED.name}}
"""What a service reads only to show it: no record of these topics makes it publish anything or set a timer."""
PASSES = 2
FIRST_PAUSE, LONGEST_PAUSE = 0.006, 0.02

Offsets = dict[tuple[str, int], int]


class ObservedStack(ReachableServices, Protocol):
    """Six services with their databases and their Kafka: a stack on this machine, or what the environment names."""

    @property
    def databases(self) -> Mapping[str, str]:
        """Each service's database URL, by name."""
        ...

    @property
    def bootstrap(self) -> str:
        """Where Kafka's clients begin."""
        ...

    @property
    def rung(self) -> str:
        """Whose Kafka it is: one that was given may need a login."""
        ...


@dataclass(frozen=True)
class Backlog:
    """What one service still has to do."""

    outbox: int = 0
    due: int = 0
    lag: int = 0
    open_commands: int = 0

    def __bool__(self) -> bool:
        return bool(self.outbox or self.due or self.lag or self.open_commands)

    def __str__(self) -> str:
        amounts = {
            "to send": self.outbox,
            "timers due": self.due,
            "records behind": self.lag,
            "open commands": self.open_commands,
        }
        return ", ".join(f"{amount} {name}" for name, amount in amounts.items() if amount)


@dataclass
class BacklogSnapshot:
    """One look at all services; `next_due` is the least due instant of all timers."""

    backlogs: dict[str, Backlog]
    next_due: datetime | None

    def __bool__(self) -> bool:
        return not any(self.backlogs.values())

    def __str__(self) -> str:
        behind = {name: backlog for name, backlog in self.backlogs.items() if backlog}
        return "; ".join(f"{name}: {backlog}" for name, backlog in behind.items())


@dataclass
class BacklogObserver:
    """Open connections to six databases and one Kafka, and what they answer."""

    stack: ObservedStack
    connections: dict[str, Connection] = field(default_factory=dict)
    _questions: dict[str, Any] = field(default_factory=dict)
    _consumer: AIOKafkaConsumer | None = None
    _suspect: str = ""
    """Who was behind at the last look: asked alone until it has caught up, as it costs a fifth."""
    _seen_ends: Offsets = field(default_factory=dict)

    async def __aenter__(self) -> Self:
        for service, url in self.stack.databases.items():
            connection = await connect(url)
            self.connections[service] = connection
            self._questions[service] = await connection.prepare(ASK)
        self._consumer = AIOKafkaConsumer(
            **clusters.client_arguments(self.stack.bootstrap, self.stack.rung),
            metadata_max_age_ms=3_600_000,
        )
        await self._consumer.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for connection in self.connections.values():
            await connection.close()
        if self._consumer is not None:
            await kafka.close_consumer(self._consumer)

    async def look_quickly(self, *, commands: bool = False, shown: bool = True) -> BacklogSnapshot:
        """Ask the last suspect, then everybody; Kafka only if the databases have nothing to do.

        Without `shown`, what is read only to be shown may still be unread: nothing follows from it.
        """
        if self._suspect:
            row = await self._questions[self._suspect].fetchrow()
            read = _parse_positions(row)
            left = () if shown else SHOWN.get(self._suspect, ())
            lag = sum(
                max(0, end - read[part])
                for part, end in self._seen_ends.items()
                if part in read and part[0] not in left
            )
            if backlog := Backlog(row["outbox"], row["due"], lag):
                return BacklogSnapshot({self._suspect: backlog}, None)
        found = await self._observe_all(shown=shown)
        if commands and found:
            for name, count in (await self._fetch_open_command_counts()).items():
                found.backlogs[name] = Backlog(open_commands=count)
        busy = (name for name, backlog in found.backlogs.items() if backlog and not backlog.open_commands)
        self._suspect = next(busy, "")
        return found

    async def _observe_all(self, *, shown: bool) -> BacklogSnapshot:
        rows = dict(
            zip(
                self._questions,
                await asyncio.gather(*map(_fetch_row, self._questions.values())),
                strict=True,
            )
        )
        backlogs = {name: Backlog(row["outbox"], row["due"]) for name, row in rows.items()}
        dues = [row["next_due"] for row in rows.values() if row["next_due"] is not None]
        found = BacklogSnapshot(backlogs, min(dues, default=None))
        if not found:
            return found
        positions = {name: _parse_positions(row) for name, row in rows.items()}
        ends = self._seen_ends = await self._fetch_end_offsets(positions)
        for name, read in positions.items():
            if lag := _compute_lag(name, read, ends, () if shown else SHOWN.get(name, ())):
                backlogs[name] = Backlog(lag=lag)
        return found

    async def look_at_everything(self) -> BacklogSnapshot:
        """Ask everything of everybody, for showing it to people."""
        rows = {name: await of.fetchrow() for name, of in self._questions.items()}
        positions = {name: _parse_positions(row) for name, row in rows.items()}
        ends = await self._fetch_end_offsets(positions)
        return BacklogSnapshot(
            {
                name: Backlog(row["outbox"], row["due"], _compute_lag(name, positions[name], ends))
                for name, row in rows.items()
            },
            None,
        )

    async def wait_until_drained(
        self, seconds: float = 60, *, commands: bool = False, passes: int = PASSES, shown: bool = True
    ) -> BacklogSnapshot:
        """Return when all is drained `passes` times in a row; raise with who is behind. See `look_quickly`."""
        deadline = time.monotonic() + seconds
        clean, pause = 0, FIRST_PAUSE
        while True:
            found = await self.look_quickly(commands=commands, shown=shown)
            clean = clean + 1 if found else 0
            if clean >= passes:
                return found
            if time.monotonic() > deadline:
                raise FoundWrongError(f"not drained after {seconds:g} s: {found}")
            if not clean:
                await asyncio.sleep(pause)
                pause = min(pause * 1.5, LONGEST_PAUSE)

    async def _fetch_end_offsets(self, positions: Mapping[str, Offsets]) -> Offsets:
        """Return where each partition ends that somebody reads: one request for all."""
        assert self._consumer is not None  # noqa: S101 - opened by `async with`
        wanted = {TopicPartition(*key) for offsets in positions.values() for key in offsets}
        wanted |= await self._find_unread_partitions(positions)
        if not wanted:
            return {}
        try:
            ends = await self._consumer.end_offsets(list(wanted))
        except KafkaError as error:
            raise FoundWrongError(f"Kafka does not answer: {error}") from error
        return {(part.topic, part.partition): offset for part, offset in ends.items()}

    async def _find_unread_partitions(self, positions: Mapping[str, Offsets]) -> set[TopicPartition]:
        """Return partitions of services that were never assigned any: all there is, is unread.

        The first assignment writes a position for every partition, so this asks Kafka only once.
        """
        missing = {topic for name, read in positions.items() if not read for topic in CONSUMED[name]}
        if not missing or self._consumer is None:
            return set()
        # `topics()` asks for the same and throws the partitions away.
        cluster = await self._consumer._client.fetch_all_metadata()  # noqa: SLF001
        return {
            TopicPartition(topic, partition)
            for topic in cluster.topics() & missing
            for partition in cluster.partitions_for_topic(topic) or ()
        }

    async def _fetch_open_command_counts(self) -> dict[str, int]:
        async with open_service_clients(self.stack) as baton:
            answers = await asyncio.gather(*(baton.service(name).status() for name in self.stack.urls))
        return {name: answer.open_commands for name, answer in zip(self.stack.urls, answers, strict=True)}


def _parse_positions(row: Mapping[str, Any]) -> Offsets:
    keys = zip(row["topics"] or (), row["partitions"] or (), strict=True)
    return dict(zip(keys, row["offsets"] or (), strict=True))


def _compute_lag(service: str, read: Offsets, ends: Offsets, left_out: Collection[str] = ()) -> int:
    """Count the records between what was read and where the logs end, without topics that are left out.

    A position beyond the end means that the broker lost its log: all that is there is unread.
    """
    lag = 0
    for partition, end in ends.items():
        if partition[0] not in left_out and (partition in read or (not read and partition[0] in CONSUMED[service])):
            position = read.get(partition, 0)
            lag += end - position if position <= end else end
    return lag


async def _fetch_row(question: Any) -> Any:
    """Return a question's row; asked within a coroutine, so that a closed connection leaves no other one unawaited."""
    return await question.fetchrow()
