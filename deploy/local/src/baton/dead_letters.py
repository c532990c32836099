"""Parked records of every service, and sending what was published once more.

A dead-letter record on Kafka is only a pointer; the bytes are in the service's database, where
erasure reaches them. So looking is done there; acting is left to the service.
"""

import asyncio
import json
from datetime import datetime
from typing import Any, Literal, TypedDict, cast
from uuid import UUID

from baton.database import fetch
from baton.exit_codes import FoundWrongError
from baton.service_client import ReachableServices, open_service_clients
from baton.stack import Stack

LIST = """
select id, topic, ce_type, contact_id, reason, attempts, parked_at, state
from parked where state = 'parked' or $1 order by parked_at, id
"""
MOST = 1000
SHOW = "select * from parked where id = $1"


class ParkedLine(TypedDict):
    """A parked record as lists show it; asked of a service, it has further fields."""

    service: str
    id: UUID | str
    topic: str
    ce_type: str | None
    contact_id: UUID | str | None
    reason: str
    attempts: int
    parked_at: datetime | str
    state: str


async def list_parked(stack: Stack, *, everything: bool = False) -> list[ParkedLine]:
    """Return the parked records of all services, oldest first within a service."""
    rows = await _fetch_from_all_services(stack, LIST, everything)
    return [cast("ParkedLine", {"service": name, **row}) for name, found in rows.items() for row in found]


async def read_parked(stack: Stack, which: UUID) -> dict[str, Any]:
    """Return one parked record with its bytes, as text where they are text."""
    for name, found in (await _fetch_from_all_services(stack, SHOW, which)).items():
        for row in found:
            return {
                "service": name,
                **{key: _bytes_to_text_or_hex(value) for key, value in row.items()},
                **_headers_to_dict(row),
            }
    raise FoundWrongError(f"no record {which} was ever parked")


async def settle_parked(stack: Stack, which: UUID, verb: Literal["replay", "discard"]) -> str:
    """Have a parked record replayed or discarded by the service that parked it; return its name.

    The service does it, in one transaction with what the record makes it do.
    """
    for name, found in (await _fetch_from_all_services(stack, SHOW, which)).items():
        for row in found:
            if row["state"] != "parked":
                raise FoundWrongError(f"{name} has {row['state']} this record already")
            async with open_service_clients(stack) as baton:
                await baton.service(name).act_on_parked(which, verb)
            return name
    raise FoundWrongError(f"no record {which} was ever parked")


async def list_parked_by_services(services: ReachableServices, *, everything: bool = False) -> list[ParkedLine]:
    """Return what `list_parked` does, asked of the services: the latest thousand of each."""
    async with open_service_clients(services) as baton:
        answers = await asyncio.gather(*(baton.service(name).list_parked(limit=MOST) for name in services.urls))
    found = [
        cast("ParkedLine", {"service": name, **item.model_dump(mode="json")})
        for name, answer in zip(services.urls, answers, strict=True)
        for item in answer.items
    ]
    return [item for item in reversed(found) if everything or item["state"] == "parked"]


async def settle_parked_by_services(
    services: ReachableServices, which: UUID, verb: Literal["replay", "discard"]
) -> str:
    """Do what `settle_parked` does, asked of the services."""
    for item in await list_parked_by_services(services, everything=True):
        if item["id"] == str(which):
            if item["state"] != "parked":
                raise FoundWrongError(f"{item['service']} has {item['state']} this record already")
            async with open_service_clients(services) as baton:
                await baton.service(item["service"]).act_on_parked(which, verb)
            return item["service"]
    raise FoundWrongError(f"no record {which} is among the latest {MOST} of a service")


async def republish_journals(services: ReachableServices, topic: str | None, since: datetime | None) -> dict[str, int]:
    """Have the journals' events sent again; return how many, by service."""
    async with open_service_clients(services) as baton:
        answers = await asyncio.gather(
            *(baton.service(name).republish(topic=topic, since=since) for name in services.urls)
        )
    return {name: answer.republished for name, answer in zip(services.urls, answers, strict=True)}


async def resume_partitions(services: ReachableServices, topic: str | None, *, park_all: bool) -> dict[str, list[str]]:
    """Let partitions that stand stopped go on; return which, as `topic/partition`, by service."""
    async with open_service_clients(services) as baton:
        answers = await asyncio.gather(
            *(baton.service(name).resume_stopped(topic=topic, park_all=park_all) for name in services.urls)
        )
    found = zip(services.urls, answers, strict=True)
    return {name: [f"{place.topic}/{place.partition}" for place in answer.resumed] for name, answer in found}


async def send_refused_again(services: ReachableServices, topic: str | None) -> dict[str, int]:
    """Have the records that Kafka refused sent again, once it takes them; return how many, by service."""
    counts = dict.fromkeys(services.urls, 0)
    async with open_service_clients(services) as baton:
        for name in services.urls:
            while sent := (await baton.service(name).send_refused_again(topic=topic)).replayed:
                counts[name] += sent
    return counts


async def _fetch_from_all_services(stack: Stack, sql: str, *values: Any) -> dict[str, list[dict[str, Any]]]:
    found = await asyncio.gather(*(fetch(url, sql, *values) for url in stack.databases.values()))
    return dict(zip(stack.databases, found, strict=True))


def _headers_to_dict(row: dict[str, Any]) -> dict[str, Any]:
    """Put names and values of the headers side by side; of an older record they are there already."""
    names, values = row.get("header_names") or [], row.get("header_values") or []
    pairs = [
        [_bytes_to_text_or_hex(name), _bytes_to_text_or_hex(value)] for name, value in zip(names, values, strict=True)
    ]
    return {"headers": pairs} if pairs else {}


def _bytes_to_text_or_hex(value: Any) -> Any:
    """Show bytes as what they say where a terminal and JSON can show that, else in hexadecimal digits."""
    if isinstance(value, list):
        return [_bytes_to_text_or_hex(each) for each in value]
    if not isinstance(value, bytes):
        return _parse_json_or_text(value) if isinstance(value, str) and value[:1] in "{[" else value
    try:
        parsed = _parse_json_or_text(value.decode())
        json.dumps(parsed, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return value.hex()
    return parsed


def _parse_json_or_text(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
