"""Leads and the decisions about them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text

from events.envelope import LeadEvent
from events.leads import LeadQualified
from events.runtime import Transaction
from routing.domain import NO_WISHES, Grounds, Lead, Record, Wishes
from routing.models import Decisions, Erased, Leads

_NAMES = Lead._fields[: Lead._fields.index("facts")]
"""The columns bear the names of the domain's fields; the facts and what comes after are read and written apart."""
_COLUMNS = ", ".join(_NAMES)
_OTHERS = ", ".join("contact_id" if name == "contact_id" else "null" for name in _NAMES)

_KNOWN = text(
    f"select {_COLUMNS}, null::jsonb as said, false as erased from leads"  # noqa: S608
    " where lead_id = any(cast(:leads as uuid[]))"
    f" union all select {_OTHERS}, null, true from erased where contact_id = any(cast(:contacts as uuid[]))"
    f" union all select {_OTHERS}, said, false from wishes where contact_id = any(cast(:contacts as uuid[]))"
)
_OVERWRITTEN = text(
    "update decisions d set facts = l.facts from leads l where l.lead_id = d.lead_id and d.facts is null"
    " and d.grounds is not null and l.lead_id = any(cast(:leads as uuid[]))"
)
_WITH_FACTS = text(f"select {_COLUMNS}, facts from leads where lead_id = any(cast(:leads as uuid[]))")  # noqa: S608


def lead_of(row: Mapping[str, Any], wishes: Wishes = NO_WISHES) -> Lead:
    """Read a lead from its row."""
    given = {name: row[name] for name in _NAMES}
    facts = LeadQualified.model_validate(row["facts"]) if row.get("facts") else None
    return Lead(**given, facts=facts, wishes=wishes)


async def find(tx: Transaction, news: Sequence[LeadEvent]) -> dict[UUID, Lead]:
    """Give the leads that these events are about, new ones included, without those of erased contacts."""
    named = {event.lead_id: event for event in news}
    if not named:
        return {}
    contacts = {event.contact_id for event in news}
    rows = await tx.fetch(_KNOWN, {"leads": list(named), "contacts": list(contacts)})
    erased = {row["contact_id"] for row in rows if row["erased"]}
    wishes = {row["contact_id"]: Wishes.model_validate(row["said"]) for row in rows if row["said"]}
    known = {row["lead_id"]: lead_of(row, wishes.get(row["contact_id"], NO_WISHES)) for row in rows if row["lead_id"]}
    return {
        lead_id: known.get(lead_id)
        or Lead(lead_id, event.contact_id, event.cycle, wishes=wishes.get(event.contact_id, NO_WISHES))
        for lead_id, event in named.items()
        if event.contact_id not in erased
    }


async def load(tx: Transaction, lead_ids: Iterable[UUID]) -> dict[UUID, Lead]:
    """Give known leads with everything that scoring said of them."""
    ids = list(lead_ids)
    if not ids:
        return {}
    rows = await tx.fetch(_WITH_FACTS, {"leads": ids})
    return {row["lead_id"]: lead_of(row) for row in rows}


async def contact_of(tx: Transaction, lead_id: UUID) -> UUID | None:
    """Give the contact behind a lead, to lock it before the lead is read."""
    rows = await tx.fetch(text("select contact_id from leads where lead_id = :lead"), {"lead": lead_id})
    return rows[0]["contact_id"] if rows else None


async def save(tx: Transaction, leads: Sequence[Lead], learnt: Collection[UUID], again: Collection[UUID] = ()) -> None:
    """Write leads; the facts only of those of which scoring said something (`learnt`).

    Where it said something else before (`again`), earlier decisions keep what they were taken on.
    """
    if again:
        await tx.execute(_OVERWRITTEN, {"leads": list(again)})
    await tx.upsert(Leads, [_row(lead) for lead in leads if lead.lead_id not in learnt])
    await tx.upsert(
        Leads,
        [
            _row(lead) | {"facts": orjson.Fragment(lead.known_facts.encode())}
            for lead in leads
            if lead.lead_id in learnt
        ],
    )


def _row(lead: Lead) -> dict[str, Any]:
    return dict(zip(_NAMES, lead, strict=False))


