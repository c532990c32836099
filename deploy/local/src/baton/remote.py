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

from baton.access import ServiceAddresses, load_personal_data
from baton.exit_codes import BatonError, FoundWrongError
from baton.keys import key_id_of as id_of
from baton.service_client import list_obstacles, open_service_clients
from baton.tracing import TracedEvent, make_traced_event
from baton_client import ClientError, Refused
from events.runtime import security

if TYPE_CHECKING:
    from baton.keys import KeyLine
    from baton.playbook import RulesInForce
    from baton.status import PartStatus, StatusDocument
    from baton_client.generated.async_operations.common import AsyncCommon

T = TypeVar("T")

NOT_FOUND = 404


async def load_status(services: ServiceAddresses) -> "StatusDocument":
    """Return one document about the six services, as `baton status` prints it."""
    async with open_service_clients(services, patience=0) as baton:
        parts = await asyncio.gather(
            *(_fetch_service_status(baton.service(name), name, url) for name, url in services.urls.items())
        )
    return {"phase": "remote", "parts": list(parts)}


async def _fetch_service_status(service: "AsyncCommon", name: str, url: str) -> "PartStatus":
    part: PartStatus = {"part": name, "url": url, "ready": False}
    try:
        part["why"] = "; ".join(await list_obstacles(service))
        found = await service.status()
        if found.service != name:
            part["why"] = f"this is the address of {found.service}"
        part["ready"] = not part["why"]
        part["lag"], part["outbox"] = sum(found.lag.values()), found.outbox
        part["parked"], part["gaps"] = found.parked, found.gaps
        part["residual"] = (await service.audit()).residual
    except ClientError as error:
        part["why"] = str(error)
    return part


async def create_key(services: ServiceAddresses, **wanted: Any) -> tuple[str, str]:
    """Draw a key and send its fingerprint to all six services; return its id and the key."""
    key_id, key, digest = security.draw_key()
    body = {name: value for name, value in wanted.items() if value is not None}
    await _ask_all_services(services, lambda service: service.create_key(**body, key_id=key_id, hash=digest))
    return key_id, key


async def create_sender_key(services: ServiceAddresses, **wanted: Any) -> tuple[str, str]:
    """Have capture create the key of a form, a webhook or a sender; return its id and the key."""
    async with open_service_clients(services) as baton:
        made = await baton.capture.create_sender_key(**wanted)
    return made.key_id, made.key


async def rotate_key(services: ServiceAddresses, which: str, overlap: timedelta) -> tuple[str, str]:
    """Draw a key that may do what an old one may, which ends after `overlap`; return its id and the key."""
    key_id, key, digest = security.draw_key()
    old, seconds = _key_id_of(which), int(overlap.total_seconds())
    await _ask_all_services(
        services, lambda service: service.rotate_key(old, key_id=key_id, hash=digest, overlap_seconds=seconds)
    )
    return key_id, key


async def revoke_key(services: ServiceAddresses, which: str) -> int:
    """Revoke a key in all services that know it (capture alone knows those of senders); return their number."""
    known = [
        name for key in await list_keys(services) if key["key_id"] == _key_id_of(which) for name in key["services"]
    ]
    return len(
        await _ask_named_services(services, dict.fromkeys(known, partial(_revoke_in_service, _key_id_of(which))))
    )


async def _revoke_in_service(key_id: str, service: "AsyncCommon") -> Any:
    return await service.revoke_key(key_id)


async def list_keys(services: ServiceAddresses) -> "list[KeyLine]":
    """Return each key once, with the services that know it and the last use anywhere."""
    found: dict[str, KeyLine] = {}
    for name, answer in (await _ask_all_services(services, lambda service: service.list_keys())).items():
        for item in answer.items:
            key = found.setdefault(item.key_id, cast("KeyLine", {**item.model_dump(), "services": []}))
            key["services"].append(name)
            key["last_used_at"] = max((at for at in (key["last_used_at"], item.last_used_at) if at), default=None)
    return list(found.values())


async def load_rules_in_force(services: ServiceAddresses) -> "dict[str, RulesInForce]":
    """Return what each service decides by now: version, texts, since when, by whom."""
    found = await _ask_all_services(services, lambda service: service.show_playbook())
    return {
        name: cast("RulesInForce", {**rules.model_dump(), "approvals": json.dumps(list(rules.approvals))})
        for name, rules in found.items()
    }


async def read_parked(services: ServiceAddresses, which: UUID) -> dict[str, Any]:
    """Return one parked record with its bytes, from the service that parked it."""
    async with open_service_clients(services) as baton:
        for name in services.urls:
            try:
                found = await baton.service(name).show_parked(which)
            except Refused as refused:
                if refused.status != NOT_FOUND:
                    raise
            else:
                return {"service": name, **found.model_dump()}
    raise FoundWrongError(f"no record {which} was ever parked")


async def trace_contact(services: ServiceAddresses, who: str) -> list[TracedEvent]:
    """Return the events of a contact in the order in which they happened."""
    found = await load_personal_data(services, await _find_contact_of_lead(services, who))
    if found["not_asked"]:
        raise FoundWrongError("; ".join(f"{name}: {why}" for name, why in found["not_asked"].items()))
    events = [
        make_traced_event(
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


async def _find_contact_of_lead(services: ServiceAddresses, who: str) -> str:
    """Return the contact of a lead; what is no lead, as it is."""
    if "@" in who:
        return who
    try:
        async with open_service_clients(services) as baton:
            return str((await baton.feedback.show_lead(who)).contact_id)
    except BatonError:
        return who


async def _ask_all_services(services: ServiceAddresses, ask: "Callable[[AsyncCommon], Awaitable[T]]") -> dict[str, T]:
    """Ask all six the same, one after the other; raises with what is done already when one refuses."""
    return await _ask_named_services(services, dict.fromkeys(services.urls, ask))


async def _ask_named_services(
    services: ServiceAddresses, asks: "Mapping[str, Callable[[AsyncCommon], Awaitable[T]]]"
) -> dict[str, T]:
    """Ask services by their names, one after the other; raises with what is done already when one refuses."""
    found: dict[str, T] = {}
    async with open_service_clients(services) as baton:
        for name, ask in asks.items():
            try:
                found[name] = await ask(baton.service(name))
            except ClientError as error:
                done = f" (done already: {', '.join(found)})" if found else ""
                raise FoundWrongError(f"{error}{done}") from error
    return found


def _key_id_of(which: str) -> str:
    return id_of(which) if which.startswith("bk_") else which
