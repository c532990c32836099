"""Whether the score was right: rates with their intervals, agreement with BANT, too early, too late, reliability."""

from typing import Any

import pytest

from scoring.domain import PublishedLeadOutcome, evaluate_outcomes, find_deciding_fact, read_lifecycle_facts
from scoring.domain.outcomes import compute_rate
from scoring.playbook import OutcomeRules
from tests.scoring.builders import confirmed, day, did, lost, opportunity, won

RULES = OutcomeRules(enough=4)


def lead(number: int = 0, **values: Any) -> PublishedLeadOutcome:
    default: dict[str, Any] = {
        "lead_type": "webinar", "cycle": 1, "fit": "A", "level": 1, "bant": None, "won": False, "ended": False,
        "reason": None,
    }  # fmt: skip
    return PublishedLeadOutcome(qualified_at=day(number), **(default | values))


def sql(number: int = 0, bant: str = "BANT", **values: Any) -> PublishedLeadOutcome:
    return lead(number, bant=bant, **values)


def returned(number: int = 0, reason: str = "not_ready", **values: Any) -> PublishedLeadOutcome:
    return lead(number, ended=True, reason=reason, **values)


@pytest.mark.parametrize(
    ("count", "leads", "low", "high"),
    [(0, 10, 0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1), (131, 1000, 0.1115, 0.1533)],
)
def test_intervals_are_wilsons(count: int, leads: int, low: float, high: float) -> None:
    """Figures by the formula of Wilson (1927), computed by hand to four places."""
    found = compute_rate(count, leads)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)
    assert found.rate == count / leads


def test_no_leads_say_nothing() -> None:
    found = evaluate_outcomes([], RULES)
    assert (found.mql.rate, found.mql.low, found.mql.high) == (None, 0, 1)
    assert (found.enough, found.bant.agreement, found.calibration_error, found.cells) == (False, None, None, [])


def test_the_headline_leaves_hand_raisers_and_requalified_leads_out() -> None:
    """A1: both are shown beside it."""
    found = evaluate_outcomes(
        [sql(), returned(), returned(), lead(), sql(lead_type="hand_raiser"), returned(lead_type="fast_track"),
         sql(cycle=2), returned(reason="duplicate"), lead(won=True, ended=True, lead_type="customer")],
        RULES,
    )  # fmt: skip
    assert (found.leads, found.still_open) == (9, 2)
    assert (found.mql.count, found.mql.leads) == (1, 3)
    assert (found.hand_raisers.count, found.hand_raisers.leads) == (2, 3)
    assert (found.requalified.count, found.requalified.leads) == (1, 1)


def test_each_cell_has_its_rate_and_its_wins() -> None:
    found = evaluate_outcomes([sql(), returned(), sql(level=2, won=True, ended=True), returned(fit="B")], RULES)
    assert [(cell.fit, cell.readiness, cell.converted.rate, cell.won) for cell in found.cells] == [
        ("A", 1, 0.5, 0), ("A", 2, 1, 1), ("B", 1, 0, 0),
    ]  # fmt: skip


def test_the_score_agrees_with_bant_or_not() -> None:
    """Q11, Q12: the confusion matrix, and agreement beyond chance."""
    found = evaluate_outcomes(
        [sql(), sql(), returned(), sql(bant="BA-T"), sql(fit="C"), returned(fit="C"), returned(level=3)], RULES
    ).bant
    cells = (found.strong_and_bant, found.strong_not_bant, found.weak_but_bant, found.weak_not_bant)
    assert cells == (2, 2, 1, 2)
    assert found.agreement == pytest.approx(4 / 7)
    assert found.kappa == pytest.approx((4 / 7 - 24 / 49) / (25 / 49))
    assert {name: rate.count for name, rate in found.answers.items()} == {
        "budget": 4, "authority": 4, "need": 3, "timing": 4,
    }  # fmt: skip
    assert evaluate_outcomes([sql()], RULES).bant.kappa is None


def test_too_early_and_too_late_are_counted_by_the_reasons() -> None:
    """Q22."""
    found = evaluate_outcomes(
        [returned(), returned(reason="no_budget"), returned(reason="competitor"), returned(reason="bad_data"),
         sql(won=True, ended=True, reason="not_ready")],
        RULES,
    )  # fmt: skip
    assert (found.too_early.count, found.too_late.count, found.too_early.leads) == (2, 1, 5)
    assert found.returned == {"not_ready": 1, "no_budget": 1, "competitor": 1, "bad_data": 1}


def test_predictions_are_the_earlier_half_and_are_held_against_the_later() -> None:
    earlier = [sql(number) for number in (1, 2)] + [returned(number) for number in (3, 4)]
    later = [sql(number) for number in (5, 6, 7)] + [returned(8), returned(9, fit="B")]
    found = evaluate_outcomes([*later, *earlier], RULES)
    assert [(each.fit, each.predicted, each.happened, each.leads) for each in found.reliability] == [
        ("A", 0.5, 0.75, 4)
    ]
    assert found.calibration_error == 0.25
    assert found.enough


def test_too_few_leads_to_learn_from_are_reported() -> None:
    """Q18."""
    found = evaluate_outcomes([returned(number) for number in range(9)], RULES)
    assert not found.enough
    assert evaluate_outcomes([sql(number) for number in range(3)], RULES).enough is False
    assert evaluate_outcomes([sql(number) for number in range(4)], RULES).reliability == []


def test_outcomes_are_kept_beside_what_decides() -> None:
    """D13, Q11, Q15."""
    answers = [(fact.kind, fact.reason) for fact in read_lifecycle_facts(confirmed(3, authority=False))]
    assert answers == [("worked", None), ("confirmed", "B-NT")]
    assert [fact.kind for fact in read_lifecycle_facts(opportunity(4))] == ["worked", "opportunity"]
    assert [(fact.kind, fact.reason) for fact in read_lifecycle_facts(lost(5))] == [("lost", "no_budget")]
    assert find_deciding_fact(lost(5)) is None
    assert [fact.kind for fact in read_lifecycle_facts(won(6))] == ["won"]
    assert did("social").facts == {}
