"""What a week amounts to for both teams, of many queries."""

from datetime import date, datetime, timedelta
from typing import NamedTuple, TypedDict

from events.runtime import Transaction
from events.runtime.rows import Row, field
from feedback import store
from feedback.domain import digest, funnel_report
from feedback.domain.digest import ChangeFromWeekBefore, PromiseCounts, Week, week_of
from feedback.domain.figure_lists import (
    COUNTED,
    build_list_address,
    cohort_list_addresses,
    proposal_list_addresses,
    reached_list_address,
    stage_list_addresses,
)
from feedback.domain.funnel import LEFT
from feedback.domain.funnel_report import FunnelLineWithLists
from feedback.domain.pictures import RatePoint
from feedback.domain.rates import compute_quantile
from feedback.handlers.queries import FunnelFlags, load_funnel_flags
from feedback.playbook import Definitions, FeedbackPlaybook
from feedback.store.proposals import AnsweredProposal
from feedback.store.reports import ActivatedVersion, CampaignSpend

SOURCE_WEEKS = 13
UNTOUCHED_DAYS = 2
"""A lead that nobody touched for so long after hand-over is shown as ignored."""


class HoursToTouch(TypedDict):
    """How many hours it took until a person touched a lead: half and nine of ten within so many."""

    median: int | None
    p90: int | None
    leads: int
    lists: dict[str, str]


class WokenLeadCounts(TypedDict):
    """Leads that came back in a week."""

    woken: int
    qualified_again: int
    lists: dict[str, str]


class SourceLine(FunnelLineWithLists):
    """One source of leads."""

    source: str | None


class CampaignLine(FunnelLineWithLists):
    """One campaign, and what its results cost."""

    campaign: str
    name: str | None
    spend: float | None
    cost_per: dict[str, float | None]


class StageToday(TypedDict):
    """A stage with the leads that are in it today, and how many are stuck there."""

    stage: str
    side: str
    leads: int
    stuck: int
    stuck_days: int | None
    lists: dict[str, str]


class SalesWeek(Row):
    """What sales promised and did in a week, what came back, what it cost, and which rules changed."""

    promises: list[PromiseCounts]
    untouched: dict[str, int]
    """Leads by team that nobody touched for `UNTOUCHED_DAYS`."""
    untouched_list: str
    hours_to_touch: HoursToTouch
    came_back: WokenLeadCounts
    campaigns: list[CampaignLine]
    changed: list[ActivatedVersion]


class ChangeFromFeedback(AnsweredProposal, kw_only=True):
    """A change that was made because of feedback, with the list of that."""

    lists: dict[str, str]


class _RipeAndYoungCohorts(NamedTuple):
    points: list[RatePoint]
    mature: FunnelLineWithLists
    early: FunnelLineWithLists


class WeekSpan(Row):
    """A week by its ISO name, with its first and last day."""

    name: str
    first: date = field(name="from")
    last: date = field(name="to")


class Digest(SalesWeek):
    """All that the digest shows of a week; lists are addresses of the leads behind a figure."""

    mql_to_sql: list[RatePoint]
    mature: FunnelLineWithLists
    early: FunnelLineWithLists
    week: WeekSpan
    before: WeekSpan
    as_of: datetime
    """The instant of what is of today: stages, who is stuck there and whom nobody touched."""
    north_star: str
    numbers: dict[str, ChangeFromWeekBefore]
    lists: dict[str, str]
    lists_before: dict[str, str]
    weeks: list[str]
    qualified: list[float]
    sql: list[float]
    week_lists: dict[str, list[str]]
    reasons: list[tuple[str, float, float]]
    reason_lists: dict[str, dict[str, str]]
    topics: list[tuple[str, float, float]]
    topic_lists: dict[str, dict[str, str]]
    sources: list[SourceLine]
    stages: list[StageToday]
    flags: FunnelFlags
    answered: list[ChangeFromFeedback]


