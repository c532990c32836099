"""The funnel as people read it: counts, rates with their intervals, money, and the headline that both teams watch."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TypedDict

from feedback.domain.figure_lists import cohort_list_addresses, stage_list_addresses
from feedback.domain.funnel import LEFT, MEASURES, FunnelRow
from feedback.domain.rates import STEPS, compute_rate, wilson_interval
from feedback.playbook import StageDefinition

KINDS = ("mql", "hand_raisers", "requalified", "customers")
COSTS = {"action": "actions", "qualified": "leads", "sql": "sql", "opportunity": "opportunity", "won": "won"}
REACHED = {
    "mql": "leads", "accepted": "accepted", "sal": "sal", "sql": "sql", "opportunity": "opportunity", "sqo": "sqo",
    "won": "won",
}  # fmt: skip
"""The measure that counts who ever reached a stage."""
DAY = 86_400


class FunnelLine(TypedDict):
    """One group of leads: volume beside quality."""

    qualified: int
    actions: int
    accepted: int
    sal: int
    sql: int
    opportunity: int
    sqo: int
    won: int
    lost: int
    recycled: int
    disqualified: int
    open: int
    won_amount: float
    pipeline: float
    poor_fit_share: float | None
    rates: dict[str, float | None]
    intervals: dict[str, list[float] | None]
    days_to_sql: float | None
    days_to_won: float | None
    days_in_stage: dict[str, float | None]


class FunnelLineWithLists(FunnelLine):
    """The same with the list behind each figure."""

    lists: dict[str, str]


class SqlShare(TypedDict):
    """How many became SQL of how many that qualified."""

    qualified: int
    sql: int
    rate: float | None
    interval: list[float] | None
    lists: dict[str, str]


class HeadlineRate(SqlShare):
    """MQL to SQL of one kind of lead, and of those cohorts alone whose leads were all decided."""

    mature: SqlShare | None


class StageLine(TypedDict):
    """A stage as `make_stage_lines` writes it."""

    stage: str
    means: str
    side: str
    open: bool
    goal: str | None
    target: float | None
    leads: int
    stuck: int
    stuck_days: int | None
    lists: dict[str, str]
    days_in_stage: float | None
    won_share: float | None
    revenue_per_lead: float | None
    expected_revenue: float | None
    share_of_revenue: float | None


def sum_rows(rows: Iterable[FunnelRow]) -> FunnelRow:
    """Add rows up."""
    found = list(rows)
    return FunnelRow("", None, "", *(sum((row.value_of(name) for row in found), 0.0) for name in MEASURES))


def make_funnel_line(row: FunnelRow, kind: str | None = None) -> FunnelLine:
    """Return one group of one cohort: volume beside quality.

    A rate is named after what it is a part of: `mql_to_sql` where the row counts MQLs alone (`kind` is `mql`), else
    `lead_to_sql`, for hand-raisers, re-qualified leads and customers are among them.
    """
    steps = {step if kind == "mql" else step.replace("mql_to", "lead_to"): parts for step, parts in STEPS.items()}
    return {
        "qualified": int(row.leads),
        "actions": int(row.actions),
        "accepted": int(row.accepted),
        "sal": int(row.sal),
        "sql": int(row.sql),
        "opportunity": int(row.opportunity),
        "sqo": int(row.sqo),
        "won": int(row.won),
        "lost": int(row.lost),
        "recycled": int(row.recycled),
        "disqualified": int(row.disqualified),
        "open": int(row.open),
        "won_amount": round(row.revenue, 2),
        "pipeline": round(row.pipeline, 2),
        "poor_fit_share": compute_rate(row.poor_fit, row.leads),
        "rates": {step: compute_rate(row.value_of(part), row.value_of(whole)) for step, (part, whole) in steps.items()},
        "intervals": {
            step: wilson_interval(row.value_of(part), row.value_of(whole)) for step, (part, whole) in steps.items()
        },
        "days_to_sql": _mean_days(row.seconds_to_sql, row.sql),
        "days_to_won": _mean_days(row.seconds_to_won, row.won),
        "days_in_stage": {
            name: _mean_days(row.value_of(f"seconds_{name}"), row.value_of(f"left_{name}")) for name in LEFT
        },
    }


def compute_costs(row: FunnelRow, spend: float) -> dict[str, float | None]:
    """Divide a campaign's spend by what came of it."""
    return {name: round(spend / row.value_of(part), 2) if row.value_of(part) else None for name, part in COSTS.items()}


def compute_headline_rates(
    rows: Iterable[FunnelRow], ripe: Iterable[FunnelRow], span: tuple[date, date], ripe_until: date
) -> dict[str, HeadlineRate]:
    """Return MQL to SQL for each kind of lead: `mql` is the headline, the others stand beside it.

    `rows` are all cohorts by kind within `span`, `ripe` those whose leads were all decided by `ripe_until`.
    """
    first, last = span
    old = {row.kind: _sql_share(row, (first, min(last, ripe_until))) for row in ripe}
    return {row.kind: {**_sql_share(row, span), "mature": old.get(row.kind)} for row in rows if row.leads}


def make_stage_lines(
    declared: Mapping[str, StageDefinition], here: Mapping[str, int], stuck: Mapping[str, int], whole: FunnelRow
) -> list[StageLine]:
    """Write each stage with its owner and goal, who is in it, and what a lead in it is worth in revenue.

    A stage's worth is the revenue so far for each lead that ever reached it; `share_of_revenue` is what its leads of
    today would bring at that worth, beside the revenue so far, and `target` what share of them should end so.
    """
    items: list[StageLine] = []
    for name, stage in declared.items():
        reached = whole.value_of(REACHED[name]) if name in REACHED else 0.0
        worth = whole.revenue / reached if reached else None
        expected = worth * here.get(name, 0) if worth is not None and stage.open else None
        items.append(
            {
                "stage": name,
                "means": stage.means,
                "side": stage.side,
                "open": stage.open,
                "goal": stage.goal,
                "target": stage.target,
                "leads": here.get(name, 0),
                "stuck": stuck.get(name, 0),
                "stuck_days": stage.stuck_after_days,
                "lists": stage_list_addresses(name),
                "days_in_stage": _mean_days(whole.value_of(f"seconds_{name}"), whole.value_of(f"left_{name}"))
                if name in LEFT
                else None,
                "won_share": compute_rate(whole.won, reached),
                "revenue_per_lead": None if worth is None else round(worth, 2),
                "expected_revenue": None if expected is None else round(expected, 2),
                "share_of_revenue": None if expected is None else compute_rate(expected, whole.revenue),
            }
        )
    return items


def _sql_share(row: FunnelRow, cohort: tuple[date, date]) -> SqlShare:
    return {
        "qualified": int(row.leads),
        "sql": int(row.sql),
        "rate": compute_rate(row.sql, row.leads),
        "interval": wilson_interval(row.sql, row.leads),
        "lists": cohort_list_addresses(("qualified", "sql"), cohort, row.kind),
    }


def _mean_days(seconds: float, number: float) -> float | None:
    return round(seconds / number / DAY, 2) if number else None
