"""Absences from calendar files, as people's own calendars write them (R10)."""

from datetime import UTC, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import WEEKLY, rrule
from hypothesis import given, settings
from hypothesis import strategies as st

from events.leads import LeadAssigned
from events.meeting_files import MeetingEntry, write_calendar_file
from events.runtime.testing import ServiceHarness
from routing.domain import covered_until, parse_absences
from routing.domain.recurrence_rules import CalendarNotUnderstoodError
from tests.endless import ended_after
from tests.routing.builders import MONDAY, qualified
from tests.routing.test_service import only, put

BERLIN = ZoneInfo("Europe/Berlin")
A_MINUTE = timedelta(minutes=1)
NEXT_YEAR = MONDAY + timedelta(days=366)


def calendar(*events: str) -> bytes:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//tests//EN"]
    for number, event in enumerate(events):
        uid = [] if "UID:" in event else [f"UID:{number}"]
        lines += ["BEGIN:VEVENT", *uid, "DTSTAMP:20260101T000000Z", *event.split(), "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


def absences_in(*events: str, zone: ZoneInfo = BERLIN) -> list[tuple[str, str]]:
    found = parse_absences(calendar(*events), zone, MONDAY, NEXT_YEAR)
    assert all(absence.imported for absence in found)
    return [(absence.first.isoformat(), absence.last.isoformat()) for absence in found]


def test_whole_days_are_days_and_the_end_of_one_is_the_day_after_its_last() -> None:
    holiday = "DTSTART;VALUE=DATE:20260406 DTEND;VALUE=DATE:20260411"
    assert absences_in(holiday, "DTSTART;VALUE=DATE:20260501") == [
        ("2026-04-06", "2026-04-10"),
        ("2026-05-01", "2026-05-01"),
    ]


def test_hours_are_instants_whatever_zone_they_are_written_in() -> None:
    assert absences_in(
        "DTSTART:20260303T090000Z DTEND:20260303T100000Z",
        "DTSTART;TZID=America/New_York:20260304T090000 DURATION:PT2H",
        "DTSTART:20260305T090000 DTEND:20260305T100000",
    ) == [
        ("2026-03-03T09:00:00+00:00", "2026-03-03T10:00:00+00:00"),
        ("2026-03-04T14:00:00+00:00", "2026-03-04T16:00:00+00:00"),
        ("2026-03-05T08:00:00+00:00", "2026-03-05T09:00:00+00:00"),
    ]


def test_what_blocks_no_time_is_over_or_was_called_off_is_no_absence() -> None:
    assert absences_in(
        "DTSTART:20260303T090000Z DTEND:20260303T100000Z TRANSP:TRANSPARENT",
        "DTSTART:20260303T090000Z DTEND:20260303T100000Z STATUS:CANCELLED",
        "DTSTART:20260203T090000Z DTEND:20260203T100000Z",
        "DTSTART:20260303T090000Z DTEND:20260303T090000Z",
    ) == []  # fmt: skip


def test_what_recurs_keeps_its_wall_clock_over_a_change_of_clocks_and_knows_its_exceptions() -> None:
    weekly = (
        "UID:yoga DTSTART;TZID=Europe/Berlin:20260225T080000 DTEND;TZID=Europe/Berlin:20260225T090000"
        " RRULE:FREQ=WEEKLY;UNTIL=20260408T215959Z EXDATE;TZID=Europe/Berlin:20260311T080000"
    )
    moved = (
        "UID:yoga RECURRENCE-ID;TZID=Europe/Berlin:20260318T080000"
        " DTSTART;TZID=Europe/Berlin:20260319T100000 DTEND;TZID=Europe/Berlin:20260319T110000"
    )
    off = "UID:yoga RECURRENCE-ID;TZID=Europe/Berlin:20260325T080000 DTSTART:20260325T070000Z STATUS:CANCELLED"
    assert [first for first, _ in absences_in(weekly, moved, off)] == [
        "2026-03-04T07:00:00+00:00", "2026-03-19T09:00:00+00:00", "2026-04-01T06:00:00+00:00",
        "2026-04-08T06:00:00+00:00",
    ]  # fmt: skip


def zoned(zone: str, offset: str, start: str) -> bytes:
    """A file that brings a zone of its own, as Outlook writes it."""
    rule = [f"TZID:{zone}", "BEGIN:STANDARD", "DTSTART:16010101T000000"]
    lines = [
        "BEGIN:VTIMEZONE",
        *rule,
        f"TZOFFSETFROM:{offset}",
        f"TZOFFSETTO:{offset}",
        "END:STANDARD",
        "END:VTIMEZONE",
    ]
    whole = calendar(f"DTSTART;TZID={zone}:{start} DURATION:PT1H".replace(zone, zone.replace(" ", "~")))
    return whole.replace(b"~", b" ").replace(b"BEGIN:VEVENT", "\r\n".join([*lines, "BEGIN:VEVENT"]).encode(), 1)


def first_of(text: bytes) -> str:
    (absence,) = parse_absences(text, ZoneInfo("America/New_York"), MONDAY, NEXT_YEAR)
    return absence.first.isoformat()


@pytest.mark.parametrize(
    ("zone", "at"),
    [
        ("W.~Europe~Standard~Time", "2026-03-10T08:00:00+00:00"),
        ('"Romance~Standard~Time"', "2026-03-10T08:00:00+00:00"),
        ("tzone://Microsoft/Utc", "2026-03-10T09:00:00+00:00"),
        ("/freeassociation.sourceforge.net/Europe/Berlin", "2026-03-10T08:00:00+00:00"),
        ("Somewhere", "2026-03-10T13:00:00+00:00"),
    ],
)
def test_zones_are_known_by_the_names_that_calendars_have_for_them(zone: str, at: str) -> None:
    """Outlook publishes Windows' names, and not for each a description; an unknown one is the rep's own."""
    assert first_of(calendar(f"DTSTART;TZID={zone}:20260310T090000 DURATION:PT1H").replace(b"~", b" ")) == at


def test_a_zone_that_a_file_describes_is_of_that_file_alone() -> None:
    """Outlook calls each zone that somebody made up `Customized Time Zone`."""
    for offset, at in (("+0500", "04"), ("-0300", "12"), ("+0900", "00")):
        assert first_of(zoned("Customized Time Zone", offset, "20260310T090000")) == f"2026-03-10T{at}:00:00+00:00"


def test_an_occurrence_that_was_set_free_or_called_off_blocks_nothing() -> None:
    """Its exception has the last word, also where the series blocks the time."""
    weekly = "UID:jour DTSTART:20260303T090000Z DURATION:PT1H RRULE:FREQ=WEEKLY;COUNT=4"
    free = "UID:jour RECURRENCE-ID:20260303T090000Z DTSTART:20260303T090000Z DURATION:PT1H TRANSP:TRANSPARENT"
    off = "UID:jour RECURRENCE-ID:20260310T090000Z DTSTART:20260310T090000Z DURATION:PT1H STATUS:CANCELLED"
    late = "UID:jour RECURRENCE-ID:20260317T090000Z DTSTART:20260317T110000Z DURATION:PT1H"
    for order in ((weekly, free, off, late), (late, off, free, weekly)):
        assert [first for first, _ in absences_in(*order)] == ["2026-03-17T11:00:00+00:00", "2026-03-24T09:00:00+00:00"]
    assert [first for first, _ in absences_in(late)] == ["2026-03-17T11:00:00+00:00"]


def changed_from(day: str, start: str, more: str = "", span: str = "THISANDFUTURE") -> str:
    return f"UID:jour RECURRENCE-ID;RANGE={span}:{day}T090000Z DTSTART:{start}Z DURATION:PT1H {more}"


@pytest.mark.parametrize(
    ("series", "changed"),
    [
        ("RRULE:FREQ=WEEKLY", changed_from("20260310", "20260310T140000")),
        ("RRULE:FREQ=WEEKLY", changed_from("20260310", "20260310T140000", span="thisandfuture")),
        ("RRULE:FREQ=WEEKLY", changed_from("20260310", "20260310T140000", span="THISANDPRIOR")),
        ("RRULE:FREQ=WEEKLY", changed_from("20260310", "20260310T090000", "STATUS:CANCELLED")),
        ("RRULE:FREQ=WEEKLY TRANSP:TRANSPARENT", changed_from("20260310", "20260310T090000")),
        ("RRULE:FREQ=WEEKLY;COUNT=9", changed_from("20260310", "20260310T140000")),
        ("RRULE:FREQ=WEEKLY;UNTIL=20260224T090000Z", changed_from("20260217", "20260307T140000")),
        (None, changed_from("20260310", "20260310T140000")),
    ],
    ids=["later", "lower case", "all before", "called off", "busy", "counted", "moved past its end", "no series"],
)  # fmt: skip
def test_a_change_of_all_later_occurrences_refuses_the_calendar(series: str | None, changed: str) -> None:
    """The jour fixe at nine is at two from then on: its old hour was blocked for ever, and two o'clock offered."""
    whole = [f"UID:jour DTSTART:20260203T090000Z DURATION:PT1H {series}"] if series else []
    for order in ([*whole, changed], [changed, *whole]):
        with pytest.raises(CalendarNotUnderstoodError, match="all later ones"):
            absences_in(*order)


@pytest.mark.parametrize(
    ("series", "more"),
    [("RRULE:FREQ=WEEKLY;UNTIL=20260210T090000Z", ""), ("RRULE:FREQ=WEEKLY TRANSP:TRANSPARENT", "TRANSP:TRANSPARENT")],
    ids=["over", "free before and after"],
)
def test_a_changed_series_that_blocks_nothing_refuses_nothing(series: str, more: str) -> None:
    whole = f"UID:jour DTSTART:20250203T090000Z DURATION:PT1H {series}"
    other = "UID:other DTSTART:20260304T090000Z DURATION:PT1H"
    found = absences_in(whole, changed_from("20260203", "20260203T140000", more), other)
    assert found == [("2026-03-04T09:00:00+00:00", "2026-03-04T10:00:00+00:00")]


def test_a_series_that_is_free_has_an_occurrence_that_is_not() -> None:
    series = "UID:jour DTSTART:20260303T090000Z DURATION:PT1H RRULE:FREQ=WEEKLY;COUNT=3 TRANSP:TRANSPARENT"
    busy = "UID:jour RECURRENCE-ID:20260310T090000Z DTSTART:20260310T090000Z DURATION:PT1H TRANSP:OPAQUE"
    assert [first for first, _ in absences_in(series, busy)] == ["2026-03-10T09:00:00+00:00"]


@pytest.mark.parametrize(
    ("status", "busy"),
    [("FREE", False), ("WORKINGELSEWHERE", False), ("BUSY", True), ("TENTATIVE", True), ("OOF", True)],
)
def test_what_outlook_says_of_an_event_counts(status: str, busy: bool) -> None:
    event = f"DTSTART:20260303T090000Z DURATION:PT1H TRANSP:OPAQUE X-MICROSOFT-CDO-BUSYSTATUS:{status}"
    assert bool(absences_in(event)) == busy


def test_a_meeting_that_baton_mailed_blocks_nothing() -> None:
    """It came back with the rep's own calendar: its slot is taken already, and free once it is called off."""
    entry = MeetingEntry(
        lead_id=UUID(int=7), sequence=1, changed_at=MONDAY, starts_at=MONDAY + timedelta(days=1),
        length=timedelta(minutes=30), summary="Ada Lovelace",
    )  # fmt: skip
    assert parse_absences(write_calendar_file([entry], "REQUEST", "desk"), BERLIN, MONDAY, NEXT_YEAR) == ()


def test_what_the_owner_declined_blocks_nothing() -> None:
    """Google lists declined invitations; the calendar is named by its owner's address."""
    here = "DTSTART:20260303T090000Z DURATION:PT1H ATTENDEE;PARTSTAT=ACCEPTED:mailto:bo@example.com ATTENDEE;PARTSTAT="
    declined, accepted = (f"{here}{answer}:mailto:Mia@example.com" for answer in ("DECLINED", "ACCEPTED"))
    named = b"BEGIN:VCALENDAR\r\nX-WR-CALNAME:mia@example.com"

    def found(event: str, head: bytes) -> int:
        text = calendar(event).replace(b"BEGIN:VCALENDAR", head, 1)
        return len(parse_absences(text, BERLIN, MONDAY, NEXT_YEAR))

    assert (found(declined, named), found(accepted, named)) == (0, 1)
    assert found(declined, b"BEGIN:VCALENDAR") == 1


def test_a_calendar_of_many_years_is_read_though_hundreds_of_series_ended() -> None:
    old = "DTSTART:20190303T090000Z DURATION:PT1H RRULE:FREQ=WEEKLY;UNTIL=20200303T090000Z"
    days = "DTSTART;VALUE=DATE:20190303 RRULE:FREQ=WEEKLY;UNTIL=20200303"
    last = "DTSTART:20260223T080000Z DURATION:PT26H RRULE:FREQ=DAILY;UNTIL=20260301T080000Z"
    assert absences_in(*[old, days] * 150, last) == [("2026-03-01T08:00:00+00:00", "2026-03-02T10:00:00+00:00")]


def test_days_recur_too() -> None:
    fridays = "DTSTART;VALUE=DATE:20260102 RRULE:FREQ=WEEKLY;INTERVAL=2;UNTIL=20260403 EXDATE;VALUE=DATE:20260313"
    assert absences_in(fridays) == [(day, day) for day in ("2026-03-27",)]
    both = "DTSTART;VALUE=DATE:20260302 RRULE:FREQ=DAILY;COUNT=4 EXDATE;VALUE=DATE:20260303 EXDATE;VALUE=DATE:20260304"
    until = "DTSTART;VALUE=DATE:20260302 RRULE:FREQ=DAILY;UNTIL=20260303T120000Z"
    assert [first for first, _ in absences_in(until)] == ["2026-03-02", "2026-03-03"]
    assert absences_in(both) == [("2026-03-02", "2026-03-02"), ("2026-03-05", "2026-03-05")]


def test_a_rule_without_an_end_is_laid_out_for_a_year() -> None:
    endless = absences_in("DTSTART;VALUE=DATE:20200106 RRULE:FREQ=WEEKLY")
    assert (len(endless), endless[0], endless[-1][0]) == (53, ("2026-03-02", "2026-03-02"), "2027-03-01")


def test_a_year_of_meetings_keeps_the_whole_days_and_the_hours_that_come_soonest() -> None:
    standup = "DTSTART:20260302T090000Z DURATION:PT15M RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"
    holiday = "DTSTART;VALUE=DATE:20270104 DTEND;VALUE=DATE:20270109"
    found = absences_in(standup, holiday)
    assert len(found) == 200
    assert (found[0][0], found[-2][0]) == ("2026-03-02T09:00:00+00:00", "2026-12-03T09:00:00+00:00")
    assert found[-1] == ("2027-01-04", "2027-01-08")


def test_hours_that_overlap_or_follow_one_another_are_one_absence() -> None:
    assert absences_in(
        "DTSTART:20260303T090000Z DTEND:20260303T100000Z",
        "DTSTART:20260303T093000Z DTEND:20260303T094500Z",
        "DTSTART:20260303T100000Z DTEND:20260303T110000Z",
        "DTSTART:20260303T110001Z DTEND:20260303T120000Z",
    ) == [
        ("2026-03-03T09:00:00+00:00", "2026-03-03T11:00:00+00:00"),
        ("2026-03-03T11:00:01+00:00", "2026-03-03T12:00:00+00:00"),
    ]


def test_a_long_absence_is_kept_though_hundreds_of_meetings_end_before_it() -> None:
    """The first two hundred by their end were meetings alone, and a sabbatical from next week on was none."""
    meetings = "DTSTART:20260302T090000Z DURATION:PT15M RRULE:FREQ=DAILY"
    sabbatical = "DTSTART:20260309T083000Z DTEND:20270115T180000Z"
    found = absences_in(meetings, sabbatical)
    assert found[7] == ("2026-03-09T08:30:00+00:00", "2027-01-15T18:00:00+00:00")
    assert found[8] == ("2027-01-16T09:00:00+00:00", "2027-01-16T09:15:00+00:00")


minutes = st.integers(0, 3000)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(minutes, st.integers(1, 200)), max_size=30))
def test_merged_absences_cover_what_the_events_cover(events: list[tuple[int, int]]) -> None:
    begin = MONDAY + timedelta(days=1)
    written = [f"DTSTART:{begin + timedelta(minutes=at):%Y%m%dT%H%M%SZ} DURATION:PT{length}M" for at, length in events]
    found = parse_absences(calendar(*written), BERLIN, MONDAY, NEXT_YEAR)
    covered = [
        minute
        for absence in found
        for minute in range((absence.first - begin) // A_MINUTE, (absence.last - begin) // A_MINUTE)
    ]
    assert covered == sorted({at + nth for at, length in events for nth in range(length)})
    assert all(before.last < after.first for before, after in pairwise(found))


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4000), st.integers(1, 9)), min_size=150, max_size=400))
def test_what_is_kept_of_a_large_calendar_is_all_of_it_up_to_where_it_says(events: list[tuple[int, int]]) -> None:
    written = [f"DTSTART:{MONDAY + timedelta(hours=at):%Y%m%dT%H%M%SZ} DURATION:PT{length}H" for at, length in events]
    found = parse_absences(calendar(*written), BERLIN, MONDAY, NEXT_YEAR)
    covered = covered_until(found, NEXT_YEAR, BERLIN)
    for at, length in events:
        first, last = MONDAY + timedelta(hours=at), MONDAY + timedelta(hours=at + length)
        kept = any(absence.first <= first and last <= absence.last for absence in found)
        assert kept or first > covered


