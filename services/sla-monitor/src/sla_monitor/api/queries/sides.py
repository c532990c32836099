"""Both sides of the agreement: promised and delivered, misses by age, ignored leads, suspicious patterns."""

from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID

from fastapi import APIRouter

from events.moments import Moment
from events.runtime.answers import EMPTY, EXAMPLE_ID, example
from events.runtime.queries import Cursor, Limit, read_cursor, write_cursor
from events.runtime.web import ServiceDep, requires
from sla_monitor import domain, store
from sla_monitor.api.pages import Lists, ResponseModel
from sla_monitor.domain.figure_lists import (
    ignored_list_addresses,
    open_miss_list_addresses,
    promise_list_addresses,
    suspicion_list_addresses,
)
from sla_monitor.playbook import SlaPlaybook

router = APIRouter(prefix="/v1", dependencies=[requires("leads:read")])

MONTHS = 400
"""Days that are looked back on where nobody says since when."""
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)


class MonthlyPromise(ResponseModel):
    """One promise of one side in one month. `kept` is null where nothing was promised."""

    month: str
    side: Literal["marketing", "sales"]
    promise: str
    promised: float | None
    delivered: float
    of: int
    leads: int
    """How many of these deliver it."""
    kept: bool | None
    lists: Lists


class MonthlyPromisesAnswer(ResponseModel):
    """Both sides, month by month, under the agreement in force."""

    model_config = example(
        EMPTY,
        items=[
            {
                "month": "2026-03",
                "side": "sales",
                "promise": "first_touch",
                "promised": 0.9,
                "delivered": 0.93,
                "of": 120,
                "leads": 112,
                "kept": True,
                "lists": {
                    "of": "/v1/promises/leads?side=sales&promise=first_touch&month=2026-03"
                    "&since=2025-02-01T00%3A00%3A00%2B00%3A00&until=2026-04-01T00%3A00%3A00%2B00%3A00"
                },
            }
        ],
        next=None,
        playbook_version="9a7b3c2d1e0f",
    )

    items: list[MonthlyPromise]
    next: None = None
    playbook_version: str


class OpenMissesView(ResponseModel):
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
    lists: Lists


class OpenMissesAnswer(ResponseModel):
    """A page of ages."""

    model_config = example(
        EMPTY,
        items=[
            {
                "key": "inbound",
                "breaches": 3,
                "oldest_due_at": "2026-03-02T09:00:00Z",
                "median_seconds": 1800.0,
                "worst_seconds": 7200.0,
                "under_an_hour": 2,
                "under_a_day": 1,
                "under_a_week": 0,
                "older": 0,
                "lists": {"breaches": "/v1/breaches?team=inbound&open=true"},
            }
        ],
        next=None,
    )

    items: list[OpenMissesView]
    next: str | None


class IgnoredLeadsView(ResponseModel):
    """The open leads of a team that no human touched in time, and still has not."""

    key: str | None
    leads: int
    oldest_due_at: datetime
    worst_seconds: float
    lists: Lists


class IgnoredLeadsAnswer(ResponseModel):
    """A page of teams."""

    model_config = example(
        EMPTY,
        items=[
            {
                "key": "inbound", "leads": 2, "oldest_due_at": "2026-03-02T09:00:00Z", "worst_seconds": 7200.0,
                "lists": {"leads": "/v1/breaches?team=inbound&ignored=true"},
            }
        ],
        next=None,
    )  # fmt: skip

    items: list[IgnoredLeadsView]
    next: str | None


class OrphanLead(ResponseModel):
    """An open lead that nobody has, or that no promise watches."""

    kind: Literal["ownerless", "clockless"]
    lead_id: UUID
    contact_id: UUID
    team: str | None
    since: datetime


class OrphanLeadsAnswer(ResponseModel):
    """A page of orphans, the oldest first."""

    model_config = example(
        EMPTY,
        items=[
            {
                "kind": "ownerless",
                "lead_id": EXAMPLE_ID,
                "contact_id": EXAMPLE_ID,
                "team": "inbound",
                "since": "2026-03-02T09:00:00Z",
            }
        ],
        next=None,
    )

    items: list[OrphanLead]
    next: str | None


class SuspiciousPattern(ResponseModel):
    """A suspicious pattern of one person: how often, and of how many."""

    kind: Literal["hurried_touch", "short_call", "mass_return"]
    by: str
    count: int
    of: int | None
    week: datetime | None
    """The Monday of the week of a mass return."""
    examples: list[UUID]
    lists: Lists


