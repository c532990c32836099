"""All versions of the agreement that matter to a lead, and whose calendar counted when.

A clock keeps the promise of the version it started under. Calendars are no part of a promise: each version's apply from
its own activation on, so that a change of working hours moves what remains and never what has passed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import TypeVar

from events.business_time import Calendar
from sla_monitor.domain.due_dates import Stretch, Timetable, join_stretches
from sla_monitor.domain.rep_calendars import RepCalendarRevision, absences_between, calendar_in_force
from sla_monitor.playbook import SlaPlaybook

T = TypeVar("T")

OwnerHistory = Sequence[tuple[datetime, str | None]]
"""Who had a lead, in order, each with the instant from which on; None: nobody."""


@dataclass(frozen=True, slots=True)
class Agreements:
    """Versions by name, the version `in_force` (for new clocks), when each was put in force, and when reps work."""

    versions: Mapping[str, SlaPlaybook]
    in_force: str
    history: Sequence[tuple[datetime, SlaPlaybook]]
    rep_calendars: Mapping[str, Sequence[RepCalendarRevision]] = field(default_factory=dict)
    """By rep, in the order of their revisions."""

    @property
    def current(self) -> SlaPlaybook:
        """The version in force."""
        return self.versions[self.in_force]

    def timetable(self, kind: str, team: str | None, reps: OwnerHistory, start: datetime) -> Timetable:
        """Return the calendars that a clock runs by from `start` on.

        Args:
            kind: `team`, `rep`, `always`, or a calendar's name.
            team: The team at hand-over.
            reps: Who had the lead; only used for `rep`.
            start: When the clock starts.
        """
        if kind != "rep":
            reps = ((start, None),)
        elif not reps or reps[0][0] > start:
            reps = ((start, None), *reps)
        own = [each.since for _, rep_id in reps for each in self.rep_calendars.get(rep_id or "", ())]
        if len(self.history) == len(reps) == 1 and not own:
            return ((start, self.history[0][1].calendar_for(team, kind, reps[0][1])),)
        changes = {start, *(at for at in (*own, *(at for at, _ in (*self.history, *reps))) if at > start)}
        found = [(at, self._calendar_at(at, kind, team, _value_in_force_at(reps, at))) for at in sorted(changes)]
        return [found[0], *(later for earlier, later in pairwise(found) if later[1] != earlier[1])]

    def absences_from(self, reps: OwnerHistory, start: datetime) -> list[Stretch]:
        """Return when whoever had the lead was absent, from `start` on, in order and apart."""
        found: list[Stretch] = []
        ends = [*(at for at, _ in reps[1:]), None]
        for (since, rep_id), until in zip(reps, ends, strict=False):
            found += absences_between(self.rep_calendars.get(rep_id or "", ()), max(since, start), until)
        return list(join_stretches(found))

    def _calendar_at(self, at: datetime, kind: str, team: str | None, rep_id: str | None) -> Calendar:
        own = calendar_in_force(self.rep_calendars.get(rep_id or "", ()), at)
        if own is not None and own.calendar is not None:
            return own.calendar
        return _value_in_force_at(self.history, at).calendar_for(team, kind, rep_id)


def _value_in_force_at(changes: Sequence[tuple[datetime, T]], at: datetime) -> T:
    """Return what applied at an instant; before the first change, the first."""
    return next((it for since, it in reversed(changes) if since <= at), changes[0][1])
