"""What the pages with several parts show."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from desk import store
from desk.domain import Viewer
from desk.handlers.errors import LeadUnknown
from desk.handlers.upstream import UPSTREAM
from events.runtime import Transaction, merges

if TYPE_CHECKING:
    from desk.settings import PageSettings
    from events.runtime import Service

SOON = timedelta(hours=2)
ANSWERS = timedelta(days=30)


async def my_leads(service: "Service[PageSettings]", viewer: Viewer) -> dict[str, Any]:
    """Return a rep's open leads by what is due next, and what marketing answered lately."""
    async with service.transaction() as tx:
        leads = await store.pages.my_leads(tx, viewer)
        answers = await store.pages.answers(tx, viewer, tx.now - ANSWERS)
    return {"leads": leads, "answers": answers, "now": tx.now}


async def person(service: "Service[PageSettings]", viewer: Viewer, contact_id: UUID) -> dict[str, Any]:
    """Return a person with their leads, their story and what was written about them.

    Raises:
        LeadUnknown: There is no lead of theirs that the viewer may see.
    """
    async with service.transaction() as tx:
        contacts = (await merges.people(tx, [contact_id]))[contact_id].contact_ids
        leads = await store.pages.leads_of(tx, viewer, contacts)
        if not leads:
            raise LeadUnknown
        story = await store.pages.story(tx, contacts)
        remarks = await store.pages.remarks(tx, [lead["lead_id"] for lead in leads])
        account = await _account(tx, leads[0]["account"])
    return {
        "leads": leads, "lead": leads[0], "story": story, "remarks": remarks, "account": account, "now": tx.now
    }  # fmt: skip


async def _account(tx: Transaction, shown: Mapping[str, Any]) -> dict[str, Any]:
    """Return the people of a lead's account with their names, the most senior first; empty where none is known."""
    if not shown:
        return {}
    names = await store.pages.colleagues(tx, [UUID(person["contact_id"]) for person in shown["people"]])
    people = [
        person | names[UUID(person["contact_id"])] | {"is_main": person["contact_id"] == shown["main_contact_id"]}
        for person in shown["people"]
        if UUID(person["contact_id"]) in names
    ]
    return {**shown, "people": people}


async def today(service: "Service[PageSettings]", viewer: Viewer) -> dict[str, Any]:
    """Return what a leader looks at: what is due and late, who waits and why, who has how much."""
    reps = await UPSTREAM.read(service, "routing", "/v1/reps?limit=1000")
    async with service.transaction() as tx:
        due = await store.pages.due(tx, viewer, tx.now + SOON)
        waiting = await store.pages.waiting(tx, viewer)
        loads = await store.pages.loads(tx, viewer, tx.now)
    mine = [rep for rep in reps if viewer.reach[1] in (None, rep["team"])]
    return {
        "late": [lead for lead in due if lead["due_at"] <= tx.now],
        "soon": [lead for lead in due if lead["due_at"] > tx.now],
        "waiting": waiting,
        "reps": people_of(mine, loads),
        "now": tx.now,
    }


def people_of(reps: Sequence[Mapping[str, Any]], loads: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return reps with their loads, those who cannot take a lead first; those who left only if they have leads."""
    rows = []
    for rep in reps:
        load = loads.get(rep["rep_id"], {})
        if rep["status"] == "left" and not load:
            continue
        rows.append({**rep, "load": load.get("open", 0), "late": load.get("late", 0), "seen": load.get("touched_at")})
    return sorted(rows, key=lambda rep: (rep["able"], -rep["late"], rep["rep_id"]))


async def returned(tx: Transaction, viewer: Viewer, reason: str | None) -> dict[str, Any]:
    """Return what came back, what was written about it, and how often for which reason."""
    leads = await store.pages.returned(tx, viewer, reason, tx.now)
    remarks = await store.pages.remarks(tx, [lead["lead_id"] for lead in leads])
    return {
        "leads": leads,
        "remarks": {
            lead["lead_id"]: [each for each in remarks if each["lead_id"] == lead["lead_id"]] for lead in leads
        },
        "reasons": await store.pages.reasons(tx, viewer, tx.now),
        "now": tx.now,
    }