async def keep(tx: Transaction, records: Iterable[tuple[Lead, Record]], scene_id: UUID | None) -> None:
    """Keep decisions, those that chose somebody with the scene they chose in."""
    await tx.insert(
        Decisions,
        [
            {
                "lead_id": lead.lead_id,
                "number": record.number,
                "contact_id": lead.contact_id,
                "kind": record.kind,
                "decided_at": record.at,
                "reason": record.reason,
                "placement": record.placement,
                "team": record.team,
                "queue": record.queue,
                "rep_id": record.rep_id,
                "previous_rep_id": record.previous_rep_id,
                "by": record.by,
                "note": record.note,
                "tried": [_line(line.rule, line.outcome, line.why) for line in record.tried],
                "playbook_version": tx.playbook_version,
                "scene_id": scene_id if record.grounds else None,
                "grounds": _written(record.grounds) if record.grounds else None,
            }
            for lead, record in records
        ],
    )


def _written(grounds: Grounds) -> dict[str, Any]:
    return {
        "turn": grounds.turn,
        "claims": [{"rep_id": one.rep_id, "reason": one.reason, "why": one.why} for one in grounds.claims],
        "without": grounds.without,
        "ahead": grounds.ahead,
        "team": grounds.team,
    }


@lru_cache(maxsize=4096)
def _line(rule: str, outcome: str, why: str) -> dict[str, str]:
    return {"rule": rule, "outcome": outcome, "why": why}


_FIRST = text(
    "select l.lead_id, l.contact_id, t.team from unnest(cast(:teams as text[])) as t(team)"
    " cross join lateral ("
    "  select w.lead_id, w.contact_id,"
    "  row_number() over (order by coalesce(q.priority, 0), w.fit, w.handed_over_at, w.lead_id) as turn from leads w"
    "  left join unnest(cast(:queues as text[]), cast(:priorities as integer[])) as q(queue, priority) using (queue)"
    "  where w.state = 'queued' and w.team = t.team order by turn limit :most"
    " ) as l order by t.team, l.turn"
)


async def first_in_line(
    tx: Transaction, priorities: Mapping[str, int], teams: Sequence[str], most: int
) -> dict[str, list[tuple[UUID, UUID]]]:
    """Give for each team the leads to be served first, at most so many, as (lead, contact): by priority, grade and age.

    A queue that the playbook no longer has is served first.
    """
    rows = await tx.fetch(
        _FIRST,
        {"teams": list(teams), "queues": list(priorities), "priorities": list(priorities.values()), "most": most},
    )
    lines: dict[str, list[tuple[UUID, UUID]]] = {team: [] for team in teams}
    for row in rows:
        lines[row["team"]].append((row["lead_id"], row["contact_id"]))
    return lines


_OPEN_OF = text(
    "select lead_id, contact_id from leads where state = 'assigned' and rep_id = any(cast(:reps as text[]))"
    " order by placed_at, lead_id limit :most"
)
_OF_CONTACTS = text(
    "select lead_id from leads where contact_id = any(cast(:contacts as uuid[]))"
    " and state = any(cast(:states as text[]))"
)


async def open_of(tx: Transaction, reps: Sequence[str], most: int) -> dict[UUID, UUID]:
    """Give open leads of these reps with their contacts, at most so many, the longest held first."""
    rows = await tx.fetch(_OPEN_OF, {"reps": list(reps), "most": most})
    return {row["lead_id"]: row["contact_id"] for row in rows}


async def of_contacts(tx: Transaction, contacts: Collection[UUID], *states: str) -> dict[UUID, Lead]:
    """Give the leads of these contacts that are in one of these states."""
    rows = await tx.fetch(_OF_CONTACTS, {"contacts": list(contacts), "states": list(states)})
    return await load(tx, [row["lead_id"] for row in rows])


_ERASE = text(
    "with gone as (delete from leads where contact_id = :contact returning state, rep_id),"
    " told as (delete from decisions where contact_id = :contact returning 1),"
    " said as (delete from wishes where contact_id = :contact returning 1)"
    " select rep_id, state from gone union all select null, null from told union all select null, null from said"
)


async def erase(tx: Transaction, contact_id: UUID) -> tuple[int, list[str]]:
    """Delete everything about a contact; give the rows deleted, and each open lead's rep."""
    await tx.insert(Erased, [{"contact_id": contact_id}])
    rows = await tx.fetch(_ERASE, {"contact": contact_id})
    return len(rows), [row["rep_id"] for row in rows if row["state"] == "assigned"]
