"""Leads and the decisions about them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson

from events.envelope import LeadEvent
from events.leads import LeadQualified
from events.runtime import Transaction, bulk, merges
from routing.domain import NO_PREFERENCES, ContactPreferences, DecisionRecord, Lead, latest_schedule
from routing.models import Decisions, Leads
from routing.store.preferences import load_preferences

_NAMES = Lead._fields[: Lead._fields.index("facts")]
"""The columns bear the names of the domain's fields; the facts and what comes after are read and written apart."""
_COLUMNS = ", ".join(_NAMES)
_OTHERS = ", ".join("contact_id" if name == "contact_id" else "null" for name in _NAMES)

_KNOWN = (
    f"select {_COLUMNS}, facts, null::jsonb as said, false as erased, false as merged from leads"  # noqa: S608
    " where lead_id = any($1::uuid[])"
    f" union all select {_OTHERS}, null, null, true, false from erased where contact_id = any($2::uuid[])"
    f" union all select {_OTHERS}, null, said, false, false from wishes where contact_id = any($2::uuid[])"
    f" union all select {_OTHERS}, null, null, false, true from ("
    "  select loser_id as contact_id from merges where loser_id = any($2::uuid[]) and not undone"
    "  union all select survivor_id from merges where survivor_id = any($2::uuid[]) and not undone) as same_person"
)
_CONTACTS = "select lead_id, contact_id from leads where lead_id = any($1::uuid[])"
_KEEP_FACTS = (
    "update decisions d set facts = l.facts from leads l where l.lead_id = d.lead_id and d.facts is null"
    " and d.grounds is not null and l.lead_id = any($1::uuid[])"
)
_WITH_FACTS = f"select {_COLUMNS}, facts from leads where lead_id = any($1::uuid[])"  # noqa: S608


def lead_from_row(row: Mapping[str, Any], preferences: ContactPreferences = NO_PREFERENCES) -> Lead:
    """Return the lead of a row."""
    columns = {name: row[name] for name in _NAMES} | {"had_by": tuple(row["had_by"])}
    facts = LeadQualified.read(row["facts"]) if row.get("facts") else None
    return Lead(**columns, facts=facts, preferences=preferences)


async def load_or_begin_leads(tx: Transaction, events: Sequence[LeadEvent]) -> dict[UUID, Lead]:
    """Return the leads that these events are about, new ones included; leads of erased contacts are left out.

    Each has what its contact said, and the time that a contact who is merged with theirs asked for, if that is later.
    """
    named = {event.lead_id: event for event in events}
    if not named:
        return {}
    contacts = {event.contact_id for event in events}
    rows = await tx.raw.fetch(_KNOWN, list(named), list(contacts))
    erased = {row["contact_id"] for row in rows if row["erased"]}
    preferences = {row["contact_id"]: ContactPreferences.read(row["said"]) for row in rows if row["said"]}
    if merged := {row["contact_id"] for row in rows if row["merged"]}:
        preferences |= await _with_schedules_of_merged(tx, merged, preferences)
    known = {
        row["lead_id"]: lead_from_row(row, preferences.get(row["contact_id"], NO_PREFERENCES))
        for row in rows
        if row["lead_id"]
    }
    return {
        lead_id: known.get(lead_id)
        or Lead(lead_id, event.contact_id, event.cycle, preferences=preferences.get(event.contact_id, NO_PREFERENCES))
        for lead_id, event in named.items()
        if event.contact_id not in erased
    }


async def _with_schedules_of_merged(
    tx: Transaction, contacts: Collection[UUID], preferences: Mapping[UUID, ContactPreferences]
) -> dict[UUID, ContactPreferences]:
    """Return the preferences of contacts who are merged, with the time that any contact of that person asked for last.

    Nothing is locked: whoever saves a time or a merge locks all contacts of the person, and applies it to their leads.
    """
    people = await merges.load_people_of_contacts(tx, contacts)
    everybody = await load_preferences(tx, {each for person in people.values() for each in person.contact_ids})
    latest = {
        contact_id: latest_schedule(everybody.get(each, NO_PREFERENCES) for each in person.contact_ids)
        for contact_id, person in people.items()
    }
    return {
        contact_id: preferences.get(contact_id, NO_PREFERENCES).changed(scheduled=found.requested_schedule)
        for contact_id, found in latest.items()
    }


async def load_leads(tx: Transaction, lead_ids: Iterable[UUID]) -> dict[UUID, Lead]:
    """Return known leads with their facts."""
    ids = list(lead_ids)
    if not ids:
        return {}
    rows = await tx.raw.fetch(_WITH_FACTS, ids)
    return {row["lead_id"]: lead_from_row(row) for row in rows}


