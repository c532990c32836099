"""Which leads go to which queue: queues of teams, and ordered rules that match facts of a lead.

A rule lists for each fact the values that it matches; the first rule that matches a lead decides.
"""

from datetime import timedelta
from functools import cached_property
from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from events.business_time import Calendar, Duration, parse_duration
from events.contacts import AccountKind
from events.leads import Grade, LeadType, Outcome
from events.playbook import Section
from routing.playbook.names import UrlSafeName

ASKED_OTHERWISE = ("postal_prefix", "employees", "fact", "never", "hours")
"""What a rule asks otherwise than by a list of values."""


OFFICE = Calendar.model_validate(
    {"zone": "UTC"} | {day: ["09:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
)


class Queue(Section):
    """A queue of leads for one team. Priority 1 is served first."""

    team: UrlSafeName
    priority: Annotated[int, Field(ge=1, le=99)]
    then: UrlSafeName | None = None
    """The queue to which a lead goes on when everybody of the team has had it or can't take it; absent: the manager."""


class BookingRule(Section):
    """The slots that contacts can book."""

    minutes: Annotated[int, Field(ge=5, le=240)] = 30
    days_ahead: Annotated[int, Field(ge=1, le=90)] = 30
    notice: Duration = parse_duration("1h")
    """A slot is booked at least so long before it begins."""
    hours: Calendar = OFFICE
    """When reps can be met who have no working hours of their own or of their team."""

    @model_validator(mode="after")
    def _check_notice_is_elapsed(self) -> Self:
        if self.notice.is_working_time:
            raise ValueError("the notice of a booking is elapsed time (h or d)")
        return self

    @property
    def meeting_length(self) -> timedelta:
        """How long a meeting takes."""
        return timedelta(minutes=self.minutes)


class NumberRange(Section):
    """A range of employees: from `at_least` (inclusive) to `below` (exclusive)."""

    at_least: Annotated[int, Field(ge=0)] | None = None
    below: Annotated[int, Field(ge=1)] | None = None

    def __str__(self) -> str:
        lower = f"{self.at_least} or more" if self.at_least is not None else ""
        upper = f"fewer than {self.below}" if self.below is not None else ""
        return " and ".join(part for part in (lower, upper) if part) or "any number"

    def contains(self, number: int | None) -> bool:
        """Whether a number lies inside; an unknown one lies in no range."""
        if number is None:
            return False
        return (self.at_least is None or number >= self.at_least) and (self.below is None or number < self.below)


FACT = "fact."
"""How the names of a contact's further facts begin where rules ask for them."""
Value = Annotated[str, Field(max_length=200)] | bool | int | float


class FactConditions(Section):
    """Facts of a lead with the values listed for each."""

    lead_type: tuple[LeadType, ...] = ()
    outcome: tuple[Outcome, ...] = ()
    fit: tuple[Grade, ...] = ()
    readiness: tuple[Annotated[int, Field(ge=1, le=4)], ...] = ()
    segment: tuple[str, ...] = ()
    country: tuple[str, ...] = ()
    region: tuple[str, ...] = ()
    industry: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    campaign: tuple[str, ...] = ()
    engagement: tuple[str, ...] = ()
    email_kind: tuple[str, ...] = ()
    email_domain: tuple[str, ...] = ()
    """Named accounts; `&name [...]` and `*name` write such a list once for several rules."""
    fact: Annotated[dict[str, tuple[Value, ...]], Field(max_length=20)] = {}
    """Any other fact, such as `budget_approved: ["yes"]` or `utm.medium: [cpc]`."""
    preference: tuple[str, ...] = ()
    product: tuple[str, ...] = ()
    account_kind: tuple[AccountKind, ...] = ()
    """What is known of the company, as the register of accounts has it."""
    postal_prefix: tuple[Annotated[str, Field(min_length=1, max_length=20)], ...] = ()
    """The postal code begins with one of these."""
    employees: NumberRange | None = None
    hours: Calendar | None = None
    """They asked within these hours, such as `{zone: Europe/Berlin, mon: ["09:00-18:00"]}`."""

    @cached_property
    def listed_values(self) -> tuple[tuple[str, tuple[Value, ...]], ...]:
        """The facts asked for, with the values taken, in the order above."""
        named = [(name, getattr(self, name)) for name in type(self).model_fields if name not in ASKED_OTHERWISE]
        named += [(f"{FACT}{name}", values) for name, values in self.fact.items()]
        return tuple((name, values) for name, values in named if values)

    @cached_property
    def fact_names(self) -> frozenset[str]:
        """The facts for which is asked in any way."""
        found = {name for name, _ in self.listed_values}
        found |= {"postal_code"} if self.postal_prefix else set()
        found |= {"captured_at"} if self.hours is not None else set()
        return frozenset(found | ({"employees"} if self.employees is not None else set()))


class RuleCondition(FactConditions):
    """What a rule asks of a lead: for each fact named here, one of the values listed, and none of those under `not`."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    never: Annotated[FactConditions, Field(alias="not")] = FactConditions()
    """Whoever has one of these values is not taken."""

    @property
    def takes_everything(self) -> bool:
        """Whether nothing is asked."""
        return not self.fact_names and not self.never.fact_names


class RoutingRule(Section):
    """Leads that match `when` go to `queue`."""

    name: UrlSafeName
    when: RuleCondition = RuleCondition()
    queue: UrlSafeName
