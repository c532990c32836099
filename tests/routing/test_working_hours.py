"""When a rep can take leads: hours, zones, days off, absences, counts a day and a week (R10).

The oracle walks minute by minute, looks at the wall clock as `zoneinfo` tells it and at the calendar of `holidays`.
"""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from events.business_time import Calendar, NeverDue, find_next_opening
from routing.domain import Rep, Seat, next_available_at, rep_calendar_of
from routing.playbook import Absence, Team
from tests.routing.builders import MONDAY, rep

OFFICE = {day: ["09:00-12:30", "13:15-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
PLACES = {"Europe/Berlin": "DE-BY", "America/New_York": "US", "Asia/Kolkata": "IN", "Australia/Lord_Howe": "AU-NSW"}
OFF = {
    zone: holidays.country_holidays(place[:2], subdiv=place[3:] or None, years=[2026, 2027])
    for zone, place in PLACES.items()
}
TURNS = st.sampled_from(
    [
        datetime(2026, 3, 28, 20, 0, tzinfo=UTC),  # Europe springs forward
        datetime(2026, 10, 24, 20, 0, tzinfo=UTC),  # and falls back
        datetime(2026, 3, 7, 20, 0, tzinfo=UTC),  # North America
        datetime(2026, 11, 1, 0, 0, tzinfo=UTC),
        datetime(2026, 4, 4, 0, 0, tzinfo=UTC),  # Lord Howe, by half an hour
        datetime(2026, 12, 23, 12, 0, tzinfo=UTC),  # Christmas, and a year that ends
    ]
)
MINUTE = timedelta(minutes=1)


def office_hours(zone: str, **fields: Any) -> Calendar:
    return Calendar.model_validate({"zone": zone, "public_holidays": PLACES[zone], **OFFICE, **fields})


def works(zone: str, at: datetime) -> bool:
    """The oracle."""
    local = at.astimezone(ZoneInfo(zone))
    minute = local.hour * 60 + local.minute
    in_block = 540 <= minute < 750 or 795 <= minute < 1080
    return local.weekday() < 5 and local.date() not in OFF[zone] and in_block


def worker(calendar: Calendar | None, *absences: dict[str, str], **fields: Any) -> Rep:
    away = tuple(Absence.model_validate(absence) for absence in absences)
    return rep("ada", works=calendar, absences=away, **fields)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(PLACES)), TURNS, st.integers(0, 2 * 24 * 60))
def test_a_rep_is_able_when_the_wall_clock_says_so_and_their_next_chance_is_when_it_next_does(
    zone: str, near: datetime, minutes: int
) -> None:
    """X36: time zones, DST days and holidays, against an oracle library."""
    now = near + minutes * MINUTE
    seat = Seat(worker(office_hours(zone))).at_instant(now)
    assert (seat.why_not is None) is works(zone, now)
    at = now
    while not works(zone, at):
        at += MINUTE
    assert next_available_at([seat], now) == at


@settings(max_examples=40, deadline=None)
@given(TURNS, st.integers(0, 48 * 60), st.integers(0, 4000), st.integers(1, 4000))
def test_an_absence_written_in_instants_is_exact_to_the_minute(
    near: datetime, minutes: int, begins: int, long: int
) -> None:
    now, first = near + minutes * MINUTE, near + begins * MINUTE
    last = first + long * MINUTE
    seat = Seat(worker(office_hours("Europe/Berlin"), {"from": first.isoformat(), "to": last.isoformat()})).at_instant(
        now
    )
    assert (seat.why_not is None) is (works("Europe/Berlin", now) and not first <= now < last)
    at = now
    while not works("Europe/Berlin", at) or first <= at < last:
        at += MINUTE
    assert next_available_at([seat], now) == at


def test_somebody_without_hours_always_works() -> None:
    assert Seat(worker(None)).at_instant(datetime(2026, 12, 25, 3, 0, tzinfo=UTC)).why_not is None


def test_why_not_says_until_when() -> None:
    sunday = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    assert (
        Seat(worker(office_hours("Europe/Berlin"))).at_instant(sunday).why_not
        == "not at work until 2026-03-02T08:00:00+00:00"
    )


