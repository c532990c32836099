"""The agreement that sales and marketing signed about time: which promise a lead gets, and on whose calendar.

Durations are written as people say them: `15b` business minutes, `2w` working days (a working day is 24 hours of
deadline, weekends and holidays out), `48h` and `30d` elapsed. Policies are tried in order; the first that fits holds.
"""

from functools import cached_property
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainSerializer,
    model_validator,
)

from events.business_time import Duration, PromiseLength, parse_duration
from events.leads import Grade, LeadType
from events.playbook import Section

Action = Literal["rep", "manager", "reassign", "recycle"]
Happening = Literal[
    "captured", "qualified", "handed_over", "assigned",
    "accepted", "rejected", "touched", "meeting_booked", "meeting_held", "confirmed", "opportunity", "won",
]  # fmt: skip
"""What starts a clock, and, from `accepted` on, what people do that meets one."""

FIELD_OF = {
    "speed_to_lead": "speed_to_lead",
    "acceptance": "accept",
    "first_touch": "first_touch",
    "second_touch": "second_touch",
}


def _wrap_in_tuple(value: object) -> object:
    return value if isinstance(value, list | tuple) else (value,)


def _check_rising_shares(shares: tuple[float, ...]) -> tuple[float, ...]:
    if any(later <= earlier for earlier, later in pairwise(shares)):
        raise ValueError("warning points rise")
    return shares


Shares = Annotated[
    tuple[Annotated[float, Field(gt=0, lt=1)], ...],
    BeforeValidator(_wrap_in_tuple),
    AfterValidator(_check_rising_shares),
]
"""Shares of a promise: `0.75`, or `[0.5, 0.9]`."""


class PolicyCondition(Section):
    """Which leads a policy is for; an absent list takes all."""

    lead_type: tuple[LeadType, ...] | None = None
    source: tuple[str, ...] | None = None
    segment: tuple[str, ...] | None = None
    fit: tuple[Grade, ...] | None = None
    team: tuple[str, ...] | None = None
    """Teams that leads are handed over to."""

    def fits(self, lead_type: str, source: str, segment: str | None, fit: str, team: str | None) -> bool:
        """Whether a lead with these facts matches."""
        return (
            (self.lead_type is None or lead_type in self.lead_type)
            and (self.source is None or source in self.source)
            and (self.segment is None or segment in self.segment)
            and (self.fit is None or fit in self.fit)
            and (self.team is None or team in self.team)
        )


class EscalationStep(Section):
    """What happens `after` a breach, if the clock still runs then."""

    action: Action
    after: Duration | None = None


class PauseRule(Section):
    """A state of the lead in which a clock stands still, for at most so long altogether."""

    state: Literal["preferred_time", "queued", "meeting_booked", "absent"]
    """Until the time that the contact asked for; while nobody has the lead; until the meeting that was booked; while
    whoever has the lead is absent."""
    at_most: Duration

    @model_validator(mode="after")
    def _check_cap_is_elapsed_time(self) -> Self:
        if self.at_most.is_working_time:
            raise ValueError("a pause is capped in elapsed time (h or d)")
        return self


class ClockConduct(Section):
    """How a clock runs; what is absent is as the rest of the agreement says."""

    warn_at: Shares | None = None
    calendar: str | None = None
    """`team`, `rep`, `always` (business time that never stops), or a calendar by its name."""
    pauses: tuple[PauseRule, ...] | None = None
    automated_count: bool | None = None
    """Whether a machine's touch keeps this promise."""
    escalations: tuple[EscalationStep, ...] | None = None


USUAL = ClockConduct()


class PromiseRule(ClockConduct):
    """A target, and how its clock runs where that is special to one policy."""

    target: Duration


class ClockRule(ClockConduct):
    """How clocks of this name run. One of your own names the event that starts it, and those that meet it."""

    starts: Happening | None = None
    met_by: tuple[Happening, ...] = ()


def _parse_promise(value: object) -> object:
    """Read `15b`, `{working_days: 2}` or a target with rules of its own."""
    if isinstance(value, str | PromiseLength):
        return {"target": value}
    if isinstance(value, dict) and "working_days" in value and "target" not in value:
        return {key: it for key, it in value.items() if key != "working_days"} | {"target": f"{value['working_days']}w"}
    return value


def _serialize_promise(promise: PromiseRule) -> str | dict[str, object]:
    return promise.target.text if promise.model_fields_set == {"target"} else promise.model_dump(exclude_none=True)


Promised = Annotated[PromiseRule, BeforeValidator(_parse_promise), PlainSerializer(_serialize_promise)]


class ReviewRule(Section):
    """Marketing's look at what became of a lead: opens, then decides."""

    opens: Duration = parse_duration("60d")
    decides: Duration = parse_duration("90d")
    unreachable_after: int = Field(6, ge=1)
    """Human attempts without an outcome from which on the lead counts as unreachable."""
    unreachable_over: Duration = parse_duration("10d")
    """If nobody answered so many attempts over so long, the review opens at once."""

    @model_validator(mode="after")
    def _check_opens_before_decides(self) -> Self:
        if self.unreachable_over.is_working_time:
            raise ValueError("attempts are spread over elapsed time (h or d)")
        if self.opens.length >= self.decides.length:
            raise ValueError("a review opens before it decides")
        return self


class Policy(Section):
    """One promise: how soon a rep accepts, how soon a human touches, and touches again. Absent is not promised."""

    name: str = Field(min_length=1, max_length=100)
    when: PolicyCondition = PolicyCondition()
    speed_to_lead: Promised | None = None
    accept: Promised | None = None
    first_touch: Promised
    second_touch: Promised | None = None
    own: dict[str, Promised] = {}
    """Targets of clocks of your own, by their names."""
    review: ReviewRule | None = None

    @cached_property
    def promises(self) -> dict[str, PromiseRule]:
        """What is promised, by clock."""
        usual = {clock: getattr(self, field) for clock, field in FIELD_OF.items()}
        return {clock: promise for clock, promise in (usual | self.own).items() if promise is not None}


class TouchRules(Section):
    """What counts as touching a lead."""

    automated_count: bool = False
    second_after: Duration = parse_duration("24h")
    """The second touch lies at least this long after the first."""
    conversation_sources: tuple[str, ...] = ()
    """Sources where capturing the contact was itself a talk with a human: the first touch."""
    conversation_engagements: tuple[str, ...] = ()
    spell: Duration = parse_duration("1h")
    """Attempts within so long of each other are one."""

    @model_validator(mode="after")
    def _check_gaps_are_elapsed_time(self) -> Self:
        if self.second_after.is_working_time or self.spell.is_working_time:
            raise ValueError("the gap between touches is elapsed time (h or d)")
        return self


class EscalationRules(Section):
    """The steps after a breach of each clock."""

    acceptance: tuple[EscalationStep, ...] = ()
    first_touch: tuple[EscalationStep, ...] = ()
    second_touch: tuple[EscalationStep, ...] = ()
    review: tuple[EscalationStep, ...] = ()
    reassignments: int = Field(3, ge=0)
    """After so many a further `reassign` goes to the manager instead."""
