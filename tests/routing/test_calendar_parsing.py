"""A stranger's calendar is parsed in a process of its own: whatever it costs, no lead waits for it (R10)."""

import asyncio
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
import structlog

from events.runtime import metrics
from events.runtime.deadlines import lengthen_deadlines
from events.runtime.problems import RETRY_LATER, Problem
from events.runtime.testing import ServiceHarness
from routing.domain import parse_absences
from routing.domain.calendar_process import (
    Bounds,
    CalendarFile,
    RefusedFile,
    answer_requests,
    read_answer,
    write_request,
)
from routing.handlers import calendar_parsing
from routing.handlers.calendar_parsing import BOUNDS, CalendarParser, parse_uploaded_file
from routing.handlers.calendar_requests import MOST_BYTES
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


MEGABYTE = 1024 * 1024
HUGE = calendar(*["DTSTART:20260303T090000Z" + " A:" * 50] * 3_000)
"""Less than a megabyte, and seventy of memory."""
STUMBLE = calendar("DTSTART:20260303T090000Z EXDATE:PT1H SUMMARY:Dentist")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file may take a small part of what `ENDLESS` does."""
    monkeypatch.setattr(calendar_parsing, "BOUNDS", BOUNDS._replace(seconds=0.02))


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file may take little more memory than the process itself."""
    monkeypatch.setattr(calendar_parsing, "BOUNDS", BOUNDS._replace(memory=80 * MEGABYTE))


def count_failures() -> float:
    return float(metrics.TASK_FAILURES.labels("calendars")._value.get())


def answers_to(*texts: bytes, bounds: Bounds = Bounds(60, 1 << 40)) -> list[object]:  # noqa: B008 - a tuple
    answers = BytesIO()
    answer_requests(BytesIO(b"".join(write_request(file_of(text), bounds) for text in texts)), answers)
    return [read_answer(line) for line in answers.getvalue().splitlines()]


def test_the_process_answers_each_request() -> None:
    assert answers_to(MEETING, b"hello", TOO_MUCH, calendar("DTSTART:soon"), calendar()) == [
        parse_absences(MEETING, BERLIN, MONDAY, NEXT_YEAR),
        RefusedFile("not_a_calendar"),
        RefusedFile("calendar_refused"),
        RefusedFile("calendar_not_understood"),
        (),
    ]


