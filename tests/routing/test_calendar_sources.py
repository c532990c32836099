"""A rep names the address of their own calendar; what blocks time there is an absence, and the rest nobody sees."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from events.leads import LeadAssigned
from events.reps import RepChanged
from events.runtime import Service, metrics
from events.runtime.logging import ALLOWED
from events.runtime.testing import START, ServiceHarness
from routing import domain, handlers, store
from routing.handlers import calendar_parsing, calendar_reading, calendar_requests
from routing.playbook import Absence
from routing.settings import RoutingSettings
from tests.routing.builders import DEFAULT, qualified, use
from tests.routing.calendar_host import ICAL, CalendarHost, hosting
from tests.routing.test_absence_calendar import calendar
from tests.routing.test_service import only, put

UTC_ZONE = ZoneInfo("UTC")
MINUTES = timedelta(minutes=15)
BUSY = calendar("DTSTART:20260302T090000Z DURATION:PT1H SUMMARY:Dentist ATTENDEE:mailto:bo@example.com")
LATER = calendar("DTSTART:20260302T140000Z DURATION:PT1H")


@pytest.fixture
async def host(tmp_path: Path) -> AsyncIterator[CalendarHost]:
    async with hosting(tmp_path) as listening:
        listening.answers = [(ICAL, BUSY)]
        yield listening


def settings_of(harness: ServiceHarness) -> RoutingSettings:
    return cast("RoutingSettings", harness.service.settings)


@pytest.fixture
async def inside(harness: ServiceHarness) -> ServiceHarness:
    """A service whose reps' calendars may lie on this machine, some time after its rules came into force."""
    await harness.advance(timedelta())
    harness.service.settings = settings_of(harness).model_copy(update={"calendar_hosts": "127.0.0.0/8"})
    return harness


async def name_address(harness: ServiceHarness, url: str, rep_id: str = "inbound-1") -> Any:
    answer = await harness.http.put(f"/v1/reps/{rep_id}/calendar-source", json={"url": url})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def read_due(harness: ServiceHarness, host: CalendarHost) -> int:
    service = cast("Service[RoutingSettings]", harness.service)
    async with calendar_requests.make_client(str(host.authority)) as client:
        return await handlers.read_due_calendars(service, client)


async def shown(harness: ServiceHarness, rep_id: str = "inbound-1") -> Any:
    items = (await harness.http.get("/v1/reps")).json()["items"]
    return next(item for item in items if item["rep_id"] == rep_id)


async def problem_after(harness: ServiceHarness, host: CalendarHost) -> str | None:
    """Read once more, and return what is wrong."""
    await harness.advance(timedelta(days=1))
    assert await read_due(harness, host) == 1
    found = (await shown(harness))["calendar"]
    assert (found["says"] is None) == (found["problem"] is None)
    return cast("str | None", found["problem"])


async def test_what_blocks_time_in_a_reps_own_calendar_is_an_absence(
    inside: ServiceHarness, host: CalendarHost
) -> None:
    """And nothing else of it is kept: no title, no people."""
    await only(inside, "inbound-1", absences=[{"from": "2026-05-01", "to": "2026-05-02"}])
    named = await name_address(inside, host.url)
    assert (named["calendar"]["host"], named["calendar"]["read_at"], named["able"]) == ("127.0.0.1", None, True)
    assert await read_due(inside, host) == 1
    after = await shown(inside)
    assert after["absences"] == [
        {"from": "2026-05-01", "to": "2026-05-02"},
        {"from": "2026-03-02T09:00:00Z", "to": "2026-03-02T10:00:00Z", "imported": True},
    ]
    assert (after["able"], after["calendar"]["read_at"]) == (False, START.isoformat())
    assert after["calendar"]["next_at"] == (START + MINUTES).isoformat()
    (request,) = host.asked
    assert request["request"] == "GET /private-0a1b2c/basic.ics HTTP/1.1"
    assert request["host"] == f"127.0.0.1:{host.port}"
    assert [away.begins_at for away in (await inside.emitted(RepChanged))[-1].absences][1:] == [START]
    await inside.deliver(qualified("ada"))
    assert await inside.emitted(LeadAssigned) == []
    tables = [dict(row) for row in await inside.raw.fetch("select * from reps")]
    assert "Dentist" not in str(tables)
    assert "bo@example.com" not in str(tables)


