"""A lead whose slot is booked is clocked by the meeting: who is ignored, and how long the first touch took (14.3)."""

from datetime import datetime, timedelta
from importlib import import_module
from io import StringIO
from itertools import permutations
from typing import Any

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from hypothesis import given
from hypothesis import strategies as st

from events.leads import LeadRecycled, MeetingChanged
from events.runtime.testing import START, ServiceHarness
from feedback.domain.from_events import apply_placement
from feedback.domain.from_own_events import apply_own_work
from feedback.domain.lead import Lead, apply_meeting, apply_requested_time, count_touch
from feedback.domain.requested_times import MOST_REQUESTED_TIMES, RequestedTime, find_requested_time
from tests.feedback.domain_harness import DomainHarness
from tests.feedback.lead_story import MONDAY, LeadStory, days
from tests.feedback.test_digest import digest
from tests.feedback.test_service import CALL, does, given_a_lead

HOUR = timedelta(hours=1)
EVE = LeadStory("eve", start=START)


def new_lead() -> Lead:
    return Lead(EVE.lead_id, EVE.contact_id, 1, heard_at=MONDAY, handed_over_at=MONDAY)


async def when_ignored(harness: ServiceHarness, *on: int) -> list[int]:
    """Return on which of these days after the beginning somebody is ignored; the list agrees each time."""
    found = []
    for day in on:
        await harness.advance(START + days(day) - await harness.now)
        week = await digest(harness)
        listed = (await harness.http.get(week["untouched_list"])).json()["items"]
        assert len(listed) == sum(week["untouched"].values())
        found += [day] * len(listed)
    return found


async def test_nobody_ignores_a_contact_before_the_slot_that_they_booked(harness: ServiceHarness) -> None:
    """A slot that was taken on the page of the visitor comes with the assignment, and with nothing else."""
    await harness.deliver(EVE.qualified(), EVE.assigned(meeting_at=START + days(10)))
    assert await when_ignored(harness, 3, 11, 13) == [13]


async def test_the_slot_stays_with_whoever_gets_the_lead_next(harness: ServiceHarness) -> None:
    await harness.deliver(EVE.qualified(), EVE.assigned(meeting_at=START + days(10)))
    await harness.deliver(EVE.assigned("bob", START + days(1), 2, meeting_at=START + days(10)))
    assert await when_ignored(harness, 3, 5, 13) == [13]


async def test_a_slot_that_a_rep_booked_is_waited_for_too(harness: ServiceHarness) -> None:
    await given_a_lead(harness, EVE)
    await does(harness, "meetings", story=EVE, outcome="booked", starts_at=(START + days(10)).isoformat())
    assert await when_ignored(harness, 3, 13) == [13]


@pytest.mark.parametrize("assigned_first", [True, False], ids=["in order", "before its assignment arrives"])
async def test_a_slot_that_was_called_off_excuses_nobody(harness: ServiceHarness, assigned_first: bool) -> None:
    slot = START + days(10)
    await harness.deliver(EVE.qualified(), *([EVE.assigned(meeting_at=slot)] if assigned_first else []))
    await harness.advance(days(1))
    await does(harness, "meetings", story=EVE, outcome="cancelled", starts_at=slot.isoformat())
    if not assigned_first:
        await harness.deliver(EVE.assigned(meeting_at=slot))
    assert await when_ignored(harness, 2, 4) == [4]


async def count_stuck(harness: ServiceHarness) -> int:
    """Return how many are stuck in `mql`, as stages, digest and list agree."""
    stages = {each["stage"]: each for each in (await harness.http.get("/v1/stages")).json()["items"]}
    weekly = {each["stage"]: each for each in (await digest(harness))["stages"]}
    listed = (await harness.http.get(stages["mql"]["lists"]["stuck"])).json()["items"]
    assert stages["mql"]["stuck"] == weekly["mql"]["stuck"] == len(listed)
    return len(listed)


