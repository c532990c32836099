"""A candidate that runs in shadow: started, stopped, and held against what was in force meanwhile."""

from collections import Counter
from typing import Any
from uuid import uuid4

from baton.database import fetch
from baton.exit_codes import FoundWrongError
from baton.playbook import in_force, speaking
from baton.services import SERVICES, Service
from baton.stack import Stack
from events.runtime.playbooks import PlaybookText

SHOWN = 20
_STOP = "update shadows set stopped_at = $1, stopped_by = $2 where stopped_at is null returning version"
_START = "insert into shadows (shadow_id, version, body, started_at, started_by) values ($1, $2, $3, $4, $5)"
_NEWEST = "select * from shadows order by started_at desc, stopped_at desc nulls first limit 1"
_BOTH = """
select coalesce(f.contact_id, s.contact_id)::text as contact_id, f.told_type as in_force, s.lead_type as candidate,
    f.fit as fit_in_force, s.fit as fit_candidate, least(f.opened_at, s.opened_at) as opened_at, w.won
from (select distinct on (contact_id) * from leads where opened_at >= $2 order by contact_id, cycle) f
full join (
    select distinct on (contact_id) * from shadow_leads where shadow_id = $1 and opened_at >= $2
    order by contact_id, cycle
) s using (contact_id)
left join lateral (
    select true as won from turns where kind = 'won' and turns.contact_id = coalesce(f.contact_id, s.contact_id) limit 1
) w on true
order by opened_at, 1
"""


async def start(stack: Stack, body: str, by: str) -> str:
    """Let a checked scoring playbook decide beside the one in force, in the place of one that did; give its version."""
    definitions = (await in_force(stack))["scoring"]["definitions"]
    version = PlaybookText(definitions, body).version
    async with speaking(stack, _scoring()) as speaker, speaker.transaction() as tx:
        await tx.raw.fetch(_STOP, tx.now, by)
        await tx.raw.execute(_START, uuid4(), version, body, tx.now, by)
    return version


async def stop(stack: Stack, by: str) -> str:
    """Let it decide no more; give its version."""
    async with speaking(stack, _scoring()) as speaker, speaker.transaction() as tx:
        rows = await tx.raw.fetch(_STOP, tx.now, by)
    if not rows:
        raise FoundWrongError("no candidate runs in shadow")
    return str(rows[0]["version"])


async def compare(stack: Stack) -> dict[str, Any]:
    """Compare what the last candidate would have published with what was published, since its start."""
    url = stack.databases["scoring"]
    newest = await fetch(url, _NEWEST)
    if not newest:
        raise FoundWrongError("no candidate ever ran in shadow (`baton playbook shadow start`)")
    shadow = newest[0]
    return differences(shadow, await fetch(url, _BOTH, shadow["shadow_id"], shadow["started_at"]))


def differences(shadow: dict[str, Any], rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Count who is a lead for both, for one alone, or of another type; list some who differ."""
    kinds = Counter(map(_kind, rows))
    differing = [{"difference": _kind(row), **row} for row in rows if _kind(row) != "the same"]
    return {
        **{name: shadow[name] for name in ("version", "started_at", "started_by", "stopped_at", "stopped_by")},
        "leads_in_force": sum(row["in_force"] is not None for row in rows),
        "leads_candidate": sum(row["candidate"] is not None for row in rows),
        "won_in_force": sum(bool(row["won"]) for row in rows if row["in_force"] is not None),
        "won_candidate": sum(bool(row["won"]) for row in rows if row["candidate"] is not None),
        "contacts": dict(kinds.most_common()),
        "differing": differing[:SHOWN],
    }


def _kind(row: dict[str, Any]) -> str:
    if row["candidate"] is None:
        return "a lead in force alone"
    if row["in_force"] is None:
        return "a lead by the candidate alone"
    if row["in_force"] != row["candidate"]:
        return "another lead type"
    return "the same" if row["fit_in_force"] == row["fit_candidate"] else "another grade"


def _scoring() -> Service:
    return next(service for service in SERVICES if service.name == "scoring")
