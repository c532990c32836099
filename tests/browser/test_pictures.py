"""Every page after ten weeks of a team's work: usable by everybody at both widths, and drawn for `docs/pages`."""

import re
from collections.abc import AsyncIterator, Iterator
from email import message_from_bytes
from email.policy import default
from typing import Any
from uuid import UUID

import pytest
from aiosmtpd.controller import Controller
from playwright.async_api import Browser, Page, expect

from baton import stack as stacks
from baton.ports import free_port
from baton.service_client import open_service_clients
from baton.stack import Stack, StartOptions
from baton_client import AsyncBaton
from tests.browser.busy_weeks import BEGINS, MADRID, BusyWeeks, write_playbook
from tests.browser.eyes import faults_of, violations_of
from tests.browser.pictures import picture
from tests.browser.test_people import free_base, phone_at, signed_in, until
from tests.e2e.world import World

HER = "carmen@sales.example"


class Mailbox:
    """What a mail server took."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        part = message_from_bytes(envelope.content, policy=default).get_body(("plain",))
        self.texts.append("" if part is None else str(part.get_content()))
        return "250 taken"


@pytest.fixture(scope="module")
def mailbox() -> Iterator[tuple[Mailbox, str]]:
    found, port = Mailbox(), free_port()
    controller = Controller(found, hostname="127.0.0.1", port=port)
    controller.start()
    yield found, f"smtp://127.0.0.1:{port}"
    controller.stop()


@pytest.fixture(scope="module")
def stack(chromium: str, mailbox: tuple[Mailbox, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """All six services on the stepped clock, under the rules of a team in Madrid."""
    assert chromium
    folder = tmp_path_factory.mktemp("pictures")
    write_playbook(folder / "playbook")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BATON_PLAYBOOK_DIR", str(folder / "playbook"))
        patch.setenv("BATON_SMTP_URL", mailbox[1])
        started = stacks.start_detached(StartOptions(str(folder / "d"), free_base(), "stepped", BEGINS.isoformat()))
    yield started
    stacks.stop_stack(folder / "d")


@pytest.fixture(scope="module")
async def baton(stack: Stack) -> AsyncIterator[AsyncBaton]:
    async with open_service_clients(stack) as opened:
        yield opened


@pytest.fixture(scope="module")
async def weeks(stack: Stack, baton: AsyncBaton) -> AsyncIterator[BusyWeeks]:
    """The ten weeks, over; a rep who gets mails was there from the beginning."""
    await baton.desk.invite(user_id="carmen", role="rep", rep_id="carmen-ruiz", email=HER)
    async with World(stack) as world:
        found = BusyWeeks(world)
        await found.play()
        yield found


async def shown(page: Page, address: str, name: str, *, axe: bool = True) -> None:
    """Open a page; nothing may be wrong with it; draw it."""
    await page.goto(address)
    await expect(page.locator("h1")).to_be_visible()
    assert await faults_of(page) + (await violations_of(page) if axe else []) == [], address
    await picture(page, name)


async def in_madrid(page: Page, stack: Stack) -> None:
    await page.goto(f"{stack.urls['desk']}/settings")
    await page.get_by_label("Time zone").fill(MADRID)
    await page.get_by_role("button", name="Save").click()


async def test_what_a_rep_sees(browser: Browser, stack: Stack, baton: AsyncBaton, weeks: BusyWeeks) -> None:
    pages = stack.urls["desk"]
    async with signed_in(browser, baton, user_id="carmen", role="rep", rep_id="carmen-ruiz", email=HER) as page:
        await in_madrid(page, stack)
        await shown(page, f"{pages}/leads", "leads")
        await picture(page, "leads-dark", "dark")
        accepted = page.locator("[data-lead]", has_text="Accepted").last
        await accepted.get_by_role("link", name="More about", exact=False).click()
        await page.get_by_text("Return to marketing").click()
        await page.get_by_label("Reason").select_option("competitor")
        await page.get_by_label("With whom, if you know").fill("Quantio")
        await page.get_by_label("What marketing should know").fill("Under contract until September, and content.")
        await page.get_by_role("button", name="Return", exact=True).click()
        await expect(page.get_by_role("status").first).to_contain_text("Returned to marketing.")
        await weeks.world.settled()
        await page.goto(f"{pages}/leads")
        await page.locator("[data-lead] .name").first.click()
        await expect(page.locator("h1")).to_be_visible()
        await shown(page, page.url, "person")
        await shown(page, f"{pages}/settings", "settings")
        await shown(page, f"{pages}/offline", "no-network")
        await shown(page, f"{pages}/people/{UUID(int=0)}", "no-page")
    async with signed_in(browser, baton, user_id="elena", role="rep", rep_id="elena-prieto") as page:
        await shown(page, f"{pages}/leads", "leads-empty")
    assert weeks.contacts


async def test_what_a_leader_sees(browser: Browser, stack: Stack, baton: AsyncBaton, weeks: BusyWeeks) -> None:
    pages = stack.urls["desk"]
    async with signed_in(browser, baton, user_id="rosa", role="manager", team="inbound") as page:
        await in_madrid(page, stack)
        await shown(page, f"{pages}/today", "today")
        await picture(page, "today-dark", "dark")
        await shown(page, f"{pages}/today/list?what=open", "today-list")
        await shown(page, f"{pages}/promises?by=rep&days=90", "promises")
        await shown(page, f"{pages}/promises/list?by=team&group=inbound&what=missed&days=90", "promises-list")
        await page.goto(f"{pages}/today")
        await page.locator(".rows .name").first.click()
        await expect(page.locator("h1")).to_be_visible()
        await shown(page, page.url, "person-leader")
        await shown(page, f"{page.url}/route", "route")
    assert weeks.contacts


async def test_what_marketing_sees(browser: Browser, stack: Stack, baton: AsyncBaton, weeks: BusyWeeks) -> None:
    pages = stack.urls["desk"]
    async with signed_in(browser, baton, user_id="max", role="marketing") as page:
        await in_madrid(page, stack)
        await shown(page, f"{pages}/returned", "returned")
        await page.goto(f"{pages}/reviews")
        await expect(page.locator("article").first).to_be_visible()
        await shown(page, f"{pages}/reviews", "reviews")
        await shown(page, f"{pages}/funnel?by=campaign&days=90", "funnel")
        await shown(page, f"{pages}/funnel/list?by=campaign&group=spring-webinar&days=90", "funnel-list")
        await shown(page, f"{pages}/digest", "digest")
        for name, kind in (("digest-list", "leads"), ("digest-touches", "touches")):
            await page.goto(f"{pages}/digest")
            await page.locator(f"a[href*='/digest/{kind}']").first.click()
            await expect(page.locator("h1")).to_be_visible()
            await shown(page, page.url, name)
        await shown(page, f"{pages}/forms", "forms")
        await shown(page, f"{pages}/forms/demo", "form")
        await shown(page, f"{pages}/rules", "rules")
        await shown(page, f"{pages}/people/{weeks.contacts['won']}/data", "data")


async def test_what_an_operator_sees(browser: Browser, stack: Stack, baton: AsyncBaton, weeks: BusyWeeks) -> None:
    pages, capture = stack.urls["desk"], stack.urls["capture"]
    lists = b"email,company\nada@difference-engines.example,Engines\nnot an address,Nobody\n"
    await weeks.world.http.post(f"{capture}/v1/imports", content=lists, headers={"Content-Type": "text/csv"})
    await weeks.world.somebody_publishes("contacts.captured.v1", "nobody", b"{", ce_type="contact.captured.v1")
    async with signed_in(browser, baton, user_id="ola", role="operator") as page:
        await in_madrid(page, stack)
        await page.goto(f"{pages}/operator/scanners")
        await page.get_by_label("Event").fill("ifema-2026")
        await page.get_by_label("What the device is called").fill("Booth 7, left")
        await page.get_by_role("button", name="Make the link").click()
        link = await page.get_by_label("Without a camera").input_value()
        assert await faults_of(page) + await violations_of(page) == []
        await picture(page, "scanners")
        async with phone_at(browser, link) as phone:
            await phone.get_by_label("You", exact=True).fill("marta")
            await phone.get_by_role("button", name="Keep").click()
            assert await faults_of(phone) + await violations_of(phone) == []
            await picture(phone, "scan")
            await picture(phone, "scan-dark", "dark")
        await shown(page, f"{pages}/operator", "operator")
        await shown(page, f"{pages}/operator/audit", "audit")
        await page.goto(f"{pages}/people/{weeks.contacts['closed']}/data")
        await page.get_by_text("Erase this person").click()
        await page.get_by_role("button", name="Erase now").click()
        await expect(page.get_by_role("heading", name="Erased")).to_be_visible()
        await weeks.world.settled()
        await shown(page, page.url, "erased")


async def test_what_approvers_see(browser: Browser, stack: Stack, baton: AsyncBaton, weeks: BusyWeeks) -> None:
    pages = stack.urls["desk"]
    eva = {"user_id": "eva", "role": "marketing", "signs_as": "marketing:head_of_demand_generation"}
    assert weeks.contacts
    async with signed_in(browser, baton, scripts=True, **eva) as page:
        await in_madrid(page, stack)
        await page.goto(f"{pages}/rules/change/scoring")
        await page.get_by_text("Readiness", exact=False).first.click()
        await page.get_by_role("group", name="levels").get_by_label("2", exact=True).fill("20")
        await page.get_by_role("button", name="Try", exact=True).click()
        await expect(page.locator("#effect")).to_be_visible()
        assert await faults_of(page) + await violations_of(page) == []
        await picture(page, "numbers")
        await page.get_by_role("button", name="Propose to both teams").click()
        await page.get_by_role("button", name="Sign as").click()
        await shown(page, f"{pages}/rules", "rules")


async def test_what_somebody_sees_before_they_are_in(
    browser: Browser, stack: Stack, baton: AsyncBaton, weeks: BusyWeeks, mailbox: tuple[Mailbox, str]
) -> None:
    pages = stack.urls["desk"]
    page = await browser.new_page()
    await shown(page, f"{pages}/sign-in", "sign-in")
    made = await baton.desk.invite(user_id="carmen", role="rep", rep_id="carmen-ruiz", email=HER)
    await shown(page, str(made.url), "invited")

    async def has_link() -> bool:
        return any(re.search(r"/a/\S+", text) for text in mailbox[0].texts)

    await until(has_link)
    path = next(found[0] for text in reversed(mailbox[0].texts) if (found := re.search(r"/a/\S+", text)))
    await shown(page, f"{pages}{path}", "link")
    await page.close()
    assert weeks.contacts


async def test_what_a_visitor_sees(browser: Browser, stack: Stack, weeks: BusyWeeks) -> None:
    """In Spanish, as a visitor in Madrid reads it."""
    page = await browser.new_page(locale="es-ES", timezone_id=MADRID)
    await shown(page, f"{stack.urls['capture']}/f/demo", "visitor-form")
    for label, text in {"Apellidos": "Quiroga", "Correo": "ada@nueva.example", "Empresa": "Nueva"}.items():
        await page.get_by_label(label, exact=False).first.fill(text)
    await page.get_by_role("button").last.click()
    await page.locator("input[value=book]").check()
    assert await faults_of(page) + await violations_of(page) == []
    await picture(page, "visitor-thanks")
    await page.locator("form button").last.click()
    await weeks.world.settled()
    await page.reload()
    await expect(page.get_by_role("radio").first).to_be_visible()
    assert await faults_of(page) + await violations_of(page) == []
    await picture(page, "booking")
    await page.get_by_role("radio").first.check()
    await page.locator("form button").last.click()
    await expect(page.get_by_role("radio")).to_have_count(0)
    assert await faults_of(page) + await violations_of(page) == []
    await picture(page, "booked")
    await page.close()
