"""Meetings in a rep's own calendar: sent, moved and called off by mail, over a real SMTP server."""

from datetime import datetime
from email.message import EmailMessage
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from desk import handlers
from desk.app import service
from desk.domain import Lead, add_event
from desk.domain.meetings import AnnouncedMeeting, change_meeting, change_meetings
from events.contacts import ContactErased
from events.envelope import LeadEvent
from events.runtime.testing import ServiceHarness
from tests.desk.conftest import BEN
from tests.desk.test_messages import NOON, Mailbox, mailbox, reachable, value
from tests.desk.test_pages import ADA, profile
from tests.sla_monitor.lead_story import MONDAY, Story, days, hours, minutes

__all__ = ["mailbox"]
WEDNESDAY, FRIDAY = MONDAY + days(2), MONDAY + days(4)


def entries(mail: EmailMessage) -> tuple[str, Any]:
    """The method and the event of a mail's calendar part; what a mail program reads."""
    assert mail.get_content_type() == "multipart/alternative"
    parts = list(mail.iter_parts())
    assert [part.get_content_type() for part in parts] == ["text/plain", "text/html", "text/calendar"]
    calendar = parts[-1]
    assert calendar.get_content_charset() == "utf-8"
    content = calendar.get_payload(decode=True)
    assert isinstance(content, bytes)
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert max(map(len, content.split(b"\r\n"))) <= 75
    read = Calendar.from_ical(content.decode())
    (event,) = read.walk("VEVENT")
    assert str(read["method"]) == calendar["Content-Type"].params["method"]
    return str(read["method"]), event


def what(mail: EmailMessage) -> tuple[str, str, datetime, int]:
    method, event = entries(mail)
    return method, str(mail["To"]), event.decoded("dtstart"), event.decoded("sequence")


async def deliver(harness: ServiceHarness, *events: LeadEvent) -> None:
    await harness.deliver(*events)
    await handlers.deliver_due_messages(service, NOON)


async def given_two_reps(harness: ServiceHarness, url: str) -> None:
    await reachable(harness, url)
    await reachable(harness, url, BEN)
    await harness.raw.execute("update users set email = user_id || '@sales.example'")
    await harness.deliver(profile(ADA, last_name="L\u00f6ng; of, " + "Somewhere " * 8))


async def test_a_booked_slot_is_an_event_of_the_reps_calendar(
    harness: ServiceHarness, mailbox: tuple[Mailbox, str]
) -> None:
    """With the news of the lead in one mail; a calendar shows UTC in its own zone."""
    await given_two_reps(harness, mailbox[1])
    await deliver(harness, ADA.assigned("ann", meeting_at=WEDNESDAY))
    (mail,) = mailbox[0].mails
    assert mail["Subject"].startswith("2 things about your leads: Meeting Wed 4 Mar 09:00: Ada L\u00f6ng; of")
    method, event = entries(mail)
    assert method == "REQUEST"
    assert event["uid"] == f"{ADA.lead_id}@baton"
    assert (event.decoded("dtstart"), event.decoded("dtend")) == (WEDNESDAY, WEDNESDAY + minutes(30))
    assert str(event["summary"]).startswith("Meeting: Ada L\u00f6ng; of, Somewhere")
    assert event["organizer"] == "mailto:baton@localhost"
    assert event["attendee"] == "mailto:mia@sales.example"
    assert (event["attendee"].params["RSVP"], event["attendee"].params["PARTSTAT"]) == ("FALSE", "ACCEPTED")


async def test_the_event_of_a_meeting_is_in_the_reps_language(
    harness: ServiceHarness, mailbox: tuple[Mailbox, str]
) -> None:
    await given_two_reps(harness, mailbox[1])
    await harness.raw.execute("update users set language = 'de'")
    await deliver(harness, ADA.assigned("ann", meeting_at=WEDNESDAY))
    (mail,) = mailbox[0].mails
    assert "Termin Mi. 4 M\u00e4rz 09:00: Ada" in mail["Subject"]
    assert str(entries(mail)[1]["summary"]).startswith("Termin: Ada L\u00f6ng")


async def test_moved_reassigned_and_called_off_are_changes_of_the_same_event(
    harness: ServiceHarness, mailbox: tuple[Mailbox, str]
) -> None:
    await given_two_reps(harness, mailbox[1])
    mia, ben = "mia@sales.example", "ben@sales.example"
    await deliver(harness, ADA.assigned("ann", meeting_at=WEDNESDAY))
    moved = WEDNESDAY + hours(1)
    await deliver(harness, ADA.meeting(MONDAY + hours(1), "rescheduled"))
    await deliver(harness, ADA.assigned("bob", MONDAY + hours(2), 2, meeting_at=moved))
    await deliver(harness, ADA.meeting(MONDAY + hours(3), "cancelled"))
    await deliver(harness, ADA.released(MONDAY + hours(4), 3))
    assert sorted(map(what, mailbox[0].mails), key=lambda each: (each[3], each[0])) == [
        ("REQUEST", mia, WEDNESDAY, 1), ("REQUEST", mia, moved, 2), ("CANCEL", mia, moved, 3),
        ("REQUEST", ben, moved, 3), ("CANCEL", ben, moved, 4),
    ]  # fmt: skip
    assert len({entries(mail)[1]["uid"] for mail in mailbox[0].mails}) == 1
    assert entries(mailbox[0].mails[-1])[1]["status"] == "CANCELLED"


