"""What a lead adds to the funnel: the rows in which it is counted, and what it counts there.

The funnel is kept as sums. A change of a lead takes away what it added before and adds what it adds now, so an answer
costs the same however many leads there are, and a late fact corrects every figure that it touches.
"""

from collections.abc import Iterable
from datetime import date, datetime
from operator import attrgetter
from typing import Literal, NamedTuple

from feedback.domain.credit import CREDITED, MODELS, find_deal_times, sum_credit
from feedback.domain.lead import Lead
from feedback.domain.lifecycle import OPEN, State

Kind = Literal["mql", "hand_raisers", "requalified", "customers"]
Key = tuple[str, str, date, str]
"""Dimension, group, cohort day and kind. What is unknown is the group ``."""

LEFT: tuple[State, ...] = ("mql", "accepted", "sal", "sql", "opportunity")


class FunnelRow(NamedTuple):
    """What the leads of one group, cohort and kind amount to; what was not asked for is empty or 0.

    `seconds_…` are sums over the leads that `left_…` counts, or that reached the stage.
    """

    group: str = ""
    cohort: str | None = None
    kind: str = ""
    actions: float = 0.0
    leads: float = 0.0
    accepted: float = 0.0
    sal: float = 0.0
    sql: float = 0.0
    sql_of_sal: float = 0.0
    opportunity: float = 0.0
    sqo: float = 0.0
    won: float = 0.0
    won_of_sql: float = 0.0
    won_of_sqo: float = 0.0
    lost: float = 0.0
    recycled: float = 0.0
    disqualified: float = 0.0
    open: float = 0.0
    poor_fit: float = 0.0
    revenue: float = 0.0
    pipeline: float = 0.0
    seconds_to_sql: float = 0.0
    seconds_to_won: float = 0.0
    left_mql: float = 0.0
    left_accepted: float = 0.0
    left_sal: float = 0.0
    left_sql: float = 0.0
    left_opportunity: float = 0.0
    seconds_mql: float = 0.0
    seconds_accepted: float = 0.0
    seconds_sal: float = 0.0
    seconds_sql: float = 0.0
    seconds_opportunity: float = 0.0

    def value_of(self, measure: str) -> float:
        """Return a measure by its name."""
        value: float = getattr(self, measure)
        return value


MEASURES = FunnelRow._fields[3:]
"""The names of what is counted, in the order of the columns."""

EPOCH = date(1970, 1, 1)
"""The day of rows that tell how things stand now, and have no cohort."""
HAND_RAISERS = frozenset({"hand_raiser", "fast_track"})

_AT = {name: n for n, name in enumerate(MEASURES)}
_LEADS, _ACTIONS = _AT["leads"], _AT["actions"]


_COUNTED_BY = attrgetter(
    "lead_type", "fit", "source", "campaign", "playbook_version", "team", "qualified_at", "first_state_at", "woken_at",
    "path", "first_touched_at", "requested_times",
)  # fmt: skip


def have_same_counts(before: Lead, after: Lead) -> bool:
    """Check whether a change leaves all sums as they are, as a touch does."""
    return before.standing is after.standing and _COUNTED_BY(before) == _COUNTED_BY(after)


def find_headline_kind(lead: Lead) -> Kind:
    """Return which of the headline's four kinds a lead is."""
    if lead.lead_type == "customer":
        return "customers"
    if lead.lead_type in HAND_RAISERS:
        return "hand_raisers"
    return "requalified" if lead.cycle > 1 else "mql"


