"""What the pages show of leads and people; each query keeps to the leads that its reader may see."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from desk import domain
from desk.domain import OPEN, Viewer
from desk.domain.facts import Fact, Known
from desk.models import RemarkRow
from events.runtime import Transaction
from events.runtime.rows import Row, read_row, read_rows

LEAD = """
select l.lead_id, l.contact_id, l.state, l.rep_id, l.owner_id, l.team, l.queue, l.lead_type, l.fit, l.campaign,
    l.qualified_at, l.placed_at, l.due_at, l.due_clock, l.ended_at, l.reason, l.facts, p.name, p.email, p.phone,
    p.company, p.job_title, p.country, p.message, p.suppressed, c.name as campaign_name, c.brief
from leads l left join people p using (contact_id) left join campaigns c on c.campaign = l.campaign
"""
_FOUND = LEAD.replace("from leads l", "from found join leads l using (lead_id)")
SHOWN_ANSWERS = 3
IS_OPEN = f"l.state in {OPEN}"
_REASON = "coalesce(l.reason, 'none given')"
_CAME_BACK = """
select l.lead_id, l.ended_at, {answered} as answered from leads l
where {reach} and l.state in ('recycled', 'disqualified') and l.ended_at >= $3 and {same}
    and {exists} (select from remarks r where r.lead_id = l.lead_id and r.kind = 'answer')
order by l.ended_at desc, l.lead_id limit {enough}
"""
_RETURNED = f"""
with halves as materialized (({{waiting}}) union all ({{answered}})), found as materialized (
    select * from halves order by answered, ended_at desc, lead_id limit {{at_most}} offset $5::bigint
)
{_FOUND}
order by found.answered, l.ended_at desc, l.lead_id
"""
"""Each half ends after as many as are shown, so what came back in 90 days is neither joined nor sorted whole."""


def build_visibility_condition(viewer: Viewer) -> str:
    """Return of which leads a reader sees anything, as a condition; `$1` and `$2` are `Viewer.reach`.

    What does not bound them is left out: a statement is planned once, whoever asks, and finds by an index only what it
    always names.
    """
    owner, team = viewer.reach
    return " and ".join(
        [
            "$1::text is null" if owner is None else "l.owner_id = $1",
            "$2::text is null" if team is None else "l.team = $2",
        ]
    )


def build_lead_query(condition: str, order: str, bounds: str) -> str:
    """Return how to read the leads that an index finds: what stands on a page is read of those on it alone."""
    found = f"select l.lead_id from leads l where {condition} order by {order} {bounds}"
    return f"with found as materialized ({found}) {_FOUND} order by {order}"


class LeadLine(Row):
    """A lead with its person and its campaign, as far as they are known."""

    lead_id: UUID
    contact_id: UUID
    state: str
    rep_id: str | None
    owner_id: str | None
    team: str | None
    queue: str | None
    lead_type: str | None
    fit: str | None
    campaign: str | None
    qualified_at: datetime | None
    placed_at: datetime | None
    due_at: datetime | None
    due_clock: str | None
    ended_at: datetime | None
    reason: str | None
    facts: Known
    name: str | None
    email: str | None
    phone: str | None
    company: str | None
    job_title: str | None
    country: str | None
    message: str | None
    suppressed: list[str] | None
    campaign_name: str | None
    brief: str | None


class PageLead(LeadLine, kw_only=True):
    """The same with its facts in the parts that pages read; `open` is whether it is somebody's work."""

    raised: Fact
    place: Fact
    ended: Fact
    regraded: Fact
    account: Fact
    scheduled: Fact
    open: bool


class AccountPerson(Row):
    """Somebody of a lead's account."""

    contact_id: UUID
    name: str | None
    job_title: str | None
    email: str | None
    phone: str | None
    suppressed: list[str]


class StoryLine(Row):
    """A line of a contact's story."""

    entry_id: UUID
    lead_id: UUID | None
    kind: str
    at: datetime
    body: Fact


