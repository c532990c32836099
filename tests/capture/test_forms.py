"""Forms in browsers: keys, origins, bots, wishes. On a real PostgreSQL."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from events.contacts import ContactCaptured, ContactPostponed, ContactProfile, ContactScheduled
from events.runtime.testing import ServiceHarness
from events.runtime.visitor_tickets import read_ticket
from tests.capture.browsers import (
    ADA,
    JSON,
    PAGE,
    SITE,
    form_key,
    hidden_in,
    opened,
    stamped,
    submitted,
)


async def quarantined(harness: ServiceHarness) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await harness.http.get("/v1/quarantine")).json()["items"]
    return items


async def test_a_form_of_ours_is_taken_in_and_leads_to_its_thank_you_page(
    harness: ServiceHarness, browser: httpx.AsyncClient
) -> None:
    """B28, C5: without JavaScript, without a key; what the form stands for is the playbook's to say."""
    answer = await browser.post("/f/contact", data=ADA | stamped(), headers=PAGE)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/f/contact/thanks?t=")
    thanks = await browser.get(answer.headers["location"])
    assert "Thank you" in thanks.text
    (event,) = await harness.emitted(ContactCaptured)
    assert (event.engagement, event.source, event.email_domain) == ("contact_sales", "web_form", "works.example")


async def test_a_page_carries_where_people_came_from(harness: ServiceHarness, browser: httpx.AsyncClient) -> None:
    """C6: UTM values and click ids survive from the landing page to the form without JavaScript."""
    hidden = await opened(browser, query="?utm_source=fair&utm_medium=%22%3E%3Cb%3E&gclid=abc&foo=bar&utm_term=%1b")
    assert hidden["utm_source"] == "fair"
    assert hidden["utm_medium"] == '"><b>'
    assert "utm_term" not in hidden
    hidden |= stamped()
    assert (await submitted(browser, ADA | hidden)).status_code == 202
    (event,) = await harness.emitted(ContactCaptured)
    assert event.utm is not None
    assert (event.utm.source, event.utm.medium, event.facts) == ("fair", '"><b>', {"gclid": "abc", "language": "en"})


async def test_only_a_box_that_was_ticked_is_a_yes(harness: ServiceHarness, browser: httpx.AsyncClient) -> None:
    """B51, C3, C4: the wording is the form's own, and an unticked box is no answer."""
    box = "consent.marketing_email"
    for number, tick in enumerate(("yes", "on", "", None)):
        filled = {"email": f"ada{number}@works.example", "talk_to_sales": tick, box: tick}
        filled = {name: value for name, value in filled.items() if value is not None}
        answer = await submitted(browser, filled | stamped("whitepaper", nonce=str(number)), "whitepaper")
        assert answer.status_code == 202, answer.text
    events = await harness.emitted(ContactCaptured)
    assert [event.talk_to_sales for event in events] == [True, True, False, False]
    given = [[(each.purpose, each.granted, each.wording_version) for each in event.consents] for event in events]
    assert given == [[("marketing_email", True, "2026-01")]] * 2 + [[], []]


@pytest.mark.parametrize(
    ("filled", "field", "code"),
    [
        ({"last_name": "Long"}, "email", "missing"),
        (ADA | {"email": "a@b"}, "email", "email_invalid"),
        (ADA | {"country": "Atlantis"}, "country", "country_unknown"),
        (ADA | {"first_name": "a\0b"}, "first_name", "control_character"),
        (ADA | {"first_name": "x" * 201}, "first_name", "string_too_long"),
    ],
)
async def test_what_cannot_be_is_a_problem_to_a_script_and_a_page_to_a_person(
    harness: ServiceHarness, browser: httpx.AsyncClient, filled: dict[str, str], field: str, code: str
) -> None:
    """B30, B34, B35, B43, B57: a problem, or the page again with what was filled in and what is wrong."""
    answer = await submitted(browser, filled | stamped())
    assert (answer.status_code, answer.json()["errors"][0]) == (422, {"field": field, "code": code})
    copy = stamped()
    shown = await browser.post("/f/contact", data=filled | copy, headers=PAGE)
    assert shown.status_code == 422
    assert 'role="alert"' in shown.text
    assert hidden_in(shown.text) == copy | {"language": "en"}
    assert await harness.emitted(ContactCaptured) == []
    assert await quarantined(harness) == []


