"""The history of a lead as its review shows it: who had it when, and what was done with it."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from sla_monitor.domain.facts import Facts


class HistoryEntry(NamedTuple):
    """One entry."""

    at: datetime
    what: str
    by: str | None = None
    detail: str | None = None


def list_history(facts: Facts) -> list[HistoryEntry]:
    """Return a lead's history in order of time."""
    return sorted(
        _build_history_entries(facts), key=lambda entry: (entry.at, entry.what, entry.by or "", entry.detail or "")
    )


def _build_history_entries(facts: Facts) -> Iterator[HistoryEntry]:
    for upgrade, qualified in facts.qualified.items():
        yield HistoryEntry(
            qualified.at, "upgraded" if upgrade else "qualified", None, f"{qualified.lead_type} {qualified.fit}"
        )
    for place in facts.places.values():
        where = "released" if place.released else "assigned" if place.rep_id else "queued"
        yield HistoryEntry(place.at, where, place.rep_id, place.team)
    for act in facts.acts.values():
        yield HistoryEntry(act.at, f"automated {act.deed}" if act.automated else act.deed, act.by, act.outcome)
    for key, end in facts.ends.items():
        yield HistoryEntry(end.at, key.split(".")[1], end.by or None, end.reason or None)