def free_busy(*lines: str) -> bytes:
    inside = ["BEGIN:VFREEBUSY", "UID:1", "DTSTAMP:20260301T000000Z", *lines, "END:VFREEBUSY"]
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", *inside, "END:VCALENDAR", ""]).encode()


def test_a_calendar_of_busy_times_alone_is_read() -> None:
    """Outlook and CalDAV servers publish it where titles are to stay inside; it was read as free."""
    text = free_busy(
        "FREEBUSY:20260303T090000Z/20260303T100000Z,20260304T090000Z/PT30M",
        "FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20260305T090000Z/PT1H",
        "FREEBUSY;FBTYPE=BUSY-TENTATIVE:20260306T090000Z/PT1H",
        "FREEBUSY;FBTYPE=X-OWN:20260307T090000Z/PT1H",
        "FREEBUSY;FBTYPE=FREE:20260308T090000Z/PT1H",
        "FREEBUSY:20260201T090000Z/PT1H",
    )
    found = parse_absences(text, BERLIN, MONDAY, NEXT_YEAR)
    assert [(f"{each.first:%d %H%M}", f"{each.last:%d %H%M}") for each in found] == [
        ("03 0900", "03 1000"), ("04 0900", "04 0930"), ("05 0900", "05 1000"), ("06 0900", "06 1000"),
        ("07 0900", "07 1000"),
    ]  # fmt: skip
    assert len(parse_absences(free_busy("FREEBUSY:20260303T090000Z/PT1H"), BERLIN, MONDAY, NEXT_YEAR)) == 1
    assert parse_absences(free_busy(), BERLIN, MONDAY, NEXT_YEAR) == ()


