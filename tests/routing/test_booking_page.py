"""A visitor chooses a slot on the booking page, and the calendar of the rep shows it under its secret address."""

import re
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from icalendar import Calendar

from events.leads import LeadAssigned
from events.runtime.testing import ServiceHarness
from events.runtime.visitor_tickets import write_ticket
from tests.routing.builders import contact, qualified, recycled
from tests.routing.test_service import assert_sound, put

PAGE = {"Accept": "text/html"}
EVENT_QUALIFIED: dict[str, Any] = {"lead_type": "event_qualified", "outcome": "mql"}


@pytest.fixture
async def tuesday_hour(harness: ServiceHarness) -> ServiceHarness:
    """Only one AE works, and on Tuesday from ten to eleven: two slots."""
    for ae in ("ae-2", "ae-3"):
        await put(harness, ae, status="paused")
    await put(harness, "ae-1", hours=[{"days": ["tue"], "from": "10:00", "to": "11:00"}])
    return harness


def page_of(harness: ServiceHarness, name: str, at: datetime | None = None) -> str:
    secret = harness.service.settings.secret.get_secret_value().encode()
    return f"/book/{write_ticket(secret, 'booking', contact(name), at or datetime.now(UTC))}"


async def slots_on(harness: ServiceHarness, page: str, **asked: str) -> list[str]:
    shown = await harness.http.get(page, params=asked)
    assert shown.status_code == 200, shown.text
    return re.findall(r'name="starts_at" value="([^"]+)"', shown.text)


async def picks(harness: ServiceHarness, page: str, at: str, **filled: str) -> httpx.Response:
    return await harness.http.post(page, data={"starts_at": at, **filled}, headers=PAGE)


async def events_in(harness: ServiceHarness, path: str) -> list[Any]:
    answer = await harness.http.get(path)
    assert answer.status_code == 200, answer.text
    return Calendar.from_ical(answer.content).walk("VEVENT")


async def test_two_visitors_who_see_one_slot_get_one_booking(tuesday_hour: ServiceHarness) -> None:
    """Both see the same two times; the second is told at once, and takes the other; the rep's calendar shows both."""
    harness = tuesday_hour
    await harness.deliver(qualified("ada", **EVENT_QUALIFIED), qualified("bob", **EVENT_QUALIFIED))
    ada, bob = page_of(harness, "ada"), page_of(harness, "bob")
    first, second = await slots_on(harness, ada)
    assert await slots_on(harness, bob) == [first, second]
    booked = await picks(harness, ada, first, zone="Europe/Berlin", language="de")
    assert booked.status_code == 303
    shown = await harness.http.get(booked.headers["location"])
    assert "Dienstag, 3. März 2026, 11:00" in shown.text
    refused = await picks(harness, bob, first)
    assert refused.status_code == 409
    assert "this time is taken" in refused.text
    assert await slots_on(harness, bob) == [second]
    assert (await picks(harness, bob, second)).status_code == 303
    booked_at = {
        event.contact_id: event.meeting_at
        for event in await harness.emitted(LeadAssigned)
        if event.reason == "slot_booked"
    }
    assert booked_at == {
        contact("ada"): datetime.fromisoformat(first),
        contact("bob"): datetime.fromisoformat(second),
    }
    link = (await harness.http.post("/v1/reps/ae-1/calendar-link")).json()["url"]
    times = [event.decoded("DTSTART") for event in await events_in(harness, httpx.URL(link).path)]
    assert times == [datetime.fromisoformat(first), datetime.fromisoformat(second)]
    await assert_sound(harness)


async def test_a_visitor_moves_the_meeting_and_takes_the_invitation(tuesday_hour: ServiceHarness) -> None:
    harness = tuesday_hour
    await harness.deliver(qualified("ada", company="Example Ltd", **EVENT_QUALIFIED))
    ada = page_of(harness, "ada")
    first, second = await slots_on(harness, ada)
    assert (await harness.http.get(f"{ada}/invitation.ics")).status_code == 404
    for at in (first, first, second):
        assert (await picks(harness, ada, at)).status_code == 303
    assert await slots_on(harness, ada) == []
    assert await slots_on(harness, ada, change="yes") == [first, second]
    (event,) = await events_in(harness, f"{ada}/invitation.ics")
    assert event.decoded("DTSTART") == datetime.fromisoformat(second)
    placements = [each.placement for each in await harness.emitted(LeadAssigned)]
    assert placements == [2, 3], "queued while nobody was at work, and the same time again moves nothing"


async def test_a_rep_with_all_the_leads_they_may_have_is_offered_to_the_contact_of_one_of_them(
    harness: ServiceHarness,
) -> None:
    """A meeting with somebody whom they have already is no further lead."""
    for ae in ("ae-2", "ae-3"):
        await put(harness, ae, status="paused")
    await put(harness, "ae-1", capacity={"open": 1})
    await harness.deliver(qualified("ada", **EVENT_QUALIFIED), qualified("bob", **EVENT_QUALIFIED))
    assert await slots_on(harness, page_of(harness, "bob")) == []
    ada = page_of(harness, "ada")
    first = (await slots_on(harness, ada))[0]
    assert (await picks(harness, ada, first)).status_code == 303
    await assert_sound(harness)


