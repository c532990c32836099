"""Fit, readiness and the score that explains them."""

from datetime import timedelta
from typing import Any

import pytest

from events.contacts import Consent
from scoring.domain import compute_score, decide_contact, fit, wake_up_as_engagement
from scoring.domain.fit import find_grade_raising_facts, grade_fit, round_to_eighths
from scoring.domain.history import History
from scoring.domain.readiness import ReadinessTally
from tests.scoring.builders import (
    FAIR,
    IDEAL,
    MODEST,
    MONDAY,
    PLAYBOOK,
    POOR,
    add,
    became,
    day,
    did,
    history,
    recycled,
    woken,
    won,
)

RULES, LINES = PLAYBOOK.readiness, PLAYBOOK.common_thresholds


def points_of(facts: dict[str, Any], criterion: str) -> float:
    return next(line.points for line in grade_fit(facts, PLAYBOOK).evidence if line.criterion == criterion)


@pytest.mark.parametrize(("facts", "grade"), [(IDEAL, "A"), (MODEST, "B"), (FAIR, "C"), (POOR, "D"), ({}, "C")])
def test_criteria_add_up_to_a_grade(facts: dict[str, Any], grade: str) -> None:
    """Q1; nothing known is 40 of 100 points: a C."""
    assert grade_fit(facts, PLAYBOOK).grade == grade


@pytest.mark.parametrize(("employees", "points"), [(1000, 20), (999, 25), (50, 25), (49, 10), (10, 10), (9, 0), (0, 0)])
def test_numbers_count_by_ranges(employees: int, points: float) -> None:
    """Q2, Q4."""
    assert points_of({"employees": employees}, "employees") == points


@pytest.mark.parametrize("value", ["SOFTWARE", " software ", "Software", "IT-Services"])
def test_words_are_compared_without_case_and_signs(value: str) -> None:
    assert points_of({"industry": value}, "industry") == 20


def test_an_unknown_fact_counts_its_share_and_is_shown() -> None:
    found = grade_fit({"employees": True, "job_title": "経理部長"}, PLAYBOOK)
    assert found.points == 40
    assert [line.points for line in found.evidence] == [10, 8, 6, 8, 6, 2]
    assert not any(line.known for line in found.evidence)


def test_missing_facts_say_what_they_would_change() -> None:
    unknown = {key: value for key, value in IDEAL.items() if key not in {"job_title", "industry", "email_kind"}}
    known = {**unknown, "employees": 5}
    found = grade_fit(known, PLAYBOOK)
    assert (found.points, found.grade) == (39, "C")
    assert find_grade_raising_facts(found, known, PLAYBOOK) == [("job_title", "B")]
    assert find_grade_raising_facts(grade_fit(IDEAL, PLAYBOOK), IDEAL, PLAYBOOK) == []


@pytest.mark.parametrize(
    ("title", "points"),
    [
        ("VP Marketing", 20), ("Chief Revenue Officer", 20), ("Co-Founder", 20), ("Head of Events", 20),
        ("Geschäftsführerin", 20), ("Geschaeftsfuehrer", 20), ("Vertriebsleiter/in (m/w/d)", 20),
        ("Directrice commerciale", 20), ("Président-directeur général", 20), ("Directora de Marketing", 20),
        ("Diretor Comercial", 20), ("Proprietária", 20),
        ("Marketing Manager", 15), ("Teamleiter Vertrieb", 15), ("Responsable marketing", 15),
        ("Chef de projet", 15), ("Jefe de ventas", 15), ("Gerente de Vendas", 15), ("Coordenadora de CRM", 15),
        ("Sales Engineer", 5), ("Executive Assistant to the CEO", 5), ("Assistenz der Geschäftsführung", 5),
        ("Product Owner", 5), ("Account Executive", 5), ("International Sales", 5),
    ],
)  # fmt: skip
def test_titles_are_read_in_five_languages(title: str, points: float) -> None:
    """Q3, Q21."""
    assert points_of({"job_title": title}, "seniority") == points


@pytest.mark.parametrize(
    ("title", "points"), [("Growth Lead", 15), ("Leiterin Kommunikation", 15), ("Ventas", 15), ("CEO", 15), ("Cook", 0)]
)
def test_functions_that_have_the_problem_count(title: str, points: float) -> None:
    assert points_of({"job_title": title}, "function") == points


def test_engagements_count_up_to_their_cap() -> None:
    """Q5."""
    assert ReadinessTally(RULES, [did("pricing_view")]).points_at(day(0)) == 15
    assert ReadinessTally(RULES, [did("pricing_view", name=str(number)) for number in range(9)]).points_at(day(0)) == 15
    papers = [did("content_download", name=str(number)) for number in range(9)]
    (line,) = ReadinessTally(RULES, papers).readiness_at(day(0), LINES).evidence
    assert (line.points, line.value, line.note) == (28, 9, "last 2026-03-02")


def test_points_halve_in_their_half_life() -> None:
    tally = ReadinessTally(RULES, [did("webinar_attended")])
    assert [tally.points_at(day(30 * number)) for number in range(4)] == [20, 10, 5, 2.5]


def test_decay_and_repeats_meet_in_one_sum() -> None:
    repeated = ReadinessTally(RULES, [did("webinar_attended", 0), did("webinar_attended", 30)])
    assert repeated.points_at(day(30)) == 30
    assert repeated.points_at(day(60)) == 15


@pytest.mark.parametrize(("points", "level"), [(55, 1), (54.875, 2), (30, 2), (29.875, 3), (15, 3), (14.875, 4)])
def test_levels_begin_at_their_thresholds(points: float, level: int) -> None:
    assert LINES.level_for(points) == level