async def test_nobody_is_turned_away_for_a_field_that_the_form_does_not_ask(
    harness: ServiceHarness, browser: httpx.AsyncClient
) -> None:
    """What a plain page sends beside is kept with the person; it names no engagement and leaves on no other topic."""
    message = "We run 40 pumps and\r\nwould like to see yours."
    extra = {
        "comments": message,
        "Budget Range": "10k-20k",
        "contact_id": "x",
        "engagement": "demo_request",
        "phone": "123",
    }
    answer = await submitted(browser, ADA | extra | {"phone": "123"} | stamped())
    assert answer.status_code == 202, answer.text
    (event,) = await harness.emitted(ContactCaptured)
    assert (event.engagement, event.facts) == ("contact_sales", {})
    assert "40 pumps" not in event.encode().decode()
    (profile,) = await harness.emitted(ContactProfile)
    assert profile.message == message
    (row,) = await harness.raw.fetch("select facts from engagements")
    assert row["facts"] == {
        "form_Budget_Range": "10k-20k", "form_contact_id": "x", "form_engagement": "demo_request", "phone_given": "123",
    }  # fmt: skip


@pytest.mark.parametrize("body", ["last_name=M%FCller", "_charset_=windows-1252&last_name=M%FCller%0D%0A"])
async def test_a_page_in_an_old_encoding_is_read(
    harness: ServiceHarness, browser: httpx.AsyncClient, body: str
) -> None:
    sent = "&".join([body, "email=jm%40bau.example", *(f"{name}={value}" for name, value in stamped().items())])
    answer = await browser.post(
        "/f/contact",
        content=sent,
        headers={"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"},
    )
    assert answer.status_code in (202, 303), answer.text
    (profile,) = await harness.emitted(ContactProfile)
    assert profile.last_name == "Müller"


async def test_what_was_filled_in_is_shown_again_and_can_do_no_harm(browser: httpx.AsyncClient) -> None:
    """B49."""
    evil = '"><script>alert(1)</script>{{7*7}}'
    shown = await browser.post("/f/contact", data={"first_name": evil} | stamped(), headers=PAGE)
    assert "<script>" not in shown.text
    assert "{{7*7}}" in shown.text
    assert "script-src 'self'" in shown.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("ago", "more", "reason"),
    [
        (30, {"website": "http://spam.example"}, "honeypot"),
        (-60, {}, "too_fast"),
        (13 * 3600, {}, "token_expired"),
    ],
)
async def test_what_no_person_does_is_held_and_answered_like_everything_else(
    harness: ServiceHarness, browser: httpx.AsyncClient, ago: float, more: dict[str, str], reason: str
) -> None:
    """B59, B60: nothing is emitted and nothing is lost."""
    answer = await submitted(browser, ADA | more | stamped(ago=ago))
    assert answer.status_code == 202
    assert answer.json().keys() == {"contact_id", "engagement_id", "status", "next"}
    assert answer.json()["status"] == "accepted"
    assert await harness.emitted(ContactCaptured) == []
    (item,) = await quarantined(harness)
    assert (item["reason"], item["form"], item["submission"]["email"]) == (reason, "contact", ADA["email"])


async def test_a_copy_of_a_form_is_submitted_once(harness: ServiceHarness, browser: httpx.AsyncClient) -> None:
    """B60: a double click is answered twice and done once; other words under the same copy are held."""
    copy = stamped()
    twice = [await submitted(browser, ADA | copy) for _ in range(2)]
    assert twice[0].json()["contact_id"] == twice[1].json()["contact_id"]
    other = await submitted(browser, ADA | {"email": "eve@spam.example"} | copy)
    assert other.status_code == 202
    assert len(await harness.emitted(ContactCaptured)) == 1
    assert [item["reason"] for item in await quarantined(harness)] == ["token_reused"]


