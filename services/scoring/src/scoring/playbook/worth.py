"""What engagements are worth: points, how often they count, and how they fade."""

import math
from datetime import timedelta
from functools import cached_property
from typing import Self

from pydantic import Field, model_validator

from events.leads import LeadType
from events.parts import Scalar
from events.playbook import Section
from scoring.playbook.criteria import Facts, Terms, fold_terms
from scoring.playbook.thresholds import Level
from scoring.playbook.titles import fold_title

MICROSECOND = timedelta(microseconds=1)


def _days_to_microseconds(days: float) -> int:
    return timedelta(days=days) // MICROSECOND


class EngagementWorth(Section):
    """What one kind of engagement is worth, how much of it counts at most, and how fast it fades."""

    name: str
    engagements: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    if_any_says_yes: tuple[str, ...] = ()
    """Facts (a trailing `*` stands for any letters) of which at least one must say yes."""
    if_any_is: dict[str, Terms] = {}
    """Facts of which at least one must be one of these words."""
    if_at_least: dict[str, float] = {}
    """Facts of which at least one must be so large a number."""
    points: float
    """Below zero for what speaks against a lead: it counts whole for `within_days`, and then not at all."""
    cap: float
    """The most that the row counts; of points below zero the least."""
    half_life_days: float | None = Field(default=None, gt=0)
    linear_days: float | None = Field(default=None, gt=0)
    """Fades evenly to nothing in so many days, where there is no half-life."""
    within_days: float | None = Field(default=None, gt=0)
    """Counts for so many days and not at all afterwards."""
    same_content_days: float | None = Field(default=None, gt=0)
    """The same content counts once within each period of so many days: as of the last time."""
    repeats: int | None = Field(default=None, ge=1)
    """So many of the latest count at most."""
    period_days: float | None = Field(default=None, gt=0)
    period_cap: float | None = Field(default=None, ge=0)
    """What happened within one period of so many days counts so much at most."""
    group: str | None = None
    lead_type: LeadType

    @model_validator(mode="after")
    def _check_single_way_of_fading(self) -> Self:
        if self.points < 0:
            return self._check_negative_points_never_fade()
        if self.cap < 0:
            raise ValueError(f"{self.name}: a cap below zero is for points below zero")
        if (self.half_life_days is None) == (self.linear_days is None):
            raise ValueError(f"{self.name}: either half_life_days or linear_days says how it fades")
        if (self.period_days is None) != (self.period_cap is None):
            raise ValueError(f"{self.name}: period_days and period_cap go together")
        return self

    def _check_negative_points_never_fade(self) -> Self:
        """Check points below zero: they never fade, or a lead might come by nothing but time passing."""
        others = (self.half_life_days, self.linear_days, self.period_days, self.repeats)
        if self.within_days is None or any(each is not None for each in others) or self.cap > self.points:
            raise ValueError(
                f"{self.name}: points below zero count for within_days and fade in no other way; the cap is no higher"
            )
        return self

    @cached_property
    def same_content_us(self) -> int | None:
        """The microseconds of a period in which the same content counts once."""
        return None if self.same_content_days is None else _days_to_microseconds(self.same_content_days)

    @cached_property
    def is_half_life_only(self) -> bool:
        """Whether it has a half-life and a cap and no more: two such sums fade as one."""
        special = (self.linear_days, self.within_days, self.repeats, self.period_days)
        return all(each is None for each in special)

    @cached_property
    def half_life_us(self) -> int | None:
        """The microseconds in which its worth halves."""
        return None if self.half_life_days is None else _days_to_microseconds(self.half_life_days)

    @cached_property
    def lifetime_us(self) -> int | None:
        """The microseconds after which nothing is left of it; None: it never ends."""
        days = [each for each in (self.linear_days, self.within_days) if each is not None]
        return _days_to_microseconds(min(days)) if days else None

    @cached_property
    def linear_us(self) -> int | None:
        """The microseconds in which it fades evenly."""
        return None if self.linear_days is None else _days_to_microseconds(self.linear_days)

    @cached_property
    def cap_period_us(self) -> int | None:
        """The microseconds of a period."""
        return None if self.period_days is None else _days_to_microseconds(self.period_days)

    @cached_property
    def condition_facts(self) -> frozenset[str]:
        """The facts that it looks at by their whole names."""
        return frozenset((*self._exact_fact_names, *self._terms_by_fact, *self.if_at_least))

    @cached_property
    def has_prefix_conditions(self) -> bool:
        """Whether it looks at facts by how their names begin."""
        return bool(self._fact_name_prefixes)

    @cached_property
    def has_conditions(self) -> bool:
        """Whether facts must say something."""
        return bool(self.if_any_says_yes or self.if_any_is or self.if_at_least)

    @cached_property
    def _terms_by_fact(self) -> dict[str, frozenset[str]]:
        return {fact: fold_terms(terms) for fact, terms in self.if_any_is.items()}

    @cached_property
    def _exact_fact_names(self) -> tuple[str, ...]:
        return tuple(fact for fact in self.if_any_says_yes if not fact.endswith("*"))

    @cached_property
    def _fact_name_prefixes(self) -> tuple[str, ...]:
        return tuple(fact[:-1] for fact in self.if_any_says_yes if fact.endswith("*"))

    def is_met_by(self, facts: Facts, affirmative: frozenset[str]) -> bool:
        """Return whether the facts say what they must."""
        for fact, terms in self._terms_by_fact.items():
            if fact in facts and fold_title(str(facts[fact])) in terms:
                return True
        for fact in self._exact_fact_names:
            if fact in facts and _is_affirmative(facts[fact], affirmative):
                return True
        if any(
            fact in facts and _number_or_minus_infinity(facts[fact]) >= least
            for fact, least in self.if_at_least.items()
        ):
            return True
        return bool(self._fact_name_prefixes) and any(
            fact.startswith(self._fact_name_prefixes) and _is_affirmative(value, affirmative)
            for fact, value in facts.items()
        )


