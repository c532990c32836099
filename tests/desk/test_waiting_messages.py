"""Messages wait for their reader's working time, wherever what decides that arrives: none is lost, none doubled."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from desk import handlers
from desk.app import service
from desk.domain import Viewer
from events.envelope import Event
from events.reps import RepAbsence, RepChanged, WorkingHours
from events.runtime import Reject
from events.runtime.testing import ServiceHarness
from tests.desk.conftest import LEA, MAX, MIA, SAM, signed_in
from tests.desk.test_messages import Mailbox, body_of, mailbox, reachable, value
from tests.desk.test_pages import ADA, promised
from tests.sla_monitor.lead_story import MONDAY, Story, minutes

__all__ = ["mailbox"]
WEEK = ("mon", "tue", "wed", "thu", "fri")
TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
WEDNESDAY = TODAY + timedelta(days=(2 - TODAY.weekday()) % 7 + 7)
EVENING, NINE = WEDNESDAY + timedelta(hours=18), WEDNESDAY + timedelta(days=1, hours=9)
"""No quiet hour of the rules, and not at work; then the next working minute."""
NEXT = EVENING + timedelta(hours=13)
"""Seven in the morning: quiet hours are over where they end earlier, work has not begun."""
DAYS = WorkingHours.read({"zone": "UTC"} | dict.fromkeys(WEEK, ("09:00-17:00",)))
BOB = Story(name="bob's")


def hours_of(revision: int = 1, *hours: WorkingHours, away: Any = (), rep_id: str = "ann") -> RepChanged:
    absences = [RepAbsence(begins_at=begins, ends_at=ends) for begins, ends in away]
    return RepChanged(occurred_at=MONDAY, rep_id=rep_id, revision=revision, hours=list(hours), absences=absences)


def in_minutes(number: float, revision: int = 1) -> Event:
    return promised(ADA, revision, due_at=MONDAY + minutes(number))


async def look(at: datetime) -> int:
    """Let the worker look until there is nothing to do at this time."""
    rounds = 0
    while await handlers.deliver_due_messages(service, at):
        rounds += 1
        assert rounds < 10
    return rounds


@pytest.mark.parametrize("order", list(permutations(range(3))))
@pytest.mark.parametrize("is_urgent", [True, False])
async def test_in_any_order_a_sleeping_rep_gets_it_once_in_the_morning_or_at_once_where_it_is_urgent(
    harness: ServiceHarness, mailbox: tuple[Mailbox, str], order: tuple[int, ...], is_urgent: bool
) -> None:
    """Each twice: the promise and the hours come on topics of their own."""
    await reachable(harness, mailbox[1])
    until_work = (NINE - EVENING) / timedelta(minutes=1)
    events = [ADA.assigned("ann"), in_minutes(30 if is_urgent else until_work + 15), hours_of(1, DAYS)]
    for nth in (*order, *order):
        await harness.deliver(events[nth])
    await look(EVENING)
    assert len(mailbox[0].mails) == is_urgent
    await look(NINE - minutes(1))
    assert len(mailbox[0].mails) == is_urgent
    for _ in range(2):
        await look(NINE)
        assert len(mailbox[0].mails) == 1


async def test_what_came_meanwhile_comes_as_one(harness: ServiceHarness, mailbox: tuple[Mailbox, str]) -> None:
    await reachable(harness, mailbox[1])
    await harness.deliver(hours_of(1, DAYS), *(Story(name=f"lead {nth}").assigned("ann") for nth in range(8)))
    await look(EVENING)
    assert mailbox[0].mails == []
    await look(NINE)
    (mail,) = mailbox[0].mails
    assert mail["Subject"].startswith("8 things about your leads: New lead")
    assert body_of(mail).count("Accept a lead: http") == 8


async def test_hours_and_promises_that_come_later_move_what_waits(
    harness: ServiceHarness, mailbox: tuple[Mailbox, str]
) -> None:
    await reachable(harness, mailbox[1])
    await harness.deliver(hours_of(1, DAYS), ADA.assigned("ann"), BOB.assigned("ann"))
    await look(EVENING)
    await harness.deliver(in_minutes(20, 2))
    await look(EVENING)
    assert [mail["Subject"] for mail in mailbox[0].mails] == ["New lead: a lead"]
    await harness.deliver(hours_of(2, WorkingHours.read({"zone": "UTC"} | dict.fromkeys(WEEK, ("09:00-18:30",)))))
    await look(EVENING)
    assert len(mailbox[0].mails) == 2
    await harness.deliver(hours_of(1, DAYS))
    assert await value(harness, "select revision from rep_calendars") == 2


async def test_a_rep_who_is_away_for_two_weeks_loses_nothing_and_the_manager_is_notified_of_what_is_urgent(
    harness: ServiceHarness, mailbox: tuple[Mailbox, str]
) -> None:
    await reachable(harness, mailbox[1])
    await signed_in(harness, replace(LEA, email="lea@sales.example"))
    back = NINE + timedelta(days=14)
    at_work = NINE + timedelta(hours=1)
    away = [(WEDNESDAY, back - timedelta(hours=9))]
    await harness.deliver(hours_of(1, DAYS, away=away), ADA.assigned("ann"), BOB.assigned("ann"), in_minutes(600))
    for _ in range(2):
        await look(at_work)
        (mail,) = mailbox[0].mails
        assert (mail["To"], mail["Subject"]) == ("lea@sales.example", "Urgent, and nobody is there: a lead")
        assert f"ann is away until {back:%a} {back.day} " in body_of(mail)
    await look(back - minutes(1))
    assert len(mailbox[0].mails) == 1
    await harness.deliver(BOB.assigned("bob", MONDAY + minutes(5), 2))
    await look(back)
    last = mailbox[0].mails[-1]
    assert last["Subject"].startswith("2 things about your leads")
    assert body_of(last).count("This lead is not with you any more.") == 1


@pytest.mark.parametrize("meeting_at", [None, MONDAY + minutes(300)])
async def test_nobody_stands_in_where_somebody_else_has_the_lead_or_the_meeting_already(
    harness: ServiceHarness, mailbox: tuple[Mailbox, str], meeting_at: datetime | None
) -> None:
    """The manager gave it to Bob, and read that Bob is away; for Ann it waits, as what she has to know."""
    await reachable(harness, mailbox[1])
    await signed_in(harness, replace(LEA, email="lea@sales.example"))
    await harness.deliver(hours_of(1, DAYS), ADA.assigned("ann", meeting_at=meeting_at))
    first = NINE if meeting_at else EVENING
    await look(first)
    away = [(first, NINE + timedelta(days=14))]
    given = ADA.assigned("bob", MONDAY + minutes(5), 2, meeting_at=meeting_at)
    await harness.deliver(given, in_minutes(600), hours_of(2, DAYS, away=away))
    await look(NINE + timedelta(hours=1))
    assert [mail["To"] for mail in mailbox[0].mails] == ["mia@sales.example"] * bool(meeting_at)


async def test_a_manager_who_is_away_as_a_rep_too_makes_no_second_message_for_the_others(
    harness: ServiceHarness, mailbox: tuple[Mailbox, str]
) -> None:
    await reachable(harness, mailbox[1])
    for each in (replace(LEA, rep_id="lea"), SAM):
        await signed_in(harness, replace(each, email=f"{each.user_id}@sales.example"))
    away = [(WEDNESDAY, NINE + timedelta(days=14))]
    await harness.deliver(*(hours_of(1, DAYS, away=away, rep_id=each) for each in ("ann", "lea")))
    await harness.deliver(ADA.assigned("ann"), in_minutes(600))
    await look(NINE)
    assert [mail["To"] for mail in mailbox[0].mails] == ["sam@sales.example"]


async def test_a_flood_does_not_hold_up_what_is_urgent(harness: ServiceHarness, mailbox: tuple[Mailbox, str]) -> None:
    """The seventh of an hour would have come half an hour later: its quarter of an hour was over then."""
    await reachable(harness, mailbox[1])
    noon = NINE + timedelta(hours=3)
    for nth in range(6):
        await harness.deliver(Story(name=f"lead {nth}").assigned("ann"))
        await look(noon)
    await harness.deliver(in_minutes(15), ADA.assigned("ann"))
    await look(noon)
    assert len(mailbox[0].mails) == 7


async def test_what_failed_is_tried_again_at_its_own_time(harness: ServiceHarness) -> None:
    await reachable(harness, "smtp://127.0.0.1:1")
    await harness.deliver(ADA.assigned("ann"))
    noon = NINE + timedelta(hours=3)
    assert await handlers.deliver_due_messages(service, noon) == 1
    await harness.deliver(hours_of(1, DAYS), in_minutes(10))
    assert await value(harness, "select due_at from messages") == noon + timedelta(seconds=5)


async def test_what_failed_in_the_evening_is_not_tried_again_at_night(harness: ServiceHarness) -> None:
    await reachable(harness, "smtp://127.0.0.1:1")
    await harness.deliver(ADA.assigned("ann"))
    for at in (EVENING, EVENING + timedelta(hours=2)):
        assert await handlers.deliver_due_messages(service, at) == 1
    (row,) = await harness.raw.fetch("select attempts, due_at from messages")
    assert tuple(row) == (1, WEDNESDAY + timedelta(days=1, hours=7.5))


async def test_another_zone_counts_from_when_it_is_saved(harness: ServiceHarness, mailbox: tuple[Mailbox, str]) -> None:
    await reachable(harness, mailbox[1])
    night = EVENING + timedelta(hours=4)
    await harness.deliver(ADA.assigned("ann"))
    await look(night)
    assert mailbox[0].mails == []
    browser = await signed_in(harness, replace(MIA, email="mia@sales.example"))
    await browser.post("/settings", email="mia@sales.example", zone="America/New_York")
    await look(night)
    assert len(mailbox[0].mails) == 1


async def test_hours_that_make_no_calendar_are_parked(harness: ServiceHarness) -> None:
    with pytest.raises(Reject, match="hours_invalid"):
        await harness.deliver(hours_of(1, WorkingHours(zone="Mars/Olympus", mon=["09:00-10:00"])))
    assert not await harness.raw.fetch("select from rep_calendars")


async def test_a_link_is_used_once_and_the_second_time_says_so(
    stack: dict[str, ServiceHarness], mailbox: tuple[Mailbox, str]
) -> None:
    """A rep without a session, on a phone; the page is in the browser's language."""
    harness = stack["desk"]
    await reachable(harness, mailbox[1], Viewer("mia", "rep", rep_id="ann"))
    for name in ("desk", "feedback"):
        await stack[name].deliver(ADA.qualified(), ADA.assigned("ann"))
    await look(NINE)
    (mail,) = mailbox[0].mails
    path = body_of(mail).split("Accept this lead: ")[1].split()[0].removeprefix("http://127.0.0.1:8006")
    browser = {"Accept": "text/html", "Authorization": ""}
    assert "Accepted. It is yours." in (await harness.http.post(path, headers=browser)).text
    second = await harness.http.post(path, headers=browser | {"Accept-Language": "de"})
    assert second.status_code == 410
    assert "Dieser Link wurde schon benutzt oder ist zu alt." in second.text
    await harness.raw.execute("update action_links set expires_at = now() - interval '1 second', used_at = null")
    assert (await harness.http.get(path, headers=browser)).status_code == 410


