"""Who answers nobody is not called until day 90: the review opens at the attempt that made them unreachable."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from events.sla import ClockEscalated, ReviewOpened
from sla_monitor.playbook import SlaPlaybook
from tests.sla_monitor.domain_harness import TEXT, DomainHarness, when
from tests.sla_monitor.lead_story import MONDAY, Story, days, hours


def called(lead: Story, *at: timedelta) -> DomainHarness:
    """A lead that its rep called in vain at these times after its hand-over."""
    harness = DomainHarness(MONDAY).apply(lead.assigned(at=MONDAY))
    for each in at:
        harness.until(MONDAY + each).apply(lead.touched(MONDAY + each))
    return harness


def test_six_attempts_over_ten_days_ask_for_a_decision_at_once_and_thirty_days_later_it_is_made() -> None:
    """L10: on day eleven, not on day 60; the reason is the contact's silence."""
    harness = called(Story(), *(days(number) for number in (1, 2, 3, 5, 8, 11)))
    harness.until(MONDAY + days(11) + hours(1))
    assert when(harness.published(ReviewOpened)) == [MONDAY + days(11)]
    (decided,) = harness.until(MONDAY + days(60)).published(ClockEscalated, "review")
    assert (decided.occurred_at, decided.reason) == (MONDAY + days(41), "unreachable")


def test_six_calls_in_six_seconds_are_one_attempt() -> None:
    seconds = [days(1) + timedelta(seconds=second) for second in range(6)]
    harness = called(Story(), *seconds, days(12)).until(MONDAY + days(59))
    assert harness.published(ReviewOpened) == []
    (decided,) = harness.until(MONDAY + days(91)).published(ClockEscalated, "review")
    assert decided.reason == "no_outcome"


def test_six_attempts_within_a_week_are_not_long_enough() -> None:
    harness = called(Story(), *(days(number) for number in range(1, 7)))
    assert harness.until(MONDAY + days(59)).published(ReviewOpened) == []


def test_whoever_answered_once_is_not_unreachable() -> None:
    lead = Story()
    harness = called(lead, *(days(number) for number in (1, 2, 3, 5, 8)))
    harness.apply(lead.meeting(MONDAY + days(9), "cancelled"), lead.confirmed(MONDAY + days(9)))
    harness.apply(lead.touched(MONDAY + days(12)))
    assert harness.until(MONDAY + days(59)).published(ReviewOpened) == []


@pytest.mark.parametrize("change", [{"review": {"unreachable_over": "10w"}}, {"touches": {"spell": "60b"}}])
def test_attempts_are_spread_over_elapsed_time(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="elapsed"):
        SlaPlaybook.model_validate(TEXT | change)
