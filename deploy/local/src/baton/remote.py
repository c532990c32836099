"""Services somewhere else, by their addresses and a key: their keys, their state, and one contact's story.

Nothing here reads a database; what the key may not see, the services refuse.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from baton.access import Addresses, access
from baton.exit_codes import BatonError, FoundWrongError
from baton.keys import key_id as id_of
from baton.service_client import is_ready, operations
from baton_client import ClientError
from events.runtime import security

if TYPE_CHECKING:
    from baton_client.generated.async_operations.common import AsyncCommon

T = TypeVar("T")

LATEST = "last_used_at"


async def status(services: Addresses) -> dict[str, Any]:
    """Return one document about the six services, as `baton status` prints it."""
    async with operations(services, patience=0) as baton:
        parts = await asyncio.gather(*(_part(baton.service(name), name, url) for name, url in services.urls.items()))
    return {"phase": "remote", "parts": list(parts)}


async def _part(service: "AsyncCommon", name: str, url: str) -> dict[str, Any]:
    part: dict[str, Any] = {"part": name, "url": url, "ready": False}
    try:
        part["ready"] = await is_ready(service)
        found = await service.status()
        part |= {"lag": sum(found.lag.values())} | {each: getattr(found, each) for each in ("outbox", "parked", "gaps")}
        part["residual"] = (await service.audit()).residual
    except ClientError as error:
        part["why"] = str(error)
    return part


async def create_key(services: Addresses, **wanted: Any) -> tuple[str, str]:
    """Draw a key and send its fingerprint to all six services; return its id and the key."""
    key_id, key, digest = security.create()
    body = {name: value for name, value in wanted.items() if value is not None}
    await _everywhere(services, lambda service: service.create_key(**body, key_id=key_id, hash=digest))
    return key_id, key


async def rotate_key(services: Addresses, which: str, overlap: timedelta) -> tuple[str, str]:
    """Draw a key that may do what an old one may, which ends after `overlap`; return its id and the key."""
    key_id, key, digest = security.create()
    old, seconds = _id(which), int(overlap.total_seconds())
    await _everywhere(
        services, lambda service: service.rotate_key(old, key_id=key_id, hash=digest, overlap_seconds=seconds)
    )
    return key_id, key


async def revoke_key(services: Addresses, which: str) -> int:
    """Revoke a key in all six services, the one that checks us last; return their number."""
    return len(await _everywhere(services, lambda service: service.revoke_key(_id(which))))


async def keys(services: Addresses) -> list[dict[str, Any]]:
    """Return each key once, with the services that know it and the last use anywhere."""
    found: dict[str, dict[str, Any]] = {}
    for name, answer in (await _everywhere(services, lambda service: service.list_keys())).items():
        for item in answer.items:
            key = found.setdefault(item.key_id, {**item.model_dump(), "services": []})
            key["services"].append(name)
            key[LATEST] = max((at for at in (key[LATEST], item.last_used_at) if at), default=None)
    return list(found.values())


async def trace(services: Addresses, who: str) -> list[dict[str, Any]]:
    """Return the events of a contact in the order in which they happened."""
    found = await access(services, await _contact(services, who))
    if found["not_asked"]:
        raise FoundWrongError("; ".join(f"{name}: {why}" for name, why in found["not_asked"].items()))
    events = [
        _event(name, row)
        for name, by_contact in found["held"].items()
        for tables in by_contact.values()
        for row in tables.get("journal", ())
    ]
    if not events:
        raise FoundWrongError(f"nothing was published about {who} in the last 30 days")
    return sorted(events, key=lambda event: (event["occurred_at"], event["published_at"]))


async def _contact(services: Addresses, who: str) -> str:
    """Return the contact of a lead; what is no lead, as it is."""
    if "@" in who:
        return who
    try:
        async with operations(services) as baton:
            return str((await baton.feedback.show_lead(who)).contact_id)
    except BatonError:
        return who


def _event(service: str, row: Mapping[str, Any]) -> dict[str, Any]:
    value = row["value"] if isinstance(row["value"], dict) else None
    published = datetime.fromisoformat(row["time"])
    occurred = (value or {}).get("occurred_at")
    return {
        "occurred_at": datetime.fromisoformat(occurred) if occurred else published,
        "published_at": published,
        "service": service,
        "topic": row["topic"],
        "type": row["ce_type"],
        "sequence": row["sequence"],
        "id": row["ce_id"],
        "value": value,
    }


async def _everywhere(services: Addresses, ask: "Callable[[AsyncCommon], Awaitable[T]]") -> dict[str, T]:
    """Ask all six, one after the other; raises with what is done already when one refuses."""
    found: dict[str, T] = {}
    async with operations(services) as baton:
        for name in services.urls:
            try:
                found[name] = await ask(baton.service(name))
            except ClientError as error:
                done = f" (done already: {', '.join(found)})" if found else ""
                raise FoundWrongError(f"{error}{done}") from error
    return found


def _id(which: str) -> str:
    return id_of(which) if which.startswith("bk_") else which
