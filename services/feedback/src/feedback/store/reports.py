"""Queries: what is stuck, what was changed and spent, marketing's worklist."""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, date, datetime, time
from uuid import UUID

from events.contacts import PlaybookActivated
from events.parts import JsonObject
from events.runtime import Transaction
from events.runtime.rows import Row, read_rows
from feedback.domain.rates import VersionVolume
from feedback.models import PromisedSharesRow

_WORKLIST = """
select * from (
    (select case when l.rang_at >= l.ended_at then 'check' else 'returned' end as kind, l.ended_at as at,
           l.lead_id, l.contact_id, l.cycle, l.state, l.reason, l.track,
           l.wake_at, l.touches, l.lead_type, l.fit, l.source, l.campaign, l.rep_id, l.team, l.segment
    from leads l
    where l.state = 'recycled' and l.woken_at is null
      and ($1::text is null or $1 = case when l.rang_at >= l.ended_at then 'check' else 'returned' end)
      and ($2::text is null or l.reason = $2)
      and ($3::text is null or l.track = $3)
      and ($4::timestamptz is null or (l.ended_at, l.lead_id) < ($4, $5::uuid))
      and not exists (select from leads n where n.contact_id = l.contact_id and n.cycle > l.cycle)
    order by l.ended_at desc, l.lead_id desc limit $6)
    union all
    (select 'review', l.review_opened_at, l.lead_id, l.contact_id, l.cycle, l.state, null, null,
           null, l.touches, l.lead_type, l.fit, l.source, l.campaign, l.rep_id, l.team, l.segment
    from leads l
    where l.review_opened_at is not null and l.review_closed_at is null
      and l.state in ('mql', 'accepted', 'sal', 'sql')
      and ($1::text is null or $1 = 'review') and $2::text is null and $3::text is null
      and ($4::timestamptz is null or (l.review_opened_at, l.lead_id) < ($4, $5::uuid))
    order by l.review_opened_at desc, l.lead_id desc limit $6)
    union all
    (select 'nurture', l.woken_at, l.lead_id, l.contact_id, l.cycle, l.state, l.reason, l.track,
           null, l.touches, l.lead_type, l.fit, l.source, l.campaign, l.rep_id, l.team, l.segment
    from leads l
    where l.state = 'recycled' and l.woken_at >= l.rang_at and l.reason <> all($7::text[])
      and not exists (select from people p where p.contact_id = l.contact_id
                      and p.engaged_at > l.ended_at and p.engaged_at <= l.woken_at)
      and ($1::text is null or $1 = 'nurture') and ($2::text is null or l.reason = $2)
      and ($3::text is null or l.track = $3)
      and ($4::timestamptz is null or (l.woken_at, l.lead_id) < ($4, $5::uuid))
      and not exists (select from leads n where n.contact_id = l.contact_id and n.cycle > l.cycle)
    order by l.woken_at desc, l.lead_id desc limit $6)
) w
order by at desc, lead_id desc limit $6
"""
_STUCK = """
select l.state, count(*) as leads from leads l
join unnest($1::text[], $2::int[]) as s(state, days) on s.state = l.state
where l.state in ('mql', 'accepted', 'sal', 'sql', 'opportunity')
  and greatest(l.since, l.waits_until) < $3::timestamptz - make_interval(days => s.days)
group by 1
"""
_UNTOUCHED = """
select coalesce(team, '') as team, count(*) as leads from leads
where state = 'mql' and touches = 0 and handed_over_at < $1::timestamptz - make_interval(days => $2)
  and (waits_until is null or waits_until < $1::timestamptz - make_interval(days => $2))
group by 1 order by 2 desc, 1
"""
_ACTIVATIONS = """
select service, version, activated_at from activations where activated_at >= $1 and activated_at < $2
order by activated_at, service
"""
_PROMISED_SHARES = "select shares from promised_shares where activated_at < $1 order by activated_at desc limit 1"
_PROMISE_CLOCKS = """
with recursive dimensions (dimension) as (
    (select dimension from tallies order by 1 limit 1)
    union all
    select (select t.dimension from tallies t where t.dimension > d.dimension order by 1 limit 1)
    from dimensions d where d.dimension is not null
)
select split_part(dimension, ':', 2) as clock from dimensions d
where starts_with(dimension, 'promise:')
  and exists (select from tallies t where t.dimension = d.dimension and t.day between $1 and $2) order by 1
"""
"""Steps from one dimension to the next by the key; how a database orders `:` is its collation's."""
_VERSIONS = """
select "group" as version, min(day) as first, max(day) as last, sum(leads) as leads,
       coalesce(sum(leads) filter (where kind = 'mql'), 0) as mqls, coalesce(sum(poor_fit), 0) as poor
from tallies where dimension = 'playbook_version' group by 1 having sum(leads) > 0
"""
_EVIDENCE = "select lead_id, fit, readiness from evidence where lead_id = any($1)"


