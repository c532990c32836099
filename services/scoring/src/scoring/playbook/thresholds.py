"""Where grades and levels begin and which cells are leads: one set for all, and one for each motion that differs."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from events.leads import Grade
from events.playbook import Section
from scoring.playbook.criteria import GRADES

Cell = Literal["poor_fit", "nurture", "mql", "hand_raiser"]
Level = Literal[1, 2, 3, 4]
Matrix = dict[Grade, dict[Level, Cell]]

LEVELS: tuple[Level, ...] = (1, 2, 3, 4)
LEADS: frozenset[Cell] = frozenset(("mql", "hand_raiser"))
_RANK: dict[Cell, int] = {"poor_fit": 0, "nurture": 1, "mql": 2, "hand_raiser": 3}


class Thresholds(Section):
    """Grades and levels by points, best first; the cells of the matrix decide."""

    grades: dict[Grade, float]
    levels: dict[Level, float]
    matrix: Matrix
    cools_below: float = Field(ge=0)

    @model_validator(mode="after")
    def _check_thresholds_are_consistent(self) -> Self:
        for grade in GRADES:
            cells = [self.matrix.get(grade, {}).get(level) for level in reversed(LEVELS)]
            known = [cell for cell in cells if cell is not None]
            if len(known) != len(LEVELS):
                raise ValueError(f"matrix: {grade} needs a cell for each of the levels 1-4")
            if [_RANK[cell] for cell in known] != sorted(_RANK[cell] for cell in known):
                raise ValueError(f"matrix: being readier must not make {grade} less of a lead")
        _check_falling_points("fit.grades", self.grades, GRADES[:3])
        _check_falling_points("readiness.levels", self.levels, LEVELS[:3])
        return self

    def grade_for(self, points: float) -> Grade:
        """Return the grade for so many points."""
        return next((grade for grade in GRADES[:3] if points >= self.grades[grade]), "D")

    def level_for(self, points: float) -> Level:
        """Return the level for so many points."""
        return next((level for level in LEVELS[:3] if points >= self.levels[level]), 4)

    @cached_property
    def lead_lines(self) -> dict[Grade, float]:
        """The readiness points from which a grade is a lead; a grade that never is one has no line."""
        lines: dict[Grade, float] = {}
        for grade, cells in self.matrix.items():
            leads = [level for level in LEVELS if cells[level] in LEADS]
            if leads:
                lines[grade] = self.levels.get(leads[-1], 0.0)
        return lines

    def cooling_line(self, grade: Grade) -> float:
        """Return the points below which a lead of this grade has cooled; infinite where it could be none."""
        return self.lead_lines.get(grade, float("inf")) - self.cools_below


class SalesMotion(Section):
    """A way of selling (transactional, enterprise) that draws its lines elsewhere; what it leaves out is as for all."""

    grades: dict[Grade, float] | None = None
    levels: dict[Level, float] | None = None
    matrix: Matrix | None = None
    cools_below: float | None = Field(default=None, ge=0)


class Strictness(Section):
    """One lever for volume: so many points are added to each level's threshold (Q17)."""

    setting: str = "balanced"
    adds: dict[str, float] = {"lenient": -5, "balanced": 0, "strict": 10}

    @model_validator(mode="after")
    def _check_setting_is_known(self) -> Self:
        if self.setting not in self.adds:
            raise ValueError(f"strictness: {self.setting} is none of {', '.join(self.adds)}")
        return self


def _check_falling_points(name: str, thresholds: Mapping[Any, float], wanted: tuple[Any, ...]) -> None:
    points = [thresholds[key] for key in wanted if key in thresholds]
    if set(thresholds) != set(wanted) or points != sorted(set(points), reverse=True):
        raise ValueError(f"{name}: exactly {wanted} are needed, the best first and highest")