async def load_digest(tx: Transaction, week: Week) -> Digest:
    """Return all that the digest shows of a week."""
    definitions, rules = tx.playbook(Definitions), tx.playbook(FeedbackPlaybook).funnel
    before, first = week.minus_weeks(1), week.minus_weeks(digest.WEEKS - 1)
    reached = await store.read_funnel(tx, "reached", cohort="week", first=first.monday, last=week.sunday)
    ripe = week_of(min(week.sunday, tx.now.date()) - timedelta(days=rules.mature_days + 6))
    reasons = digest.pair_counts(
        await _load_counts_by_group(tx, "reason", week), await _load_counts_by_group(tx, "reason", before)
    )
    topics = digest.pair_counts(
        await _load_counts_by_group(tx, "topic", week, "actions"),
        await _load_counts_by_group(tx, "topic", before, "actions"),
    )
    cohorts = await _load_cohorts(tx, week, ripe)
    return Digest(
        **(await _load_sales_week(tx, week)).as_dict(),
        mql_to_sql=cohorts.points,
        mature=cohorts.mature,
        early=cohorts.early,
        week=WeekSpan(week.name, week.monday, week.sunday),
        before=WeekSpan(before.name, before.monday, before.sunday),
        as_of=tx.now,
        north_star=definitions.north_star,
        numbers=digest.compare_with_week_before(reached, week),
        lists={name: reached_list_address(name, week.monday, week.sunday) for name in digest.REACHED},
        lists_before={name: reached_list_address(name, before.monday, before.sunday) for name in digest.REACHED},
        weeks=[week.minus_weeks(back).name[5:] for back in reversed(range(digest.WEEKS))],
        qualified=digest.weekly_counts(reached, week, "qualified"),
        sql=digest.weekly_counts(reached, week, "sql"),
        week_lists={name: digest.weekly_list_addresses(week, name) for name in ("qualified", "sql")},
        reasons=reasons,
        reason_lists={name: digest.reason_list_addresses(name, week) for name, *_ in reasons},
        topics=topics,
        topic_lists={name: digest.topic_list_addresses(name, week) for name, *_ in topics},
        sources=await _load_source_lines(tx, week),
        stages=await _load_stages(tx),
        flags=await load_funnel_flags(tx, min(week.sunday, tx.now.date())),
        answered=[
            ChangeFromFeedback(**each.as_dict(), lists=proposal_list_addresses(each.proposal_id))
            for each in await store.list_answered_proposals(tx, week.monday, week.sunday + timedelta(days=1))
        ],
    )


async def _load_source_lines(tx: Transaction, week: Week) -> list[SourceLine]:
    """Return what the largest sources of the last weeks brought."""
    quarter = week.minus_weeks(SOURCE_WEEKS - 1).monday, week.sunday
    sources = await store.read_funnel(tx, "source", first=quarter[0], last=quarter[1])
    return [
        {
            "source": row.group or None,
            **funnel_report.make_funnel_line(row),
            "lists": cohort_list_addresses(COUNTED, quarter, group={"source": row.group}),
        }
        for row in sorted(sources, key=lambda row: -row.leads)[:8]
        if row.leads
    ]


async def _load_cohorts(tx: Transaction, week: Week, ripe: Week) -> _RipeAndYoungCohorts:
    """Return how those who qualified until the last ripe week came out, and the later ones apart."""
    old = ripe.minus_weeks(digest.WEEKS - 1).monday, ripe.sunday
    young = ripe.sunday + timedelta(days=1), week.sunday
    cohorts = await store.read_funnel(tx, "all", cohort="week", kind="mql", first=old[0], last=old[1])
    early = await store.read_funnel(tx, "all", kind="mql", first=young[0], last=young[1])
    return _RipeAndYoungCohorts(
        digest.compute_cohort_rates(cohorts, ripe),
        mature={
            **funnel_report.make_funnel_line(funnel_report.sum_rows(cohorts), "mql"),
            "lists": cohort_list_addresses(COUNTED, old, "mql"),
        },
        early={
            **funnel_report.make_funnel_line(funnel_report.sum_rows(early), "mql"),
            "lists": cohort_list_addresses(COUNTED, young, "mql"),
        },
    )


