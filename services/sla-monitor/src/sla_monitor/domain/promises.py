"""What one version of the agreement promises a lead: which touches count, and when each promise runs out.

A hand-raise inside the cycle brings a faster promise, counted from the hand-raise. A due date only ever moves nearer
by it, and what was kept before the hand-raise stays kept.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sla_monitor.domain.agreements import Agreements, Turns
from sla_monitor.domain.due_dates import OpenStretch, Stretch, Timetable, due, pauses_of, states_of
from sla_monitor.domain.facts import Act, Facts, Place, Raised
from sla_monitor.playbook import USUAL, Conduct, Policy, Promise, Review, SlaPlaybook, Step

ANSWERED = ("welcomed", "stalled", "brushed_off", "booked", "held", "rescheduled")
"""Outcomes of touches and meetings in which the contact took part."""
ANSWERS = ("confirm", "opportunity", "won", "lost")
OUTCOMES = ("opportunity", "won")
IMPLYING = ("confirm", "opportunity")


@dataclass(frozen=True, slots=True)
class Deadline:
    """When a promise is due, and by which policy."""

    policy: str
    lead_type: str
    due_at: datetime | None = None
    """None where a time is only reported."""
    warns: tuple[datetime, ...] = ()
    pauses: tuple[Stretch, ...] = ()
    """When the clock stands still, in order."""
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Offer:
    """A policy that holds for the lead from `at` on; that of the hand-over has no instant."""

    at: datetime | None
    policy: Policy
    lead_type: str
    prefers_at: datetime | None


class View:
    """A lead's facts as one version of the agreement reads them."""

    def __init__(self, facts: Facts, places: list[Place], playbook: SlaPlaybook, agreements: Agreements) -> None:
        self.facts = facts
        self.playbook = playbook
        self.agreements = agreements
        self.places = places
        self.offers = _offers(facts, places[0] if places else None, playbook)
        self._touches: dict[bool, list[datetime]] = {}

    def touches(self, clock: str) -> list[datetime]:
        """Return the touches that count for a clock, in order.

        Attempts, meetings held, conversations at capture, and what nobody reaches without a touch: a confirmation, an
        opportunity. A win ends the clocks by itself.
        """
        automated = bool(self._conduct(clock).automated_count)
        if automated not in self._touches:
            self._touches[automated] = _touches(self.facts, self.playbook, automated_count=automated)
        return self._touches[automated]

    def first_touch_at(self, clock: str) -> datetime | None:
        """When somebody first reached out."""
        return next(iter(self.touches(clock)), None)

    def second_touch_at(self) -> datetime | None:
        """When somebody reached out again, a day or more after the first time; an opportunity means that they did."""
        gap, touches = self.playbook.touches.second_after.length, self.touches("second_touch")
        deals = [act.at for act in self.facts.acts.values() if act.deed == "opportunity"]
        return min([*deals, *(at for at in touches if at - touches[0] >= gap)], default=None)

    @property
    def review(self) -> Review:
        """The rules of the review of this lead."""
        return self.offers[0].policy.review or self.playbook.review

    def deadline(self, clock: str, start: datetime, until: datetime | None, team: str | None) -> Deadline | None:
        """Return the earliest deadline of the promise at hand-over and of upgrades before `until`; None: no promise."""
        best: tuple[datetime, datetime, tuple[Stretch, ...], Promise, Offer] | None = None
        for offer in self.offers:
            promise = offer.policy.promises.get(clock)
            if promise is None or (offer.at and until and offer.at >= until):
                continue
            begins = max(start, offer.at) if offer.at else start
            conduct = self.playbook.conduct(clock, promise)
            pauses = self._pauses(conduct, begins, offer.prefers_at)
            due_at = due(begins, promise.target, 1.0, self._timetable(conduct, team, begins), pauses)
            if best is None or due_at < best[0]:
                best = due_at, begins, pauses, promise, offer
        if best is None:
            return None
        due_at, begins, pauses, promise, offer = best
        conduct = self.playbook.conduct(clock, promise)
        timetable = self._timetable(conduct, team, begins)
        warns = tuple(due(begins, promise.target, share, timetable, pauses) for share in conduct.warn_at or ())
        before = tuple(pause for pause in pauses if pause[0] < due_at)
        return Deadline(offer.policy.name, offer.lead_type, due_at, warns, before, conduct.escalations or ())

    def review_deadline(self, start: datetime, team: str | None) -> Deadline:
        """Return when marketing decides, with the opening of the review as its warning; no upgrade moves it.

        A contact who answered nobody brings the opening forward to the attempt that made them unreachable, and the
        decision with it.
        """
        rules, offer, conduct = self.review, self.offers[0], self.playbook.conduct("review", USUAL)
        timetable = self._timetable(conduct, team, start)
        decides, opens = (due(start, each, 1.0, timetable, ()) for each in (rules.decides, rules.opens))
        if (gave_up := self.unreachable_at()) is not None and gave_up < opens:
            opens, decides = gave_up, gave_up + (decides - opens)
        return Deadline(offer.policy.name, offer.lead_type, decides, (opens,), (), conduct.escalations or ())

    def attempts(self) -> list[datetime]:
        """Return when people tried to reach the contact, in order; tries within one spell are one attempt."""
        return spells(self.touches("review"), self.playbook.touches.spell.length)

    def unreachable_at(self) -> datetime | None:
        """Return the attempt at which the contact had answered nobody for long enough; None: somebody was answered."""
        if any(act.deed in ANSWERS or act.outcome in ANSWERED for act in self.facts.acts.values()):
            return None
        attempts = self.attempts()
        late = attempts[self.review.unreachable_after - 1 :]
        return next((at for at in late if at - attempts[0] >= self.review.unreachable_over.length), None)

    def untimed(self) -> Deadline:
        """Return the policy of a clock that is reported without a target."""
        return Deadline(self.offers[0].policy.name, self.offers[0].lead_type)

    def counts_as(self, happening: str, clock: str) -> Callable[[Act], bool]:
        """Return the test of whether an act is what starts or meets a clock of the playbook's own."""
        deed, _, outcome = _DEED_OF[happening].partition(" ")
        if deed == "touch":
            automated = bool(self._conduct(clock).automated_count)
            return lambda act: is_touch(act, automated_count=automated)
        return lambda act: act.deed == deed and (not outcome or act.outcome == outcome)

    def _conduct(self, clock: str) -> Conduct:
        promise = self.offers[0].policy.promises.get(clock) if self.offers else None
        return self.playbook.conduct(clock, promise or USUAL)

    def _timetable(self, conduct: Conduct, team: str | None, start: datetime) -> Timetable:
        reps = self._turns() if conduct.calendar == "rep" else ()
        return self.agreements.timetable(conduct.calendar or "team", team, reps, start)

    def _turns(self) -> Turns:
        return [(place.at, place.rep_id) for place in self.places]

    def _pauses(self, conduct: Conduct, begins: datetime, prefers_at: datetime | None) -> tuple[Stretch, ...]:
        def states(state: str) -> Sequence[OpenStretch]:
            if state == "absent":
                return self.agreements.away(self._turns(), begins)
            return states_of(state, self.facts, self.places, begins, prefers_at)

        return pauses_of(conduct.pauses or (), begins, states)


