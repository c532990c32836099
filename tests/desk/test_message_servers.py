"""Slow servers, servers that take few at once, and messages that cannot be prepared: each harms its own alone."""

import asyncio

import pytest

from desk import handlers
from desk.app import service
from desk.domain import Viewer
from desk.handlers import mailing, sending
from events.runtime.testing import ServiceHarness
from tests.desk.conftest import signed_in
from tests.desk.test_messages import NOON, Mailbox, mailbox, reachable, value
from tests.desk.test_pages import ADA
from tests.sla_monitor.lead_story import Story

__all__ = ["mailbox"]
BOB = Story(name="bob's")
AL = Viewer("al", "rep", rep_id="bob", email="al@sales.example")
ERROR = "select last_error from messages where user_id = 'al'"


async def test_a_server_that_does_not_answer_holds_up_nobody_elses_message_and_is_not_waited_for(
    harness: ServiceHarness, mailbox: tuple[Mailbox, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After its time a mail still waited for the answer to QUIT, longer than its claim."""
    await reachable(harness, mailbox[1])
    await signed_in(harness, AL)
    monkeypatch.setattr(mailing, "MAIL_SECONDS", 3.0)
    monkeypatch.setattr(mailing, "ANSWER_SECONDS", 600.0)
    monkeypatch.setattr(mailing, "QUIT_SECONDS", 600.0)
    mailbox[0].never_taken.add("al@sales.example")
    await harness.deliver(ADA.assigned("ann"), BOB.assigned("bob"))
    async with asyncio.timeout(60):
        assert await handlers.deliver_due_messages(service, NOON) == 2
    assert [mail["To"] for mail in mailbox[0].mails] == ["mia@sales.example"]
    assert await value(harness, ERROR) == "TimeoutError"


async def test_a_mail_that_was_taken_is_sent_however_the_server_parts(
    harness: ServiceHarness, mailbox: tuple[Mailbox, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    await reachable(harness, mailbox[1])
    monkeypatch.setattr(mailing, "QUIT_SECONDS", 0.1)
    mailbox[0].is_parting_slowly = True
    await harness.deliver(ADA.assigned("ann"))
    assert await handlers.deliver_due_messages(service, NOON) == 1
    assert len(mailbox[0].mails) == 1
    assert await value(harness, "select sent_at from messages") == NOON


async def test_one_server_gets_three_mails_at_once(harness: ServiceHarness, mailbox: tuple[Mailbox, str]) -> None:
    await reachable(harness, mailbox[1])
    mailbox[0].waits_for = sending.SENT_AT_ONCE_BY_HOST
    for nth in range(7):
        await signed_in(harness, Viewer(f"rep{nth}", "rep", rep_id=f"rep{nth}", email=f"rep{nth}@sales.example"))
        await harness.deliver(Story(name=f"lead {nth}").assigned(f"rep{nth}"))
    assert await handlers.deliver_due_messages(service, NOON) == 7
    assert (len(mailbox[0].mails), mailbox[0].most_under_way) == (7, sending.SENT_AT_ONCE_BY_HOST)


async def test_what_has_not_had_its_turn_in_a_round_is_sent_in_the_next(
    harness: ServiceHarness, mailbox: tuple[Mailbox, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """So a round ends while its claim lasts, and no other copy of the desk sends the same."""
    await reachable(harness, mailbox[1])
    await harness.deliver(ADA.assigned("ann"))
    with monkeypatch.context() as slow:
        slow.setattr(sending, "START_SECONDS", -1.0)
        assert await handlers.deliver_due_messages(service, NOON) == 1
    assert mailbox[0].mails == []
    assert await value(harness, "select attempts from messages") == 0
    assert await handlers.deliver_due_messages(service, NOON) == 1
    assert len(mailbox[0].mails) == 1


async def test_a_message_that_cannot_be_prepared_holds_up_nobody(
    harness: ServiceHarness, mailbox: tuple[Mailbox, str]
) -> None:
    """The links of one are refused by the database: all rows of the round waited, and those of the next."""
    await reachable(harness, mailbox[1])
    await signed_in(harness, AL)
    await harness.raw.execute("alter table action_links add constraint none_of_al check (user_id <> 'al')")
    await harness.deliver(ADA.assigned("ann"), BOB.assigned("bob"))
    assert await handlers.deliver_due_messages(service, NOON) == 2
    assert [mail["To"] for mail in mailbox[0].mails] == ["mia@sales.example"]
    assert await value(harness, ERROR)


async def test_who_may_not_sign_in_gets_no_links(harness: ServiceHarness, mailbox: tuple[Mailbox, str]) -> None:
    await reachable(harness, mailbox[1])
    await signed_in(harness, AL)
    await harness.deliver(BOB.assigned("bob"))
    await harness.raw.execute("update users set disabled_at = now()")
    assert await handlers.deliver_due_messages(service, NOON) == 1
    assert await value(harness, ERROR) == "disabled"
    assert not await harness.raw.fetch("select from action_links")


async def test_a_mail_that_is_sent_again_has_the_same_id(harness: ServiceHarness, mailbox: tuple[Mailbox, str]) -> None:
    """It was taken and never recorded: whoever reads mail can tell the second from a new one, one lead or several."""
    await reachable(harness, mailbox[1])
    await harness.deliver(ADA.assigned("ann"))
    for _ in range(2):
        assert await handlers.deliver_due_messages(service, NOON) == 1
        await harness.raw.execute("update messages set sent_at = null, due_at = made_at")
    await harness.deliver(Story(name="another").assigned("ann"))
    for _ in range(2):
        assert await handlers.deliver_due_messages(service, NOON) == 2
        await harness.raw.execute("update messages set sent_at = null, due_at = made_at")
    ids = [mail["Message-ID"] for mail in mailbox[0].mails]
    assert (ids[0], ids[2]) == (ids[1], ids[3])
    assert len(set(ids)) == 2
    first = await value(harness, "select message_id from messages order by made_at limit 1")
    assert ids[0] == f"<{first}@baton.invalid>"
