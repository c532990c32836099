"""Fit: does this person have a problem we solve? An addition of points, each with the fact it came from."""

from collections.abc import Mapping
from dataclasses import dataclass

from events.envelope import Scalar
from events.leads import Evidence, Grade
from scoring.playbook import Criterion, ScoringPlaybook

STEP = 8
"""Points are told in eighths: binary and decimal numbers both add them without a remainder."""


def told(points: float) -> float:
    """Give points as they are told and decided by."""
    return round(points * STEP) / STEP


@dataclass(frozen=True, slots=True)
class Fit:
    """The grade and what it is made of: `points` is exactly the sum of the evidence."""

    grade: Grade
    points: float
    evidence: list[Evidence]


@dataclass(frozen=True, slots=True)
class Missing:
    """An unknown fact, and the grade if it turned out as well as it can."""

    fact: str
    would_become: Grade


def grade_fit(facts: Mapping[str, Scalar], book: ScoringPlaybook) -> Fit:
    """Grade what is known; what is not counts the playbook's share of its maximum and is shown as unknown."""
    evidence = [_judge(criterion, facts.get(criterion.fact), book) for criterion in book.fit.criteria]
    points = sum(line.points for line in evidence)
    return Fit(book.fit.grade(points), points, evidence)


def missing_facts(fit: Fit, book: ScoringPlaybook) -> list[Missing]:
    """Say which single unknown fact could raise the grade, the most valuable first."""
    gains: dict[str, float] = {}
    for criterion, line in zip(book.fit.criteria, fit.evidence, strict=True):
        if not line.known:
            gain = told(criterion.best) - line.points
            gains[criterion.fact] = gains.get(criterion.fact, 0.0) + gain
    ranked = sorted(gains.items(), key=lambda item: (-item[1], item[0]))
    grades = [(fact, book.fit.grade(fit.points + gain)) for fact, gain in ranked]
    return [Missing(fact, grade) for fact, grade in grades if grade != fit.grade]


_JUDGED = 50_000
_judged: dict[tuple[int, Scalar, type], tuple[Criterion, Evidence]] = {}


def _judge(criterion: Criterion, value: Scalar, book: ScoringPlaybook) -> Evidence:
    """Judge one fact. Most contacts share their values, so verdicts are kept (they are values and never change)."""
    key = (id(criterion), value, type(value))
    kept = _judged.get(key)
    if kept is not None:
        return kept[1]
    points = None if value is None else criterion.judge(value, book.titles)
    if points is None:
        share = told(criterion.best * book.fit.unknown_share)
        line = Evidence(criterion=criterion.name, points=share, value=value, known=False)
    else:
        line = Evidence(criterion=criterion.name, points=told(points), value=value)
    if len(_judged) >= _JUDGED:
        _judged.clear()
    _judged[key] = criterion, line  # holding the criterion keeps its id from being given to another
    return line