async def test_who_asked_to_be_called_later_is_not_stuck_and_does_not_stall_before(harness: ServiceHarness) -> None:
    """Eve named a day in 110 days, dan none: he is stuck after 60 days and returns after 120, she counts from hers."""
    dan, named = LeadStory("dan", start=START), START + days(110)
    await given_a_lead(harness, dan)
    await harness.deliver(EVE.qualified(preference="call_me", preferred_at=named), EVE.assigned())
    for day, stuck, returned in ((61, 1, set()), (121, 0, {dan.lead_id}), (171, 1, {dan.lead_id})):
        await harness.advance(START + days(day) - await harness.now)
        assert (await count_stuck(harness), day) == (stuck, day)
        assert {event.lead_id for event in await harness.emitted(LeadRecycled)} == returned
        shown = (await harness.http.get(f"/v1/leads/{EVE.lead_id}")).json()
        assert (shown["cold"], day) == (day > 140, day)
        assert await harness.service.audit_now() == []
    await harness.advance(named + days(121) - await harness.now)
    assert {event.lead_id for event in await harness.emitted(LeadRecycled)} == {dan.lead_id, EVE.lead_id}


async def test_a_later_time_puts_off_what_was_counting_already_and_calling_it_off_does_not_hurry(
    harness: ServiceHarness,
) -> None:
    """The rep books on day 100 for day 150, which is called off the day before: the days count from then."""
    await given_a_lead(harness, EVE)
    await harness.advance(days(100))
    slot = {"starts_at": (START + days(150)).isoformat()}
    await does(harness, "meetings", story=EVE, outcome="booked", **slot)
    await harness.advance(days(49))
    assert await harness.emitted(LeadRecycled) == []
    await does(harness, "meetings", story=EVE, outcome="cancelled", **slot)
    await harness.advance(days(119))
    assert await harness.emitted(LeadRecycled) == []
    await harness.advance(days(2))
    assert [event.lead_id for event in await harness.emitted(LeadRecycled)] == [EVE.lead_id]


def test_a_timer_of_before_the_upgrade_returns_nobody_who_waits_for_their_day() -> None:
    bench = DomainHarness(EVE.contact_id, START)
    bench.apply(EVE.qualified(preference="call_me", preferred_at=START + days(110)), EVE.assigned())
    bench.contact = bench.contact.with_lead(bench.lead(EVE.lead_id).with_facts(stalls_at=START + days(120)))
    bench.timers["stall", EVE.lead_id] = START + days(120)
    assert bench.until(START + days(121)).lead(EVE.lead_id).state == "mql"
    assert bench.timers["stall", EVE.lead_id] == START + days(230)


async def test_a_meeting_that_was_held_is_a_touch_from_when_it_began(harness: ServiceHarness) -> None:
    """0112, as sla-monitor counts it: noted three hours later, or the next day."""
    slot = START + days(2)
    await harness.deliver(EVE.qualified(), EVE.assigned(meeting_at=slot))
    await harness.advance(days(2) + 3 * HOUR)
    await does(harness, "meetings", story=EVE, outcome="held", starts_at=slot.isoformat())
    shown = (await harness.http.get(f"/v1/leads/{EVE.lead_id}")).json()
    assert (shown["touches"], shown["new"], shown["first_touched_at"]) == (1, False, slot.isoformat())
    assert await when_ignored(harness, 5) == []
    hours = (await digest(harness, "&week=2026-W10"))["hours_to_touch"]
    assert (hours["median"], hours["leads"]) == (0, 1)
    assert await harness.service.audit_now() == []


async def test_the_digest_counts_hours_to_touch_from_the_slot(harness: ServiceHarness) -> None:
    """Called two hours after the slot; the one beside it, who named no time, two days after hand-over."""
    await given_a_lead(harness, LeadStory("dan", start=START))
    await harness.deliver(EVE.qualified(), EVE.assigned(meeting_at=START + days(2)))
    await harness.advance(days(2) + 2 * HOUR)
    await does(harness, "touches", story=EVE, **CALL)
    await does(harness, "touches", story=LeadStory("dan", start=START), **CALL)
    hours = (await digest(harness, "&week=2026-W10"))["hours_to_touch"]
    assert (hours["median"], hours["p90"], hours["leads"]) == (2, 50, 2)


