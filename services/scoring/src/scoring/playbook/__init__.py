"""The rules of engagement that scoring decides by, as the YAML writes them.

Everything a marketer may argue about is here and nowhere in the code: which companies we can help, what an engagement
is worth and for how long, which cells of the matrix are leads. A file that contradicts itself is refused when it is
read, so a bad file never decides about anybody.
"""

from collections.abc import Mapping
from datetime import timedelta
from functools import cached_property
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from events.envelope import Scalar
from events.leads import Grade, LeadType
from scoring.playbook.criteria import GRADES, Criterion, FitRules, TitleCriterion
from scoring.playbook.titles import Rule, TitleTable, plain

__all__ = ["Criterion", "Level", "ReadinessRules", "Ruling", "ScoringPlaybook", "Worth"]

Cell = Literal["mql", "nurture", "poor_fit"]
Ruling = Literal["excluded", "customer", "poor_fit"]
Level = Literal[1, 2, 3, 4]
Facts = Mapping[str, Scalar]

LEVELS: tuple[Level, ...] = (1, 2, 3, 4)
_RANK: dict[Cell, int] = {"poor_fit": 0, "nurture": 1, "mql": 2}


class Worth(Rule):
    """What one kind of engagement is worth, how much of it counts at most, and how fast it fades."""

    name: str
    engagements: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    if_any_says_yes: tuple[str, ...] = ()
    """Facts (a trailing `*` stands for any letters) of which at least one must say yes."""
    points: float = Field(ge=0)
    cap: float = Field(ge=0)
    half_life_days: float = Field(gt=0)
    lead_type: LeadType

    @cached_property
    def half_life(self) -> timedelta:
        """The time in which its worth halves."""
        return timedelta(days=self.half_life_days)


class ReadinessRules(Rule):
    """Ready to talk to sales about it? Levels by points, 1 the highest; 4 is none."""

    levels: dict[Level, float]
    cools_below: float = Field(ge=0)
    """A lead cools when it falls so many points below the line that made it."""
    affirmative: tuple[str, ...]
    worth: tuple[Worth, ...]

    def level(self, points: float) -> Level:
        """Give the level for so many points."""
        return next((level for level in LEVELS[:3] if points >= self.levels[level]), 4)

    @cached_property
    def by_engagement(self) -> dict[str, tuple[Worth, ...]]:
        """The rows to try for each engagement that the playbook names, in the order they are written."""
        named = {name for row in self.worth for name in row.engagements}
        return {name: tuple(row for row in self.worth if name in row.engagements) + self.by_source for name in named}

    @cached_property
    def by_source(self) -> tuple[Worth, ...]:
        """The rows that look at the source alone, for engagements no row names."""
        return tuple(row for row in self.worth if row.sources and not row.engagements)

    def says_yes(self, value: Scalar) -> bool:
        """Tell whether an answer is a yes, in the languages of the playbook."""
        return value is True or (isinstance(value, str) and plain(value) in self.affirmative)


class HandRaise(Rule):
    """What counts as asking to talk to sales; a tick on anything else ranks below it."""

    engagements: tuple[str, ...]
    sources: tuple[str, ...] = ()

    @cached_property
    def named(self) -> frozenset[str]:
        """The engagements, for a fast look-up."""
        return frozenset(self.engagements)


class HardRule(Rule):
    """A fact that decides before any points are counted."""

    name: str
    fact: str
    table: str | None = None
    any_of: tuple[str | bool, ...] = Field(min_length=1)
    outcome: Ruling
    unless_hand_raised: bool = False

    @cached_property
    def _wanted(self) -> frozenset[str]:
        return frozenset(plain(str(choice)) for choice in self.any_of)

    def holds(self, facts: Facts, titles: Mapping[str, TitleTable]) -> bool:
        """Tell whether the fact is known and one of these."""
        value = facts.get(self.fact)
        if value is None:
            return False
        if self.table is None:
            return plain(str(value)) in self._wanted
        return (titles[self.table].read(str(value)) or "") in self._wanted


class CycleRules(Rule):
    """How often a contact may become a lead without asking for it."""

    most: int = Field(ge=1)
    cool_down_days: float = Field(ge=0)
    no_cool_down_after: tuple[str, ...] = ()


class Segment(Rule):
    """A name for companies from so many employees on."""

    name: str
    start: int = Field(alias="from")


class ScoringPlaybook(Rule):
    """The whole file."""

    fit: FitRules
    readiness: ReadinessRules
    matrix: dict[Grade, dict[Level, Cell]]
    hand_raise: HandRaise
    hard_rules: tuple[HardRule, ...]
    cycles: CycleRules
    segments: tuple[Segment, ...]
    titles: dict[str, TitleTable]
    timeline: int = Field(default=20, ge=0)

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        for grade in GRADES:
            cells = [self.matrix.get(grade, {}).get(level) for level in reversed(LEVELS)]
            known = [cell for cell in cells if cell is not None]
            if len(known) != len(LEVELS):
                raise ValueError(f"matrix: {grade} needs a cell for each of the levels 1-4")
            if [_RANK[cell] for cell in known] != sorted(_RANK[cell] for cell in known):
                raise ValueError(f"matrix: being readier must not make {grade} less of a lead")
        rules = (*self.hard_rules, *self.fit.criteria)
        tables = {rule.table for rule in rules if isinstance(rule, HardRule | TitleCriterion) and rule.table}
        if missing := sorted(tables - set(self.titles)):
            raise ValueError(f"titles: no table named {', '.join(missing)}")
        _falling("fit.grades", self.fit.grades, GRADES[:3])
        _falling("readiness.levels", self.readiness.levels, LEVELS[:3])
        return self

    @cached_property
    def lines(self) -> dict[Grade, float]:
        """The readiness points from which a grade is an MQL; a grade that never is one has no line."""
        lines: dict[Grade, float] = {}
        for grade, cells in self.matrix.items():
            leads = [level for level in LEVELS if cells[level] == "mql"]
            if leads:
                lines[grade] = self.readiness.levels.get(leads[-1], 0.0)
        return lines

    @cached_property
    def lowest_line(self) -> float:
        """Below so many readiness points nobody is an MQL, whatever the grade."""
        return min(self.lines.values(), default=float("inf"))

    def segment(self, employees: Scalar) -> str | None:
        """Name the segment of a company by its size."""
        if not isinstance(employees, int | float):
            return None
        fitting = [part for part in self.segments if part.start <= employees]
        return max(fitting, key=lambda part: part.start).name if fitting else None


def _falling(name: str, thresholds: Mapping[Any, float], wanted: tuple[Any, ...]) -> None:
    points = [thresholds[key] for key in wanted if key in thresholds]
    if set(thresholds) != set(wanted) or points != sorted(set(points), reverse=True):
        raise ValueError(f"{name}: exactly {wanted} are needed, the best first and highest")
