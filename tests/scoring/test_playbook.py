"""A playbook that contradicts itself is refused when it is read, before it decides about anybody."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from scoring.playbook import ScoringPlaybook
from tests.scoring.builders import PLAYBOOK, ROOT

TEXT = (ROOT / "deploy/playbook/scoring.yaml").read_text(encoding="utf-8")
Change = Callable[[dict[str, Any]], Any]


def changed(change: Change) -> ScoringPlaybook:
    body = copy.deepcopy(yaml.safe_load(TEXT))
    change(body)
    return ScoringPlaybook.model_validate(body)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda body: body["matrix"]["B"].pop(3), "B needs a cell"),
        (lambda body: body["matrix"].pop("D"), "D needs a cell"),
        (lambda body: body["matrix"]["A"].update({1: "nurture"}), "less of a lead"),
        (lambda body: body["titles"].pop("persona"), "no table named persona"),
        (lambda body: body["fit"]["needs"][0]["titles"].update(age=["old"]), "no table named age"),
        (lambda body: body["readiness"]["worth"][0].update(points=-5), "points below zero count for within_days"),
        (lambda body: body["readiness"]["worth"][0].update(cap=-5), "a cap below zero is for points below zero"),
        (lambda body: body["fit"]["grades"].update({"B": 80}), "best first"),
        (lambda body: body["fit"]["grades"].update({"D": 0}), "exactly"),
        (lambda body: body["readiness"]["levels"].pop(2), "exactly"),
        (lambda body: body["readiness"]["worth"][0].update({"half_life_days": 0}), "greater than 0"),
        (lambda body: body["readiness"]["worth"][0].update({"pionts": 3}), "Extra inputs"),
        (lambda body: body["fit"].update({"unknown_share": 1.1}), "less than or equal"),
        (lambda body: body["readiness"]["worth"][0].update({"linear_days": 9}), "either half_life_days or linear_days"),
        (lambda body: body["readiness"]["worth"][1].update({"period_days": 9}), "go together"),
        (lambda body: body["readiness"]["worth"][0].update({"group": "web"}), "no group named web"),
        (lambda body: body["readiness"]["worth"][0].update({"name": "social"}), "share one sum"),
        (lambda body: body["readiness"]["signals"][0].pop("if_any_says_yes"), "must name the facts"),
        (lambda body: body["fit"]["criteria"][0].update({"group": "company"}), "no group named company"),
        (lambda body: body["segments"][0].update({"motion": "enterprise"}), "no motion named enterprise"),
        (lambda body: body.update({"strictness": {"setting": "harsh"}}), "harsh is none of"),
        (lambda body: body["account_use"].update({"seniority": "rank"}), "no table named rank"),
        (
            lambda body: body["fit"]["criteria"].append(
                {"name": "p", "kind": "persona", "personas": [{"name": "x", "points": 1, "titles": {"rank": ["a"]}}]}
            ),
            "no table named rank",
        ),
        (
            lambda body: (
                body["motions"].update({"x": {"levels": {1: 9, 2: 9, 3: 1}}}),
                body["segments"][0].update({"motion": "x"}),
            ),
            "best first",
        ),
        (lambda body: body["motions"].update({"x": {"levels": {1: 9, 2: 9, 3: 1}}}), "best first"),
    ],
)
def test_a_bad_file_is_refused(change: Change, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        changed(change)


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body["readiness"].update({"per_rep": {"rep-1": {1: 40}}}),
        lambda body: body["motions"].update({"rep_id": {}}),
        lambda body: body["fit"]["criteria"][2].update({"fact": "facts.owner"}),
        lambda body: body["hard_rules"][0].update({"fact": "assigned_to"}),
    ],
)
def test_thresholds_per_rep_are_refused(change: Change) -> None:
    """D6."""
    with pytest.raises(ValidationError, match="never per rep"):
        changed(change)


def test_the_lines_follow_from_matrix_and_levels() -> None:
    assert PLAYBOOK.common_thresholds.lead_lines == {"A": 30, "B": 30, "C": 55}
    assert PLAYBOOK.lowest_mql_line == 30
    never = changed(
        lambda body: body["matrix"].update({grade: dict.fromkeys((1, 2, 3, 4), "nurture") for grade in "ABCD"})
    )
    assert never.common_thresholds.lead_lines == {}
    assert never.lowest_mql_line == float("inf")
    always = changed(lambda body: body["matrix"].update({"A": dict.fromkeys((1, 2, 3, 4), "mql")}))
    assert always.common_thresholds.lead_lines["A"] == 0


def test_companies_have_segments_by_size() -> None:
    assert [PLAYBOOK.segment_name(employees) for employees in (3, 50, 1000, None, -1)] == [
        "small business", "mid-market", "enterprise", None, None,
    ]  # fmt: skip


@pytest.mark.parametrize("answer", [True, "yes", "Ja!", "OUI", "sí", "sim"])
def test_a_yes_is_a_yes_in_five_languages(answer: str | bool) -> None:
    signal, affirmative = PLAYBOOK.readiness.signals[0], PLAYBOOK.readiness.affirmative_terms
    assert signal.is_met_by({signal.if_any_says_yes[0]: answer}, affirmative)
    assert not signal.is_met_by({signal.if_any_says_yes[0]: f"not {answer}"}, affirmative)


def test_rows_that_name_engagements_and_sources_need_both() -> None:
    narrow = changed(lambda body: body["readiness"]["worth"][0].update({"sources": ["product"]}))
    assert narrow.readiness.worths_by_engagement["pricing_view"][0].sources == ("product",)
