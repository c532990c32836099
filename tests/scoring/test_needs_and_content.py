"""What the best grades need besides points, content that counts once, and what speaks against a lead."""

from datetime import timedelta

import pytest

from scoring.domain import Engagement, decide_contact
from scoring.domain.fit import find_grade_raising_facts, grade_fit
from scoring.domain.readiness import ReadinessTally
from tests.scoring.builders import IDEAL, PLAYBOOK, RICH, day, did, history, playbook_with

LINES = PLAYBOOK.common_thresholds


@pytest.mark.parametrize(
    ("title", "grade", "line"),
    [
        ("Head of Marketing", "A", None), ("CEO", "A", None), ("Sales Manager", "A", None),
        ("Sales Representative", "B", "the right persona"), (None, "B", "the right persona"),
        ("経理部長", "B", "the right persona"), ("Software Engineer", "C", "a function we help"),
        ("Finance Director", "C", "a function we help"),
    ],
)  # fmt: skip
def test_the_best_grades_need_the_right_title(title: str | None, grade: str, line: str | None) -> None:
    """Of two needs that are not met the lower grade counts; a line of evidence without points says which."""
    facts = {name: value for name, value in {**IDEAL, "job_title": title}.items() if value is not None}
    found = grade_fit(facts, PLAYBOOK)
    assert found.grade == grade
    limits = [(each.criterion, each.points) for each in found.evidence if each.note is not None]
    assert limits == ([] if line is None else [(line, 0)])


def test_an_unknown_title_is_missing_where_it_alone_keeps_the_grade_down() -> None:
    known = {name: value for name, value in IDEAL.items() if name != "job_title"}
    assert find_grade_raising_facts(grade_fit(known, PLAYBOOK), known, PLAYBOOK) == [("job_title", "A")]
    wrong = {**IDEAL, "job_title": "Software Engineer", "industry": None}
    assert find_grade_raising_facts(grade_fit(wrong, PLAYBOOK), wrong, PLAYBOOK) == []
    place = {"name": "place", "fact": "country", "kind": "any_of", "points": 80, "any_of": ["DE"]}
    senior = {"name": "senior", "titles": {"seniority": ["director"]}, "else_at_most": "B"}
    fit = {**RICH.fit.model_dump(by_alias=True), "criteria": [place], "needs": [senior]}
    untitled = playbook_with(fit=fit)
    assert find_grade_raising_facts(grade_fit({"country": "DE"}, untitled), {"country": "DE"}, untitled) == [
        ("job_title", "A")
    ]


def test_what_is_known_and_none_of_these_counts() -> None:
    """Case and accents do not count; what is not known is neither."""
    rest = {"name": "rest", "fact": "industry", "kind": "none_of", "points": 30, "none_of": ["Éducation"]}
    rules = playbook_with(fit={**RICH.fit.model_dump(by_alias=True), "criteria": [rest], "needs": []})
    assert [grade_fit({"industry": each}, rules).points for each in ("fishery", "education")] == [30, 0]
    assert grade_fit({}, rules).points == 30 * rules.fit.unknown_share


def tally(*parts: Engagement) -> ReadinessTally:
    return ReadinessTally(PLAYBOOK.readiness, parts)


def test_the_same_content_counts_once_a_period_as_of_the_last_time() -> None:
    """Three times the same paper is one; another paper counts beside it; a signal counts each time."""
    again = tally(*(did("content_download", at, content="paper") for at in (0, 1, 2)))
    assert again.points_at(day(2)) == 10
    assert again.readiness_at(day(2), LINES).evidence[0].value == 1
    assert (
        tally(did("content_download", 0, content="paper"), did("content_download", 0, content="guide")).points_at(
            day(0)
        )
        == 20
    )
    assert tally(did("content_download", 0), did("content_download", 0, name="b")).points_at(day(0)) == 20
    later = tally(did("content_download", 0, content="paper"), did("content_download", 60, content="paper"))
    assert later.points_at(day(60)) > 10
    listed = tally(*(did("webinar_attended", at, content="talk") for at in (0, 1)))
    assert listed.points_at(day(1)) == 20


def test_of_content_that_is_listed_singly_the_last_counts() -> None:
    row = {"name": "talk", "engagements": ["talk"], "points": 10, "cap": 50, "linear_days": 10, "repeats": 1,
           "same_content_days": 30, "lead_type": "webinar"}  # fmt: skip
    rules = playbook_with(readiness={**RICH.readiness.model_dump(by_alias=True), "worth": [row], "signals": []})
    parts = [did("talk", 0, content="a"), did("talk", 1, content="b"), did("talk", 2, content="a")]
    assert ReadinessTally(rules.readiness, parts).points_at(day(2)) == 10
    assert ReadinessTally(rules.readiness, [parts[0], parts[2]]).points_at(day(2)) == 10


def test_what_speaks_against_a_lead_counts_whole_and_then_not_at_all() -> None:
    """Q: an unsubscription keeps somebody below the line for ninety days, and time alone makes no lead."""
    known = tally(did("colleagues_invited", 0), did("unsubscribed", 0))
    assert known.points_at(day(0)) == 15
    assert {line.criterion: line.points for line in known.readiness_at(day(0), LINES).evidence}["unsubscribed"] == -20
    assert tally(did("careers_view", 0), did("careers_view", 1), did("careers_view", 2)).points_at(day(2)) == -20
    assert tally(did("unsubscribed", 0)).points_at(day(90)) == 0
    left = history(did("unsubscribed", 0, **IDEAL), did("colleagues_invited", 1, **IDEAL))
    assert decide_contact(left, PLAYBOOK, now=day(1), version="v").events == []
    assert decide_contact(left, PLAYBOOK, now=day(91), version="v").events == []


def test_the_fall_below_a_line_is_found_before_points_below_zero_lapse() -> None:
    """The sum dips below the line, rises when the careers page is forgotten, and falls again."""
    known = tally(did("account_use", 0), did("careers_view", 20), did("colleagues_invited", 20))
    start, line = day(20), 45
    dip = known.find_fall_below(line, since=start)
    assert dip is not None
    assert start < dip < day(50)
    assert known.points_at(dip) < line <= known.points_at(dip - timedelta(microseconds=1))
    assert known.points_at(day(50)) > known.points_at(day(50) - timedelta(microseconds=1))
    high = known.find_fall_below(8, since=start)
    assert high is not None
    assert high > day(50)
    assert known.points_at(high) < 8 <= known.points_at(high - timedelta(microseconds=1))
    assert tally(did("careers_view", 0)).find_fall_below(5, since=day(0)) == day(0)
