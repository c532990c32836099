"""What is promised, what counts as keeping it, and what is said when it is not kept."""

from datetime import UTC, datetime

import pytest

from events.leads import LeadCooled, LeadType, MeetingOutcome
from events.sla import ClockBreached, ClockEscalated, ClockMet, ClockRescinded, ClockWarned, ReviewOpened
from sla_monitor.domain import Facts, add_event
from tests.sla_monitor.domain_harness import DomainHarness, playbook, when
from tests.sla_monitor.lead_story import MONDAY, Story, days, hours, minutes

FIRST, SECOND, REVIEW, ACCEPT, SPEED = "first_touch", "second_touch", "review", "acceptance", "speed_to_lead"


def test_an_assignment_alone_starts_every_clock() -> None:
    """L1, L2, L5: it carries all that the clocks need, so the qualification may come later."""
    lead = Story()
    harness = DomainHarness(MONDAY).apply(lead.assigned(at=MONDAY))
    assert harness.states() == {
        "speed_to_lead/1": "running",
        "first_touch/1": "running",
        "second_touch/1": "running",
        "review/1": "running",
        "acceptance/1": "running",
    }
    assert harness.clock(FIRST).due_at == MONDAY + hours(48)
    assert harness.clock(SECOND).due_at == MONDAY + days(30)
    assert harness.clock(REVIEW).due_at == MONDAY + days(90)
    assert harness.clock(ACCEPT).due_at == datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
    assert harness.clock(SPEED).due_at is None
    before = harness.clocks
    assert harness.apply(lead.qualified()).clocks == before


@pytest.mark.parametrize(
    ("lead_type", "fit", "accept", "first", "second"),
    [
        ("hand_raiser", "A", minutes(5), minutes(15), days(7)),
        ("fast_track", "B", minutes(30), minutes(240), days(30)),
        ("referral", "A", minutes(60), minutes(480), days(30)),
        ("event_qualified", "A", minutes(60), minutes(480), days(30)),
        ("product", "A", minutes(240), hours(24), days(30)),
        ("event", "A", minutes(480), hours(48), days(30)),
        ("webinar", "C", minutes(480), hours(48), days(30)),
        ("content", "B", minutes(480), hours(48), days(30)),
        ("customer", "A", minutes(480), hours(48), days(30)),
    ],
)
def test_each_lead_type_is_promised_its_own_times(
    lead_type: LeadType, fit: str, accept: object, first: object, second: object
) -> None:
    """L3, L4, L11: the table of the default playbook, on a Monday morning."""
    harness = DomainHarness(MONDAY).apply(Story(lead_type=lead_type, fit=fit).assigned(at=MONDAY))
    found = {name: clock.due_at - MONDAY for name in (ACCEPT, FIRST, SECOND) if (clock := harness.clock(name)).due_at}
    assert found == {ACCEPT: accept, FIRST: first, SECOND: second}


def test_a_hand_raiser_of_poor_fit_is_answered_by_a_human_within_two_days() -> None:
    """Q9: nothing but the first touch and the review is promised."""
    harness = DomainHarness(MONDAY).apply(Story(lead_type="hand_raiser", fit="D").assigned(at=MONDAY))
    assert harness.clock(FIRST).due_at == MONDAY + hours(48)
    assert harness.clock(FIRST).policy == "hand_raiser_of_poor_fit"
    assert not harness.runs(ACCEPT)
    assert not harness.runs(SECOND)


def test_a_human_touch_in_time_meets_the_first_touch_and_speed_to_lead() -> None:
    lead = Story()
    harness = DomainHarness(MONDAY).apply(lead.qualified(), lead.assigned()).until(MONDAY + hours(3))
    harness.apply(lead.touched(MONDAY + hours(3)))
    assert harness.clock(FIRST).state == "met"
    assert harness.clock(SPEED).met_at == MONDAY + hours(3)
    assert [event.clock for event in harness.published(ClockMet)] == [SPEED, FIRST, ACCEPT]
    assert not harness.until(MONDAY + days(20)).published(ClockBreached)


