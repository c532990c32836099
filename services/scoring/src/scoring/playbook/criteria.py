"""The criteria of fit: each looks at one fact (a persona at several) and adds points."""

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field

from events.leads import Grade
from events.parts import Scalar
from events.playbook import Section
from scoring.playbook.titles import TitleTable, fold_title

GRADES: tuple[Grade, ...] = ("A", "B", "C", "D")
Facts = Mapping[str, Scalar]
Tables = Mapping[str, TitleTable]
Terms = tuple[str | bool, ...]


def fold_terms(terms: Terms) -> frozenset[str]:
    """Fold the words of the playbook for comparison with facts."""
    return frozenset(fold_title(str(term)) for term in terms)


class _CriterionBase(Section):
    name: str
    group: str | None = None
    """Criteria of one group share its cap."""


class _SingleFactCriterion(_CriterionBase):
    fact: str

    @property
    def fact_names(self) -> tuple[str, ...]:
        """The names of the facts that it looks at."""
        return (self.fact,)


class StepsCriterion(_SingleFactCriterion):
    """A number, by ranges: the highest step not above it counts."""

    class Step(Section):
        """From this number on (included), so many points."""

        start: float = Field(alias="from")
        points: float = Field(ge=0)

    kind: Literal["steps"]
    steps: tuple[Step, ...] = Field(min_length=1)

    @property
    def most_points(self) -> float:
        """The most points that this criterion can give."""
        return max(step.points for step in self.steps)

    def points_for(self, value: Scalar, _titles: Tables) -> float | None:
        """Return the points; None where the value says nothing."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        reached = [step for step in self.steps if step.start <= value]
        return max(reached, key=lambda step: step.start).points if reached else 0.0


class AnyOfCriterion(_SingleFactCriterion):
    """A word, a place or a yes/no: all points when it is one of these, else none. Case and accents do not count."""

    kind: Literal["any_of"]
    points: float = Field(ge=0)
    any_of: Terms = Field(min_length=1)

    @property
    def most_points(self) -> float:
        """The most points that this criterion can give."""
        return self.points

    @cached_property
    def _wanted_terms(self) -> frozenset[str]:
        return fold_terms(self.any_of)

    def points_for(self, value: Scalar, _titles: Tables) -> float | None:
        """Return the points; None where the value says nothing."""
        return self.points if fold_title(str(value)) in self._wanted_terms else 0.0


class NoneOfCriterion(_SingleFactCriterion):
    """A word or a place that is known and none of these: all points. So the answers listed are worse than any other."""

    kind: Literal["none_of"]
    points: float = Field(ge=0)
    none_of: Terms = Field(min_length=1)

    @property
    def most_points(self) -> float:
        """The most points that this criterion can give."""
        return self.points

    @cached_property
    def _unwanted_terms(self) -> frozenset[str]:
        return fold_terms(self.none_of)

    def points_for(self, value: Scalar, _titles: Tables) -> float | None:
        """Return the points; None where the value says nothing."""
        return 0.0 if fold_title(str(value)) in self._unwanted_terms else self.points


class InterestsCriterion(_SingleFactCriterion):
    """Several words in one fact, parted by commas: points for each that is wanted, up to the cap."""

    kind: Literal["interests"]
    points: float = Field(ge=0)
    cap: float = Field(ge=0)
    any_of: Terms = Field(min_length=1)

    @property
    def most_points(self) -> float:
        """The most points that this criterion can give."""
        return min(self.cap, self.points * len(self._wanted_terms))

    @cached_property
    def _wanted_terms(self) -> frozenset[str]:
        return fold_terms(self.any_of)

    def points_for(self, value: Scalar, _titles: Tables) -> float | None:
        """Return the points; None where the value says nothing."""
        named = {fold_title(part) for part in re.split(r"[,;|]", str(value))}
        return min(self.cap, self.points * len(named & self._wanted_terms))


class TitleCriterion(_SingleFactCriterion):
    """The level of a job title, read by one of the tables under `titles`."""

    kind: Literal["title"]
    table: str
    points: dict[str, float] = Field(min_length=1)

    @property
    def most_points(self) -> float:
        """The most points that this criterion can give."""
        return max(self.points.values())

    def points_for(self, value: Scalar, titles: Tables) -> float | None:
        """Return the points; None where the title cannot be read."""
        level = titles[self.table].find_level(str(value))
        return None if level is None else self.points.get(level, 0.0)


class Persona(Section):
    """Somebody we look for: the level of the job title by each table, and what other facts are."""

    name: str
    points: float = Field(ge=0)
    titles: dict[str, tuple[str, ...]] = {}
    facts: dict[str, Terms] = {}

    @cached_property
    def _wanted_terms_by_fact(self) -> dict[str, frozenset[str]]:
        return {fact: fold_terms(terms) for fact, terms in self.facts.items()}

    @property
    def fact_names(self) -> tuple[str, ...]:
        """The names of the facts that it looks at."""
        return (*self.facts, *(("job_title",) if self.titles else ()))

    def unmet_facts(self, facts: Facts, tables: Tables) -> list[str]:
        """Return the facts that do not say that it is this persona; unknown ones among them."""
        wrong = [
            fact
            for fact, wanted in self._wanted_terms_by_fact.items()
            if fold_title(str(facts.get(fact))) not in wanted
        ]
        title = str(facts.get("job_title") or "")
        if any(tables[name].find_level(title) not in levels for name, levels in self.titles.items()):
            wrong.append("job_title")
        return wrong


class PersonaCriterion(_CriterionBase):
    """The best persona that fits counts. Unknown as long as a missing fact could make it a better one."""

    kind: Literal["persona"]
    personas: tuple[Persona, ...] = Field(min_length=1)

    @cached_property
    def fact_names(self) -> tuple[str, ...]:
        """The names of the facts that it looks at."""
        return tuple(dict.fromkeys(fact for persona in self.personas for fact in persona.fact_names))

    @property
    def most_points(self) -> float:
        """The most points that this criterion can give."""
        return max(persona.points for persona in self.personas)

    def find_best_persona(self, facts: Facts, tables: Tables) -> Persona | None:
        """Return the best persona that fits."""
        fits = [persona for persona in self.personas if not persona.unmet_facts(facts, tables)]
        return max(fits, key=lambda persona: persona.points, default=None)

    def may_improve(self, facts: Facts, tables: Tables) -> bool:
        """Return whether facts that are missing could make it a better persona."""
        found = self.find_best_persona(facts, tables)
        reached = 0.0 if found is None else found.points
        return any(
            persona.points > reached and all(facts.get(fact) is None for fact in persona.unmet_facts(facts, tables))
            for persona in self.personas
        )

    def most_points_with(self, fact: str, facts: Facts, tables: Tables) -> float:
        """Return the most points once the unknown fact is known."""
        return max(
            (persona.points for persona in self.personas if set(persona.unmet_facts(facts, tables)) <= {fact}),
            default=0.0,
        )


SingleFactCriterion = StepsCriterion | AnyOfCriterion | NoneOfCriterion | InterestsCriterion | TitleCriterion
Criterion = Annotated[SingleFactCriterion | PersonaCriterion, Field(discriminator="kind")]


class GradeNeed(Section):
    """What a job title must say for the best grades, however many points there are."""

    name: str
    titles: dict[str, tuple[str, ...]] = Field(min_length=1)
    """The levels that count, by table; the title must have one of each."""
    else_at_most: Grade
    unless_unknown: bool = False
    """Whether an unknown title is no obstacle."""

    def is_met(self, title: Scalar, tables: Tables) -> bool:
        """Return whether a title says what it must; an unreadable one is unknown."""
        levels = {name: None if title is None else tables[name].find_level(str(title)) for name in self.titles}
        if None in levels.values():
            return self.unless_unknown
        return all(levels[name] in wanted for name, wanted in self.titles.items())


class FitRules(Section):
    """Does this person have a problem we solve? Points add up; an unknown fact counts a share of its maximum."""

    unknown_share: float = Field(ge=0, le=1)
    grades: dict[Grade, float]
    criteria: tuple[Criterion, ...] = Field(min_length=1)
    groups: dict[str, float] = {}
    """The most that the criteria of a group count together."""
    needs: tuple[GradeNeed, ...] = ()
    """What the best grades need besides points."""
