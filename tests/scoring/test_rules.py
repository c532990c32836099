"""Whatever a playbook may say: criteria, personas, groups, ways to fade, signals, motions, the lever for volume."""

from datetime import timedelta
from typing import Any

import pytest

from events.leads import LeadQualified
from scoring.domain import (
    ReevaluationLimit,
    Verdict,
    VolumeComparison,
    compare_volumes,
    compute_score,
    count_hypothetical_leads,
    decide_contact,
)
from scoring.domain.fit import find_grade_raising_facts, grade_fit
from scoring.domain.readiness import ReadinessTally
from tests.scoring.builders import IDEAL, MODEST, PLAYBOOK, RICH, day, did, history, playbook_with

Facts = dict[str, Any]

LINES = RICH.common_thresholds
BUYER: dict[str, Any] = {"job_title": "Head of Marketing", "industry": "Software"}


def points_of(facts: dict[str, Any], criterion: str) -> tuple[float, bool]:
    line = next(line for line in grade_fit(facts, RICH).evidence if line.criterion == criterion)
    return line.points, line.known


def tally(*parts: Any) -> ReadinessTally:
    return ReadinessTally(RICH.readiness, parts)


@pytest.mark.parametrize(
    ("answers", "points"),
    [("crm", 4), ("CRM, lead scoring; golf", 8), ("crm|Evenements|lead scoring", 10), ("golf", 0)],
)
def test_interests_count_each_up_to_a_cap(answers: str, points: float) -> None:
    """Q2."""
    assert points_of({"facts.interests": answers}, "interests") == (points, True)
    assert points_of({}, "interests") == (4, False)


def test_a_yes_or_no_is_a_criterion() -> None:
    """Q2."""
    assert points_of({"facts.pilot": True}, "pilot") == (5, True)
    assert points_of({"facts.pilot": False}, "pilot") == (0, True)


def test_the_best_persona_that_fits_counts() -> None:
    """Q3: by title, role and industry, and more than one persona."""
    assert points_of(BUYER, "persona") == (30, True)
    assert points_of({**BUYER, "industry": "Fishing"}, "persona") == (12, True)
    assert points_of({"job_title": "Cook", "industry": "Software"}, "persona") == (0, True)
    assert points_of({"job_title": "Sales Manager"}, "persona") == (12, True)


def test_a_persona_is_unknown_while_a_missing_fact_leaves_a_better_one_open() -> None:
    assert points_of({}, "persona") == (12, False)
    assert points_of({"job_title": "Head of Sales"}, "persona") == (12, False)
    assert points_of({"industry": "Software"}, "persona") == (12, False)
    assert points_of({"industry": "Fishing"}, "persona") == (12, False)


def test_product_facts_and_account_counts_are_criteria() -> None:
    """C11, C12."""
    assert points_of({"account.seats": 7}, "seats") == (10, True)
    assert points_of({"account.seats": 4}, "seats") == (0, True)


def test_a_group_counts_up_to_its_cap_and_the_evidence_says_so() -> None:
    """Q5."""
    found = grade_fit({"employees": 200, "country": "DE"}, RICH)
    assert [(line.criterion, line.points) for line in found.evidence[-1:]] == [("at most 40 for company", -10)]
    assert found.points == sum(line.points for line in found.evidence)
    assert all(
        "at most" not in line.criterion for line in grade_fit({"employees": 200, "country": "ZZ"}, RICH).evidence
    )


def test_a_missing_fact_counts_within_its_group() -> None:
    known: Facts = {
        "country": "DE",
        "facts.pilot": True,
        "facts.interests": "crm",
        "account.seats": 9,
        "industry": "Software",
    }
    found = grade_fit(known, RICH)
    assert (found.points, found.grade) == (32 + 5 + 4 + 10 + 12, "B")
    assert find_grade_raising_facts(found, known, RICH) == [("job_title", "A")]
    assert find_grade_raising_facts(grade_fit({**known, "industry": "Fishing"}, RICH), known, RICH) == [
        ("job_title", "A")
    ]


def test_the_latest_few_repeats_count() -> None:
    """Q5."""
    views = [did("pricing_view", at) for at in (0, 14, 28)]
    assert [tally(*views[:count]).points_at(day(28)) for count in (1, 2)] == [3.75, 11.25]
    assert tally(*views).points_at(day(28)) == 15 + 7.5
    assert tally(*views).readiness_at(day(28), LINES).evidence[0].value == 3


def test_points_may_fade_evenly() -> None:
    each = tally(did("social"))
    assert [each.points_at(day(at)) for at in (0, 5, 10, 20, 30)] == [6, 4.5, 3, 0, 0]


def test_a_period_counts_up_to_its_own_cap() -> None:
    many = [did("social", 3 + at / 24) for at in range(6)]
    assert tally(*many).points_at(day(4)) == 9
    assert tally(*many, did("social", 10)).points_at(day(10)) == 9 + 6


def test_an_engagement_counts_within_its_days_and_not_after() -> None:
    each = tally(did("webinar_attended"))
    assert each.points_at(day(44.9)) > 7
    assert each.points_at(day(45)) == 0