async def test_what_is_held_can_be_released_once_or_discarded(
    harness: ServiceHarness, browser: httpx.AsyncClient
) -> None:
    """As if it came when it came; a second time changes nothing."""
    for number in range(2):
        filled = ADA | {"email": f"a{number}@works.example", "website": "x"}
        await submitted(browser, filled | stamped(nonce=str(number)))
    received = await harness.now
    await harness.advance(timedelta(hours=3))
    first, second = (item["quarantine_id"] for item in await quarantined(harness))
    released = [(await harness.http.post(f"/v1/quarantine/{first}/release")).json() for _ in range(2)]
    assert released[0] == released[1]
    assert released[0]["state"] == "released"
    (event,) = await harness.emitted(ContactCaptured)
    assert (str(event.contact_id), event.occurred_at) == (released[0]["contact_id"], received)
    assert (await harness.http.post(f"/v1/quarantine/{second}/discard")).json() == {"state": "discarded"}
    assert (await harness.http.post(f"/v1/quarantine/{second}/release")).json() == {"state": "discarded"}
    assert await quarantined(harness) == []
    kept = await harness.raw.fetch("select submission from quarantined where submission is not null")
    assert kept == []
    assert (await harness.http.post(f"/v1/quarantine/{event.contact_id}/release")).status_code == 404
    assert len(await harness.emitted(ContactCaptured)) == 1


async def test_what_nobody_looks_at_is_discarded_in_the_end(
    harness: ServiceHarness, browser: httpx.AsyncClient
) -> None:
    await submitted(browser, ADA | {"website": "x"} | stamped())
    await harness.advance(timedelta(days=89))
    assert len(await quarantined(harness)) == 1
    await harness.advance(timedelta(days=2))
    assert await quarantined(harness) == []
    (item,) = (await harness.http.get("/v1/quarantine?state=discarded")).json()["items"]
    assert (item["submission"], item["settled_by"]) == (None, "quarantine_days")


async def test_an_erasure_reaches_what_is_held(harness: ServiceHarness, browser: httpx.AsyncClient) -> None:
    await submitted(browser, ADA | {"website": "x"} | stamped(nonce="1"))
    await submitted(browser, {"last_name": "Other", "email": "bo@other.example", "website": "x"} | stamped(nonce="2"))
    known = await submitted(browser, ADA | stamped())
    await harness.http.delete(f"/v1/contacts/{known.json()['contact_id']}")
    assert [item["submission"]["email"] for item in await quarantined(harness)] == ["bo@other.example"]


async def test_the_quarantine_is_paged(harness: ServiceHarness, browser: httpx.AsyncClient) -> None:
    for number in range(5):
        filled = ADA | {"email": f"a{number}@works.example", "website": "x"} | stamped(nonce=str(number))
        await submitted(browser, filled)
        await harness.advance(timedelta(minutes=1))
    found: list[str] = []
    url: str | None = "/v1/quarantine?limit=2"
    while url:
        answer = (await harness.http.get(url)).json()
        found += [item["submission"]["email"][1] for item in answer["items"]]
        url = f"/v1/quarantine?limit=2&cursor={answer['next']}" if answer["next"] else None
    assert found == list("43210")


