"""Parked records of every service, and sending what was published once more.

A dead-letter record on Kafka is only a pointer; the bytes are in the service's database, where
erasure reaches them. So looking is done there; acting is left to the service.
"""

import asyncio
import json
from datetime import datetime
from typing import Any
from uuid import UUID

from baton.asking import ask, client
from baton.database import fetch
from baton.outcome import FoundWrongError
from baton.stack import Stack

LIST = """
select id, topic, ce_type, contact_id, reason, attempts, parked_at, state
from parked where state = 'parked' or $1 order by parked_at, id
"""
SHOW = "select * from parked where id = $1"


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


async def settle(stack: Stack, which: UUID, verb: str) -> str:
    """Have a parked record replayed or discarded by the service that parked it; return its name.

    The service does it, in one transaction with what the record makes it do.
    """
    for name, found in (await _everywhere(stack, SHOW, which)).items():
        for row in found:
            if row["state"] != "parked":
                raise FoundWrongError(f"{name} has {row['state']} this record already")
            async with client(stack) as http:
                url = f"{stack.urls[name]}/v1/dead-letters/{which}/{verb}"
                await ask(http, "POST", url)
            return name
    raise FoundWrongError(f"no record {which} was ever parked")


async def republish(stack: Stack, topic: str | None, since: datetime | None) -> dict[str, int]:
    """Have the journals' events sent again; return how many, by service."""
    wanted = {"topic": topic, "since": since.isoformat() if since else None}
    what = {name: value for name, value in wanted.items() if value is not None}
    async with client(stack) as http:
        answers = await asyncio.gather(
            *(ask(http, "POST", f"{url}/v1/republish", params=what) for url in stack.urls.values())
        )
    return {name: int(answer["republished"]) for name, answer in zip(stack.urls, answers, strict=True)}


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