def test_an_absence_in_days_ends_at_midnight_where_the_rep_is_also_when_clocks_change() -> None:
    away = worker(office_hours("Europe/Berlin", sun=["00:00-24:00"]), {"from": "2026-03-27", "to": "2026-03-28"})
    seat = Seat(away).at_instant(datetime(2026, 3, 28, 12, 0, tzinfo=UTC))
    assert seat.why_not == "absent until 2026-03-28"
    assert next_available_at([seat], datetime(2026, 3, 28, 12, 0, tzinfo=UTC)) == datetime(
        2026, 3, 28, 23, 0, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("limits", "given_leads", "next_at"),
    [
        ({"per_day": 2}, 2, datetime(2026, 3, 3, tzinfo=UTC)),
        ({"per_week": 3}, 3, datetime(2026, 3, 9, tzinfo=UTC)),
        ({"per_day": 2, "per_week": 2}, 2, datetime(2026, 3, 9, tzinfo=UTC)),
        ({"open": 2}, 2, None),
        ({"per_day": 0}, 0, None),
        ({"per_week": 0}, 0, None),
    ],
)
def test_who_has_enough_can_again_when_the_day_the_week_or_somebody_says_so(
    limits: dict[str, Any], given_leads: int, next_at: datetime | None
) -> None:
    seat = Seat(rep("ada", **limits)).at_instant(MONDAY)
    for _ in range(given_leads):
        assert seat.why_not is None
        seat = seat.with_lead()
    assert seat.why_not is not None
    assert next_available_at([seat], MONDAY) == next_at
    if next_at is not None:
        assert seat.at_instant(next_at).why_not is None
        assert seat.at_instant(next_at - MINUTE).why_not is not None


def test_the_count_of_a_week_begins_anew_on_monday_where_the_rep_is() -> None:
    sunday_night = datetime(2026, 3, 8, 22, 59, tzinfo=UTC)
    seat = Seat(worker(Calendar(zone="Europe/Berlin", **dict.fromkeys(("sun", "mon"), ((0, 1440),))), per_week=1))
    seat = seat.at_instant(sunday_night).with_lead()
    assert seat.this_week == 1
    assert seat.at_instant(sunday_night + MINUTE).this_week == 0


def test_nobody_has_a_chance_who_is_paused_or_never_works_again() -> None:
    gone = Calendar.model_validate({"zone": "UTC", "mon": ["09:00-10:00"], "public_holidays": None})
    assert next_available_at([Seat(rep("a", status="paused")).at_instant(MONDAY)], MONDAY) is None
    never = Calendar.model_validate(
        {"zone": "UTC", "mon": ["09:00-10:00"], "special_days": {f"{year}-01-01": [] for year in range(2026, 2030)}}
    )
    assert next_available_at([Seat(worker(never)).at_instant(MONDAY)], MONDAY) == MONDAY
    assert next_available_at([Seat(worker(gone)).at_instant(MONDAY)], MONDAY) == MONDAY
    away = worker(None, {"from": "0001-01-01", "to": "9999-12-31"})
    assert next_available_at([Seat(away).at_instant(MONDAY)], MONDAY) is None
    lazy = Calendar.model_validate({"zone": "UTC", "mon": ["09:00-10:00"], "holidays": mondays(2026, 2040)})
    seat = Seat(worker(lazy)).at_instant(MONDAY)
    assert seat.why_not == "never works"
    assert next_available_at([seat], MONDAY) is None
    with pytest.raises(NeverDue):
        find_next_opening(MONDAY, lazy)


def mondays(first: int, last: int) -> list[str]:
    day, found = datetime(first, 1, 5, tzinfo=UTC), []
    while day.year <= last:
        found.append(day.date().isoformat())
        day += timedelta(days=7)
    return found


def test_a_reps_own_blocks_and_days_off_lie_on_top_of_the_teams_calendar() -> None:
    team = Team(role="bdr", zone="Europe/Berlin", works=office_hours("Europe/Berlin"))
    assert rep_calendar_of([], {}, team) is team.works
    moved = rep_calendar_of([], {"zone": "America/New_York"}, team)
    assert moved is not None
    assert moved.blocks_on(MONDAY.date()) == ((540, 750), (795, 1080))
    assert (moved.zone, moved.public_holidays) == ("America/New_York", "DE-BY")
    own = rep_calendar_of(
        [{"days": ["mon", "sat"], "from": "10:00", "to": "24:00"}], {"holidays": ["2026-03-07"]}, team
    )
    assert own is not None
    week = [own.blocks_on(MONDAY.date() + timedelta(days=day)) for day in range(7)]
    assert week == [((600, 1440),), (), (), (), (), (), ()]
    around = Team(role="bdr", works=Calendar.model_validate({"shifts": [{"zone": "UTC", "mon": ["00:00-01:00"]}]}))
    alone = rep_calendar_of([], {"holidays": ["2026-03-02"]}, around)
    assert alone is not None
    assert alone.blocks_on(MONDAY.date()) == ()
    assert alone.blocks_on(MONDAY.date() + timedelta(days=1)) == ((0, 1440),)


@pytest.mark.parametrize(
    "absence",
    [
        {"from": "2026-03-02", "to": "2026-03-03T10:00:00Z"},
        {"from": "2026-03-02T10:00:00Z", "to": "2026-03-02T09:00:00Z"},
        {"from": "2026-03-02T10:00:00", "to": "2026-03-02T11:00:00Z"},
        {"from": 20260302, "to": "2026-03-03"},
        {"from": "soon", "to": "later"},
    ],
)
def test_an_invalid_absence_is_refused(absence: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Absence.model_validate(absence)


def test_a_line_expires_after_elapsed_time_alone() -> None:
    with pytest.raises(ValidationError, match="elapsed"):
        Team(role="bdr", queue_expires="15b")
