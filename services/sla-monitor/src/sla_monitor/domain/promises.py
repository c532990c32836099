"""What one version of the agreement promises a lead: which touches count, and when each promise runs out.

A hand-raise inside the cycle brings a faster promise, counted from the hand-raise. A due date only ever moves nearer
by it, and what was kept before the hand-raise stays kept. A time that the contact asked for pauses every promise, the
one before the hand-raise too.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from events.spells import first_touch_of_each_spell
from sla_monitor.domain.agreements import Agreements, OwnerHistory
from sla_monitor.domain.due_dates import (
    OpenStretch,
    Stretch,
    Timetable,
    compute_due_at,
    compute_pauses,
    find_stretches_in_state,
)
from sla_monitor.domain.facts import Act, Facts, Placement, Qualified
from sla_monitor.playbook import USUAL, ClockConduct, EscalationStep, Policy, PromiseRule, ReviewRule, SlaPlaybook

OUTCOMES_WITH_CONTACT = ("welcomed", "stalled", "brushed_off", "booked", "held", "rescheduled")
"""Outcomes of touches and meetings in which the contact took part."""
DEEDS_WITH_CONTACT = ("confirm", "opportunity", "won", "lost")
"""What is done with a lead only after the contact took part."""
DEAL_DEEDS = ("opportunity", "won")
TOUCH_IMPLYING_DEEDS = ("confirm", "opportunity")


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
    steps: tuple[EscalationStep, ...] = ()


@dataclass(frozen=True, slots=True)
class PolicyInForce:
    """A policy that holds for the lead from `at` on; that of the hand-over has no instant."""

    at: datetime | None
    policy: Policy
    lead_type: str


class LeadUnderVersion:
    """A lead's facts as one version of the agreement reads them."""

    def __init__(self, facts: Facts, places: list[Placement], playbook: SlaPlaybook, agreements: Agreements) -> None:
        self.facts = facts
        self.playbook = playbook
        self.agreements = agreements
        self.places = places
        self.policies = _policies_in_force(facts, places[0] if places else None, playbook)
        self._touches: dict[bool, list[datetime]] = {}

    def counted_touches(self, clock: str) -> list[datetime]:
        """Return the touches that count for a clock, in order.

        Attempts, meetings held, conversations at capture, and what nobody reaches without a touch: a confirmation, an
        opportunity. A win ends the clocks by itself.
        """
        automated = bool(self._conduct_of_clock(clock).automated_count)
        if automated not in self._touches:
            self._touches[automated] = _find_touches(self.facts, self.playbook, automated_count=automated)
        return self._touches[automated]

    def first_touch_at(self, clock: str) -> datetime | None:
        """When somebody first reached out."""
        return next(iter(self.counted_touches(clock)), None)

    def second_touch_at(self) -> datetime | None:
        """When somebody reached out again, a day or more after the first time; an opportunity means that they did."""
        gap, touches = self.playbook.touches.second_after.length, self.counted_touches("second_touch")
        deals = [act.at for act in self.facts.acts.values() if act.deed == "opportunity"]
        return min([*deals, *(at for at in touches if at - touches[0] >= gap)], default=None)

    @property
    def review_rule(self) -> ReviewRule:
        """The rules of the review of this lead."""
        return self.policies[0].policy.review or self.playbook.review

    def earliest_deadline(
        self, clock: str, start: datetime, until: datetime | None, team: str | None
    ) -> Deadline | None:
        """Return the earliest deadline of the promise at hand-over and of upgrades before `until`; None: no promise."""
        best: tuple[datetime, datetime, tuple[Stretch, ...], PromiseRule, PolicyInForce] | None = None
        for in_force in self.policies:
            promise = in_force.policy.promises.get(clock)
            if promise is None or (in_force.at and until and in_force.at >= until):
                continue
            begins = max(start, in_force.at) if in_force.at else start
            conduct = self.playbook.conduct_for(clock, promise)
            pauses = self._compute_pauses(conduct, begins, until)
            due_at = compute_due_at(begins, promise.target, 1.0, self._build_timetable(conduct, team, begins), pauses)
            if best is None or due_at < best[0]:
                best = due_at, begins, pauses, promise, in_force
        if best is None:
            return None
        due_at, begins, pauses, promise, in_force = best
        conduct = self.playbook.conduct_for(clock, promise)
        timetable = self._build_timetable(conduct, team, begins)
        warns = tuple(
            compute_due_at(begins, promise.target, share, timetable, pauses) for share in conduct.warn_at or ()
        )
        before = tuple(pause for pause in pauses if pause[0] < due_at)
        return Deadline(in_force.policy.name, in_force.lead_type, due_at, warns, before, conduct.escalations or ())

    def review_deadline(self, start: datetime, until: datetime | None, team: str | None) -> Deadline:
        """Return when marketing decides, with the opening of the review as its warning; no upgrade moves it.

        It waits for a time that the contact named before `until`, when the review was closed or the lead ended.
        A contact who answered nobody brings the opening forward to the attempt that made them unreachable, and the
        decision with it.
        """
        rules, in_force, conduct = self.review_rule, self.policies[0], self.playbook.conduct_for("review", USUAL)
        timetable = self._build_timetable(conduct, team, start)
        pauses = self._compute_pauses(conduct, start, until)
        decides, opens = (compute_due_at(start, each, 1.0, timetable, pauses) for each in (rules.decides, rules.opens))
        if (gave_up := self.unreachable_at()) is not None and gave_up < opens:
            opens, decides = gave_up, gave_up + (decides - opens)
        before = tuple(pause for pause in pauses if pause[0] < decides)
        return Deadline(in_force.policy.name, in_force.lead_type, decides, (opens,), before, conduct.escalations or ())

    def attempt_times(self) -> list[datetime]:
        """Return when people tried to reach the contact, in order; tries within one spell are one attempt."""
        return first_touch_of_each_spell(self.counted_touches("review"), self.playbook.touches.spell.length)

    def unreachable_at(self) -> datetime | None:
        """Return the attempt at which the contact had answered nobody for long enough; None: somebody was answered."""
        if any(
            act.deed in DEEDS_WITH_CONTACT or act.outcome in OUTCOMES_WITH_CONTACT for act in self.facts.acts.values()
        ):
            return None
        attempts = self.attempt_times()
        late = attempts[self.review_rule.unreachable_after - 1 :]
        return next((at for at in late if at - attempts[0] >= self.review_rule.unreachable_over.length), None)

    def deadline_without_time(self) -> Deadline:
        """Return the policy of a clock that is reported without a target."""
        return Deadline(self.policies[0].policy.name, self.policies[0].lead_type)

    def make_act_test(self, happening: str, clock: str) -> Callable[[Act], bool]:
        """Return the test of whether an act is what starts or meets a clock of the playbook's own."""
        deed, _, outcome = _DEED_OF[happening].partition(" ")
        if deed == "touch":
            automated = bool(self._conduct_of_clock(clock).automated_count)
            return lambda act: is_touch(act, automated_count=automated)
        return lambda act: act.deed == deed and (not outcome or act.outcome == outcome)

    def _conduct_of_clock(self, clock: str) -> ClockConduct:
        promise = self.policies[0].policy.promises.get(clock) if self.policies else None
        return self.playbook.conduct_for(clock, promise or USUAL)

    def _build_timetable(self, conduct: ClockConduct, team: str | None, start: datetime) -> Timetable:
        reps = self._owner_history() if conduct.calendar == "rep" else ()
        return self.agreements.timetable(conduct.calendar or "team", team, reps, start)

    def _owner_history(self) -> OwnerHistory:
        return [(place.at, place.rep_id) for place in self.places]

    def _compute_pauses(self, conduct: ClockConduct, begins: datetime, until: datetime | None) -> tuple[Stretch, ...]:
        def states(state: str) -> Sequence[OpenStretch]:
            if state == "absent":
                return self.agreements.absences_from(self._owner_history(), begins)
            return find_stretches_in_state(state, self.facts, self.places, until)

        return compute_pauses(conduct.pauses or (), begins, states)