@pytest.mark.parametrize("preference", ["book", "call_me", "not_now"])
async def test_a_wish_on_the_thank_you_page_is_a_word_of_the_same_person(
    harness: ServiceHarness, browser: httpx.AsyncClient, preference: str
) -> None:
    """R15: it overrides the computed path, says so once however often it is said, and works without JavaScript."""
    answer = await browser.post("/f/contact", data=ADA | stamped(), headers=PAGE)
    thanks = await browser.get(answer.headers["location"], headers=PAGE)
    filled = hidden_in(thanks.text) | {"preference": preference, "preferred_at": "2026-03-04T10:30"}
    for _ in range(2):
        done = await browser.post("/f/contact/thanks", data=filled | {"zone": "Europe/Berlin"}, headers=PAGE)
        assert done.status_code == 303, done.text
    assert "How would you" not in (await browser.get(done.headers["location"])).text
    first, record_next_step = await harness.emitted(ContactCaptured)
    assert (record_next_step.contact_id, record_next_step.preference) == (first.contact_id, preference)
    assert record_next_step.preferred_at == datetime(2026, 3, 4, 9, 30, tzinfo=UTC)
    meant = {"book": "contact_sales", "call_me": "callback_request", "not_now": "form_submitted"}
    assert record_next_step.engagement == meant[preference]
    put_off = [(each.engagement_id, each.preferred_at) for each in await harness.emitted(ContactPostponed)]
    asked = (record_next_step.engagement_id, record_next_step.preferred_at)
    assert put_off == ([asked] if preference == "not_now" else []), "their date is when nurture wakes them"
    named = [(each.engagement_id, each.preferred_at) for each in await harness.emitted(ContactScheduled)]
    assert named == ([] if preference == "not_now" else [asked]), "their time is when sales calls or meets them"
    other = filled | {"preferred_at": "2026-03-05T10:30", "zone": "Europe/Berlin"}
    await browser.post("/f/contact/thanks", data=other, headers=PAGE)
    assert len(await harness.emitted(ContactCaptured)) == 3, "another time is another word"


async def test_the_last_wish_counts_though_it_was_the_first_too(
    harness: ServiceHarness, browser: httpx.AsyncClient
) -> None:
    """Who asks for Wednesday, then Thursday, then Wednesday again is called on Wednesday, however often they change."""
    answer = await browser.post("/f/contact", data=ADA | stamped(), headers=PAGE)
    ticket = answer.headers["location"].partition("t=")[2]
    wednesday, thursday = (
        {"t": ticket, "preference": "call_me", "preferred_at": f"2026-03-0{day}T10:30", "zone": "UTC"} for day in (4, 5)
    )
    later, meeting = {**thursday, "preference": "not_now"}, {"t": ticket, "preference": "book"}
    wished = [wednesday, thursday, wednesday, later, wednesday, meeting, later, meeting, *[wednesday, thursday] * 8]
    for wish in wished:
        for again in (
            wish,
            wish | {"preferred_at": f"{wish['preferred_at']}+00:00"} if "preferred_at" in wish else wish,
        ):
            done = await browser.post("/f/contact/thanks", data=again, headers=JSON)
            assert done.status_code == 202, done.text
        await harness.advance(timedelta(minutes=1))
    first, *events = await harness.emitted(ContactCaptured)
    assert [event.preference for event in events] == [wish["preference"] for wish in wished]
    assert [event.preferred_at and event.preferred_at.day for event in events] == [
        int(wish["preferred_at"][8:10]) if "preferred_at" in wish else None for wish in wished
    ]
    assert len({event.engagement_id for event in (first, *events)}) == len(wished) + 1
    called = await harness.emitted(ContactScheduled)
    assert called[2].occurred_at > called[1].occurred_at > called[0].occurred_at


async def test_the_last_wish_of_somebody_who_is_held_counts_alone(
    harness: ServiceHarness, browser: httpx.AsyncClient
) -> None:
    """Nothing of an earlier wish stays: a date to be called is no date of a booking."""
    answer = await submitted(browser, ADA | {"website": "x"} | stamped())
    ticket = {"t": answer.json()["next"].partition("t=")[2]}
    for wish in (
        {"preference": "call_me", "preferred_at": "2026-03-04T10:30"}, {"preference": "not_now"}, {"preference": "book"}
    ):  # fmt: skip
        assert (await browser.post("/f/contact/thanks", data=ticket | wish, headers=JSON)).status_code == 202
    (item,) = await quarantined(harness)
    assert item["submission"]["preference"] == "book"
    assert item["submission"].get("preferred_at") is None