class FunnelChanges:
    """What a transaction adds to the funnel's sums."""

    def __init__(self, half_life_days: float, stages: Iterable[str]) -> None:
        self._half_life_days = half_life_days
        self._stages = frozenset(stages)
        self.rows: dict[Key, list[float]] = {}

    def count_lead(self, lead: Lead, origin: str | None, sign: int = 1, *, erased: bool = False) -> None:
        """Count a lead (`sign` 1) or take it away (-1). Of an erased one its past stays, and nothing of it is open."""
        stage = "erased" if erased else lead.stage(self._stages)
        self._sums_row(("stage", stage, EPOCH, ""))[_LEADS] += sign
        if lead.qualified_at is None:
            return
        day, kind = lead.qualified_at.date(), find_headline_kind(lead)
        measured = _measures_of_lead(lead, erased=erased)
        for dimension, group in (
            ("all", ""), ("source", lead.source), ("campaign", lead.campaign), ("lead_type", lead.lead_type),
            ("grade", lead.fit), ("playbook_version", lead.playbook_version), ("team", lead.team), ("origin", origin),
        ):  # fmt: skip
            row = self._sums_row((dimension, group or "", day, kind))
            for n, value in measured:
                row[n] += sign * value
        self._count_stages_by_day(lead, sign)
        self._count_end(lead, sign)
        self._count_deal(lead, day, kind, sign)

    def count_occurrences(self, dimension: str, group: str, day: date, kind: str = "", number: int = 1) -> None:
        """Count things that are no leads: engagements, what sales reported."""
        self._sums_row((dimension, group, day, kind))[_ACTIONS] += number

    def count_topics(self, topics: Iterable[str], day: date, outcome: str) -> None:
        """Count the topics that a contact raised in a touch, each once."""
        for topic in dict.fromkeys(topics):
            self.count_occurrences("topic", topic, day, outcome)

    def count_in_stage(self, stage: str | None, sign: int) -> None:
        """Count a contact without a lead in its stage."""
        if stage is not None:
            self._sums_row(("stage", stage, EPOCH, ""))[_LEADS] += sign

    def _count_stages_by_day(self, lead: Lead, sign: int) -> None:
        """Count each stage on the day it was reached, whatever the cohort: what a week brought."""
        at = lead.standing
        reached = {
            "qualified": lead.qualified_at, "accepted": at.accepted_at, "sal": at.sal_at, "sql": at.confirmed_at,
            "opportunity": at.opportunity_at, "won": at.won_at, "lost": at.lost_at, "returned": lead.ended_at,
            "woken": lead.woken_at,
        }  # fmt: skip
        for name, instant in reached.items():
            if instant is not None:
                row = self._sums_row(("reached", name, instant.date(), ""))
                row[_LEADS] += sign
                row[_AT["revenue"]] += sign * (lead.revenue if name == "won" else 0.0)

        touched, hours = lead.first_touched_at, lead.hours_to_first_touch
        if touched is not None and hours is not None:
            self._sums_row(("hours_to_touch", str(hours), touched.date(), ""))[_LEADS] += sign

    def _count_end(self, lead: Lead, sign: int) -> None:
        end = lead.standing.end
        if end is not None:
            woken = "woken" if lead.woken_at is not None else "rests"
            self._sums_row(("reason", end.reason or "", end.at.date(), woken))[_LEADS] += sign

    def _count_deal(self, lead: Lead, day: date, kind: Kind, sign: int) -> None:
        won_at = lead.standing.won_at
        if won_at is not None:
            self._sums_row(("days_to_won", str((won_at.date() - day).days), day, kind))[_LEADS] += sign
        if not lead.path:
            return
        deal = find_deal_times(lead, self._half_life_days)
        earned = (float(lead.standing.opportunity_at is not None), float(won_at is not None), lead.revenue)
        given = [(_AT[name], value) for name, value in zip(CREDITED, earned, strict=True)]
        for by in ("source", "campaign"):
            for model in MODELS:
                for group, share in sum_credit(lead.path, model, deal, by).items():
                    row = self._sums_row((f"credit:{by}:{model}", group, day, kind))
                    for n, value in given:
                        row[n] += sign * share * value

    def _sums_row(self, key: Key) -> list[float]:
        row = self.rows.get(key)
        if row is None:
            row = self.rows[key] = [0.0] * len(MEASURES)
        return row


def _measures_of_lead(lead: Lead, *, erased: bool) -> list[tuple[int, float]]:
    """Return the measures in which a lead counts, by their column."""
    at = lead.standing
    is_open = lead.state in OPEN and not erased
    measured: dict[str, float | bool] = {
        "leads": True,
        "accepted": at.accepted_at is not None,
        "sal": at.sal_at is not None,
        "sql": at.confirmed_at is not None,
        "sql_of_sal": at.sal_at is not None and at.confirmed_at is not None,
        "opportunity": at.opportunity_at is not None,
        "sqo": at.opportunity_at is not None and at.confirmed_at is not None,
        "won": at.won_at is not None,
        "won_of_sql": at.won_at is not None and at.confirmed_at is not None,
        "won_of_sqo": at.won_at is not None and at.confirmed_at is not None and at.opportunity_at is not None,
        "lost": at.lost_at is not None,
        "recycled": lead.state == "recycled",
        "disqualified": lead.state == "disqualified",
        "open": is_open,
        "poor_fit": lead.fit == "D" or lead.state == "disqualified",
        "revenue": lead.revenue,
        "pipeline": at.amount or 0.0 if is_open else 0.0,
        "seconds_to_sql": _seconds_between(lead.qualified_at, at.confirmed_at),
        "seconds_to_won": _seconds_between(lead.qualified_at, at.won_at),
    }
    if at.left_at is not None:
        measured["left_mql"] = True
        measured["seconds_mql"] = at.spent.get("mql", 0.0) + _seconds_between(lead.first_state_at, at.left_at)
    for state in LEFT[1:]:
        if state in at.spent:
            measured[f"left_{state}"], measured[f"seconds_{state}"] = True, at.spent[state]
    return [(_AT[name], float(value)) for name, value in measured.items() if value]


def _seconds_between(start: datetime | None, end: datetime | None) -> float:
    return (end - start).total_seconds() if start is not None and end is not None else 0.0
