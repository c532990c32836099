"""What an agreement may say of a clock: which leads, what starts and meets it, by which calendar, paused how long."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from events.sla import ClockBreached, ClockEscalated, ClockMet, ClockWarned
from tests.sla_monitor.domain_harness import DomainHarness, playbook, when
from tests.sla_monitor.lead_story import MONDAY, Story, days, hours, minutes

FIRST, ACCEPT, SPEED, REVIEW = "first_touch", "acceptance", "speed_to_lead", "review"
NINE_TO_FIVE = {day: ["09:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
UTC_HOURS = {"zone": "UTC"} | NINE_TO_FIVE


def policy(**promises: Any) -> list[dict[str, Any]]:
    return [{"name": "all", "first_touch": "48h"} | promises]


def test_a_promise_may_be_warned_of_several_times_each_once() -> None:
    lead = Story()
    agreement = playbook(warn_at=[0.5, 0.75, 0.9], policies=policy(first_touch="10h"))
    harness = DomainHarness(MONDAY, agreement).apply(lead.assigned()).until(MONDAY + days(1))
    warned = harness.published(ClockWarned, FIRST)
    assert when(warned) == [MONDAY + hours(5), MONDAY + hours(7.5), MONDAY + hours(9)]
    assert [event.level for event in warned] == [1, 2, 3]
    assert len({event.ce_id for event in warned}) == 3


def test_warnings_that_were_slept_through_become_one() -> None:
    lead = Story()
    agreement = playbook(warn_at=[0.5, 0.75, 0.9], policies=policy(first_touch="10h"))
    harness = DomainHarness(MONDAY + hours(8), agreement).apply(lead.assigned()).until(MONDAY + days(1))
    assert [(event.level, event.occurred_at) for event in harness.published(ClockWarned, FIRST)] == [
        (2, MONDAY + hours(8)),
        (3, MONDAY + hours(9)),
    ]


def test_each_promise_may_have_warnings_and_escalations_of_its_own() -> None:
    """L4, L9."""
    strict = {"target": "1h", "warn_at": 0.9, "escalations": [{"action": "rep"}, {"action": "manager", "after": "1h"}]}
    harness = DomainHarness(MONDAY, playbook(policies=policy(first_touch=strict))).apply(Story().assigned())
    harness.until(MONDAY + hours(3))
    assert when(harness.published(ClockWarned, FIRST)) == [MONDAY + minutes(54)]
    assert [(event.action, event.occurred_at) for event in harness.published(ClockEscalated, FIRST)] == [
        ("rep", MONDAY + hours(1)),
        ("manager", MONDAY + hours(2)),
    ]


def test_a_policy_may_be_for_the_leads_of_a_team() -> None:
    """L3."""
    agreement = playbook(
        policies=[{"name": "partners", "when": {"team": ["partners"]}, "first_touch": "2h"}, *policy()]
    )
    mine, other = Story().assigned(team="partners"), Story().assigned()
    assert DomainHarness(MONDAY, agreement).apply(mine).clock(FIRST).due_at == MONDAY + hours(2)
    assert DomainHarness(MONDAY, agreement).apply(other).clock(FIRST).policy == "all"


def test_speed_to_lead_may_have_a_target() -> None:
    harness = DomainHarness(MONDAY, playbook(policies=policy(speed_to_lead="1h"))).apply(Story().assigned())
    assert when(harness.until(MONDAY + hours(2)).published(ClockBreached, SPEED)) == [MONDAY + hours(1)]


def test_a_policy_may_review_its_leads_sooner() -> None:
    """D8: a transactional sale is over in a month."""
    quick = policy(review={"opens": "14d", "decides": "30d", "unreachable_after": 2})
    lead = Story()
    harness = DomainHarness(MONDAY, playbook(policies=quick)).apply(lead.assigned())
    harness.apply(lead.touched(MONDAY + days(1)), lead.touched(MONDAY + days(3))).until(MONDAY + days(40))
    (recycled,) = harness.published(ClockEscalated, REVIEW)
    assert (recycled.occurred_at, recycled.reason) == (MONDAY + days(30), "unreachable")


def test_a_machine_may_keep_one_promise_and_not_the_other() -> None:
    """C15: automated touches count where the policy says so."""
    agreement = playbook(policies=policy(first_touch={"target": "48h", "automated_count": True}, second_touch="30d"))
    lead = Story()
    harness = DomainHarness(MONDAY, agreement).apply(lead.assigned())
    harness.apply(lead.touched(MONDAY + hours(1), automated=True), lead.touched(MONDAY + days(2), automated=True))
    assert (harness.clock(FIRST).state, harness.clock("second_touch").state) == ("met", "running")


def demo(**changes: Any) -> Any:
    rule = {"starts": "meeting_booked", "met_by": ["meeting_held"], "escalations": [{"action": "manager"}]} | changes
    return playbook(clocks={"demo_held": rule}, policies=policy(own={"demo_held": "7d"}))


def test_a_playbook_may_name_clocks_of_its_own() -> None:
    """L5: each is started by one named event and met by others."""
    lead = Story()
    harness = DomainHarness(MONDAY, demo()).apply(lead.assigned())
    assert not harness.runs("demo_held")
    harness.apply(lead.meeting(MONDAY + days(1), "booked"))
    assert harness.clock("demo_held").due_at == MONDAY + days(8)
    late = harness.until(MONDAY + days(9)).apply(lead.meeting(MONDAY + days(9), "held"))
    assert late.clock("demo_held").state == "met_late"
    assert [event.action for event in harness.published(ClockEscalated, "demo_held")] == ["manager"]
    assert harness.clock("demo_held").clock_id == lead.clock_id("demo_held")


def test_what_starts_a_clock_does_not_also_meet_it() -> None:
    agreement = demo(starts="touched", met_by=["touched", "accepted"])
    lead = Story()
    harness = DomainHarness(MONDAY, agreement).apply(lead.assigned(), lead.touched(MONDAY + hours(1)))
    assert harness.clock("demo_held").state == "running"
    assert harness.apply(lead.touched(MONDAY + hours(1))).clock("demo_held").met_at == MONDAY + hours(1)


@pytest.mark.parametrize(
    ("starts", "begins"),
    [
        ("captured", MONDAY),
        ("qualified", MONDAY),
        ("handed_over", MONDAY),
        ("assigned", MONDAY + hours(1)),
        ("accepted", MONDAY + hours(2)),
        ("rejected", MONDAY + hours(3)),
        ("touched", MONDAY + hours(4)),
        ("meeting_booked", MONDAY + hours(5)),
        ("meeting_held", MONDAY + hours(6)),
        ("confirmed", MONDAY + hours(7)),
        ("opportunity", MONDAY + hours(8)),
        ("won", MONDAY + hours(9)),
    ],
)
def test_a_clock_of_ones_own_starts_at_the_event_it_names(starts: str, begins: datetime) -> None:
    lead = Story()
    harness = DomainHarness(MONDAY, demo(starts=starts, met_by=["won"])).apply(
        lead.qualified(),
        lead.queued(),
        lead.assigned(at=MONDAY + hours(1), number=2),
        lead.accepted(MONDAY + hours(2)),
        lead.rejected(MONDAY + hours(3)),
        lead.touched(MONDAY + hours(4)),
        lead.meeting(MONDAY + hours(5), "booked"),
        lead.meeting(MONDAY + hours(6), "held"),
        lead.confirmed(MONDAY + hours(7)),
        lead.opportunity(MONDAY + hours(8)),
        lead.won(MONDAY + hours(9)),
    )
    assert harness.clock("demo_held").started_at == begins


def test_a_clock_that_would_start_after_the_end_of_its_lead_never_does() -> None:
    lead = Story()
    harness = DomainHarness(MONDAY, demo()).apply(lead.assigned(), lead.recycled(MONDAY + hours(1)))
    assert not harness.apply(lead.meeting(MONDAY + hours(2), "booked")).runs("demo_held")
    no_target = playbook(clocks={"demo_held": {"starts": "assigned", "met_by": ["won"]}}, policies=policy())
    assert not DomainHarness(MONDAY, no_target).apply(lead.queued()).runs("demo_held")
    assert not DomainHarness(MONDAY, no_target).apply(lead.assigned()).runs("demo_held")


def test_a_clock_that_the_next_agreement_drops_runs_on() -> None:
    lead = Story()
    harness = DomainHarness(MONDAY, demo()).apply(lead.assigned(), lead.meeting(MONDAY, "booked"))
    harness.activate("v2", playbook())
    harness.apply(lead.meeting(MONDAY + hours(1), "held"))
    assert harness.clock("demo_held").state == "met"
    assert len(harness.published(ClockMet, "demo_held")) == 1


def by_calendar(kind: str) -> Any:
    return playbook(
        calendars={
            "office": UTC_HOURS,
            "west": {"zone": "America/New_York"} | NINE_TO_FIVE,
            "nights": {"zone": "UTC", "mon": ["22:00-24:00"]},
        },
        team_calendars={"inbound": "office"},
        rep_calendars={"bob": "west"},
        policies=policy(first_touch={"target": "120b", "calendar": kind}, accept={"target": "60b", "calendar": kind}),
    )


@pytest.mark.parametrize(
    ("kind", "rep", "due_at"),
    [
        ("team", "bob", MONDAY + hours(2)),
        ("rep", "ann", MONDAY + hours(2)),
        ("rep", "bob", MONDAY + hours(7)),
        ("nights", "ann", MONDAY + hours(15)),
        ("always", "bob", MONDAY + hours(2)),
    ],
)
def test_a_clock_runs_by_the_calendar_that_the_agreement_names(kind: str, rep: str, due_at: datetime) -> None:
    harness = DomainHarness(MONDAY, by_calendar(kind)).apply(Story().assigned(rep))
    assert harness.clock(FIRST).due_at == due_at


def test_business_time_that_never_stops_runs_through_the_night() -> None:
    saturday = datetime(2026, 3, 7, 23, 0, tzinfo=UTC)
    lead = Story(start=saturday)
    assert DomainHarness(saturday, by_calendar("always")).apply(lead.assigned()).clock(
        FIRST
    ).due_at == saturday + hours(2)


def test_another_rep_in_another_zone_moves_what_remains_of_the_leads_clock() -> None:
    """An hour of Ann's in the morning has passed; Bob's day in New York begins at 14:00 UTC."""
    lead = Story()
    harness = DomainHarness(MONDAY, by_calendar("rep")).apply(lead.assigned("ann"))
    harness.apply(lead.assigned("bob", MONDAY + hours(1), 2))
    assert harness.clock(FIRST).started_at == MONDAY
    assert harness.clock(FIRST).due_at == MONDAY + hours(6)
    assert harness.clock(ACCEPT, 2).due_at == MONDAY + hours(6)


def test_before_anybody_has_the_lead_a_clock_by_the_reps_calendar_runs_by_the_teams() -> None:
    agreement = by_calendar("rep").model_dump(exclude={"policies", "clocks"}) | {
        "clocks": {"prepared": {"starts": "qualified", "met_by": ["won"], "calendar": "rep"}},
        "policies": policy(own={"prepared": "120b"}),
    }
    lead = Story()
    harness = DomainHarness(MONDAY, playbook(**agreement)).apply(lead.qualified())
    assert harness.clock("prepared").due_at == MONDAY + hours(2)
    harness.apply(lead.assigned("bob", MONDAY + hours(1)))
    assert harness.clock("prepared").due_at == MONDAY + hours(6)


def test_in_a_queue_a_clock_by_the_reps_calendar_runs_by_the_teams() -> None:
    lead = Story()
    harness = DomainHarness(MONDAY, by_calendar("rep")).apply(lead.queued())
    assert harness.clock(FIRST).due_at == MONDAY + hours(2)
    harness.apply(lead.assigned("bob", MONDAY + hours(1), 2))
    assert harness.clock(FIRST).due_at == MONDAY + hours(6)


def test_a_calendar_change_moves_only_what_remains() -> None:
    """Ten hours were promised on Monday at nine; at eleven Monday and Tuesday are declared holidays."""
    before = playbook(calendars={"office": UTC_HOURS}, policies=policy(first_touch="600b"))
    off = UTC_HOURS | {"holidays": ["2026-03-02", "2026-03-03"]}
    lead = Story()
    harness = DomainHarness(MONDAY, before).apply(lead.assigned())
    assert harness.clock(FIRST).due_at == MONDAY + days(1) + hours(2)
    harness.until(MONDAY + hours(2)).activate("v2", playbook(calendars={"office": off}, policies=policy()))
    harness.replan_all()
    assert harness.clock(FIRST).due_at == MONDAY + days(2) + hours(8)
    assert harness.clock(FIRST).playbook_version == "v1"
    assert when(harness.until(MONDAY + days(9)).published(ClockBreached, FIRST)) == [MONDAY + days(2) + hours(8)]


def test_a_calendar_change_after_the_miss_takes_nothing_back() -> None:
    before = playbook(calendars={"office": UTC_HOURS}, policies=policy(first_touch="60b"))
    harness = DomainHarness(MONDAY, before).apply(Story().assigned()).until(MONDAY + hours(2))
    off = UTC_HOURS | {"holidays": ["2026-03-02"]}
    harness.activate("v2", playbook(calendars={"office": off}, policies=policy()))
    harness.replan_all()
    assert (harness.clock(FIRST).state, harness.clock(FIRST).due_at) == ("breached", MONDAY + hours(1))


def paused(*pauses: dict[str, str]) -> Any:
    return playbook(policies=policy(first_touch={"target": "10h", "pauses": list(pauses)}))


def test_a_clock_may_stand_still_while_nobody_has_the_lead_but_not_for_ever() -> None:
    lead = Story()
    agreement = paused({"state": "queued", "at_most": "4h"})
    harness = DomainHarness(MONDAY, agreement).apply(lead.queued())
    assert harness.clock(FIRST).state == "paused"
    assert harness.clock(FIRST).due_at == MONDAY + hours(14)
    harness.until(MONDAY + hours(1)).apply(lead.assigned(at=MONDAY + hours(1), number=2))
    assert (harness.clock(FIRST).state, harness.clock(FIRST).due_at) == ("running", MONDAY + hours(11))
    harness.until(MONDAY + hours(2)).apply(lead.queued(MONDAY + hours(2), 3))
    assert (harness.clock(FIRST).state, harness.clock(FIRST).due_at) == ("paused", MONDAY + hours(14))
    assert harness.until(MONDAY + hours(5)).clock(FIRST).state == "running"
    assert when(harness.until(MONDAY + days(1)).published(ClockBreached, FIRST)) == [MONDAY + hours(14)]


def test_a_clock_may_stand_still_until_the_meeting_that_was_booked() -> None:
    lead = Story()
    harness = DomainHarness(MONDAY, paused({"state": "meeting_booked", "at_most": "30d"})).apply(lead.assigned())
    harness.apply(lead.meeting(MONDAY + hours(1), "booked"))
    assert harness.clock(FIRST).due_at == MONDAY + days(2) + hours(10)
    harness.apply(lead.meeting(MONDAY + hours(3), "cancelled"))
    assert harness.clock(FIRST).due_at == MONDAY + hours(12)


def test_pauses_that_overlap_stop_the_clock_once() -> None:
    lead = Story()
    agreement = paused({"state": "meeting_booked", "at_most": "30d"}, {"state": "queued", "at_most": "9h"})
    harness = DomainHarness(MONDAY, agreement).apply(lead.queued(), lead.assigned(at=MONDAY + hours(6), number=2))
    harness.apply(lead.meeting(MONDAY + hours(4), "booked"), lead.meeting(MONDAY + hours(8), "cancelled"))
    harness.apply(lead.meeting(MONDAY + hours(9), "rescheduled"), lead.meeting(MONDAY + hours(10), "cancelled"))
    assert harness.clock(FIRST).due_at == MONDAY + hours(10 + 8 + 1)
    assert harness.clock(FIRST).paused_until == MONDAY + hours(10)


def test_a_pause_that_begins_after_the_promise_has_run_out_changes_nothing() -> None:
    lead = Story()
    harness = DomainHarness(MONDAY, paused({"state": "queued", "at_most": "9h"})).apply(lead.assigned())
    harness.apply(lead.queued(MONDAY + hours(20), 2))
    assert harness.clock(FIRST).due_at == MONDAY + hours(10)


def test_working_days_may_be_written_out() -> None:
    friday = datetime(2026, 3, 6, 17, 0, tzinfo=UTC)
    agreement = playbook(policies=policy(first_touch={"working_days": 2}))
    harness = DomainHarness(friday, agreement).apply(Story(start=friday).assigned())
    assert harness.clock(FIRST).due_at == friday + timedelta(days=4)


def test_a_profile_takes_the_place_of_the_chapters_it_names() -> None:
    """D8: transactional and enterprise sales promise other times."""
    profiles = {"quick": {"review": {"opens": "7d", "decides": "14d"}, "policies": policy(first_touch="4h")}}
    usual, quick = playbook(profiles=profiles), playbook(profiles=profiles, profile="quick")
    assert DomainHarness(MONDAY, usual).apply(Story().assigned()).clock(FIRST).due_at == MONDAY + hours(48)
    harness = DomainHarness(MONDAY, quick).apply(Story().assigned())
    assert harness.clock(FIRST).due_at == MONDAY + hours(4)
    assert harness.clock(REVIEW).due_at == MONDAY + days(14)
