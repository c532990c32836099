"""Fit: does this person have a problem we solve? An addition of points, each with the fact it came from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from events.leads import Evidence, Grade
from events.parts import Scalar
from scoring.playbook import Criterion, ScoringPlaybook
from scoring.playbook.criteria import GradeNeed, PersonaCriterion

STEP = 8
"""Points are rounded to eighths: binary and decimal numbers both add them without a remainder."""

Facts = Mapping[str, Scalar]


def round_to_eighths(points: float) -> float:
    """Return points rounded to eighths: as they are published and decided by."""
    return round(points * STEP) / STEP


@dataclass(slots=True)
class Fit:
    """The grade and what it is made of: `points` is exactly the sum of the evidence."""

    grade: Grade
    points: float
    evidence: list[Evidence]


def grade_fit(facts: Facts, playbook: ScoringPlaybook) -> Fit:
    """Grade what is known; what is not counts the playbook's share of its maximum and is shown as unknown."""
    evidence = [_evaluate_criterion(criterion, facts, playbook) for criterion in playbook.fit.criteria]
    if playbook.fit.groups:
        groups = [criterion.group for criterion in playbook.fit.criteria]
        evidence += cap_deductions(groups, [line.points for line in evidence], playbook.fit.groups)
    points = sum([line.points for line in evidence])
    grade = playbook.thresholds_for(facts).grade_for(points)
    need = _find_unmet_need(grade, facts, playbook)
    if need is None:
        return Fit(grade, points, evidence)
    title = facts.get("job_title")
    line = Evidence(
        criterion=need.name, points=0.0, value=title, known=title is not None, note=f"at most {need.else_at_most}"
    )
    return Fit(need.else_at_most, points, [*evidence, line])


def _find_unmet_need(grade: Grade, facts: Facts, playbook: ScoringPlaybook) -> GradeNeed | None:
    """Return the need that lowers a grade most; of equal ones the first."""
    title, tables = facts.get("job_title"), playbook.titles
    lower = [need for need in playbook.fit.needs if need.else_at_most > grade and not need.is_met(title, tables)]
    return max(lower, key=lambda need: need.else_at_most, default=None)


def cap_deductions(groups: Sequence[str | None], points: Sequence[float], caps: Mapping[str, float]) -> list[Evidence]:
    """Return a line for each group that counts more than its cap, which takes the rest away again."""
    sums: dict[str, float] = {}
    for group, given in zip(groups, points, strict=True):
        if group is not None:
            sums[group] = sums.get(group, 0.0) + given
    return [
        Evidence(
            criterion=f"at most {caps[group]:g} for {group}", points=round_to_eighths(caps[group]) - given, value=given
        )
        for group, given in sums.items()
        if given > round_to_eighths(caps[group])
    ]


def find_grade_raising_facts(fit: Fit, facts: Facts, playbook: ScoringPlaybook) -> list[tuple[str, Grade]]:
    """Return which single unknown fact could raise the grade, and to what; the most valuable first."""
    lines = list(zip(playbook.fit.criteria, fit.evidence, strict=False))  # lines of capped groups come after
    unknown = dict.fromkeys(
        fact
        for criterion, line in lines
        if not line.known
        for fact in criterion.fact_names
        if not isinstance(criterion, PersonaCriterion) or facts.get(fact) is None
    )
    if playbook.fit.needs and facts.get("job_title") is None:
        unknown.setdefault("job_title")
    reached = {fact: _points_if_fact_is_best(fact, lines, facts, playbook) for fact in unknown}
    ranked = sorted(reached.items(), key=lambda item: (-item[1], item[0]))
    thresholds = playbook.thresholds_for(facts)
    grades = [
        (fact, _grade_after_needs(fact, thresholds.grade_for(points), facts, playbook)) for fact, points in ranked
    ]
    return [(fact, grade) for fact, grade in grades if grade < fit.grade]


def _grade_after_needs(supposed: str, grade: Grade, facts: Facts, playbook: ScoringPlaybook) -> Grade:
    """Return a grade as the needs leave it, were one unknown fact as good as it can be."""
    need = None if supposed == "job_title" else _find_unmet_need(grade, facts, playbook)
    return grade if need is None else need.else_at_most


def _points_if_fact_is_best(
    fact: str, lines: Sequence[tuple[Criterion, Evidence]], facts: Facts, playbook: ScoringPlaybook
) -> float:
    """Return the points if one unknown fact turned out as well as it can."""
    points = [
        max(line.points, round_to_eighths(_max_points_with_fact(criterion, fact, facts, playbook)))
        if not line.known and fact in criterion.fact_names
        else line.points
        for criterion, line in lines
    ]
    groups = [criterion.group for criterion, _ in lines]
    return sum(points) + sum(line.points for line in cap_deductions(groups, points, playbook.fit.groups))


def _max_points_with_fact(criterion: Criterion, fact: str, facts: Facts, playbook: ScoringPlaybook) -> float:
    if isinstance(criterion, PersonaCriterion):
        return criterion.most_points_with(fact, facts, playbook.titles)
    return criterion.most_points


_JUDGED = 50_000
_judged: dict[tuple[int, Scalar, type], tuple[Criterion, Evidence]] = {}


def _evaluate_criterion(criterion: Criterion, facts: Facts, playbook: ScoringPlaybook) -> Evidence:
    """Judge one criterion. Most contacts share their values, so verdicts are kept (they are values, never changed)."""
    if isinstance(criterion, PersonaCriterion):
        return _evaluate_persona(criterion, facts, playbook)
    value = facts.get(criterion.fact)
    key = (id(criterion), value, type(value))
    kept = _judged.get(key)
    if kept is not None:
        return kept[1]
    points = None if value is None else criterion.points_for(value, playbook.titles)
    if points is None:
        share = round_to_eighths(criterion.most_points * playbook.fit.unknown_share)
        line = Evidence(criterion=criterion.name, points=share, value=value, known=False)
    else:
        line = Evidence(criterion=criterion.name, points=round_to_eighths(points), value=value)
    if len(_judged) >= _JUDGED:
        _judged.clear()
    _judged[key] = criterion, line  # holding the criterion keeps its id from being reused
    return line


def _evaluate_persona(criterion: PersonaCriterion, facts: Facts, playbook: ScoringPlaybook) -> Evidence:
    """Judge by the persona that fits; where missing facts leave a better one open, count at least the share of it."""
    found = criterion.find_best_persona(facts, playbook.titles)
    points, name = (0.0, None) if found is None else (found.points, found.name)
    if not criterion.may_improve(facts, playbook.titles):
        return Evidence(criterion=criterion.name, points=round_to_eighths(points), value=name)
    share = max(points, criterion.most_points * playbook.fit.unknown_share)
    return Evidence(criterion=criterion.name, points=round_to_eighths(share), value=name, known=False)
