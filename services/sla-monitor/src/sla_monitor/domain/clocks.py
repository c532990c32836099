"""What the facts of a lead make of its clocks, whatever was flagged before and in whatever order events arrived.

Five clocks, each started by one named event:

- `speed_to_lead` from the capture of the engagement that qualified, without a target;
- `first_touch`, `second_touch` and `review` from the hand-over: a queue cannot hide a miss, a new rep restarts none;
- `acceptance` from each assignment to another rep.

A playbook may name more: one run each, from the first event that starts it to the first that meets it after that.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Literal, NamedTuple

from sla_monitor.domain.due_dates import Stretch
from sla_monitor.domain.facts import Act, Facts, Placement
from sla_monitor.domain.promises import Deadline, LeadUnderVersion, LeadUnderVersions
from sla_monitor.domain.states import ClockRunName
from sla_monitor.playbook import EscalationStep, SlaPlaybook

Verdict = Literal["open", "kept", "late", "missed", "cancelled"]


class ClockRun(NamedTuple):
    """One run of one clock, as the facts have it.

    `stopped_at` is when it stopped: the lead closed, or the rep lost it or returned it.
    """

    clock: str
    run: int
    policy: str
    lead_type: str
    started_at: datetime
    due_at: datetime | None
    warns: tuple[datetime, ...]
    pauses: tuple[Stretch, ...]
    steps: tuple[EscalationStep, ...]
    met_at: datetime | None
    stopped_at: datetime | None
    owner: Placement | None
    """Who had the lead when the clock was answered or stopped; of an open clock, who has it now."""
    missed_by: Placement | None
    """Who had the lead when the promise fell due. In a queue nobody did, and a miss counts against the team."""
    verdict: Verdict

    @property
    def name(self) -> ClockRunName:
        """Which clock of the lead this is."""
        return self.clock, self.run

    @property
    def warn_at(self) -> datetime | None:
        """When the first warning is due."""
        return self.warns[0] if self.warns else None

    @property
    def paused_until(self) -> datetime | None:
        """When the last pause ends."""
        return self.pauses[-1][1] if self.pauses else None


def compute_verdict(due_at: datetime | None, met_at: datetime | None, stopped_at: datetime | None) -> Verdict:
    """Return the verdict on a run. A touch at the due instant is in time; an end at the due instant is a miss."""
    if met_at is not None and (stopped_at is None or met_at <= stopped_at):
        return "kept" if due_at is None or met_at <= due_at else "late"
    if stopped_at is None:
        return "open"
    return "cancelled" if due_at is None or stopped_at < due_at else "missed"


def lead_ended_at(facts: Facts) -> datetime | None:
    """Return when the lead ended: won, lost, returned or released, whichever came first; None while it is open."""
    ends = [end.at for end in facts.ends.values()]
    ends += [act.at for act in facts.acts.values() if act.deed in ("won", "lost")]
    if facts.places:
        last = max(facts.places.values(), key=lambda place: place.number)
        if last.released:
            ends.append(last.at)
    return min(ends) if ends else None


def compute_runs(views: LeadUnderVersions, pinned: Mapping[ClockRunName, SlaPlaybook]) -> list[ClockRun]:
    """Compute every clock of the lead from its facts alone; `pinned` has the version each clock started under."""
    return list(_ClockComputation(views, pinned).clocks())


class _ClockComputation:
    """The facts with what several clocks need of them."""

    def __init__(self, views: LeadUnderVersions, pinned: Mapping[ClockRunName, SlaPlaybook]) -> None:
        self.views = views
        self.facts = views.facts
        self.pinned = pinned
        self.current = views.agreements.current
        self.end = lead_ended_at(self.facts)
        self.placed = views.places

    def clocks(self) -> Iterator[ClockRun]:
        first = self.placed[0] if self.placed else None
        origin = first or self.facts.qualified.get("")
        team = first.team if first else None
        if origin is not None and origin.captured_at is not None:
            yield self._speed_to_lead_run(origin.captured_at, team)
            yield from self._playbook_clock_runs(origin.captured_at, team)
        if first is None:
            return
        start = first.handed_over_at or first.at
        yield from self._first_touch_runs(start, team)
        yield from self._second_touch_runs(start, team)
        yield self._review_run(start, team)
        for nth, (place, left_at) in enumerate(list_rep_assignments(self.facts)):
            yield from self._acceptance_runs(place, left_at, first_run=nth == 0)

    def _view_under_version_of(self, clock: str, run: int = 1) -> LeadUnderVersion:
        return self.views.for_version(self.pinned.get((clock, run), self.current))

    def _speed_to_lead_run(self, start: datetime, team: str | None) -> ClockRun:
        seen = self._view_under_version_of("speed_to_lead")
        met_at = seen.first_touch_at("speed_to_lead")
        deadline = seen.earliest_deadline("speed_to_lead", start, _earlier_of(met_at, self.end), team)
        return self._build_clock_run(
            ("speed_to_lead", 1), start, deadline or seen.deadline_without_time(), met_at, self.end
        )

    def _first_touch_runs(self, start: datetime, team: str | None) -> Iterator[ClockRun]:
        seen = self._view_under_version_of("first_touch")
        met_at = seen.first_touch_at("first_touch")
        deadline = seen.earliest_deadline("first_touch", start, _earlier_of(met_at, self.end), team)
        return self._run_if_promised(("first_touch", 1), start, deadline, met_at, self.end)

    def _second_touch_runs(self, start: datetime, team: str | None) -> Iterator[ClockRun]:
        seen = self._view_under_version_of("second_touch")
        met_at = seen.second_touch_at()
        deadline = seen.earliest_deadline("second_touch", start, _earlier_of(met_at, self.end), team)
        return self._run_if_promised(("second_touch", 1), start, deadline, met_at, self.end)

    def _review_run(self, start: datetime, team: str | None) -> ClockRun:
        met_at = min((act.at for act in self.facts.acts.values() if _closes_review(act)), default=None)
        deadline = self._view_under_version_of("review").review_deadline(start, _earlier_of(met_at, self.end), team)
        return self._build_clock_run(("review", 1), start, deadline, met_at, self.end)

    def _acceptance_runs(self, place: Placement, left_at: datetime | None, *, first_run: bool) -> Iterator[ClockRun]:
        met_at, stopped_at = None, _earlier_of(self.end, left_at)
        for act in self.facts.acts.values():
            if act.automated or not _is_within_rep_time(act, place, left_at, first_run=first_run):
                continue
            if act.deed == "reject":
                stopped_at = _earlier_of(stopped_at, act.at)
            else:
                met_at = _earlier_of(met_at, act.at)
        seen = self._view_under_version_of("acceptance", place.number)
        deadline = seen.earliest_deadline("acceptance", place.at, _earlier_of(met_at, stopped_at), place.team)
        return self._run_if_promised(("acceptance", place.number), place.at, deadline, met_at, stopped_at, holder=place)

    def _playbook_clock_runs(self, captured_at: datetime, team: str | None) -> Iterator[ClockRun]:
        named = {*self.current.own_clocks, *(clock for clock, _ in self.pinned)}
        for clock in sorted(named):
            seen = self._view_under_version_of(clock)
            rule = seen.playbook.own_clocks.get(clock)
            started = self._find_start(rule.starts, clock, seen, captured_at) if rule and rule.starts else None
            if rule is None or started is None or (self.end is not None and self.end < started[0]):
                continue
            met_at = self._find_meeting_time(rule.met_by, clock, seen, started)
            deadline = seen.earliest_deadline(clock, started[0], _earlier_of(met_at, self.end), team)
            yield from self._run_if_promised((clock, 1), started[0], deadline, met_at, self.end)

    def _find_start(
        self, happening: str, clock: str, seen: LeadUnderVersion, captured_at: datetime
    ) -> tuple[datetime, str] | None:
        """Return when a clock of the playbook's own starts, and by which act if it is one."""
        first, qualified = (self.placed[0] if self.placed else None), self.facts.qualified.get("")
        instants = {
            "captured": captured_at,
            "qualified": qualified.at if qualified else None,
            "handed_over": (first.handed_over_at or first.at) if first else None,
            "assigned": next((place.at for place in self.placed if place.rep_id is not None), None),
        }
        if happening in instants:
            at = instants[happening]
            return (at, "") if at is not None else None
        counts = seen.make_act_test(happening, clock)
        return min(((act.at, key) for key, act in self.facts.acts.items() if counts(act)), default=None)

    def _find_meeting_time(
        self, happenings: tuple[str, ...], clock: str, seen: LeadUnderVersion, started: tuple[datetime, str]
    ) -> datetime | None:
        tests = [seen.make_act_test(happening, clock) for happening in happenings]
        return min(
            (
                act.at
                for key, act in self.facts.acts.items()
                if act.at >= started[0] and key != started[1] and any(counts(act) for counts in tests)
            ),
            default=None,
        )

    def _run_if_promised(
        self,
        name: ClockRunName,
        start: datetime,
        deadline: Deadline | None,
        met_at: datetime | None,
        stopped_at: datetime | None,
        *,
        holder: Placement | None = None,
    ) -> Iterator[ClockRun]:
        if deadline is not None:
            yield self._build_clock_run(name, start, deadline, met_at, stopped_at, holder=holder)

    def _build_clock_run(
        self,
        name: ClockRunName,
        start: datetime,
        deadline: Deadline,
        met_at: datetime | None,
        stopped_at: datetime | None,
        *,
        holder: Placement | None = None,
    ) -> ClockRun:
        verdict = compute_verdict(deadline.due_at, met_at, stopped_at)
        return ClockRun(
            *name,
            deadline.policy,
            deadline.lead_type,
            start,
            deadline.due_at,
            deadline.warns,
            deadline.pauses,
            deadline.steps,
            met_at if verdict in ("kept", "late") else None,
            stopped_at,
            holder or self._owner_at(met_at if verdict == "kept" else stopped_at),
            holder or self._owner_at(deadline.due_at, before=True),
            verdict,
        )

    def _owner_at(self, at: datetime | None, *, before: bool = False) -> Placement | None:
        """Return who had the lead at (or just before) an instant; without an instant, who has it now."""
        found = self.placed[0] if self.placed else None
        for place in self.placed[1:]:
            if at is None or place.at < at or (place.at == at and not before):
                found = place
        return found