def test_further_dates_of_an_event_are_absences_too() -> None:
    further = "RDATE;TZID=Europe/Berlin:20260305T090000,20260306T090000 EXDATE;TZID=Europe/Berlin:20260306T090000"
    assert absences_in(
        f"DTSTART;TZID=Europe/Berlin:20260304T090000 DURATION:PT1H {further}"
        " RDATE;VALUE=PERIOD:20260307T090000Z/PT2H,20260308T090000Z/20260308T093000Z"
    ) == [
        ("2026-03-04T08:00:00+00:00", "2026-03-04T09:00:00+00:00"),
        ("2026-03-05T08:00:00+00:00", "2026-03-05T09:00:00+00:00"),
        ("2026-03-07T09:00:00+00:00", "2026-03-07T11:00:00+00:00"),
        ("2026-03-08T09:00:00+00:00", "2026-03-08T09:30:00+00:00"),
    ]
    ended = "DTSTART;VALUE=DATE:20200106 RRULE:FREQ=WEEKLY;UNTIL=20200301 RDATE;VALUE=DATE:20260310,20260311"
    assert absences_in(ended) == [("2026-03-10", "2026-03-10"), ("2026-03-11", "2026-03-11")]
    moved = "UID:one RECURRENCE-ID:20260310T090000Z DTSTART:20260311T090000Z DURATION:PT1H"
    once = "UID:one DTSTART:20260101T090000Z DURATION:PT1H RDATE:20260310T090000Z"
    assert [first for first, _ in absences_in(once, moved)] == ["2026-03-11T09:00:00+00:00"]


