"""What a candidate changes, in words, and who may decide about it, as pure functions."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from desk.domain import Viewer
from desk.domain.agreement import Candidate, KeptRules, Signature
from desk.domain.facts import Fact
from desk.domain.orders import Target
from desk.domain.rule_changes import RuleChange, diff_candidate, format_rule_value, list_rule_changes
from tests.sla_monitor.lead_story import MONDAY

EVA = Viewer("eva", "marketing", signs_as="marketing")
SAM = Viewer("sam", "manager", team="inbound", signs_as="sales")
OLA = Viewer("ola", "operator")
MAX = Viewer("max", "marketing")
DRAFT = Candidate(UUID(int=1), "", {}, ("marketing", "sales"), "ola", MONDAY)
SIGNED = replace(DRAFT, signatures=(Signature("marketing", "eva", ""), Signature("sales", "sam", "")))
ACTIVE = replace(SIGNED, activated_at=MONDAY, before={})


@pytest.mark.parametrize(
    ("before", "after", "term", "texts"),
    [
        ({"a": {"line": 20}}, {"a": {"line": 25}}, "a \u203a line", ("20", "25")),
        ({"a": 1}, {"a": 1, "new_term": [1, 2]}, "new term", ("", "1, 2")),
        ({"a": 1, "b": True}, {"a": 1}, "b", ("yes", "")),
        ({"a": [{"name": "x", "n": 1}]}, {"a": [{"name": "x", "n": 2}]}, "a \u203a x \u203a n", ("1", "2")),
        ({"a": [1]}, {"a": [{"name": "x"}]}, "a", ("1", "name: x")),
        ({"a": [{"name": "x"}]}, {"a": []}, "a", ("name: x", "")),
        ({"a": [{"b": False}, {"b": 2}]}, {"a": None}, "a", ("b: no; b: 2", "")),
    ],
)
def test_a_change_names_the_term_and_both_values(before: Any, after: Any, term: str, texts: tuple[str, str]) -> None:
    assert list_rule_changes(before, after) == [RuleChange(term, *texts)]
    assert list_rule_changes(before, before) == []


def test_entries_of_a_list_are_known_by_their_names() -> None:
    """One more, one less, and another order of those that stay."""
    before = [{"name": "x"}, {"name": "y"}, {"name": "z"}]
    after = [{"name": "y"}, {"name": "x"}, {"name": "new_one"}]
    assert list_rule_changes({"policies": before}, {"policies": after}) == [
        RuleChange("policies \u203a z", "name: z", ""),
        RuleChange("policies \u203a new one", "", "name: new_one"),
        RuleChange("policies \u203a order", "x, y", "y, x"),
    ]


def test_a_long_value_is_cut() -> None:
    assert len(format_rule_value("x" * 500)) == 160


def test_a_candidate_is_compared_with_what_answers() -> None:
    """A service that does not answer is left out; where none does, nothing is known to differ."""
    candidate = replace(DRAFT, definitions="mql: now", bodies={"scoring": "line: 25", "routing": "teams: []"})
    rules: dict[Target, Fact | None] = {
        "scoring": {"definitions": "mql: before", "body": "line: 20"},
        "routing": None,
    }
    assert diff_candidate(candidate, rules) == {
        "definitions": [RuleChange("mql", "before", "now")],
        "scoring": [RuleChange("line", "20", "25")],
    }
    assert diff_candidate(candidate, {"scoring": None, "routing": None}) == {}


def test_each_head_signs_once_as_themselves() -> None:
    assert DRAFT.may_sign(EVA)
    assert DRAFT.may_sign(SAM)
    assert not DRAFT.may_sign(MAX)
    assert not DRAFT.may_sign(OLA)
    half = replace(DRAFT, signatures=(Signature("marketing", "eva", ""),))
    assert half.missing == ("sales",)
    assert not half.may_sign(EVA)
    assert not half.may_sign(replace(EVA, signs_as="sales")), "nobody signs for both"
    assert half.may_sign(SAM)
    assert not replace(half, ended_at=MONDAY).may_sign(SAM)


def test_a_candidate_is_put_in_force_when_all_have_signed() -> None:
    assert not DRAFT.may_activate(OLA)
    assert [SIGNED.may_activate(each) for each in (OLA, EVA, SAM, MAX)] == [True, True, True, False]
    assert not ACTIVE.may_activate(OLA)


def test_the_rules_before_come_back_from_those_that_are_in_force() -> None:
    assert [ACTIVE.may_go_back(each) for each in (OLA, SAM, MAX)] == [True, True, False]
    assert not SIGNED.may_go_back(OLA)
    assert replace(ACTIVE, activated_at=None).may_go_back(OLA), "where a service will not take its file"
    assert not replace(ACTIVE, ended_at=MONDAY).may_go_back(OLA)
    assert not replace(ACTIVE, before=None).may_go_back(OLA)


def test_rules_are_the_candidates_or_those_before_or_newer() -> None:
    was, body = KeptRules("old", "hours: 1", ()), "hours: 2"
    changed = replace(ACTIVE, definitions="new", bodies={"desk": body}, before={"desk": was, "routing": was})
    assert changed.is_of("desk", was)
    assert changed.is_of("desk", KeptRules("new", body, ()))
    assert changed.is_of("routing", KeptRules("new", "hours: 1", ()))
    assert not changed.is_of("desk", KeptRules("new", "hours: 3", ()))


def test_a_signature_covers_the_way_back() -> None:
    """The default rules had nobody's; and who agreed to the rules before is not asked again."""
    assert SIGNED.approvals_of(KeptRules("", "", ())) == ("marketing", "sales")
    assert SIGNED.approvals_of(KeptRules("", "", ("finance", "sales"))) == ("finance", "sales", "marketing")