async def test_the_address_is_a_secret(inside: ServiceHarness, host: CalendarHost) -> None:
    """Not in an answer, an event, an action that is logged, or the database as it lies there."""
    await name_address(inside, host.url)
    await read_due(inside, host)
    host.answers = [("404 Not Found", b"")]
    await problem_after(inside, host)
    everything = [str((await inside.http.get(path)).json()) for path in ("/v1/reps", "/v1/audit-log")]
    for table in ("calendar_sources", "journal", "reps", "published_calendars"):
        everything += [str(dict(row)) for row in await inside.raw.fetch(f"select * from {table}")]  # noqa: S608
    for text in everything:
        assert "private-0a1b2c" not in text
    assert "url" not in ALLOWED
    assert "address" not in ALLOWED


async def test_it_is_read_again_and_only_as_far_as_it_changed(inside: ServiceHarness, host: CalendarHost) -> None:
    """304 where the host knows that it is as it was; as a whole once a day, since time passes in recurring events."""
    await name_address(inside, host.url)
    kept = f'{ICAL}\r\netag: W/"v1"\r\nlast-modified: Mon, 02 Mar 2026 08:00:00 GMT'
    host.answers = [(kept, BUSY), ("304 Not Modified", b""), (kept, LATER), ("304 Not Modified", b""), (kept, LATER)]
    assert await read_due(inside, host) == 1
    assert await read_due(inside, host) == 0
    await inside.advance(MINUTES)
    assert await read_due(inside, host) == 1
    assert host.asked[1]["if-none-match"] == 'W/"v1"'
    assert host.asked[1]["if-modified-since"] == "Mon, 02 Mar 2026 08:00:00 GMT"
    assert "if-none-match" not in host.asked[0]
    before = await shown(inside)
    assert (before["calendar"]["read_at"], before["able"]) == ((START + MINUTES).isoformat(), False)
    await inside.advance(MINUTES)
    await read_due(inside, host)
    assert [each["from"] for each in (await shown(inside))["absences"]] == ["2026-03-02T14:00:00Z"]
    await inside.advance(MINUTES)
    await read_due(inside, host)
    await inside.advance(timedelta(days=1))
    await read_due(inside, host)
    assert "if-none-match" not in host.asked[4]
    assert len(host.asked) == 5


async def test_a_meeting_that_ended_is_no_news(inside: ServiceHarness, host: CalendarHost) -> None:
    """Hours are published whole: a busy rep's would be, after each meeting."""
    daily = "DTSTART:20260302T{}0000Z DURATION:PT30M RRULE:FREQ=DAILY"
    host.answers = [(ICAL, calendar(daily.format(10), daily.format(15)))]
    await name_address(inside, host.url)
    await read_due(inside, host)
    for _ in range(4):
        await inside.advance(timedelta(hours=1))
        assert await read_due(inside, host) == 1
    assert len(await inside.emitted(RepChanged)) == 1
    await inside.advance(timedelta(days=1))
    await read_due(inside, host)
    assert len(await inside.emitted(RepChanged)) == 2


async def test_a_calendar_that_fails_keeps_what_is_known_and_is_tried_again_in_growing_pauses(
    inside: ServiceHarness, host: CalendarHost
) -> None:
    await name_address(inside, host.url)
    await read_due(inside, host)
    host.answers = [("503 Service Unavailable", b"")]
    await inside.advance(MINUTES)
    pauses = []
    for _ in range(7):
        assert await read_due(inside, host) == 1
        assert await read_due(inside, host) == 0
        failing = (await shown(inside))["calendar"]
        pause = datetime.fromisoformat(failing["next_at"]) - await inside.now
        pauses.append(pause / MINUTES)
        await inside.advance(pause)
    assert pauses == [2, 4, 8, 16, 24, 24, 24]
    assert (failing["read_at"], failing["problem"]) == (START.isoformat(), "host_failing")
    assert failing["failing_since"] == (START + MINUTES).isoformat()
    assert len((await shown(inside))["absences"]) == 1
    host.answers = [(ICAL, LATER)]
    await read_due(inside, host)
    mended = (await shown(inside))["calendar"]
    assert (mended["problem"], mended["says"], mended["failing_since"]) == (None, None, None)
    assert datetime.fromisoformat(mended["next_at"]) == await inside.now + MINUTES