def test_an_automated_touch_keeps_no_promise() -> None:
    """C15: unless the playbook says that it does."""
    lead = Story()
    touch = lead.touched(MONDAY + hours(1), automated=True)
    assert DomainHarness(MONDAY).apply(lead.assigned(), touch).clock(FIRST).state == "running"
    assert DomainHarness(MONDAY).apply(lead.assigned(), touch).clock(ACCEPT).state == "running"
    lenient = playbook(touches={"automated_count": True})
    assert DomainHarness(MONDAY, lenient).apply(lead.assigned(), touch).clock(FIRST).state == "met"


def test_a_meeting_that_was_held_is_a_touch_and_one_that_was_booked_is_not() -> None:
    lead = Story()
    harness = DomainHarness(MONDAY).apply(lead.assigned(), lead.meeting(MONDAY + hours(1), "booked"))
    assert harness.clock(FIRST).state == "running"
    assert harness.apply(lead.meeting(MONDAY + hours(2), "held")).clock(FIRST).met_at == MONDAY + hours(2)


def test_somebody_who_phoned_was_talked_to_when_they_were_captured() -> None:
    """C5: an inbound talk with a human is itself the first touch."""
    lead = Story(lead_type="hand_raiser", source="phone")
    harness = DomainHarness(MONDAY).apply(lead.qualified(), lead.assigned())
    assert harness.clock(FIRST).met_at == MONDAY
    assert harness.clock(SECOND).state == "running"
    lead = Story(lead_type="hand_raiser", source="chat", name="chatter")
    assert DomainHarness(MONDAY).apply(lead.qualified(), lead.assigned()).clock(FIRST).state == "running"
    talked = DomainHarness(MONDAY).apply(lead.qualified(engagement="live_chat"), lead.assigned())
    assert talked.clock(FIRST).state == "met"


def test_a_second_touch_lies_a_day_or_more_after_the_first() -> None:
    lead = Story()
    harness = DomainHarness(MONDAY).apply(lead.assigned(), lead.touched(MONDAY + hours(1)))
    assert harness.apply(lead.touched(MONDAY + hours(24.9))).clock(SECOND).state == "running"
    assert harness.apply(lead.touched(MONDAY + hours(25))).clock(SECOND).met_at == MONDAY + hours(25)


def test_a_promise_is_warned_of_at_three_quarters_and_missed_at_its_due_instant() -> None:
    """L9: each level once, at its own instant, without anybody saving anything."""
    lead = Story()
    harness = DomainHarness(MONDAY).apply(lead.assigned(), lead.accepted(MONDAY)).until(MONDAY + days(5))
    assert when(harness.published(ClockWarned, FIRST)) == [MONDAY + hours(36)]
    (breached,) = harness.published(ClockBreached, FIRST)
    assert (breached.occurred_at, breached.overdue_seconds, breached.rep_id) == (MONDAY + hours(48), 0.0, "ann")
    (escalated,) = harness.published(ClockEscalated, FIRST)
    assert (escalated.action, escalated.step, escalated.reason) == ("manager", 1, None)
    assert harness.clock(FIRST).state == "breached"


def test_a_touch_at_exactly_the_due_instant_is_in_time() -> None:
    lead = Story()
    harness = DomainHarness(MONDAY).apply(lead.assigned()).until(MONDAY + hours(47))
    assert harness.apply(lead.touched(MONDAY + hours(48))).clock(FIRST).state == "met"


def test_a_touch_after_the_due_instant_is_late() -> None:
    lead = Story()
    harness = DomainHarness(MONDAY).apply(lead.assigned()).until(MONDAY + hours(50))
    harness.apply(lead.touched(MONDAY + hours(50)))
    assert harness.clock(FIRST).state == "met_late"
    assert len(harness.published(ClockBreached, FIRST)) == 1
    assert [event.overdue_seconds for event in harness.published(ClockMet, FIRST)] == [7200.0]


def test_a_miss_that_no_timer_saw_is_published_with_the_late_touch() -> None:
    """The events come out the same whether the timer or the touch was first."""
    lead = Story()
    harness = DomainHarness(MONDAY + hours(50)).apply(lead.assigned(), lead.touched(MONDAY + hours(50)))
    assert harness.clock(FIRST).state == "met_late"
    kinds = [type(event) for event in harness.events if event.clock == FIRST]
    assert kinds == [ClockBreached, ClockMet]
    assert not harness.published(ClockEscalated)