def test_rows_of_a_group_share_its_cap() -> None:
    found = tally(did("pricing_view"), did("pricing_view", 0.001), did("social", 0.001)).readiness_at(day(0.001), LINES)
    assert (found.points, found.evidence[-1].points) == (25, -11)


def test_answers_are_signals_whatever_brought_them() -> None:
    """Q21."""
    asked = did("social", facts={"timeframe": "This quarter!", "budget_line": "Ja"})
    assert {line.criterion: line.points for line in tally(asked).readiness_at(day(0), LINES).evidence} == {
        "social": 6, "urgency": 15, "budget": 10,
    }  # fmt: skip
    assert tally(did("juggling", facts={"timeframe": "some day"})).points_at(day(0)) == 0
    assert tally(did("juggling", facts={"budget_line": "yes"})).points_at(day(30)) == 5


def test_signals_alone_may_make_a_lead() -> None:
    ready = did("juggling", facts={"timeframe": "this quarter", "budget": "yes"}, **BUYER, employees=2000)
    (event,) = decide_contact(history(ready), RICH, now=day(0), version="v").events
    assert isinstance(event, LeadQualified)
    assert (event.fit, event.readiness, event.segment) == ("A", 3, "enterprise")


@pytest.mark.parametrize(("line", "days"), [(29, 0), (10, 14), (3, 44)])
def test_the_fall_below_a_line_is_exact_for_whatever_fades(line: float, days: float) -> None:
    mixed = tally(*(did(kind, at) for at in (0, 2) for kind in ("pricing_view", "social", "webinar_attended")))
    falls = mixed.find_fall_below(line, since=day(2))
    assert falls is not None
    assert falls > day(days)
    assert mixed.points_at(falls) < line <= mixed.points_at(falls - timedelta(microseconds=1))


def test_a_segment_has_thresholds_of_its_own() -> None:
    """D6, D8."""
    assert grade_fit({**BUYER, "employees": 2000}, RICH).grade == "A"
    assert grade_fit({**BUYER, "employees": 200}, RICH).grade == "A"
    facts: Facts = {"job_title": "Head of Marketing", "industry": "Fishing", "country": "DE", "facts.pilot": False}
    assert [grade_fit({**facts, "employees": size}, RICH).grade for size in (200, 2000)] == ["B", "A"]
    assert RICH.thresholds_for({"employees": "many"}) is RICH.common_thresholds
    assert RICH.lowest_mql_line == 15


def test_a_cell_may_make_a_hand_raiser() -> None:
    answers = {"timeframe": "this quarter", "budget": "yes"}
    hot = history(did("colleagues_invited", facts=answers, **BUYER, employees=2000))
    verdict = decide_contact(hot, RICH, now=day(1), version="v")
    assert [(lead.lead_type, lead.by_request) for lead in verdict.leads] == [("hand_raiser", True)]
    assert verdict.timers == []
    assert compute_score(hot, RICH, day(1)).outcome == "hand_raiser"


def test_strictness_moves_every_level_and_the_volume() -> None:
    """Q17."""
    lines = [PLAYBOOK.with_strictness(name).common_thresholds.lead_lines for name in ("lenient", "balanced", "strict")]
    assert [line["A"] for line in lines] == [25, 30, 40]
    people = [
        history(did("colleagues_invited", **IDEAL)),
        history(did("demo_request")),
        history(did("social", **MODEST)),
    ]
    counted = [
        count_hypothetical_leads(people, PLAYBOOK.with_strictness(name), since=day(-1), now=day(1))
        for name in ("balanced", "strict")
    ]
    assert counted == [{"by_score": 1, "by_request": 1}, {"by_score": 0, "by_request": 1}]
    assert count_hypothetical_leads(people, PLAYBOOK, since=day(0.5), now=day(1)) == {"by_score": 0, "by_request": 0}


def test_two_versions_of_the_rules_are_compared_on_the_same_people() -> None:
    invited = history(did("colleagues_invited", **IDEAL))
    people = [invited, history(did("demo_request")), history(did("social", **MODEST))]
    strict, now = PLAYBOOK.with_strictness("strict"), {"since": day(-1), "now": day(1)}
    found = compare_volumes(people, strict, PLAYBOOK, **now)
    assert (found.in_force, found.candidate) == ({"by_score": 0, "by_request": 1}, {"by_score": 1, "by_request": 1})
    assert (found.becoming, found.no_longer) == ([invited.contact_id], [])
    back = compare_volumes(people, PLAYBOOK, strict, **now)
    assert (back.becoming, back.no_longer) == ([], [invited.contact_id])
    assert compare_volumes(people, strict, PLAYBOOK, since=day(0.5), now=day(1)) == VolumeComparison()


def test_a_stricter_setting_is_a_playbook_of_its_own() -> None:
    known = history(did("colleagues_invited", 0, **IDEAL))
    settings = [playbook_with(strictness={"setting": "mine", "adds": {"mine": points}}) for points in (5, 6)]
    assert [len(decide_contact(known, rules, now=day(0), version="v").events) for rules in settings] == [1, 0]


