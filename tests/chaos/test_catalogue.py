"""The catalogue of faults is complete, and what it names is there."""

from tests.chaos.catalogue import CATALOGUE, OPEN, covered_by
from tests.chaos.fault import FAULTS


def test_every_fault_is_covered_by_an_injection_or_a_test() -> None:
    covered = covered_by()
    assert [number for number in CATALOGUE if number not in covered and number not in OPEN] == []


def test_what_is_open_is_of_the_catalogue_and_says_why() -> None:
    assert set(OPEN) <= set(CATALOGUE)
    assert all(OPEN.values())


def test_injections_and_tests_name_faults_of_the_catalogue_only() -> None:
    assert set(covered_by()) <= set(CATALOGUE)


def test_every_injection_says_what_it_does_and_what_it_covers() -> None:
    for fault in FAULTS.values():
        assert fault.title.endswith(".")
        assert fault.covers