async def load_contact_ids_by_lead(tx: Transaction, lead_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Return the contact of each of these leads that is known, to lock it before the lead is read."""
    rows = await tx.raw.fetch(_CONTACTS, list(lead_ids))
    return {row["lead_id"]: row["contact_id"] for row in rows}


def build_lead_writes(
    leads: Sequence[Lead], with_new_facts: Collection[UUID], with_replaced_facts: Collection[UUID] = ()
) -> list[bulk.Write]:
    """Return what saves leads; their facts only where scoring published new ones.

    Args:
        leads: As they are after the batch.
        with_new_facts: Leads whose facts are saved too.
        with_replaced_facts: Leads that had other facts before; earlier decisions keep those they were made on.
    """
    plain = [_lead_to_row(lead) for lead in leads if lead.lead_id not in with_new_facts]
    with_facts = [
        _lead_to_row(lead) | {"facts": orjson.Fragment(lead.known_facts.encode())}
        for lead in leads
        if lead.lead_id in with_new_facts
    ]
    return [
        *([(_KEEP_FACTS, [list(with_replaced_facts)])] if with_replaced_facts else ()),
        *(bulk.build_upsert(Leads, rows) for rows in (plain, with_facts) if rows),
    ]


def _lead_to_row(lead: Lead) -> dict[str, Any]:
    return dict(zip(_NAMES, lead, strict=False))


def build_decision_writes(
    records: Iterable[tuple[Lead, DecisionRecord]], version: str, snapshot_id: UUID | None
) -> list[bulk.Write]:
    """Return what saves decision records, made by a version of the playbook.

    Those that chose a rep point to the snapshot they chose from.
    """
    rows = [
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
            "tried": [_tried_line_as_json(line.rule, line.outcome, line.why) for line in record.tried],
            "playbook_version": record.playbook_version or version,
            "scene_id": snapshot_id if record.inputs else None,
            "grounds": record.inputs._asdict() if record.inputs else None,
        }
        for lead, record in records
    ]
    return [bulk.build_insert(Decisions, rows)] if rows else []


@lru_cache(maxsize=4096)
def _tried_line_as_json(rule: str, outcome: str, why: str) -> dict[str, str]:
    return {"rule": rule, "outcome": outcome, "why": why}


_FIRST = (
    "select l.lead_id, l.contact_id, t.team from unnest($1::text[]) as t(team)"
    " cross join lateral ("
    "  select w.lead_id, w.contact_id,"
    "  row_number() over (order by coalesce(q.priority, 0), w.fit, w.handed_over_at, w.lead_id) as turn from leads w"
    "  left join unnest($2::text[], $3::integer[]) as q(queue, priority) using (queue)"
    "  where w.state = 'queued' and w.team = t.team order by turn limit $4"
    " ) as l order by t.team, l.turn"
)


async def load_first_waiting(
    tx: Transaction, priorities: Mapping[str, int], teams: Sequence[str], most: int
) -> dict[str, list[tuple[UUID, UUID]]]:
    """Return each team's leads to be served first as (lead, contact): by priority, grade and age, at most `most`.

    A queue that the playbook no longer has is served first.
    """
    rows = await tx.raw.fetch(_FIRST, list(teams), list(priorities), list(priorities.values()), most)
    lines: dict[str, list[tuple[UUID, UUID]]] = {team: [] for team in teams}
    for row in rows:
        lines[row["team"]].append((row["lead_id"], row["contact_id"]))
    return lines


_OPEN_OF = (
    "select lead_id, contact_id from leads where state = 'assigned' and rep_id = any($1::text[])"
    " order by placed_at, lead_id limit $2"
)
_OF_CONTACTS = "select lead_id from leads where contact_id = any($1::uuid[]) and state = any($2::text[])"


async def load_open_leads(tx: Transaction, reps: Sequence[str], most: int) -> dict[UUID, UUID]:
    """Return open leads of these reps with their contacts, at most `most`, the oldest assignment first."""
    rows = await tx.raw.fetch(_OPEN_OF, list(reps), most)
    return {row["lead_id"]: row["contact_id"] for row in rows}


async def load_leads_of_contacts(tx: Transaction, contacts: Collection[UUID], *states: str) -> dict[UUID, Lead]:
    """Return the leads of these contacts that are in one of these states."""
    rows = await tx.raw.fetch(_OF_CONTACTS, list(contacts), list(states))
    return await load_leads(tx, [row["lead_id"] for row in rows])