def list_rep_assignments(facts: Facts) -> list[tuple[Placement, datetime | None]]:
    """Return the assignments that started a rep's clock, each with when that rep lost the lead."""
    found: list[tuple[Placement, datetime | None]] = []
    for place in sorted(facts.places.values(), key=lambda each: each.number):
        running = found[-1] if found and found[-1][1] is None else None
        if running and running[0].rep_id == place.rep_id:
            continue
        if running:
            found[-1] = (running[0], place.at)
        if place.rep_id is not None:
            found.append((place, None))
    return found


def _is_within_rep_time(act: Act, place: Placement, left_at: datetime | None, *, first_run: bool) -> bool:
    """Whether an act falls into a rep's time with the lead.

    Before the first assignment is the first rep's time; at the very instant of a change of reps only the rep's own acts
    are.
    """
    if not first_run and (act.at < place.at or (act.at == place.at and act.by != place.rep_id)):
        return False
    return left_at is None or act.at < left_at or (act.at == left_at and act.by == place.rep_id)


def _closes_review(act: Act) -> bool:
    if act.deed == "meeting":
        return act.outcome in ("booked", "held")
    return act.deed in ("opportunity", "won")


def _earlier_of(first: datetime | None, second: datetime | None) -> datetime | None:
    if first is None or second is None:
        return first or second
    return min(first, second)
