"""Far more than can be done: how soon each is answered, and whether what was taken in is on disk."""

import asyncpg

from tests.bench.intake import post
from tests.bench.parts import Parts, count
from tests.bench.processes import service

SECONDS, CONNECTIONS = 10.0, 3_000


async def measure(up: Parts) -> dict[str, float]:
    """Post from 3,000 connections that never pause; gives what was taken, what was shed and the slowest answer."""
    await up.new_topics()
    async with service(up, "capture", database="overload") as (base, url):
        found = await post(base, url, "over", SECONDS, connections=CONNECTIONS)
        raw = await asyncpg.connect(url)
        try:
            rows = await count(raw, "select count(*) from engagements")
        finally:
            await raw.close()
    accepted = round(found["per_second"] * SECONDS) - found["refused"]
    return {
        "overload_connections": CONNECTIONS,
        "overload_accepted": accepted,
        "overload_shed": found["refused"],
        "overload_on_disk": rows,
        "overload_slowest_ms": found["slowest_ms"],
        "overload_p99_ms": found["p99_ms"],
    }
