"""`python -m tests.fuzz records`: poison on every topic of every service, with good records between.

At the end every good record is applied, every one that cannot be read is parked, and no process has ended. The services
are processes of their own on a real PostgreSQL and a real Kafka.
"""

import argparse
import asyncio
import contextlib
import itertools
import json
import random
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

from baton.ports import free_port
from events.runtime.inbox import TOMBSTONE, Record, decode_record
from events.topics import SERVICES, TOPICS, Topic
from tests.bench import parts as benches
from tests.bench.parts import Parts
from tests.bench.processes import environment, running
from tests.fuzz.poison import bent, consumed_by, examples_of, good
from tests.fuzz.raw import Raw, Writer, batch

EVERY = 6
"""One record of so many is bad: fewer than a fifth, or partitions would stop as they should."""
BATCH = 60
PARTITIONS = 6
LOOK_SECONDS = 0.5
STILL_SECONDS = 300.0
"""So long a service may take for the next record before it counts as standing still."""

_PARKED = 'select topic, partition, "offset" from parked where topic = any($1)'
_SEEN = "select count(*) from inbox where ce_id = any($1)"

DataDir = tuple[str, int, int]
"""A topic, a partition and an offset."""


class Sent(NamedTuple):
    """One record as it was sent, and whether it was meant to be good."""

    topic: Topic
    raw: Raw
    is_good: bool


@dataclass
class SentRecords:
    """What was sent where."""

    good: dict[str, list[UUID]] = field(default_factory=dict)
    bad: set[DataDir] = field(default_factory=set)
    unreadable: set[DataDir] = field(default_factory=set)
    ends: dict[tuple[str, int], int] = field(default_factory=dict)
    sent: int = 0

    def note(self, first: int, partition: int, records: Sequence[Sent]) -> None:
        """Note a batch that Kafka has taken, from its first offset on."""
        for offset, (topic, raw, is_good) in enumerate(records, start=first):
            if is_good:
                self.good.setdefault(topic.name, []).append(UUID(dict(raw.headers)[b"ce_id"].decode()))  # type: ignore[union-attr]
                continue
            self.bad.add((topic.name, partition, offset))
            if is_unreadable(topic, raw):
                self.unreadable.add((topic.name, partition, offset))
        place = records[0].topic.name, partition
        self.ends[place] = max(self.ends.get(place, 0), first + len(records))
        self.sent += len(records)


def is_unreadable(topic: Topic, raw: Raw) -> bool:
    """Return whether the contract calls this no event."""
    headers = [(name.decode(errors="surrogateescape"), value) for name, value in raw.headers]
    item = decode_record(Record(topic.name, 0, 0, 0, raw.key, raw.value, headers), topic)
    return item.event is None and item.reason != TOMBSTONE


def _taken(sent: Sent) -> Sent:
    """Return a record as Kafka takes it: it refuses one without a key on a compacted topic.

    The key that it has instead is no text either, and nobody else's: the same bytes twice are parked once.
    """
    if sent.topic.compacted and sent.raw.key is None:
        return sent._replace(raw=sent.raw._replace(key=b"\xff"))
    return sent


class Verdict(NamedTuple):
    """What became of it in one service."""

    service: str
    alive: bool
    missing: int
    """Good records that are neither applied nor parked."""
    good_parked: int
    bad_lost: int
    """Unreadable records that are not parked."""
    parked: int
    stopped: int

    @property
    def sound(self) -> bool:
        """Return whether the promise was kept."""
        return self.alive and not (self.missing or self.good_parked or self.bad_lost or self.stopped)