def test_an_event_may_have_several_rules() -> None:
    two = "RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=2 RRULE:FREQ=WEEKLY;BYDAY=FR;COUNT=1"
    found = absences_in(f"DTSTART:20260302T100000Z DURATION:PT1H {two}")
    assert [first[:10] for first, _ in found] == ["2026-03-02", "2026-03-06", "2026-03-09"]


def test_events_of_long_ago_are_not_parsed_at_all() -> None:
    """They are most of a calendar that somebody has had for years: 20,000 took 11 s."""
    times = ["DTSTART:20200303T090000Z DTEND:20200303T100000Z", "DTSTART;VALUE=DATE:20200303",
             "DTSTART;TZID=Europe/Berlin:20200303T090000 DURATION:PT1H30M"]  # fmt: skip
    with ended_after(processor_seconds=20):
        assert absences_in(*times * 15_000, "DTSTART:20260303T090000Z DURATION:PT1H") == [
            ("2026-03-03T09:00:00+00:00", "2026-03-03T10:00:00+00:00")
        ]


@pytest.mark.parametrize(
    ("event", "first"),
    [
        ("DTSTART;VALUE=DATE:20200303 DTEND;VALUE=DATE:20270303", "2020-03-03"),
        ("DTSTART:20200303T090000Z DURATION:P3000D", "2020-03-03"),
        ("DTSTART:20200303T090000Z DTEND:20200303T100000Z RRULE:FREQ=YEARLY", "2026-03-03"),
        ("DTSTART:20200303T090000Z DTEND:20200303T100000Z RDATE:20260303T090000Z", "2026-03-03"),
        ("DTSTART:20200303T090000Z DTEND:20200303T100000Z BEGIN:VALARM END:VALARM RRULE:FREQ=YEARLY", "2026-03-03"),
        ("DTSTART:20200303T090000Z BEGIN:VALARM DURATION:PT1M END:VALARM DURATION:P3000D", "2020-03-03"),
        ("DTSTART:20200303T090000Z DURATION:PT1H BEGIN:VALARM END:VALARM DTEND:20270303T100000Z", None),
        ("DTSTART:20200303T090000Z RR~~ULE:FREQ=YEARLY DTEND:20200303T100000Z", "2026-03-03"),
        ("DTSTART:20200303T090000Z RR~ULE:FREQ=YEARLY DTEND:20200303T100000Z", "2026-03-03"),
        ("DTSTART;VALUE=DATE:20260225 DTEND;VALUE=DATE:20260303", "2026-02-25"),
    ],
)
def test_what_began_long_ago_and_is_not_over_stays(event: str, first: str | None) -> None:
    text = calendar(event).replace(b"~~", b"\r\n\r\n ").replace(b"~", b"\r\n ")
    if first is None:
        with pytest.raises(ValueError, match="iCalendar"):
            parse_absences(text, BERLIN, MONDAY, NEXT_YEAR)
    else:
        assert f"{parse_absences(text, BERLIN, MONDAY, NEXT_YEAR)[0].first:%Y-%m-%d}" == first


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 4), st.integers(1, 30), st.integers(-200, 200))
def test_recurrence_is_as_the_rule_library_lays_it_out(interval: int, count: int, shift: int) -> None:
    first = (MONDAY + timedelta(days=shift)).replace(tzinfo=None)
    event = f"DTSTART:{first:%Y%m%dT%H%M%S}Z DURATION:PT1H RRULE:FREQ=WEEKLY;INTERVAL={interval};COUNT={count}"
    expected = [
        at.replace(tzinfo=UTC)
        for at in rrule(WEEKLY, interval=interval, count=count, dtstart=first)
        if at.replace(tzinfo=UTC) + timedelta(hours=1) > MONDAY and at.replace(tzinfo=UTC) <= NEXT_YEAR
    ]
    assert [first for first, _ in absences_in(event)] == [at.isoformat() for at in expected]


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"hello",
        b"\xff\xfe",
        b"BEGIN:VCALENDAR\r\n",
        b"BEGIN:VEVENT\r\nEND:VEVENT\r\n",
        calendar("SUMMARY:nothing"),
        calendar("DTSTART:soon"),
        calendar("DTSTART:20260303T090000Z RDATE:soon"),
        calendar("DTSTART:20260303T090000Z EXDATE:soon"),
        free_busy("FREEBUSY:soon"),
        calendar("DTSTART:20260303T090000Z RRULE:FREQ=SOMETIMES"),
        calendar("DTSTART:20260303T090000Z DURATION:PT1M RRULE:FREQ=SECONDLY"),
        calendar("DTSTART:19990303T090000Z DURATION:PT1M RRULE:FREQ=SECONDLY"),
        calendar("DTSTART:20260303T090000Z RRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30"),
        calendar("DTSTART:20260303T090000Z RRULE:FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30"),
        calendar(*["DTSTART:20260303T090000Z RRULE:FREQ=DAILY;COUNT=1"] * 201),
        calendar("DTSTART;VALUE=DATE:20260302 RRULE:FREQ=DAILY"),
        calendar("DTSTART;VALUE=DATE:19000101 RRULE:FREQ=DAILY"),
    ],
)
def test_what_is_no_calendar_or_more_than_anybody_is_away_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"iCalendar|absences"):
        parse_absences(text, BERLIN, MONDAY, NEXT_YEAR)


