"""The list behind a figure of a report, as the address that opens exactly it.

Every filter of such an address is a filter of the list that it opens.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal, get_args
from urllib.parse import urlencode

UNKNOWN = "(none)"
"""The value of a filter for what nobody has."""
Counted = Literal["due", "met", "rescinded", "met_late", "breached", "cancelled", "open"]
"""What compliance counts, by the name of the figure."""
COUNTED: tuple[Counted, ...] = get_args(Counted)
Outcome = Literal["kept", "missed", "late"]
OUTCOMES: Mapping[Outcome, tuple[str, ...]] = {
    "kept": ("met", "rescinded"), "missed": ("breached", "met_late"), "late": ("met_late",),
}  # fmt: skip
"""How a promise came out, by the states of its clock; what came late was missed first."""
FILTERS = {"team": "team", "rep": "rep_id", "policy": "policy", "week": "week", "clock": "clock"}
"""By what a report is split, with the filter that chooses one group."""
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
_MOMENT = timedelta(microseconds=1)


def compliance_list_addresses(
    by: str, key: str | None, clock: str, since: datetime | None, until: datetime | None, *, promised: bool
) -> dict[str, str]:
    """Return the address of the list behind each compliance figure; nothing is due where nothing is promised."""
    asked: dict[str, str | datetime | None] = {
        FILTERS[by]: key or UNKNOWN, "clock": clock, "since": since, "until": until,
    }  # fmt: skip
    return {name: _list_address("clocks", counted=name, **asked) for name in COUNTED if promised or name != "due"}


def open_miss_list_addresses(by: str, key: str | None, now: datetime) -> dict[str, str]:
    """Return the lists of a group's open misses, of all and by how long ago they fell due."""
    hour, day, week = (now - age + _MOMENT for age in (HOUR, DAY, WEEK))
    spans: dict[str, dict[str, datetime]] = {
        "breaches": {},
        "under_an_hour": {"due_from": hour},
        "under_a_day": {"due_from": day, "due_before": hour},
        "under_a_week": {"due_from": week, "due_before": day},
        "older": {"due_before": week},
    }
    asked = {FILTERS[by]: key or UNKNOWN, "open": "true"}
    return {name: _list_address("breaches", **asked, **span) for name, span in spans.items()}


def ignored_list_addresses(team: str | None) -> dict[str, str]:
    """Return the list of a team's leads that no human touched in time, and still has not."""
    return {"leads": _list_address("breaches", team=team or UNKNOWN, ignored="true")}


def promise_list_addresses(side: str, promise: str, month: str, since: datetime, until: datetime) -> dict[str, str]:
    """Return the lists of a promise in a month (`2026-03`): of which leads its share is taken, and who deliver it."""
    asked: dict[str, str | datetime | None] = {
        "side": side, "promise": promise, "month": month, "since": since, "until": until,
    }  # fmt: skip
    return {
        "of": _list_address("promises/leads", **asked),
        "leads": _list_address("promises/leads", **asked, delivered="true"),
    }


def suspicion_list_addresses(
    kind: str, by: str, week: datetime | None, since: datetime, until: datetime
) -> dict[str, str]:
    """Return the list of a person's suspicious acts, of those in one week where the figure counts these alone."""
    first, last = (since, until) if week is None else (max(since, week), min(until, week + WEEK))
    return {"count": _list_address("suspicions/acts", kind=kind, by=by, since=first, until=last)}


def _list_address(path: str, **filters: str | datetime | None) -> str:
    given = {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in filters.items()
        if value is not None
    }
    return f"/v1/{path}?{urlencode(given)}"