@dataclass
class Services:
    """The services under fire."""

    servers: str
    urls: Mapping[str, str]
    processes: Mapping[str, asyncio.subprocess.Process]
    written: SentRecords = field(default_factory=SentRecords)

    async def send(self, writer: Writer, partition: int, records: Sequence[Sent]) -> None:
        """Send records of one topic as one batch."""
        records = [_taken(each) for each in records]
        partition %= records[0].topic.partitions
        first = await writer.send(records[0].topic.name, partition, batch([each.raw for each in records]))
        self.written.note(first, partition, records)

    async def settle(self) -> None:
        """Return when every service has gone through what was sent; fail where one stands still."""
        for service in SERVICES:
            names = {topic.name for topic in consumed_by(service)}
            wanted = {place: end for place, end in self.written.ends.items() if place[0] in names}
            before, moved_at = -1, time.monotonic()
            while behind := await self._behind(service, wanted):
                if behind != before:
                    before, moved_at = behind, time.monotonic()
                assert self.processes[service].returncode is None, f"{service} ended"
                assert time.monotonic() - moved_at < STILL_SECONDS, f"{service} stands still, {behind} behind"
                await asyncio.sleep(LOOK_SECONDS)

    async def _behind(self, service: str, wanted: Mapping[tuple[str, int], int]) -> int:
        """Return how many of the records a service has not gone through."""
        try:
            rows = await self.ask(service, "select topic, partition, next_offset from positions")
        except asyncpg.UndefinedTableError:  # the service is still preparing its database
            return sum(wanted.values())
        reached = {(row["topic"], row["partition"]): row["next_offset"] for row in rows}
        return sum(max(0, end - reached.get(place, 0)) for place, end in wanted.items())

    async def ask(self, service: str, query: str, *values: Any) -> list[Any]:
        """Ask a service's database."""
        raw = await asyncpg.connect(self.urls[service])
        try:
            return list(await raw.fetch(query, *values))
        finally:
            await raw.close()

    async def verdict(self, service: str, among: Sequence[Topic] = TOPICS) -> Verdict:
        """Compare a service's database with what was sent on some topics."""
        names = {topic.name for topic in consumed_by(service)} & {topic.name for topic in among}
        rows = await self.ask(
            service, 'select topic, partition, "offset" from parked where topic = any($1)', list(names)
        )
        parked = {(row["topic"], row["partition"], row["offset"]) for row in rows}
        ids = [each for name in names for each in self.written.good.get(name, [])]
        seen = 0
        for start in range(0, len(ids), 10_000):
            [row] = await self.ask(
                service, "select count(*) from inbox where ce_id = any($1)", ids[start : start + 10_000]
            )
            seen += row["count"]
        unreadable = {place for place in self.written.unreadable if place[0] in names}
        stopped = await self.ask(service, "select from stopped_partitions")
        return Verdict(
            service, self.processes[service].returncode is None, len(ids) - seen, len(parked - self.written.bad),
            len(unreadable - parked), len(parked), len(stopped),
        )  # fmt: skip


@asynccontextmanager
async def under_fire(parts: Parts) -> AsyncIterator[Services]:
    """Run the services on topics of their own."""
    await parts.new_topics()
    urls = {name: await parts.new_database(name.replace("-", "_")) for name in SERVICES}
    async with contextlib.AsyncExitStack() as stack:
        processes = {}
        for name, url in urls.items():
            variables = environment(parts, url, free_port()) | {"BATON_LOG_LEVEL": "CRITICAL"}
            processes[name] = await stack.enter_async_context(running(name.replace("-", "_"), env=variables))
        yield Services(parts.servers, urls, processes)


def shots(topic: Topic, number: int, seed: int) -> Iterator[Sent]:
    """Return so many records of a topic, one of six bent."""
    dice = random.Random(f"{topic.name}/{seed}")  # noqa: S311 - the same seed, the same records
    for nth, example in zip(range(number), itertools.cycle(examples_of(topic)), strict=False):
        raw = good(example, nth, seed)
        is_good = nth % EVERY != EVERY - 1
        yield Sent(topic, raw if is_good else bent(raw, dice), is_good)


async def fire(services: Services, number: int, seed: int) -> None:
    """Send so many records to the topics that are consumed, in batches over all partitions."""
    consumed = [topic for topic in TOPICS if topic.consumers]
    async with Writer(services.servers) as writer:
        streams = {topic: shots(topic, number // len(consumed), seed) for topic in consumed}
        for turn in itertools.count():
            for topic, stream in list(streams.items()):
                records = list(itertools.islice(stream, BATCH))
                if records:
                    await services.send(writer, turn % PARTITIONS, records)
                else:
                    del streams[topic]
                await asyncio.sleep(0)
            if not streams:
                return


async def fuzz(number: int, seed: int) -> bool:
    """Fire, wait, and print what became of it; return whether the promise was kept."""
    async with benches.up() as parts, under_fire(parts) as services:
        started = time.perf_counter()
        await fire(services, number, seed)
        sent = time.perf_counter() - started
        await services.settle()
        seconds = time.perf_counter() - started
        verdicts = [await services.verdict(service) for service in SERVICES]
    totals = {"records": services.written.sent, "bad": len(services.written.bad), "sent_in": round(sent, 1)}
    sys.stdout.write(json.dumps(totals | {"seconds": round(seconds, 1), "seed": seed}) + "\n")
    for each in verdicts:
        sys.stdout.write(json.dumps(each._asdict() | {"sound": each.sound}) + "\n")
    return all(each.sound for each in verdicts)


def main(arguments: Sequence[str]) -> int:
    """Fuzz the consumers; exit 1 where the promise was not kept."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz records", description=__doc__)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(arguments)
    return 0 if asyncio.run(fuzz(asked.records, asked.seed)) else 1