@pytest.mark.parametrize(
    ("touched", "hours"),
    [(days(2), 0), (days(4), 0), (days(4) + 3 * HOUR, 3)],
    ids=["called before the time", "at the time", "later"],
)
def test_a_first_touch_takes_as_long_as_the_contact_waited_past_the_time_they_named(
    touched: timedelta, hours: int
) -> None:
    lead = apply_requested_time(new_lead(), MONDAY, MONDAY + days(4))
    assert count_touch(lead, MONDAY + touched, automated=False).hours_to_first_touch == hours


def test_what_a_contact_says_after_the_first_touch_makes_it_no_earlier() -> None:
    lead = count_touch(new_lead(), MONDAY + 5 * HOUR, automated=False)
    later = apply_requested_time(lead, MONDAY + 6 * HOUR, MONDAY + days(3))
    assert (later.waits_until, later.hours_to_first_touch) == (MONDAY + days(3), 5)


def test_after_a_slot_was_called_off_the_first_touch_is_awaited_at_once() -> None:
    waits = apply_requested_time(new_lead(), MONDAY, MONDAY + days(9))
    lead = apply_meeting(waits, MONDAY + days(1), "no_show", MONDAY)
    assert lead.waits_until == MONDAY + days(9)
    off = apply_meeting(lead, MONDAY + days(1), "cancelled", MONDAY + days(9))
    assert off.waits_until == MONDAY + days(1)
    assert count_touch(off, MONDAY + days(2), automated=False).hours_to_first_touch == 24


def test_what_is_not_handed_over_or_not_touched_took_no_time() -> None:
    assert new_lead().hours_to_first_touch is None
    lead = count_touch(new_lead().with_facts(handed_over_at=None), MONDAY, automated=False)
    assert lead.hours_to_first_touch is None


def test_a_lead_keeps_the_latest_of_very_many_words() -> None:
    lead = new_lead()
    for hour in range(MOST_REQUESTED_TIMES + 5):
        lead = apply_requested_time(lead, MONDAY + hour * HOUR, MONDAY + days(9))
    assert len(lead.requested_times) == MOST_REQUESTED_TIMES
    assert lead.asked_at == MONDAY + (MOST_REQUESTED_TIMES + 4) * HOUR


def test_a_time_that_was_kept_alone_before_the_upgrade_is_one_of_the_words() -> None:
    lead = new_lead().with_facts(asked_at=MONDAY + HOUR, waits_until=MONDAY + days(2))
    assert apply_requested_time(lead, MONDAY, MONDAY + days(1)).waits_until == MONDAY + days(2)
    assert apply_requested_time(lead, MONDAY + 2 * HOUR, MONDAY + days(1)).waits_until == MONDAY + days(1)


def write_as_before(lead: Lead, asked_at: datetime, until: datetime) -> Lead:
    """Return the lead as the version before keeps a request: in the two columns alone, if it is the last."""
    if lead.asked_at and lead.waits_until and (lead.asked_at, lead.waits_until) >= (asked_at, until):
        return lead
    return lead.with_facts(asked_at=asked_at, waits_until=until)


def test_what_was_counted_of_a_touched_lead_before_the_upgrade_stays() -> None:
    """74 hours from hand-over, though the contact had named a later time, which was not looked at then."""
    asked = write_as_before(new_lead(), MONDAY, MONDAY + days(3))
    lead = count_touch(new_lead(), MONDAY + days(3) + 2 * HOUR, automated=False)
    lead = lead.with_facts(asked_at=asked.asked_at, waits_until=asked.waits_until)
    assert lead.hours_to_first_touch == 74
    later = apply_requested_time(lead, MONDAY + days(5), MONDAY + days(6))
    assert (later.waits_until, later.hours_to_first_touch) == (MONDAY + days(6), 74)
    off = apply_meeting(lead, MONDAY + days(1), "cancelled", MONDAY + days(3))
    assert (off.waits_until, off.hours_to_first_touch) == (MONDAY + days(1), 74)