def test_a_touch_that_arrives_late_takes_the_miss_back() -> None:
    """What outcomes say wins over what timers assumed."""
    lead = Story()
    harness = DomainHarness(MONDAY).apply(lead.assigned()).until(MONDAY + hours(60))
    harness.apply(lead.touched(MONDAY + hours(48)))
    assert harness.clock(FIRST).state == "rescinded"
    (event,) = harness.published(ClockRescinded, FIRST)
    assert (event.met_at, event.occurred_at, event.was_late) == (MONDAY + hours(48), MONDAY + hours(60), False)
    assert not harness.published(ClockMet, FIRST)
    harness.apply(lead.touched(MONDAY + hours(40)))
    assert len(harness.published(ClockRescinded, FIRST)) == 1
    assert harness.clock(FIRST).met_at == MONDAY + hours(40)


def test_a_late_touch_then_an_earlier_one_takes_the_miss_back_too() -> None:
    lead = Story()
    harness = DomainHarness(MONDAY).apply(lead.assigned()).until(MONDAY + hours(60))
    harness.apply(lead.touched(MONDAY + hours(55)), lead.touched(MONDAY + hours(20)))
    assert harness.clock(FIRST).state == "rescinded"
    assert len(harness.published(ClockMet, FIRST)) == 1
    assert [event.was_late for event in harness.published(ClockRescinded, FIRST)] == [True]


def test_a_touch_before_the_hand_over_is_remembered_and_counts() -> None:
    """Nothing orders between topics."""
    lead = Story()
    harness = DomainHarness(MONDAY).apply(lead.touched(MONDAY + hours(1)))
    assert not harness.clocks
    assert harness.apply(lead.assigned()).clock(FIRST).state == "met"


def test_time_spent_in_a_queue_counts() -> None:
    """R14: the clocks count from hand-over, and a miss while nobody owns the lead counts against the team."""
    lead = Story()
    harness = DomainHarness(MONDAY).apply(lead.queued()).until(MONDAY + hours(50))
    (breached,) = harness.published(ClockBreached, FIRST)
    assert (breached.rep_id, breached.team) == (None, "inbound")
    harness.apply(lead.assigned("bob", MONDAY + hours(50), 2))
    assert harness.clock(FIRST).rep_id is None
    assert harness.clock(SECOND).rep_id == "bob"
    assert harness.clock(SECOND).due_at == MONDAY + days(30)


def test_a_missed_acceptance_goes_to_another_rep_three_times_and_then_to_the_manager() -> None:
    """L9: the rep's clock restarts with each new rep, the lead's never."""
    lead = Story(lead_type="hand_raiser")
    harness = DomainHarness(MONDAY).apply(lead.assigned("rep1"))
    actions = []
    for number in range(2, 7):
        harness.until(MONDAY + minutes(5 * (number - 1)))
        actions.append(harness.published(ClockEscalated, ACCEPT)[-1].action)
        harness.apply(lead.assigned(f"rep{number}", harness.now, number))
    assert actions == ["reassign", "reassign", "reassign", "manager", "manager"]
    assert [clock.state for clock in harness.runs(ACCEPT)] == [*["breached"] * 5, "running"]
    assert [clock.rep_id for clock in harness.runs(ACCEPT)] == [f"rep{n}" for n in range(1, 7)]
    assert harness.clock(FIRST).due_at == MONDAY + minutes(15)
    assert harness.clock(FIRST).rep_id == "rep3"
    assert harness.clock(SECOND).rep_id == "rep6"


def test_the_same_rep_assigned_again_keeps_the_running_clock() -> None:
    lead = Story()
    harness = DomainHarness(MONDAY).apply(lead.assigned("ann"), lead.assigned("ann", MONDAY + hours(1), 2))
    assert harness.clock(ACCEPT).started_at == MONDAY