@pytest.mark.parametrize(
    ("head", "body", "problem"),
    [
        ("401 Unauthorized", b"", "access_denied"),
        ("403 Forbidden", b"", "access_denied"),
        ("404 Not Found", b"", "calendar_gone"),
        ("410 Gone", b"", "calendar_gone"),
        ("304 Not Modified", b"", "host_failing"),
        ("500 Oops", b"", "host_failing"),
        ("299 Well", b"", "host_failing"),
        ("200 OK\r\ncontent-type: text/html", b"<html>Sign in</html>", "not_a_calendar"),
        (ICAL, b"", "not_a_calendar"),
        (f"{ICAL}\r\ncontent-encoding: gzip", BUSY, "not_a_calendar"),
        (ICAL, b"x" * (calendar_requests.MOST_BYTES + 1), "too_large"),
        (ICAL, calendar(*["DTSTART:20260303T090000Z RRULE:FREQ=DAILY"] * 201), "calendar_refused"),
        (ICAL, calendar("DTSTART:20260303T090000Z RRULE:FREQ=HOURLY"), "calendar_refused"),
        ("302 Found\r\nlocation: http://127.0.0.1/", b"", "redirect_refused"),
        ("302 Found\r\nlocation: ftp://127.0.0.1/", b"", "redirect_refused"),
        ("302 Found\r\nlocation: https://me:secret@127.0.0.1/", b"", "redirect_refused"),
        ("302 Found\r\nlocation: https://[::", b"", "host_unreachable"),
        ("302 Found\r\nlocation: https://10.0.0.1/", b"", "address_refused"),
        ("302 Found\r\nlocation: https://169.254.169.254/latest/meta-data", b"", "address_refused"),
        ("302 Found\r\nlocation: https://localhost.localdomain.invalid/", b"", "host_unreachable"),
        ("307 Temporary Redirect\r\nlocation: /again", b"", "too_many_redirects"),
        ("nonsense", b"", "host_unreachable"),
    ],
)
async def test_what_is_wrong_is_shown_in_a_sentence(
    inside: ServiceHarness, host: CalendarHost, head: str, body: bytes, problem: str
) -> None:
    await name_address(inside, host.url)
    host.answers = [(head, body)]
    assert await problem_after(inside, host) == problem
    assert (await shown(inside))["calendar"]["says"] == domain.PROBLEMS[problem]


async def test_a_redirect_is_followed_to_where_it_leads(inside: ServiceHarness, host: CalendarHost) -> None:
    await name_address(inside, host.url)
    host.answers = [("302 Found\r\nlocation: ../public.ics?a=b", b""), (ICAL, BUSY)]
    assert await problem_after(inside, host) is None
    assert [each["request"] for each in host.asked] == [
        "GET /private-0a1b2c/basic.ics HTTP/1.1",
        "GET /public.ics?a=b HTTP/1.1",
    ]


async def test_a_redirect_inside_is_not_followed(harness: ServiceHarness, host: CalendarHost) -> None:
    """The first host is allowed by its name; where it leads to is not."""
    harness.service.settings = settings_of(harness).model_copy(update={"calendar_hosts": "localhost"})
    await name_address(harness, f"https://localhost:{host.port}/mine.ics")
    host.answers = [(f"302 Found\r\nlocation: https://127.0.0.1:{host.port}/admin", b"")]
    assert await problem_after(harness, host) == "address_refused"
    assert len(host.asked) == 1


async def test_a_name_that_leads_inside_is_not_asked(harness: ServiceHarness, host: CalendarHost) -> None:
    await name_address(harness, f"https://localhost:{host.port}/mine.ics")
    assert await problem_after(harness, host) == "address_refused"
    assert host.asked == []


async def test_a_certificate_of_nobody_we_know_is_refused(inside: ServiceHarness, host: CalendarHost) -> None:
    await name_address(inside, host.url)
    async with calendar_requests.make_client(None) as client:
        await handlers.read_due_calendars(cast("Service[RoutingSettings]", inside.service), client)
    assert (await shown(inside))["calendar"]["problem"] == "certificate_invalid"
    assert host.asked == []