async def test_a_rep_who_is_away_is_disturbed_where_nobody_stands_in(
    harness: ServiceHarness, mailbox: tuple[Mailbox, str]
) -> None:
    """Their manager has no address: else nobody would know before the promise ends."""
    await reachable(harness, mailbox[1])
    await signed_in(harness, LEA)
    away = [(WEDNESDAY, NINE + timedelta(days=14))]
    await harness.deliver(hours_of(1, DAYS, away=away), ADA.assigned("ann"), in_minutes(600))
    await look(NINE)
    assert [mail["To"] for mail in mailbox[0].mails] == ["mia@sales.example"]


async def test_who_stands_in_is_notified_of_each_news(harness: ServiceHarness, mailbox: tuple[Mailbox, str]) -> None:
    await reachable(harness, mailbox[1])
    await signed_in(harness, replace(LEA, email="lea@sales.example"))
    away = [(WEDNESDAY, NINE + timedelta(days=14))]
    await harness.deliver(hours_of(1, DAYS, away=away), in_minutes(600))
    for nth in (1, 3):
        await harness.deliver(ADA.assigned("ann", MONDAY + minutes(nth), nth))
        await look(NINE)
        await harness.deliver(ADA.assigned("bob", MONDAY + minutes(nth + 1), nth + 1))
    assert [mail["To"] for mail in mailbox[0].mails] == ["lea@sales.example"] * 2


