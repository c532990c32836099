"""The weekly digest: what happened beside the week before, what to look at, and what was changed."""

from datetime import date, datetime
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from events.runtime.answers import EXAMPLE_ID, Answer, example
from feedback.api.answers.funnel import (
    FLAGS,
    LINE,
    DurationSpread,
    FlagsAnswer,
    FunnelLine,
    Interval,
    Lists,
    StageToday,
)


class WeekSpan(Answer):
    """A week, Monday to Sunday, UTC."""

    name: str
    """ISO 8601, such as `2026-W10`."""
    from_: date = Field(alias="from")
    to: date


class ChangeFromWeekBefore(Answer):
    """A number beside that of the week before."""

    now: float
    before: float
    change: float | None
    """0.1: a tenth more. Null where the week before had none."""


class CohortRate(Answer):
    """MQL to SQL of the leads that qualified in one week."""

    label: str
    rate: float | None
    low: float
    high: float
    qualified: int
    sql: int
    lists: Lists


class PromiseCountsLine(Answer):
    """How one promise was kept by one team."""

    clock: str
    policy: str
    team: str | None
    kept: int
    missed: int
    late: int
    share: float | None
    interval: Interval
    promised: float | None
    """The share that sales had promised to keep by the end of the week; null where it promised none."""
    is_kept: bool | None
    """Whether the share that was kept is as large; null where nothing was promised."""
    short: int
    """How many more would have had to be kept."""
    clocks: Lists
    """The list of the promises behind each count, at sla-monitor."""


class WokenLeadCounts(Answer):
    """Returned leads that woke, and that qualified again."""

    woken: int
    qualified_again: int
    lists: Lists = {}


class SourceLine(FunnelLine):
    """One source of leads."""

    source: str | None


class CampaignLine(FunnelLine):
    """One campaign, and what its results cost."""

    campaign: str
    name: str | None
    spend: float | None
    cost_per: dict[str, float | None]


class RuleChangeFromFeedback(Answer):
    """A rule that was changed because of feedback."""

    proposal_id: UUID
    service: str
    change: str
    activated_at: datetime
    sources: int
    """Pieces of feedback that it answers."""
    lists: Lists = {}


class ActivatedVersion(Answer):
    """A version of a service's rules that came into force."""

    service: str
    version: str
    activated_at: datetime


