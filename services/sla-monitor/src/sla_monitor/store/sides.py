"""What both sides promised each other and what came of it; misses and how old they are; what looks like a game."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from events.runtime import Transaction
from events.runtime.rows import Row, read_rows
from sla_monitor.domain import DeliveredLeadCounts, PromiseCounts

AgeBy = Literal["team", "rep", "policy", "clock"]
_COLUMN: Mapping[AgeBy, str] = {"team": "team", "rep": "rep_id", "policy": "policy", "clock": "clock"}


class OpenMissesLine(Row):
    """The open misses of one team, rep, policy or clock, by how long ago they fell due."""

    key: str | None
    breaches: int
    oldest_due_at: datetime
    median_seconds: float
    worst_seconds: float
    under_an_hour: int
    under_a_day: int
    under_a_week: int
    older: int


class IgnoredLeadsLine(Row):
    """The open leads of a team that no human touched in time, and still has not."""

    key: str | None
    leads: int
    oldest_due_at: datetime
    worst_seconds: float


class OrphanLeadLine(Row):
    """An open lead that nobody has, or that no promise watches."""

    kind: str
    lead_id: UUID
    contact_id: UUID
    team: str | None
    since: datetime


class SuspiciousPatternLine(Row):
    """A suspicious pattern of one person: how often, and of how many."""

    kind: str
    by: str
    count: int
    of: int | None
    week: datetime | None
    examples: list[UUID]


_DELIVERED = """
select to_char(qualified_at at time zone 'UTC', 'YYYY-MM') as month, lead_type, source, segment, fit, team,
    count(*) as leads, count(*) filter (where not string_to_array(lacks, ' ') && $3::text[]) as complete
from leads where qualified_at >= $1 and qualified_at < $2
group by 1, 2, 3, 4, 5, 6 order by 1
"""

_KEPT = """
select to_char(due_at at time zone 'UTC', 'YYYY-MM') as month, clock, count(*) as due,
    count(*) filter (where rank = 0) as kept
from (
    select clock, min(due_at) as due_at, max((state not in ('met', 'rescinded'))::int) as rank
    from clocks
    where state in ('met', 'rescinded', 'met_late', 'breached') and due_at >= $1 and due_at < $2
    group by lead_id, clock
) as by_lead
group by 1, 2 order by 1, 2
"""

_AGES = """
    select {column} as key, count(*) as breaches, min(due_at) as oldest_due_at,
        percentile_cont(0.5) within group (order by age) as median_seconds, max(age) as worst_seconds,
        count(*) filter (where age < 3600) as under_an_hour,
        count(*) filter (where age >= 3600 and age < 86400) as under_a_day,
        count(*) filter (where age >= 86400 and age < 604800) as under_a_week,
        count(*) filter (where age >= 604800) as older
    from (
        select *, extract(epoch from business_now() - due_at)::float8 as age from clocks
        where state = 'breached' and breached_at is not null and closed_at is null
            and lead_id not in (select lead_id from leads where outcome)
    ) as open_breaches
    where $1::text is null or coalesce({column}, '') > $1
    group by {column} order by coalesce({column}, '') limit $2
"""

_IGNORED = """
select c.team as key, count(*) as leads, min(c.due_at) as oldest_due_at,
    max(extract(epoch from business_now() - c.due_at))::float8 as worst_seconds
from clocks c join leads l using (lead_id)
where c.clock = 'first_touch' and c.state = 'breached' and c.breached_at is not null
    and l.touches = 0 and l.ended_at is null and not l.outcome
    and (l.waits_until is null or l.waits_until <= business_now())
    and ($1::text is null or coalesce(c.team, '') > $1)
group by c.team order by coalesce(c.team, '') limit $2
"""

_ORPHANS = """
select * from (
    select 'ownerless' as kind, lead_id, contact_id, team, handed_over_at as since from leads
    where ended_at is null and handed_over_at is not null and rep_id is null
    union all
    select 'clockless', l.lead_id, l.contact_id, l.team, l.handed_over_at from leads l
    where l.ended_at is null and l.handed_over_at is not null
        and not exists (select from clocks c where c.lead_id = l.lead_id and c.clock = 'first_touch')
) as orphans
where $1::timestamptz is null
    or (since, lead_id, kind) > ($1, $2::uuid, $3::text)
