"""When reps work is kept by routing; the clocks go by it, in whatever order they learn of it."""

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.envelope import LeadEvent
from events.rep_calendars import calendar_from_hours
from events.reps import RepAbsence, RepChanged, WorkingHours
from events.runtime import Reject
from events.runtime.testing import ServiceHarness
from events.sla import ClockBreached, ClockRescinded
from sla_monitor.playbook import SlaPlaybook
from tests.sla_monitor.domain_harness import DomainHarness, playbook
from tests.sla_monitor.lead_story import MONDAY, Story, days, hours, minutes
from tests.sla_monitor.test_properties import AGE, AGREEMENTS, END, REPS, clock_run, consistent, in_order, lives

WEEK = ("mon", "tue", "wed", "thu", "fri")
NEW_YORK = WorkingHours.read({"zone": "America/New_York"} | dict.fromkeys(WEEK, ("09:00-17:00",)))
BERLIN = WorkingHours.read({"zone": "Europe/Berlin"} | dict.fromkeys(WEEK[:4], ("08:00-12:00", "13:00-16:00")))
FIRST = "first_touch"


def changed(
    rep_id: str = "ann", at: datetime = MONDAY, revision: int = 1, *hours_of: WorkingHours, away: Any = ()
) -> RepChanged:
    absences = [RepAbsence(begins_at=begins, ends_at=ends) for begins, ends in away]
    return RepChanged(occurred_at=at, rep_id=rep_id, revision=revision, hours=list(hours_of), absences=absences)


def promise(target: str = "120b", **more: Any) -> SlaPlaybook:
    return playbook(policies=[{"name": "all", "accept": "60b", "first_touch": {"target": target} | more}])


def due_at(harness: DomainHarness) -> datetime | None:
    return harness.clock(FIRST).due_at


@st.composite
def rosters(draw: st.DrawFn) -> list[RepChanged]:
    """Some changes of when reps work, numbered as they happened."""
    found = []
    for rep_id in draw(st.lists(REPS, max_size=3, unique=True)):
        for nth, age in enumerate(sorted(draw(st.lists(AGE, max_size=3, unique=True)))):
            at = MONDAY + age
            begins = [at + draw(AGE) - days(1) for _ in range(draw(st.integers(0, 2)))]
            away = [(begin, draw(st.sampled_from([begin + hours(5), begin + days(6), None]))) for begin in begins]
            works = draw(st.lists(st.sampled_from([NEW_YORK, BERLIN]), max_size=2, unique_by=lambda it: it.zone))
            found.append(changed(rep_id, at, nth + 1, *works, away=away))
    return found


def apply(harness: DomainHarness, event: LeadEvent | RepChanged) -> None:
    if isinstance(event, RepChanged):
        harness.rep_changed(event)
    else:
        harness.apply(event)


@settings(max_examples=200, deadline=None)
@given(st.data(), lives(), rosters(), AGREEMENTS)
def test_any_order_and_any_duplicates_of_hours_and_events_come_to_the_same_clocks(
    data: st.DataObject, life: list[LeadEvent], roster: list[RepChanged], agreement: SlaPlaybook
) -> None:
    """However late each change of hours is heard and however often, and whatever timers fire in between."""
    happened: list[LeadEvent | RepChanged] = [*life, *roster]
    ordered = DomainHarness(MONDAY, agreement)
    for event in sorted(happened, key=lambda it: it.occurred_at):
        if ordered.facts is not None:
            ordered.until(event.occurred_at)
        apply(ordered, event)
    deliveries = data.draw(st.permutations(happened + data.draw(st.lists(st.sampled_from(happened), max_size=5))))
    shuffled = DomainHarness(MONDAY, agreement)
    for event in deliveries:
        shuffled.until(shuffled.now + data.draw(AGE))
        apply(shuffled, event)
    assert clock_run(shuffled.until(END)) == clock_run(ordered.until(END))
    consistent(shuffled)
    consistent(ordered)


@settings(max_examples=50, deadline=None)
@given(lives(), AGREEMENTS)
def test_a_rep_who_is_published_without_hours_and_absences_moves_nothing(
    life: list[LeadEvent], agreement: SlaPlaybook
) -> None:
    harness = DomainHarness(MONDAY, agreement)
    for rep_id in ("ann", "bob", "cy"):
        harness.rep_changed(changed(rep_id))
    for event in life:
        harness.until(event.occurred_at).apply(event)
    assert clock_run(harness.until(END)) == clock_run(in_order(life, agreement))


