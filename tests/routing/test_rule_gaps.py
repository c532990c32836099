"""What `baton playbook check` finds in routing's rules, against an oracle that tries every lead there can be."""

from itertools import product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from routing.domain import choose_queue_by_rules
from tests.routing.builders import playbook, qualified

GRADES, COUNTRIES = ("A", "B", "C", "D"), ("DE", "FR", "US", "ZZ")
CODES, SIZES = ("", "85", "80", "801", "9"), (None, 1, 5, 50, 500)

whens = st.fixed_dictionaries(
    {},
    optional={
        "fit": st.lists(st.sampled_from(GRADES), min_size=1, max_size=3, unique=True),
        "country": st.lists(st.sampled_from(COUNTRIES[:3]), min_size=1, max_size=2, unique=True),
        "postal_prefix": st.lists(st.sampled_from(["8", "80", "801"]), min_size=1, max_size=1),
        "employees": st.sampled_from([{"at_least": 50}, {"below": 50}, {"at_least": 5, "below": 500}]),
    },
)


def found(*whens: dict[str, Any], queues: tuple[str, ...] = ()) -> tuple[list[str], list[str]]:
    names = queues or ("hand-raisers",) * len(whens)
    rules = [
        {"name": f"r{nth}", "when": when, "queue": queue}
        for nth, (when, queue) in enumerate(zip(whens, names, strict=True))
    ]
    rules.append({"name": "rest", "queue": "development"})
    rulebook = playbook(
        rules=rules,
        queues={name: {"team": "inbound", "priority": 1} for name in {*names, "development"}},
        rejected_to={},
    )
    return list(rulebook.mistakes()), list(rulebook.warnings())


@settings(max_examples=150, deadline=None)
@given(st.lists(whens, max_size=4))
def test_a_rule_is_reported_as_never_matching_exactly_when_no_lead_reaches_it(asked: list[dict[str, Any]]) -> None:
    rules = [{"name": f"r{nth}", "when": when, "queue": "development"} for nth, when in enumerate(asked)]
    rules.append({"name": "rest", "queue": "development"})
    rulebook = playbook(rules=rules, queues={"development": {"team": "development", "priority": 1}}, rejected_to={})
    matched = set()
    for fit, country, code, size in product(GRADES, COUNTRIES, CODES, SIZES):
        facts = qualified(fit=fit, country=country, postal_code=code or None, employees=size)
        matched.add(choose_queue_by_rules(facts, rulebook).tried[-1].rule.removeprefix("rule:"))
    dead = {mistake.split()[1] for mistake in rulebook.mistakes() if "can never match" in mistake}
    assert dead == {rule.name for rule in rulebook.rules} - matched


def test_several_rules_together_may_shadow_one() -> None:
    mistakes, _ = found({"fit": ["A", "B"]}, {"fit": ["C", "D"]}, {"country": ["DE"]})
    assert mistakes == [
        "rule r2 can never match: r0, r1 take everything before it",
        "rule rest can never match: r0, r1, r2 take everything before it",
        "queue development is unreachable: no rule that can match goes there",
    ]


def test_rules_that_cross_are_reported_as_overlapping_and_nested_ones_are_not() -> None:
    north, south = {"country": ["DE", "FR"], "fit": ["A"]}, {"country": ["FR", "US"], "fit": ["A"]}
    assert found(north, south, queues=("north", "south"))[1] == ["rules r0 and r1 overlap (country FR): the first wins"]
    assert found({"fit": ["A"]}, {"country": ["DE"]}, queues=("by-fit", "by-country"))[1] == []
    assert found({"fit": ["A"], "country": ["DE"]}, {"fit": ["A", "B"]}, queues=("a", "b"))[1] == []
    assert found(north, south, queues=("same", "same"))[1] == []


def test_a_queue_before_nobody_is_a_hole() -> None:
    empty = playbook(reps={})
    assert "queue product is a hole until somebody is put in ae: the roster has nobody there" in list(empty.warnings())
    assert list(playbook().mistakes()) == []
    assert list(playbook().warnings()) == []
