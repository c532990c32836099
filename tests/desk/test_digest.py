"""The week as a page for whoever leads, and as a message on Monday morning."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from desk import handlers
from desk.app import service
from desk.domain import Viewer, letters
from desk.domain.notices import digests
from desk.handlers.notices import notify_of_week
from desk.playbook import DeskPlaybook, Rule
from events.runtime.testing import ServiceHarness
from feedback.app import service as feedback
from tests.conftest import Databases
from tests.desk.conftest import BEN, LEA, MAX, MIA, OLA, Neighbours, signed_in
from tests.desk.test_messages import Mailbox, body_of, mailbox
from tests.sla_monitor.domain_harness import FOLDER

EIGHT = datetime(2026, 3, 2, 8, tzinfo=UTC)
"""On a Monday."""
RULES = DeskPlaybook(messages={"digest": Rule(to=("manager", "marketing"))})
LEADER = Viewer("lea", "manager", team="inbound", email="lea@sales.example")

__all__ = ["mailbox"]


@pytest.fixture
async def weeks(neighbours: Neighbours, databases: Databases) -> AsyncIterator[ServiceHarness]:
    async with ServiceHarness.open(feedback, await databases("feedback")) as opened:
        async with opened.transaction() as tx:
            await feedback.playbooks.activate(tx, feedback.playbooks.read(FOLDER), by="default", approvals=[])
        neighbours.harnesses["feedback.test"] = opened
        yield opened


async def test_leaders_and_marketers_read_the_week(harness: ServiceHarness, weeks: ServiceHarness) -> None:
    assert weeks
    for viewer in (LEA, MAX, OLA):
        answer = await (await signed_in(harness, viewer)).get("/digest")
        assert "The hand-over, week 9 of 2026" in answer.text
        assert "style-src 'sha256-" in answer.headers["content-security-policy"]
    assert "week 6 of 2026" in (await (await signed_in(harness, LEA)).get("/digest?week=2026-W06")).text
    for viewer in (MIA, BEN):
        assert (await (await signed_in(harness, viewer)).get("/digest")).status_code == 403


async def test_a_week_that_cannot_be_read_says_so(harness: ServiceHarness) -> None:
    leader = await signed_in(harness, LEA)
    answer = await leader.get("/digest")
    assert answer.status_code == 503
    assert "The digest cannot be read just now." in answer.text
    assert (await leader.get("/digest?week=last")).status_code == 422


def test_monday_begins_in_each_persons_zone() -> None:
    berlin, rep = replace(LEADER, zone="Europe/Berlin"), replace(MIA, email="mia@sales.example")
    assert digests([LEADER, rep], RULES, EIGHT - timedelta(minutes=1)) == []
    assert [each.user_id for each in digests([LEADER, rep], RULES, EIGHT)] == ["lea"]
    assert len(digests([berlin], RULES, EIGHT - timedelta(hours=1))) == 1
    assert digests([LEADER], RULES, EIGHT + timedelta(days=1)) == []
    assert digests([LEADER], DeskPlaybook(), EIGHT) == []


def test_each_week_is_sent_once_by_each_way() -> None:
    (first,), (again,) = digests([LEADER], RULES, EIGHT), digests([LEADER], RULES, EIGHT + timedelta(hours=3))
    (next_week,) = digests([LEADER], RULES, EIGHT + timedelta(days=7))
    assert first.message_id == again.message_id != next_week.message_id
    assert first.lead_id is None


def test_the_letter_has_the_numbers_beside_those_of_the_week_before() -> None:
    week = {"name": "2026-W09", "from": "2026-02-23", "to": "2026-03-01"}
    numbers = {"qualified": {"now": 1234.0, "before": 20.0}, "sql": {"now": 0.0, "before": 0.0}}
    subject, text = letters.digest_letter(week, numbers, "https://b.example")
    assert subject == "The hand-over in week 9"
    assert "Qualified: 1,234 (20)\nSQL: 0 (0)\n" in text
    assert text.endswith("https://b.example/digest?week=2026-W09\n")


async def test_the_week_comes_by_mail_beside_what_else_is_due(
    harness: ServiceHarness, weeks: ServiceHarness, mailbox: tuple[Mailbox, str], neighbours: Neighbours
) -> None:
    """Where feedback is away it is tried again; it is never part of a message about leads."""
    service.settings = service.settings.model_copy(update={"smtp_url": mailbox[1]})
    await signed_in(harness, LEADER)
    await notify_of_week(service, EIGHT)
    await notify_of_week(service, EIGHT)
    del neighbours.harnesses["feedback.test"]
    assert await handlers.deliver_due(service) == 1
    (row,) = await harness.raw.fetch("select last_error, lead_id from messages")
    assert tuple(row) == ("feedback_away", None)
    neighbours.harnesses["feedback.test"] = weeks
    await harness.raw.execute("update messages set due_at = now()")
    assert await handlers.deliver_due(service) == 1
    (mail,) = mailbox[0].mails
    assert mail["Subject"] == "The hand-over in week 9"
    assert "/digest?week=2026-W09" in body_of(mail)