order by since, lead_id, kind limit $4
"""

_HURRIED = """
    select 'hurried_touch' as kind, rep_id as by, count(*) filter (where hurried) as count, count(*) as of,
        null::timestamptz as week, (array_agg(lead_id order by met_at desc) filter (where hurried))[1:5] as examples
    from (
        select rep_id, lead_id, met_at, met_at > due_at - $3::interval as hurried from clocks
        where state in ('met', 'rescinded') and clock <> 'review' and rep_id is not null
            and met_at >= $1 and met_at < $2 and due_at - started_at >= 4 * $3::interval
    ) as kept
    group by rep_id having count(*) filter (where hurried) > 0
"""
_ODD = """
    select o.kind, o.by, count(*) as count, null::bigint as of, {week} as week,
        (array_agg(lead_id order by o.at desc))[1:5] as examples
    from (
        select lead_id, one->>0 as kind, one->>1 as by, (one->>2)::timestamptz as at
        from leads, jsonb_array_elements(odd) as one where odd is not null
    ) as o
    where o.at >= $1 and o.at < $2 {more}
"""
_OF_WEEK = "date_trunc('week', o.at, 'UTC')"
_SUSPICIONS = f"""
select * from (
    {_HURRIED}
    union all
    {_ODD.format(week="null::timestamptz", more="and o.kind = 'short_call' group by o.kind, o.by")}
    union all
    select 'mass_return', o.by, o.count, o.of, o.week, o.examples from (
        {_ODD.format(week=_OF_WEEK, more=f"and o.kind = 'returned_before_review' group by o.kind, o.by, {_OF_WEEK}")}
    ) as o where o.count >= $4
) as found
order by count desc, kind, by limit $5
"""  # noqa: S608 - our own text alone


async def count_qualified_leads_by_month(
    tx: Transaction, since: datetime, until: datetime, facts: Sequence[str]
) -> list[DeliveredLeadCounts]:
    """Count the leads of each month by what a promise may ask of them, and those that came with all these facts."""
    return [DeliveredLeadCounts(*row) for row in await tx.raw.fetch(_DELIVERED, since, until, list(facts))]


async def count_kept_promises_by_month(tx: Transaction, since: datetime, until: datetime) -> list[PromiseCounts]:
    """Count, by month and clock, the leads whose promises fell due, and those whose were kept."""
    return [PromiseCounts(*row) for row in await tx.raw.fetch(_KEPT, since, until)]


async def count_open_misses_by_age(
    tx: Transaction, by: AgeBy, *, after: str | None, limit: int
) -> list[OpenMissesLine]:
    """Count the misses that are still open, by how long ago they fell due; none of leads with an opportunity."""
    return await read_rows(tx, OpenMissesLine, _AGES.format(column=_COLUMN[by]), after, limit)


async def count_ignored_leads(tx: Transaction, *, after: str | None, limit: int) -> list[IgnoredLeadsLine]:
    """Count, by team, the open leads that no human touched in time, and still has not (L7).

    A contact who asked to be called later is ignored by nobody before that time.
    """
    return await read_rows(tx, IgnoredLeadsLine, _IGNORED, after, limit)


async def list_orphan_leads(tx: Transaction, *, after: tuple[Any, ...] | None, limit: int) -> list[OrphanLeadLine]:
    """List the open leads that nobody has or that no promise watches (L8), the oldest first."""
    return await read_rows(tx, OrphanLeadLine, _ORPHANS, *(after or (None, None, None)), limit)


async def count_suspicious_acts(
    tx: Transaction, since: datetime, until: datetime, *, hurried: timedelta, returns: int, limit: int
) -> list[SuspiciousPatternLine]:
    """Count, by person, what looks as if a clock was worked instead of a lead; the most first."""
    return await read_rows(tx, SuspiciousPatternLine, _SUSPICIONS, since, until, hurried, returns, limit)
