"""Contacts and their leads, read and written whole: rows on one side, the domain's values on the other."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

from sqlmodel import SQLModel

from events.runtime import Transaction, bulk
from feedback.domain.contact import Contact
from feedback.domain.lead import Lead
from feedback.domain.lifecycle import Move
from feedback.models import LeadRow, Person

_LEAD = tuple(field.name for field in fields(Lead))
_PERSON = tuple(field.name for field in fields(Contact) if field.name != "leads")
_MOVE = tuple(field.name for field in fields(Move))
_AMOUNTS = frozenset({"moves", "roles"})
"""Facts on which what a lead amounts to rests."""
_INSTANTS = frozenset({"at", "wake_at"})

_facts_of = attrgetter(*_LEAD)
_person_of = attrgetter(*_PERSON)

_CONTACT_OF = "select lead_id, contact_id from leads where lead_id = any($1)"
_LEADS = f"select {', '.join(_LEAD)} from leads where contact_id = any($1)"  # noqa: S608 - names of fields
_PEOPLE = f"select {', '.join(_PERSON)} from people where contact_id = any($1)"  # noqa: S608 - names of fields


async def contacts_of(tx: Transaction, lead_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Give the contact of each lead that is known."""
    rows = await tx.raw.fetch(_CONTACT_OF, list(set(lead_ids)))
    return {row["lead_id"]: row["contact_id"] for row in rows}


async def load(tx: Transaction, contact_ids: Iterable[UUID]) -> dict[UUID, Contact]:
    """Read contacts with all their leads; one that was never heard of comes empty."""
    ids = list(set(contact_ids))
    people = {row["contact_id"]: dict(row) for row in await tx.raw.fetch(_PEOPLE, ids)}
    leads: dict[UUID, dict[UUID, Lead]] = {}
    for row in await tx.raw.fetch(_LEADS, ids):
        leads.setdefault(row["contact_id"], {})[row["lead_id"]] = _lead(row)
    return {
        contact_id: Contact(**people.get(contact_id, {"contact_id": contact_id}), leads=leads.get(contact_id, {}))
        for contact_id in ids
    }


async def save(tx: Transaction, changed: Iterable[tuple[Contact, Contact]]) -> None:
    """Write what is new and what changed of contacts (before, after): one statement a set of columns."""
    people: list[dict[str, Any]] = []
    leads: list[dict[str, Any]] = []
    updates: dict[tuple[type[SQLModel], tuple[str, ...]], list[dict[str, Any]]] = {}
    for before, after in changed:
        person = dict(zip(_PERSON, _person_of(after), strict=True))
        if before.engaged_at is None and not before.leads:
            people.append(person)
        else:
            kept = dict(zip(_PERSON, _person_of(before), strict=True))
            _note(updates, Person, "contact_id", kept, person)
        for lead in after.leads.values():
            known = before.leads.get(lead.lead_id)
            if known is None:
                leads.append(_row(lead))
            elif known is not lead:
                _note(updates, LeadRow, "lead_id", *_differing(known, lead))
    await tx.upsert(Person, people)
    await tx.insert(LeadRow, leads)
    for (table, _), rows in sorted(updates.items(), key=lambda item: (item[0][0].__name__, item[0][1])):
        sql, arrays = bulk.update(table, rows)
        await tx.raw.execute(sql, *arrays)


def _note(
    updates: dict[tuple[type[SQLModel], tuple[str, ...]], list[dict[str, Any]]],
    table: type[SQLModel],
    key: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
) -> None:
    """Note a row's update among those of the same columns."""
    row = {name: value for name, value in after.items() if name == key or before[name] != value}
    if len(row) > 1:
        updates.setdefault((table, tuple(row)), []).append(row)


def _differing(before: Lead, after: Lead) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give the columns of a lead before and after, in which alone it can differ."""
    old, new = (dict(zip(_LEAD, _facts_of(lead), strict=True)) for lead in (before, after))
    if any(old[name] is not new[name] for name in _AMOUNTS):
        return _row(before), _row(after)
    return old | _rest(before), new | _rest(after)


def _rest(lead: Lead) -> dict[str, Any]:
    return {"state": lead.state, "side": lead.side, "since": lead.since}


def _lead(row: Mapping[str, Any]) -> Lead:
    facts = dict(row)
    facts["moves"] = tuple(map(_move, row["moves"]))
    return Lead.recall(facts)


def _move(kept: Mapping[str, Any]) -> Move:
    given = dict(kept)
    given["id"] = UUID(given["id"])
    for name in _INSTANTS & given.keys():
        given[name] = datetime.fromisoformat(given[name])
    given["owning"] = tuple(given.get("owning", ()))
    return Move(**given)


def _kept(move: Move) -> dict[str, Any]:
    return {name: value for name in _MOVE if (value := getattr(move, name)) not in (None, (), False, "")}


def _row(lead: Lead) -> dict[str, Any]:
    """Write a lead's facts, and in further columns what they amount to."""
    at, end = lead.standing, lead.standing.end
    return {
        **dict(zip(_LEAD, _facts_of(lead), strict=True)),
        **_rest(lead),
        "moves": [_kept(move) for move in lead.moves],
        "accepted_at": at.accepted_at,
        "sal_at": at.sal_at,
        "confirmed_at": at.confirmed_at,
        "opportunity_at": at.opportunity_at,
        "won_at": at.won_at,
        "lost_at": at.lost_at,
        "ended_at": end.at if end else None,
        "amount": at.amount,
        "reason": end.reason if end else None,
        "track": end.track if end else None,
        "wake_at": end.wake_at if end else None,
    }
