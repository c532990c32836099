"""A run is drawn from its seed alone."""

from collections import Counter

from tests.chaos import faults  # noqa: F401 - importing it registers all faults
from tests.chaos.fault import FAULTS
from tests.chaos.schedule import plan

ALL = list(FAULTS.values())


def test_the_same_seed_gives_the_same_faults_with_the_same_dice() -> None:
    first, second = plan(7, ALL), plan(7, ALL)
    assert first == second
    assert [each.dice.random() for each in first.passing] == [each.dice.random() for each in second.passing]
    assert plan(8, ALL) != first


def test_every_fault_comes_once_before_any_comes_twice() -> None:
    passing = [each.fault.name for each in plan(7, ALL).passing]
    kinds = len(set(passing))
    assert set(Counter(passing[:kinds]).values()) == {1}


def test_what_changes_the_system_for_good_comes_last() -> None:
    schedule = plan(7, ALL)
    assert not any(each.fault.final for each in schedule.passing)
    assert {each.fault.name for each in schedule.last} == {fault.name for fault in ALL if fault.final}


def test_without_faults_nothing_is_planned() -> None:
    assert plan(7, []).passing == plan(7, []).last == []