class WrittenRemark(Row):
    """What somebody wrote about a lead: a note with a `return`, or an `answer` to it."""

    remark_id: UUID
    lead_id: UUID
    kind: str
    by: str
    at: datetime
    body: Fact


class MarketingAnswer(Row):
    """What marketing answered about a lead, with whom it is about and why it came back."""

    remark_id: UUID
    lead_id: UUID
    by: str
    at: datetime
    body: Fact
    contact_id: UUID
    reason: str | None
    name: str | None
    company: str | None


class ReasonCount(Row):
    """How many leads came back for a reason."""

    reason: str
    leads: int


async def load_owners(tx: Transaction, contact_ids: Collection[UUID]) -> set[str]:
    """Return the reps and teams who have leads of these contacts."""
    rows = await tx.raw.fetch(
        "select owner_id, team from leads where contact_id = any($1) group by owner_id, team", list(contact_ids)
    )
    return {name for row in rows for name in row if name}


async def load_leads_of_rep(tx: Transaction, viewer: Viewer, at_most: int = 200) -> list[PageLead]:
    """Return the open leads that a rep has, by what is due next."""
    lines = await read_rows(
        tx, LeadLine,
        build_lead_query(
            f"{build_visibility_condition(viewer)} and {IS_OPEN} and l.rep_id is not null",
            "l.due_at nulls last, l.placed_at desc, l.lead_id",
            f"limit {at_most}",
        ),
        *viewer.reach,
    )  # fmt: skip
    return list(map(make_page_lead, lines))


async def load_lead(tx: Transaction, viewer: Viewer, lead_id: UUID) -> PageLead | None:
    """Return a lead with its person; None where there is none that the reader may see."""
    found = await read_row(
        tx, LeadLine, f"{LEAD} where {build_visibility_condition(viewer)} and l.lead_id = $3", *viewer.reach, lead_id
    )
    return make_page_lead(found) if found else None


async def load_leads_by_id(tx: Transaction, viewer: Viewer, lead_ids: Collection[UUID]) -> list[PageLead]:
    """Return leads with their people by their ids, those that the reader may see."""
    sql = f"{LEAD} where {build_visibility_condition(viewer)} and l.lead_id = any($3)"
    return list(map(make_page_lead, await read_rows(tx, LeadLine, sql, *viewer.reach, list(lead_ids))))


async def load_leads_of_person(tx: Transaction, viewer: Viewer, contact_ids: Collection[UUID]) -> list[PageLead]:
    """Return the leads of a person that the reader may see, the latest first."""
    lines = await read_rows(
        tx, LeadLine,
        f"{LEAD} where {build_visibility_condition(viewer)} and l.contact_id = any($3)"
        " order by l.qualified_at desc nulls last, l.cycle desc",
        *viewer.reach, list(contact_ids),
    )  # fmt: skip
    return list(map(make_page_lead, lines))


async def load_account_people(tx: Transaction, contact_ids: Collection[UUID]) -> dict[UUID, AccountPerson]:
    """Return who these people of an account are; who was erased is missing."""
    rows = await read_rows(
        tx, AccountPerson,
        "select contact_id, name, job_title, email, phone, suppressed from people where contact_id = any($1)",
        list(contact_ids),
    )  # fmt: skip
    return {row.contact_id: row for row in rows}


async def load_story(tx: Transaction, contact_ids: Collection[UUID], at_most: int = 300) -> list[StoryLine]:
    """Return what happened to a person, the latest first."""
    return await read_rows(
        tx, StoryLine,
        "select entry_id, lead_id, kind, at, body from entries where contact_id = any($1)"
        f" order by at desc, kind desc, entry_id limit {at_most}",
        list(contact_ids),
    )  # fmt: skip