async def test_a_host_that_never_answers_is_waited_for_a_while(
    inside: ServiceHarness, host: CalendarHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calendar_requests, "SECONDS", 0.2)
    await name_address(inside, host.url)
    host.silent = True
    assert await problem_after(inside, host) == "too_slow"


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/mine.ics",
        "ftp://example.com/mine.ics",
        "https://127.0.0.1/mine.ics",
        "https://169.254.169.254/latest/meta-data",
        "https://[fd00:ec2::254]/",
        "https://[::ffff:10.0.0.1]/",
        "https://me:secret@example.com/mine.ics",
        "webcal://10.0.0.1/mine.ics",
        "mine.ics",
        "https:///mine.ics",
    ],
)
async def test_an_address_that_may_not_be_read_is_refused_when_it_is_named(harness: ServiceHarness, url: str) -> None:
    answer = await harness.http.put("/v1/reps/inbound-1/calendar-source", json={"url": url})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "url_refused"), answer.text
    assert "secret" not in answer.text


async def test_http_is_refused_inside_too(inside: ServiceHarness, host: CalendarHost) -> None:
    url = host.url.replace("https:", "http:")
    assert (await inside.http.put("/v1/reps/inbound-1/calendar-source", json={"url": url})).status_code == 422
    named = await name_address(inside, f" {host.url.replace('https:', 'WebCal:')} ")
    assert named["calendar"]["host"] == "127.0.0.1"
    assert await problem_after(inside, host) is None


async def test_an_address_that_changed_or_was_taken_back_meanwhile_counts_no_more(
    inside: ServiceHarness, host: CalendarHost
) -> None:
    await only(inside, "inbound-1", absences=[{"from": "2026-05-01", "to": "2026-05-02"}])
    await name_address(inside, host.url)
    service = cast("Service[RoutingSettings]", inside.service)
    host.silent = True
    async with calendar_requests.make_client(str(host.authority)) as client:
        reading = asyncio.create_task(handlers.read_due_calendars(service, client))
        await host.was_asked.wait()
        await name_address(inside, f"{host.url}?new")
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
    host.silent = False
    assert await read_due(inside, host) == 1
    assert host.asked[-1]["request"] == "GET /private-0a1b2c/basic.ics?new HTTP/1.1"
    assert len((await shown(inside))["absences"]) == 2
    gone = await inside.http.delete("/v1/reps/inbound-1/calendar-source")
    assert (gone.status_code, gone.json()["calendar"], len(gone.json()["absences"])) == (200, None, 1)
    assert (await inside.http.delete("/v1/reps/inbound-1/calendar-source")).status_code == 404
    assert await inside.raw.fetch("select from calendar_sources") == []


async def test_what_was_read_at_an_earlier_address_is_not_saved(inside: ServiceHarness, host: CalendarHost) -> None:
    """It was claimed before the rep named another."""
    await name_address(inside, host.url)
    async with inside.transaction() as tx:
        (claimed,) = await store.calendar_sources.claim_due_sources(tx, 10)
    await name_address(inside, f"{host.url}?new")
    async with inside.transaction() as tx:
        assert await store.calendar_sources.lock_source(tx, claimed) is None
    assert await read_due(inside, host) == 1


async def test_a_rep_who_left_is_read_no_more(inside: ServiceHarness, host: CalendarHost) -> None:
    """The address is erased with them."""
    await name_address(inside, host.url)
    await put(inside, "inbound-1", status="left")
    assert await inside.raw.fetch("select from calendar_sources") == []
    answer = await inside.http.put("/v1/reps/inbound-1/calendar-source", json={"url": host.url})
    assert answer.status_code == 409
    answer = await inside.http.put("/v1/reps/nobody/calendar-source", json={"url": host.url})
    assert answer.status_code == 404


async def test_a_file_is_not_taken_while_an_address_is_read(inside: ServiceHarness, host: CalendarHost) -> None:
    await name_address(inside, host.url)
    kind = {"Content-Type": "text/calendar"}
    refused = await inside.http.put("/v1/reps/inbound-1/calendar", content=LATER, headers=kind)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (409, "calendar_has_source")


