"""One contact through all topics, from the journals of the six services.

The journals hold exactly what was published, so this shows what the services said, not what they
would say now.
"""

import asyncio
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypedDict
from uuid import UUID

from baton.database import fetch
from baton.exit_codes import BatonError, FoundWrongError
from baton.service_client import open_service_clients
from baton.stack import Stack
from events.parts import JsonObject

JOURNAL = """
select topic, ce_id, ce_type, sequence, time, value from journal where contact_id = $1 order by id
"""
OF_LEAD = """
select contact_id from journal
where contact_id is not null and value is not null
  and convert_from(value, 'UTF8')::jsonb ->> 'lead_id' = $1
limit 1
"""
DECIDED_BY = (
    *("engagement", "lead_type", "outcome", "fit", "readiness", "rep_id", "queue", "clock"),
    *("reason", "track", "wake_at", "due_at", "overdue_seconds", "by", "playbook_version"),
)
BECAUSE = ("evidence", "tried")
SILENT = ("known",)


class TracedEvent(TypedDict):
    """A published event as `baton trace` shows it; `value` is None where it was erased."""

    occurred_at: datetime
    published_at: datetime
    service: str
    topic: str
    type: str
    sequence: int
    id: str
    value: JsonObject | None


def make_traced_event(
    service: str, row: Mapping[str, Any], published_at: datetime, value: JsonObject | None
) -> TracedEvent:
    """Return an event of a service's journal, whose `row` has the names of its columns."""
    occurred = (value or {}).get("occurred_at")
    return {
        "occurred_at": datetime.fromisoformat(str(occurred)) if occurred else published_at,
        "published_at": published_at,
        "service": service,
        "topic": row["topic"],
        "type": row["ce_type"],
        "sequence": row["sequence"],
        "id": str(row["ce_id"]),
        "value": value,
    }


async def trace_contact(stack: Stack, who: str) -> list[TracedEvent]:
    """Return the events of a contact in the order in which they happened."""
    contact = await _find_contact(stack, who)
    found = await asyncio.gather(*(_load_journal_events(name, url, contact) for name, url in stack.databases.items()))
    events = [event for of_service in found for event in of_service]
    if not events:
        raise FoundWrongError(f"nothing was published about {who} in the last 30 days")
    return sorted(events, key=lambda event: (event["occurred_at"], event["published_at"]))


def describe_decision(event: TracedEvent) -> str:
    """Return in one line what the event decided, and because of what."""
    value = event["value"]
    if value is None:
        return "(erased)"
    fields = [f"{name}={_shorten_value(value[name])}" for name in DECIDED_BY if value.get(name) is not None]
    for name, pieces in value.items():
        if name.endswith(BECAUSE) and pieces and isinstance(pieces, list):
            fields.append(f"{name}=[{', '.join(map(_describe_reason, pieces))}]")
    return " ".join(fields)


async def _find_contact(stack: Stack, who: str) -> UUID:
    """Find the contact by its id, by an e-mail, or by one of its leads."""
    if "@" in who:
        async with open_service_clients(stack) as baton:
            return (await baton.capture.find_contact(email=who)).contact_id
    try:
        given = UUID(who)
    except ValueError:
        raise FoundWrongError(f"'{who}' is no id and no e-mail") from None
    for url in stack.databases.values():
        if await _is_contact_known(url, given):
            return given
    return await _contact_of_lead(stack, given)


async def _is_contact_known(url: str, contact: UUID) -> bool:
    sql = "select exists (select from journal where contact_id = $1)"
    return bool((await fetch(url, sql, contact))[0]["exists"])


async def _contact_of_lead(stack: Stack, lead: UUID) -> UUID:
    """Ask feedback, which knows every lead; a lead too young for it is in scoring's journal."""
    try:
        async with open_service_clients(stack) as baton:
            return (await baton.feedback.show_lead(lead)).contact_id
    except BatonError:
        rows = await fetch(stack.databases["scoring"], OF_LEAD, str(lead))
    if not rows:
        raise FoundWrongError(f"nobody knows a contact or a lead {lead}")
    return UUID(str(rows[0]["contact_id"]))


async def _load_journal_events(service: str, url: str, contact: UUID) -> list[TracedEvent]:
    return [
        make_traced_event(service, row, row["time"], json.loads(row["value"]) if row["value"] else None)
        for row in await fetch(url, JOURNAL, contact)
    ]


def _shorten_value(value: Any) -> str:
    if isinstance(value, dict):
        for name in ("grade", "level"):
            if name in value:
                return str(value[name])
        return json.dumps(value, separators=(",", ":"))
    return str(value)


def _describe_reason(piece: Any) -> str:
    """Return one reason: `employees +25 420`, a rule that was tried and why it was passed over."""
    if not isinstance(piece, dict):
        return str(piece)
    parts = [
        f"{value:+g}" if name == "points" else _shorten_value(value)
        for name, value in piece.items()
        if name not in SILENT and value not in (None, "", [])
    ]
    return " ".join(parts)
