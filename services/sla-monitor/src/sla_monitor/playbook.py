"""The agreement that sales and marketing signed about time: which promise a lead gets, and on whose calendar.

Durations are written as people say them: `15b` business minutes, `2w` working days (a working day is 24 hours of
deadline, weekends and holidays out), `48h` and `30d` elapsed. Policies are tried in order; the first that fits holds.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import cached_property, lru_cache
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from events.business_time import Calendar, Duration, span
from events.leads import Grade, LeadType

Action = Literal["rep", "manager", "reassign", "recycle"]


class Rule(BaseModel):
    """A part of the agreement: nothing in it is ignored, so a misspelt word is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class When(Rule):
    """Which leads a policy is for; an absent list takes all."""

    lead_type: tuple[LeadType, ...] | None = None
    source: tuple[str, ...] | None = None
    segment: tuple[str, ...] | None = None
    fit: tuple[Grade, ...] | None = None

    def fits(self, lead_type: str, source: str, segment: str | None, fit: str) -> bool:
        """Say whether a lead with these facts is meant."""
        return (
            (self.lead_type is None or lead_type in self.lead_type)
            and (self.source is None or source in self.source)
            and (self.segment is None or segment in self.segment)
            and (self.fit is None or fit in self.fit)
        )


class Policy(Rule):
    """One promise: how soon a rep accepts, how soon a human touches, and touches again. Absent is not promised."""

    name: str = Field(min_length=1, max_length=100)
    when: When = When()
    accept: Duration | None = None
    first_touch: Duration
    second_touch: Duration | None = None


class Touches(Rule):
    """What counts as touching a lead."""

    automated_count: bool = False
    second_after: Duration = span("24h")
    """The second touch lies at least this long after the first."""
    conversation_sources: tuple[str, ...] = ()
    """Sources where capturing the contact was itself a talk with a human: the first touch."""
    conversation_engagements: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _elapsed(self) -> Self:
        if self.second_after.on_calendar:
            raise ValueError("the gap before a second touch is elapsed time (h or d)")
        return self


class Review(Rule):
    """Marketing's look at what became of a lead: opens, then decides."""

    opens: Duration = span("60d")
    decides: Duration = span("90d")
    unreachable_after: int = Field(6, ge=1)
    """Human attempts without an outcome from which on the lead counts as unreachable."""


class Step(Rule):
    """What happens `after` a breach, if the clock still runs then."""

    action: Action
    after: Duration | None = None


class Escalations(Rule):
    """The steps after a breach of each clock."""

    acceptance: tuple[Step, ...] = ()
    first_touch: tuple[Step, ...] = ()
    second_touch: tuple[Step, ...] = ()
    review: tuple[Step, ...] = ()
    reassignments: int = Field(3, ge=0)
    """After so many a further `reassign` goes to the manager instead."""


class SlaPlaybook(Rule):
    """The whole agreement of sla-monitor."""

    calendars: dict[str, Calendar]
    calendar: str
    """The calendar of a team that names none."""
    team_calendars: dict[str, str] = {}
    warn_at: float = Field(0.75, gt=0, lt=1)
    """The share of a promise after which the rep is warned."""
    preferred_time_pauses: Duration | None = span("14d")
    """A first touch that the contact asked for at a later time waits for it, at most so long; absent: never."""
    touches: Touches = Touches()
    review: Review = Review()
    escalations: Escalations = Escalations()
    policies: tuple[Policy, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        for name in (self.calendar, *self.team_calendars.values()):
            if name not in self.calendars:
                raise ValueError("a calendar is named that is not defined")
        names = [policy.name for policy in self.policies]
        if len(set(names)) < len(names):
            raise ValueError("two policies have one name")
        if self.policies[-1].when != When():
            raise ValueError("the last policy takes every lead, so that none is without a promise")
        if self.review.opens.length >= self.review.decides.length:
            raise ValueError("a review opens before it decides")
        return self

    def policy_for(self, lead_type: str, source: str, segment: str | None, fit: str) -> Policy:
        """Choose the first policy that fits; the last one always does."""
        return self._choose(lead_type, source, segment, fit)

    @cached_property
    def _choose(self) -> Callable[[str, str, str | None, str], Policy]:
        @lru_cache(maxsize=4096)
        def first_that_fits(lead_type: str, source: str, segment: str | None, fit: str) -> Policy:
            return next(policy for policy in self.policies if policy.when.fits(lead_type, source, segment, fit))

        return first_that_fits

    def calendar_of(self, team: str | None) -> Calendar:
        """Give the calendar that a team works by."""
        return self.calendars[self.team_calendars.get(team or "", self.calendar)]

    def warnings(self) -> Iterator[str]:
        """Say what is allowed and probably not meant."""
        for policy in self.policies:
            for promise in (policy.accept, policy.first_touch, policy.second_touch):
                if promise and promise.unit == "b" and promise.length >= timedelta(hours=40):
                    yield (
                        f"{policy.name}: {promise.text} is {promise.length / timedelta(hours=1):g} business hours,"
                        " a week or so; working days are written with w"
                    )