async def test_absences_set_by_hand_leave_those_of_the_calendar(inside: ServiceHarness, host: CalendarHost) -> None:
    """Also where the host says from then on that nothing changed."""
    kept = f"{ICAL}\r\netag: v1"
    host.answers = [(kept, BUSY), ("304 Not Modified", b"")]
    await name_address(inside, host.url)
    await read_due(inside, host)
    (busy,) = (await shown(inside))["absences"]
    away = {"from": "2026-05-01", "to": "2026-05-02"}
    for by_hand, expected in (([away], [away, busy]), ([away, busy], [away, busy]), ([busy], [busy]), ([], [busy])):
        assert (await put(inside, "inbound-1", absences=by_hand))["absences"] == expected
    await inside.advance(MINUTES)
    assert await read_due(inside, host) == 1
    assert host.asked[1]["if-none-match"] == "v1"
    assert (await shown(inside))["absences"] == [busy]
    await inside.http.delete("/v1/reps/inbound-1/calendar-source")
    assert (await put(inside, "inbound-1", absences=[away]))["absences"] == [away]


FLOATING = calendar("DTSTART:20260304T090000 DURATION:PT1H")
"""At nine on the rep's wall clock, wherever they are."""


async def test_who_moves_to_another_zone_has_the_calendar_read_whole_again(
    inside: ServiceHarness, host: CalendarHost
) -> None:
    host.answers = [(f"{ICAL}\r\netag: v1", FLOATING)]
    await name_address(inside, host.url)
    await read_due(inside, host)
    before = (await shown(inside))["absences"]
    await put(inside, "inbound-1", works={"zone": "Asia/Tokyo"})
    assert await read_due(inside, host) == 1
    assert "if-none-match" not in host.asked[1]
    assert (
        (await shown(inside))["absences"]
        == [{"from": "2026-03-04T00:00:00Z", "to": "2026-03-04T01:00:00Z", "imported": True}]
        != before
    )
    await put(inside, "inbound-1", weight=2)
    assert await read_due(inside, host) == 0, "nothing that its times depend on"
    await put(inside, "inbound-1", team="ae")
    assert await read_due(inside, host) == 1


async def test_what_was_read_in_the_zone_before_is_not_saved(inside: ServiceHarness, host: CalendarHost) -> None:
    await name_address(inside, host.url)
    async with inside.transaction() as tx:
        (claimed,) = await store.calendar_sources.claim_due_sources(tx, 10)
    await put(inside, "inbound-1", works={"zone": "Asia/Tokyo"})
    async with inside.transaction() as tx:
        assert await store.calendar_sources.lock_source(tx, claimed) is None
    assert await read_due(inside, host) == 1


async def test_a_reader_that_was_overtaken_saves_nothing(inside: ServiceHarness, host: CalendarHost) -> None:
    """Its lease was over, and another read the calendar since."""
    await name_address(inside, host.url)
    async with inside.transaction() as tx:
        (first,) = await store.calendar_sources.claim_due_sources(tx, 10)
    await inside.raw.execute("update calendar_sources set claimed_until = clock_timestamp()")
    async with inside.transaction() as tx:
        (second,) = await store.calendar_sources.claim_due_sources(tx, 10)
        assert await store.calendar_sources.lock_source(tx, first) is None
        assert await store.calendar_sources.lock_source(tx, second) is not None


async def test_a_reader_renews_its_claims_before_each_calendar(inside: ServiceHarness, host: CalendarHost) -> None:
    """A round of ten that take a minute each was longer than the claim of the last; another reader read them too."""
    assert timedelta(seconds=calendar_requests.SECONDS + calendar_parsing.LONGEST_WAIT) < store.calendar_sources.LEASE
    for rep_id in ("inbound-1", "inbound-2"):
        await name_address(inside, host.url, rep_id)
    async with inside.transaction() as tx:
        claimed = await store.calendar_sources.claim_due_sources(tx, 10)
        claimed.sort(key=lambda source: source.rep_id)
    async with inside.transaction() as tx:
        renewed = await store.calendar_sources.renew_claims(tx, claimed)
        assert [each.rep_id for each in renewed] == [each.rep_id for each in claimed]
        assert all(new.claimed_until > old.claimed_until for new, old in zip(renewed, claimed, strict=True))
        assert await store.calendar_sources.lock_source(tx, claimed[0]) is None
        assert await store.calendar_sources.lock_source(tx, renewed[0]) is not None
    await name_address(inside, f"{host.url}?new", "inbound-1")
    async with inside.transaction() as tx:
        (left,) = await store.calendar_sources.renew_claims(tx, renewed)
    assert left.rep_id == "inbound-2"


