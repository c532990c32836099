"""The scoring hop, topic to topic, beside its ceiling and its peer in the same run."""

import asyncio
import time

import asyncpg

from events.topics import CONTACTS_CAPTURED, Topic
from tests.bench import ceiling, parts
from tests.bench.parts import Parts
from tests.bench.processes import running, service

EVENTS = 40_000
PEER_EVENTS = 2_000
POLL = 0.05
LONGEST = 180.0
WAITING = "select count(*) from outbox"


def applied(topic: Topic) -> str:
    """Ask how many records of a topic are applied: counting the rows they made would be a good part of the work."""
    return f"select coalesce(sum(next_offset), 0) from positions where topic = '{topic.name}'"  # noqa: S608 - our own name


async def rate(url: str, seen: str, waiting: str | None, total: int) -> float:
    """Records a second from the first that is applied until the last is applied and sent."""
    raw = await asyncpg.connect(url)
    try:
        async with asyncio.timeout(LONGEST):
            return await _measured(raw, seen, waiting, total)
    finally:
        await raw.close()


async def _measured(raw: asyncpg.Connection, seen: str, waiting: str | None, total: int) -> float:
    while not (first := await _count(raw, seen)):  # noqa: ASYNC110 - another process is at work
        await asyncio.sleep(POLL)
    started = time.perf_counter()
    while await _count(raw, seen) < total or (waiting and await _count(raw, waiting)):  # noqa: ASYNC110 - as above
        await asyncio.sleep(POLL)
    return (total - first) / (time.perf_counter() - started)


async def _count(raw: asyncpg.Connection, query: str) -> int:
    try:
        return await parts.count(raw, query)
    except asyncpg.UndefinedTableError:
        return 0


async def of_ceiling(up: Parts, events: int = EVENTS) -> float:
    """Measure the hand-written hop on so many records."""
    url = await up.new_database("ceiling")
    raw = await asyncpg.connect(url)
    await raw.execute(ceiling.DDL)
    await raw.close()
    async with running("tests.bench.ceiling", url, up.servers):
        return await rate(url, applied(CONTACTS_CAPTURED), WAITING, events)


async def of_peer(up: Parts) -> float:
    """Measure the usual pipeline, on the first records of the same topic."""
    url = await up.new_database("peer")
    async with running("tests.bench.peer", url, up.servers):
        return await rate(url, "select count(*) from peer_engagements", None, PEER_EVENTS)


async def of_scoring(up: Parts) -> float:
    """Measure the real service with the default playbook."""
    async with service(up, "scoring") as (_, url):
        return await rate(url, applied(CONTACTS_CAPTURED), WAITING, EVENTS)


async def measure(up: Parts) -> dict[str, float]:
    """Measure all three on the same records."""
    await up.new_topics()
    await parts.fill(up.servers, parts.engagements(EVENTS))
    at_ceiling = await of_ceiling(up)
    ours = await of_scoring(up)
    usual = await of_peer(up)
    return {
        "hop_ceiling_per_second": at_ceiling,
        "hop_scoring_per_second": ours,
        "hop_peer_per_second": usual,
        "hop_of_ceiling": ours / at_ceiling,
        "hop_of_peer": ours / usual,
    }
