"""The funnel as both teams read it: volume beside quality, stages, reasons, credit for deals, and flags."""

from datetime import date
from typing import ClassVar, Literal

from pydantic import ConfigDict, Field

from events.runtime.answers import Answer, example
from feedback.playbook import AttemptRule, Side, Wake

Interval = list[float] | None
"""Wilson's interval at 95 %, from low to high; null of nothing."""
Kind = Literal["mql", "hand_raisers", "requalified", "customers"]
Lists = dict[str, str]
"""The address of the list behind each figure, by the figure's name."""

LINE = {
    "qualified": 200, "actions": 410, "accepted": 180, "sal": 90, "sql": 60, "opportunity": 40, "sqo": 38, "won": 12,
    "lost": 9, "recycled": 80, "disqualified": 10, "open": 49, "won_amount": 48000.0, "pipeline": 120000.0,
    "poor_fit_share": 0.12, "rates": {"lead_to_sql": 0.3, "sql_to_won": 0.2},
    "intervals": {"lead_to_sql": [0.2404, 0.3669], "sql_to_won": None}, "days_to_sql": 6.5, "days_to_won": 41.2,
    "days_in_stage": {"mql": 0.4, "sql": 9.1}, "lists": {"sql": "/v1/leads?counted=sql&source=web_form"},
}  # fmt: skip
_SQL = {"qualified": 200, "sql": 60, "rate": 0.3, "interval": [0.2404, 0.3669]}

_STAGE = {
    "stage": "sql", "means": "Confirmed by sales", "side": "sales", "open": True, "goal": "Open a deal", "target": 0.2,
    "leads": 12, "stuck": 1, "stuck_days": 14, "days_in_stage": 9.1, "won_share": 0.2, "revenue_per_lead": 800.0,
    "expected_revenue": 9600.0, "share_of_revenue": 0.2,
}  # fmt: skip


class FunnelLine(Answer):
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
    """The share of leads of the two lower grades."""
    rates: dict[str, float | None]
    """Each step as a share of the leads before it; null of nothing. `mql_to_…` where MQLs alone are counted."""
    intervals: dict[str, Interval]
    """The 95 % interval of each rate."""
    days_to_sql: float | None
    days_to_won: float | None
    days_in_stage: dict[str, float | None]
    lists: Lists = {}


class FunnelItem(FunnelLine):
    """One group of one cohort; of a campaign also what was spent."""

    group: str | None
    """Null: nobody said."""
    cohort: str | None
    name: str | None = None
    spend: float | None = None
    cost_per: dict[str, float | None] | None = None
    """The spend divided by what came of it."""


class SqlShare(Answer):
    """How many became SQL of how many that qualified."""

    qualified: int
    sql: int
    rate: float | None
    interval: Interval
    lists: Lists = {}


class HeadlineRate(SqlShare):
    """MQL to SQL of one kind of lead, and of those cohorts alone whose leads were all decided."""

    mature: SqlShare | None


class DurationSpread(Answer):
    """How long something took: half and nine of ten within so long."""

    median: int | None
    p90: int | None
    leads: int
    lists: Lists = {}


class FunnelAnswer(Answer):
    """The funnel by group and cohort."""

    model_config: ClassVar[ConfigDict] = example(
        {
            "by": "campaign", "cohort": "week",
            "items": [
                {
                    "group": "spring", "cohort": "2026-W10", **LINE, "name": "Spring fair", "spend": 4000.0,
                    "cost_per": {"sql": 66.67, "won": 333.33},
                }
            ],
        },
        by="source", cohort=None, mature_until="2026-01-31", mql_to_sql={"mql": {**_SQL, "mature": _SQL}}, total=LINE,
        mature=LINE, days_to_won={"median": 38, "p90": 90, "leads": 12},
        items=[{"group": "web_form", "cohort": None, **LINE}],
    )  # fmt: skip

    by: str
    cohort: Literal["day", "week", "month"] | None
    mature_until: date
    """Leads that qualified until this day were decided by now."""
    mql_to_sql: dict[Kind, HeadlineRate]
    """The headline rate is that of `mql`; the others stand beside it."""
    total: FunnelLine
    mature: FunnelLine
    days_to_won: DurationSpread
    items: list[FunnelItem]