class Views:
    """A lead's facts as each version of the agreement reads them; each version is computed once."""

    def __init__(self, facts: Facts, agreements: Agreements) -> None:
        self.facts = facts
        self.agreements = agreements
        self.places = placed(facts)
        self._by: dict[int, View] = {}

    def by(self, playbook: SlaPlaybook) -> View:
        """Return the facts as a version reads them."""
        found = self._by.get(id(playbook))
        if found is None:
            found = self._by[id(playbook)] = View(self.facts, self.places, playbook, self.agreements)
        return found


_DEED_OF = {
    "accepted": "accept",
    "rejected": "reject",
    "touched": "touch",
    "meeting_booked": "meeting booked",
    "meeting_held": "meeting held",
    "confirmed": "confirm",
    "opportunity": "opportunity",
    "won": "won",
}


def placed(facts: Facts) -> list[Place]:
    """Return where routing put the lead, in turn."""
    return sorted((place for place in facts.places.values() if not place.released), key=lambda place: place.number)


def handed_over(facts: Facts) -> Place | None:
    """Return the placement that handed the lead over: the first that is known; None: none is."""
    return next(iter(placed(facts)), None)


def _touches(facts: Facts, playbook: SlaPlaybook, *, automated_count: bool) -> list[datetime]:
    rules = playbook.touches
    found = {
        act.at for act in facts.acts.values() if is_touch(act, automated_count=automated_count) or implies_touch(act)
    }
    for raised in facts.raised.values():
        if raised.source in rules.conversation_sources or raised.engagement in rules.conversation_engagements:
            found.add(raised.captured_at)
    return sorted(found)


def is_touch(act: Act, *, automated_count: bool) -> bool:
    """Whether an act reaches out to the contact."""
    if act.deed == "touch":
        return automated_count or not act.automated
    return act.deed == "meeting" and act.outcome == "held"


def implies_touch(act: Act) -> bool:
    """Whether an act can't have happened without a touch, logged or not."""
    return act.deed in IMPLYING


def outcome_at(facts: Facts) -> datetime | None:
    """Return when the lead first had an opportunity or was won; None: it never had."""
    return min((act.at for act in facts.acts.values() if act.deed in OUTCOMES), default=None)


def spells(touches: Sequence[datetime], spell: timedelta) -> list[datetime]:
    """Return the first touch of each spell; a touch within `spell` of the one that counted before does not count."""
    found: list[datetime] = []
    for at in touches:
        if not found or at - found[-1] >= spell:
            found.append(at)
    return found


def human_touches(facts: Facts) -> int:
    """Return how often a person reached out."""
    return sum(is_touch(act, automated_count=False) for act in facts.acts.values())


def _offers(facts: Facts, first: Place | None, playbook: SlaPlaybook) -> list[Offer]:
    """Return the policy at hand-over (or of the qualification, while that is all there is), then those of upgrades."""
    qualified = facts.raised.get("")
    base, team = first or qualified, first.team if first else None
    upgrades = sorted((raised for key, raised in facts.raised.items() if key), key=lambda it: (it.at, it.lead_type))
    prefers_at = qualified.prefers_at if qualified else None
    offers = [Offer(None, _policy(base, team, playbook), base.lead_type, prefers_at)] if base else []
    return offers + [
        Offer(raised.at, _policy(raised, team, playbook), raised.lead_type, raised.prefers_at) for raised in upgrades
    ]


def _policy(lead: Place | Raised, team: str | None, playbook: SlaPlaybook) -> Policy:
    return playbook.policy_for(lead.lead_type, lead.source, lead.segment, lead.fit, team)
