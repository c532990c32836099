"""Reports about many leads: outcomes, overrides, blocked crossings."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from events.runtime import Transaction
from scoring.domain import PublishedLead
from scoring.models import OverrideRow

_PUBLISHED = """
    select l.lead_id, coalesce(l.opened_as, l.told_type) as lead_type, l.cycle, l.told_fit as fit,
        l.told_level as level, l.told_points as points, l.playbook_version, l.qualified_at,
        confirmed.reason as bant, coalesce(became.won, false) as won,
        l.ended_at is not null as ended, ended.reason
    from leads l
    left join lateral (
        select t.reason from turns t
        where t.contact_id = l.contact_id and t.cycle = l.cycle and t.kind = 'confirmed' order by t.at desc limit 1
    ) confirmed on true
    left join lateral (
        select bool_or(t.kind = 'won') as won from turns t where t.contact_id = l.contact_id and t.cycle = l.cycle
    ) became on true
    left join lateral (
        select t.reason from turns t
        where t.contact_id = l.contact_id and t.cycle = l.cycle and t.kind in ('recycled', 'disqualified', 'lost')
        and t.reason is not null order by t.at, t.turn_id limit 1
    ) ended on true
    where l.told_fit is not null
"""
_OUTCOMES = sa.text(
    f"""
    select lead_type, cycle, fit, level, qualified_at, bant, won, ended, reason from ({_PUBLISHED}) published
    where qualified_at >= :since and qualified_at <= :until
    and (cast(:version as text) is null or playbook_version = :version)
    """  # noqa: S608 - our own words
)
_LABELLED = sa.text(
    f"""
    select * from ({_PUBLISHED}) published
    where cast(:at as timestamptz) is null or (qualified_at, lead_id) > (:at, cast(:lead_id as uuid))
    order by qualified_at, lead_id limit :most
    """  # noqa: S608 - our own words
)
_BLOCKED = sa.text("select count(*) as held from held where at >= :since and at <= :until")
_OVERRIDES = sa.text(
    """
    select override_id, contact_id, kind, by, reason, at from overrides
    where cast(:at as timestamptz) is null or (at, override_id) < (:at, cast(:override_id as uuid))
    order by at desc, override_id desc limit :most
    """
)
_OVERRIDES_COUNTED = sa.text(
    """
    select (date_trunc(:period, at at time zone 'utc'))::date as period, kind, by, count(*) as overrides
    from overrides group by 1, 2, 3 order by 1, 2, 3
    """
)
_OVERRIDE = sa.text("select contact_id, kind, by, reason, at from overrides where override_id = :override_id")
_SOME_CONTACTS = sa.text(
    """
    select distinct contact_id from engagements where occurred_at >= :since and occurred_at <= :until limit :most
    """
)


async def published_leads(
    tx: Transaction, since: datetime, until: datetime, version: str | None
) -> list[PublishedLead]:
    """Return the leads published from `since` to `until`, with what became of each."""
    rows = await tx.fetch(_OUTCOMES, {"since": since, "until": until, "version": version})
    return [PublishedLead(**row) for row in rows]


async def labelled_leads(tx: Transaction, after: tuple[datetime, UUID] | None, most: int) -> list[dict[str, Any]]:
    """Return leads as they were published and what became of each, in the order they were published (Q15)."""
    at, lead_id = after or (None, None)
    return await tx.fetch(_LABELLED, {"at": at, "lead_id": lead_id, "most": most})


async def count_blocked(tx: Transaction, since: datetime, until: datetime) -> int:
    """Count the crossings of this time that made no lead."""
    return int((await tx.fetch(_BLOCKED, {"since": since, "until": until}))[0]["held"])


async def save_override(tx: Transaction, **values: Any) -> dict[str, Any]:
    """Save an override; return the row saved under its id, an earlier one if there is one."""
    await tx.insert(OverrideRow, [values])
    return (await tx.fetch(_OVERRIDE, {"override_id": values["override_id"]}))[0]


async def list_overrides(tx: Transaction, after: tuple[datetime, UUID] | None, most: int) -> list[dict[str, Any]]:
    """Return overrides, the newest first."""
    at, override_id = after or (None, None)
    return await tx.fetch(_OVERRIDES, {"at": at, "override_id": override_id, "most": most})


async def count_overrides(tx: Transaction, period: str) -> list[dict[str, Any]]:
    """Count overrides by period, kind and who (D7)."""
    return await tx.fetch(_OVERRIDES_COUNTED, {"period": period})


async def some_contacts(tx: Transaction, since: datetime, until: datetime, most: int) -> list[UUID]:
    """Return the contacts that did something from `since` to `until`, `most` at most."""
    rows = await tx.fetch(_SOME_CONTACTS, {"since": since, "until": until, "most": most})
    return [row["contact_id"] for row in rows]