async def test_before_the_lead_is_here_nothing_is_promised(tuesday_hour: ServiceHarness) -> None:
    """The slots are shown, but to book one needs the lead; a returned one is nobody's."""
    harness = tuesday_hour
    ada = page_of(harness, "ada")
    first, _ = await slots_on(harness, ada)
    early = await picks(harness, ada, first)
    assert (early.status_code, "still on its way" in early.text) == (409, True)
    await harness.deliver(qualified("ada", **EVENT_QUALIFIED))
    await harness.deliver(recycled("ada"))
    assert (await picks(harness, ada, first)).status_code == 409
    await harness.deliver(qualified("ada", cycle=2, **EVENT_QUALIFIED))
    assert (await picks(harness, ada, first)).status_code == 303


async def test_who_could_not_take_the_lead_is_not_offered_again(tuesday_hour: ServiceHarness) -> None:
    harness = tuesday_hour
    await put(harness, "ae-2", status="active", hours=[{"days": ["wed"], "from": "10:00", "to": "10:30"}])
    await harness.deliver(qualified("ada", **EVENT_QUALIFIED))
    lead = (await harness.http.get("/v1/queues/event-qualified/leads")).json()["items"][0]["lead_id"]
    for rep_id in ("ae-1", "ae-2"):
        body = {"rep_id": rep_id, "reason": "asked", "by": "lea", "force": True}
        assert (await harness.http.post(f"/v1/leads/{lead}/reassign", json=body)).status_code == 200
    (left,) = await slots_on(harness, page_of(harness, "ada"))
    assert left.startswith("2026-03-04T10:00")


@pytest.mark.parametrize(
    ("asked", "says"), [({"language": "fr"}, 'lang="fr"'), ({"language": "xx"}, 'lang="en"'), ({}, 'lang="es"')]
)
async def test_the_page_speaks_the_visitor_s_language(
    harness: ServiceHarness, asked: dict[str, str], says: str
) -> None:
    headers = {"Accept-Language": "es-MX,es;q=0.9" if not asked else "en"}
    shown = await harness.http.get(page_of(harness, "ada"), params={**asked, "zone": "no/where"}, headers=headers)
    assert says in shown.text
    assert "UTC" in shown.text
    assert "form-action 'self'" in shown.headers["content-security-policy"]


@pytest.mark.parametrize("at", ["2026-03-03 ten", "", "1999-03-03T10:00:00Z"])
async def test_a_time_that_is_none_is_asked_for_again(harness: ServiceHarness, at: str) -> None:
    refused = await picks(harness, page_of(harness, "ada"), at)
    assert (refused.status_code, "choose one of the times" in refused.text) == (409, True)
    problem = await harness.http.post(page_of(harness, "ada"), data={"starts_at": at})
    assert (problem.status_code, problem.json()["errors"][0]["field"]) == (422, "starts_at")


async def test_a_link_that_is_old_or_made_up_opens_nothing(harness: ServiceHarness) -> None:
    old = page_of(harness, "ada", datetime.now(UTC) - timedelta(days=2))
    for page in (old, "/book/nobody"):
        shown = await harness.http.get(page, headers=PAGE)
        assert (shown.status_code, "This link has expired" in shown.text) == (404, True)
        problem = await harness.http.get(page)
        assert (problem.status_code, problem.json()["errors"][0]["code"]) == (404, "ticket_unknown")
        assert (await picks(harness, page, "2026-03-03T10:00:00Z")).status_code == 404
        assert (await harness.http.get(f"{page}/invitation.ics")).status_code == 404
    assert (await harness.http.get("/calendars/nothing.ics")).status_code == 404


async def test_one_ticket_books_only_so_often(harness: ServiceHarness) -> None:
    """As if its second's worth had been used up by a request a minute ahead."""
    harness.service.key_rate_limit.seconds_to_wait(f"visitor {contact('ada')}", time.monotonic() + 60)
    refused = await picks(harness, page_of(harness, "ada"), "2026-03-03T10:00:00Z")
    assert (refused.status_code, int(refused.headers["retry-after"]) > 0) == (429, True)


async def test_a_new_link_ends_the_one_before_and_a_revoked_one_shows_nothing(harness: ServiceHarness) -> None:
    paths = [httpx.URL((await harness.http.post("/v1/reps/ae-1/calendar-link")).json()["url"]).path for _ in "ab"]
    assert [(await harness.http.get(path)).status_code for path in paths] == [404, 200]
    assert (await harness.http.delete("/v1/reps/ae-1/calendar-link")).json() == {"rep_id": "ae-1", "url": None}
    assert (await harness.http.get(paths[1])).status_code == 404
    assert (await harness.http.post("/v1/reps/nobody/calendar-link")).status_code == 404
    kept = await harness.raw.fetch("select * from calendar_links")
    assert kept == []