def _is_affirmative(value: Scalar, affirmative: frozenset[str]) -> bool:
    return value is True or (isinstance(value, str) and fold_title(value) in affirmative)


def _number_or_minus_infinity(value: Scalar) -> float:
    """Return a number, also one written as text; less than any where it is none."""
    if isinstance(value, bool) or value is None:
        return -math.inf
    try:
        found = float(value)
    except ValueError:
        return -math.inf
    return -math.inf if math.isnan(found) else found


class ReadinessRules(Section):
    """Ready to talk to sales about it? Levels by points, 1 the highest; 4 is none."""

    levels: dict[Level, float]
    cools_below: float = Field(ge=0)
    """A lead cools when it falls so many points below the line that made it."""
    affirmative: tuple[str, ...]
    worth: tuple[EngagementWorth, ...]
    signals: tuple[EngagementWorth, ...] = ()
    """Answers that say urgency, budget or authority, and numbers of product use, whatever brought them (Q21).

    Of rows of one name the first that fits counts.
    """
    groups: dict[str, float] = {}
    """The most that the rows of a group count together."""

    @model_validator(mode="after")
    def _check_rows_of_same_name_agree(self) -> Self:
        shared: dict[str, EngagementWorth] = {}
        alike = (
            "cap", "half_life_days", "linear_days", "within_days", "repeats", "period_days", "period_cap", "group",
            "same_content_days",
        )  # fmt: skip
        for row in (*self.worth, *self.signals):
            first = shared.setdefault(row.name, row)
            if any(getattr(first, name) != getattr(row, name) for name in alike):
                raise ValueError(f"worth: rows named {row.name} share one sum and must fade and be capped alike")
            if row.group is not None and row.group not in self.groups:
                raise ValueError(f"worth: no group named {row.group}")
        if any(not row.has_conditions for row in self.signals):
            raise ValueError("signals: each must name the facts that say it")
        return self

    @cached_property
    def signal_facts(self) -> frozenset[str] | None:
        """The facts that signals look at; None where they look at names that only begin so."""
        if any(row.has_prefix_conditions for row in self.signals):
            return None
        return frozenset(fact for row in self.signals for fact in row.condition_facts)

    @cached_property
    def worths_by_engagement(self) -> dict[str, tuple[EngagementWorth, ...]]:
        """The rows to try for each engagement that the playbook names, in the order they are written."""
        named = {name for row in self.worth for name in row.engagements}
        return {
            name: tuple(row for row in self.worth if name in row.engagements) + self.source_worths for name in named
        }

    @cached_property
    def source_worths(self) -> tuple[EngagementWorth, ...]:
        """The rows that look at the source alone, for engagements no row names."""
        return tuple(row for row in self.worth if row.sources and not row.engagements)

    @cached_property
    def affirmative_terms(self) -> frozenset[str]:
        """The words that say yes."""
        return frozenset(self.affirmative)