def test_a_rep_in_new_york_is_not_held_to_the_offices_morning() -> None:
    harness = (
        DomainHarness(MONDAY, promise()).rep_changed(changed("ann", MONDAY, 1, NEW_YORK)).apply(Story().assigned())
    )
    assert due_at(harness) == MONDAY + hours(7)
    assert harness.clock("acceptance").due_at == MONDAY + hours(6)


def test_a_change_of_hours_moves_what_remains_and_never_what_has_passed() -> None:
    """An hour of the office's morning has passed when she moves to New York, whose day begins at 14:00 UTC."""
    harness = DomainHarness(MONDAY, promise()).apply(Story().assigned())
    harness.until(MONDAY + hours(1)).rep_changed(changed("ann", MONDAY + hours(1), 1, NEW_YORK))
    assert due_at(harness) == MONDAY + hours(6)
    harness.rep_changed(changed("ann", MONDAY + hours(5.5), 2))
    assert due_at(harness) == MONDAY + hours(6)
    harness.rep_changed(changed("ann", MONDAY + hours(2), 3))
    assert due_at(harness) == MONDAY + hours(3)


def test_another_reps_hours_and_a_clock_of_the_teams_calendar_stay_as_they_are() -> None:
    for agreement, rep_id in ((promise(), "bob"), (promise(calendar="team"), "ann")):
        harness = DomainHarness(MONDAY, agreement).rep_changed(changed(rep_id, MONDAY, 1, NEW_YORK))
        assert due_at(harness.apply(Story().assigned("ann"))) == MONDAY + hours(2)


def test_a_promise_in_working_time_waits_for_whoever_is_absent_but_not_for_ever() -> None:
    """`absence_pauses`: three days. A promise in elapsed time waits for nobody."""
    noon, evening = MONDAY + hours(3), MONDAY + days(1)
    harness = DomainHarness(MONDAY, promise("240b")).rep_changed(changed(away=[(noon, evening)]))
    harness.apply(Story().assigned())
    assert due_at(harness) == evening + hours(1)
    assert harness.until(noon + minutes(1)).replan_all().clock(FIRST).state == "paused"
    for_ever = (
        DomainHarness(MONDAY, promise("240b")).rep_changed(changed(away=[(noon, None)])).apply(Story().assigned())
    )
    assert due_at(for_ever) == MONDAY + days(3) + hours(4)
    elapsed = DomainHarness(MONDAY, promise("4h")).rep_changed(changed(away=[(noon, None)])).apply(Story().assigned())
    assert due_at(elapsed) == MONDAY + hours(4)
    never = playbook(absence_pauses=None, policies=[{"name": "all", "first_touch": "240b"}])
    harness = DomainHarness(MONDAY, never).rep_changed(changed(away=[(noon, evening)])).apply(Story().assigned())
    assert due_at(harness) == MONDAY + hours(4)


def test_an_absence_that_is_entered_late_or_taken_back_counts_while_it_was_known() -> None:
    begins, ends = MONDAY - hours(1), MONDAY + hours(6)
    harness = DomainHarness(MONDAY, promise()).apply(Story().assigned())
    harness.rep_changed(changed("ann", MONDAY + hours(1), 1, away=[(begins, ends)]))
    assert due_at(harness) == ends + hours(1)
    harness.rep_changed(changed("ann", MONDAY + hours(3), 2))
    assert due_at(harness) == MONDAY + hours(4)


def test_a_later_absence_is_no_pause_of_a_promise_that_is_due_before() -> None:
    harness = DomainHarness(MONDAY, promise()).rep_changed(changed(away=[(MONDAY + days(1), MONDAY + days(2))]))
    clock = harness.apply(Story().assigned()).clock(FIRST)
    assert (clock.due_at, clock.paused_until) == (MONDAY + hours(2), None)


def test_nobody_is_blamed_for_the_absence_of_whoever_had_the_lead_before() -> None:
    """Ann is absent from Monday on; Bob has the lead an hour later, and is not."""
    harness = DomainHarness(MONDAY, promise()).rep_changed(changed("ann", away=[(MONDAY, MONDAY + days(3))]))
    harness.apply(Story().assigned("ann"), Story().assigned("bob", MONDAY + hours(1), 2))
    assert due_at(harness) == MONDAY + hours(3)