def test_what_the_version_before_wrote_beside_this_one_is_no_less_a_request() -> None:
    """While versions change, or one is put back: the contact is called when they said last, and ignored by nobody."""
    lead = write_as_before(apply_requested_time(new_lead(), MONDAY, MONDAY + days(1)), MONDAY + HOUR, MONDAY + days(9))
    assert apply_requested_time(lead, MONDAY, MONDAY + days(2)).waits_until == MONDAY + days(9)
    assert count_touch(lead, MONDAY + days(9) + 2 * HOUR, automated=False).hours_to_first_touch == 2


def test_a_meeting_is_taken_up_from_its_own_event_in_a_database_that_was_put_back() -> None:
    bench = DomainHarness(EVE.contact_id, MONDAY + days(3))
    who = EVE.who | {"occurred_at": MONDAY + days(2), "recorded_at": MONDAY + days(2), "by": "ann"}
    meeting = MeetingChanged(action_id=EVE.lead_id, outcome="held", starts_at=MONDAY + days(1), **who)
    lead = apply_own_work(new_lead(), meeting, bench.context)
    assert (lead.touches, lead.first_touched_at, lead.answered_at) == (1, MONDAY + days(1), MONDAY + days(1))


INSTANTS = st.integers(0, 6).map(lambda hour: MONDAY + hour * HOUR)
REQUESTS = st.builds(RequestedTime, INSTANTS, st.booleans(), INSTANTS)


@given(requests=st.lists(REQUESTS, max_size=4), touched=INSTANTS, slot=INSTANTS)
def test_neither_the_order_of_words_nor_a_repetition_matters(
    requests: list[RequestedTime], touched: datetime, slot: datetime
) -> None:
    placed = EVE.assigned(at=MONDAY + HOUR, meeting_at=slot)
    outcomes = set()
    for order in permutations([*requests, placed, touched]):
        lead = new_lead()
        for each in (*order, *order):
            match each:
                case RequestedTime(asked_at, called_off, until):
                    lead = apply_requested_time(lead, asked_at, until, called_off=called_off)
                case datetime():
                    lead = count_touch(lead, each, automated=False)
                case _:
                    lead = apply_placement(lead, placed)
        outcomes.add((lead.asked_at, lead.waits_until, lead.hours_to_first_touch, lead.requested_times))
    (only,) = outcomes
    assert only[:2] == (find_requested_time(only[3]) or (None, None))


@given(
    requests=st.lists(st.tuples(REQUESTS, st.booleans()), min_size=1, max_size=4),
    touched=st.none() | INSTANTS,
)
def test_neither_order_nor_repetition_matters_where_the_version_before_writes_some(
    requests: list[tuple[RequestedTime, bool]], touched: datetime | None
) -> None:
    """It calls nothing off here; of a touched lead, nothing is called off at all. This version has the last word."""
    first = RequestedTime(MONDAY - HOUR, called_off=False, until=MONDAY)
    events = [
        (each._replace(called_off=each.called_off and not before and touched is None), before)
        for each, before in requests
    ]
    all_of_them = [first, *(each for each, _ in events if not each.called_off or each.asked_at < each.until)]
    happened: list[tuple[RequestedTime, bool] | datetime] = [*events, *([touched] if touched is not None else [])]
    for order in permutations(happened):
        lead = new_lead()
        for each in (*order, *order):
            if isinstance(each, datetime):
                lead = count_touch(lead, each, automated=False)
                continue
            (asked_at, called_off, until), before = each
            if before:
                lead = write_as_before(lead, asked_at, until)
            else:
                lead = apply_requested_time(lead, asked_at, until, called_off=called_off)
        lead = apply_requested_time(lead, first.asked_at, first.until)
        assert (lead.asked_at, lead.waits_until) == find_requested_time(all_of_them)


async def fill_again(harness: ServiceHarness, meanwhile: str = "") -> None:
    """Run what fills the column in one transaction, with what the version before writes while it is computed."""
    migration = import_module("feedback.migrations.versions.0017_requested_times")
    await harness.raw.execute(";".join([*migration.COMPUTE, meanwhile, *migration.FILL]))


