"""What both sides promised each other and what came of it; misses and how old they are; what looks like a game."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from events.runtime import Transaction

AgeBy = Literal["team", "rep", "policy", "clock"]
_COLUMN: Mapping[AgeBy, str] = {"team": "team", "rep": "rep_id", "policy": "policy", "clock": "clock"}

_DELIVERED = sa.text(
    """
    select to_char(qualified_at at time zone 'UTC', 'YYYY-MM') as month, lead_type, source, segment, fit, team,
        count(*) as leads, count(*) filter (where not string_to_array(lacks, ' ') && :facts) as complete
    from leads where qualified_at >= :since and qualified_at < :until
    group by 1, 2, 3, 4, 5, 6 order by 1
    """
).bindparams(sa.bindparam("facts", type_=sa.ARRAY(sa.Text)))

_KEPT = sa.text(
    """
    select to_char(due_at at time zone 'UTC', 'YYYY-MM') as month, clock, count(*) as due,
        count(*) filter (where rank = 0) as kept
    from (
        select clock, min(due_at) as due_at, max((state not in ('met', 'rescinded'))::int) as rank
        from clocks
        where state in ('met', 'rescinded', 'met_late', 'breached') and due_at >= :since and due_at < :until
        group by lead_id, clock
    ) as by_lead
    group by 1, 2 order by 1, 2
    """
)

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
    ) as open_breaches
    where cast(:after as text) is null or coalesce({column}, '') > :after
    group by {column} order by coalesce({column}, '') limit :limit
"""

_IGNORED = sa.text(
    """
    select c.team as key, count(*) as leads, min(c.due_at) as oldest_due_at,
        max(extract(epoch from business_now() - c.due_at))::float8 as worst_seconds
    from clocks c join leads l using (lead_id)
    where c.clock = 'first_touch' and c.state = 'breached' and c.breached_at is not null
        and l.touches = 0 and l.ended_at is null and not l.outcome
        and (cast(:after as text) is null or coalesce(c.team, '') > :after)
    group by c.team order by coalesce(c.team, '') limit :limit
    """
)

_ORPHANS = sa.text(
    """
    select * from (
        select 'ownerless' as kind, lead_id, contact_id, team, handed_over_at as since from leads
        where ended_at is null and handed_over_at is not null and rep_id is null
        union all
        select 'clockless', l.lead_id, l.contact_id, l.team, l.handed_over_at from leads l
        where l.ended_at is null and l.handed_over_at is not null
            and not exists (select from clocks c where c.lead_id = l.lead_id and c.clock = 'first_touch')
    ) as orphans
    where cast(:since as timestamptz) is null
        or (since, lead_id, kind) > (:since, cast(:lead_id as uuid), cast(:kind as text))
    order by since, lead_id, kind limit :limit
    """
)

_HURRIED = """
    select 'hurried_touch' as kind, rep_id as by, count(*) filter (where hurried) as count, count(*) as of,
        (array_agg(lead_id order by met_at desc) filter (where hurried))[1:5] as examples
    from (
        select rep_id, lead_id, met_at, met_at > due_at - cast(:hurried as interval) as hurried from clocks
        where state in ('met', 'rescinded') and clock <> 'review' and rep_id is not null
            and met_at >= :since and met_at < :until and due_at - started_at >= 4 * cast(:hurried as interval)
    ) as kept
    group by rep_id having count(*) filter (where hurried) > 0
"""
_ODD = """
    select o.kind, o.by, count(*) as count, null::bigint as of,
        (array_agg(lead_id order by o.at desc))[1:5] as examples
    from (
        select lead_id, one->>0 as kind, one->>1 as by, (one->>2)::timestamptz as at
        from leads, jsonb_array_elements(odd) as one where odd is not null
    ) as o
    where o.at >= :since and o.at < :until {more}
"""
_SUSPICIONS = sa.text(
    f"""
    select * from (
        {_HURRIED}
        union all
        {_ODD.format(more="and o.kind = 'short_call' group by o.kind, o.by")}
        union all
        select 'mass_return', o.by, o.count, o.of, o.examples from (
            {_ODD.format(more="and o.kind = 'returned_before_review' group by o.kind, o.by, date_trunc('week', o.at)")}
        ) as o where o.count >= :returns
    ) as found
    order by count desc, kind, by limit :limit
    """  # noqa: S608 - our own text alone
)


async def delivered(tx: Transaction, since: datetime, until: datetime, facts: list[str]) -> list[dict[str, Any]]:
    """Count the leads of each month by what a promise may ask of them, and those that came with all these facts."""
    return await tx.fetch(_DELIVERED, {"since": since, "until": until, "facts": facts})


async def kept(tx: Transaction, since: datetime, until: datetime) -> list[dict[str, Any]]:
    """Count, by month and clock, the leads whose promises fell due, and those whose were kept."""
    return await tx.fetch(_KEPT, {"since": since, "until": until})


async def ages(tx: Transaction, by: AgeBy, *, after: str | None, limit: int) -> list[dict[str, Any]]:
    """Count the misses that are still open, by how long ago they fell due."""
    return await tx.fetch(sa.text(_AGES.format(column=_COLUMN[by])), {"after": after, "limit": limit})


async def ignored(tx: Transaction, *, after: str | None, limit: int) -> list[dict[str, Any]]:
    """Count, by team, the open leads that no human touched in time, and still has not (L7)."""
    return await tx.fetch(_IGNORED, {"after": after, "limit": limit})


async def orphans(tx: Transaction, *, after: tuple[Any, ...] | None, limit: int) -> list[dict[str, Any]]:
    """List the open leads that nobody has or that no promise watches (L8), the oldest first."""
    since, lead_id, kind = after or (None, None, None)
    return await tx.fetch(_ORPHANS, {"since": since, "lead_id": lead_id, "kind": kind, "limit": limit})


async def suspicions(
    tx: Transaction, since: datetime, until: datetime, *, hurried: Any, returns: int, limit: int
) -> list[dict[str, Any]]:
    """Count, by person, what looks as if a clock was worked instead of a lead; the most first."""
    given = {"since": since, "until": until, "hurried": hurried, "returns": returns, "limit": limit}
    return await tx.fetch(_SUSPICIONS, given)
