"""The criteria of fit: each looks at one fact and gives points."""

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field

from events.envelope import Scalar
from events.leads import Grade
from scoring.playbook.titles import Rule, TitleTable, plain

GRADES: tuple[Grade, ...] = ("A", "B", "C", "D")


class Step(Rule):
    """From this number on (included), so many points."""

    start: float = Field(alias="from")
    points: float = Field(ge=0)


class _Criterion(Rule):
    name: str
    fact: str


class StepsCriterion(_Criterion):
    """A number, by ranges: the highest step not above it counts."""

    kind: Literal["steps"]
    steps: tuple[Step, ...] = Field(min_length=1)

    @property
    def best(self) -> float:
        """The most that this criterion can give."""
        return max(step.points for step in self.steps)

    def judge(self, value: Scalar, _titles: Mapping[str, TitleTable]) -> float | None:
        """Give the points; None where the value says nothing."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        reached = [step for step in self.steps if step.start <= value]
        return max(reached, key=lambda step: step.start).points if reached else 0.0


class AnyOfCriterion(_Criterion):
    """A word or a yes/no: all points when it is one of these, else none. Case and accents do not count."""

    kind: Literal["any_of"]
    points: float = Field(ge=0)
    any_of: tuple[str | bool, ...] = Field(min_length=1)

    @property
    def best(self) -> float:
        """The most that this criterion can give."""
        return self.points

    @cached_property
    def _wanted(self) -> frozenset[str]:
        return frozenset(plain(str(choice)) for choice in self.any_of)

    def judge(self, value: Scalar, _titles: Mapping[str, TitleTable]) -> float | None:
        """Give the points; None where the value says nothing."""
        return self.points if plain(str(value)) in self._wanted else 0.0


class TitleCriterion(_Criterion):
    """What a job title tells, read by one of the tables under `titles`."""

    kind: Literal["title"]
    table: str
    points: dict[str, float]

    @property
    def best(self) -> float:
        """The most that this criterion can give."""
        return max(self.points.values())

    def judge(self, value: Scalar, titles: Mapping[str, TitleTable]) -> float | None:
        """Give the points; None where the title cannot be read."""
        level = titles[self.table].read(str(value))
        return None if level is None else self.points.get(level, 0.0)


Criterion = Annotated[StepsCriterion | AnyOfCriterion | TitleCriterion, Field(discriminator="kind")]


class FitRules(Rule):
    """Does this person have a problem we solve? Points add up; an unknown fact counts a share of its maximum."""

    unknown_share: float = Field(ge=0, le=1)
    grades: dict[Grade, float]
    criteria: tuple[Criterion, ...] = Field(min_length=1)

    def grade(self, points: float) -> Grade:
        """Give the grade for so many points."""
        return next((grade for grade in GRADES[:3] if points >= self.grades[grade]), "D")
