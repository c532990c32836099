"""One lead as the facts about it, in whatever order they arrived: a half-known lead is a lead.

Each fact is merged so that the order does not matter: the latest placement by its number, the latest lead type by
when it was published, the first and last touch by when they happened, and the moves by the fold of `lifecycle`.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from operator import attrgetter
from typing import Any
from uuid import UUID

from events.leads import MeetingOutcome
from events.spells import first_touch_of_each_spell
from feedback.domain.lifecycle import OPEN, UNMOVED, Move, Standing, State, fold_moves
from feedback.domain.requested_times import RequestedTime, add_requested_times, find_requested_time
from feedback.playbook import Side

UNREACHABLE = "unreachable"
MOST_TOUCH_TIMES = 200
"""Instants of touches that a lead keeps to count its attempts; each touch is kept in its history."""

AHEAD: tuple[MeetingOutcome, ...] = ("booked", "rescheduled")
CALLED_OFF: tuple[MeetingOutcome, ...] = ("cancelled", "no_show")
"""Outcomes of a meeting after which nobody waits for it any more."""

UNTOUCHED: tuple[State, ...] = ("mql", "accepted", "sal")
"""The open states that a lead may be in without a touch."""


@dataclass(frozen=True, slots=True)
class Touchpoint:
    """One engagement that led to a deal."""

    at: datetime
    source: str | None
    campaign: str | None


@dataclass(frozen=True)
class Lead:
    """One cycle of one contact. Everything but the identity may still be unknown."""

    lead_id: UUID
    contact_id: UUID
    cycle: int
    heard_at: datetime
    """When the earliest fact about it happened."""
    lead_type: str | None = None
    typed_at: datetime | None = None
    """When scoring last published the type; None while only routing's copy of it is known."""
    outcome: str | None = None
    fit: str | None = None
    source: str | None = None
    campaign: str | None = None
    segment: str | None = None
    company: str | None = None
    playbook_version: str | None = None
    """The version of scoring's playbook that qualified the lead."""
    qualified_at: datetime | None = None
    captured_at: datetime | None = None
    asked_at: datetime | None = None
    """When the contact last said when to call or to meet them; None: they never did."""
    waits_until: datetime | None = None
    """The time that they named then; the instant at which they asked where that is at once."""
    requested_times: tuple[RequestedTime, ...] = ()
    """All that they said of it, and the slots that were booked and called off."""
    placement: int = 0
    placed: str | None = None
    """`queued`, `assigned` or `released`."""
    handed_over_at: datetime | None = None
    rep_id: str | None = None
    team: str | None = None
    queue: str | None = None
    roles: Mapping[str, str] = field(default_factory=dict)
    """Each rep who ever had the lead, and in which role."""
    moves: tuple[Move, ...] = ()
    touches: int = 0
    """Human ones, each counted."""
    touch_times: tuple[datetime, ...] = ()
    """When people tried to reach the contact, in order, each instant once: the earliest `MOST_TOUCH_TIMES`."""
    automated_touches: int = 0
    first_touched_at: datetime | None = None
    last_touched_at: datetime | None = None
    answered_at: datetime | None = None
    """The latest touch that the contact answered."""
    review_opened_at: datetime | None = None
    review_closed_at: datetime | None = None
    rang_at: datetime | None = None
    """When the wake-up timer of the present end rang."""
    alarm_at: datetime | None = None
    """What the wake-up timer is set to."""
    stalls_at: datetime | None = None
    """When an open lead that nobody takes on returns to nurture by itself."""
    woken_at: datetime | None = None
    path: tuple[Touchpoint, ...] = ()
    """The engagements that led to its opportunity or win, in order; empty while there is none."""
    published_end: UUID | None = None
    """The end that was published; None while there is none."""
    published_wake: UUID | None = None
    """The end for which the wake-up was published."""

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> "Lead":
        """Build a lead from all its facts, as they were kept."""
        lead = object.__new__(cls)
        lead.__dict__.update(facts)
        return lead

    def with_facts(self, **facts: Any) -> "Lead":
        """Return the lead with some facts changed; what it amounts to is computed again only where it may differ.

        The same as `dataclasses.replace`, but at a tenth of its time: each command on each lead passes here.
        """
        lead = self.from_facts(self.__dict__)
        lead.__dict__.update(facts)
        lead.__dict__.pop("crm_values", None)
        if "moves" in facts or "roles" in facts:
            lead.__dict__.pop("standing", None)
        else:
            lead.__dict__["standing"] = self.standing
        return lead

    def with_known_since(self, at: datetime) -> "Lead":
        """Return the lead as known from `at` on, if that is earlier than what was known."""
        return self if self.heard_at <= at else self.with_facts(heard_at=at)

    @cached_property
    def standing(self) -> Standing:
        """Where the lead stands, by its moves."""
        return fold_moves(self.moves, self.roles) if self.moves else UNMOVED

    @property
    def state(self) -> State:
        """The lead's state."""
        return self.standing.state

    @property
    def is_open(self) -> bool:
        """Whether sales can still work it."""
        return self.state in OPEN

    @property
    def side(self) -> Side:
        """The side that owns the lead now."""
        if self.state in ("won", "customer"):
            return "customer_success"
        if self.state == "disqualified":
            return "nobody"
        if not self.is_open:
            return "marketing"
        handed_over = self.handed_over_at is not None or bool(self.moves)
        return "sales" if handed_over else "marketing"

    def stage(self, stages: Collection[str]) -> str:
        """Return the lead's stage by the definitions: finer than its state, where they have such a stage."""
        at, finer = self.standing, str(self.state)
        if self.state == "opportunity" and at.confirmed_at is not None:
            finer = "sqo"
        elif at.end is not None and at.end.reason == UNREACHABLE:
            finer = UNREACHABLE
        return finer if finer in stages else self.state

    @property
    def revenue(self) -> float:
        """What the win is worth so far, growth included."""
        at = self.standing
        return (at.amount or 0.0) + at.grown if at.won_at is not None else 0.0

    @property
    def first_state_at(self) -> datetime:
        """When its first state began: at hand-over, or when it qualified."""
        return self.handed_over_at or self.qualified_at or self.heard_at

    def is_new(self) -> bool:
        """Check whether no human touched it in this cycle; a confirmed one was touched, logged or not."""
        return self.state in UNTOUCHED and self.touches == 0

    def is_cold(self, now: datetime, engaged_at: datetime | None, after: timedelta) -> bool:
        """Check whether it is open, and nobody engaged or answered for so long, past the time that they named."""
        answered = [self.answered_at, engaged_at, self.qualified_at, self.waits_until]
        return self.is_open and now - max((at for at in answered if at is not None), default=self.heard_at) >= after

    @property
    def since(self) -> datetime:
        """Since when the lead is in its state: an untouched one since hand-over, or since it qualified."""
        return self.standing.since or self.first_state_at

    @property
    def idle_since(self) -> datetime:
        """Since when nothing happened that was to happen: in its state, and past the time that the contact named."""
        return self.since if self.waits_until is None else max(self.since, self.waits_until)

    @property
    def ended_at(self) -> datetime | None:
        """When the cycle ended by a return or a disqualification."""
        return self.standing.end.at if self.standing.end else None

    @property
    def wake_condition(self) -> str | None:
        """What wakes an ended lead, as its end says."""
        return self.standing.end.wakes_on if self.standing.end else None

    @property
    def closed_at(self) -> datetime | None:
        """When the lead left sales' hands for good or for now."""
        return None if self.is_open else self.standing.since

    @cached_property
    def crm_values(self) -> tuple[Any, ...]:
        """What a CRM sees of the lead, as values to compare."""
        end = self.standing.end
        return *_OWN(self), *_REACHED(self.standing), *(_ENDED(end) if end is not None else (None, None, None))

    @property
    def hours_to_first_touch(self) -> int | None:
        """Whole hours until a person first touched it: from hand-over, or from the time that the contact had named.

        None where nobody did, or it was not handed over.
        """
        touched, starts = self.first_touched_at, self.handed_over_at
        if touched is None or starts is None:
            return None
        asked = find_requested_time(self.requested_times, touched)
        starts = max(starts, asked[1]) if asked is not None else starts
        return max(0, int((touched - starts).total_seconds() // 3600))

    def count_attempts(self, spell_minutes: int) -> int:
        """Return how often people tried to reach the contact; touches within so long of each other are one attempt."""
        return len(first_touch_of_each_spell(self.touch_times, timedelta(minutes=spell_minutes)))


def apply_requested_time(lead: Lead, asked_at: datetime, until: datetime | None, *, called_off: bool = False) -> Lead:
    """Merge when the contact asked to be called or to meet: the last request counts, by when it was said.

    Args:
        lead: The lead.
        asked_at: When they said so, or when the slot was booked.
        until: The time that they named; None changes nothing.
        called_off: Whether nobody waits for that time any more; after it that changes nothing.
    """
    if until is None or (called_off and asked_at >= until):
        return lead
    return _merge_requests(lead, RequestedTime(asked_at, called_off, until))


def _merge_requests(lead: Lead, *requests: RequestedTime) -> Lead:
    """Add requests, and the one that the columns alone have: the version before writes no other place.

    What was asked for by the first touch does not change how long that is counted to have taken.
    """
    at, until, touched = lead.asked_at, lead.waits_until, lead.first_touched_at
    kept: tuple[RequestedTime, ...] = ()
    if at is not None and until is not None and (at, until) != find_requested_time(lead.requested_times):
        kept = (RequestedTime(at, called_off=False, until=until),)
    counted = (each for each in kept if touched is None or each.asked_at > touched)
    merged = add_requested_times(lead.requested_times, *counted, *requests)
    last = find_requested_time((*merged, *kept)) or (None, None)
    if (merged, *last) == (lead.requested_times, at, until):
        return lead
    return lead.with_facts(requested_times=merged, asked_at=last[0], waits_until=last[1])


def apply_meeting(lead: Lead, at: datetime, outcome: MeetingOutcome, starts_at: datetime) -> Lead:
    """Merge a meeting: one ahead is waited for, one that was held is an answered touch from when it began."""
    if outcome == "held":
        return count_touch(lead, min(at, starts_at), automated=False, answered=True)
    if outcome in AHEAD:
        return apply_requested_time(lead, at, starts_at)
    return apply_requested_time(lead, at, starts_at, called_off=True) if outcome in CALLED_OFF else lead


def count_touch(lead: Lead, at: datetime, *, automated: bool, answered: bool = False) -> Lead:
    """Count one touch; a machine's is no part of an attempt."""
    facts: dict[str, Any] = {}
    if answered:
        facts["answered_at"] = at if lead.answered_at is None else max(lead.answered_at, at)
    if automated:
        return lead.with_facts(**facts, automated_touches=lead.automated_touches + 1)
    first, last = lead.first_touched_at, lead.last_touched_at
    if first is None:
        lead = _merge_requests(lead)
    return lead.with_facts(
        **facts,
        touches=lead.touches + 1,
        touch_times=tuple(sorted({*lead.touch_times, at})[:MOST_TOUCH_TIMES]),
        first_touched_at=at if first is None else min(first, at),
        last_touched_at=at if last is None else max(last, at),
    )


_OWN = attrgetter(
    "lead_id", "cycle", "state", "side", "since", "lead_type", "fit", "source", "campaign", "qualified_at",
    "handed_over_at", "rep_id", "team", "first_touched_at", "touches", "closed_at",
)  # fmt: skip
_REACHED = attrgetter("accepted_at", "confirmed_at", "opportunity_at", "amount")
_ENDED = attrgetter("reason", "track", "wake_at")