def test_a_new_rep_in_time_cancels_the_running_of_the_old_one() -> None:
    lead = Story()
    harness = DomainHarness(MONDAY).apply(lead.assigned("ann"), lead.assigned("bob", MONDAY + hours(1), 2))
    assert harness.states()["acceptance/1"] == "cancelled"
    harness.apply(lead.accepted(MONDAY + hours(1), "bob"))
    assert harness.states() | {"acceptance/1": "cancelled", "acceptance/2": "met"} == harness.states()


def test_at_the_instant_of_the_change_only_the_own_acts_of_a_rep_answer() -> None:
    lead = Story()
    then = MONDAY + hours(1)
    harness = DomainHarness(MONDAY).apply(lead.assigned("ann"), lead.assigned("bob", then, 2))
    harness.apply(lead.touched(then, "ann"))
    assert (harness.states()["acceptance/1"], harness.states()["acceptance/2"]) == ("met", "running")
    assert harness.apply(lead.touched(then, "bob")).states()["acceptance/2"] == "met"


@pytest.mark.parametrize("act", ["touched", "accepted", "confirmed", "meeting", "opportunity", "won", "lost"])
def test_whatever_a_rep_does_with_a_lead_accepts_it(act: str) -> None:
    lead = Story()
    harness = DomainHarness(MONDAY).apply(lead.assigned(), getattr(lead, act)(MONDAY + minutes(10)))
    assert harness.clock(ACCEPT).state == "met"


def test_a_lead_given_back_stops_the_clock_of_its_rep() -> None:
    lead = Story()
    harness = DomainHarness(MONDAY).apply(lead.assigned(), lead.rejected(MONDAY + minutes(10)))
    assert harness.clock(ACCEPT).state == "cancelled"
    assert harness.clock(FIRST).state == "running"


@pytest.mark.parametrize("end", ["won", "lost", "recycled", "disqualified"])
def test_the_end_of_a_lead_cancels_what_still_runs(end: str) -> None:
    lead = Story()
    harness = DomainHarness(MONDAY).apply(lead.assigned(), lead.accepted(MONDAY)).until(MONDAY + hours(2))
    harness.apply(getattr(lead, end)(MONDAY + hours(2)))
    assert harness.clock(FIRST).state == harness.clock(SECOND).state == "cancelled"
    assert harness.clock(REVIEW).state == ("met" if end == "won" else "cancelled")
    assert harness.next_at is None
    assert not harness.until(MONDAY + days(100)).published(ClockBreached)


def test_a_lead_that_cooled_in_its_queue_has_no_clock_left() -> None:
    lead = Story()
    harness = DomainHarness(MONDAY).apply(lead.queued(), lead.released(MONDAY + hours(1)))
    assert set(harness.states().values()) == {"cancelled"}
    again = harness.apply(lead.queued(MONDAY + hours(2), 3))
    assert again.clock(FIRST).state == "running"


def test_an_end_that_arrives_late_takes_back_what_was_flagged_after_it() -> None:
    lead = Story()
    harness = DomainHarness(MONDAY).apply(lead.assigned(), lead.accepted(MONDAY)).until(MONDAY + hours(60))
    harness.apply(lead.recycled(MONDAY + hours(10)))
    assert harness.clock(FIRST).state == "cancelled"
    (event,) = harness.published(ClockRescinded, FIRST)
    assert event.met_at == MONDAY + hours(10)


def test_a_lead_that_ends_as_the_promise_falls_due_was_missed() -> None:
    """So a return that answers the breach, at the same stepped instant, does not undo it."""
    lead = Story()
    harness = DomainHarness(MONDAY).apply(lead.assigned(), lead.accepted(MONDAY)).until(MONDAY + hours(47))
    harness.apply(lead.recycled(MONDAY + hours(48)))
    assert harness.clock(FIRST).state == "warned"
    harness.until(MONDAY + hours(49))
    assert harness.clock(FIRST).state == "breached"
    assert when(harness.published(ClockBreached, FIRST)) == [MONDAY + hours(48)]
    assert not harness.published(ClockEscalated, FIRST)


