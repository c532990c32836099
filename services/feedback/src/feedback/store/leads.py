"""Contacts and their leads, read and written whole: rows on one side, the domain's values on the other."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

from sqlmodel import SQLModel

from events.runtime import Transaction, bulk
from events.runtime.yielding import yielding_to_others
from feedback.domain.contact import Contact
from feedback.domain.lead import Lead, Touchpoint
from feedback.domain.lifecycle import Move
from feedback.domain.requested_times import RequestedTime
from feedback.models import ContactRow, LeadRow

_LEAD = tuple(field.name for field in fields(Lead))
_PERSON = tuple(field.name for field in fields(Contact) if field.name != "leads")
_MOVE = tuple(field.name for field in fields(Move))
_INSTANTS = frozenset({"at", "wake_at"})

_COLUMN = {"published_end": "said_end", "published_wake": "said_woken"}
"""The columns that have another name than their field."""

_Row = dict[str, Any]

_facts_of = attrgetter(*_LEAD)

_CONTACT_OF = "select lead_id, contact_id from leads where lead_id = any($1)"
_NAMED = ", ".join(f"{_COLUMN.get(name, name)} as {name}" for name in _LEAD)
_LEADS = f"select {_NAMED} from leads where contact_id = any($1)"  # noqa: S608 - names of fields
_PEOPLE = f"""
select u.contact_id, p.contact_id is not null as known, {", ".join(f"p.{name}" for name in _PERSON[1:])}
from unnest($1::uuid[]) as u(contact_id) left join people p using (contact_id)
where not exists (select from erased_people e where e.contact_id = u.contact_id)
"""  # noqa: S608 - names of fields


async def load_contact_ids_by_lead(tx: Transaction, lead_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Return the contact of each lead that is known."""
    rows = await tx.raw.fetch(_CONTACT_OF, list(set(lead_ids)))
    return {row["lead_id"]: row["contact_id"] for row in rows}


async def load_contacts(tx: Transaction, contact_ids: Iterable[UUID]) -> dict[UUID, Contact]:
    """Read contacts with all their leads; an unknown one comes empty, an erased one not at all."""
    ids = list(set(contact_ids))
    people = [dict(row) for row in await tx.raw.fetch(_PEOPLE, ids)]
    leads: dict[UUID, dict[UUID, Lead]] = {}
    async for row in yielding_to_others(await tx.raw.fetch(_LEADS, ids)):
        leads.setdefault(row["contact_id"], {})[row["lead_id"]] = _row_to_lead(row)
    found = {}
    for row in people:
        contact_id, known = row["contact_id"], row.pop("known")
        given = row if known else {"contact_id": contact_id}
        found[contact_id] = Contact(**given, leads=leads.get(contact_id, {}))
    return found


async def save_contacts(tx: Transaction, changed: Iterable[tuple[Contact, Contact]]) -> None:
    """Save new and changed contacts, each as (before, after): one statement for each set of changed columns."""
    people: list[_Row] = []
    leads: list[_Row] = []
    updates: dict[tuple[type[SQLModel], tuple[str, ...]], list[_Row]] = {}

    def note(table: type[SQLModel], row: _Row) -> None:
        if len(row) > 1:
            updates.setdefault((table, tuple(row)), []).append(row)

    async for before, after in yielding_to_others(changed):
        if not before.engagements and not before.leads:
            people.append({name: getattr(after, name) for name in _PERSON})
        else:
            note(ContactRow, {"contact_id": after.contact_id, **_changed_values(vars(before), vars(after), _PERSON)})
        for lead in after.leads.values():
            known = before.leads.get(lead.lead_id)
            if known is None:
                leads.append(_with_column_names(_lead_to_row(lead)))
            elif known is not lead:
                note(LeadRow, _with_column_names({"lead_id": lead.lead_id, **_changed_lead_columns(known, lead)}))
    await tx.upsert(ContactRow, people)
    await tx.insert(LeadRow, leads)
    for (table, _), rows in sorted(updates.items(), key=lambda item: (item[0][0].__tablename__, item[0][1])):
        sql, arrays = bulk.build_update(table, rows)
        await tx.raw.execute(sql, *arrays)


