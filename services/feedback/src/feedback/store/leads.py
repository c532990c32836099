"""Contacts and their leads, read and written whole: rows on one side, the domain's values on the other."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields
from datetime import datetime
from operator import itemgetter
from typing import Any
from uuid import UUID

from sqlalchemy import any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Uuid
from sqlmodel import col

from events.runtime import Transaction
from feedback.domain.contact import Contact
from feedback.domain.lead import Lead
from feedback.domain.lifecycle import Move
from feedback.models import LeadRow, Person

_LEAD = tuple(field.name for field in fields(Lead))
_PLAIN = tuple(name for name in _LEAD if name != "moves")
_plain_of = itemgetter(*_PLAIN)
_PERSON = tuple(field.name for field in fields(Contact) if field.name != "leads")
_MOVE = tuple(field.name for field in fields(Move))
_INSTANTS = frozenset({"at", "wake_at"})


def _any(name: str) -> Any:
    return any_(bindparam(name, type_=ARRAY(Uuid)))


_CONTACT_OF = select(LeadRow.lead_id, LeadRow.contact_id).where(col(LeadRow.lead_id) == _any("ids"))  # type: ignore[call-overload]
_LEADS = select(*(col(getattr(LeadRow, name)) for name in _LEAD)).where(col(LeadRow.contact_id) == _any("ids"))
_PEOPLE = select(*(col(getattr(Person, name)) for name in _PERSON)).where(col(Person.contact_id) == _any("ids"))


async def contacts_of(tx: Transaction, lead_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Give the contact of each lead that is known."""
    rows = await tx.fetch(_CONTACT_OF, {"ids": list(set(lead_ids))})
    return {row["lead_id"]: row["contact_id"] for row in rows}


async def load(tx: Transaction, contact_ids: Iterable[UUID]) -> dict[UUID, Contact]:
    """Read contacts with all their leads; one that was never heard of comes empty."""
    ids = list(set(contact_ids))
    people = {row["contact_id"]: row for row in await tx.fetch(_PEOPLE, {"ids": ids})}
    leads: dict[UUID, dict[UUID, Lead]] = {}
    for row in await tx.fetch(_LEADS, {"ids": ids}):
        leads.setdefault(row["contact_id"], {})[row["lead_id"]] = _lead(row)
    return {
        contact_id: Contact(**people.get(contact_id, {"contact_id": contact_id}), leads=leads.get(contact_id, {}))
        for contact_id in ids
    }


async def save(tx: Transaction, contacts: Iterable[Contact], leads: Collection[Lead]) -> None:
    """Write contacts, and those of their leads that changed."""
    await tx.upsert(Person, [{name: getattr(contact, name) for name in _PERSON} for contact in contacts])
    await tx.upsert(LeadRow, [_row(lead) for lead in leads])


def _lead(row: Mapping[str, Any]) -> Lead:
    return Lead(**dict(zip(_PLAIN, _plain_of(row), strict=True)), moves=tuple(map(_move, row["moves"])))


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
    row = {name: getattr(lead, name) for name in _PLAIN}
    row["moves"] = [_kept(move) for move in lead.moves]
    row["state"] = at.state
    row["side"] = lead.side
    row["since"] = lead.since
    row["accepted_at"] = at.accepted_at
    row["sal_at"] = at.sal_at
    row["confirmed_at"] = at.confirmed_at
    row["opportunity_at"] = at.opportunity_at
    row["won_at"] = at.won_at
    row["lost_at"] = at.lost_at
    row["ended_at"] = end.at if end else None
    row["amount"] = at.amount
    row["reason"] = end.reason if end else None
    row["track"] = end.track if end else None
    row["wake_at"] = end.wake_at if end else None
    return row