def test_what_nobody_named_counts_nothing_unless_somebody_recommended_it() -> None:
    assert ReadinessTally(RULES, [did("juggling")]).points_at(day(0)) == 0
    assert (
        ReadinessTally(RULES, [did("juggling", source="referral")]).readiness_at(day(0), LINES).lead_type == "referral"
    )
    twice = ReadinessTally(RULES, [did("referral"), did("juggling", source="referral")])
    assert twice.points_at(day(0)) == 34
    assert ReadinessTally(RULES, [did("email_open")]).readiness_at(day(0), LINES).evidence[0].points == 0


def test_the_strongest_evidence_names_the_lead() -> None:
    """R2."""
    tally = ReadinessTally(RULES, [did("colleagues_invited"), did("email_click"), did("webinar_registered")])
    assert tally.readiness_at(day(0), LINES).lead_type == "product"
    assert ReadinessTally(RULES).readiness_at(day(0), LINES).lead_type is None


def test_the_fall_below_a_line_is_known_to_the_microsecond() -> None:
    tally = ReadinessTally(RULES, [did("webinar_attended", number) for number in (0, 1)])
    falls = tally.find_fall_below(25, since=day(0))
    assert falls is not None
    assert tally.points_at(falls) < 25 <= tally.points_at(falls - timedelta(microseconds=1))
    assert tally.find_fall_below(0, since=day(0)) is None
    assert tally.find_fall_below(100, since=day(0)) == day(1)
    assert ReadinessTally(RULES).find_fall_below(1, since=day(3)) == day(3)
    tiny = ReadinessTally(RULES, [did("pricing_view")]).find_fall_below(0.001, since=day(0))
    assert tiny is not None
    assert tiny > MONDAY + timedelta(days=90)


def test_points_are_rounded_to_eighths() -> None:
    assert [round_to_eighths(points) for points in (0.06, 0.07, 14.95, 30)] == [0, 0.125, 15, 30]


def test_verdicts_are_kept_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fit, "_JUDGED", 0)
    assert [grade_fit({"employees": size}, PLAYBOOK).points for size in (5.5, 50.5, 5.5)] == [30, 55, 30]


def test_consents_are_facts_and_what_was_left_empty_is_not() -> None:
    """D14: a playbook may rule on a consent."""
    consent = Consent(purpose="sales", granted=False, wording_version="1", at=MONDAY)
    assert did("social", facts={"seats": None, "budget": 5}, consents=[consent]).facts == {
        "facts.budget": 5,
        "consents.sales": False,
    }


def outcome(known: History, at: float = 0) -> tuple[str, str | None]:
    found = compute_score(known, PLAYBOOK, day(at))
    assert found.fit.points == sum(line.points for line in found.fit.evidence)
    assert found.readiness.points == sum(line.points for line in found.readiness.evidence)
    return found.outcome, found.lead_type


def test_a_score_names_the_outcome() -> None:
    assert outcome(history(did("social", **IDEAL))) == ("nurture", None)
    assert outcome(history(did("colleagues_invited", **IDEAL))) == ("mql", "product")
    assert outcome(history(did("colleagues_invited", **POOR))) == ("poor_fit", None)
    assert outcome(history(did("demo_request", **IDEAL))) == ("hand_raiser", "hand_raiser")
    assert outcome(history(did("demo_request", **POOR))) == ("poor_fit", "hand_raiser")
    assert outcome(history(did("social", talk_to_sales=True))) == ("hand_raiser", "fast_track")
    assert outcome(history(did("demo_request", **IDEAL), accounts={"example.com": "competitor"})) == ("excluded", None)
    assert outcome(history(did("social", **IDEAL), accounts={"example.com": "customer"})) == ("customer", "customer")
    assert outcome(history(did("social", **IDEAL), accounts={"example.com": "partner"})) == ("nurture", None)
    assert outcome(history(did("colleagues_invited", **{**IDEAL, "job_title": "student"}))) == ("poor_fit", None)
    assert outcome(history(did("colleagues_invited", **{**IDEAL, "email_kind": "disposable"}))) == ("poor_fit", None)


def test_a_score_can_be_asked_for_any_instant() -> None:
    known = history(
        did("colleagues_invited", 0, **IDEAL),
        did("demo_request", 5),
        *became(recycled(10)),
        wake_up_as_engagement(woken(100)),
    )
    assert [outcome(known, at)[0] for at in (-1, 0, 4, 5, 9, 10, 99, 100)] == [
        "nurture", "mql", "mql", "hand_raiser", "hand_raiser", "nurture", "nurture", "mql",
    ]  # fmt: skip
    assert compute_score(known, PLAYBOOK, day(10)).fit.grade == "A"
    assert compute_score(known, PLAYBOOK, day(10)).readiness.points == 0


def test_an_mql_stays_one_until_it_has_cooled() -> None:
    known = history(did("colleagues_invited", 0, **IDEAL))
    assert [outcome(known, at)[0] for at in (5, 10, 11)] == ["mql", "mql", "nurture"]


def test_a_published_lead_keeps_its_type_when_its_reason_is_gone() -> None:
    known = history(did("colleagues_invited", 0, **IDEAL))
    known.leads = {lead.cycle: lead for lead in decide_contact(known, PLAYBOOK, now=day(0), version="v").leads}
    known.engagements.clear()
    add(known, [did("webinar_attended", 1, name=str(number), **IDEAL) for number in (1, 2)])
    assert outcome(known, 1) == ("mql", "product")


def test_who_has_bought_is_a_customer() -> None:
    assert outcome(history(did("demo_request", **IDEAL), *became(won(3))), 3)[0] == "customer"