async def test_a_wish_of_somebody_who_is_held_waits_with_them(
    harness: ServiceHarness, browser: httpx.AsyncClient
) -> None:
    answer = await submitted(browser, ADA | {"website": "x"} | stamped())
    ticket = answer.json()["next"].partition("t=")[2]
    done = await browser.post("/f/contact/thanks", data={"t": ticket, "preference": "call_me"}, headers=JSON)
    assert done.status_code == 202
    (item,) = await quarantined(harness)
    assert item["submission"]["preference"] == "call_me"
    await harness.http.post(f"/v1/quarantine/{item['quarantine_id']}/release")
    (event,) = await harness.emitted(ContactCaptured)
    assert event.preference == "call_me"


@pytest.mark.parametrize(
    ("filled", "status", "code"),
    [
        ({"preference": "call_me"}, 401, "ticket_invalid"),
        ({"t": "1.2.3", "preference": "call_me"}, 401, "ticket_invalid"),
        ({"t": "", "preference": "never"}, 401, "ticket_invalid"),
    ],
)
async def test_a_wish_needs_a_ticket_of_ours(
    harness: ServiceHarness, browser: httpx.AsyncClient, filled: dict[str, str], status: int, code: str
) -> None:
    answer = await browser.post("/f/contact/thanks", data=filled, headers=JSON)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (status, code)
    assert await harness.emitted(ContactCaptured) == []


async def test_a_wish_that_is_none_is_refused(browser: httpx.AsyncClient) -> None:
    answer = await submitted(browser, ADA | stamped())
    ticket = {"t": answer.json()["next"].partition("t=")[2]}
    for more, field in (
        ({"preference": "never"}, "preference"),
        ({"preference": "book", "preferred_at": "tomorrow"}, "preferred_at"),
        ({"preference": "book", "preferred_at": "1900-01-01T00:00"}, "preferred_at"),
    ):
        refused = await browser.post("/f/contact/thanks", data=ticket | more, headers=JSON)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)
    other = await browser.post("/f/demo/thanks", data=ticket | {"preference": "book"}, headers=JSON)
    assert other.status_code == 401


async def test_plain_html_elsewhere_submits_with_its_key_from_its_origin(
    harness: ServiceHarness, browser: httpx.AsyncClient
) -> None:
    """B67: the browser says where the page is; what the page says of itself counts for nothing."""
    key = {"form_key": await form_key(harness)}
    answer = await browser.post("/f/contact", data=ADA | key, headers=PAGE | {"Origin": SITE})
    assert answer.status_code == 303
    for origin in (
        "https://evil.example",
        f"{SITE}.evil.example",
        SITE.replace("https", "http"),
        f"{SITE}:444",
        "null",
    ):
        refused = await browser.post("/f/contact", data=ADA | key, headers=JSON | {"Origin": origin})
        assert (refused.status_code, refused.json()["errors"][0]["code"]) == (403, "origin_refused")
        assert "access-control-allow-origin" not in refused.headers
    assert len(await harness.emitted(ContactCaptured)) == 1


async def test_a_browser_that_asks_first_learns_who_may(harness: ServiceHarness, browser: httpx.AsyncClient) -> None:
    """B67."""
    await form_key(harness)
    asked = {"Access-Control-Request-Method": "POST"}
    allowed = await browser.options("/f/contact", headers=asked | {"Origin": SITE})
    assert (allowed.status_code, allowed.headers["access-control-allow-origin"]) == (204, SITE)
    assert allowed.headers["vary"] == "Origin"
    for url, origin in (("/f/contact", "https://evil.example"), ("/f/demo", SITE)):
        refused = await browser.options(url, headers=asked | {"Origin": origin})
        assert refused.status_code == 403
        assert not [name for name in refused.headers if name.startswith("access-control")]


@pytest.mark.parametrize(
    ("key", "status"), [("", 401), ("bk_abcdef123456_x", 401), ("demo", 403), ("contact", 202), ("api", 202)]
)
async def test_a_form_without_a_copy_of_ours_needs_a_key_for_it(
    harness: ServiceHarness, browser: httpx.AsyncClient, key: str, status: int
) -> None:
    """B61, B62."""
    if key in ("demo", "contact"):
        key = await form_key(harness, key)
    elif key == "api":
        key = harness.http.headers["Authorization"].removeprefix("Bearer ")
    answer = await submitted(browser, ADA | {"form_key": key})
    assert answer.status_code == status
    assert len(await harness.emitted(ContactCaptured)) == (status == 202)


