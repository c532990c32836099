"""The invariants of the whole flow: what each service finds in itself, and what none can see alone.

Across services there are three: nothing is still on its way for good, every stream a service has
published is without gaps, and every qualified lead was handed over while none was handed over that
nobody qualified.
"""

import asyncio
from typing import Any

from baton.asking import ask, client
from baton.database import Connection
from baton.drain import Observer
from baton.outcome import BatonError, FoundWrongError
from baton.stack import Stack

SETTLE_SECONDS = 30.0
SHOWN_ROWS = 20

GAPS = """
select topic, key, max(sequence) - min(sequence) + 1 - count(distinct sequence) as missing
from journal group by topic, key
having max(sequence) - min(sequence) + 1 <> count(distinct sequence)
"""
PARKED = "select id, topic, reason from parked where state = 'parked'"
LEADS = """
select distinct contact_id, convert_from(value, 'UTF8')::jsonb ->> 'lead_id' as lead_id
from journal where ce_type = any($1) and value is not null
"""
ABOUT = "select distinct contact_id from journal where ce_type = any($1)"
QUALIFIED = ["lead.qualified.v1"]
HANDED_OVER = ["lead.assigned.v1", "lead.queued.v1"]
NO_LONGER_THEMSELVES = ["contact.erased.v1", "contact.merged.v1", "contact.unmerged.v1"]


async def audit(stack: Stack) -> dict[str, Any]:
    """Return each check with its residual and the first rows that break it."""
    checks: list[dict[str, Any]] = []
    async with Observer(stack) as observer:
        try:
            await observer.wait(SETTLE_SECONDS)
            checks.append(_check("flow", "nothing is still on its way", []))
        except FoundWrongError as error:
            checks.append(_check("flow", "nothing is still on its way", [{"detail": str(error)}]))
        for name, connection in observer.connections.items():
            checks.append(_check(name, "streams have no gaps", await _rows(connection, GAPS)))
            checks.append(_check(name, "nothing is parked", await _rows(connection, PARKED)))
        checks.extend(await _handed_over(observer))
    async with client(stack) as http:
        own = await asyncio.gather(
            *(_own(http, name, url) for name, url in stack.urls.items()),
        )
    checks.extend(own)
    return {"residual": sum(check["residual"] for check in checks), "checks": checks}


async def _own(http: Any, name: str, url: str) -> dict[str, Any]:
    what = "its own invariants"
    try:
        answer = await ask(http, "GET", f"{url}/audit")
    except BatonError as error:
        return _check(name, what, [{"detail": str(error)}])
    rows = list(answer.get("rows", []))[:SHOWN_ROWS]
    return {"service": name, "check": what, "residual": int(answer["residual"]), "rows": rows}


async def _handed_over(observer: Observer) -> list[dict[str, Any]]:
    """Compare scoring's leads with routing's, leaving out contacts that changed identity."""
    at = observer.connections
    aside = {row["contact_id"] for row in await at["capture"].fetch(ABOUT, NO_LONGER_THEMSELVES)}
    qualified = await _leads(at["scoring"], QUALIFIED)
    handed = await _leads(at["routing"], HANDED_OVER)
    pairs = (
        ("every qualified lead is handed over", qualified - handed),
        ("nobody is handed over unqualified", handed - qualified),
    )
    return [
        _check(
            "flow",
            what,
            [{"lead_id": lead} for contact, lead in sorted(odd) if contact not in aside],
        )
        for what, odd in pairs
    ]


async def _leads(connection: Connection, kinds: list[str]) -> set[tuple[Any, str]]:
    rows = await connection.fetch(LEADS, kinds)
    return {(row["contact_id"], row["lead_id"]) for row in rows}


async def _rows(connection: Connection, sql: str) -> list[dict[str, Any]]:
    return [dict(row) for row in await connection.fetch(sql)]


def _check(service: str, what: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"service": service, "check": what, "residual": len(rows), "rows": rows[:SHOWN_ROWS]}
