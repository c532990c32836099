"""Messages that reach people of ours: a real mail server takes them, links in them work once, floods become one."""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from baton.ports import free_port
from desk import handlers, store
from desk.app import service
from desk.domain import Viewer
from events.runtime.testing import ServiceHarness
from tests.desk.conftest import MAX, MIA, signed_in
from tests.desk.test_pages import ADA, profile, promised
from tests.sla_monitor.lead_story import Story

HER = "mia@sales.example"
NOON = datetime.now(UTC).replace(hour=12) + timedelta(days=1)
"""No quiet hour, whenever the tests run; what was made before is due."""


class Mailbox:
    """What a mail server took."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.never_taken: set[str] = set()
        """Addresses whose mails the server neither takes nor refuses."""
        self.waits_for = 1
        """How many mails must be under way before the first is taken."""
        self.under_way = self.most_under_way = 0
        self.is_parting_slowly = False
        self._all_there = asyncio.Event()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if self.never_taken & set(envelope.rcpt_tos):
            await asyncio.Event().wait()
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        if self.under_way >= self.waits_for:
            self._all_there.set()
        await self._all_there.wait()
        self.under_way -= 1
        self.mails.append(message_from_bytes(envelope.content, policy=default))
        return "250 taken"

    async def handle_QUIT(self, _server: Any, _session: Any, _envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if self.is_parting_slowly:
            await asyncio.Event().wait()
        return "221 parted"


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, str]]:
    found = Mailbox()
    port = free_port()
    controller = Controller(found, hostname="127.0.0.1", port=port)
    controller.start()
    yield found, f"smtp://127.0.0.1:{port}"
    controller.stop()


async def reachable(harness: ServiceHarness, url: str, viewer: Viewer = MIA) -> None:
    service.settings = service.settings.model_copy(update={"smtp_url": url})
    await signed_in(harness, replace(viewer, email=HER))


async def value(harness: ServiceHarness, sql: str) -> Any:
    """The one value that a question has."""
    ((found,),) = await harness.raw.fetch(sql)
    return found


def body_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


async def test_a_new_lead_is_in_the_mail_with_links_that_work_once(
    harness: ServiceHarness, mailbox: tuple[Mailbox, str]
) -> None:
    await reachable(harness, mailbox[1])
    await harness.deliver(profile(ADA, last_name="Long"), promised(ADA), ADA.qualified(), ADA.assigned("ann"))
    assert await handlers.deliver_due_messages(service, NOON) == 1
    assert await handlers.deliver_due_messages(service, NOON) == 0
    (mail,) = mailbox[0].mails
    assert (mail["To"], mail["Subject"], mail["Auto-Submitted"]) == (HER, "New lead: Ada Long", "auto-generated")
    text = body_of(mail)
    assert "CTO, Works" in text
    assert "First call or mail: " in text
    path = next(iter(re.findall(r"Accept this lead: \S+?(/a/\S+)", text)))
    browser = {"Accept": "text/html"}
    for _ in range(2):  # a scanner of mails looks at it
        shown = await harness.http.get(path, headers=browser)
        assert "Accept this lead?" in shown.text
        assert "<strong>Ada Long</strong>, Works" in shown.text
    for _ in range(2):  # there is no feedback service in this test: nothing was done, so the link works again
        assert "does not answer just now" in (await harness.http.post(path, headers=browser)).text


async def test_only_who_is_concerned_gets_a_message(harness: ServiceHarness, mailbox: tuple[Mailbox, str]) -> None:
    await reachable(harness, mailbox[1])
    await harness.deliver(ADA.assigned("bob"))
    assert await handlers.deliver_due_messages(service, NOON) == 0


async def test_an_answer_of_marketing_is_sent_to_the_rep(harness: ServiceHarness, mailbox: tuple[Mailbox, str]) -> None:
    await reachable(harness, mailbox[1])
    await harness.deliver(ADA.assigned("ann"))
    await handlers.deliver_due_messages(service, NOON)
    marketing = await signed_in(harness, MAX)
    await marketing.post(f"/returned/{ADA.lead_id}/reply", note="Done", once="1")
    await harness.raw.execute("update messages set due_at = now() where due_at is not null")  # whatever the hour is
    assert await handlers.deliver_due_messages(service, NOON) == 1
    assert mailbox[0].mails[-1]["Subject"] == "Marketing answered about a lead"


async def test_a_flood_comes_as_one(harness: ServiceHarness, mailbox: tuple[Mailbox, str]) -> None:
    await reachable(harness, mailbox[1])
    for nth in range(8):
        await harness.deliver(Story(name=f"lead {nth}").assigned("ann"))
        await handlers.deliver_due_messages(service, NOON)
    assert len(mailbox[0].mails) == 6
    await harness.raw.execute("update messages set due_at = now() where sent_at is null")
    await harness.raw.execute("update messages set sent_at = sent_at - interval '2 hours' where sent_at is not null")
    await handlers.deliver_due_messages(service, NOON)
    assert len(mailbox[0].mails) == 7
    assert mailbox[0].mails[-1]["Subject"].startswith("2 things about your leads")


async def test_what_cannot_be_sent_is_tried_again_and_given_up(harness: ServiceHarness) -> None:
    await reachable(harness, "smtp://127.0.0.1:1")
    await harness.deliver(ADA.assigned("ann"))
    for attempt in range(6):
        assert await handlers.deliver_due_messages(service, NOON) == 1, attempt
        await harness.raw.execute("update messages set due_at = now() where due_at is not null")
    (row,) = await harness.raw.fetch("select attempts, failed_at, due_at, last_error from messages")
    assert (row["attempts"], row["due_at"]) == (6, None)
    assert row["failed_at"] is not None
    assert "127.0.0.1" not in row["last_error"]


@pytest.mark.parametrize("address", ["ann\nBcc: all@works.example", "ann@", "\x07"])
async def test_a_message_that_cannot_be_written_holds_up_nobody(
    harness: ServiceHarness, mailbox: tuple[Mailbox, str], address: str
) -> None:
    """An address that no header takes ended each round, and who came after it got nothing any more."""
    await reachable(harness, mailbox[1])
    await harness.deliver(ADA.assigned("ann"))
    await harness.raw.execute("update users set email = $1", address)
    assert await handlers.deliver_due_messages(service, NOON) == 1
    (row,) = await harness.raw.fetch("select attempts, sent_at, last_error from messages")
    assert (row["attempts"], row["sent_at"]) == (1, None)
    assert row["last_error"]
    assert mailbox[0].mails == []


async def test_no_message_goes_to_a_host_that_is_no_chat_service(harness: ServiceHarness) -> None:
    browser = await signed_in(harness, MIA)
    refused = await browser.post("/settings", email="", zone="UTC", chat_url="https://169.254.169.254/latest")
    assert refused.status_code == 422
    async with harness.transaction() as tx:
        await store.access.save_settings(tx, replace(MIA, chat_url="https://169.254.169.254/latest"))
    await harness.deliver(ADA.assigned("ann"))
    await handlers.deliver_due_messages(service, NOON)
    assert [row["last_error"] for row in await harness.raw.fetch("select last_error from messages")] == ["host_refused"]
