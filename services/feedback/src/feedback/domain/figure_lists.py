"""The list behind a figure of a report, as the address that opens exactly it.

Every filter of such an address is a filter of `GET /v1/leads`. A lead of a person who asked to be forgotten stays in
the sums and stands in no list.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Literal, get_args
from urllib.parse import urlencode
from uuid import UUID

from feedback.domain.funnel import LEFT
from feedback.domain.lifecycle import State

LIST, TOUCHES, PROPOSAL_SOURCES = "/v1/leads", "/v1/touches", "/v1/proposal-sources"
UNKNOWN = "(none)"
"""The value of a filter for leads of which the report does not know this."""
Counted = Literal[
    "qualified", "accepted", "sal", "sql", "opportunity", "sqo", "won", "lost", "recycled", "disqualified", "open",
    "poor_fit", "won_of_sql", "won_of_sqo",
]  # fmt: skip
"""What a report counts of a cohort, by the name of the figure."""
COUNTED: tuple[Counted, ...] = tuple(name for name in get_args(Counted) if "_of_" not in name)
"""Those of a line of the funnel; the others are parts of a rate alone."""
Reached = Literal["qualified", "accepted", "sal", "sql", "opportunity", "won", "lost", "returned", "woken", "touched"]
"""What a report counts by the day on which it happened."""
LEAD_STAGES = frozenset((*get_args(State), "sqo", "unreachable"))
FIRST, LAST = date(2000, 1, 1), date(2099, 12, 31)


def build_list_address(**filters: str | date | None) -> str:
    """Return the address of the leads that these filters let through; a filter that is None is left out."""
    return _build_address(LIST, filters)


def _build_address(path: str, filters: Mapping[str, str | date | None]) -> str:
    return f"{path}?{urlencode({name: str(value) for name, value in filters.items() if value is not None})}"


def cohort_list_addresses(
    figures: Iterable[str],
    cohort: tuple[date, date],
    kind: str | None = None,
    group: Mapping[str, str | None] | None = None,
) -> dict[str, str]:
    """Return the list behind each figure of a cohort.

    Args:
        figures: Names of figures, of `COUNTED`.
        cohort: The first and the last day on which its leads were qualified.
        kind: One of the headline's kinds, where only these are counted.
        group: By what the report is split, and the group; an unknown one is empty.
    """
    split = {name: value or UNKNOWN for name, value in (group or {}).items()}
    return {
        name: build_list_address(counted=name, kind=kind, **split, **_open_ended_bounds(cohort)) for name in figures
    }


def reached_list_address(stage: str, first: date, last: date, **filters: str | None) -> str:
    """Return the list of the leads that reached something from one day to another, whatever their cohort."""
    bounds = {"reached_first": None if first <= FIRST else first, "reached_last": None if last >= LAST else last}
    return build_list_address(counted="qualified", reached=stage, **filters, **bounds)


def touch_list_address(topic: str, first: date, last: date, outcome: str | None = None) -> str:
    """Return the list of the touches in which contacts raised a topic, from one day to another."""
    bounds = {"first": None if first <= FIRST else first, "last": None if last >= LAST else last}
    return _build_address(TOUCHES, {"topic": topic, "outcome": outcome, **bounds})


def proposal_list_addresses(proposal_id: UUID) -> dict[str, str]:
    """Return the list of the pieces of feedback that led to a proposal."""
    return {"sources": _build_address(PROPOSAL_SOURCES, {"proposal_id": str(proposal_id)})}


def credit_list_addresses(group: str, by: str, model: str, cohort: tuple[date, date]) -> dict[str, str]:
    """Return the list of the deals of which a source or campaign has a share; the empty group is what is not known."""
    credited = {"credited": group or UNKNOWN, "credited_by": by, "credited_model": model}
    return {"deals": build_list_address(**credited, **_open_ended_bounds(cohort))}


def promise_list_addresses(clock: str, policy: str, team: str, first: date, last: date) -> dict[str, str]:
    """Return the lists of the promises that were kept, missed and kept late, of those due from one day to another.

    They are lists of sla-monitor, whose clocks these are; the empty team is nobody's.
    """
    due = {"since": f"{first}T00:00:00Z", "until": f"{last + timedelta(days=1)}T00:00:00Z"}
    asked = {"clock": clock, "policy": policy, "team": team or UNKNOWN, **due}
    return {name: f"/v1/clocks?{urlencode({'outcome': name, **asked})}" for name in ("kept", "missed", "late")}


def _open_ended_bounds(cohort: tuple[date, date]) -> dict[str, date | None]:
    first, last = cohort
    return {"first": None if first <= FIRST else first, "last": None if last >= LAST else last}


def stage_list_addresses(stage: str) -> dict[str, str]:
    """Return the lists of a stage: who is in it, and who is stuck there; none for stages of contacts without a lead."""
    if stage not in LEAD_STAGES:
        return {}
    return {"leads": build_list_address(stage=stage)} | (
        {"stuck": build_list_address(state=stage, stuck="true")} if stage in LEFT else {}
    )


def find_cohort_bounds(cohort: str, label: str, span: tuple[date, date]) -> tuple[date, date]:
    """Return the first and last day of a cohort within a span, by its label (`2026-03-02`, `2026-W10`, `2026-03`)."""
    first, last = span
    if cohort == "week":
        begins = date.fromisoformat(f"{label}-1")
        ends = date.fromordinal(begins.toordinal() + 6)
    elif cohort == "month":
        begins = date.fromisoformat(f"{label}-01")
        following = begins.replace(year=begins.year + begins.month // 12, month=begins.month % 12 + 1)
        ends = date.fromordinal(following.toordinal() - 1)
    else:
        begins = ends = date.fromisoformat(label)
    return max(first, begins), min(last, ends)