async def test_the_public_key_of_a_form_opens_nothing_else(harness: ServiceHarness, browser: httpx.AsyncClient) -> None:
    bearer = {"Authorization": f"Bearer {await form_key(harness)}"}
    answer = await browser.post("/v1/contacts", json={"email": "a@works.example"}, headers=bearer)
    assert answer.status_code == 403
    assert (await browser.get("/v1/quarantine", headers=bearer)).status_code == 403


async def test_the_snippet_gets_the_form_from_its_own_origin_only(
    harness: ServiceHarness, browser: httpx.AsyncClient
) -> None:
    key = await form_key(harness)
    parts = await browser.get(f"/f/contact/embed?key={key}&utm_source=fair", headers={"Origin": SITE})
    assert parts.headers["access-control-allow-origin"] == SITE
    hidden = hidden_in(parts.json()["html"])
    assert hidden.keys() == {"form_key", "language", "form_token", "utm_source"}
    refused = await browser.get(f"/f/contact/embed?key={key}", headers={"Origin": "https://evil.example"})
    assert refused.status_code == 403
    assert (await browser.get("/f/contact/embed", headers={"Origin": SITE})).status_code == 401
    script = await browser.get("/f/contact/snippet.js")
    assert script.headers["content-type"].startswith("text/javascript")


async def test_who_submits_too_often_has_to_wait_whatever_the_headers_say(
    harness: ServiceHarness, browser: httpx.AsyncClient
) -> None:
    """B72, B73: a made-up forwarding header changes nothing; somebody else is not held up."""
    answers = []
    for number in range(70):
        headers = JSON | {"X-Forwarded-For": f"10.0.0.{number}", "Forwarded": f"for=10.0.0.{number}"}
        answers.append(await browser.post("/f/contact", data={"a": "b"}, headers=headers))
    assert {answer.status_code for answer in answers[:60]} == {401}
    assert {answer.status_code for answer in answers[60:]} == {429}
    assert int(answers[-1].headers["retry-after"]) > 0
    elsewhere = httpx.ASGITransport(app=harness.http._transport.app, client=("192.0.2.7", 1))  # type: ignore[attr-defined]
    async with httpx.AsyncClient(transport=elsewhere, base_url="http://service") as other:
        assert (await submitted(other, ADA | stamped())).status_code == 202


async def test_a_neighbour_in_the_same_network_shares_the_measure(harness: ServiceHarness) -> None:
    """B73: whoever has a /64 of IPv6 has more addresses than there are submissions."""
    statuses = []
    for number in range(61):
        transport = httpx.ASGITransport(app=harness.http._transport.app, client=(f"2001:db8::{number + 1:x}", 1))  # type: ignore[attr-defined]
        async with httpx.AsyncClient(transport=transport, base_url="http://service") as http:
            statuses.append((await http.post("/f/contact", data={"a": "b"}, headers=JSON)).status_code)
    assert statuses[-1] == 429


async def test_where_a_form_leads_is_on_a_list(harness: ServiceHarness, browser: httpx.AsyncClient) -> None:
    """B28: no open redirect."""
    for number, there in enumerate(("https://evil.example/", "//evil.example", "javascript:alert(1)")):
        filled = ADA | {"email": f"a{number}@works.example", "next": there} | stamped(nonce=str(number))
        answer = await browser.post("/f/contact", data=filled, headers=PAGE)
        assert answer.headers["location"].startswith("/f/contact/thanks?t=")
    assert len(await harness.emitted(ContactCaptured)) == 3


@pytest.mark.parametrize("url", ["/f/nothing", "/f/nothing/thanks"])
async def test_a_form_that_nobody_made_is_not_there(browser: httpx.AsyncClient, url: str) -> None:
    assert (await browser.post(url, data=ADA, headers=JSON)).status_code == 404
    assert (await browser.get(url)).status_code == 404