async def test_what_stood_before_the_upgrade_is_taken_from_the_history(harness: ServiceHarness) -> None:
    """Of whom nobody touched: each kind of request, with a form, later, of a slot, and what was called off."""
    june, slot = START + days(90), START + days(9)
    named: list[dict[str, Any]] = [
        {"preference": "book", "preferred_at": slot}, {"preference": "call_me"}, {"preference": "not_now"},
        {"preference": "not_now", "preferred_at": june}, {},
    ]  # fmt: skip
    stories = [LeadStory(f"p{n}", start=START) for n in range(len(named))]
    for story, requests in zip(stories, named, strict=True):
        await harness.deliver(story.qualified(**requests), story.assigned())
    booked, off, by_rep, met, touched = (LeadStory(name, start=START) for name in ("b", "off", "rep", "held", "t"))
    for story in (booked, off, by_rep, met, touched):
        await harness.deliver(story.qualified(), story.assigned(meeting_at=None if story is by_rep else slot))
    await harness.advance(HOUR)
    await does(harness, "meetings", story=off, outcome="cancelled", starts_at=slot.isoformat())
    await does(harness, "meetings", story=by_rep, outcome="rescheduled", starts_at=slot.isoformat())
    await does(harness, "meetings", story=met, outcome="held", starts_at=START.isoformat())
    await does(harness, "touches", story=touched, **CALL)
    kept = (
        "select lead_id, asked_at, waits_until, touches, first_touched_at, last_touched_at, answered_at from leads"
        " where lead_id <> $1 order by 1"
    )
    sums = "select \"group\", day, sum(leads) as leads from tallies where dimension = 'hours_to_touch' group by 1, 2"
    before, hours = await harness.raw.fetch(kept, touched.lead_id), await harness.raw.fetch(sums)
    await harness.raw.execute("update leads set requested_times = '[]', asked_at = null, waits_until = null")
    await harness.raw.execute(
        "update leads set touches = 0, touch_times = '[]', first_touched_at = null, last_touched_at = null,"
        " answered_at = null where lead_id = $1",
        met.lead_id,
    )
    await harness.raw.execute("update tallies set leads = leads - 1 where dimension = 'hours_to_touch'")
    await fill_again(harness)
    after = await harness.raw.fetch(kept, touched.lead_id)
    unknown = {"asked_at": None, "waits_until": None}
    assert [dict(row) for row in after] == [
        dict(row) | (unknown if row["lead_id"] == met.lead_id else {}) for row in before
    ]
    assert await harness.raw.fetch(sums) == hours
    ((requests,),) = await harness.raw.fetch("select requested_times from leads where lead_id = $1", off.lead_id)
    assert [each[1] for each in requests] == [False, True]


async def test_what_is_written_while_the_column_is_computed_stays(harness: ServiceHarness) -> None:
    """The version before serves on meanwhile: another request, and a touch."""
    slot, later = START + days(9), START + days(12)
    stories = [LeadStory(name, start=START) for name in ("asks", "touched", "waits")]
    for story in stories:
        await harness.deliver(story.qualified(), story.assigned(meeting_at=slot))
    await harness.raw.execute("update leads set requested_times = '[]', asked_at = null, waits_until = null")
    asks, touched, waits = (story.lead_id for story in stories)
    meanwhile = f"""
        update leads set asked_at = '{START + HOUR}', waits_until = '{later}' where lead_id = '{asks}';
        update leads set touches = 1 where lead_id = '{touched}'
    """  # noqa: S608 - our own text alone
    await fill_again(harness, meanwhile)
    kept = await harness.raw.fetch("select lead_id, waits_until, requested_times <> '[]' from leads")
    assert set(map(tuple, kept)) == {(asks, later, True), (touched, None, False), (waits, slot, True)}


def test_leads_are_locked_for_what_must_be_changed_alone() -> None:
    """The history is read before: nobody who is served waits for that."""
    migration = import_module("feedback.migrations.versions.0017_requested_times")
    run = StringIO()
    context = MigrationContext.configure(dialect_name="postgresql", opts={"as_sql": True, "output_buffer": run})
    with Operations.context(context):
        migration.upgrade()
    before, _, locked = run.getvalue().lower().partition("alter table leads")
    assert (before.count("history"), locked.count("history")) == (2, 0)
    assert "update leads" not in before
