"""Services somewhere else, by their addresses and a key: their keys, their state, and one contact's story.

Nothing here reads a database; what the key may not see, the services refuse.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from baton.access import Addresses, access
from baton.exit_codes import BatonError, FoundWrongError
from baton.keys import key_id as id_of
from baton.service_client import is_ready, operations
from baton.tracing import TracedEvent, traced
from baton_client import ClientError, Refused
from events.runtime import security
from events.runtime.playbooks import PlaybookText

if TYPE_CHECKING:
    from baton.keys import KeyLine
    from baton.playbook import RulesInForce
    from baton.status import PartStatus, StatusDocument
    from baton_client.generated.async_operations.common import AsyncCommon

T = TypeVar("T")

NOT_FOUND = 404


async def status(services: Addresses) -> "StatusDocument":
    """Return one document about the six services, as `baton status` prints it."""
    async with operations(services, patience=0) as baton:
        parts = await asyncio.gather(*(_part(baton.service(name), name, url) for name, url in services.urls.items()))
    return {"phase": "remote", "parts": list(parts)}


async def _part(service: "AsyncCommon", name: str, url: str) -> "PartStatus":
    part: PartStatus = {"part": name, "url": url, "ready": False}
    try:
        part["ready"] = await is_ready(service)
        found = await service.status()
        part["lag"], part["outbox"] = sum(found.lag.values()), found.outbox
        part["parked"], part["gaps"] = found.parked, found.gaps
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


async def create_sender_key(services: Addresses, **wanted: Any) -> tuple[str, str]:
    """Have capture create the key of a form, a webhook or a sender; return its id and the key."""
    async with operations(services) as baton:
        made = await baton.capture.create_sender_key(**wanted)
    return made.key_id, made.key


async def rotate_key(services: Addresses, which: str, overlap: timedelta) -> tuple[str, str]:
    """Draw a key that may do what an old one may, which ends after `overlap`; return its id and the key."""
    key_id, key, digest = security.create()
    old, seconds = _id(which), int(overlap.total_seconds())
    await _everywhere(
        services, lambda service: service.rotate_key(old, key_id=key_id, hash=digest, overlap_seconds=seconds)
    )
    return key_id, key


async def revoke_key(services: Addresses, which: str) -> int:
    """Revoke a key in all services that know it (capture alone knows those of senders); return their number."""
    known = [name for key in await keys(services) if key["key_id"] == _id(which) for name in key["services"]]
    return len(await _each(services, dict.fromkeys(known, partial(_revoke, _id(which)))))


async def _revoke(key_id: str, service: "AsyncCommon") -> Any:
    return await service.revoke_key(key_id)


async def keys(services: Addresses) -> "list[KeyLine]":
    """Return each key once, with the services that know it and the last use anywhere."""
    found: dict[str, KeyLine] = {}
    for name, answer in (await _everywhere(services, lambda service: service.list_keys())).items():
        for item in answer.items:
            key = found.setdefault(item.key_id, cast("KeyLine", {**item.model_dump(), "services": []}))
            key["services"].append(name)
            key["last_used_at"] = max((at for at in (key["last_used_at"], item.last_used_at) if at), default=None)
    return list(found.values())


async def playbook_in_force(services: Addresses) -> "dict[str, RulesInForce]":
    """Return what each service decides by now: version, texts, since when, by whom."""
    found = await _everywhere(services, lambda service: service.show_playbook())
    return {
        name: cast("RulesInForce", {**rules.model_dump(), "approvals": json.dumps(list(rules.approvals))})
        for name, rules in found.items()
    }


async def activate(
    services: Addresses, sources: Mapping[str, PlaybookText], by: str, approvals: list[str]
) -> dict[str, bool]:
    """Put checked rules in force in every service; return where that changed something."""
    return await _each(services, {name: partial(_activate, source, by, approvals) for name, source in sources.items()})


async def _activate(source: PlaybookText, by: str, approvals: list[str], service: "AsyncCommon") -> bool:
    done = await service.activate_playbook(definitions=source.definitions, body=source.body, by=by, approvals=approvals)
    return done.changed


async def read_parked(services: Addresses, which: UUID) -> dict[str, Any]:
    """Return one parked record with its bytes, from the service that parked it."""
    async with operations(services) as baton:
        for name in services.urls:
            try:
                found = await baton.service(name).show_parked(which)
            except Refused as refused:
                if refused.status != NOT_FOUND:
                    raise
            else:
                return {"service": name, **found.model_dump()}
    raise FoundWrongError(f"no record {which} was ever parked")


async def trace(services: Addresses, who: str) -> list[TracedEvent]:
    """Return the events of a contact in the order in which they happened."""
    found = await access(services, await _contact(services, who))
    if found["not_asked"]:
        raise FoundWrongError("; ".join(f"{name}: {why}" for name, why in found["not_asked"].items()))
    events = [
        traced(
            name,
            row,
            datetime.fromisoformat(str(row["time"])),
            row["value"] if isinstance(row["value"], dict) else None,
        )
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


async def _everywhere(services: Addresses, ask: "Callable[[AsyncCommon], Awaitable[T]]") -> dict[str, T]:
    """Ask all six the same, one after the other; raises with what is done already when one refuses."""
    return await _each(services, dict.fromkeys(services.urls, ask))


async def _each(services: Addresses, asks: "Mapping[str, Callable[[AsyncCommon], Awaitable[T]]]") -> dict[str, T]:
    """Ask services by their names, one after the other; raises with what is done already when one refuses."""
    found: dict[str, T] = {}
    async with operations(services) as baton:
        for name, ask in asks.items():
            try:
                found[name] = await ask(baton.service(name))
            except ClientError as error:
                done = f" (done already: {', '.join(found)})" if found else ""
                raise FoundWrongError(f"{error}{done}") from error
    return found


def _id(which: str) -> str:
    return id_of(which) if which.startswith("bk_") else which
