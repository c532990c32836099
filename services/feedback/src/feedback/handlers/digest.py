"""What a week amounts to for both teams, of many queries."""

from datetime import date, timedelta
from typing import NamedTuple, TypedDict

from events.runtime import Transaction
from events.runtime.rows import Row, field
from feedback import store
from feedback.domain import digest, funnel_report
from feedback.domain.digest import Change, PromiseShare, Week, week_of
from feedback.domain.figure_lists import COUNTED, in_stage, list_of, lists_of, reached_in
from feedback.domain.funnel import LEFT
from feedback.domain.funnel_report import ListedLine
from feedback.domain.pictures import Point
from feedback.domain.rates import quantile
from feedback.handlers.queries import Flags, load_flags
from feedback.playbook import Definitions, FeedbackPlaybook
from feedback.store.proposals import AnsweredProposal
from feedback.store.reports import Activation, CampaignSpend

SOURCE_WEEKS = 13
CLOCKS = ("acceptance", "first_touch", "second_touch", "speed_to_lead", "review")
UNTOUCHED_DAYS = 2
"""A lead that nobody touched for so long after hand-over is shown as ignored."""


class HoursToTouch(TypedDict):
    """How many hours it took until a person touched a lead: half and nine of ten within so many."""

    median: int | None
    p90: int | None
    leads: int
    lists: dict[str, str]


class CameBack(TypedDict):
    """Leads that came back in a week."""

    woken: int
    qualified_again: int
    lists: dict[str, str]


class SourceLine(ListedLine):
    """One source of leads."""

    source: str | None


class CampaignLine(ListedLine):
    """One campaign, and what its results cost."""

    campaign: str
    name: str | None
    spend: float | None
    cost_per: dict[str, float | None]


class StageNow(TypedDict):
    """A stage with the leads that are in it today, and how many are stuck there."""

    stage: str
    side: str
    leads: int
    stuck: int
    stuck_days: int | None
    lists: dict[str, str]


class SalesWeek(Row):
    """What sales promised and did in a week, what came back, what it cost, and which rules changed."""

    promises: list[PromiseShare]
    untouched: dict[str, int]
    """Leads by team that nobody touched for `UNTOUCHED_DAYS`."""
    untouched_list: str
    hours_to_touch: HoursToTouch
    came_back: CameBack
    campaigns: list[CampaignLine]
    changed: list[Activation]


class _Cohorts(NamedTuple):
    points: list[Point]
    mature: ListedLine
    early: ListedLine


class WeekSpan(Row):
    """A week by its ISO name, with its first and last day."""

    name: str
    first: date = field(name="from")
    last: date = field(name="to")


class Digest(SalesWeek):
    """All that the digest shows of a week; lists are addresses of the leads behind a figure."""

    mql_to_sql: list[Point]
    mature: ListedLine
    early: ListedLine
    week: WeekSpan
    before: WeekSpan
    north_star: str
    numbers: dict[str, Change]
    lists: dict[str, str]
    weeks: list[str]
    qualified: list[float]
    sql: list[float]
    reasons: list[tuple[str, float, float]]
    topics: list[tuple[str, float, float]]
    sources: list[SourceLine]
    stages: list[StageNow]
    flags: Flags
    answered: list[AnsweredProposal]


async def load_digest(tx: Transaction, week: Week) -> Digest:
    """Return all that the digest shows of a week."""
    definitions, rules = tx.playbook(Definitions), tx.playbook(FeedbackPlaybook).funnel
    before, first = week.earlier(1), week.earlier(digest.WEEKS - 1)
    reached = await store.read_funnel(tx, "reached", cohort="week", first=first.monday, last=week.sunday)
    ripe = week_of(min(week.sunday, tx.now.date()) - timedelta(days=rules.mature_days + 6))
    reasons = await _counts(tx, "reason", week), await _counts(tx, "reason", before)
    topics = await _counts(tx, "topic", week, "actions"), await _counts(tx, "topic", before, "actions")
    cohorts = await _cohorts(tx, week, ripe)
    return Digest(
        **(await _sales_half(tx, week)).as_dict(),
        mql_to_sql=cohorts.points,
        mature=cohorts.mature,
        early=cohorts.early,
        week=WeekSpan(week.name, week.monday, week.sunday),
        before=WeekSpan(before.name, before.monday, before.sunday),
        north_star=definitions.north_star,
        numbers=digest.changes(reached, week),
        lists={name: reached_in(name, week.monday, week.sunday) for name in digest.REACHED},
        weeks=[week.earlier(back).name[5:] for back in reversed(range(digest.WEEKS))],
        qualified=digest.series(reached, week, "qualified"),
        sql=digest.series(reached, week, "sql"),
        reasons=digest.compared(*reasons),
        topics=digest.compared(*topics),
        sources=await _sources(tx, week),
        stages=await _stages(tx),
        flags=await load_flags(tx, min(week.sunday, tx.now.date())),
        answered=await store.answered(tx, week.monday, week.sunday + timedelta(days=1)),
    )