def _with_column_names(row: _Row) -> _Row:
    return {_COLUMN.get(name, name): value for name, value in row.items()}


def _changed_values(before: Mapping[str, Any], after: Mapping[str, Any], names: Iterable[str]) -> _Row:
    return {name: after[name] for name in names if before[name] is not after[name] and before[name] != after[name]}


def _changed_lead_columns(before: Lead, after: Lead) -> _Row:
    """Return the columns in which a lead differs. Only moves and roles change what it amounts to, but for two."""
    changed = _changed_values(vars(before), vars(after), _LEAD)
    if "touch_times" in changed:
        changed["touch_times"] = list(after.touch_times)
    if "requested_times" in changed:
        changed["requested_times"] = list(map(list, after.requested_times))
    if "path" in changed:
        changed["path"] = _path_json(after)
    if before.moves is after.moves and before.roles is after.roles:
        changed |= {"side": after.side} if before.side != after.side else {}
        changed |= {"since": after.since} if before.since != after.since else {}
        return changed
    if "moves" in changed:
        changed["moves"] = list(map(_move_to_json, after.moves))
    derived = _derived_columns(after)
    return changed | _changed_values(_derived_columns(before), derived, derived)


def _row_to_lead(row: Mapping[str, Any]) -> Lead:
    facts = dict(row)
    facts["moves"] = tuple(map(_json_to_move, row["moves"]))
    facts["path"] = tuple(map(_json_to_touchpoint, row["path"]))
    facts["touch_times"] = tuple(map(datetime.fromisoformat, row["touch_times"]))
    facts["requested_times"] = tuple(map(_json_to_requested_time, row["requested_times"]))
    return Lead.from_facts(facts)


def _json_to_move(kept: Mapping[str, Any]) -> Move:
    given = dict(kept)
    given["id"] = UUID(given["id"])
    for name in _INSTANTS & given.keys():
        given[name] = datetime.fromisoformat(given[name])
    given["owning"] = tuple(given.get("owning", ()))
    return Move(**given)


def _json_to_requested_time(kept: tuple[str, bool, str]) -> RequestedTime:
    asked_at, called_off, until = kept
    return RequestedTime(datetime.fromisoformat(asked_at), called_off, datetime.fromisoformat(until))


def _json_to_touchpoint(kept: Mapping[str, Any]) -> Touchpoint:
    return Touchpoint(datetime.fromisoformat(kept["at"]), kept["source"], kept["campaign"])


def _path_json(lead: Lead) -> list[_Row]:
    return [{"at": each.at, "source": each.source, "campaign": each.campaign} for each in lead.path]


_move_of = attrgetter(*_MOVE)


def _move_to_json(move: Move) -> _Row:
    """Write a move without what it leaves open; an amount of nothing is an amount."""
    fields_of = zip(_MOVE, _move_of(move), strict=True)
    return {name: value for name, value in fields_of if value or isinstance(value, float)}


def _lead_to_row(lead: Lead) -> _Row:
    """Write a lead's facts, and in further columns what they amount to."""
    facts = dict(zip(_LEAD, _facts_of(lead), strict=True))
    lists = {
        "moves": list(map(_move_to_json, lead.moves)), "path": _path_json(lead), "touch_times": list(lead.touch_times),
        "requested_times": list(map(list, lead.requested_times)),
    }  # fmt: skip
    return facts | lists | _derived_columns(lead)


def _derived_columns(lead: Lead) -> _Row:
    at, end = lead.standing, lead.standing.end
    return {
        "state": at.state,
        "side": lead.side,
        "since": lead.since,
        "accepted_at": at.accepted_at,
        "sal_at": at.sal_at,
        "confirmed_at": at.confirmed_at,
        "opportunity_at": at.opportunity_at,
        "won_at": at.won_at,
        "lost_at": at.lost_at,
        "ended_at": end.at if end else None,
        "amount": at.amount,
        "revenue": lead.revenue,
        "ended_by": end.by if end else None,
        "reason": end.reason if end else None,
        "track": end.track if end else None,
        "wake_at": end.wake_at if end else None,
    }
