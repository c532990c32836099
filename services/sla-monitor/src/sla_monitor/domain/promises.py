"""What one version of the agreement promises a lead: which touches count, and when each promise runs out.

A hand-raise inside the cycle brings a faster promise, counted from the hand-raise. A due date only ever moves nearer
by it, and what was kept before the hand-raise stays kept.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from events.business_time import Span, after
from sla_monitor.domain.facts import Act, Facts, Place, Raised
from sla_monitor.playbook import Policy, SlaPlaybook

PromiseOf = Callable[[Policy], Span | None]


@dataclass(frozen=True, slots=True)
class Deadline:
    """When a promise is due, and by which policy; until `paused_until` the contact asked not to be called."""

    policy: str
    lead_type: str
    due_at: datetime | None = None
    """None where a time is only reported."""
    warn_at: datetime | None = None
    paused_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """A policy that holds for the lead from `at` on; that of the hand-over has no instant."""

    at: datetime | None
    policy: Policy
    lead_type: str
    prefers_at: datetime | None


@dataclass(frozen=True, slots=True)
class View:
    """A lead's facts as one version of the agreement reads them."""

    playbook: SlaPlaybook
    touches: list[datetime]
    """All touches that count, in order: attempts by humans, meetings held, talks that came in."""
    offers: list[Offer]

    @property
    def first_touch_at(self) -> datetime | None:
        """When a human first reached out."""
        return self.touches[0] if self.touches else None

    @property
    def second_touch_at(self) -> datetime | None:
        """When a human reached out again, a day or more after the first time."""
        gap = self.playbook.touches.second_after.length
        return next((at for at in self.touches if at - self.touches[0] >= gap), None)

    def deadline(
        self,
        promise_of: PromiseOf,
        start: datetime,
        until: datetime | None,
        team: str | None,
        *,
        pauses: bool = False,
    ) -> Deadline | None:
        """Give the earliest deadline among the promise at hand-over and those of upgrades made before `until`."""
        calendar = self.playbook.calendar_of(team)
        best: tuple[datetime, datetime, datetime | None, Span, Offer] | None = None
        for offer in self.offers:
            promise = promise_of(offer.policy)
            if promise is None or (offer.at and until and offer.at >= until):
                continue
            begins = max(start, offer.at) if offer.at else start
            paused = self._paused_until(offer, begins) if pauses else None
            due_at = after(paused or begins, promise, calendar)
            if best is None or due_at < best[0]:
                best = due_at, begins, paused, promise, offer
        if best is None:
            return None
        due_at, begins, paused, promise, offer = best
        warn_at = after(paused or begins, promise, calendar, self.playbook.warn_at)
        return Deadline(offer.policy.name, offer.lead_type, due_at, warn_at, paused)

    def review(self, start: datetime, team: str | None) -> Deadline:
        """Give the day on which marketing decides, warned of when the review opens; no upgrade moves it."""
        calendar, rules, offer = self.playbook.calendar_of(team), self.playbook.review, self.offers[0]
        decides, opens = after(start, rules.decides, calendar), after(start, rules.opens, calendar)
        return Deadline(offer.policy.name, offer.lead_type, decides, opens)

    def untimed(self) -> Deadline:
        """Give the policy of a clock that is reported without a target."""
        return Deadline(self.offers[0].policy.name, self.offers[0].lead_type)

    def _paused_until(self, offer: Offer, begins: datetime) -> datetime | None:
        longest = self.playbook.preferred_time_pauses
        if longest is None or offer.prefers_at is None or offer.prefers_at <= begins:
            return None
        return min(offer.prefers_at, begins + longest.length)


def view(facts: Facts, playbook: SlaPlaybook) -> View:
    """Read a lead's facts by one version of the agreement."""
    return View(playbook, _touches(facts, playbook), _offers(facts, playbook))


def handed_over(facts: Facts) -> Place | None:
    """Give the placement that handed the lead over: the first one known."""
    placed = [place for place in facts.places.values() if not place.released]
    return min(placed, key=lambda place: place.number) if placed else None


def _touches(facts: Facts, playbook: SlaPlaybook) -> list[datetime]:
    rules = playbook.touches
    found = {act.at for act in facts.acts.values() if is_touch(act, automated_count=rules.automated_count)}
    for raised in facts.raised.values():
        if raised.source in rules.conversation_sources or raised.engagement in rules.conversation_engagements:
            found.add(raised.captured_at)
    return sorted(found)


def is_touch(act: Act, *, automated_count: bool) -> bool:
    """Tell whether an act reaches out to the contact."""
    if act.deed == "touch":
        return automated_count or not act.automated
    return act.deed == "meeting" and act.outcome == "held"


def _offers(facts: Facts, playbook: SlaPlaybook) -> list[Offer]:
    """Give the policy at hand-over (or of the qualification, while that is all there is), then those of upgrades."""
    qualified = facts.raised.get("")
    bases = [base for base in (handed_over(facts), qualified) if base is not None]
    upgrades = sorted((raised for key, raised in facts.raised.items() if key), key=lambda it: (it.at, it.lead_type))
    return [
        *(
            Offer(None, _policy(base, playbook), base.lead_type, qualified.prefers_at if qualified else None)
            for base in bases[:1]
        ),
        *(Offer(raised.at, _policy(raised, playbook), raised.lead_type, raised.prefers_at) for raised in upgrades),
    ]


def _policy(lead: Place | Raised, playbook: SlaPlaybook) -> Policy:
    return playbook.policy_for(lead.lead_type, lead.source, lead.segment, lead.fit)
