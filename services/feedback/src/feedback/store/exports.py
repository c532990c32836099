"""Leads as whoever models them wants them: what was known when they qualified, and what became of them."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from events.parts import JsonObject
from events.runtime import Transaction
from events.runtime.rows import Row, read_rows


class ExportedLead(Row):
    """What was known of a lead when it qualified, and what became of it."""

    lead_id: UUID
    contact_id: UUID
    cycle: int
    qualified_at: datetime
    lead_type: str | None
    fit: str | None
    fit_points: float | None
    fit_evidence: list[JsonObject] | None
    readiness: int | None
    readiness_points: float | None
    readiness_evidence: list[JsonObject] | None
    source: str | None
    campaign: str | None
    segment: str | None
    playbook_version: str | None
    team: str | None
    handed_over_at: datetime | None
    first_touched_at: datetime | None
    touches: int
    automated_touches: int
    accepted_at: datetime | None
    sal_at: datetime | None
    confirmed_at: datetime | None
    opportunity_at: datetime | None
    won_at: datetime | None
    lost_at: datetime | None
    ended_at: datetime | None
    reason: str | None
    track: str | None
    amount: float | None
    revenue: float
    state: str
    label: str


_EXPORT = """
select l.lead_id, l.contact_id, l.cycle, l.qualified_at, l.lead_type, l.fit,
       (e.fit ->> 'points')::double precision as fit_points, e.fit -> 'evidence' as fit_evidence,
       e.readiness -> 'level' as readiness, (e.readiness ->> 'points')::double precision as readiness_points,
       e.readiness -> 'evidence' as readiness_evidence, l.source, l.campaign, l.segment, l.playbook_version, l.team,
       l.handed_over_at, l.first_touched_at, l.touches, l.automated_touches, l.accepted_at, l.sal_at, l.confirmed_at,
       l.opportunity_at, l.won_at, l.lost_at, l.ended_at, l.reason, l.track, l.amount, l.revenue, l.state,
       case when l.won_at is not null then 'won' when l.confirmed_at is not null then 'sql'
            when l.state in ('recycled', 'disqualified') then 'returned' else 'open' end as label
from leads l left join evidence e using (lead_id)
where l.qualified_at >= $1 and l.qualified_at < $2 and ($3::uuid is null or l.lead_id > $3)
order by l.lead_id limit $4
"""


async def list_exported_leads(
    tx: Transaction, first: date, last: date, after: UUID | None, limit: int
) -> list[ExportedLead]:
    """Return a page of leads that qualified between two days, in the order of their ids."""
    since, until = (datetime.combine(day, time(), UTC) for day in (first, last + timedelta(days=1)))
    return await read_rows(tx, ExportedLead, _EXPORT, since, until, after, limit)
