"""Services somewhere else, by their addresses and a key: their keys, their state, and one contact's story.

Nothing here reads a database; what the key may not see, the services refuse.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import httpx

from baton.access import Addresses, access
from baton.exit_codes import BatonError, FoundWrongError
from baton.keys import key_id as id_of
from baton.service_client import ask, client, operations
from events.runtime import security

LATEST = "last_used_at"


async def status(services: Addresses) -> dict[str, Any]:
    """Return one document about the six services, as `baton status` prints it."""
    async with client(services) as http:
        parts = await asyncio.gather(*(_part(http, name, url) for name, url in services.urls.items()))
    return {"phase": "remote", "parts": list(parts)}


async def _part(http: httpx.AsyncClient, name: str, url: str) -> dict[str, Any]:
    part: dict[str, Any] = {"part": name, "url": url, "ready": False}
    try:
        part["ready"] = (await http.get(f"{url}/readyz")).is_success
        found = await ask(http, "GET", f"{url}/status")
        part |= {"lag": sum(found["lag"].values())} | {each: found[each] for each in ("outbox", "parked", "gaps")}
        part["residual"] = (await ask(http, "GET", f"{url}/audit"))["residual"]
    except (httpx.HTTPError, BatonError) as error:
        part["why"] = str(error) or type(error).__name__
    return part


async def create_key(services: Addresses, **wanted: Any) -> tuple[str, str]:
    """Draw a key and send its fingerprint to all six services; return its id and the key."""
    key_id, key, digest = security.create()
    body = {name: value for name, value in wanted.items() if value is not None}
    await _everywhere(services, "POST", "/v1/keys", {**body, "key_id": key_id, "hash": digest})
    return key_id, key


async def rotate_key(services: Addresses, which: str, overlap: timedelta) -> tuple[str, str]:
    """Draw a key that may do what an old one may, which ends after `overlap`; return its id and the key."""
    key_id, key, digest = security.create()
    body = {"key_id": key_id, "hash": digest, "overlap_seconds": int(overlap.total_seconds())}
    await _everywhere(services, "POST", f"/v1/keys/{_id(which)}/rotate", body)
    return key_id, key


async def revoke_key(services: Addresses, which: str) -> int:
    """Revoke a key in all six services, the one that checks us last; return their number."""
    return len(await _everywhere(services, "POST", f"/v1/keys/{_id(which)}/revoke", None))


async def keys(services: Addresses) -> list[dict[str, Any]]:
    """Return each key once, with the services that know it and the last use anywhere."""
    found: dict[str, dict[str, Any]] = {}
    for name, answer in (await _everywhere(services, "GET", "/v1/keys", None)).items():
        for item in answer["items"]:
            key = found.setdefault(item["key_id"], {**item, "services": []})
            key["services"].append(name)
            key[LATEST] = max((at for at in (key[LATEST], item[LATEST]) if at), default=None)
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


async def _everywhere(services: Addresses, method: str, path: str, body: Any) -> dict[str, Any]:
    """Ask all six, one after the other; raises with what is done already when one refuses."""
    found: dict[str, Any] = {}
    async with client(services) as http:
        for name, url in services.urls.items():
            try:
                found[name] = await ask(http, method, f"{url}{path}", **({} if body is None else {"json": body}))
            except BatonError as error:
                done = f" (done already: {', '.join(found)})" if found and method != "GET" else ""
                raise FoundWrongError(f"{error}{done}") from error
    return found


def _id(which: str) -> str:
    return id_of(which) if which.startswith("bk_") else which