async def test_nobody_is_woken_for_a_lead_that_is_with_somebody_else(
    harness: ServiceHarness, mailbox: tuple[Mailbox, str]
) -> None:
    await reachable(harness, mailbox[1])
    await harness.deliver(hours_of(1, DAYS), ADA.assigned("ann"))
    await look(EVENING)
    await harness.deliver(ADA.assigned("bob", MONDAY + minutes(1), 2), in_minutes(20))
    await look(EVENING)
    assert mailbox[0].mails == []


async def test_a_flood_holds_up_what_may_wake_nobody(harness: ServiceHarness, mailbox: tuple[Mailbox, str]) -> None:
    """An answer of marketing about a lead with an urgent promise is no urgent message."""
    await reachable(harness, mailbox[1])
    noon = NINE + timedelta(hours=3)
    await harness.deliver(in_minutes(15))
    for story in (ADA, *(Story(name=f"lead {nth}") for nth in range(5))):
        await harness.deliver(story.assigned("ann"))
        await look(noon)
    assert len(mailbox[0].mails) == 6
    marketing = await signed_in(harness, MAX)
    await marketing.post(f"/returned/{ADA.lead_id}/reply", note="Done", once="1")
    await harness.raw.execute("update messages set due_at = $1 where due_at is not null", noon)
    assert await handlers.deliver_due_messages(service, noon) == 1
    assert len(mailbox[0].mails) == 6
