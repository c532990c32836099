"""A stranger's calendar is parsed in a process of its own: whatever it costs, no lead waits for it (R10)."""

from collections.abc import AsyncIterator
from datetime import timedelta
from io import BytesIO

import pytest

from events.runtime.testing import ServiceHarness
from routing.domain import parse_absences
from routing.domain.calendar_process import CalendarFile, answer_requests, read_answer, write_request
from routing.handlers import calendar_parsing
from routing.handlers.calendar_parsing import CalendarParser
from routing.handlers.errors import CalendarUnreadable
from tests.routing.builders import MONDAY
from tests.routing.calendar_host import ICAL, CalendarHost
from tests.routing.test_absence_calendar import BERLIN, NEXT_YEAR, calendar
from tests.routing.test_calendar_sources import MINUTES, host, inside, name_address, problem_after, read_due, shown

__all__ = ["host", "inside"]

MEETING = calendar("DTSTART:20260303T090000Z DURATION:PT1H", "DTSTART;VALUE=DATE:20260406")
ENDLESS = calendar(*["DTSTART:20260303T090000Z DURATION:PT1H"] * 500)
TOO_MUCH = calendar("DTSTART:20260303T090000Z RRULE:FREQ=HOURLY")


def file_of(text: bytes) -> CalendarFile:
    return CalendarFile(text, BERLIN, MONDAY, NEXT_YEAR)


@pytest.fixture
async def parser() -> AsyncIterator[CalendarParser]:
    async with CalendarParser() as started:
        yield started


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file may take a small part of what `ENDLESS` does."""
    monkeypatch.setattr(calendar_parsing, "SECONDS", 0.02)


def test_the_process_answers_each_request() -> None:
    requests = [write_request(file_of(text), 60) for text in (MEETING, b"hello", TOO_MUCH, calendar())]
    answers = BytesIO()
    answer_requests(BytesIO(b"".join(requests)), answers)
    assert [read_answer(line) for line in answers.getvalue().splitlines()] == [
        parse_absences(MEETING, BERLIN, MONDAY, NEXT_YEAR),
        "not_a_calendar",
        "calendar_refused",
        (),
    ]


async def test_one_process_parses_one_file_after_another(parser: CalendarParser) -> None:
    for _ in range(2):
        assert await parser.parse(file_of(MEETING)) == parse_absences(MEETING, BERLIN, MONDAY, NEXT_YEAR)
        assert await parser.parse(file_of(b"")) == "not_a_calendar"
        assert await parser.parse(file_of(TOO_MUCH)) == "calendar_refused"


@pytest.mark.usefixtures("impatient")
async def test_a_file_that_takes_too_long_ends_its_process_and_the_next_one_is_parsed(
    parser: CalendarParser, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CalendarUnreadable) as caught:
        await parser.parse(file_of(ENDLESS))
    assert caught.value.problem == "takes_too_long"
    monkeypatch.undo()
    assert len(await parser.parse(file_of(MEETING))) == 2


async def test_a_process_that_does_not_answer_at_all_is_ended(
    parser: CalendarParser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as one that has no processor."""
    monkeypatch.setattr(calendar_parsing, "LONGEST_WAIT", 0.0)
    with pytest.raises(CalendarUnreadable):
        await parser.parse(file_of(MEETING))
    monkeypatch.undo()
    assert len(await parser.parse(file_of(MEETING))) == 2


async def test_a_calendar_that_takes_too_long_keeps_what_is_known_and_is_tried_again_later(
    inside: ServiceHarness, host: CalendarHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    host.answers = [(ICAL, MEETING)]
    await name_address(inside, host.url)
    await read_due(inside, host)
    monkeypatch.setattr(calendar_parsing, "SECONDS", 0.02)
    host.answers = [(ICAL, ENDLESS)]
    assert await problem_after(inside, host) == "takes_too_long"
    assert len((await shown(inside))["absences"]) == 2
    await inside.advance(MINUTES)
    assert await read_due(inside, host) == 0
    await inside.advance(timedelta(hours=1))
    monkeypatch.undo()
    host.answers = [(ICAL, MEETING)]
    assert await read_due(inside, host) == 1
    assert (await shown(inside))["calendar"]["problem"] is None


@pytest.mark.usefixtures("impatient")
async def test_a_file_that_somebody_sends_is_refused_where_it_takes_too_long(harness: ServiceHarness) -> None:
    kind = {"Content-Type": "text/calendar"}
    answer = await harness.http.put("/v1/reps/inbound-1/calendar", content=ENDLESS, headers=kind)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "calendar_takes_too_long")
