"""Recurring events of strangers' calendars: exactly what the rule library computes, and never for long."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import vRecur

from routing.domain.recurrence_rules import (
    Allowance,
    CalendarNotUnderstoodError,
    TooMuchInCalendarError,
    expand_rule,
)
from tests.endless import ended_after
from tests.routing.builders import MONDAY
from tests.routing.test_absence_calendar import absences_in

SINCE = MONDAY.replace(tzinfo=None)
wall = datetime.fromisoformat
UNTIL = SINCE + timedelta(days=366)
SAME_CALENDAR = 7600
"""A multiple of 400 years, after which the rule library soon stops to look."""

days = st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"])
nth_days = st.builds(lambda nth, day: f"{nth}{day}", st.sampled_from(["1", "2", "-1"]), days)


def some(values: st.SearchStrategy[Any], most: int = 3) -> st.SearchStrategy[list[Any]]:
    return st.lists(values, min_size=1, max_size=most, unique=True)


PARTS: dict[str, st.SearchStrategy[list[Any]]] = {
    "BYMONTH": some(st.integers(1, 12)),
    "BYMONTHDAY": some(st.integers(1, 31) | st.integers(-5, -1)),
    "BYDAY": some(days, most=7),
    "BYHOUR": some(st.integers(0, 23)),
    "BYMINUTE": some(st.integers(0, 59)),
    "BYSETPOS": some(st.integers(1, 3) | st.integers(-2, -1)),
    "WKST": some(days, most=1),
}


@st.composite
def rules(draw: st.DrawFn) -> str:
    frequency = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    parts = dict(PARTS)
    if frequency in {"MONTHLY", "YEARLY"}:
        parts["BYDAY"] = some(days | nth_days, most=7)
    if frequency == "YEARLY":
        parts |= {"BYWEEKNO": some(st.integers(1, 53)), "BYYEARDAY": some(st.integers(1, 366))}
    names = draw(st.sets(st.sampled_from(sorted(parts)), max_size=4))
    written = [f"FREQ={frequency}", f"INTERVAL={draw(st.integers(1, 5))}"]
    written += [f"{name}={','.join(map(str, draw(parts[name])))}" for name in sorted(names)]
    count = draw(st.none() | st.integers(1, 4000))
    return ";".join([*written, *([] if count is None else [f"COUNT={count}"])])


firsts = st.datetimes(wall("1992-01-01"), wall("2028-01-01")).map(lambda at: at.replace(microsecond=0, second=0))


def expand_plainly(rule: str, first: datetime) -> list[datetime]:
    found = []
    for moved in rrulestr(rule, dtstart=first.replace(year=first.year + SAME_CALENDAR)):
        at = moved.replace(year=moved.year - SAME_CALENDAR)
        if at > UNTIL:
            break
        if at >= SINCE:
            found.append(at)
    return found


@settings(max_examples=300, deadline=None)
@given(rules(), firsts)
def test_a_rule_has_exactly_the_occurrences_of_its_plain_expansion(rule: str, first: datetime) -> None:
    """Though it is computed from shortly before today, at years in which the calendar is the same."""
    assert list(expand_rule(vRecur.from_ical(rule), first, SINCE, UNTIL, Allowance())) == expand_plainly(rule, first)


@pytest.mark.parametrize(
    ("rule", "first"),
    [
        ("FREQ=MONTHLY", wall("2020-01-31T09:00")),
        ("FREQ=YEARLY", wall("2016-02-29T09:00")),
        ("FREQ=YEARLY;BYMONTH=3,4", wall("2019-12-31T09:00")),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;WKST=SU;BYSETPOS=-1", wall("2020-01-08T09:00")),
        ("FREQ=DAILY;INTERVAL=3", wall("2019-03-01T09:00")),
    ],
)
def test_a_rule_keeps_the_day_of_its_first_occurrence(rule: str, first: datetime) -> None:
    found = list(expand_rule(vRecur.from_ical(rule), first, SINCE, UNTIL, Allowance()))
    assert found == expand_plainly(rule, first)


@pytest.mark.parametrize("further", ["RSCALE=GREGORIAN", "rscale=gregorian;skip=OMIT", "RSCALE=Gregorian;SKIP=OMIT"])
def test_a_part_that_states_the_usual_changes_nothing(further: str) -> None:
    """Calendars that know RFC 7529 write it, and the rule library refuses it."""
    rule, first = "FREQ=MONTHLY;BYDAY=-1FR", wall("2020-01-31T09:00")
    found = list(expand_rule(vRecur.from_ical(f"{further};{rule}"), first, SINCE, UNTIL, Allowance()))
    assert found == expand_plainly(rule, first) != []


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=YEARLY;BYEASTER=-2",
        "FREQ=MONTHLY;BYWEEKDAY=1MO",
        "RSCALE=CHINESE;FREQ=YEARLY",
        "RSCALE=GREGORIAN;FREQ=MONTHLY;SKIP=FORWARD",
        "FREQ=DAILY;X-ONLY-ODD=1",
    ],
)
def test_a_part_that_is_not_known_is_never_left_out(rule: str) -> None:
    """The library knows Easter, and computed it for a year of thousands of years later: Good Friday was offered."""
    with pytest.raises(CalendarNotUnderstoodError):
        list(expand_rule(vRecur.from_ical(rule), wall("2020-04-10"), SINCE, UNTIL, Allowance()))


def test_a_series_of_long_ago_costs_what_one_of_this_year_does() -> None:
    for first in (wall("1700-03-04T09:00"), wall("2026-03-04T09:00")):
        allowance = Allowance(left=400)
        assert len(list(expand_rule(vRecur.from_ical("FREQ=DAILY"), first, SINCE, UNTIL, allowance))) >= 365


@pytest.mark.parametrize("rule", ["INTERVAL=0;BYMONTH=2", "INTERVAL=-1", "INTERVAL=1,2"])
def test_an_interval_that_is_none_is_refused(rule: str) -> None:
    """The library would look for a next occurrence for ever."""
    with ended_after(processor_seconds=30), pytest.raises(ValueError, match="no recurrence rule"):
        list(expand_rule(vRecur.from_ical(f"FREQ=DAILY;{rule}"), SINCE, SINCE, UNTIL, Allowance()))


def test_a_series_that_begins_after_all_that_is_asked_for_has_no_occurrence() -> None:
    assert list(expand_rule(vRecur.from_ical("FREQ=DAILY"), wall("9000-01-01"), SINCE, UNTIL, Allowance())) == []
    far = wall("9998-12-30")
    assert list(expand_rule(vRecur.from_ical("FREQ=YEARLY"), far, SINCE, wall("9999-12-31"), Allowance())) == [
        far,
        far.replace(year=9999),
    ]


def test_occurrences_of_a_file_are_bounded_all_together() -> None:
    times = "DTSTART:20260303T000000Z DURATION:PT1M RRULE:FREQ=DAILY;BYHOUR=1,2,3,4,5,6,7,8;BYMINUTE=0,10,20,30,40,50"
    assert len(absences_in(times)) == 200
    with pytest.raises(TooMuchInCalendarError):
        absences_in(*[times] * 7)


def listed(most: int) -> str:
    return ",".join(map(str, range(most)))


def test_a_rule_of_each_second_of_a_year_is_refused_at_once() -> None:
    """What the library skips before the first occurrence was nowhere counted: 600 bytes took 20 s."""
    rule = f"FREQ=YEARLY;BYHOUR={listed(24)};BYMINUTE={listed(60)};BYSECOND={listed(60)}"
    with ended_after(processor_seconds=15), pytest.raises(TooMuchInCalendarError):
        absences_in(f"DTSTART:20251231T235959Z DURATION:PT1S RRULE:{rule}")


def test_hundreds_of_daily_series_of_many_years_are_read() -> None:
    with ended_after(processor_seconds=40):
        assert len(absences_in(*["DTSTART:19750303T090000Z DURATION:PT1H RRULE:FREQ=DAILY"] * 200)) == 200


def test_rules_that_never_come_true_are_read() -> None:
    """No 30 February is looked for through four centuries."""
    never = "DTSTART:20150303T090000Z DURATION:PT1H RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"
    with ended_after(processor_seconds=60):
        assert absences_in(*[never] * 20) == []
