"""List clocks, misses, and the agreement in force."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query

from events.business_time import Calendar
from events.moments import Moment
from events.runtime.answers import EMPTY, EXAMPLE_ID, example
from events.runtime.queries import Cursor, Limit, ShortText, read_cursor, write_cursor
from events.runtime.security import RESTRICTED_ROLES, Caller
from events.runtime.web import ServiceDep, requires
from sla_monitor import store
from sla_monitor.api.pages import ResponseModel
from sla_monitor.domain.figure_lists import Counted, Outcome
from sla_monitor.playbook import Policy, SlaPlaybook
from sla_monitor.playbook.rules import EscalationRules, PolicyCondition, ReviewRule, TouchRules
from sla_monitor.playbook.sides import MarketingPromises, SalesPromises
from sla_monitor.store.reports import ClockLine, FigureFilter, Filters, MissFilter

router = APIRouter(prefix="/v1")

Reader = Annotated[Caller, requires("leads:read", *RESTRICTED_ROLES)]
State = Literal["running", "paused", "warned", "breached", "met", "met_late", "rescinded", "cancelled"]


SortedBy = Literal["due_at", "-due_at", "started_at", "-started_at", "breached_at", "-breached_at"]


class ClockView(ResponseModel):
    """One run of one clock."""

    clock_id: UUID
    lead_id: UUID
    contact_id: UUID
    cycle: int
    clock: str
    run: int
    policy: str
    playbook_version: str
    lead_type: str
    state: State
    rep_id: str | None
    team: str | None
    company: str | None
    """The company of the lead, as scoring published it."""
    started_at: datetime
    warn_at: datetime | None
    due_at: datetime | None
    paused_until: datetime | None
    met_at: datetime | None
    closed_at: datetime | None
    warned_at: datetime | None
    breached_at: datetime | None
    rescinded_at: datetime | None
    escalations: int
    overdue_seconds: float
    """How long after the due instant it was met, was closed, or still runs; 0 where it is in time."""


class ClocksAnswer(ResponseModel):
    """A page of clocks."""

    model_config = example(
        EMPTY,
        items=[
            {
                "clock_id": EXAMPLE_ID, "lead_id": EXAMPLE_ID, "contact_id": EXAMPLE_ID, "cycle": 1,
                "clock": "first_touch", "run": 1, "policy": "hand_raiser", "playbook_version": "9a7b3c2d1e0f",
                "lead_type": "hand_raiser", "state": "running", "rep_id": "inbound-1", "team": "inbound",
                "company": "Analytical Engines", "started_at": "2026-03-02T09:00:00Z", "warn_at": None,
                "due_at": "2026-03-02T09:05:00Z",
                "paused_until": None, "met_at": None, "closed_at": None, "warned_at": None, "breached_at": None,
                "rescinded_at": None, "escalations": 0, "overdue_seconds": 0.0,
            }
        ],
        next=None,
    )  # fmt: skip

    items: list[ClockView]
    next: str | None


_POLICY = {
    "name": "hand_raiser", "speed_to_lead": None, "accept": "5b", "first_touch": "15b", "second_touch": "7d",
    "when": {"lead_type": ["hand_raiser"], "source": None, "segment": None, "fit": None, "team": None},
    "own": {}, "review": None,
}  # fmt: skip


class PoliciesAnswer(ResponseModel):
    """The agreement in force, policy by policy, in the order in which they are tried."""

    model_config = example(
        {
            "items": [_POLICY | {"when": dict.fromkeys(PolicyCondition.model_fields), "accept": "120b"}],
            "profile": "fast",
            "clocks": {"demo_held": {"starts": "meeting_booked", "met_by": ["meeting_held"]}},
            "team_calendars": {},
        },
        items=[_POLICY],
        next=None,
        playbook_version="9a7b3c2d1e0f",
        review={"opens": "60d", "decides": "90d", "unreachable_after": 6, "unreachable_over": "10d"},
        escalations={
            "acceptance": [{"action": "reassign", "after": None}], "first_touch": [], "second_touch": [],
            "review": [{"action": "recycle", "after": None}], "reassignments": 3,
        },
        touches={
            "automated_count": False, "second_after": "24h", "conversation_sources": ["phone"],
            "conversation_engagements": ["live_chat"], "spell": "1h",
        },
        clocks={},
        marketing={"volume": [], "context": {"facts": ["company", "country"], "share": 0.8}, "grades": {}},
        sales={"attainment": {"acceptance": 0.9, "first_touch": 0.9}},
        profile=None,
        calendars={"office": {"zone": "UTC", "mon": ["09:00-18:00"], "tue": ["09:00-18:00"]}},
        team_calendars={"inbound": "office"},
        calendar="office",
    )  # fmt: skip

    items: list[Policy]
    next: None = None
    playbook_version: str
    review: ReviewRule
    escalations: EscalationRules
    touches: TouchRules
    clocks: dict[str, Any]
    marketing: MarketingPromises
    sales: SalesPromises
    profile: str | None
    calendars: dict[str, Calendar]
    team_calendars: dict[str, str]
    calendar: str


@router.get("/clocks")
async def list_clocks(
    service: ServiceDep,
    caller: Reader,
    *,
    lead_id: UUID | None = None,
    contact_id: UUID | None = None,
    rep_id: ShortText | None = None,
    team: ShortText | None = None,
    clock: ShortText | None = None,
    policy: ShortText | None = None,
    week: Annotated[ShortText | None, Query(description="ISO week in which it fell due, such as 2026-W10")] = None,
    state: State | None = None,
    counted: Annotated[Counted | None, Query(description="Of each lead the one that compliance counts so")] = None,
    outcome: Annotated[Outcome | None, Query(description="Only those that came out so; late ones were missed")] = None,
    since: Annotated[Moment | None, Query(description="Only those due from this time on, or started")] = None,
    until: Annotated[Moment | None, Query(description="Only those due before this time, or started")] = None,
    ownerless: Annotated[bool, Query(description="Only those of leads that nobody has")] = False,
    due_before: Annotated[Moment | None, Query(description="Only those that fall due before this time")] = None,
    sort: Annotated[SortedBy, Query(description="What comes first; with - the latest does")] = "due_at",
    limit: Limit = 100,
    cursor: Cursor = None,
) -> ClocksAnswer:
    """List clocks, the next to fall due first unless `sort` says otherwise; with `due_before` those due before then.

    `(none)` is the rep or team of what nobody has.
    """
    given = _filters_given(
        lead_id=lead_id, contact_id=contact_id, rep_id=rep_id, team=team, clock=clock, policy=policy, week=week,
        state=state,
    )  # fmt: skip
    after = read_cursor(cursor, datetime, UUID)
    async with service.transaction() as tx:
        rows = await store.list_clocks(
            tx,
            given,
            ownerless=ownerless,
            due_before=due_before,
            figure=FigureFilter(counted, since, until, outcome),
            after=after,
            limit=limit + 1,
            reach=caller.reach,
            sort=sort,
        )
        now = tx.now
    return _clocks_to_answer(rows, limit, sort.removeprefix("-"), now)


@router.get("/breaches")
async def list_breaches(
    service: ServiceDep,
    caller: Reader,
    *,
    rep_id: ShortText | None = None,
    team: ShortText | None = None,
    clock: ShortText | None = None,
    policy: ShortText | None = None,
    state: Literal["breached", "met_late"] | None = None,
    is_open: Annotated[bool, Query(alias="open", description="Only what is still missed")] = False,
    ignored: Annotated[bool, Query(description="Only first touches of open leads that nobody touched")] = False,
    due_from: Annotated[Moment | None, Query(description="Only those that fell due from this time on")] = None,
    due_before: Annotated[Moment | None, Query(description="Only those that fell due before this time")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> ClocksAnswer:
    """List what was missed and not taken back, the latest first; leads with an opportunity are left out.

    `state=breached` also leaves out what was met late.
    """
    given = _filters_given(rep_id=rep_id, team=team, clock=clock, policy=policy, state=state)
    after = read_cursor(cursor, datetime, UUID)
    async with service.transaction() as tx:
        misses = MissFilter(is_open, due_from, due_before, ignored)
        rows = await store.list_breaches(tx, given, misses=misses, after=after, limit=limit + 1, reach=caller.reach)
        now = tx.now
    return _clocks_to_answer(rows, limit, "breached_at", now)


@router.get("/policies")
async def list_policies(service: ServiceDep, _: Reader) -> PoliciesAnswer:
    """Show the agreement in force."""
    async with service.transaction() as tx:
        playbook, version = tx.playbook(SlaPlaybook), tx.playbook_version
    return PoliciesAnswer(
        items=list(playbook.policies),
        playbook_version=version,
        review=playbook.review,
        escalations=playbook.escalations,
        touches=playbook.touches,
        clocks={name: rule.model_dump(exclude_none=True) for name, rule in playbook.clocks.items()},
        marketing=playbook.marketing,
        sales=playbook.sales,
        profile=playbook.profile,
        calendars=playbook.calendars,
        team_calendars=playbook.team_calendars,
        calendar=playbook.calendar,
    )


def _clocks_to_answer(rows: Sequence[ClockLine], limit: int, ordered_by: str, now: datetime) -> ClocksAnswer:
    last = rows[limit - 1] if len(rows) > limit else None
    return ClocksAnswer(
        items=[ClockView(**row.as_dict(), overdue_seconds=_overdue_seconds(row, now)) for row in rows[:limit]],
        next=write_cursor(getattr(last, ordered_by), last.clock_id) if last else None,
    )


def _overdue_seconds(row: ClockLine, now: datetime) -> float:
    if row.due_at is None or row.state not in ("breached", "met_late"):
        return 0.0
    return max((row.met_at or row.closed_at or now) - row.due_at, timedelta()).total_seconds()


def _filters_given(**filters: Any) -> Filters:
    return {name: value for name, value in filters.items() if value is not None}
