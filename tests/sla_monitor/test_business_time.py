"""Business time against an oracle that walks minute by minute and looks at the wall clock (X36)."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.business_time import Block, Calendar, span
from sla_monitor.domain import NeverDue, after, worked
from tests.sla_monitor.story import MONDAY, hours, minutes

OFFICE = Calendar.model_validate(
    {"zone": "UTC"} | {day: ["09:00-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
)


def counts(calendar: Calendar, at: datetime) -> bool:
    local = at.astimezone(ZoneInfo(calendar.zone))
    minute = local.hour * 60 + local.minute
    return any(start <= minute < end for start, end in calendar.blocks_on(local.date()))


def minutes_from(start: datetime) -> Iterator[datetime]:
    while True:
        yield start
        start += minutes(1)


def walk(calendar: Calendar, start: datetime, number: int) -> datetime:
    """The oracle: the end of the `number`-th minute that counts."""
    for minute in minutes_from(start):
        if counts(calendar, minute):
            number -= 1
            if number == 0:
                return minute + minutes(1)
    raise AssertionError


@st.composite
def days_off(draw: st.DrawFn) -> tuple[Block, ...]:
    cuts = draw(st.lists(st.integers(0, 1440), min_size=0, max_size=6, unique=True).map(sorted))
    return tuple(zip(cuts[::2], cuts[1::2], strict=False))


ZONES = st.sampled_from(
    ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "America/Sao_Paulo"]
)
TURNS = st.sampled_from(
    [
        datetime(2026, 3, 28, 12, 0, tzinfo=UTC),  # Europe springs forward
        datetime(2026, 10, 24, 12, 0, tzinfo=UTC),  # and falls back
        datetime(2026, 3, 7, 12, 0, tzinfo=UTC),  # North America
        datetime(2026, 11, 1, 0, 0, tzinfo=UTC),
        datetime(2026, 4, 4, 0, 0, tzinfo=UTC),  # Lord Howe, by half an hour
        datetime(2026, 7, 1, 0, 0, tzinfo=UTC),
    ]
)


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    week = {name: draw(days_off()) for name in names}
    if sum(end - start for blocks in week.values() for start, end in blocks) < 60:
        week["wed"] = ((540, 1020),)
    around = date(2026, 3, 29)
    return Calendar.model_validate(
        {
            "zone": draw(ZONES),
            **week,
            "holidays": [around + timedelta(days=n) for n in draw(st.sets(st.integers(-2, 6), max_size=3))],
            "special_days": {around + timedelta(days=draw(st.integers(-1, 3))): draw(days_off())},
        }
    )


@settings(max_examples=80, deadline=None)
@given(calendars(), TURNS, st.integers(0, 3000), st.integers(1, 700))
def test_a_promise_is_due_where_walking_minute_by_minute_ends(
    calendar: Calendar, near: datetime, offset: int, length: int
) -> None:
    start = near + minutes(offset)
    assert after(start, span(f"{length}b"), calendar) == walk(calendar, start, length)


@settings(max_examples=40, deadline=None)
@given(calendars(), TURNS, st.integers(0, 3000), st.integers(0, 5000))
def test_working_time_between_two_instants_is_the_count_of_minutes(
    calendar: Calendar, near: datetime, offset: int, length: int
) -> None:
    start = near + minutes(offset)
    walked = sum(counts(calendar, start + minutes(nth)) for nth in range(length))
    assert worked(start, start + minutes(length), calendar) == minutes(walked)


@settings(max_examples=60, deadline=None)
@given(calendars(), TURNS, st.timedeltas(timedelta(), timedelta(days=3)), st.integers(1, 700))
def test_the_time_worked_until_the_due_instant_is_the_promise(
    calendar: Calendar, near: datetime, offset: timedelta, length: int
) -> None:
    """To the microsecond, wherever in a minute it starts."""
    start = near + offset
    assert worked(start, after(start, span(f"{length}b"), calendar), calendar) == minutes(length)


def test_five_minutes_on_a_friday_evening_end_on_monday() -> None:
    friday = datetime(2026, 3, 6, 17, 58, tzinfo=UTC)
    assert after(friday, span("5b"), OFFICE) == datetime(2026, 3, 9, 9, 3, tzinfo=UTC)


def test_a_whole_day_of_work_ends_when_the_day_does() -> None:
    assert after(MONDAY, span("540b"), OFFICE) == datetime(2026, 3, 2, 18, 0, tzinfo=UTC)


def test_lunch_holidays_and_half_days_do_not_count() -> None:
    calendar = Calendar.model_validate(
        {
            "zone": "Europe/Berlin",
            "mon": ["09:00-12:00", "13:00-17:00"],
            "wed": ["09:00-17:00"],
            "thu": ["09:00-17:00"],
            "holidays": ["2026-12-24"],
            "special_days": {"2026-12-23": ["09:00-11:00"]},
        }
    )
    monday = datetime(2026, 12, 21, 11, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    assert after(monday, span("60b"), calendar) == datetime(2026, 12, 21, 12, 30, tzinfo=UTC)
    assert after(monday, span("360b"), calendar) == datetime(2026, 12, 23, 9, 30, tzinfo=UTC)
    assert after(monday, span("420b"), calendar) == datetime(2026, 12, 28, 8, 30, tzinfo=UTC)


def test_elapsed_promises_run_through_the_night_and_the_weekend() -> None:
    friday = datetime(2026, 3, 6, 17, 0, tzinfo=UTC)
    assert after(friday, span("48h"), OFFICE) == friday + hours(48)
    assert after(friday, span("30d"), OFFICE) == friday + timedelta(days=30)


def test_working_days_leave_the_weekend_out() -> None:
    """Two working days from Friday evening are Tuesday evening, not five days of office hours."""
    friday = datetime(2026, 3, 6, 17, 0, tzinfo=UTC)
    assert after(friday, span("2w"), OFFICE) == datetime(2026, 3, 10, 17, 0, tzinfo=UTC)


def test_a_share_of_a_promise_is_a_share_of_its_working_time() -> None:
    assert after(MONDAY, span("720b"), OFFICE, 0.75) == datetime(2026, 3, 2, 18, 0, tzinfo=UTC)


def test_a_promise_that_is_never_due_is_refused() -> None:
    sundays = Calendar.model_validate({"zone": "UTC", "sun": ["09:00-09:01"]})
    with pytest.raises(NeverDue):
        after(MONDAY, span("900000b"), sundays)
