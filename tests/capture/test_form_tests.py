"""Forms that are listed, looked at and filled in as a test; on a real PostgreSQL."""

from typing import Any

import httpx
import pytest

from events.contacts import ContactCaptured
from events.runtime.testing import ServiceHarness
from tests.capture.browsers import JSON, PAGE, SITE, form_key, opened, stamped, submitted

TEST = {"last_name": "Long", "email": "Form-Test@baton.example", "company": "Works", "country": "DE"}


async def kept_tests(harness: ServiceHarness) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await harness.http.get("/v1/forms/contact/tests")).json()["items"]
    return items


async def test_forms_are_listed_with_what_they_ask_and_who_may_send_them(harness: ServiceHarness) -> None:
    key = await form_key(harness, "contact", "https://www.example.org")
    items = (await harness.http.get("/v1/forms")).json()["items"]
    contact = next(each for each in items if each["form"] == "contact")
    assert contact["languages"] == ["en", "de", "fr", "es", "pt"]
    assert {"name": "email", "kind": None, "required": True, "options": []} in contact["questions"]
    assert [each["origins"] for each in contact["keys"]] == [["https://www.example.org"]]
    assert key not in str(items)
    assert all(each["keys"] == [] for each in items if each["form"] != "contact")


async def test_a_preview_is_the_form_that_visitors_see(harness: ServiceHarness, browser: httpx.AsyncClient) -> None:
    """In its language, with its style, and with no stamp: it can be sent nowhere."""
    shown = (await harness.http.get("/v1/forms/contact/preview?language=de")).json()
    page = (await browser.get("/f/contact?language=de", headers=PAGE)).text
    assert (shown["language"], shown["title"]) == ("de", "Sprechen Sie mit uns")
    assert shown["title"] in shown["html"]
    assert 'name="form_token"' in page
    assert 'name="form_token"' not in shown["html"]
    assert shown["css"] == (await browser.get("/static/baton.css")).text
    assert (await harness.http.get("/v1/forms/none/preview")).status_code == 404
    assert (await harness.http.get("/v1/forms/none/tests")).status_code == 404


async def test_a_test_by_a_key_takes_nobody_in(harness: ServiceHarness, browser: httpx.AsyncClient) -> None:
    """Issue 18, 7: no contact, no engagement, no event; the sender sees what every sender sees."""
    key = await form_key(harness)
    sent = TEST | {"form_key": key, "language": "de", "campaign": "spring"}
    answer = await browser.post("/f/contact", data=sent, headers=JSON | {"Origin": SITE})
    assert answer.status_code == 202, answer.text
    assert answer.json()["next"].startswith("/f/contact/thanks?t=")
    assert (await browser.get(answer.json()["next"])).status_code == 200
    wish = {"t": answer.json()["next"].partition("t=")[2].partition("&")[0], "preference": "call_me"}
    assert (await browser.post("/f/contact/thanks", data=wish, headers=JSON)).status_code == 202
    taken_in = (
        "select 1 from profiles union all select 1 from engagements union all select 1 from identities"
        " union all select 1 from quarantined union all select 1 from contacts"
    )
    assert await harness.raw.fetch(taken_in) == []
    assert await harness.emitted(ContactCaptured) == []
    (kept,) = await kept_tests(harness)
    assert (kept["origin"], kept["language"], kept["suspicion"]) == (SITE, "de", None)
    assert kept["key_id"] == key.split("_")[1]
    captured = kept["captured"]
    assert (captured["engagement"], captured["source"], captured["campaign"]) == ("contact_sales", "web_form", "spring")
    assert (captured["company"], captured["country"]) == ("Works", "DE")
    assert TEST["email"].casefold() not in str(kept).casefold()


async def test_a_test_says_what_would_have_kept_it_out(harness: ServiceHarness, browser: httpx.AsyncClient) -> None:
    """A test that is sent twice is two tests."""
    sent = TEST | stamped(ago=0.1)
    assert [(await submitted(browser, sent)).status_code for _ in range(2)] == [202, 202]
    assert [each["suspicion"] for each in await kept_tests(harness)] == ["too_fast", "too_fast"]
    assert (await harness.http.get("/v1/quarantine")).json()["items"] == []
    faulty = await submitted(browser, {"email": TEST["email"]} | stamped())
    assert faulty.status_code == 422


async def test_the_newest_hundred_tests_are_kept(harness: ServiceHarness, browser: httpx.AsyncClient) -> None:
    await submitted(browser, TEST | stamped())
    await harness.raw.execute(
        "insert into form_tests select gen_random_uuid(), form, received_at + n * interval '1 second', key_id, origin,"
        " language, suspicion, captured from form_tests, generate_series(1, 150) n"
    )
    await submitted(browser, TEST | stamped())
    assert [row[0] for row in await harness.raw.fetch("select count(*) from form_tests")] == [100]


@pytest.mark.parametrize(("named", "carried"), [("spring-26", "spring-26"), ("<b>", None), ("", None)])
async def test_an_address_may_name_the_campaign(
    harness: ServiceHarness, browser: httpx.AsyncClient, named: str, carried: str | None
) -> None:
    """The snippet hands it to the form; it stays when the form is shown again."""
    hidden = await opened(browser, "contact", f"?campaign={named}")
    assert hidden.get("campaign") == carried
    key = await form_key(harness)
    embedded = (await browser.get(f"/f/contact/embed?key={key}&campaign={named}", headers={"Origin": SITE})).json()
    assert ('name="campaign"' in embedded["html"]) == (carried is not None)
    again = await browser.post("/f/contact", data=hidden | {"email": "x"}, headers=PAGE)
    assert again.status_code == 422
    assert ('name="campaign"' in again.text) == (carried is not None)