async def _sources(tx: Transaction, week: Week) -> list[SourceLine]:
    """Return what the largest sources of the last weeks brought."""
    quarter = week.earlier(SOURCE_WEEKS - 1).monday, week.sunday
    sources = await store.read_funnel(tx, "source", first=quarter[0], last=quarter[1])
    return [
        {
            "source": row.group or None,
            **funnel_report.line(row),
            "lists": lists_of(COUNTED, quarter, group={"source": row.group}),
        }
        for row in sorted(sources, key=lambda row: -row.leads)[:8]
        if row.leads
    ]


async def _cohorts(tx: Transaction, week: Week, ripe: Week) -> _Cohorts:
    """Return how those who qualified until the last ripe week came out, and the later ones apart."""
    old = ripe.earlier(digest.WEEKS - 1).monday, ripe.sunday
    young = ripe.sunday + timedelta(days=1), week.sunday
    cohorts = await store.read_funnel(tx, "all", cohort="week", kind="mql", first=old[0], last=old[1])
    early = await store.read_funnel(tx, "all", kind="mql", first=young[0], last=young[1])
    return _Cohorts(
        digest.cohorts(cohorts, ripe),
        mature={**funnel_report.line(funnel_report.total(cohorts), "mql"), "lists": lists_of(COUNTED, old, "mql")},
        early={**funnel_report.line(funnel_report.total(early), "mql"), "lists": lists_of(COUNTED, young, "mql")},
    )


async def _stages(tx: Transaction) -> list[StageNow]:
    """Return each stage with the leads that are in it today, and how many are stuck there."""
    stages = tx.playbook(Definitions).stages
    here = {row.group: int(row.leads) for row in await store.read_funnel(tx, "stage")}
    limits = {name: stage.stuck_after for name, stage in stages.items() if name in LEFT}
    stuck = await store.stuck(tx, {name: days for name, days in limits.items() if days is not None})
    return [
        {
            "stage": name,
            "side": stage.side,
            "leads": here.get(name, 0),
            "stuck": stuck.get(name, 0),
            "stuck_days": stage.stuck_after if name in LEFT else None,
            "lists": in_stage(name),
        }
        for name, stage in stages.items()
        if stage.open or here.get(name)
    ]


async def _sales_half(tx: Transaction, week: Week) -> SalesWeek:
    """Return what sales promised and did in a week, what came back, what it cost, and which rules changed."""
    first, last = week.monday, week.sunday
    promises: list[PromiseShare] = []
    for clock in CLOCKS:
        rows = await store.read_funnel(tx, f"promise:{clock}", kinds=True, measures=["actions"], first=first, last=last)
        promises += digest.promises(clock, rows)
    hours = await store.histogram(tx, "hours_to_touch", week.monday, week.sunday)
    by_kind = await store.read_funnel(tx, "all", kinds=True, first=first, last=last)
    kinds = {row.kind: int(row.leads) for row in by_kind}
    reached = await _counts(tx, "reached", week)
    return SalesWeek(
        promises=promises,
        untouched=await store.untouched(tx, UNTOUCHED_DAYS),
        untouched_list=list_of(untouched_days=str(UNTOUCHED_DAYS)),
        hours_to_touch={
            "median": quantile(hours, 0.5), "p90": quantile(hours, 0.9), "leads": int(sum(hours.values())),
            "lists": {"leads": reached_in("touched", first, last)},
        },
        came_back={
            "woken": int(reached.get("woken", 0)),
            "qualified_again": kinds.get("requalified", 0),
            "lists": {
                "woken": reached_in("woken", first, last),
                "qualified_again": lists_of(("qualified",), (first, last), "requalified")["qualified"],
            },
        },
        campaigns=await _campaigns(tx, week),
        changed=await store.activations(tx, week.monday, week.sunday + timedelta(days=1)),
    )  # fmt: skip


async def _campaigns(tx: Transaction, week: Week) -> list[CampaignLine]:
    """Return what the largest campaigns of the last weeks brought, and cost."""
    first, last = week.earlier(SOURCE_WEEKS - 1).monday, week.sunday
    spend = await store.campaigns(tx)
    rows = await store.read_funnel(tx, "campaign", first=first, last=last)
    largest = [row for row in sorted(rows, key=lambda row: -row.leads)[:8] if row.leads and row.group]
    return [
        {
            "campaign": row.group,
            **funnel_report.line(row),
            "name": cost.name,
            "spend": cost.spend,
            "cost_per": funnel_report.costs(row, cost.spend or 0.0),
            "lists": lists_of(COUNTED, (first, last), group={"campaign": row.group}),
        }
        for row in largest
        for cost in [spend.get(row.group, CampaignSpend(row.group))]
    ]


async def _counts(tx: Transaction, dimension: str, week: Week, measure: str = "leads") -> dict[str, float]:
    rows = await store.read_funnel(tx, dimension, first=week.monday, last=week.sunday)
    return {row.group: row.of(measure) for row in rows if row.of(measure)}
