"""When a contact says when to call or to meet them after somebody has their lead: no clock runs before (14.3)."""

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.sla import ClockBreached
from sla_monitor.domain import add_event, list_placements_in_order, preferred_time_ends_at
from tests.sla_monitor.domain_harness import DomainHarness, playbook
from tests.sla_monitor.lead_story import MONDAY, Story, days, hours, minutes
from tests.sla_monitor.test_properties import END

ACCEPT, FIRST = "acceptance", "first_touch"
TUESDAY, THURSDAY = MONDAY + days(1), MONDAY + days(3)
HOURS = st.integers(0, 200)
SOON, LATER = MONDAY + minutes(1), MONDAY + minutes(2)


def asked(lead: Story) -> DomainHarness:
    """A hand-raiser who was assigned at nine, and said nothing of a time."""
    return DomainHarness(MONDAY).apply(lead.qualified(), lead.assigned())


def missed(harness: DomainHarness) -> list[ClockBreached]:
    """What was missed of the two promises that wait for the time asked for."""
    return [event for event in harness.published(ClockBreached) if event.clock in (ACCEPT, FIRST)]


def test_a_lead_that_is_there_already_waits_for_the_time_that_its_contact_names() -> None:
    """The visitor reads "we will call you": nothing is missed before, and from then on the promise is as ever."""
    lead = Story(lead_type="hand_raiser")
    harness = asked(lead).until(SOON).apply(lead.scheduled(SOON, TUESDAY))
    assert (harness.clock(ACCEPT).state, harness.clock(FIRST).paused_until) == ("paused", TUESDAY)
    assert not missed(harness.until(TUESDAY))
    assert harness.clock(ACCEPT).due_at == TUESDAY + minutes(4), "a minute had passed when they asked"
    assert harness.until(TUESDAY + hours(1)).clock(FIRST).due_at == TUESDAY + minutes(14)
    assert {event.clock for event in harness.published(ClockBreached)} == {ACCEPT, FIRST}


@pytest.mark.parametrize(("second", "due_at"), [(THURSDAY, THURSDAY), (MONDAY + hours(2), MONDAY + hours(2))])
def test_what_they_ask_for_later_replaces_what_they_asked_for(second: object, due_at: object) -> None:
    lead = Story(lead_type="hand_raiser")
    harness = asked(lead).apply(lead.scheduled(MONDAY, TUESDAY), lead.scheduled(LATER, second))  # type: ignore[arg-type]
    assert harness.clock(FIRST).due_at == due_at + minutes(15)  # type: ignore[operator]


@pytest.mark.parametrize("until", [None, MONDAY - days(1)])
def test_at_once_and_a_time_that_is_past_are_now(until: object) -> None:
    lead = Story(lead_type="hand_raiser")
    harness = asked(lead).apply(lead.scheduled(MONDAY, TUESDAY), lead.scheduled(LATER, until))  # type: ignore[arg-type]
    assert harness.clock(FIRST).due_at == LATER + minutes(15)
    again = lead.qualified(preference="call_me", captured_at=LATER)
    assert asked(lead).apply(lead.scheduled(MONDAY, TUESDAY), again).clock(FIRST).due_at == LATER + minutes(15)


def test_an_upgrade_with_a_time_pauses_the_promises_of_before_it_too() -> None:
    """A reader of papers asks to be called in ten days: the promise to readers falls due before, and waits."""
    lead, then = Story(), MONDAY + days(10)
    harness = asked(lead)
    before = harness.clock(FIRST).due_at
    assert before is not None
    assert before < then
    harness.apply(lead.upgraded(LATER, preference="call_me", preferred_at=then))
    assert (harness.clock(FIRST).policy, harness.clock(FIRST).due_at) == ("hand_raiser", then + minutes(15))
    assert harness.clock(ACCEPT).due_at == then + minutes(5)
    assert not missed(harness.until(then))


def test_no_promise_about_a_lead_runs_out_before_the_time_that_its_contact_named() -> None:
    """Reached twice within a week, decided upon after ninety days: both count from the day that they said."""
    lead, june = Story(lead_type="hand_raiser"), MONDAY + days(50)
    harness = asked(lead).apply(lead.scheduled(MONDAY, june)).until(june - minutes(1))
    assert not harness.events
    assert harness.clock("second_touch").due_at == june + days(7)
    assert (harness.clock("review").warn_at, harness.clock("review").due_at) == (june + days(60), june + days(90))
    assert [event.clock for event in harness.until(june + days(1)).published(ClockBreached)] == [ACCEPT, FIRST]


def test_a_promise_about_speed_waits_for_the_time_that_was_named_too() -> None:
    lead = Story(lead_type="hand_raiser", start=MONDAY)
    speedy = playbook(policies=[{"name": "all", "speed_to_lead": "1h", "first_touch": "15b"}])
    harness = DomainHarness(MONDAY, speedy).apply(lead.qualified(), lead.assigned(), lead.scheduled(MONDAY, TUESDAY))
    assert harness.clock("speed_to_lead").due_at == TUESDAY + hours(1)