class ActivatedVersion(Row):
    """When a version of a service's playbook came into force."""

    service: str
    version: str
    activated_at: datetime


class CampaignSpend(Row):
    """A campaign's name and what was spent on it; None where it was not announced."""

    campaign: str
    name: str | None = None
    spend: float | None = None


class WorklistLead(Row):
    """What waits for marketing: a lead that was returned, a size to check, a lead to nurture, or a review."""

    kind: str
    at: datetime
    lead_id: UUID
    contact_id: UUID
    cycle: int
    state: str
    reason: str | None
    track: str | None
    wake_at: datetime | None
    touches: int
    lead_type: str | None
    fit: str | None
    source: str | None
    campaign: str | None
    rep_id: str | None
    team: str | None
    segment: str | None


class AxesEvidence(Row):
    """Why a lead qualified, by both axes as scoring published them."""

    fit: JsonObject
    readiness: JsonObject


class LeadAxesEvidence(Row):
    """The same with whose they are."""

    lead_id: UUID
    fit: JsonObject
    readiness: JsonObject


class WorklistItem(WorklistLead, kw_only=True):
    """The same with the evidence that qualified it, None where scoring published none."""

    evidence: AxesEvidence | None


async def count_stuck_leads(tx: Transaction, days: Mapping[str, int]) -> dict[str, int]:
    """Count, for each open stage, the leads that are in it longer than so many days.

    Of a contact who named a later time the days count from that.
    """
    rows = await tx.raw.fetch(_STUCK, list(days), list(days.values()), tx.now)
    return {row["state"]: row["leads"] for row in rows}


async def count_untouched_leads(tx: Transaction, days: int) -> dict[str, int]:
    """Count, by team, the leads that were handed over so many days ago and that no person touched yet.

    Of a contact who asked to be called later the days count from the time that they named.
    """
    rows = await tx.raw.fetch(_UNTOUCHED, tx.now, days)
    return {row["team"]: row["leads"] for row in rows}


async def list_activations(tx: Transaction, first: date, until: date) -> list[ActivatedVersion]:
    """Return which versions of which playbooks came into force from one day up to another."""
    bounds = (datetime.combine(day, time(), UTC) for day in (first, until))
    return await read_rows(tx, ActivatedVersion, _ACTIVATIONS, *bounds)


async def save_promised_shares(tx: Transaction, found: Iterable[PlaybookActivated]) -> None:
    """Save how large a share of its promises sales promises to keep, since when."""
    rows = [
        {"activated_at": event.occurred_at, "shares": event.promised_shares}
        for event in found
        if event.promised_shares is not None
    ]
    await tx.insert(PromisedSharesRow, rows)


async def load_promised_shares(tx: Transaction, until: date) -> dict[str, float]:
    """Return how large a share of its promises sales had promised to keep just before a day, by clock."""
    rows = await tx.raw.fetch(_PROMISED_SHARES, datetime.combine(until, time(), UTC))
    return dict(rows[0]["shares"]) if rows else {}


async def list_promise_clocks(tx: Transaction, first: date, last: date) -> list[str]:
    """Return the clocks of which promises fell due from one day to another, by their names."""
    rows = await tx.raw.fetch(_PROMISE_CLOCKS, first, last)
    return [row["clock"] for row in rows]


async def load_campaign_spends(tx: Transaction) -> dict[str, CampaignSpend]:
    """Return name and spend of each campaign that was announced."""
    rows = await read_rows(tx, CampaignSpend, "select campaign, name, spend from campaigns")
    return {row.campaign: row for row in rows}


async def load_version_volumes(tx: Transaction) -> list[VersionVolume]:
    """Return the versions of scoring's playbook as the funnel saw them."""
    rows = await tx.raw.fetch(_VERSIONS)
    return [VersionVolume(row["version"], row["first"], row["last"], row["leads"], row["poor"]) for row in rows]


async def list_worklist(
    tx: Transaction,
    *,
    kind: str | None,
    reason: str | None,
    track: str | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
    for_sales: Collection[str],
) -> list[WorklistItem]:
    """Return what waits for marketing, the newest first, with the evidence that qualified it.

    `for_sales` are the reasons whose dated wake-ups start at sales.
    """
    at, lead_id = after or (None, None)
    rows = await read_rows(tx, WorklistLead, _WORKLIST, kind, reason, track, at, lead_id, limit, list(for_sales))
    found = await read_rows(tx, LeadAxesEvidence, _EVIDENCE, [row.lead_id for row in rows])
    evidence = {row.lead_id: AxesEvidence(row.fit, row.readiness) for row in found}
    return [WorklistItem(**row.as_dict(), evidence=evidence.get(row.lead_id)) for row in rows]
