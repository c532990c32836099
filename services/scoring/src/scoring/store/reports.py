"""Reports about many leads: outcomes, overrides, blocked crossings."""

from datetime import date, datetime
from uuid import UUID

from events.runtime import Transaction
from events.runtime.rows import Row, read_rows
from scoring.domain import OverrideKind, PublishedLeadOutcome
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
_OUTCOMES = f"""
    select lead_type, cycle, fit, level, qualified_at, bant, won, ended, reason from ({_PUBLISHED}) published
    where qualified_at >= $1 and qualified_at <= $2
    and ($3::text is null or playbook_version = $3)
    """  # noqa: S608 - our own words
_LABELLED = f"""
    select * from ({_PUBLISHED}) published
    where $1::timestamptz is null or (qualified_at, lead_id) > ($1, $2::uuid)
    order by qualified_at, lead_id limit $3
    """  # noqa: S608 - our own words
_BLOCKED = "select count(*) as held from held where at >= $1 and at <= $2"
_OVERRIDES = """
    select override_id, contact_id, kind, by, reason, at from overrides
    where $1::timestamptz is null or (at, override_id) < ($1, $2::uuid)
    order by at desc, override_id desc limit $3
    """
_OVERRIDES_COUNTED = """
    select (date_trunc($1, at at time zone 'utc'))::date as period, kind, by, count(*) as overrides
    from overrides group by 1, 2, 3 order by 1, 2, 3
    """
_OVERRIDE = "select override_id, contact_id, kind, by, reason, at from overrides where override_id = $1"
_SOME_CONTACTS = """
    select distinct contact_id from engagements where occurred_at >= $1 and occurred_at <= $2 limit $3
    """


class LabelledLeadRow(Row):
    """A lead as it was published, and what became of it; `bant` is None where nobody confirmed it."""

    lead_id: UUID
    lead_type: str
    cycle: int
    fit: str
    level: int
    points: float | None
    playbook_version: str | None
    qualified_at: datetime
    bant: str | None
    won: bool
    ended: bool
    reason: str | None


class SavedOverride(Row):
    """An override as it was saved."""

    override_id: UUID
    contact_id: UUID
    kind: OverrideKind
    by: str
    reason: str
    at: datetime


class OverrideCountRow(Row):
    """How many overrides of a kind somebody made in the period that began on a day."""

    period: date
    kind: OverrideKind
    by: str
    overrides: int


async def load_published_outcomes(
    tx: Transaction, since: datetime, until: datetime, version: str | None
) -> list[PublishedLeadOutcome]:
    """Return the leads published from `since` to `until`, with what became of each."""
    rows = await tx.raw.fetch(_OUTCOMES, since, until, version)
    return [PublishedLeadOutcome(**row) for row in rows]


async def load_labelled_leads(tx: Transaction, after: tuple[datetime, UUID] | None, most: int) -> list[LabelledLeadRow]:
    """Return leads as they were published and what became of each, in the order they were published (Q15)."""
    return await read_rows(tx, LabelledLeadRow, _LABELLED, *(after or (None, None)), most)


async def count_blocked_crossings(tx: Transaction, since: datetime, until: datetime) -> int:
    """Count the crossings of this time that made no lead."""
    return int((await tx.raw.fetch(_BLOCKED, since, until))[0]["held"])


async def save_override(tx: Transaction, override: SavedOverride) -> SavedOverride:
    """Save an override; return the one saved under its id, an earlier one if there is one."""
    await tx.insert(OverrideRow, [override.as_dict()])
    [saved] = await read_rows(tx, SavedOverride, _OVERRIDE, override.override_id)
    return saved


async def list_overrides(tx: Transaction, after: tuple[datetime, UUID] | None, most: int) -> list[SavedOverride]:
    """Return overrides, the newest first."""
    return await read_rows(tx, SavedOverride, _OVERRIDES, *(after or (None, None)), most)


async def count_overrides(tx: Transaction, period: str) -> list[OverrideCountRow]:
    """Count overrides by period, kind and who (D7)."""
    return await read_rows(tx, OverrideCountRow, _OVERRIDES_COUNTED, period)


async def load_active_contacts(tx: Transaction, since: datetime, until: datetime, most: int) -> list[UUID]:
    """Return the contacts that did something from `since` to `until`, `most` at most."""
    rows = await tx.raw.fetch(_SOME_CONTACTS, since, until, most)
    return [row["contact_id"] for row in rows]
