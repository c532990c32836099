"""The agreement about who follows up what: teams, queues in order of priority, ordered rules, the roster, suppression.

A rule lists for each fact the values that it takes; the first rule that takes a lead decides. The last rule takes
everything, so that no lead falls through.
"""

from collections.abc import Collection
from datetime import date
from functools import cached_property
from string import Formatter
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from events.leads import Grade, LeadType, Outcome, Role, Suppression

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.@-]{0,79}$")]
"""Teams, queues, rules and reps go by names that are safe in a URL."""


def _known_zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        msg = "not a time zone of the IANA database"
        raise ValueError(msg) from None


class Chapter(BaseModel):
    """A piece of the playbook; a word that nobody knows is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Team(Chapter):
    """People who follow up the same kind of lead. `zone` says when their day begins."""

    role: Role
    zone: Annotated[str, AfterValidator(_known_zone)] = "UTC"

    @cached_property
    def tz(self) -> ZoneInfo:
        """The zone, ready to use."""
        return ZoneInfo(self.zone)


class Queue(Chapter):
    """A line of leads before one team. 1 is served first."""

    team: Name
    priority: Annotated[int, Field(ge=1, le=99)]


class Span(Chapter):
    """A range of employees: from `at_least` (inclusive) to `below` (exclusive)."""

    at_least: Annotated[int, Field(ge=0)] | None = None
    below: Annotated[int, Field(ge=1)] | None = None

    def __str__(self) -> str:
        lower = f"{self.at_least} or more" if self.at_least is not None else ""
        upper = f"fewer than {self.below}" if self.below is not None else ""
        return " and ".join(part for part in (lower, upper) if part) or "any number"

    def holds(self, number: int | None) -> bool:
        """Whether a number lies inside; an unknown one lies in no range."""
        if number is None:
            return False
        return (self.at_least is None or number >= self.at_least) and (self.below is None or number < self.below)


class When(Chapter):
    """What a rule asks of a lead: for each fact named here, one of the values listed."""

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
    preference: tuple[str, ...] = ()
    employees: Span | None = None

    @cached_property
    def lists(self) -> tuple[tuple[str, tuple[str | int, ...]], ...]:
        """The facts asked for, with the values taken, in the order above."""
        named = ((name, getattr(self, name)) for name in type(self).model_fields if name != "employees")
        return tuple((name, values) for name, values in named if values)

    @property
    def takes_everything(self) -> bool:
        """Whether nothing is asked."""
        return not self.lists and self.employees is None


class Rule(Chapter):
    """Leads like this go to that queue."""

    name: Name
    when: When = When()
    queue: Name


class Capacity(Chapter):
    """How much a rep takes: leads open at once, and new ones a day. None is no limit."""

    open: Annotated[int, Field(strict=True, ge=0, le=100_000)] | None = None
    per_day: Annotated[int, Field(strict=True, ge=0, le=100_000)] | None = None


def _written_day(value: object) -> object:
    """Take a day as it is written; pydantic alone would also count a number as seconds since 1970."""
    if isinstance(value, date) or (isinstance(value, str) and "-" in value):
        return value
    msg = "a day is written as YYYY-MM-DD"
    raise ValueError(msg)


Day = Annotated[date, BeforeValidator(_written_day)]


class Absence(Chapter):
    """Days on which a rep gets nothing new, first and last included, in the team's zone."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    first: Annotated[Day, Field(alias="from")]
    last: Annotated[Day, Field(alias="to")]

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.last < self.first:
            msg = "an absence ends on or after the day it begins"
            raise ValueError(msg)
        return self


Status = Literal["active", "paused", "left"]
Weight = Annotated[float, Field(ge=0.01, le=100)]


class RosterEntry(Chapter):
    """A rep of a fresh install; `PUT /v1/reps/{rep_id}` adds others and overrides these."""

    team: Name
    role: Role | None = None
    weight: Weight = 1.0
    capacity: Capacity = Capacity()
    absences: tuple[Absence, ...] = ()
    status: Status = "active"


class Silence(Suppression):
    """Which of marketing's channels are silent (true) while sales talks to the contact."""

    model_config = ConfigDict(extra="forbid", frozen=True)


OPENER_FACTS = frozenset({"engagement", "content", "campaign"})


class Openers(Chapter):
    """Words for a rep's first sentence: what they did, and what they asked for."""

    engagements: dict[str, str]
    preferences: dict[str, str] = {}
    otherwise: str = "came to us through {engagement}"

    @model_validator(mode="after")
    def _fillable(self) -> Self:
        for phrase in (*self.engagements.values(), self.otherwise):
            if not {name for _, name, _, _ in Formatter().parse(phrase) if name} <= OPENER_FACTS:
                msg = "an opener may name {engagement}, {content} and {campaign} alone"
                raise ValueError(msg)
        return self


class RoutingPlaybook(Chapter):
    """Everything that routing decides by."""

    teams: dict[Name, Team]
    queues: dict[Name, Queue]
    rules: tuple[Rule, ...]
    reps: dict[Name, RosterEntry] = {}
    account_owner_first: bool = True
    suppress: Silence = Silence()
    suppress_by_lead_type: dict[LeadType, Silence] = {}
    openers: Openers
    suggested_content: Annotated[int, Field(ge=0, le=20)] = 3
    """At most so many pieces are suggested."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        known: list[tuple[str, str, Collection[str]]] = [
            *(("queue's team", queue.team, self.teams) for queue in self.queues.values()),
            *(("rep's team", rep.team, self.teams) for rep in self.reps.values()),
            *(("rule's queue", rule.queue, self.queues) for rule in self.rules),
        ]
        for what, name, names in known:
            if name not in names:
                msg = f"a {what} is not in the playbook: {name}"
                raise ValueError(msg)
        rule_names = [rule.name for rule in self.rules]
        if len(set(rule_names)) < len(rule_names):
            msg = "two rules have the same name"
            raise ValueError(msg)
        if not self.rules or not self.rules[-1].when.takes_everything:
            msg = "the last rule must take everything, or leads fall through"
            raise ValueError(msg)
        return self

    def silence(self, lead_type: LeadType) -> Silence:
        """Which of marketing's channels are silent while sales has such a lead."""
        return self.suppress_by_lead_type.get(lead_type, self.suppress)
