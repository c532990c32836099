"""What the pages with several parts show."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from desk import store
from desk.domain import Viewer
from desk.domain.facts import Fact
from desk.handlers.errors import LeadUnknown
from desk.handlers.upstream import UPSTREAM, Rep
from desk.store.pages import MarketingAnswer, PageLead, ReasonCount, StoryLine, WrittenRemark
from desk.store.worklists import Counts, Load
from events.runtime import Transaction, merges

if TYPE_CHECKING:
    from desk.settings import PageSettings
    from events.runtime import Service

ANSWERS = timedelta(days=30)
REVIEWS = "/v1/reviews?limit=200"
SHOWN_TODAY, SHOWN = 50, 200
"""How many leads a part of a page shows, and a list of its own."""


class MyLeads(NamedTuple):
    """A rep's open leads, and what marketing answered lately; `now` is the business time of all pages."""

    leads: list[PageLead]
    answers: list[MarketingAnswer]
    now: datetime


class PersonPage(NamedTuple):
    """A person: their leads, of which `lead` is the latest, their story, and who else their account has."""

    leads: list[PageLead]
    lead: PageLead
    story: list[StoryLine]
    remarks: list[WrittenRemark]
    account: Fact
    now: datetime


class RepLoad(NamedTuple):
    """A rep and their work: open leads, how many of them are late, and when they last reached out to one."""

    rep_id: str
    team: str
    status: str
    able: bool
    why_not: str | None
    load: int
    late: int
    seen: datetime | None


class Today(NamedTuple):
    """What is late, due soon and waiting in line, the first of each and how many there are; and who has how much."""

    counts: Counts
    late: list[PageLead]
    soon: list[PageLead]
    waiting: list[PageLead]
    reps: list[RepLoad]
    now: datetime


class Reviews(NamedTuple):
    """Leads on whose outcome marketing decides, each with what sla-monitor says of its review."""

    reviews: list[tuple[PageLead, Fact]]
    is_away: bool
    """Whether the service that has them does not answer just now."""
    now: datetime


class Returned(NamedTuple):
    """What came back, what was written about each lead, and how often for which reason."""

    leads: list[PageLead]
    remarks: Mapping[UUID, list[WrittenRemark]]
    reasons: list[ReasonCount]
    now: datetime


async def my_leads(service: "Service[PageSettings]", viewer: Viewer) -> MyLeads:
    """Return a rep's open leads by what is due next, and what marketing answered lately."""
    async with service.transaction() as tx:
        leads = await store.pages.my_leads(tx, viewer)
        answers = await store.pages.answers(tx, viewer, tx.now - ANSWERS)
    return MyLeads(leads, answers, tx.now)


async def person(service: "Service[PageSettings]", viewer: Viewer, contact_id: UUID) -> PersonPage:
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
        remarks = await store.pages.remarks_about(tx, contacts)
        account = await _account(tx, leads[0].account)
    return PersonPage(leads, leads[0], story, remarks, account, tx.now)


async def _account(tx: Transaction, shown: Fact) -> Fact:
    """Return the people of a lead's account with their names, the most senior first; empty where none is known."""
    if not shown:
        return {}
    names = await store.pages.colleagues(tx, [UUID(person["contact_id"]) for person in shown["people"]])
    people = [
        person
        | names[UUID(person["contact_id"])].as_dict()
        | {"is_main": person["contact_id"] == shown["main_contact_id"]}
        for person in shown["people"]
        if UUID(person["contact_id"]) in names
    ]
    return {**shown, "people": people}


async def today(service: "Service[PageSettings]", viewer: Viewer) -> Today:
    """Return what a leader looks at: what is due and late, who waits and why, who has how much."""
    reps = await UPSTREAM.reps(service)
    async with service.transaction() as tx:
        counts = await store.worklists.counts(tx, viewer)
        late = await store.worklists.work(tx, viewer, "late", None, 0, SHOWN_TODAY)
        soon = await store.worklists.work(tx, viewer, "soon", None, 0, SHOWN_TODAY)
        waiting = await store.worklists.work(tx, viewer, "waiting", None, 0, SHOWN_TODAY)
        loads = await store.worklists.loads(tx, viewer)
    mine = [rep for rep in reps if viewer.reach[1] in (None, rep.team)]
    return Today(
        counts=counts,
        late=late,
        soon=soon,
        waiting=waiting,
        reps=people_of(mine, loads),
        now=tx.now,
    )


def people_of(reps: Sequence[Rep], loads: Mapping[str, Load]) -> list[RepLoad]:
    """Return reps with their loads, those who cannot take a lead first; those who left only if they have leads."""
    rows = []
    for rep in reps:
        load = loads.get(rep.rep_id)
        if rep.status == "left" and not load:
            continue
        work = (load.open, load.late, load.touched_at) if load else (0, 0, None)
        rows.append(RepLoad(rep.rep_id, rep.team, rep.status, rep.able, rep.why_not, *work))
    return sorted(rows, key=lambda rep: (rep.able, -rep.late, rep.rep_id))


async def reviews(service: "Service[PageSettings]", viewer: Viewer) -> Reviews:
    """Return the leads on whose outcome marketing decides, the first decision that is due first."""
    listed = await UPSTREAM.items(service, "sla-monitor", REVIEWS)
    items = {UUID(item["lead_id"]): item for item in listed or ()}
    async with service.transaction() as tx:
        leads = await store.pages.leads_by_id(tx, viewer, items)
        found = [(lead, items[lead.lead_id]) for lead in leads]
        return Reviews(sorted(found, key=lambda pair: str(pair[1]["due_at"])), listed is None, tx.now)


async def digest(service: "Service[PageSettings]", week: str | None) -> str | None:
    """Return the page of a week, that of the last whole one if none is named; None where feedback does not answer."""
    path = f"/v1/digest?format=html{f'&week={week}' if week else ''}"
    content = await UPSTREAM.download(service, "feedback", path)
    return None if content is None else content.decode()


async def returned(tx: Transaction, viewer: Viewer, reason: str | None, skip: int) -> Returned:
    """Return what came back, after so many, what was written about it, and how often for which reason."""
    leads = await store.pages.returned(tx, viewer, reason, tx.now, skip=skip, at_most=SHOWN_TODAY + 1)
    remarks = await store.pages.remarks(tx, [lead.lead_id for lead in leads])
    by_lead = {lead.lead_id: [each for each in remarks if each.lead_id == lead.lead_id] for lead in leads}
    return Returned(leads, by_lead, await store.pages.reasons(tx, viewer, tx.now), tx.now)
