"""The scanner page in a real browser: offline, through a reload and a dead server, and each scan exactly once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
import segno
from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import Capture
from tests.browser.eyes import faults_of, tabbed_through, violations_of

PHONE: dict[str, Any] = {"viewport": {"width": 375, "height": 700}, "has_touch": True, "is_mobile": True}
SCANS = 200
SYNC_MS = 60_000
WIDTH, HEIGHT = 640, 480

CAPTURED = """
select j.contact_id, e.event_id, p.email, e.facts, e.occurred_at, e.received_at
from journal j
join engagements e on e.engagement_id = (convert_from(j.value, 'utf8')::jsonb ->> 'engagement_id')::uuid
join profiles p on p.contact_id = j.contact_id
where j.ce_type = 'contact.captured.v1' and e.campaign = '{}' order by e.occurred_at
"""


def card(number: int) -> str:
    return f"BEGIN:VCARD\nVERSION:3.0\nFN:Guest {number}\nEMAIL:guest{number}@fair.example\nEND:VCARD"


@asynccontextmanager
async def scanner(browser: Browser, capture: Capture, key: str, event: str) -> AsyncIterator[Page]:
    """A phone that was set up as a scanner for an event."""
    context = await browser.new_context(**PHONE, permissions=["camera"], base_url=capture.url)
    page = await context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    await page.goto("/scan")
    await ready(page)
    await page.get_by_label("Event").fill(event)
    await page.get_by_label("You", exact=True).fill("bo")
    await page.get_by_label("Key of this scanner").fill(key)
    await page.get_by_role("button", name="Keep").click()
    await expect(page.locator("#said")).to_have_text("Kept.")
    yield page
    await context.close()
    assert wrong == []


async def ready(page: Page) -> None:
    await expect(page.locator("html[data-ready=yes]")).to_have_count(1)
    await page.evaluate("navigator.serviceWorker.ready.then(() => true)")


async def counts(page: Page, **expected: int) -> None:
    for name, number in expected.items():
        await expect(page.locator(f"#{name}")).to_have_text(str(number), timeout=SYNC_MS)


async def captured(capture: Capture, event: str) -> list[dict[str, Any]]:
    return await capture.rows(CAPTURED.format(event))


async def test_two_hundred_scans_offline_become_two_hundred_contacts_in_order(
    browser: Browser, capture: Capture, api_key: str
) -> None:
    """C2, C10: no network and no server, a reload in between, then both back. Sent again, they are the same scans."""
    async with scanner(browser, capture, api_key, "fair-offline") as page:
        await page.context.set_offline(True)
        capture.stop()
        badge = page.get_by_label("Badge")
        for number in range(SCANS):
            if number == SCANS // 2:
                await page.reload()
                await ready(page)
            await badge.fill(card(number))
            await badge.press("Enter")
            await expect(page.locator("#waiting")).to_have_text(str(number + 1))
        await page.reload()
        await ready(page)
        await counts(page, waiting=SCANS, sent=0, refused=0)
        await capture.start()
        await page.context.set_offline(False)
        await counts(page, waiting=0, sent=SCANS, refused=0)
        await resend(page)
        await counts(page, waiting=0, sent=SCANS, refused=0)
    rows = await captured(capture, "fair-offline")
    assert [row["email"] for row in rows] == [f"guest{number}@fair.example" for number in range(SCANS)]
    assert len({row["contact_id"] for row in rows}) == SCANS
    arrived = [row["received_at"] for row in rows]
    assert arrived == sorted(arrived)
    assert all(row["received_at"] > row["occurred_at"] for row in rows)


async def resend(page: Page) -> None:
    """As if the answer had been lost on its way: the device believes that all it sent still waits."""
    await page.evaluate(
        """async () => {
            const { settle, waiting, keep } = await import('/static/store.js');
            const database = await new Promise(resolve => {
                const asked = indexedDB.open('baton-scanner');
                asked.onsuccess = () => resolve(asked.result);
            });
            const scans = await new Promise(resolve => {
                const asked = database.transaction('scans').objectStore('scans').getAll();
                asked.onsuccess = () => resolve(asked.result);
            });
            const again = scans.map((scan, n) => ({ ...scan, event: 'fair-offline', scanned_by: 'bo',
                badge: `BEGIN:VCARD\\nVERSION:3.0\\nFN:Guest ${n}\\nEMAIL:guest${n}@fair.example\\nEND:VCARD` }));
            await settle(again, again.map(() => ({ state: 'waiting' })));
        }"""
    )
    await page.get_by_role("button", name="Send now").click()


async def test_a_server_that_refuses_a_scan_is_quoted_and_spoils_no_other(
    browser: Browser, capture: Capture, api_key: str
) -> None:
    async with scanner(browser, capture, api_key, "fair-refused") as page:
        badge = page.get_by_label("Badge")
        for text in (card(1), "x" * 30_000, card(2)):
            await badge.fill(text)
            await badge.press("Enter")
        await counts(page, waiting=0, sent=2, refused=1)
        await expect(page.locator("#latest")).to_contain_text("refused")
    assert [row["email"] for row in await captured(capture, "fair-refused")] == [
        "guest1@fair.example",
        "guest2@fair.example",
    ]


async def test_the_booth_sees_at_once_whose_address_is_missing(
    browser: Browser, capture: Capture, api_key: str
) -> None:
    """Issue 16: a bare number is sent and listed, and stays listed when the page is opened again."""
    async with scanner(browser, capture, api_key, "fair-asking") as page:
        for badge in ("104233", card(950)):
            await page.get_by_label("Badge").fill(badge)
            await page.get_by_role("button", name="Save this scan").click()
        await counts(page, sent=2, waiting=0)
        listed = page.locator("#latest li").filter(has_text="no e-mail")
        await expect(listed).to_have_text("104233sent: no e-mail")
        await page.reload()
        await ready(page)
        await expect(listed).to_have_count(1)


async def test_the_scanner_lists_the_events_also_without_a_network(
    browser: Browser, capture: Capture, api_key: str
) -> None:
    """Issue 16: an event whose name is mistyped is another event."""
    async with httpx.AsyncClient(base_url=capture.url, headers={"Authorization": f"Bearer {api_key}"}) as http:
        put = await http.put("/v1/campaigns/fair-listed", json={"name": "Fair of the year"})
    assert put.status_code == 200, put.text
    listed = '#events option[value="fair-listed"]'
    async with scanner(browser, capture, api_key, "fair-other") as page:
        await expect(page.locator(listed)).to_have_count(1)
        await page.context.set_offline(offline=True)
        await page.reload()
        await ready(page)
        await expect(page.locator(listed)).to_have_count(1)


async def test_a_key_that_ended_keeps_the_scans(browser: Browser, capture: Capture) -> None:
    """What the server does not know stays on the device, and the device says why."""
    async with scanner(browser, capture, "bk_abcdef123456_x", "fair-key") as page:
        await page.get_by_label("Badge").fill(card(1))
        await page.get_by_label("Badge").press("Enter")
        await expect(page.locator("#network")).to_have_text("Key refused")
        await counts(page, waiting=1, sent=0)


async def test_a_hand_scanner_types_a_whole_card(browser: Browser, capture: Capture, api_key: str) -> None:
    """A vCard has many lines, each with an Enter: only the last one ends the scan."""
    async with scanner(browser, capture, api_key, "fair-typed") as page:
        await page.get_by_label("Badge").focus()
        await page.keyboard.type(card(7).replace("\n", "\r") + "\r")
        await page.keyboard.type("  4711\r4712\r4713\r")
        await counts(page, waiting=0, sent=4)
    rows = await captured(capture, "fair-typed")
    assert sorted(row["email"] or "" for row in rows) == ["", "", "", "guest7@fair.example"]
    assert len({row["contact_id"] for row in rows}) == 4


async def test_what_the_rep_adds_arrives(browser: Browser, capture: Capture, api_key: str) -> None:
    async with scanner(browser, capture, api_key, "fair-notes") as page:
        await page.get_by_label("Badge").fill(card(9))
        await page.get_by_label("4", exact=True).check(force=True)
        await page.get_by_label("Notes").fill("wants 40 seats")
        await page.get_by_label("Has a budget").check()
        await page.get_by_label("Wants to talk to sales").check()
        await page.get_by_role("button", name="Save this scan").click()
        await counts(page, sent=1)
        await expect(page.get_by_label("Notes")).to_have_value("")
    (row,) = await captured(capture, "fair-notes")
    assert '"rating": 4' in row["facts"]
    assert '"has_budget": true' in row["facts"]
    assert '"notes": "wants 40 seats"' in row["facts"]
    assert '"scanned_by": "bo"' in row["facts"]


async def test_the_camera_reads_a_badge(browser: Browser, capture: Capture, api_key: str, badge_video: Path) -> None:
    """The code as a camera sees it, through whatever detector this browser has."""
    film(badge_video, card(42))
    async with scanner(browser, capture, api_key, "fair-camera") as page:
        await page.get_by_role("button", name="Start the camera").click()
        await expect(page.get_by_label("Badge")).to_have_value(card(42), timeout=SYNC_MS)
        await page.get_by_role("button", name="Stop the camera").click()
        await page.get_by_role("button", name="Save this scan").click()
        await counts(page, sent=1)
    assert [row["email"] for row in await captured(capture, "fair-camera")] == ["guest42@fair.example"]


def film(path: Path, text: str) -> None:
    """Film a code: a few frames in the form that Chromium's camera plays."""
    matrix = [[bool(module) for module in row] for row in segno.make(text, error="m").matrix]
    size = HEIGHT * 3 // 4 // len(matrix)
    top, left = (HEIGHT - size * len(matrix)) // 2, (WIDTH - size * len(matrix)) // 2
    luma = bytearray(b"\xff" * (WIDTH * HEIGHT))
    for y, row in enumerate(matrix):
        line = b"".join((b"\x10" if dark else b"\xff") * size for dark in row)
        for offset in range(size):
            start = (top + y * size + offset) * WIDTH + left
            luma[start : start + len(line)] = line
    grey = b"\x80" * (WIDTH * HEIGHT // 2)
    header = f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420jpeg\n".encode()
    path.write_bytes(header + (b"FRAME\n" + luma + grey) * 5)


@pytest.mark.parametrize("screen", [PHONE, {"viewport": {"width": 1280, "height": 900}}], ids=["phone", "desktop"])
async def test_everybody_can_use_the_scanner(
    browser: Browser, capture: Capture, api_key: str, screen: dict[str, Any]
) -> None:
    async with scanner(browser, capture, api_key, "fair-eyes") as page:
        await page.set_viewport_size(screen["viewport"])
        await page.get_by_label("Badge").fill(card(1))
        await page.get_by_role("button", name="Save this scan").click()
        await counts(page, sent=1)
        assert await faults_of(page) + await violations_of(page) == []
        names = await tabbed_through(page)
        assert names[:5] == [
            "rating",
            "answer.has_project",
            "answer.has_budget",
            "answer.decision_maker",
            "answer.wants_demo",
        ]


async def test_a_phone_is_paired_by_a_link_and_notes_what_the_visitor_agrees_to(
    browser: Browser, capture: Capture, api_key: str
) -> None:
    """C4: the key leaves the address at once; a box is a yes only where somebody ticked it."""
    context = await browser.new_context(**PHONE, base_url=capture.url)
    page = await context.new_page()
    await page.goto("/scan#" + urlencode({"event": "fair-paired", "key": api_key}))
    await ready(page)
    assert "#" not in page.url
    await expect(page.get_by_label("Event")).to_have_value("fair-paired")
    await page.get_by_label("You", exact=True).fill("bo")
    await page.get_by_role("button", name="Keep").click()
    for number, agrees in enumerate([True, False]):
        if agrees:
            await page.get_by_label("Agrees to an e-mail").check()
        await page.get_by_label("Badge").fill(card(900 + number))
        await page.get_by_role("button", name="Save this scan").click()
        await counts(page, sent=number + 1)
    await context.close()
    rows = await capture.rows(
        "select c.purpose, c.granted, p.email from consents c join profiles p using (contact_id)"
        " where p.email like 'guest90%'"
    )
    assert [tuple(row.values()) for row in rows] == [("marketing_email", True, "guest900@fair.example")]