def test_a_win_before_the_lead_existed_leaves_nothing_running() -> None:
    """The data has a win two days before the first contact; it is taken."""
    lead = Story()
    harness = DomainHarness(MONDAY).apply(lead.won(MONDAY - days(2)), lead.assigned())
    assert harness.clock(FIRST).state == "cancelled"
    assert harness.clock(ACCEPT).state == harness.clock(REVIEW).state == "met"


def test_a_review_opens_on_day_60_and_decides_on_day_90() -> None:
    """L2, L10."""
    lead = Story()
    harness = DomainHarness(MONDAY).apply(lead.assigned(), lead.touched(MONDAY)).until(MONDAY + days(70))
    (opened,) = harness.published(ReviewOpened)
    assert (opened.occurred_at, opened.touches) == (MONDAY + days(60), 1)
    assert harness.clock(REVIEW).state == "warned"
    assert not harness.published(ClockWarned, REVIEW)
    harness.until(MONDAY + days(100))
    assert when(harness.published(ClockBreached, REVIEW)) == [MONDAY + days(90)]


@pytest.mark.parametrize(
    ("touches", "reason"), [(0, "not_followed_up"), (1, "no_outcome"), (5, "no_outcome"), (6, "unreachable")]
)
def test_day_90_sends_an_undecided_lead_back_with_the_reason(touches: int, reason: str) -> None:
    lead = Story()
    harness = DomainHarness(MONDAY).apply(lead.assigned())
    harness.apply(lead.touched(MONDAY, automated=True))
    harness.apply(*(lead.touched(MONDAY + days(nth)) for nth in range(touches)))
    (event,) = harness.until(MONDAY + days(90)).published(ClockEscalated, REVIEW)
    assert (event.action, event.reason, event.occurred_at) == ("recycle", reason, MONDAY + days(90))


@pytest.mark.parametrize(("act", "closes"), [("meeting", True), ("opportunity", True), ("confirmed", False)])
def test_a_meeting_or_an_opportunity_closes_the_review_and_a_confirmation_does_not(act: str, *, closes: bool) -> None:
    lead = Story()
    harness = DomainHarness(MONDAY).apply(lead.assigned(), getattr(lead, act)(MONDAY + days(3)))
    assert (harness.clock(REVIEW).state == "met") is closes


@pytest.mark.parametrize("outcome", ["no_show", "cancelled", "rescheduled"])
def test_a_meeting_that_did_not_happen_does_not_close_the_review(outcome: str) -> None:
    lead = Story()
    meeting = lead.meeting(MONDAY + days(3), outcome)  # type: ignore[arg-type]  # from a parameter
    assert DomainHarness(MONDAY).apply(lead.assigned(), meeting).clock(REVIEW).state == "running"


def test_a_raised_hand_inside_the_cycle_brings_a_faster_promise() -> None:
    """LeadUpgraded: the same lead, counted from the hand-raise."""
    lead = Story()
    harness = DomainHarness(MONDAY).apply(lead.assigned()).until(MONDAY + hours(2))
    harness.apply(lead.upgraded(MONDAY + hours(2)))
    first = harness.clock(FIRST)
    assert (first.due_at, first.policy, first.lead_type) == (MONDAY + hours(2.25), "hand_raiser", "hand_raiser")
    assert first.started_at == MONDAY
    assert harness.clock(ACCEPT).due_at == MONDAY + hours(2) + minutes(5)
    assert harness.clock(SECOND).due_at == MONDAY + hours(2) + days(7)
    assert harness.clock(REVIEW).due_at == MONDAY + days(90)
    assert when(harness.until(MONDAY + hours(3)).published(ClockBreached, FIRST)) == [MONDAY + hours(2.25)]


def test_the_earliest_of_several_promises_is_in_force() -> None:
    """What a raised hand was promised is not put off by a paper that is read after it."""
    lead = Story(lead_type="hand_raiser")
    harness = DomainHarness(MONDAY).apply(lead.assigned(), lead.upgraded(MONDAY + minutes(5), lead_type="content"))
    assert (harness.clock(FIRST).due_at, harness.clock(FIRST).policy) == (MONDAY + minutes(15), "hand_raiser")


