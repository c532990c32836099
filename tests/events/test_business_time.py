"""Business time against an oracle that walks minute by minute and looks at the wall clock (X36)."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from events.business_time import (
    Block,
    Calendar,
    NeverDue,
    add_promised_time,
    compute_due_at,
    measure_elapsed,
    measure_working_time,
    parse_duration,
)

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

OFFICE = Calendar.model_validate(
    {"zone": "UTC"} | {day: ["09:00-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
)


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def counts(calendar: Calendar, at: datetime) -> bool:
    """The rule read by a person with a clock on the wall, and nothing else."""
    if calendar.shifts:
        return any(counts(shift, at) for shift in calendar.shifts)
    local = at.astimezone(ZoneInfo(calendar.zone))
    day, minute = local.date(), local.hour * 60 + local.minute
    usual = (calendar.mon, calendar.tue, calendar.wed, calendar.thu, calendar.fri, calendar.sat, calendar.sun)
    blocks = usual[day.weekday()]
    if day in calendar.special_days:
        blocks = calendar.special_days[day]
    elif day in calendar.holidays:
        blocks = ()
    elif blocks:
        blocks = calendar.half_days.get(day.strftime("%m-%d"), blocks)
    return any(start <= minute < end for start, end in blocks)


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
        datetime(2026, 12, 31, 4, 0, tzinfo=UTC),  # the year ends, and not everywhere at once
    ]
)


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    week = {name: draw(days_off()) for name in names}
    if sum(end - start for blocks in week.values() for start, end in blocks) < 60:
        week["wed"] = ((540, 1020),)
    around = draw(st.sampled_from([date(2026, 3, 29), date(2026, 12, 31)]))
    return Calendar.model_validate(
        {
            "zone": draw(ZONES),
            **week,
            "holidays": [around + timedelta(days=n) for n in draw(st.sets(st.integers(-2, 6), max_size=3))],
            "half_days": {f"{around:%m-%d}": draw(days_off())},
            "special_days": {around + timedelta(days=draw(st.integers(-1, 3))): draw(days_off())},
        }
    )


WORKED_BY = st.one_of(
    calendars(), st.lists(calendars(), min_size=2, max_size=3).map(lambda some: Calendar(shifts=tuple(some)))
)


@settings(max_examples=80, deadline=None)
@given(WORKED_BY, TURNS, st.integers(0, 3000), st.integers(1, 700))
def test_a_promise_is_due_where_walking_minute_by_minute_ends(
    calendar: Calendar, near: datetime, offset: int, length: int
) -> None:
    start = near + minutes(offset)
    assert compute_due_at(start, parse_duration(f"{length}b"), calendar) == walk(calendar, start, length)


@settings(max_examples=40, deadline=None)
@given(WORKED_BY, TURNS, st.integers(0, 3000), st.integers(0, 5000))
def test_working_time_between_two_instants_is_the_count_of_minutes(
    calendar: Calendar, near: datetime, offset: int, length: int
) -> None:
    start = near + minutes(offset)
    walked = sum(counts(calendar, start + minutes(nth)) for nth in range(length))
    assert measure_working_time(start, start + minutes(length), calendar) == minutes(walked)


@settings(max_examples=60, deadline=None)
@given(WORKED_BY, TURNS, st.timedeltas(timedelta(), timedelta(days=3)), st.integers(1, 700))
def test_the_time_worked_until_the_due_instant_is_the_promise(
    calendar: Calendar, near: datetime, offset: timedelta, length: int
) -> None:
    """To the microsecond, wherever in a minute it starts."""
    start = near + offset
    assert measure_working_time(
        start, compute_due_at(start, parse_duration(f"{length}b"), calendar), calendar
    ) == minutes(length)


@settings(max_examples=60, deadline=None)
@given(WORKED_BY, TURNS, st.integers(0, 3000), st.integers(0, 2000), st.sampled_from(["400b", "3w", "20h"]))
def test_a_promise_that_is_reckoned_in_two_parts_comes_to_the_same_instant(
    calendar: Calendar, near: datetime, offset: int, part: int, text: str
) -> None:
    """What has passed and what remains add up, so a change half-way can move what remains alone."""
    promise, start = parse_duration(text), near + minutes(offset)
    due_at = compute_due_at(start, promise, calendar)
    halfway = min(start + minutes(part), due_at - minutes(1))
    left = promise.length - measure_elapsed(start, halfway, promise, calendar)
    assert add_promised_time(halfway, left, promise, calendar) == due_at


def test_five_minutes_on_a_friday_evening_end_on_monday() -> None:
    friday = datetime(2026, 3, 6, 17, 58, tzinfo=UTC)
    assert compute_due_at(friday, parse_duration("5b"), OFFICE) == datetime(2026, 3, 9, 9, 3, tzinfo=UTC)


def test_a_whole_day_of_work_ends_when_the_day_does() -> None:
    assert compute_due_at(MONDAY, parse_duration("540b"), OFFICE) == datetime(2026, 3, 2, 18, 0, tzinfo=UTC)


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
    assert compute_due_at(monday, parse_duration("60b"), calendar) == datetime(2026, 12, 21, 12, 30, tzinfo=UTC)
    assert compute_due_at(monday, parse_duration("360b"), calendar) == datetime(2026, 12, 23, 9, 30, tzinfo=UTC)
    assert compute_due_at(monday, parse_duration("420b"), calendar) == datetime(2026, 12, 28, 8, 30, tzinfo=UTC)


def test_working_time_is_counted_from_the_first_night_of_the_year_too() -> None:
    night = datetime(2026, 1, 1, 0, 30, tzinfo=UTC)
    assert measure_working_time(night, datetime(2026, 1, 2, 10, 0, tzinfo=UTC), OFFICE) == hours(10)
    assert compute_due_at(night, parse_duration("60b"), OFFICE) == datetime(2026, 1, 1, 10, 0, tzinfo=UTC)


def test_elapsed_promises_run_through_the_night_and_the_weekend() -> None:
    friday = datetime(2026, 3, 6, 17, 0, tzinfo=UTC)
    assert compute_due_at(friday, parse_duration("48h"), OFFICE) == friday + hours(48)
    assert compute_due_at(friday, parse_duration("30d"), OFFICE) == friday + timedelta(days=30)


def test_working_days_leave_the_weekend_out() -> None:
    """Two working days from Friday evening are Tuesday evening, not five days of office hours."""
    friday = datetime(2026, 3, 6, 17, 0, tzinfo=UTC)
    assert compute_due_at(friday, parse_duration("2w"), OFFICE) == datetime(2026, 3, 10, 17, 0, tzinfo=UTC)


def test_a_share_of_a_promise_is_a_share_of_its_working_time() -> None:
    assert compute_due_at(MONDAY, parse_duration("720b"), OFFICE, 0.75) == datetime(2026, 3, 2, 18, 0, tzinfo=UTC)


def test_a_promise_that_is_never_due_is_refused() -> None:
    sundays = Calendar.model_validate({"zone": "UTC", "sun": ["09:00-09:01"]})
    with pytest.raises(NeverDue):
        compute_due_at(MONDAY, parse_duration("900000b"), sundays)


def test_support_that_follows_the_sun_works_when_anybody_does() -> None:
    week = {key: ["09:00-17:00"] for key in ("mon", "tue", "wed", "thu", "fri")}
    places = ("Asia/Tokyo", "Europe/Berlin", "America/Los_Angeles")
    calendar = Calendar.model_validate({"shifts": [{"zone": zone} | week for zone in places]})
    berlin_closes = datetime(2026, 3, 3, 16, 0, tzinfo=UTC)
    assert compute_due_at(berlin_closes, parse_duration("60b"), calendar) == berlin_closes + hours(2)
    assert measure_working_time(MONDAY, MONDAY + timedelta(days=1), calendar) == hours(7 + 8 + 8)
    friday_in_california = datetime(2026, 3, 7, 0, 30, tzinfo=UTC)
    sunday_evening_in_utc = datetime(2026, 3, 9, 0, 0, tzinfo=UTC)
    assert compute_due_at(friday_in_california, parse_duration("60b"), calendar) == sunday_evening_in_utc + minutes(30)


def test_public_holidays_are_those_of_the_country_or_its_part() -> None:
    """Epiphany is one in Bavaria and not in Berlin; Unity Day in both; neither in France."""
    week = {key: ["09:00-17:00"] for key in ("mon", "tue", "wed", "thu", "fri", "sat")}

    def works(place: str, day: date) -> bool:
        return bool(Calendar.model_validate({"zone": "Europe/Berlin", "public_holidays": place} | week).blocks_on(day))

    epiphany, unity = date(2026, 1, 6), date(2026, 10, 3)
    assert [works(place, epiphany) for place in ("DE-BY", "DE-BE", "FR")] == [False, True, True]
    assert [works(place, unity) for place in ("DE-BY", "DE-BE", "FR")] == [False, False, True]


def test_half_days_of_every_year_shorten_working_days_alone() -> None:
    calendar = Calendar.model_validate(
        {
            "zone": "Europe/Berlin",
            "thu": ["09:00-17:00"],
            "fri": ["09:00-17:00"],
            "public_holidays": "DE",
            "half_days": {"12-24": ["09:00-12:00"], "12-25": ["09:00-12:00"]},
            "special_days": {"2026-12-26": ["10:00-11:00"]},
        }
    )
    christmas = [calendar.blocks_on(date(2026, 12, day)) for day in (24, 25, 26)]
    assert christmas == [((540, 720),), (), ((600, 660),)]
    assert calendar.blocks_on(date(2028, 12, 24)) == ()  # a Sunday


@pytest.mark.parametrize(
    "calendar",
    [
        {"zone": "UTC", "mon": ["09:00-18:00"], "public_holidays": "Atlantis"},
        {"zone": "UTC", "mon": ["09:00-18:00"], "public_holidays": "DE-XX"},
        {"zone": "UTC", "mon": ["09:00-18:00"], "half_days": {"24.12.": ["09:00-12:00"]}},
        {"zone": "UTC", "shifts": [{"zone": "UTC", "mon": ["09:00-18:00"]}]},
        {"mon": ["09:00-18:00"]},
        {"shifts": [{"zone": "UTC"}]},
    ],
)
def test_a_calendar_that_cannot_be_is_refused(calendar: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Calendar.model_validate(calendar)