def test_a_playbook_without_signals_counts_engagements_alone() -> None:
    plain = playbook_with(readiness={**PLAYBOOK.readiness.model_dump(by_alias=True), "signals": []})
    assert (
        decide_contact(
            history(did("social", 0, facts={"urgent": "yes"}, **IDEAL)), plain, now=day(0), version="v"
        ).events
        == []
    )
    assert (
        len(decide_contact(history(did("colleagues_invited", 0, **IDEAL)), plain, now=day(0), version="v").events) == 1
    )


@pytest.mark.parametrize(
    ("facts", "leads"),
    [
        ({}, 0), ({"seats": 2}, 0), ({"seats": 3}, 1), ({"seats": "3"}, 1), ({"seats": "many"}, 0),
        ({"seats": True}, 0), ({"seats": "nan"}, 0), ({"active_days": 5}, 0), ({"active_days": 10}, 1),
    ],
)  # fmt: skip
def test_a_trial_alone_is_no_sales_lead_and_seats_or_use_within_it_are(facts: dict[str, Any], leads: int) -> None:
    known = history(did("trial_started", facts=facts, **IDEAL))
    assert len(decide_contact(known, PLAYBOOK, now=day(0), version="v").events) == leads


def test_the_latest_number_of_seats_counts_and_one_row_of_them() -> None:
    grown = ReadinessTally(
        PLAYBOOK.readiness, [did("trial_started", facts={"seats": 1}), did("seats_added", 1, facts={"seats": 60})]
    )
    assert {line.criterion: line.points for line in grown.readiness_at(day(1), PLAYBOOK.common_thresholds).evidence}[
        "seats"
    ] == 45
    grown.add(did("seats_added", 2, facts={"seats": 3}))
    assert {line.criterion: line.points for line in grown.readiness_at(day(2), PLAYBOOK.common_thresholds).evidence}[
        "seats"
    ] == 25


def test_new_rules_publish_what_is_left_of_their_limit() -> None:
    def verdict() -> Verdict:
        return decide_contact(history(did("demo_request", 0, **IDEAL)), PLAYBOOK, now=day(0), version="v")

    allowance = ReevaluationLimit(1, 0)
    admitted = [allowance.admit_or_list(each) for each in (verdict(), verdict(), Verdict())]
    assert admitted == [True, False, True]
    assert [event.ce_type for event in allowance.listed] == ["lead.qualified.v1"]
    known = history(did("colleagues_invited", 0, **IDEAL))
    known.put_lead(decide_contact(known, PLAYBOOK, now=day(0), version="v").leads[0])
    assert not allowance.admit_or_list(decide_contact(known, PLAYBOOK, now=day(90), version="v"))
    assert [event.ce_type for event in allowance.listed] == ["lead.qualified.v1", "lead.cooled.v1"]


def test_who_waits_for_another_day_is_not_listed() -> None:
    allowance = ReevaluationLimit(5, 5, today=1)
    found = decide_contact(history(did("demo_request", 0, **IDEAL)), PLAYBOOK, now=day(0), version="v")
    assert [allowance.admit_or_list(found), allowance.admit_or_list(found), allowance.is_postponed] == [
        True,
        False,
        True,
    ]
    assert allowance.listed == []


@pytest.mark.parametrize(
    ("choice", "summary"),
    [
        ("publish", "all new leads are published at once"),
        ("list", "nothing is published, all is listed"),
        ("200", "new leads: at most 200 in all"),
        (" 20/day ", "new leads: at most 20 a day"),
    ],
)
def test_whoever_activates_chooses_how_many_new_leads_come(choice: str, summary: str) -> None:
    rules = PLAYBOOK.reevaluation
    assert rules.summary == "new leads: at most 50 a day, 500 in all"
    assert rules.with_choice(choice).summary == summary
    assert rules.with_choice(choice).most_cooled == rules.most_cooled


@pytest.mark.parametrize("choice", ["", "some", "-1", "1/week", "0/day", "list/day", "1e3"])
def test_a_choice_that_is_none_is_refused(choice: str) -> None:
    with pytest.raises(ValueError, match=r"none of publish|greater than or equal"):
        PLAYBOOK.reevaluation.with_choice(choice)


def test_a_model_of_probability_stands_beside_the_points_with_its_version() -> None:
    section = {
        "version": "m1",
        "intercept": -3,
        "fit": 0.02,
        "readiness": 0.03,
        "asked": 1,
        "leads": 90,
        "converted": 9,
    }
    rules = type(PLAYBOOK).model_validate({**PLAYBOOK.model_dump(by_alias=True), "probability": section})
    known = history(did("demo_request", 0, **IDEAL))
    verdict = decide_contact(known, rules, now=day(0), version="v")
    (event,), (lead,) = verdict.events, verdict.leads
    assert isinstance(event, LeadQualified)
    assert (event.probability, event.probability_model) == (0.5, "m1")
    assert (lead.probability, lead.probability_model) == (0.5, "m1")
    assert compute_score(known, rules, day(0)).probability == 0.5
    assert compute_score(known, PLAYBOOK, day(0)).probability is None
    assert decide_contact(known, PLAYBOOK, now=day(0), version="v").leads[0].probability is None