@pytest.mark.parametrize("body", [b"a", b"%ff=1&", b"a=%81", b"\xff", b"a=1&" * 101])
async def test_a_body_that_is_no_form_is_refused(browser: httpx.AsyncClient, body: bytes) -> None:
    """B7."""
    headers = JSON | {"Content-Type": "application/x-www-form-urlencoded"}
    assert (await browser.post("/f/contact", content=body, headers=headers)).status_code == 400


async def test_a_form_speaks_the_browsers_language_and_keeps_what_was_typed(
    harness: ServiceHarness, browser: httpx.AsyncClient
) -> None:
    german = PAGE | {"Accept-Language": "de-CH,de;q=0.9,en;q=0.5"}
    page = await browser.get("/f/contact", headers=german)
    assert '<html lang="de">' in page.text
    assert "Sprechen Sie mit uns" in page.text
    assert ">Deutschland</option>" in page.text
    filled = {"message": "Wir brauchen Hilfe", "email": "ada", "last_name": "Falk", "language": "de"} | stamped()
    wrong = await browser.post("/f/contact", data=filled, headers=german)
    assert wrong.status_code == 422
    assert 'id="email-wrong">Das ist keine vollständige E-Mail-Adresse' in wrong.text
    assert "Wir brauchen Hilfe</textarea>" in wrong.text
    ticked = filled | {"email": "ada@works.example", "consent.marketing_email": "yes"}
    answer = await browser.post("/f/contact", data=ticked, headers=PAGE)
    assert "&language=de" in answer.headers["location"]
    assert "Vielen Dank" in (await browser.get(answer.headers["location"])).text
    (event,) = await harness.emitted(ContactCaptured)
    assert event.consents[0].wording_version == "2026-01/de"
    assert (await harness.emitted(ContactProfile))[0].message == "Wir brauchen Hilfe"


async def test_the_paper_that_was_asked_for_is_a_link_afterwards(
    harness: ServiceHarness, browser: httpx.AsyncClient
) -> None:
    piece = {"title": "Pumps & pipes", "url": "https://works.example/pumps.pdf"}
    assert (await harness.http.put("/v1/content/pumps", json=piece)).status_code == 200
    filled = {"email": "ada@works.example", "content": "pumps"}
    answer = await browser.post("/f/whitepaper", data=filled | stamped("whitepaper"), headers=PAGE)
    thanks = await browser.get(answer.headers["location"])
    assert (
        '<a href="https://works.example/pumps.pdf" target="_blank" rel="noopener">Pumps &amp; pipes</a>' in thanks.text
    )
    other = await browser.post(
        "/f/whitepaper", data={"email": "bo@works.example"} | stamped("whitepaper"), headers=PAGE
    )
    assert "Pumps" not in (await browser.get(other.headers["location"])).text


@pytest.mark.parametrize(("zone", "shown"), [("Asia/Tokyo", "Asia%2FTokyo"), ("", "UTC")])
async def test_who_wants_to_book_chooses_a_slot_on_the_booking_page(
    harness: ServiceHarness, browser: httpx.AsyncClient, zone: str, shown: str
) -> None:
    """Routing's page, opened by a ticket that names the contact to nobody else."""
    settings = harness.service.settings
    harness.service.settings = settings.model_copy(update={"booking_url": "https://routing.works.example/"})
    answer = await browser.post("/f/contact", data=ADA | stamped(), headers=PAGE)
    thanks = await browser.get(answer.headers["location"], headers=PAGE)
    assert "https://routing.works.example" in thanks.headers["content-security-policy"]
    filled = hidden_in(thanks.text) | {"preference": "book", "zone": zone}
    done = await browser.post("/f/contact/thanks", data=filled, headers=PAGE)
    base, _, rest = done.headers["location"].partition("/book/")
    ticket, _, asked = rest.partition("?")
    assert (done.status_code, base) == (303, "https://routing.works.example")
    assert asked == f"zone={shown}&language=en"
    first, _ = await harness.emitted(ContactCaptured)
    secret = settings.secret.get_secret_value().encode()
    assert read_ticket(secret, "booking", ticket, datetime.now(UTC)) == first.contact_id
    harness.service.settings = settings