NOT_UNDERSTOOD = [
    "DTSTART:soon",
    "DTSTART;VALUE=DATE:20200210 RRULE:RSCALE=CHINESE;FREQ=YEARLY",
    "DTSTART:20260303T090000Z RRULE:FREQ=SOMETIMES",
    "DTSTART:20260303T090000Z EXDATE:PT1H",
]


@pytest.mark.parametrize("event", NOT_UNDERSTOOD)
def test_a_calendar_with_an_event_that_is_not_understood_is_no_free_time(event: str) -> None:
    """It is refused as a whole; but what blocks no time, or is over, need not be understood."""
    known = "DTSTART:20260304T090000Z DURATION:PT1H"
    with pytest.raises(CalendarNotUnderstoodError):
        absences_in(known, event)
    for free in ("TRANSP:TRANSPARENT", "STATUS:CANCELLED", "X-MICROSOFT-CDO-BUSYSTATUS:FREE"):
        assert len(absences_in(known, f"{event} {free}")) == 1
    ended = "DTSTART;VALUE=DATE:20200210 RRULE:RSCALE=CHINESE;FREQ=YEARLY;UNTIL=20240210"
    assert len(absences_in(known, ended)) == 1


@pytest.mark.parametrize("freq", ["DAILY", "WEEKLY", "MONTHLY", "YEARLY"])
def test_a_rule_that_never_comes_true_is_no_absence_and_ends(freq: str) -> None:
    """No 30 February is looked for until the year 9999."""
    with ended_after(processor_seconds=60):
        assert absences_in(f"DTSTART;VALUE=DATE:20260302 RRULE:FREQ={freq};BYMONTH=2;BYMONTHDAY=30") == []