def test_the_process_says_where_it_stumbled_and_nothing_of_the_file() -> None:
    (found,) = answers_to(STUMBLE)
    assert isinstance(found, RefusedFile)
    assert (found.reason, (found.error or "")[:13]) == ("calendar_not_understood", "TypeError at ")
    assert "_to_wall_clock:" in (found.error or "")


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="this system does not bound a process's memory")
def test_the_process_has_no_more_memory_than_the_request_gives_it() -> None:
    """Here it is one allocation that fails, of a size that nothing else of this process's asks for."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    bounds = Bounds(60, pages * 4096 + 32 * MEGABYTE)
    assert answers_to(b"x" * 64 * MEGABYTE, MEETING, bounds=bounds) == [
        RefusedFile("calendar_too_complex"),
        parse_absences(MEETING, BERLIN, MONDAY, NEXT_YEAR),
    ]


async def problem_of(parser: CalendarParser, text: bytes) -> str:
    with pytest.raises(CalendarUnreadable) as caught:
        await parser.parse(file_of(text))
    return caught.value.problem


async def test_one_process_parses_one_file_after_another(parser: CalendarParser) -> None:
    for _ in range(2):
        assert await parser.parse(file_of(MEETING)) == parse_absences(MEETING, BERLIN, MONDAY, NEXT_YEAR)
        assert await problem_of(parser, b"") == "not_a_calendar"
        assert await problem_of(parser, TOO_MUCH) == "calendar_refused"


@pytest.mark.usefixtures("impatient")
async def test_a_file_that_takes_too_long_ends_its_process_and_the_next_one_is_parsed(
    parser: CalendarParser, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = count_failures()
    assert await problem_of(parser, ENDLESS) == "takes_too_long"
    monkeypatch.undo()
    assert len(await parser.parse(file_of(MEETING))) == 2
    assert count_failures() == before, "it is the file's fault"


@pytest.mark.usefixtures("narrow")
async def test_a_file_that_takes_too_much_memory_is_refused_and_the_next_one_is_parsed(parser: CalendarParser) -> None:
    assert await problem_of(parser, HUGE) == "calendar_too_complex"
    assert len(await parser.parse(file_of(MEETING))) == 2


async def test_a_calendar_of_the_largest_size_fits_into_the_memory(
    parser: CalendarParser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twelve thousand meetings ahead, as Google writes them; a quarter of them here, within that of the memory."""
    own = 60 * MEGABYTE
    monkeypatch.setattr(calendar_parsing, "BOUNDS", Bounds(600, own + (BOUNDS.memory - own) // 4))
    monkeypatch.setattr(calendar_parsing, "LONGEST_WAIT", 600.0)
    further = "CREATED:20260101T000000Z LAST-MODIFIED:20260101T000000Z SEQUENCE:0 STATUS:CONFIRMED TRANSP:OPAQUE"
    meetings = [
        f"DTSTART;TZID=Europe/Berlin:{MONDAY + timedelta(hours=nth):%Y%m%dT%H%M%S} DURATION:PT30M {further}"
        f" UID:{nth:040}@google.com SUMMARY:{'x' * 60}"
        for nth in range(3_000)
    ]
    text = calendar(*meetings)
    assert 0.9 * MOST_BYTES < len(text) * 4 <= MOST_BYTES
    assert len(await parser.parse(file_of(text))) == 200


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [("LONGEST_WAIT", 0.0, "takes_too_long"), ("LONGEST_ANSWER", 10, "reading_failed")],
)
async def test_a_process_that_does_not_answer_as_it_should_is_ended_and_counted(
    parser: CalendarParser, monkeypatch: pytest.MonkeyPatch, name: str, value: float, problem: str
) -> None:
    """Such as one that has no processor."""
    before = count_failures()
    monkeypatch.setattr(calendar_parsing, name, value)
    with structlog.testing.capture_logs() as lines:
        assert await problem_of(parser, MEETING) == problem
    assert [line["event"] for line in lines] == ["calendar_parser_failed"]
    assert count_failures() == before + 1
    monkeypatch.undo()
    assert len(await parser.parse(file_of(MEETING))) == 2


@pytest.mark.parametrize("program", ["/nowhere/python", "/bin/false", "/bin/echo"])
async def test_a_process_that_does_not_start_is_the_services_own_failure(
    parser: CalendarParser, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    before = count_failures()
    monkeypatch.setattr(sys, "executable", program)
    assert await problem_of(parser, MEETING) == "reading_failed"
    assert count_failures() == before + 1


async def test_where_the_code_stumbles_over_a_file_is_logged_without_the_file(parser: CalendarParser) -> None:
    before = count_failures()
    with structlog.testing.capture_logs() as lines:
        assert await problem_of(parser, STUMBLE) == "calendar_not_understood"
    assert [(line["event"], line["reason"]) for line in lines] == [
        ("calendar_parser_stumbled", "calendar_not_understood")
    ]
    assert "Dentist" not in str(lines)
    assert count_failures() == before + 1


async def test_a_calendar_that_takes_too_long_keeps_what_is_known_and_is_tried_again_later(
    inside: ServiceHarness, host: CalendarHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    host.answers = [(ICAL, MEETING)]
    await name_address(inside, host.url)
    await read_due(inside, host)
    monkeypatch.setattr(calendar_parsing, "BOUNDS", BOUNDS._replace(seconds=0.02))
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


@pytest.mark.usefixtures("narrow")
async def test_a_calendar_that_takes_too_much_memory_leaves_the_others_alone(
    inside: ServiceHarness, host: CalendarHost
) -> None:
    host.answers = [(ICAL, HUGE), (ICAL, MEETING)]
    await name_address(inside, host.url, "inbound-1")
    await name_address(inside, host.url, "inbound-2")
    assert await read_due(inside, host) == 2
    found = [(await shown(inside, rep_id))["calendar"]["problem"] for rep_id in ("inbound-1", "inbound-2")]
    assert sorted(found, key=str) == [None, "calendar_too_complex"]


async def send(harness: ServiceHarness, text: bytes) -> tuple[int, str]:
    kind = {"Content-Type": "text/calendar"}
    answer = await harness.http.put("/v1/reps/inbound-1/calendar", content=text, headers=kind)
    return answer.status_code, answer.json()["errors"][0]["code"]


@pytest.mark.usefixtures("impatient")
async def test_a_file_that_somebody_sends_is_refused_where_it_takes_too_long(harness: ServiceHarness) -> None:
    assert await send(harness, ENDLESS) == (422, "calendar_takes_too_long")


async def test_a_file_that_somebody_sends_is_refused_where_it_takes_too_much_memory(
    harness: ServiceHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calendar_parsing, "BOUNDS", BOUNDS._replace(memory=MEGABYTE))  # it has more already
    assert await send(harness, calendar(*["DTSTART:20260303T090000Z" + " A:" * 50] * 200)) == (
        422, "calendar_too_complex",
    )  # fmt: skip


async def test_a_file_that_somebody_sends_is_refused_where_it_is_not_understood(harness: ServiceHarness) -> None:
    assert await send(harness, STUMBLE) == (422, "calendar_invalid")


async def test_a_file_is_to_be_sent_again_where_the_service_failed(
    harness: ServiceHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    assert await send(harness, MEETING) == (503, "unavailable")


async def test_whoever_sends_a_file_waits_for_their_turn_no_longer_than_for_any_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two files that take their five seconds kept each further one waiting, however many there were."""
    turns = asyncio.Semaphore(1)
    monkeypatch.setattr(calendar_parsing, "UPLOADS", turns)
    shed = metrics.SHED._value.get()
    with lengthen_deadlines(0.0):
        async with turns:
            with pytest.raises(Problem) as caught:
                await parse_uploaded_file(file_of(MEETING))
        assert (caught.value.status, caught.value.code, caught.value.headers) == (503, "overloaded", RETRY_LATER)
        assert metrics.SHED._value.get() == shed + 1
        for _ in range(2):
            with pytest.raises(CalendarUnreadable):
                await parse_uploaded_file(file_of(b""))
        assert len(await parse_uploaded_file(file_of(MEETING))) == 2
