"""All versions of the agreement that matter to a lead, and whose calendar counted when.

A clock keeps the promise of the version it started under. Calendars are no part of a promise: each version's apply from
its own activation on, so that a change of working hours moves what remains and never what has passed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import TypeVar

from events.business_time import Calendar
from sla_monitor.playbook import SlaPlaybook

T = TypeVar("T")

Timetable = Sequence[tuple[datetime, Calendar]]
"""Calendars in turn, each with the instant from which it holds; the first one also held before."""


@dataclass(frozen=True, slots=True)
class Agreements:
    """Versions by name, the version `in_force` (for new clocks), and when each was put in force."""

    versions: Mapping[str, SlaPlaybook]
    in_force: str
    history: Sequence[tuple[datetime, SlaPlaybook]]

    @property
    def current(self) -> SlaPlaybook:
        """The version in force."""
        return self.versions[self.in_force]

    def timetable(
        self, kind: str, team: str | None, reps: Sequence[tuple[datetime, str | None]], start: datetime
    ) -> Timetable:
        """Return the calendars that a clock runs by from `start` on.

        Args:
            kind: `team`, `rep`, `always`, or a calendar's name.
            team: The team at hand-over.
            reps: Who had the lead, in turn, each with the instant from which on; only used for `rep`.
            start: When the clock starts.
        """
        if kind != "rep":
            reps = ((start, None),)
        elif not reps or reps[0][0] > start:
            reps = ((start, None), *reps)
        if len(self.history) == len(reps) == 1:
            return ((start, self.history[0][1].calendar_of(team, kind, reps[0][1])),)
        changes = {start, *(at for at, _ in (*self.history, *reps) if at > start)}
        found = [(at, _at(self.history, at).calendar_of(team, kind, _at(reps, at))) for at in sorted(changes)]
        return [found[0], *(later for earlier, later in pairwise(found) if later[1] != earlier[1])]


def _at(turns: Sequence[tuple[datetime, T]], at: datetime) -> T:
    """Return what applied at an instant; before the first turn, the first."""
    return next((it for since, it in reversed(turns) if since <= at), turns[0][1])
