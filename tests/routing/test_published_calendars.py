"""When reps work is published whole, once a change, wherever the change came from."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from events.business_time import Calendar
from events.reps import RepChanged
from events.runtime.testing import START, ServiceHarness
from routing.domain import Rep, changed_calendar_events
from routing.playbook import Absence
from tests.routing.builders import DEFAULT, MONDAY, use

NEW_YORK = {"zone": "America/New_York", "mon": ["09:00-12:00", "13:00-17:00"], "public_holidays": "US"}


def rep(works: Any = None, *absences: tuple[Any, Any]) -> Rep:
    return Rep(
        "ada",
        "inbound",
        "bdr",
        absences=tuple(Absence.model_validate({"from": first, "to": last}) for first, last in absences),
        works=Calendar.model_validate(works) if works else None,
        team_zone="Europe/Berlin",
    )


def published(each: Rep) -> RepChanged:
    (event,) = changed_calendar_events([each], {}, MONDAY)
    return event


def test_a_rep_without_hours_and_absences_is_no_news() -> None:
    assert changed_calendar_events([rep()], {}, MONDAY) == []


def test_hours_travel_as_the_calendar_has_them() -> None:
    special = {"half_days": {"12-24": ["09:00-12:00"]}, "special_days": {"2026-09-19": []}, "holidays": ["2026-07-03"]}
    (hours,) = published(rep(NEW_YORK | special)).hours
    assert (hours.zone, hours.mon, hours.tue) == ("America/New_York", ["09:00-12:00", "13:00-17:00"], [])
    assert (hours.holidays, hours.public_holidays) == ([date(2026, 7, 3)], "US")
    assert (hours.half_days, hours.special_days) == ({"12-24": ["09:00-12:00"]}, {"2026-09-19": []})
    shifts = {"shifts": [NEW_YORK, {"shifts": [{"zone": "Asia/Tokyo", "sat": ["00:00-24:00"]}]}]}
    assert [shift.zone for shift in published(rep(shifts)).hours] == ["America/New_York", "Asia/Tokyo"]


@pytest.mark.parametrize(
    ("absence", "begins_at", "ends_at"),
    [
        (("2026-03-04", "2026-03-05"), datetime(2026, 3, 3, 23, tzinfo=UTC), datetime(2026, 3, 5, 23, tzinfo=UTC)),
        (
            ("2026-03-04T10:00:00+01:00", "2026-03-04T12:00:00Z"),
            datetime(2026, 3, 4, 9, tzinfo=UTC),
            datetime(2026, 3, 4, 12, tzinfo=UTC),
        ),
        (("2026-03-04", "9999-12-31"), datetime(2026, 3, 3, 23, tzinfo=UTC), None),
        (("0001-01-01", "2199-12-30"), datetime(1900, 1, 2, tzinfo=UTC), datetime(2199, 12, 30, 23, tzinfo=UTC)),
        (("1900-01-01", "2026-03-04"), datetime(1900, 1, 1, tzinfo=UTC), datetime(2026, 3, 4, 23, tzinfo=UTC)),
    ],
)
def test_absences_travel_as_instants(absence: Any, begins_at: datetime, ends_at: datetime | None) -> None:
    """Days begin and end where the rep is; none lies outside the years of events."""
    (away,) = published(rep(None, absence)).absences
    assert (away.begins_at, away.ends_at) == (begins_at, ends_at)
    assert RepChanged.decode(published(rep(None, absence)).encode()) == published(rep(None, absence))


def test_an_absence_outside_the_years_of_events_is_left_out() -> None:
    outside = rep(None, ("0001-01-01", "1850-01-01"), ("2300-01-01", "2300-01-02"), ("2026-03-04", "2026-03-04"))
    assert len(published(outside).absences) == 1


def test_only_what_changed_is_published_again() -> None:
    known = {"ada": RepChanged.decode(published(rep(NEW_YORK)).encode())}
    assert changed_calendar_events([rep(NEW_YORK)], known, MONDAY + timedelta(days=1)) == []
    (again,) = changed_calendar_events([rep()], known, MONDAY + timedelta(days=1))
    assert (again.revision, again.hours, again.occurred_at) == (2, [], MONDAY + timedelta(days=1))


async def put(harness: ServiceHarness, **fields: Any) -> None:
    answer = await harness.http.put("/v1/reps/kim", json=fields)
    assert answer.status_code == 200, answer.text


async def test_what_is_put_is_published_in_the_same_transaction_and_once(harness: ServiceHarness) -> None:
    blocks = [{"days": ["mon", "tue"], "from": "09:00", "to": "17:00"}]
    await put(harness, team="inbound", hours=blocks, works={"zone": "America/New_York"})
    await put(harness, hours=blocks, weight=2.0)
    await put(harness, absences=[{"from": "2026-03-09", "to": "2026-03-13"}])
    first, second = await harness.emitted(RepChanged)
    assert (first.rep_id, first.revision, first.occurred_at) == ("kim", 1, START)
    assert (first.hours[0].zone, first.hours[0].tue, first.absences) == ("America/New_York", ["09:00-17:00"], [])
    assert (second.revision, second.hours, len(second.absences)) == (2, first.hours, 1)
    assert await harness.service.audit_now() == []


async def test_a_calendar_file_is_published_as_absences(harness: ServiceHarness) -> None:
    await put(harness, team="inbound")
    text = (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260301T000000Z\r\n"
        "DTSTART;VALUE=DATE:20260309\r\nDTEND;VALUE=DATE:20260311\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    answer = await harness.http.put("/v1/reps/kim/calendar", content=text, headers={"content-type": "text/calendar"})
    assert answer.status_code == 200, answer.text
    (event,) = await harness.emitted(RepChanged)
    assert [away.ends_at for away in event.absences] == [datetime(2026, 3, 11, tzinfo=UTC)]


async def test_a_playbook_that_is_put_in_force_publishes_what_it_changes(harness: ServiceHarness) -> None:
    roster = DEFAULT["reps"] | {"inbound-1": {"team": "inbound", "works": NEW_YORK}}
    await use(harness, reps=roster)
    await harness.advance(timedelta(seconds=1))
    (event,) = await harness.emitted(RepChanged)
    assert (event.rep_id, event.hours[0].zone) == ("inbound-1", "America/New_York")
    await use(harness, reps=roster, suggested_content=2)
    await harness.advance(timedelta(seconds=1))
    assert len(await harness.emitted(RepChanged)) == 1
    await use(harness)
    await harness.advance(timedelta(seconds=1))
    assert [event.hours for event in await harness.emitted(RepChanged)][1:] == [[]]