_WEEKS = ["W09", "W10"]
_REACHED = ("qualified", "accepted", "sal", "sql", "opportunity", "won", "lost", "returned", "revenue")
_EXAMPLE = {
    "promises": [
        {
            "clock": "first_touch", "policy": "hand_raiser", "team": "inbound", "kept": 18, "missed": 2, "late": 1,
            "share": 0.9, "interval": [0.699, 0.9721], "promised": 0.95, "is_kept": False, "short": 1,
            "clocks": {"missed": "/v1/clocks?outcome=missed&clock=first_touch&policy=hand_raiser&team=inbound"},
        }
    ],
    "untouched": {"inbound": 2}, "untouched_list": "/v1/leads?untouched_days=2",
    "lists": {"sql": "/v1/leads?counted=qualified&reached=sql&reached_first=2026-03-02&reached_last=2026-03-08"},
    "hours_to_touch": {"median": 1, "p90": 6, "leads": 20},
    "came_back": {"woken": 3, "qualified_again": 1},
    "campaigns": [{"campaign": "spring", **LINE, "name": "Spring fair", "spend": 4000.0, "cost_per": {"sql": 66.67}}],
    "changed": [{"service": "scoring", "version": "9a7b3c2d1e0f", "activated_at": "2026-03-03T09:00:00+00:00"}],
    "week": {"name": "2026-W10", "from": "2026-03-02", "to": "2026-03-08"},
    "before": {"name": "2026-W09", "from": "2026-02-23", "to": "2026-03-01"}, "north_star": "MQL to SQL",
    "as_of": "2026-03-09T08:00:00+00:00",
    "numbers": {name: {"now": 22.0, "before": 20.0, "change": 0.1} for name in _REACHED}, "weeks": _WEEKS,
    "qualified": [20.0, 22.0], "sql": [6.0, 7.0],
    "mql_to_sql": [
        {
            "label": label, "rate": 0.3, "low": 0.24, "high": 0.37, "qualified": 200, "sql": 60,
            "lists": {"sql": "/v1/leads?counted=sql&kind=mql&first=2026-03-02&last=2026-03-08"},
        }
        for label in _WEEKS
    ], "mature": LINE,
    "early": LINE, "reasons": [["not_ready", 4.0, 3.0]], "topics": [["pricing", 9.0, 7.0]],
    "lists_before": {"sql": "/v1/leads?counted=qualified&reached=sql&reached_first=2026-02-23&reached_last=2026-03-01"},
    "week_lists": {"sql": ["/v1/leads?counted=qualified&reached=sql&reached_first=2026-03-02&reached_last=2026-03-08"]},
    "reason_lists": {"not_ready": {"now": "/v1/leads?counted=qualified&reached=returned&reason=not_ready"}},
    "topic_lists": {"pricing": {"now": "/v1/touches?topic=pricing&first=2026-03-02&last=2026-03-08"}},
    "sources": [{"source": "web_form", **LINE}],
    "stages": [{"stage": "sql", "side": "sales", "leads": 12, "stuck": 1, "stuck_days": 14}], "flags": FLAGS,
    "answered": [
        {
            "proposal_id": EXAMPLE_ID, "service": "scoring", "change": "A price page visit counts 5 points less",
            "activated_at": "2026-03-03T09:00:00+00:00", "sources": 7,
            "lists": {"sources": f"/v1/proposal-sources?proposal_id={EXAMPLE_ID}"},
        }
    ],
}  # fmt: skip
_QUIET = {
    "promises": [], "untouched": {}, "hours_to_touch": {"median": None, "p90": None, "leads": 0},
    "came_back": {"woken": 0, "qualified_again": 0}, "campaigns": [], "changed": [],
    "numbers": {name: {"now": 0.0, "before": 0.0, "change": None} for name in _REACHED},
    "qualified": [0.0, 0.0], "sql": [0.0, 0.0],
    "mql_to_sql": [
        {"label": label, "rate": None, "low": 0.0, "high": 0.0, "qualified": 0, "sql": 0, "lists": {}}
        for label in _WEEKS
    ],
    "reasons": [], "topics": [], "reason_lists": {}, "topic_lists": {}, "sources": [],
    "flags": FLAGS | {"dips": []}, "answered": [],
}  # fmt: skip
Reached = Literal["qualified", "accepted", "sal", "sql", "opportunity", "won", "lost", "returned", "revenue"]


class DigestAnswer(Answer):
    """A week beside the week before."""

    model_config: ClassVar[ConfigDict] = example(_QUIET, **_EXAMPLE)

    promises: list[PromiseCountsLine]
    untouched: dict[str, int]
    """Leads that nobody touched two days after hand-over, by team; an empty name is no team."""
    untouched_list: str
    hours_to_touch: DurationSpread
    """From hand-over to the first touch by a person."""
    came_back: WokenLeadCounts
    campaigns: list[CampaignLine]
    changed: list[ActivatedVersion]
    week: WeekSpan
    before: WeekSpan
    as_of: datetime
    """The instant of what is of today, whatever the week: `stages`, `untouched`."""
    north_star: str
    numbers: dict[Reached, ChangeFromWeekBefore]
    lists: Lists
    """Of these numbers, but for the revenue."""
    lists_before: Lists
    """The same of the week before."""
    weeks: list[str]
    """The names of the weeks of `qualified` and `sql`."""
    qualified: list[float]
    sql: list[float]
    week_lists: dict[Literal["qualified", "sql"], list[str]]
    """The list of each of these numbers."""
    mql_to_sql: list[CohortRate]
    mature: FunnelLine
    """The cohorts whose leads were all decided."""
    early: FunnelLine
    """The younger ones."""
    reasons: list[tuple[str, float, float]]
    """Reason, times in this week, times in the week before."""
    reason_lists: dict[str, Lists]
    """The leads of each reason, in this week (`now`) and in the week before (`before`)."""
    topics: list[tuple[str, float, float]]
    """Topic, times in this week, times in the week before."""
    topic_lists: dict[str, Lists]
    """The touches in which each topic was raised, in this week (`now`) and in the week before (`before`)."""
    sources: list[SourceLine]
    stages: list[StageToday]
    flags: FlagsAnswer
    answered: list[RuleChangeFromFeedback]