class LeadUnderVersions:
    """A lead's facts as each version of the agreement reads them; each version is computed once."""

    def __init__(self, facts: Facts, agreements: Agreements) -> None:
        self.facts = facts
        self.agreements = agreements
        self.places = list_placements_in_order(facts)
        self._by: dict[int, LeadUnderVersion] = {}

    def for_version(self, playbook: SlaPlaybook) -> LeadUnderVersion:
        """Return the facts as a version reads them."""
        found = self._by.get(id(playbook))
        if found is None:
            found = self._by[id(playbook)] = LeadUnderVersion(self.facts, self.places, playbook, self.agreements)
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


def list_placements_in_order(facts: Facts) -> list[Placement]:
    """Return where routing put the lead, in turn."""
    return sorted((place for place in facts.places.values() if not place.released), key=lambda place: place.number)


def first_placement(facts: Facts) -> Placement | None:
    """Return the placement that handed the lead over: the first that is known; None: none is."""
    return next(iter(list_placements_in_order(facts)), None)


def _find_touches(facts: Facts, playbook: SlaPlaybook, *, automated_count: bool) -> list[datetime]:
    rules = playbook.touches
    found = {
        find_touch_time(act)
        for act in facts.acts.values()
        if is_touch(act, automated_count=automated_count) or implies_touch(act)
    }
    for qualified in facts.qualified.values():
        if qualified.source in rules.conversation_sources or qualified.engagement in rules.conversation_engagements:
            found.add(qualified.captured_at)
    return sorted(found)


