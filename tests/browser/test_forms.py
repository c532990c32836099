"""Form pages and the snippet in a real browser: with JavaScript and without, by keyboard, on phones."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, Locator, Page, expect

from baton import keys
from tests.browser.conftest import LOOK_SECONDS, PATIENCE_SECONDS, SECRET, Capture
from tests.browser.eyes import faults_of, tabbed_through, violations_of
from tests.browser.site import Site

PHONE: dict[str, Any] = {"viewport": {"width": 320, "height": 640}, "has_touch": True, "is_mobile": True}
DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}}


@asynccontextmanager
async def opened(browser: Browser, **options: Any) -> AsyncIterator[Page]:
    """A page in a profile of its own, in which no script may fail and nothing may be blocked."""
    context = await browser.new_context(**options)
    page = await context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    yield page
    await context.close()
    assert [each for each in wrong if "status of 4" not in each] == []


async def contact(capture: Capture, key: str, email: str) -> dict[str, Any]:
    """What capture knows of somebody."""
    async with httpx.AsyncClient(base_url=capture.url, headers={"Authorization": f"Bearer {key}"}) as http:
        found: dict[str, Any] = (await http.get("/v1/contacts", params={"email": email})).json()
    return found


def mail_of(page: Page) -> Locator:
    return page.get_by_role("textbox", name="E-mail")


async def fill(page: Page, email: str) -> None:
    await page.get_by_label("First name").fill("Ada")
    await page.get_by_label("Last name").fill("Löng <b>")
    await mail_of(page).fill(email)
    await page.get_by_label("Country").select_option(label="Germany")
    await page.get_by_label("Phone").fill("030 901820")
    await page.get_by_role("checkbox").check()


@pytest.mark.parametrize("java_script_enabled", [True, False], ids=["with JavaScript", "without"])
async def test_a_form_is_filled_in_sent_and_answered(
    browser: Browser, capture: Capture, api_key: str, java_script_enabled: bool
) -> None:
    """B28, C4, R15: from the landing page's parameters to the wish on the thank-you page."""
    email = f"ada.{java_script_enabled}@works.example".lower()
    async with opened(browser, java_script_enabled=java_script_enabled, timezone_id="Asia/Tokyo") as page:
        await page.goto(f"{capture.url}/f/contact?utm_source=fair")
        await expect(page.get_by_role("checkbox")).not_to_be_checked()
        await fill(page, email)
        await page.get_by_role("button", name="Send").click()
        await expect(page.get_by_role("heading")).to_contain_text("Thank you")
        await page.get_by_label("Call me").check()
        await page.get_by_label("What time suits you?").fill("2026-03-04T10:30")
        await page.get_by_role("button", name="Send").click()
        await expect(page.get_by_role("heading")).to_have_text("We will call you.")
    known = await contact(capture, api_key, email)
    assert (known["last_name"], known["phone"]) == ("Löng <b>", "+4930901820")
    first, wish = known["engagements"]
    assert (first["engagement"], first["utm"]) == ("contact_sales", {"source": "fair"})
    assert (wish["preference"], wish["engagement"]) == ("call_me", "callback_request")
    assert wish["preferred_at"][:16] == ("2026-03-04T01:30" if java_script_enabled else "2026-03-04T10:30")
    assert [each["purpose"] for each in known["consents"]] == ["marketing_email"]


async def test_what_is_wrong_is_shown_where_it_is_wrong(browser: Browser, capture: Capture) -> None:
    """B35: the server's word, without JavaScript; what was filled in stays."""
    async with opened(browser, java_script_enabled=False) as page:
        await page.goto(f"{capture.url}/f/contact")
        await fill(page, "ada@localhost")
        await page.get_by_label("Phone").fill("123456")
        await page.get_by_role("button", name="Send").click()
        await expect(page.get_by_role("alert")).to_contain_text("E-mail")
        await expect(mail_of(page)).to_have_attribute("aria-invalid", "true")
        await expect(mail_of(page)).to_have_accessible_description(
            "This is not a complete e-mail address, such as name@company.com."
        )
        await expect(page.get_by_label("Last name")).to_have_value("Löng <b>")
        await mail_of(page).fill("right@works.example")
        await page.get_by_label("Phone").fill("")
        await page.get_by_role("button", name="Send").click()
        await expect(page.get_by_role("heading")).to_contain_text("Thank you")


async def wrong_with(page: Page) -> list[str]:
    """What is wrong with a page as it stands; axe looks at it once, for it looks at both widths."""
    return await faults_of(page) + (await violations_of(page) if page.viewport_size == DESKTOP["viewport"] else [])