def test_a_rule_of_leap_days_and_weekdays_is_kept() -> None:
    leap = "DTSTART;VALUE=DATE:20240229 RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29"
    assert [first for first, _ in absences_of_until(leap, 2033)] == ["2028-02-29", "2032-02-29"]
    mondays = "DTSTART;VALUE=DATE:20260302 RRULE:FREQ=MONTHLY;BYDAY=1MO;COUNT=3"
    assert [first for first, _ in absences_in(mondays)] == ["2026-03-02", "2026-04-06", "2026-05-04"]


def absences_of_until(event: str, year: int) -> list[tuple[str, str]]:
    found = parse_absences(calendar(event), BERLIN, MONDAY, MONDAY.replace(year=year))
    return [(absence.first.isoformat(), absence.last.isoformat()) for absence in found]


async def test_a_calendar_file_decides_who_is_away_and_the_next_one_replaces_it(harness: ServiceHarness) -> None:
    await only(harness, "inbound-1", absences=[{"from": "2026-05-01", "to": "2026-05-02"}])

    async def send(*events: str, **headers: str) -> tuple[int, Any]:
        kind = {"Content-Type": "text/calendar", **headers}
        answer = await harness.http.put("/v1/reps/inbound-1/calendar", content=calendar(*events), headers=kind)
        return answer.status_code, answer.json()

    status, shown = await send("DTSTART;VALUE=DATE:20260302", "DTSTART:20260303T090000Z DURATION:PT1H")
    assert (status, shown["taken"], shown["rep"]["able"]) == (200, 2, False)
    assert len(shown["rep"]["absences"]) == 3
    await harness.deliver(qualified("ada"))
    assert await harness.emitted(LeadAssigned) == []
    status, shown = await send()
    assert (status, shown["taken"], len(shown["rep"]["absences"]), shown["rep"]["able"]) == (200, 0, 1, True)
    await harness.advance(timedelta(0))
    assert len(await harness.emitted(LeadAssigned)) == 1
    assert (await send("DTSTART:soon"))[0] == 422
    assert (await send(**{"Content-Type": "application/json"}))[0] == 415
    answer = await harness.http.put(
        "/v1/reps/nobody/calendar", content=calendar(), headers={"Content-Type": "text/calendar"}
    )
    assert answer.status_code == 404
    await put(harness, "inbound-1", status="paused")