def is_touch(act: Act, *, automated_count: bool) -> bool:
    """Whether an act reaches out to the contact."""
    if act.deed == "touch":
        return automated_count or not act.automated
    return act.deed == "meeting" and act.outcome == "held"


def find_touch_time(act: Act) -> datetime:
    """Return when an act reached the contact: a meeting that was held when it began, though it is noted after it."""
    return min(act.at, act.until) if act.deed == "meeting" and act.until else act.at


def implies_touch(act: Act) -> bool:
    """Whether an act can't have happened without a touch, logged or not."""
    return act.deed in TOUCH_IMPLYING_DEEDS


def find_first_deal_time(facts: Facts) -> datetime | None:
    """Return when the lead first had an opportunity or was won; None: it never had."""
    return min((act.at for act in facts.acts.values() if act.deed in DEAL_DEEDS), default=None)


def count_each_human_touch(facts: Facts) -> int:
    """Return how often a person reached out, each touch counted."""
    return sum(is_touch(act, automated_count=False) for act in facts.acts.values())


def _policies_in_force(facts: Facts, first: Placement | None, playbook: SlaPlaybook) -> list[PolicyInForce]:
    """Return the policy at hand-over (or of the qualification, while that is all there is), then those of upgrades."""
    qualified = facts.qualified.get("")
    base, team = first or qualified, first.team if first else None
    upgrades = sorted(
        (upgrade for lead_type, upgrade in facts.qualified.items() if lead_type), key=lambda it: (it.at, it.lead_type)
    )
    first_policy = [PolicyInForce(None, _policy_for(base, team, playbook), base.lead_type)] if base else []
    return first_policy + [
        PolicyInForce(upgrade.at, _policy_for(upgrade, team, playbook), upgrade.lead_type) for upgrade in upgrades
    ]


def _policy_for(lead: Placement | Qualified, team: str | None, playbook: SlaPlaybook) -> Policy:
    return playbook.policy_for(lead.lead_type, lead.source, lead.segment, lead.fit, team)