@pytest.mark.parametrize("screen", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("form", ["contact", "demo", "whitepaper"])
async def test_everybody_can_use_a_form(browser: Browser, capture: Capture, screen: dict[str, Any], form: str) -> None:
    """Names, order by the keyboard, contrast in light and dark, sizes for a thumb, nothing wider than a phone."""
    async with opened(browser, **screen) as page:
        await page.goto(f"{capture.url}/f/{form}")
        assert await wrong_with(page) == []
        asked = await page.evaluate("[...document.querySelectorAll('form [name]:not([type=hidden])')].map(e => e.name)")
        names = await tabbed_through(page)
        assert names[: len(asked)] == [*(name for name in asked if name != "website"), "BUTTON"]
        await page.evaluate("document.querySelector('form').noValidate = true")
        await page.get_by_role("button").click()
        await expect(page.get_by_role("alert")).to_be_visible()
        assert await wrong_with(page) == []
        await mail_of(page).fill(f"{form}{screen['viewport']['width']}@works.example")
        for label in ("Last name", "Company"):
            await page.get_by_label(label).fill("Long")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading")).to_contain_text("Thank you")
        assert await wrong_with(page) == []
        await tabbed_through(page)


def snippet(capture: Capture, key: str) -> str:
    return (
        f'<script src="{capture.url}/f/contact/snippet.js" data-key="{key}" async></script>'
        f'<noscript><a href="{capture.url}/f/contact">Open the form</a></noscript>'
    )


async def test_a_form_on_another_site(browser: Browser, capture: Capture, api_key: str, elsewhere: Site) -> None:
    """B67: the snippet in a page of another origin, from its parameters to the wish."""
    databases = {"capture": capture.database_url}
    binding = keys.KeyBinding("contact", (elsewhere.origin,))
    _, key = await keys.create_key(
        databases, SECRET, kind="form", binding=binding, label="site", scopes=["capture:write"]
    )
    address = elsewhere.publish(snippet(capture, key))
    await until_known(capture, key, elsewhere.origin)
    async with opened(browser) as page:
        await page.goto(f"{address}?utm_source=spring&gclid=xyz")
        await fill(page, "ada@localhost")
        await page.get_by_role("button", name="Send").click()
        await expect(mail_of(page)).to_have_attribute("aria-invalid", "true")
        await expect(mail_of(page)).to_be_focused()
        await mail_of(page).fill("ada@site.example")
        await page.get_by_role("button", name="Send").click()
        await expect(page.get_by_role("heading", name="Thank you")).to_be_focused()
        await page.get_by_label("Not now").check()
        await page.get_by_role("button", name="Send").click()
        await expect(page.get_by_role("heading", name="No call, then.")).to_be_visible()
        assert page.url.startswith(address)
    first, wish = (await contact(capture, api_key, "ada@site.example"))["engagements"]
    assert (first["utm"], first["facts"]) == ({"source": "spring"}, {"gclid": "xyz", "language": "en"})
    assert wish["preference"] == "not_now"


async def test_pages_that_were_looked_at_come_with_the_form(
    browser: Browser, capture: Capture, api_key: str, elsewhere: Site
) -> None:
    """Without consent nothing is stored; with it the pages of this browser join the contact at the form."""
    databases = {"capture": capture.database_url}
    binding = keys.KeyBinding("contact", (elsewhere.origin,))
    _, key = await keys.create_key(
        databases, SECRET, kind="form", binding=binding, label="seen", scopes=["capture:write"]
    )
    script = f'<script src="{capture.url}/static/visits.js"></script>'
    address = elsewhere.publish(f"{script}{snippet(capture, key)}")
    await until_known(capture, key, elsewhere.origin)
    async with opened(browser) as page:
        await page.goto(address)
        assert await page.evaluate("document.cookie") == ""
        await page.evaluate("batonVisits.consent()")
        await page.goto(f"{elsewhere.origin}/?second")
        await page.evaluate("batonVisits.consent()")
        await fill(page, "visitor@site.example")
        await page.get_by_role("button", name="Send").click()
        await expect(page.get_by_role("heading", name="Thank you")).to_be_focused()
        await page.evaluate("batonVisits.withdraw()")
        assert await page.evaluate("document.cookie") == ""
    found = (await contact(capture, api_key, "visitor@site.example"))["engagements"]
    assert {each["content"] for each in found if each["engagement"] == "page_view"} == {"/index.html", "/"}


async def until_known(capture: Capture, key: str, origin: str) -> None:
    """Wait until the process has heard of a new key: it asks its database every few seconds."""
    async with (
        httpx.AsyncClient(base_url=capture.url, headers={"Origin": origin}) as http,
        asyncio.timeout(PATIENCE_SECONDS),
    ):
        while True:
            answer = await http.get("/f/contact/embed", params={"key": key})
            if answer.status_code == 200:
                return
            await asyncio.sleep(LOOK_SECONDS)


async def test_a_site_that_may_not_is_given_a_link(browser: Browser, capture: Capture, elsewhere: Site) -> None:
    address = elsewhere.publish(snippet(capture, "bk_abcdef123456_x"))
    context = await browser.new_context()
    page = await context.new_page()
    await page.goto(address)
    await page.get_by_role("link", name="Open the form").click()
    await expect(page.get_by_role("heading", name="Talk to us")).to_be_visible()
    await context.close()


async def test_plain_html_on_another_site_needs_no_script(
    browser: Browser, capture: Capture, api_key: str, elsewhere: Site
) -> None:
    """B28: a form written by hand, with its public key in it."""
    databases = {"capture": capture.database_url}
    binding = keys.KeyBinding("contact", (elsewhere.origin,))
    _, key = await keys.create_key(
        databases, SECRET, kind="form", binding=binding, label="site", scopes=["capture:write"]
    )
    await until_known(capture, key, elsewhere.origin)
    address = elsewhere.publish(
        f'<form method="post" action="{capture.url}/f/contact"><input type="hidden" name="form_key" value="{key}">'
        '<label>Name <input name="last_name"></label><label>Mail <input name="email"></label><button>Go</button></form>'
    )
    async with opened(browser, java_script_enabled=False) as page:
        await page.goto(address)
        await page.get_by_label("Name").fill("Bo")
        await page.get_by_label("Mail").fill("bo@site.example")
        await page.get_by_role("button").click()
        await expect(page.get_by_role("heading")).to_contain_text("Thank you")
    assert (await contact(capture, api_key, "bo@site.example"))["last_name"] == "Bo"