def count_outcomes(outcome: str) -> float:
    return float(calendar_reading.READS.labels(outcome)._value.get())


@pytest.mark.parametrize("answer", [(ICAL, BUSY), ("404 Not Found", b"")])
async def test_what_is_outdated_when_it_was_read_is_counted(
    inside: ServiceHarness, host: CalendarHost, answer: tuple[str, bytes]
) -> None:
    await name_address(inside, host.url)
    host.answers, host.may_answer = [answer], asyncio.Event()
    before = count_outcomes("outdated")
    reading = asyncio.create_task(read_due(inside, host))
    await host.was_asked.wait()
    await name_address(inside, f"{host.url}?new")
    host.may_answer.set()
    assert await reading == 1
    assert count_outcomes("outdated") == before + 1
    assert (await shown(inside))["absences"] == []


REFUSE = """
create function refuse() returns trigger language plpgsql as $$ begin raise 'refused'; end $$;
create trigger refuse before {what} on {table} for each row when ({when}) execute function refuse();
"""


async def test_a_calendar_that_cannot_be_saved_leaves_the_others_alone_and_waits(
    inside: ServiceHarness, host: CalendarHost
) -> None:
    """It ended the round, and its claim the others' too: nobody's calendar was read any more."""
    for rep_id in ("inbound-1", "inbound-2", "inbound-3"):
        await name_address(inside, host.url, rep_id)
    when = "new.rep_id = 'inbound-2'"
    await inside.raw.execute(REFUSE.format(what="insert or update", table="reps", when=when))
    before = float(metrics.TASK_FAILURES.labels("calendars")._value.get())
    assert await read_due(inside, host) == 3
    found = [await shown(inside, rep_id) for rep_id in ("inbound-1", "inbound-2", "inbound-3")]
    assert [each["calendar"]["problem"] for each in found] == [None, "reading_failed", None]
    assert [len(each["absences"]) for each in found] == [1, 0, 1]
    assert metrics.TASK_FAILURES.labels("calendars")._value.get() == before + 1
    await inside.advance(MINUTES)
    assert await read_due(inside, host) == 2


async def test_where_nothing_can_be_saved_of_a_calendar_the_others_are(
    inside: ServiceHarness, host: CalendarHost
) -> None:
    for rep_id in ("inbound-1", "inbound-2"):
        await name_address(inside, host.url, rep_id)
    when = "new.rep_id = 'inbound-1' and new.claimed_until is null"
    await inside.raw.execute(REFUSE.format(what="update", table="calendar_sources", when=when))
    assert await read_due(inside, host) == 2
    found = [(await shown(inside, rep_id))["calendar"]["read_at"] for rep_id in ("inbound-1", "inbound-2")]
    assert found == [None, START.isoformat()]


async def test_rules_in_force_have_each_calendar_read_whole_the_next_time(
    inside: ServiceHarness, host: CalendarHost
) -> None:
    """A team's zone is one of them."""
    host.answers = [(f"{ICAL}\r\netag: v1", FLOATING)]
    await name_address(inside, host.url)
    await read_due(inside, host)
    teams = {**DEFAULT["teams"], "inbound": {**DEFAULT["teams"]["inbound"], "zone": "Asia/Tokyo"}}
    await use(inside, teams=teams)
    await inside.advance(MINUTES)
    assert await read_due(inside, host) == 1
    assert "if-none-match" not in host.asked[1]
    assert [each["from"] for each in (await shown(inside))["absences"]] == ["2026-03-04T00:00:00Z"]


async def test_another_installations_secret_reads_nothing(inside: ServiceHarness, host: CalendarHost) -> None:
    await name_address(inside, host.url)
    inside.service.settings = settings_of(inside).model_copy(update={"secret": SecretStr("of another installation")})
    assert await problem_after(inside, host) == "address_unreadable"
    assert host.asked == []


async def test_a_reader_that_died_is_followed_by_another(inside: ServiceHarness, host: CalendarHost) -> None:
    await name_address(inside, host.url)
    async with inside.transaction() as tx:
        assert len(await store.calendar_sources.claim_due_sources(tx, 10)) == 1
    assert await read_due(inside, host) == 0
    await inside.raw.execute("update calendar_sources set claimed_until = clock_timestamp()")
    assert await read_due(inside, host) == 1


