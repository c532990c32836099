"""A promise with pauses and changing calendars, against an oracle that walks minute by minute (X36)."""

from collections.abc import Sequence
from datetime import UTC, datetime

from hypothesis import example, given, settings
from hypothesis import strategies as st

from events.business_time import Calendar, measure_working_time, parse_duration
from sla_monitor.domain.due_dates import Stretch, Timetable, compute_due_at
from tests.sla_monitor.lead_story import MONDAY, minutes

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CALENDARS = [
    Calendar.model_validate({"zone": "UTC", **{day: ["09:00-12:00", "13:00-18:00"] for day in WEEK}}),
    Calendar.model_validate({"zone": "America/New_York", **{day: ["06:00-22:00"] for day in WEEK}}),
    Calendar.model_validate({"zone": "Europe/Berlin", **{day: ["00:00-24:00"] for day in WEEK[1:]}}),
]
LATER = st.integers(1, 4000)


def walk(start: datetime, number: int, timetable: Timetable, pauses: Sequence[Stretch]) -> datetime:
    """The oracle: the end of the `number`-th minute that counts."""
    minute = start
    while True:
        by = [calendar for since, calendar in timetable if since <= minute] or [timetable[0][1]]
        stands = any(begins <= minute < ends for begins, ends in pauses)
        if not stands and measure_working_time(minute, minute + minutes(1), by[-1]):
            number -= 1
        minute += minutes(1)
        if number == 0:
            return minute


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 900),
    st.lists(st.tuples(LATER, st.sampled_from(CALENDARS)), max_size=3, unique_by=lambda it: it[0]),
    st.lists(LATER, max_size=6, unique=True),
)
@example(600, [(60, CALENDARS[1])], [30, 90])
@example(600, [(60, CALENDARS[1])], [30, 60])
@example(60, [(600, CALENDARS[1])], [700, 800])
@example(60, [(60, CALENDARS[1])], [90, 120])
def test_a_promise_is_due_where_walking_minute_by_minute_ends(
    length: int, changes: list[tuple[int, Calendar]], cuts: list[int]
) -> None:
    timetable = [
        (MONDAY, CALENDARS[0]),
        *sorted(((MONDAY + minutes(at), it) for at, it in changes), key=lambda it: it[0]),
    ]
    at = [MONDAY + minutes(cut) for cut in sorted(cuts)]
    pauses = list(zip(at[::2], at[1::2], strict=False))
    assert compute_due_at(MONDAY, parse_duration(f"{length}b"), 1.0, timetable, pauses) == walk(
        MONDAY, length, timetable, pauses
    )


def test_elapsed_time_stands_still_in_pauses_and_knows_no_calendar() -> None:
    timetable = [(MONDAY, CALENDARS[0]), (MONDAY + minutes(90), CALENDARS[1])]
    pauses = [(MONDAY + minutes(60), MONDAY + minutes(120))]
    assert compute_due_at(MONDAY, parse_duration("2h"), 0.75, timetable, pauses) == datetime(
        2026, 3, 2, 11, 30, tzinfo=UTC
    )