def test_what_was_kept_before_a_raised_hand_stays_kept() -> None:
    lead = Story()
    harness = DomainHarness(MONDAY).apply(
        lead.upgraded(MONDAY + hours(5)), lead.touched(MONDAY + hours(3)), lead.assigned()
    )
    assert (harness.clock(FIRST).state, harness.clock(FIRST).policy) == ("met", "standard")
    assert harness.clock(ACCEPT).policy == "standard"
    assert harness.clock(SECOND).policy == "hand_raiser"


def test_a_hand_raise_that_arrives_late_shows_a_miss_that_looked_like_a_kept_promise() -> None:
    lead = Story()
    harness = DomainHarness(MONDAY).apply(lead.assigned(), lead.touched(MONDAY + hours(5))).until(MONDAY + hours(6))
    assert harness.clock(FIRST).state == "met"
    harness.apply(lead.upgraded(MONDAY + hours(1)))
    assert harness.clock(FIRST).state == "met_late"
    assert len(harness.published(ClockBreached, FIRST)) == len(harness.published(ClockMet, FIRST)) == 1


@pytest.mark.parametrize("preference", ["call_me", "book"])
def test_a_call_or_a_meeting_asked_for_later_starts_the_clocks_then(preference: str) -> None:
    """R15: touching somebody who said "on Thursday" on Monday keeps no promise to them, and nobody is passed on."""
    lead = Story(lead_type="hand_raiser")
    thursday = MONDAY + days(3)
    harness = DomainHarness(MONDAY).apply(lead.assigned())
    harness.apply(lead.qualified(preference=preference, preferred_at=thursday))
    acceptance, first = harness.clock(ACCEPT), harness.clock(FIRST)
    assert (acceptance.state, acceptance.due_at) == ("paused", thursday + minutes(5))
    assert not harness.until(thursday).published(ClockBreached)
    assert (first.state, first.paused_until, first.due_at) == ("paused", thursday, thursday + minutes(15))
    assert harness.until(thursday).clock(FIRST).state == "running"
    assert when(harness.until(thursday + hours(1)).published(ClockBreached, FIRST)) == [thursday + minutes(15)]


def test_the_clock_of_a_booked_slot_is_the_meeting() -> None:
    """R15: who chose a slot is expected then; the clocks begin with the meeting, whoever has the lead by then."""
    lead = Story(lead_type="hand_raiser")
    thursday = MONDAY + days(3)
    harness = DomainHarness(MONDAY).apply(lead.assigned("ann")).until(MONDAY + minutes(2))
    harness.apply(lead.assigned("ann", MONDAY + minutes(2), 2, meeting_at=thursday))
    assert (harness.clock(FIRST).state, harness.clock(FIRST).paused_until) == ("paused", thursday)
    assert not harness.until(thursday).published(ClockBreached)
    harness.apply(lead.assigned("bob", thursday - hours(1), 3, meeting_at=thursday))
    assert harness.clock(FIRST).paused_until == thursday
    assert harness.until(thursday + hours(1)).published(ClockBreached, FIRST)


def test_a_meeting_that_is_noted_after_it_was_held_from_when_it_began() -> None:
    """Nobody types during a meeting: the miss of a quarter past is taken back."""
    lead = Story(lead_type="hand_raiser")
    thursday = MONDAY + days(3)
    harness = DomainHarness(MONDAY).apply(lead.assigned("ann", meeting_at=thursday)).until(thursday + minutes(31))
    assert harness.clock(FIRST).state == "breached"
    noted = lead.meeting(thursday + minutes(31), "held").changed(starts_at=thursday)
    assert harness.apply(noted).clock(FIRST).state == "rescinded"


@pytest.mark.parametrize("outcome", ["cancelled", "no_show"])
def test_a_meeting_that_is_called_off_pauses_no_clock_any_more(outcome: MeetingOutcome) -> None:
    lead = Story(lead_type="hand_raiser")
    thursday = MONDAY + days(3)
    off = lead.meeting(MONDAY + hours(1), outcome)
    harness = DomainHarness(MONDAY).apply(lead.assigned(meeting_at=thursday), off)
    assert harness.clock(ACCEPT).due_at == MONDAY + hours(1) + minutes(5)