class SuspiciousPatternsAnswer(ResponseModel):
    """The suspicious patterns, the most frequent first."""

    model_config = example(
        EMPTY,
        items=[
            {
                "kind": "short_call",
                "by": "inbound-1",
                "count": 4,
                "of": None,
                "week": None,
                "examples": [EXAMPLE_ID],
                "lists": {
                    "count": "/v1/suspicions/acts?kind=short_call&by=inbound-1"
                    "&since=2025-02-01T00%3A00%3A00%2B00%3A00&until=2026-04-01T00%3A00%3A00%2B00%3A00"
                },
            }
        ],
        next=None,
    )

    items: list[SuspiciousPattern]
    next: None = None


@router.get("/promises")
async def show_promises(
    service: ServiceDep, *, since: Moment | None = None, until: Moment | None = None
) -> MonthlyPromisesAnswer:
    """Compare what each side delivered, month by month (UTC), with what it promised."""
    async with service.transaction() as tx:
        playbook, version = tx.playbook(SlaPlaybook), tx.playbook_version
        begins, ends = _time_span_or_default(since, until, tx.now)
        leads = await store.count_qualified_leads_by_month(tx, begins, ends, list(playbook.marketing.context.facts))
        promises = await store.count_kept_promises_by_month(tx, begins, ends)
    sides = domain.compare_both_sides(leads, promises, playbook)
    items = [
        MonthlyPromise(
            **side._asdict(),
            kept=side.is_kept,
            lists=promise_list_addresses(side.side, side.promise, side.month, begins, ends),
        )
        for side in sides
    ]
    return MonthlyPromisesAnswer(items=items, playbook_version=version)


@router.get("/breaches/ages", name="show_ages")
async def show_open_misses_by_age(
    service: ServiceDep,
    *,
    by: Literal["team", "rep", "policy", "clock"] = "team",
    limit: Limit = 100,
    cursor: Cursor = None,
) -> OpenMissesAnswer:
    """Count the misses that are still open, by how long ago they fell due; leads with an opportunity are left out."""
    (after,) = read_cursor(cursor, str) or (None,)
    async with service.transaction() as tx:
        rows, now = await store.count_open_misses_by_age(tx, by, after=after, limit=limit + 1), tx.now
    items = [OpenMissesView(**row.as_dict(), lists=open_miss_list_addresses(by, row.key, now)) for row in rows[:limit]]
    return OpenMissesAnswer(items=items, next=write_cursor(items[-1].key or "") if len(rows) > limit else None)


@router.get("/ignored", name="show_ignored")
async def show_ignored_leads(service: ServiceDep, *, limit: Limit = 100, cursor: Cursor = None) -> IgnoredLeadsAnswer:
    """Count, by team, the leads that nobody followed up in time, and still has not."""
    (after,) = read_cursor(cursor, str) or (None,)
    async with service.transaction() as tx:
        rows = await store.count_ignored_leads(tx, after=after, limit=limit + 1)
    items = [IgnoredLeadsView(**row.as_dict(), lists=ignored_list_addresses(row.key)) for row in rows[:limit]]
    return IgnoredLeadsAnswer(items=items, next=write_cursor(items[-1].key or "") if len(rows) > limit else None)


@router.get("/orphans")
async def list_orphans(service: ServiceDep, *, limit: Limit = 100, cursor: Cursor = None) -> OrphanLeadsAnswer:
    """List the open leads that nobody has, or that no promise watches."""
    after = read_cursor(cursor, datetime, UUID, str)
    async with service.transaction() as tx:
        rows = await store.list_orphan_leads(tx, after=after, limit=limit + 1)
    items = [OrphanLead.model_validate(row, from_attributes=True) for row in rows[:limit]]
    last = items[-1] if len(rows) > limit else None
    return OrphanLeadsAnswer(items=items, next=write_cursor(last.since, last.lead_id, last.kind) if last else None)


@router.get("/suspicions")
async def list_suspicions(
    service: ServiceDep, *, since: Moment | None = None, until: Moment | None = None, limit: Limit = 100
) -> SuspiciousPatternsAnswer:
    """Count, by person, touches just before a deadline, calls that nobody could have held, mass returns."""
    async with service.transaction() as tx:
        rules = tx.playbook(SlaPlaybook).suspicions
        begins, ends = _time_span_or_default(since, until, tx.now)
        rows = await store.count_suspicious_acts(
            tx, begins, ends, hurried=rules.hurried.length, returns=rules.returns, limit=limit
        )
    items = [
        SuspiciousPattern(**row.as_dict(), lists=suspicion_list_addresses(row.kind, row.by, row.week, begins, ends))
        for row in rows
    ]
    return SuspiciousPatternsAnswer(items=items)


def _time_span_or_default(since: datetime | None, until: datetime | None, now: datetime) -> tuple[datetime, datetime]:
    return since or max(EARLIEST, now - timedelta(days=MONTHS)), until or now + timedelta(microseconds=1)