def test_a_miss_that_was_flagged_before_the_absence_was_known_is_taken_back() -> None:
    harness = DomainHarness(MONDAY, promise()).apply(Story().assigned()).until(MONDAY + hours(3))
    assert harness.published(ClockBreached, FIRST)
    harness.rep_changed(changed("ann", MONDAY + minutes(10), 1, away=[(MONDAY, MONDAY + days(1))]))
    harness.apply(Story().touched(MONDAY + days(1)))
    assert harness.clock(FIRST).state == "rescinded"
    assert len(harness.published(ClockRescinded, FIRST)) == 1


def test_a_miss_that_later_facts_put_off_is_looked_at_again_when_it_falls_due() -> None:
    """A wish came a day late, after the miss, and the lead left its rep after the new deadline."""
    lead = Story(source="phone")
    harness = DomainHarness(MONDAY).apply(lead.assigned()).until(MONDAY + days(1))
    harness.apply(lead.qualified(preference="call_me", preferred_at=MONDAY + days(1)))
    harness.apply(lead.queued(MONDAY + days(2), 2), lead.touched(MONDAY + days(2)))
    assert harness.clock("acceptance").state == "warned"
    assert harness.until(END).clock("acceptance").state == "met_late"


def test_hours_that_never_open_again_are_none() -> None:
    assert calendar_from_hours([], MONDAY) is None
    lazy = WorkingHours(
        zone="UTC", mon=["09:00-10:00"], holidays=[(MONDAY + days(7 * nth)).date() for nth in range(700)]
    )
    assert calendar_from_hours([lazy], MONDAY) is None
    both = calendar_from_hours([NEW_YORK, BERLIN], MONDAY)
    assert both is not None
    assert [shift.zone for shift in both.shifts] == ["America/New_York", "Europe/Berlin"]
    with pytest.raises(ValueError, match="time zone"):
        calendar_from_hours([WorkingHours(zone="Mars/Olympus", mon=["09:00-10:00"])], MONDAY)


async def first_touch(harness: ServiceHarness) -> dict[str, Any]:
    answer = await harness.http.get("/v1/clocks", params={"clock": FIRST})
    (clock,) = answer.json()["items"]
    found: dict[str, Any] = clock
    return found


async def due(harness: ServiceHarness) -> datetime:
    return datetime.fromisoformat((await first_touch(harness))["due_at"])


async def test_a_change_of_hours_reaches_the_clocks_of_whoever_has_a_lead_of_that_rep(harness: ServiceHarness) -> None:
    lead = Story(lead_type="hand_raiser")
    await harness.deliver(lead.qualified(), lead.assigned())
    assert await due(harness) == MONDAY + minutes(15)
    await harness.deliver(changed("ann", MONDAY, 1, NEW_YORK), changed("bob", MONDAY, 1, BERLIN))
    await harness.advance(minutes(0))
    assert await due(harness) == MONDAY + hours(5.25)
    await harness.deliver(changed("ann", MONDAY, 1, NEW_YORK))
    await harness.deliver(changed("ann", MONDAY + hours(1), 2))
    await harness.advance(hours(1))
    assert await due(harness) == MONDAY + hours(1.25)
    assert await harness.service.audit_now() == []


async def test_hours_that_are_known_before_the_lead_count_as_those_that_come_after_it(harness: ServiceHarness) -> None:
    await harness.deliver(changed("ann", MONDAY, 1, NEW_YORK))
    await harness.deliver(Story(lead_type="hand_raiser").assigned())
    assert await due(harness) == MONDAY + hours(5.25)
    assert not await harness.raw.fetch("select from timers where kind = 'replan'")


async def test_a_miss_of_a_lead_that_came_back_is_taken_back_when_its_rep_was_absent(harness: ServiceHarness) -> None:
    """Ended leads are computed again too, if they ended after the change."""
    lead = Story(lead_type="hand_raiser")
    await harness.deliver(lead.qualified(), lead.assigned())
    await harness.advance(hours(1))
    await harness.deliver(lead.recycled(MONDAY + hours(1)))
    await harness.advance(minutes(1))
    assert (await first_touch(harness))["state"] == "breached"
    await harness.deliver(changed("ann", MONDAY, 1, away=[(MONDAY, MONDAY + days(1))]))
    await harness.advance(minutes(1))
    assert (await first_touch(harness))["state"] == "cancelled"


async def test_hours_that_make_no_calendar_are_parked(harness: ServiceHarness) -> None:
    with pytest.raises(Reject, match="hours_invalid"):
        await harness.deliver(changed("ann", MONDAY, 1, WorkingHours(zone="UTC", mon=["17:00-09:00"])))
    assert not await harness.raw.fetch("select from rep_calendars")