def test_a_slot_that_is_booked_as_another_is_called_off_holds() -> None:
    """Cancelled and booked again in one instant: the second slot is the promise, the first is none."""
    lead = Story(lead_type="hand_raiser")
    tuesday, thursday = MONDAY + days(1), MONDAY + days(3)
    off = lead.meeting(MONDAY + hours(1), "cancelled").changed(starts_at=tuesday)
    again = lead.assigned("ann", MONDAY + hours(1), 2, meeting_at=thursday)
    harness = DomainHarness(MONDAY).apply(lead.assigned("ann", meeting_at=tuesday), off, again)
    assert harness.clock(FIRST).due_at == thursday + minutes(15)
    at_once = lead.meeting(MONDAY + hours(1), "cancelled").changed(starts_at=thursday)
    assert harness.apply(at_once).clock(FIRST).due_at == MONDAY + hours(1) + minutes(15)


def test_a_slot_is_nobody_s_once_the_lead_moved_on_without_it() -> None:
    lead = Story(lead_type="hand_raiser")
    moved = lead.assigned("bob", MONDAY + hours(1), 2)
    harness = DomainHarness(MONDAY).apply(lead.assigned("ann", meeting_at=MONDAY + days(3)), moved)
    assert harness.clock(FIRST).due_at == MONDAY + hours(1) + minutes(15)


def test_a_wish_heard_of_after_the_miss_does_not_let_the_new_deadline_pass_unseen() -> None:
    lead = Story(lead_type="hand_raiser")
    thursday = MONDAY + days(3)
    harness = DomainHarness(MONDAY).apply(lead.assigned()).until(MONDAY + days(2))
    assert harness.clock(FIRST).state == "breached"
    harness.apply(lead.qualified(preference="call_me", preferred_at=thursday))
    assert harness.clock(FIRST).state == "paused"
    assert harness.until(thursday + hours(1)).clock(FIRST).state == "breached"
    assert len(harness.published(ClockBreached, FIRST)) == 1


def test_nobody_is_put_off_for_longer_than_the_agreement_says() -> None:
    lead = Story()
    wish = lead.qualified(preference="not_now", preferred_at=MONDAY + days(300))
    assert DomainHarness(MONDAY).apply(lead.assigned(), wish).clock(FIRST).paused_until == MONDAY + days(60)
    never = playbook(preferred_time_pauses=None)
    assert DomainHarness(MONDAY, never).apply(lead.assigned(), wish).clock(FIRST).state == "running"
    past = lead.qualified(preference="call_me", preferred_at=MONDAY - days(1))
    assert DomainHarness(MONDAY).apply(lead.assigned(), past).clock(FIRST).paused_until is None


def test_a_running_clock_keeps_the_agreement_it_started_under() -> None:
    """D10: a clock that starts later gets the new one."""
    lead = Story()
    harness = DomainHarness(MONDAY).apply(lead.assigned("ann"))
    strict = [{"name": "strict", "accept": "1h", "first_touch": "1h", "second_touch": "1d"}]
    harness.activate("v2", playbook(policies=strict))
    harness.apply(lead.assigned("bob", MONDAY + hours(1), 2))
    assert harness.clock(FIRST).due_at == MONDAY + hours(48)
    assert harness.clock(FIRST).playbook_version == "v1"
    assert harness.clock(ACCEPT, 2).due_at == MONDAY + hours(2)
    assert harness.clock(ACCEPT, 2).playbook_version == "v2"


def test_each_team_works_by_its_own_calendar() -> None:
    office = {"zone": "UTC", "mon": ["09:00-18:00"]}
    late = {"zone": "America/New_York", "mon": ["09:00-18:00"]}
    agreement = playbook(calendars={"office": office, "late": late}, team_calendars={"west": "late"})
    lead = Story(lead_type="hand_raiser")
    harness = DomainHarness(MONDAY, agreement).apply(lead.assigned(team="west"))
    assert harness.clock(FIRST).due_at == datetime(2026, 3, 2, 14, 15, tzinfo=UTC)


