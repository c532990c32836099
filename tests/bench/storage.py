"""What is kept of each contact: bytes by service, for as long as they are known or for a month, and on Kafka's disk.

A stack takes in contacts that become leads with a rep and a running promise; then tables, indexes included, and Kafka's
segments are measured before and after. Dead rows count, since a busy database has them.

Usage: python -m tests.bench storage
"""

import asyncio
import time

import asyncpg
import psutil

from baton.stack import Stack
from tests.bench import waiting
from tests.bench.latency import stack

RATE, SECONDS = 100, 40.0
A_MONTH = {"journal", "inbox", "sent", "outbox", "idempotency"}
"""Tables whose rows go after 30 days or so; all others are kept while the contact is known."""
SIZES = """
select coalesce(pg_partition_root(c.oid)::regclass::text, c.relname) as name,
    sum(pg_total_relation_size(c.oid)) as bytes
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = 'public' and c.relkind = 'r' group by 1
"""
Sizes = dict[tuple[str, str], int]


async def measure() -> waiting.Figures:
    """Return bytes a contact, by service and by how long they stay, and what Kafka's disk takes."""
    async with stack() as (up, _):
        run = int(time.time()) * 10
        await waiting._posting(up, 20, waiting.WARM_UP_SECONDS, run)
        await waiting._at_rest(up)
        before, on_kafka = await _sizes(up), _segments(up)
        posted = await waiting._posting(up, RATE, SECONDS, run + 1)
        await waiting._at_rest(up)
        after, grown = await _sizes(up), _segments(up) - on_kafka
        memory = {f"memory_mb_{name}": _resident(part.pid) for name, part in up.state.parts.items()}
    posts = posted["posts"]
    figures = {"contacts": posts, "bytes_each_kafka": grown / posts, **memory}
    for (service, table), size in after.items():
        name = f"bytes_each_{service}_{'month' if table in A_MONTH else 'kept'}"
        figures[name] = figures.get(name, 0.0) + (size - before.get((service, table), 0)) / posts
    return figures


async def _sizes(up: Stack) -> Sizes:
    rows = await asyncio.gather(*(_of_database(url) for url in up.databases.values()))
    return {
        (service, name): size for service, found in zip(up.databases, rows, strict=True) for name, size in found.items()
    }


async def _of_database(url: str) -> dict[str, int]:
    raw = await asyncpg.connect(url)
    try:
        return {row["name"]: int(row["bytes"]) for row in await raw.fetch(SIZES)}
    finally:
        await raw.close()


def _resident(pid: int) -> float:
    return float(psutil.Process(pid).memory_info().rss) / 1_000_000


def _segments(up: Stack) -> int:
    """Count the bytes of the topics' segments; what the broker keeps of itself, and empty indexes, are left out."""
    found = up.data_dir.directory.glob("kafka/data/[a-z]*.v[0-9]*-*/*.log")
    return sum(path.stat().st_size for path in found)
