"""What the pages with several parts show."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from desk import store
from desk.domain import Viewer, orders
from desk.domain.facts import Fact
from desk.domain.orders import Target
from desk.handlers.errors import LeadUnknown, NotForYou
from desk.handlers.upstream import UPSTREAM, Rep
from desk.store.pages import MarketingAnswer, PageLead, ReasonCount, StoryLine, WrittenRemark
from desk.store.worklists import RepWorkload, WorkCounts
from events.runtime import Transaction, merges

if TYPE_CHECKING:
    from desk.settings import PageSettings
    from events.runtime import Service

ANSWERS = timedelta(days=30)
REVIEWS = "/v1/reviews"
DigestListKind = Literal["leads", "clocks", "touches", "proposal-sources"]
SHOWN_TODAY, SHOWN = 50, 200
"""How many leads a part of a page shows, and a list of its own."""


class MyLeadsPage(NamedTuple):
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
    last_touch_at: datetime | None


class TodayPage(NamedTuple):
    """What is late, due soon and waiting in line, the first of each and how many there are; and who has how much."""

    counts: WorkCounts
    late: list[PageLead]
    soon: list[PageLead]
    waiting: list[PageLead]
    reps: list[RepLoad]
    now: datetime


class DigestListPage(NamedTuple):
    """Leads behind a number of the digest; `hidden` others the reader may not see, and `following` is the next page."""

    leads: list[tuple[PageLead | None, Fact]]
    """Each with what was counted of it; None: feedback that is about nobody."""
    hidden: int
    following: str | None
    now: datetime


class ReviewsPage(NamedTuple):
    """Leads on whose outcome marketing decides, each with what sla-monitor says of its review."""

    reviews: list[tuple[PageLead, Fact]]
    is_away: bool
    """Whether the service that has them does not answer just now."""
    following: str | None
    """Where the next page begins, whose reviews opened later."""
    now: datetime


class ReturnedLeadsPage(NamedTuple):
    """What came back, what was written about each lead, and how often for which reason."""

    leads: list[PageLead]
    remarks: Mapping[UUID, list[WrittenRemark]]
    reasons: list[ReasonCount]
    now: datetime


async def load_my_leads_page(service: "Service[PageSettings]", viewer: Viewer) -> MyLeadsPage:
    """Return a rep's open leads by what is due next, and what marketing answered lately."""
    async with service.transaction() as tx:
        leads = await store.pages.load_leads_of_rep(tx, viewer)
        answers = await store.pages.load_marketing_answers(tx, viewer, tx.now - ANSWERS)
    return MyLeadsPage(leads, answers, tx.now)


async def preview_route(
    service: "Service[PageSettings]", viewer: Viewer, contact_id: UUID
) -> tuple[PageLead, Fact, datetime]:
    """Return a person's latest lead, and where routing would send one like it now.

    Raises:
        NotForYou: The viewer's role does not decide who gets a lead.
        LeadUnknown: There is no lead of theirs that the viewer may see.
        ActionRefused: routing does not answer, or cannot route what is known of the lead.
    """
    if not viewer.may("route"):
        raise NotForYou
    page = await load_person_page(service, viewer, contact_id)
    facts = {**page.lead.raised, "lead_type": page.lead.lead_type, "fit": page.lead.fit}
    return (
        page.lead,
        await UPSTREAM.ask(service, orders.build_route_preview(page.lead.contact_id, facts)),
        page.now,
    )


async def load_person_page(service: "Service[PageSettings]", viewer: Viewer, contact_id: UUID) -> PersonPage:
    """Return a person with their leads, their story and what was written about them.

    Raises:
        LeadUnknown: There is no lead of theirs that the viewer may see.
    """
    async with service.transaction() as tx:
        contacts = (await merges.load_people_of_contacts(tx, [contact_id]))[contact_id].contact_ids
        leads = await store.pages.load_leads_of_person(tx, viewer, contacts)
        if not leads:
            raise LeadUnknown
        story = await store.pages.load_story(tx, contacts)
        remarks = await store.pages.load_remarks_about(tx, contacts)
        account = await _account(tx, leads[0].account)
    return PersonPage(leads, leads[0], story, remarks, account, tx.now)


async def _account(tx: Transaction, shown: Fact) -> Fact:
    """Return the people of a lead's account with their names, the most senior first; empty where none is known."""
    if not shown:
        return {}
    names = await store.pages.load_account_people(tx, [UUID(person["contact_id"]) for person in shown["people"]])
    people = [
        person
        | names[UUID(person["contact_id"])].as_dict()
        | {"is_main": person["contact_id"] == shown["main_contact_id"]}
        for person in shown["people"]
        if UUID(person["contact_id"]) in names
    ]
    return {**shown, "people": people}


