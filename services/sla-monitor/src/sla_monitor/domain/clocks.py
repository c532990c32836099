"""What the facts of a lead say about its clocks, whatever was flagged before and in whatever order they were heard.

Five clocks, each started by one named event:

- `speed_to_lead` from the capture of the engagement that qualified, without a target;
- `first_touch`, `second_touch` and `review` from the hand-over: a queue cannot hide a miss, a new rep restarts none;
- `acceptance` from each assignment to another rep.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Literal, NamedTuple

from sla_monitor.domain.facts import Act, Facts, Place
from sla_monitor.domain.promises import Deadline, View, view
from sla_monitor.domain.states import Name
from sla_monitor.playbook import SlaPlaybook

Verdict = Literal["open", "kept", "late", "missed", "cancelled"]
PlaybookOf = Callable[[Name], SlaPlaybook]
"""The version that each clock is pinned to: the one in force when it started."""


class Truth(NamedTuple):
    """One running of one clock as the facts have it.

    `cut_at` is when it stopped: the lead closed, or the rep lost it or gave it back.
    """

    clock: str
    run: int
    policy: str
    lead_type: str
    started_at: datetime
    due_at: datetime | None
    warn_at: datetime | None
    paused_until: datetime | None
    met_at: datetime | None
    cut_at: datetime | None
    owner: Place | None
    """Who had the lead when the clock was answered or stopped; of an open clock, who has it now."""
    missed_by: Place | None
    """Who had the lead when the promise fell due. In a queue nobody did, and a miss counts against the team."""
    verdict: Verdict

    @property
    def name(self) -> Name:
        """Which clock of the lead this is."""
        return self.clock, self.run


def judge(due_at: datetime | None, met_at: datetime | None, cut_at: datetime | None) -> Verdict:
    """Judge a running. A touch at the due instant is in time; a lead that closes at the due instant is missed."""
    if met_at is not None and (cut_at is None or met_at <= cut_at):
        return "kept" if due_at is None or met_at <= due_at else "late"
    if cut_at is None:
        return "open"
    return "cancelled" if due_at is None or cut_at < due_at else "missed"


def ended_at(facts: Facts) -> datetime | None:
    """Give the instant at which the lead was over: won, lost, returned or taken back, whichever came first."""
    ends = list(facts.ends.values())
    ends += [act.at for act in facts.acts.values() if act.deed in ("won", "lost")]
    if facts.places:
        last = max(facts.places.values(), key=lambda place: place.number)
        if last.released:
            ends.append(last.at)
    return min(ends) if ends else None


def derive(facts: Facts, playbook_of: PlaybookOf) -> list[Truth]:
    """Compute every clock of the lead from its facts alone."""
    return list(_Lead(facts, playbook_of).clocks())


class _Lead:
    """The facts with what several clocks need of them."""

    def __init__(self, facts: Facts, playbook_of: PlaybookOf) -> None:
        self.facts = facts
        self.playbook_of = playbook_of
        self.end = ended_at(facts)
        self.placed = sorted(
            (place for place in facts.places.values() if not place.released), key=lambda place: place.number
        )
        self.views: dict[int, View] = {}

    def clocks(self) -> Iterator[Truth]:
        first = self.placed[0] if self.placed else None
        origin = first or self.facts.raised.get("")
        if origin is not None and origin.captured_at is not None:
            yield self._speed_to_lead(origin.captured_at)
        if first is None:
            return
        start = first.handed_over_at or first.at
        yield from self._first_touch(start, first.team)
        yield from self._second_touch(start, first.team)
        yield self._review(start, first.team)
        for nth, (place, left_at) in enumerate(runs(self.facts)):
            yield from self._acceptance(place, left_at, first_run=nth == 0)

    def _view(self, clock: str, run: int = 1) -> View:
        playbook = self.playbook_of((clock, run))
        if id(playbook) not in self.views:
            self.views[id(playbook)] = view(self.facts, playbook)
        return self.views[id(playbook)]

    def _speed_to_lead(self, start: datetime) -> Truth:
        seen = self._view("speed_to_lead")
        return self._truth(("speed_to_lead", 1), start, seen.untimed(), seen.first_touch_at, self.end)

    def _first_touch(self, start: datetime, team: str | None) -> Iterator[Truth]:
        seen = self._view("first_touch")
        met_at = seen.first_touch_at
        deadline = seen.deadline(lambda it: it.first_touch, start, _earlier(met_at, self.end), team, pauses=True)
        return self._promised(("first_touch", 1), start, deadline, met_at, self.end)

    def _second_touch(self, start: datetime, team: str | None) -> Iterator[Truth]:
        seen = self._view("second_touch")
        met_at = seen.second_touch_at
        deadline = seen.deadline(lambda it: it.second_touch, start, _earlier(met_at, self.end), team)
        return self._promised(("second_touch", 1), start, deadline, met_at, self.end)

    def _review(self, start: datetime, team: str | None) -> Truth:
        closing = [act.at for act in self.facts.acts.values() if _closes_review(act)]
        deadline = self._view("review").review(start, team)
        return self._truth(("review", 1), start, deadline, min(closing) if closing else None, self.end)

    def _acceptance(self, place: Place, left_at: datetime | None, *, first_run: bool) -> Iterator[Truth]:
        met_at, cut_at = None, _earlier(self.end, left_at)
        for act in self.facts.acts.values():
            if act.automated or not _answers(act, place, left_at, first_run=first_run):
                continue
            if act.deed == "reject":
                cut_at = _earlier(cut_at, act.at)
            else:
                met_at = _earlier(met_at, act.at)
        seen = self._view("acceptance", place.number)
        deadline = seen.deadline(lambda it: it.accept, place.at, _earlier(met_at, cut_at), place.team)
        return self._promised(("acceptance", place.number), place.at, deadline, met_at, cut_at, holder=place)

    def _promised(
        self,
        name: Name,
        start: datetime,
        deadline: Deadline | None,
        met_at: datetime | None,
        cut_at: datetime | None,
        *,
        holder: Place | None = None,
    ) -> Iterator[Truth]:
        if deadline is not None:
            yield self._truth(name, start, deadline, met_at, cut_at, holder=holder)

    def _truth(
        self,
        name: Name,
        start: datetime,
        deadline: Deadline,
        met_at: datetime | None,
        cut_at: datetime | None,
        *,
        holder: Place | None = None,
    ) -> Truth:
        verdict = judge(deadline.due_at, met_at, cut_at)
        return Truth(
            *name,
            deadline.policy,
            deadline.lead_type,
            start,
            deadline.due_at,
            deadline.warn_at,
            deadline.paused_until,
            met_at if verdict in ("kept", "late") else None,
            cut_at,
            holder or self._owner(met_at if verdict == "kept" else cut_at),
            holder or self._owner(deadline.due_at, before=True),
            verdict,
        )

    def _owner(self, at: datetime | None, *, before: bool = False) -> Place | None:
        """Give who had the lead at (or just before) an instant; without one, who has it now."""
        found = self.placed[0] if self.placed else None
        for place in self.placed[1:]:
            if at is None or place.at < at or (place.at == at and not before):
                found = place
        return found


def runs(facts: Facts) -> list[tuple[Place, datetime | None]]:
    """Give the assignments that started a rep's clock, each with the instant at which that rep lost the lead."""
    found: list[tuple[Place, datetime | None]] = []
    for place in sorted(facts.places.values(), key=lambda each: each.number):
        running = found[-1] if found and found[-1][1] is None else None
        if running and running[0].rep_id == place.rep_id:
            continue
        if running:
            found[-1] = (running[0], place.at)
        if place.rep_id is not None:
            found.append((place, None))
    return found


def _answers(act: Act, place: Place, left_at: datetime | None, *, first_run: bool) -> bool:
    """Tell whether an act falls into a rep's time with the lead.

    Before the first assignment is the first rep's time; at the very instant of a change of hands only the rep's own
    acts are.
    """
    if not first_run and (act.at < place.at or (act.at == place.at and act.by != place.rep_id)):
        return False
    return left_at is None or act.at < left_at or (act.at == left_at and act.by == place.rep_id)


def _closes_review(act: Act) -> bool:
    if act.deed == "meeting":
        return act.outcome in ("booked", "held")
    return act.deed in ("opportunity", "won")


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    if one is None or other is None:
        return one or other
    return min(one, other)
