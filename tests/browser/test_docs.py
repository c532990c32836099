"""The page of the OpenAPI document in a real browser that reaches no other host."""

from urllib.parse import urlsplit

from playwright.async_api import Browser, Route, expect

from tests.browser.conftest import Capture

PATIENCE_MS = 60_000


async def test_the_documentation_works_offline_under_its_policy(browser: Browser, capture: Capture) -> None:
    """It shows every operation, sends a request, asks no other host, and breaks no rule of its content policy."""
    context = await browser.new_context(base_url=capture.url)
    page = await context.new_page()
    elsewhere: list[str] = []
    wrong: list[str] = []

    async def check(route: Route) -> None:
        url = urlsplit(route.request.url)
        if url.scheme in {"data", "blob"} or f"{url.scheme}://{url.netloc}" == capture.url:
            await route.continue_()
        else:
            elsewhere.append(route.request.url)
            await route.abort()

    await context.route("**/*", check)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    await page.goto("/docs")
    document = await (await context.request.get("/openapi.json")).json()
    operations = sum(len(methods) for methods in document["paths"].values())
    await expect(page.locator(".opblock")).to_have_count(operations, timeout=PATIENCE_MS)
    alive = page.locator(".opblock", has=page.locator("[data-path='/livez']"))
    await alive.locator(".opblock-summary-control").click()
    await alive.get_by_role("button", name="Try it out").click()
    await alive.get_by_role("button", name="Execute").click()
    await expect(alive.locator(".live-responses-table .response-col_status").last).to_contain_text(
        "200", timeout=PATIENCE_MS
    )
    await context.close()
    assert elsewhere == []
    assert wrong == []