async def test_the_slot_that_mias_own_calendar_blocks_is_offered_to_nobody(
    inside: ServiceHarness, host: CalendarHost
) -> None:
    """Nor can it be booked, until her calendar has it free again."""
    for item in (await inside.http.get("/v1/reps")).json()["items"]:
        await put(inside, item["rep_id"], status="paused")
    await put(inside, "mia", team="ae")
    wanted = {"queue": "booked", "since": "2026-03-02T14:00:00Z", "until": "2026-03-02T15:00:00Z"}

    async def free() -> list[tuple[str, list[str]]]:
        items = (await inside.http.get("/v1/slots", params=wanted)).json()["items"]
        return [(item["starts_at"], item["rep_ids"]) for item in items]

    before = await free()
    assert before
    host.answers = [(ICAL, LATER)]
    await name_address(inside, host.url, "mia")
    await read_due(inside, host)
    assert await free() == []
    host.answers = [(ICAL, calendar())]
    await inside.advance(MINUTES)
    await read_due(inside, host)
    assert await free() == before


def test_a_network_that_is_none_is_refused_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BATON_CALENDAR_HOSTS", "10.1.0.0/33")
    with pytest.raises(ValueError, match="calendar_hosts"):
        RoutingSettings()


def test_the_pauses_never_exceed_the_longest_or_the_usual() -> None:
    for every in (timedelta(minutes=1), MINUTES, timedelta(days=1)):
        waits = [domain.next_read_at(START, every, failures) - START for failures in range(40)]
        assert waits == sorted(waits)
        assert waits[0] == every
        assert waits[-1] == max(every, timedelta(hours=6))


hours = st.integers(-48, 24 * 40).map(lambda nth: START + timedelta(hours=nth))


@st.composite
def absences(draw: st.DrawFn) -> list[Absence]:
    found = [Absence(first=at, last=at + timedelta(minutes=30), imported=True) for at in draw(st.sets(hours))]
    return sorted(found, key=lambda absence: absence.ends_at(UTC_ZONE))


@given(absences(), absences(), hours)
def test_a_difference_within_what_was_known_is_always_news(
    before: list[Absence], found: list[Absence], covered: datetime
) -> None:
    """And the calendar that is as it was, but for what ended, is never."""
    until = covered + timedelta(hours=1)
    known = [absence for absence in before if absence.first < covered]
    ahead = [absence for absence in known if absence.ends_at(UTC_ZONE) > START]
    assert not domain.brings_news(known, (covered, until), ahead, START, UTC_ZONE)
    now_found = [absence for absence in found if absence.ends_at(UTC_ZONE) > START]
    differs = set(ahead) != {absence for absence in now_found if absence.first < covered}
    assert domain.brings_news(known, (covered, until), now_found, START, UTC_ZONE) == differs
    assert domain.brings_news(known, (None, until), ahead, START, UTC_ZONE)


def test_all_of_a_calendar_is_known_up_to_its_last_hour_where_it_is_cut() -> None:
    until = START + timedelta(days=366)
    few = [Absence(first=START, last=START + timedelta(hours=1), imported=True)]
    days = [Absence(first=date(2027, 1, 4), last=date(2027, 1, 8), imported=True)]
    many = [
        Absence(first=START + timedelta(hours=nth), last=START + timedelta(hours=nth, minutes=30), imported=True)
        for nth in range(199)
    ]
    assert domain.covered_until(few, until, UTC_ZONE) == until
    assert domain.covered_until([*many, *days], until, UTC_ZONE) == many[-1].last
    assert domain.covered_until(days * 200, until, UTC_ZONE) == until


def test_a_meeting_that_ended_before_the_next_one_is_no_news() -> None:
    """Back to back they are one absence, which begins later than it did; nor is one more, out of sight until now."""
    until = START + timedelta(days=366)
    whole = Absence(first=START, last=until, imported=True)
    now = START + timedelta(hours=1)
    rest = Absence(first=now, last=until + timedelta(hours=1), imported=True)
    assert not domain.brings_news([whole], (until, until + timedelta(hours=1)), [rest], now, UTC_ZONE)
    gap = Absence(first=now + timedelta(hours=1), last=until, imported=True)
    assert domain.brings_news([whole], (until, until), [gap], now, UTC_ZONE)
