"""Parked records of every service, and sending what was published once more.

A dead-letter record on Kafka is only a pointer; the bytes are in the service's database, where
erasure reaches them. So all of this is done there.
"""

import asyncio
import json
from datetime import datetime
from typing import Any
from uuid import UUID

from baton.database import execute, fetch
from baton.outcome import FoundWrongError
from baton.stack import Stack

LIST = """
select id, topic, ce_type, contact_id, reason, attempts, parked_at, state
from parked where state = 'parked' or $1 order by parked_at, id
"""
SHOW = "select * from parked where id = $1"
DISCARD = "update parked set state = 'discarded' where id = $1 and state = 'parked'"
REPUBLISH = """
insert into outbox (id, day)
select id, day from journal
where value is not null
  and ($1::text is null or topic = $1)
  and ($2::timestamptz is null or time >= $2)
on conflict do nothing
"""


async def listed(stack: Stack, *, everything: bool = False) -> list[dict[str, Any]]:
    """Return the parked records of all services, oldest first within a service."""
    rows = await _everywhere(stack, LIST, everything)
    return [{"service": name, **row} for name, found in rows.items() for row in found]


async def shown(stack: Stack, which: UUID) -> dict[str, Any]:
    """Return one parked record with its bytes, as text where they are text."""
    for name, found in (await _everywhere(stack, SHOW, which)).items():
        for row in found:
            return {"service": name, **{key: _readable(value) for key, value in row.items()}}
    raise FoundWrongError(f"no record {which} was ever parked")


async def discard(stack: Stack, which: UUID) -> str:
    """Give a parked record up for good; return the service that had it."""
    return await _change(stack, DISCARD, which)


async def republish(stack: Stack, topic: str | None, since: datetime | None) -> dict[str, int]:
    """Put the journals' events back into the outboxes; return how many, by service."""
    counts = {}
    for name, url in stack.databases.items():
        counts[name] = await execute(url, REPUBLISH, topic, since)
    return counts


async def _change(stack: Stack, sql: str, which: UUID) -> str:
    for name, url in stack.databases.items():
        if await execute(url, sql, which):
            return name
    raise FoundWrongError(f"no record {which} is parked")


async def _everywhere(stack: Stack, sql: str, *values: Any) -> dict[str, list[dict[str, Any]]]:
    found = await asyncio.gather(*(fetch(url, sql, *values) for url in stack.databases.values()))
    return dict(zip(stack.databases, found, strict=True))


def _readable(value: Any) -> Any:
    if isinstance(value, bytes):
        try:
            text = value.decode()
        except UnicodeDecodeError:
            return value.hex()
        return _parsed(text)
    return _parsed(value) if isinstance(value, str) and value[:1] in "{[" else value


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