class StageLine(Answer):
    """A stage: who owns it, how many leads are in it and stuck there, and what it is worth."""

    stage: str
    means: str
    side: Side
    open: bool
    goal: str | None
    target: float | None
    """The share of the leads here that should end as revenue."""
    leads: int
    stuck: int
    stuck_days: int | None
    days_in_stage: float | None
    won_share: float | None
    revenue_per_lead: float | None
    expected_revenue: float | None
    """What the leads that are here today would bring at that worth."""
    share_of_revenue: float | None
    lists: Lists = {}
    """None of the stages of contacts without a lead."""


class StagesAnswer(Answer):
    """The stages in their order, and the number that both teams follow."""

    model_config: ClassVar[ConfigDict] = example(
        {
            "revenue": 0.0,
            "items": [
                _STAGE | {
                    "leads": 3, "stuck": 0, "days_in_stage": None, "won_share": None, "revenue_per_lead": None,
                    "expected_revenue": None, "share_of_revenue": None,
                }
            ],
        },
        north_star="MQL to SQL", revenue=48000.0, items=[_STAGE],
    )  # fmt: skip

    north_star: str
    revenue: float
    items: list[StageLine]


class DaySpan(Answer):
    """From one day to another, both included."""

    from_: date = Field(alias="from")
    to: date


class RateDipLine(Answer):
    """A step whose rate fell by more than chance explains."""

    step: str
    now: float
    before: float
    now_interval: list[float]
    before_interval: list[float]
    now_counted: int
    """How many did the step, of `now_of`."""
    now_of: int
    before_counted: int
    before_of: int
    lists: Lists
    """Of these four numbers."""


class LoosenedVersionLine(Answer):
    """A version of the rules that made more leads of less fit, begun shortly before a period's end."""

    version: str
    before: str
    since: date
    period_ends: date
    a_day: float
    """Leads a day."""
    a_day_before: float
    poor_share: float | None
    poor_share_before: float | None
    leads: int
    """All leads of the version."""
    leads_before: int
    lists: Lists


FLAGS = {
    "compared": {"from": "2026-01-01", "to": "2026-01-28"},
    "dips": [
        {
            "step": "mql_to_sql", "now": 0.2, "before": 0.3, "now_interval": [0.16, 0.24],
            "before_interval": [0.27, 0.33], "now_counted": 80, "now_of": 400, "before_counted": 300, "before_of": 1000,
            "lists": {"now_counted": "/v1/leads?counted=sql&kind=mql&first=2026-01-01&last=2026-01-28"},
        }
    ],
    "loosened": [],
}  # fmt: skip


class FlagsAnswer(Answer):
    """Steps that convert worse than before, and rules that were loosened near a period's end."""

    model_config: ClassVar[ConfigDict] = example({"dips": []}, **FLAGS)

    compared: DaySpan
    dips: list[RateDipLine]
    loosened: list[LoosenedVersionLine]


class ReasonLine(Answer):
    """A reason: what it decides and needs, and how often it was given."""

    reason: str
    does: str
    """`recycle`, `disqualify` or `route_again`, or a sentence: the reason is in the playbook no longer."""
    says: str | None = None
    track: str | None = None
    wake: Wake | None = None
    needs: list[str] | None = None
    needs_any: list[str] | None = None
    attempts: AttemptRule | None = None
    wakes_at: Literal["marketing", "sales"] | None = None
    leads: int
    woken: int
    share: float | None
    cumulative: float | None
    """The share of this reason and all that were given more often."""
    lists: Lists = {}


class ReasonsAnswer(Answer):
    """Reasons, the most frequent first."""

    model_config: ClassVar[ConfigDict] = example(
        {"items": []},
        playbook_version="9a7b3c2d1e0f",
        items=[
            {
                "reason": "not_ready", "does": "recycle", "says": "Not ready to buy", "track": "nurture",
                "wake": {"kind": "after", "days": 90}, "needs": [], "needs_any": [], "attempts": None,
                "wakes_at": "marketing", "leads": 41, "woken": 9, "share": 0.41, "cumulative": 0.41,
            }
        ],
        next=None,
    )  # fmt: skip

    playbook_version: str
    items: list[ReasonLine]
    next: None


class StageToday(Answer):
    """A stage with the leads that are in it today."""

    stage: str
    side: Side
    leads: int
    stuck: int
    stuck_days: int | None
    lists: Lists = {}