async def _load_stages(tx: Transaction) -> list[StageToday]:
    """Return each stage with the leads that are in it today, and how many are stuck there."""
    stages = tx.playbook(Definitions).stages
    here = {row.group: int(row.leads) for row in await store.read_funnel(tx, "stage")}
    limits = {name: stage.stuck_after_days for name, stage in stages.items() if name in LEFT}
    stuck = await store.count_stuck_leads(tx, {name: days for name, days in limits.items() if days is not None})
    return [
        {
            "stage": name,
            "side": stage.side,
            "leads": here.get(name, 0),
            "stuck": stuck.get(name, 0),
            "stuck_days": stage.stuck_after_days if name in LEFT else None,
            "lists": stage_list_addresses(name),
        }
        for name, stage in stages.items()
        if stage.open or here.get(name)
    ]


async def _load_sales_week(tx: Transaction, week: Week) -> SalesWeek:
    """Return what sales promised and did in a week, what came back, what it cost, and which rules changed."""
    first, last = week.monday, week.sunday
    promises: list[PromiseCounts] = []
    shares = await store.load_promised_shares(tx, last + timedelta(days=1))
    for clock in await store.list_promise_clocks(tx, first, last):
        rows = await store.read_funnel(tx, f"promise:{clock}", kinds=True, measures=["actions"], first=first, last=last)
        promises += digest.count_promises(clock, rows, (first, last), shares.get(clock))
    hours = await store.load_histogram(tx, "hours_to_touch", week.monday, week.sunday)
    by_kind = await store.read_funnel(tx, "all", kinds=True, first=first, last=last)
    kinds = {row.kind: int(row.leads) for row in by_kind}
    reached = await _load_counts_by_group(tx, "reached", week)
    return SalesWeek(
        promises=promises,
        untouched=await store.count_untouched_leads(tx, UNTOUCHED_DAYS),
        untouched_list=build_list_address(untouched_days=str(UNTOUCHED_DAYS)),
        hours_to_touch={
            "median": compute_quantile(hours, 0.5), "p90": compute_quantile(hours, 0.9),
            "leads": int(sum(hours.values())),
            "lists": {"leads": reached_list_address("touched", first, last)},
        },
        came_back={
            "woken": int(reached.get("woken", 0)),
            "qualified_again": kinds.get("requalified", 0),
            "lists": {
                "woken": reached_list_address("woken", first, last),
                "qualified_again": cohort_list_addresses(("qualified",), (first, last), "requalified")["qualified"],
            },
        },
        campaigns=await _load_campaign_lines(tx, week),
        changed=await store.list_activations(tx, week.monday, week.sunday + timedelta(days=1)),
    )  # fmt: skip


async def _load_campaign_lines(tx: Transaction, week: Week) -> list[CampaignLine]:
    """Return what the largest campaigns of the last weeks brought, and cost."""
    first, last = week.minus_weeks(SOURCE_WEEKS - 1).monday, week.sunday
    spend = await store.load_campaign_spends(tx)
    rows = await store.read_funnel(tx, "campaign", first=first, last=last)
    largest = [row for row in sorted(rows, key=lambda row: -row.leads)[:8] if row.leads and row.group]
    return [
        {
            "campaign": row.group,
            **funnel_report.make_funnel_line(row),
            "name": cost.name,
            "spend": cost.spend,
            "cost_per": funnel_report.compute_costs(row, cost.spend or 0.0),
            "lists": cohort_list_addresses(COUNTED, (first, last), group={"campaign": row.group}),
        }
        for row in largest
        for cost in [spend.get(row.group, CampaignSpend(row.group))]
    ]


async def _load_counts_by_group(
    tx: Transaction, dimension: str, week: Week, measure: str = "leads"
) -> dict[str, float]:
    rows = await store.read_funnel(tx, dimension, first=week.monday, last=week.sunday)
    return {row.group: row.value_of(measure) for row in rows if row.value_of(measure)}
