"""What more copies of a service gain: scoring's hop with one, two and four consumers of one topic.

Each count takes the same records into an empty database. The clock starts when all copies are ready, so that the time
they take to start and to share out the partitions is not measured. Beside it stands the hop written by hand, once, and
the number of processors: they are shared with PostgreSQL and Kafka, so no more than that can be gained.
"""

import asyncio
import os
import time
from contextlib import AsyncExitStack

import asyncpg

from events.runtime import migrate
from events.topics import CONTACTS_CAPTURED
from tests.bench import hop, parts
from tests.bench.parts import Parts
from tests.bench.processes import service
from tests.bench.scoring_hop import MIGRATIONS

COPIES = (1, 2, 4)
EVENTS = 80_000


async def measure(up: Parts, size: int = EVENTS) -> dict[str, float]:
    """Measure each count of copies on the same `size` records; `gain` is beside one copy."""
    await up.new_topics()
    await parts.fill(up.servers, parts.engagements(size))
    ceiling = await hop.of_ceiling(up, size)
    rates = {count: await _with(up, count, size) for count in COPIES}
    figures = {f"scale_{count}_copies_per_second": rate for count, rate in rates.items()}
    gains = {f"scale_{count}_copies_gain": rates[count] / rates[1] for count in COPIES[1:]}
    return figures | gains | {"scale_ceiling_per_second": ceiling, "scale_processors": os.cpu_count() or 0}


async def _with(up: Parts, count: int, size: int) -> float:
    """Return the records a second that so many copies apply and send together."""
    url = await up.new_database(f"scale_{count}")
    await migrate.apply_migrations(url, MIGRATIONS)
    async with AsyncExitStack() as copies:
        await asyncio.gather(*(copies.enter_async_context(service(up, "scoring", url=url)) for _ in range(count)))
        raw = await asyncpg.connect(url)
        try:
            first, started = await parts.count(raw, hop.applied(CONTACTS_CAPTURED)), time.perf_counter()
            async with asyncio.timeout(hop.LONGEST):
                while await parts.count(raw, hop.applied(CONTACTS_CAPTURED)) < size or await parts.count(  # noqa: ASYNC110 - other processes are at work
                    raw, hop.WAITING
                ):
                    await asyncio.sleep(hop.POLL)
            return (size - first) / (time.perf_counter() - started)
        finally:
            await raw.close()