def test_a_promise_escalates_step_by_step_while_nobody_answers() -> None:
    """L9: rep, manager, another rep."""
    steps = [{"action": "rep"}, {"action": "manager", "after": "4h"}, {"action": "reassign", "after": "8h"}]
    lead = Story()
    agreement = playbook(escalations={"first_touch": steps})
    harness = DomainHarness(MONDAY, agreement).apply(lead.assigned(), lead.accepted(MONDAY)).until(MONDAY + hours(54))
    assert [event.action for event in harness.published(ClockEscalated)] == ["rep", "manager"]
    harness.apply(lead.touched(MONDAY + hours(54)))
    assert [event.action for event in harness.until(MONDAY + days(9)).published(ClockEscalated)] == ["rep", "manager"]


def test_after_an_outage_the_overdue_is_flagged_at_once_and_not_warned_of() -> None:
    """X33: lateness is told, nothing is said twice."""
    lead = Story()
    harness = DomainHarness(MONDAY + days(3)).apply(lead.assigned(), lead.accepted(MONDAY))
    assert harness.clock(FIRST).state == "running"
    harness.until(MONDAY + days(3))
    assert not harness.published(ClockWarned, FIRST)
    assert [event.overdue_seconds for event in harness.published(ClockBreached, FIRST)] == [86_400.0]


def test_a_placement_that_arrives_out_of_order_corrects_whose_clock_ran() -> None:
    """A parked record that is replayed: the running that never was is gone, and its miss is taken back."""
    lead = Story(lead_type="hand_raiser")
    harness = DomainHarness(MONDAY).apply(lead.assigned("bob", MONDAY + minutes(2), 3)).until(MONDAY + minutes(8))
    assert harness.clock(ACCEPT).state == "breached"
    harness.apply(lead.assigned("bob", MONDAY, 2))
    assert [(clock.run, clock.state) for clock in harness.runs(ACCEPT)] == [(2, "running"), (3, "cancelled")]
    assert harness.clock(ACCEPT, 2).started_at == MONDAY
    assert len(harness.published(ClockRescinded, ACCEPT)) == 1


def test_a_running_that_was_after_all_is_flagged_no_second_time() -> None:
    """Placements told last to first: the third looks like a running, then not, then is one."""
    lead = Story(lead_type="hand_raiser")
    harness = DomainHarness(MONDAY).apply(lead.assigned("ann", MONDAY + minutes(2), 3)).until(MONDAY + minutes(8))
    harness.apply(lead.assigned("ann"))
    assert harness.clock(ACCEPT, 3).state == "cancelled"
    harness.apply(lead.queued(MONDAY + minutes(1), 2)).until(MONDAY + hours(1))
    assert harness.clock(ACCEPT, 3).state == "breached"
    assert (
        len([event for event in harness.published(ClockBreached, ACCEPT) if event.clock_id == lead.clock_id(ACCEPT, 3)])
        == 1
    )
    unflagged = DomainHarness(MONDAY).apply(lead.assigned("ann", MONDAY, 3), lead.assigned("ann", MONDAY))
    assert [clock.run for clock in unflagged.runs(ACCEPT)] == [1]


def test_an_event_that_says_nothing_about_a_clock_teaches_nothing() -> None:
    lead = Story()
    cooled = LeadCooled(
        **lead.who, occurred_at=MONDAY, playbook_version="v", fit="A", readiness=4, readiness_points=1.0,
        readiness_evidence=[],
    )  # fmt: skip
    nothing = Facts(lead.lead_id, lead.contact_id, 1)
    assert add_event(nothing, cooled) == nothing


def test_each_clock_event_names_the_promise_and_the_agreement() -> None:
    lead = Story()
    harness = DomainHarness(MONDAY).apply(lead.assigned()).until(MONDAY + days(3))
    (event,) = harness.published(ClockBreached, FIRST)
    assert event.clock_id == lead.clock_id("first_touch")
    assert (event.policy, event.playbook_version, event.lead_type) == ("standard", "v1", "content")
    assert (event.started_at, event.due_at, event.team) == (MONDAY, MONDAY + hours(48), "inbound")
