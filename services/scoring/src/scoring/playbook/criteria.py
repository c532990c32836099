"""The criteria of fit: each looks at one fact (a persona at several) and adds points."""

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field

from events.leads import Grade
from events.parts import Scalar
from scoring.playbook.titles import Rule, TitleTable, plain

GRADES: tuple[Grade, ...] = ("A", "B", "C", "D")
Facts = Mapping[str, Scalar]
Tables = Mapping[str, TitleTable]
Terms = tuple[str | bool, ...]


def folded(terms: Terms) -> frozenset[str]:
    """Fold the words of the playbook for comparison with facts."""
    return frozenset(plain(str(term)) for term in terms)


class _Criterion(Rule):
    name: str
    group: str | None = None
    """Criteria of one group share its cap."""


class _SingleFactCriterion(_Criterion):
    fact: str

    @property
    def facts(self) -> tuple[str, ...]:
        """The facts that it looks at."""
        return (self.fact,)


class StepsCriterion(_SingleFactCriterion):
    """A number, by ranges: the highest step not above it counts."""

    class Step(Rule):
        """From this number on (included), so many points."""

        start: float = Field(alias="from")
        points: float = Field(ge=0)

    kind: Literal["steps"]
    steps: tuple[Step, ...] = Field(min_length=1)

    @property
    def best(self) -> float:
        """The most points of this criterion."""
        return max(step.points for step in self.steps)

    def judge(self, value: Scalar, _titles: Tables) -> float | None:
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
    def best(self) -> float:
        """The most points of this criterion."""
        return self.points

    @cached_property
    def _wanted(self) -> frozenset[str]:
        return folded(self.any_of)

    def judge(self, value: Scalar, _titles: Tables) -> float | None:
        """Return the points; None where the value says nothing."""
        return self.points if plain(str(value)) in self._wanted else 0.0


class InterestsCriterion(_SingleFactCriterion):
    """Several words in one fact, parted by commas: points for each that is wanted, up to the cap."""

    kind: Literal["interests"]
    points: float = Field(ge=0)
    cap: float = Field(ge=0)
    any_of: Terms = Field(min_length=1)

    @property
    def best(self) -> float:
        """The most points of this criterion."""
        return min(self.cap, self.points * len(self._wanted))

    @cached_property
    def _wanted(self) -> frozenset[str]:
        return folded(self.any_of)

    def judge(self, value: Scalar, _titles: Tables) -> float | None:
        """Return the points; None where the value says nothing."""
        named = {plain(part) for part in re.split(r"[,;|]", str(value))}
        return min(self.cap, self.points * len(named & self._wanted))


class TitleCriterion(_SingleFactCriterion):
    """The level of a job title, read by one of the tables under `titles`."""

    kind: Literal["title"]
    table: str
    points: dict[str, float] = Field(min_length=1)

    @property
    def best(self) -> float:
        """The most points of this criterion."""
        return max(self.points.values())

    def judge(self, value: Scalar, titles: Tables) -> float | None:
        """Return the points; None where the title cannot be read."""
        level = titles[self.table].read(str(value))
        return None if level is None else self.points.get(level, 0.0)


class Persona(Rule):
    """Somebody we look for: the level of the job title by each table, and what other facts are."""

    name: str
    points: float = Field(ge=0)
    titles: dict[str, tuple[str, ...]] = {}
    facts: dict[str, Terms] = {}

    @cached_property
    def _wanted(self) -> dict[str, frozenset[str]]:
        return {fact: folded(terms) for fact, terms in self.facts.items()}

    @property
    def reads(self) -> tuple[str, ...]:
        """The facts that it looks at."""
        return (*self.facts, *(("job_title",) if self.titles else ()))

    def unmet(self, facts: Facts, tables: Tables) -> list[str]:
        """Return the facts that do not say that it is this persona; unknown ones among them."""
        wrong = [fact for fact, wanted in self._wanted.items() if plain(str(facts.get(fact))) not in wanted]
        title = str(facts.get("job_title") or "")
        if any(tables[name].read(title) not in levels for name, levels in self.titles.items()):
            wrong.append("job_title")
        return wrong


class PersonaCriterion(_Criterion):
    """The best persona that fits counts. Unknown as long as a missing fact could make it a better one."""

    kind: Literal["persona"]
    personas: tuple[Persona, ...] = Field(min_length=1)

    @cached_property
    def facts(self) -> tuple[str, ...]:
        """The facts that it looks at."""
        return tuple(dict.fromkeys(fact for persona in self.personas for fact in persona.reads))

    @property
    def best(self) -> float:
        """The most points of this criterion."""
        return max(persona.points for persona in self.personas)

    def fitting(self, facts: Facts, tables: Tables) -> Persona | None:
        """Return the best persona that fits."""
        fits = [persona for persona in self.personas if not persona.unmet(facts, tables)]
        return max(fits, key=lambda persona: persona.points, default=None)

    def is_open(self, facts: Facts, tables: Tables) -> bool:
        """Return whether facts that are missing could make it a better persona."""
        found = self.fitting(facts, tables)
        reached = 0.0 if found is None else found.points
        return any(
            persona.points > reached and all(facts.get(fact) is None for fact in persona.unmet(facts, tables))
            for persona in self.personas
        )

    def best_with(self, fact: str, facts: Facts, tables: Tables) -> float:
        """Return the most points once the unknown fact is known."""
        return max(
            (persona.points for persona in self.personas if set(persona.unmet(facts, tables)) <= {fact}), default=0.0
        )


SingleFactCriterion = StepsCriterion | AnyOfCriterion | InterestsCriterion | TitleCriterion
Criterion = Annotated[SingleFactCriterion | PersonaCriterion, Field(discriminator="kind")]


class GradeNeed(Rule):
    """What a job title must say for the best grades, however many points there are."""

    name: str
    titles: dict[str, tuple[str, ...]] = Field(min_length=1)
    """The levels that count, by table; the title must have one of each."""
    else_at_most: Grade
    unless_unknown: bool = False
    """Whether an unknown title is no obstacle."""

    def is_met(self, title: Scalar, tables: Tables) -> bool:
        """Return whether a title says what it must; an unreadable one is unknown."""
        levels = {name: None if title is None else tables[name].read(str(title)) for name in self.titles}
        if None in levels.values():
            return self.unless_unknown
        return all(levels[name] in wanted for name, wanted in self.titles.items())


class FitRules(Rule):
    """Does this person have a problem we solve? Points add up; an unknown fact counts a share of its maximum."""

    unknown_share: float = Field(ge=0, le=1)
    grades: dict[Grade, float]
    criteria: tuple[Criterion, ...] = Field(min_length=1)
    groups: dict[str, float] = {}
    """The most that the criteria of a group count together."""
    needs: tuple[GradeNeed, ...] = ()
    """What the best grades need besides points."""