def test_the_second_touch_waits_for_what_is_asked_for_in_the_first_one_and_a_review_at_most_so_long() -> None:
    """Somebody says to call again in three weeks: sixty days are the most that the agreement waits."""
    lead = Story(lead_type="hand_raiser")
    harness = asked(lead).apply(lead.touched(SOON), lead.scheduled(SOON, SOON + days(21)))
    assert harness.clock("second_touch").due_at == MONDAY + days(28)
    harness.apply(lead.scheduled(LATER, LATER + days(300)))
    assert harness.clock("review").due_at == MONDAY + days(150)


def test_a_contact_who_answers_nobody_is_decided_upon_when_they_gave_up_whatever_was_named() -> None:
    lead = Story(lead_type="hand_raiser")
    harness = asked(lead).apply(lead.scheduled(MONDAY, TUESDAY))
    for attempt in range(6):
        harness.until(TUESDAY + days(2 * attempt)).apply(lead.touched(TUESDAY + days(2 * attempt)))
    assert harness.clock("review").warn_at == TUESDAY + days(10)


def test_a_hand_raise_without_a_time_leaves_the_one_that_they_named() -> None:
    lead = Story()
    harness = asked(lead).apply(lead.scheduled(SOON, THURSDAY), lead.upgraded(LATER))
    assert harness.clock(FIRST).due_at == THURSDAY + minutes(15)


def test_what_is_asked_for_after_the_answer_moves_nothing() -> None:
    lead = Story(lead_type="hand_raiser")
    harness = asked(lead).apply(lead.touched(SOON), lead.scheduled(LATER, TUESDAY))
    assert (harness.clock(FIRST).state, harness.clock(FIRST).due_at) == ("met", MONDAY + minutes(15))


def test_a_slot_that_was_asked_for_is_one_wait_until_it_is_called_off() -> None:
    """The request and the slot that routing reserves for it name one time, whoever has the lead by then."""
    lead = Story(lead_type="hand_raiser")
    slot = lead.assigned("ann", LATER, 2, meeting_at=TUESDAY)
    harness = asked(lead).apply(lead.scheduled(SOON, TUESDAY, "book"), slot)
    assert harness.clock(FIRST).due_at == TUESDAY + minutes(14)
    off = lead.meeting(MONDAY + hours(1), "cancelled").changed(starts_at=TUESDAY)
    assert harness.apply(off).clock(FIRST).due_at == MONDAY + hours(1) + minutes(14)
    again = lead.assigned("ann", MONDAY + hours(2), 3, meeting_at=TUESDAY)
    assert harness.apply(again).clock(FIRST).due_at == MONDAY + hours(1) + minutes(14), "it was due by then"


def test_a_call_that_is_asked_for_after_a_slot_was_booked_comes_first() -> None:
    lead = Story(lead_type="hand_raiser")
    harness = DomainHarness(MONDAY).apply(lead.qualified(), lead.assigned("ann", meeting_at=THURSDAY))
    assert harness.clock(FIRST).due_at == THURSDAY + minutes(15)
    assert harness.apply(lead.scheduled(LATER, TUESDAY)).clock(FIRST).due_at == TUESDAY + minutes(15)


def test_in_any_order_and_however_often_the_clocks_are_the_same() -> None:
    lead = Story()
    events = [
        lead.qualified(), lead.assigned(), lead.scheduled(SOON, THURSDAY),
        lead.upgraded(LATER, preference="call_me", preferred_at=TUESDAY), lead.scheduled(MONDAY, None),
    ]  # fmt: skip
    for order in permutations(events):
        harness = DomainHarness(MONDAY).apply(*order, *order)
        assert harness.clock(FIRST).due_at == TUESDAY + minutes(15)


@settings(deadline=None)
@given(st.lists(st.tuples(HOURS, HOURS), min_size=1, max_size=5))
def test_nothing_is_missed_while_the_last_time_that_was_named_is_ahead(named: list[tuple[int, int]]) -> None:
    lead = Story(lead_type="hand_raiser")
    harness = asked(lead)
    last, until = MONDAY, MONDAY
    for age, waits in sorted(named):
        last, until = MONDAY + hours(age), MONDAY + hours(age + waits)
        harness.until(last).apply(lead.scheduled(last, until))
    harness.until(END)
    assert not [event for event in missed(harness) if last < event.occurred_at < until]


def test_a_contact_waits_until_the_time_that_they_asked_for_last() -> None:
    """For whoever counts whom nobody called: what was called off is waited for no longer."""
    lead, june = Story(), MONDAY + days(90)
    facts = asked(lead).facts
    assert facts is not None
    assert preferred_time_ends_at(facts, list_placements_in_order(facts)) is None
    for event, until in (
        (lead.scheduled(MONDAY, june), june),
        (lead.scheduled(MONDAY + hours(1), THURSDAY), THURSDAY),
        (lead.meeting(TUESDAY, "cancelled"), TUESDAY),
    ):
        facts = add_event(facts, event)
        assert preferred_time_ends_at(facts, list_placements_in_order(facts)) == until