async def count_story_entries(tx: Transaction, lead_id: UUID, kinds: Collection[str]) -> int:
    """Count the lines of a lead's story that are of these kinds."""
    rows = await tx.raw.fetch(
        "select count(*) as entries from entries e join leads l using (contact_id)"
        " where l.lead_id = $1 and e.lead_id = $1 and e.kind = any($2)",
        lead_id, list(kinds),
    )  # fmt: skip
    return int(rows[0]["entries"])


_REMARKS = "select remark_id, lead_id, kind, by, at, body from remarks where {key} = any($1) order by at, remark_id"


async def load_remarks(tx: Transaction, lead_ids: Collection[UUID]) -> list[WrittenRemark]:
    """Return what was written about leads here, the earliest first."""
    return await read_rows(tx, WrittenRemark, _REMARKS.format(key="lead_id"), list(lead_ids))


async def load_remarks_about(tx: Transaction, contact_ids: Collection[UUID]) -> list[WrittenRemark]:
    """Return what was written about all leads of these contacts, the earliest first: whoever has them now reads it."""
    return await read_rows(tx, WrittenRemark, _REMARKS.format(key="contact_id"), list(contact_ids))


async def load_marketing_answers(tx: Transaction, viewer: Viewer, since: datetime) -> list[MarketingAnswer]:
    """Return what marketing answered about the reader's leads since an instant, the latest first."""
    return await read_rows(
        tx, MarketingAnswer,
        "select r.remark_id, r.lead_id, r.by, r.at, r.body, l.contact_id, l.reason, p.name, p.company"
        " from remarks r join leads l using (lead_id) left join people p on p.contact_id = l.contact_id"
        f" where {build_visibility_condition(viewer)} and r.kind = 'answer' and r.at >= $3"
        f" order by r.at desc limit {SHOWN_ANSWERS}",
        *viewer.reach, since,
    )  # fmt: skip


async def save_remark(tx: Transaction, contact_id: UUID, remark: WrittenRemark) -> None:
    """Save what somebody wrote about a contact's lead; the same remark again changes nothing."""
    await tx.insert(RemarkRow, [{"contact_id": contact_id, **remark.as_dict()}])


async def load_returned_leads(
    tx: Transaction, viewer: Viewer, reason: str | None, now: datetime, *, skip: int, at_most: int
) -> list[PageLead]:
    """Return the leads that came back within 90 days, those without an answer first, after so many."""
    since = now - timedelta(days=90)
    same = "$4::text is null" if reason is None else f"{_REASON} = $4"
    halves = {
        half: _CAME_BACK.format(
            reach=build_visibility_condition(viewer), same=same, answered=answered, exists=exists, enough=skip + at_most
        )
        for half, answered, exists in (("waiting", "false", "not exists"), ("answered", "true", "exists"))
    }
    lines = await read_rows(
        tx, LeadLine, _RETURNED.format(**halves, at_most=at_most), *viewer.reach, since, reason, skip
    )
    return list(map(make_page_lead, lines))


async def count_return_reasons(tx: Transaction, viewer: Viewer, now: datetime) -> list[ReasonCount]:
    """Count why leads came back within 90 days, the commonest reason first."""
    return await read_rows(
        tx, ReasonCount,
        f"select {_REASON} as reason, count(*) as leads from leads l"
        f" where {build_visibility_condition(viewer)} and l.state in ('recycled', 'disqualified') and l.ended_at >= $3"
        " group by 1 order by 2 desc, 1",
        *viewer.reach, now - timedelta(days=90),
    )  # fmt: skip


def make_page_lead(line: LeadLine) -> PageLead:
    """Return a lead as pages show it; what its profile does not say is as it was when it was qualified."""
    parts = domain.make_lead_page_facts(line.facts)
    about = {name: getattr(line, name) or parts.raised.get(name) for name in ("company", "job_title", "country")}
    return PageLead(**{**line.as_dict(), **about}, **parts._asdict(), open=line.state in OPEN)