async def test_nobody_gets_the_end_of_a_meeting_that_was_not_announced(
    harness: ServiceHarness, mailbox: tuple[Mailbox, str]
) -> None:
    await given_two_reps(harness, mailbox[1])
    await harness.deliver(ADA.assigned("ann", meeting_at=WEDNESDAY))
    await deliver(harness, ADA.meeting(MONDAY + hours(1), "cancelled"))
    (mail,) = mailbox[0].mails
    assert mail["Subject"].startswith("New lead: Ada")
    assert await value(harness, "select count(*) from messages where sent_at is null") == 0


async def test_an_erased_contact_has_no_meeting(harness: ServiceHarness, mailbox: tuple[Mailbox, str]) -> None:
    await given_two_reps(harness, mailbox[1])
    await deliver(harness, ADA.assigned("ann", meeting_at=WEDNESDAY))
    assert await value(harness, "select count(*) from meetings") == 1
    await harness.deliver(ContactErased(occurred_at=MONDAY, contact_id=ADA.contact_id, erasure_id=UUID(int=1)))
    assert await value(harness, "select count(*) from meetings") == 0


async def test_old_news_and_meetings_that_are_over_send_no_mail(
    harness: ServiceHarness, mailbox: tuple[Mailbox, str]
) -> None:
    await given_two_reps(harness, mailbox[1])
    old = Story(name="old")
    await deliver(harness, old.assigned("ann", MONDAY - days(3), meeting_at=WEDNESDAY))
    await deliver(harness, ADA.assigned("ann", MONDAY - hours(2), meeting_at=MONDAY - hours(1)))
    assert [mail.get_content_type() for mail in mailbox[0].mails] == ["multipart/alternative"]
    assert [part.get_content_type() for part in mailbox[0].mails[0].iter_parts()] == ["text/plain", "text/html"]


def lead_of(*events: LeadEvent) -> Lead:
    lead = Lead(ADA.lead_id, ADA.contact_id, 1)
    for event in events:
        lead = add_event(lead, event)
    return lead


LIFE: list[LeadEvent] = [
    ADA.assigned("ann", MONDAY, 1, meeting_at=WEDNESDAY),
    ADA.meeting(MONDAY + hours(1), "rescheduled"),
    ADA.assigned("bob", MONDAY + hours(2), 2, meeting_at=FRIDAY),
    ADA.meeting(MONDAY + hours(3), "held"),
    ADA.assigned("ann", MONDAY + hours(4), 3),
]


@settings(max_examples=200, deadline=None)
@given(st.permutations(LIFE), st.lists(st.sampled_from(LIFE), max_size=4), st.integers(0, 5))
def test_after_any_order_one_rep_has_the_meeting_and_all_others_got_its_end(
    order: list[LeadEvent], again: list[LeadEvent], ends: int
) -> None:
    """A calendar takes whatever has the highest sequence of those that it got."""
    life = order + again
    lead, before = Lead(ADA.lead_id, ADA.contact_id, 1), None
    shown: dict[str, tuple[int, datetime | None]] = {}
    for event in life[:ends] + life:
        lead = add_event(lead, event)
        found = change_meeting(lead, before, MONDAY)
        if found is not None:
            before, reps = found
            for rep_id in reps:
                assert rep_id not in shown or shown[rep_id][0] < before.sequence
                shown[rep_id] = (before.sequence, before.starts_at if before.rep_id == rep_id else None)
    assert {rep_id: at for rep_id, (_, at) in shown.items() if at} == {"ann": FRIDAY}


def test_a_meeting_without_a_rep_or_a_time_is_in_nobodys_calendar() -> None:
    booked = ADA.meeting(MONDAY, "booked")
    assert change_meeting(lead_of(booked), None, MONDAY) is None
    assert change_meeting(lead_of(ADA.assigned()), None, MONDAY) is None
    gone = AnnouncedMeeting(ADA.lead_id, ADA.contact_id, None, None, 3)
    assert change_meetings([lead_of(booked)], {ADA.lead_id: gone}, MONDAY) == []
    ((after, reps),) = change_meetings([lead_of(booked, ADA.assigned())], {ADA.lead_id: gone}, MONDAY)
    assert (after.rep_id, after.sequence, reps) == ("ann", 4, ("ann",))


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_the_mails_of_any_order_end_at_the_same_event(
    harness: ServiceHarness, mailbox: tuple[Mailbox, str], order: tuple[int, ...]
) -> None:
    await given_two_reps(harness, mailbox[1])
    events = [LIFE[0], LIFE[2], ADA.meeting(MONDAY + hours(3), "rescheduled")]
    for nth in (*order, *order):
        await deliver(harness, events[nth])
    last: dict[str, tuple[int, str, datetime]] = {}
    for mail in mailbox[0].mails:
        if len(list(mail.iter_parts())) == 3:
            method, to, at, sequence = what(mail)
            last[to] = max(last.get(to, (-1, "", at)), (sequence, method, at))
    assert last["ben@sales.example"][1:] == ("REQUEST", WEDNESDAY + hours(3))
    assert "mia@sales.example" not in last or last["mia@sales.example"][1] == "CANCEL"
