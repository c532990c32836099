"""Forms for people who are known by a signed link, in a real browser: on our page, and on another site."""

from typing import Any
from urllib.parse import urlsplit

import httpx
from playwright.async_api import Browser, expect

from baton import keys
from tests.browser.conftest import SECRET, Capture
from tests.browser.eyes import faults_of
from tests.browser.site import Site
from tests.browser.test_forms import PHONE, contact, mail_of, opened, until_known

ADA = {"email": "ada.known@works.example", "first_name": "Augusta", "last_name": "Lovelace", "company": "Engines"}


async def link_of(capture: Capture, key: str, **person: Any) -> str:
    """The path that a mail leads somebody to who was here before."""
    async with httpx.AsyncClient(base_url=capture.url, headers={"Authorization": f"Bearer {key}"}) as http:
        known = await http.post("/v1/contacts", json=ADA | person)
        assert known.status_code == 202, known.text
        whose = f"/v1/contacts/{known.json()['contact_id']}/form-links"
        made = await http.post(whose, json={"form": "whitepaper"})
    assert made.status_code == 201, made.text
    return str(made.json()["path"])


async def test_who_comes_by_a_link_says_what_is_missing_and_whoever_it_is_forwarded_to_sees_nothing(
    browser: Browser, capture: Capture, api_key: str
) -> None:
    """Issue 16: from the mail to the answer, on a phone; then the same link, opened by a colleague."""
    path = await link_of(capture, api_key)
    async with opened(browser, **PHONE) as page:
        await page.goto(f"{capture.url}{path}")
        await expect(mail_of(page)).to_have_count(0)
        assert await faults_of(page) == []
        await page.get_by_label("Position").fill("Head of Sums")
        await page.get_by_label("Country").select_option(label="Germany")
        await page.get_by_label("Number of employees").fill("1203480")
        await page.get_by_role("button").click()
        await expect(page.get_by_role("heading")).to_contain_text("Thank you")
    found = await contact(capture, api_key, ADA["email"])
    assert (found["job_title"], found["country"], found["employees"]) == ("Head of Sums", "DE", 1_203_480)
    assert [each["engagement"] for each in found["engagements"]] == ["form_submitted", "content_download"]
    async with opened(browser, java_script_enabled=False) as page:
        await page.goto(f"{capture.url}{path}")
        await expect(page.get_by_role("heading", name="Get the paper")).to_be_visible()
        text = await page.content()
        assert [each for each in (*ADA.values(), "Head of Sums", "1203480") if each in text] == []
        await page.get_by_role("link", name="Not you?").click()
        await mail_of(page).fill("colleague@works.example")
        await page.get_by_role("button").click()
        await expect(page.get_by_role("heading")).to_contain_text("Thank you")
    assert (await contact(capture, api_key, "colleague@works.example"))["contact_id"] != found["contact_id"]


async def test_a_link_may_lead_to_a_page_of_ones_own(
    browser: Browser, capture: Capture, api_key: str, elsewhere: Site
) -> None:
    """The snippet hands on what stands in its page's address, and leads whoever it is not to our own page."""
    email = "ada.elsewhere@works.example"
    query = urlsplit(await link_of(capture, api_key, email=email)).query
    databases = {"capture": capture.database_url}
    binding = keys.KeyBinding(None, (elsewhere.origin,))
    _, key = await keys.create_key(
        databases, SECRET, kind="form", binding=binding, label="mail", scopes=["capture:write"]
    )
    snippet = f'<script src="{capture.url}/f/whitepaper/snippet.js" data-key="{key}" async></script>'
    address = elsewhere.publish(snippet)
    await until_known(capture, key, elsewhere.origin)
    async with opened(browser) as page:
        await page.goto(f"{address}?{query}")
        await page.get_by_label("Number of employees").fill("80")
        await expect(mail_of(page)).to_have_count(0)
        await expect(page.get_by_role("link", name="Not you?")).to_have_attribute("href", f"{capture.url}/f/whitepaper")
        await page.get_by_role("button", name="Send it to me").click()
        await expect(page.get_by_role("heading", name="Thank you")).to_be_focused()
    assert (await contact(capture, api_key, email))["employees"] == 80