async def load_today_page(service: "Service[PageSettings]", viewer: Viewer) -> TodayPage:
    """Return what a leader looks at: what is due and late, who waits and why, who has how much."""
    reps = await UPSTREAM.fetch_reps(service)
    async with service.transaction() as tx:
        counts = await store.worklists.count_open_leads(tx, viewer)
        late = await store.worklists.load_open_leads(tx, viewer, "late", None, 0, SHOWN_TODAY)
        soon = await store.worklists.load_open_leads(tx, viewer, "soon", None, 0, SHOWN_TODAY)
        waiting = await store.worklists.load_open_leads(tx, viewer, "waiting", None, 0, SHOWN_TODAY)
        loads = await store.worklists.load_rep_workloads(tx, viewer)
    mine = [rep for rep in reps if viewer.reach[1] in (None, rep.team)]
    return TodayPage(
        counts=counts,
        late=late,
        soon=soon,
        waiting=waiting,
        reps=load_rep_loads(mine, loads),
        now=tx.now,
    )


def load_rep_loads(reps: Sequence[Rep], loads: Mapping[str, RepWorkload]) -> list[RepLoad]:
    """Return reps with their loads, those who cannot take a lead first; those who left only if they have leads."""
    rows = []
    for rep in reps:
        load = loads.get(rep.rep_id)
        if rep.status == "left" and not load:
            continue
        work = (load.open, load.late, load.touched_at) if load else (0, 0, None)
        rows.append(RepLoad(rep.rep_id, rep.team, rep.status, rep.able, rep.why_not, *work))
    return sorted(rows, key=lambda rep: (rep.able, -rep.late, rep.rep_id))


async def load_reviews_page(service: "Service[PageSettings]", viewer: Viewer, cursor: str | None) -> ReviewsPage:
    """Return a page of the leads on whose outcome marketing decides, the first decision that is due first."""
    filters = {"limit": SHOWN, **({"cursor": cursor} if cursor else {})}
    listed = await UPSTREAM.fetch(service, "sla-monitor", f"{REVIEWS}?{urlencode(filters)}")
    items = {UUID(item["lead_id"]): item for item in (listed or {}).get("items", ())}
    async with service.transaction() as tx:
        leads = await store.pages.load_leads_by_id(tx, viewer, items)
        found = [(lead, items[lead.lead_id]) for lead in leads]
        first_due = sorted(found, key=lambda pair: str(pair[1]["due_at"]))
        return ReviewsPage(first_due, listed is None, (listed or {}).get("next"), tx.now)


async def load_digest_page(service: "Service[PageSettings]", week: str | None) -> str | None:
    """Return the page of a week, that of the last whole one if none is named; None where feedback does not answer."""
    path = f"/v1/digest?format=html&lists=/digest{f'&week={week}' if week else ''}"
    content = await UPSTREAM.download(service, "feedback", path)
    return None if content is None else content.decode()


async def load_digest_list(
    service: "Service[PageSettings]", viewer: Viewer, listed: DigestListKind, filters: Sequence[tuple[str, str]]
) -> DigestListPage | None:
    """Return a page of the leads, or of those of clocks or touches, behind a number; None: it cannot be read."""
    target: Target = "sla-monitor" if listed == "clocks" else "feedback"
    found = await UPSTREAM.fetch(service, target, f"/v1/{listed}?{urlencode([*filters, ('limit', SHOWN)])}")
    if found is None:
        return None
    ids = [UUID(item["lead_id"]) if item["lead_id"] else None for item in found["items"]]
    async with service.transaction() as tx:
        known = await store.pages.load_leads_by_id(tx, viewer, [each for each in ids if each])
        leads = {lead.lead_id: lead for lead in known}
        items = zip(ids, found["items"], strict=True)
        shown = [(leads[key] if key else None, item) for key, item in items if key is None or key in leads]
        return DigestListPage(shown, len(ids) - len(shown), found["next"], tx.now)


async def load_returned_page(tx: Transaction, viewer: Viewer, reason: str | None, skip: int) -> ReturnedLeadsPage:
    """Return what came back, after so many, what was written about it, and how often for which reason."""
    leads = await store.pages.load_returned_leads(tx, viewer, reason, tx.now, skip=skip, at_most=SHOWN_TODAY + 1)
    remarks = await store.pages.load_remarks(tx, [lead.lead_id for lead in leads])
    by_lead = {lead.lead_id: [each for each in remarks if each.lead_id == lead.lead_id] for lead in leads}
    return ReturnedLeadsPage(leads, by_lead, await store.pages.count_return_reasons(tx, viewer, tx.now), tx.now)
