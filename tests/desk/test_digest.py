"""The week as a page for whoever leads, and as a message on Monday morning."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from desk import handlers
from desk.app import service
from desk.domain import Viewer, digest_letters
from desk.domain.notices import make_digest_messages
from desk.handlers.languages import LANGUAGES
from desk.handlers.notices import save_digest_messages
from desk.playbook import DeskPlaybook, MessageRule
from events.contacts import PlaybookActivated
from events.runtime.testing import ServiceHarness
from events.sla import ClockBreached, ClockMet, ClockRescinded
from feedback.app import service as feedback
from feedback.domain.digest import REACHED
from tests.conftest import Databases
from tests.desk.conftest import BEN, LEA, MAX, MIA, OLA, Neighbours, signed_in
from tests.desk.test_messages import NOON, Mailbox, body_of, mailbox
from tests.desk.test_pages import profile
from tests.sla_monitor.domain_harness import FOLDER
from tests.sla_monitor.lead_story import MONDAY, Story, hours

EIGHT = datetime(2026, 3, 2, 8, tzinfo=UTC)
"""On a Monday."""
RULES = DeskPlaybook(messages={"digest": MessageRule(to=("manager", "marketing"))})
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
        assert '<a href="/">Back to the first page</a>' in answer.text
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
    assert make_digest_messages([LEADER, rep], RULES, EIGHT - timedelta(minutes=1)) == []
    assert [each.user_id for each in make_digest_messages([LEADER, rep], RULES, EIGHT)] == ["lea"]
    assert len(make_digest_messages([berlin], RULES, EIGHT - timedelta(hours=1))) == 1
    assert make_digest_messages([LEADER], RULES, EIGHT + timedelta(days=1)) == []
    assert make_digest_messages([LEADER], DeskPlaybook(), EIGHT) == []


def test_each_week_is_sent_once_by_each_way() -> None:
    (first,), (again,) = (
        make_digest_messages([LEADER], RULES, EIGHT),
        make_digest_messages([LEADER], RULES, EIGHT + timedelta(hours=3)),
    )
    (next_week,) = make_digest_messages([LEADER], RULES, EIGHT + timedelta(days=7))
    assert first.message_id == again.message_id != next_week.message_id
    assert first.lead_id is None


def test_the_letter_has_the_numbers_beside_those_of_the_week_before() -> None:
    week = {"name": "2026-W09", "from": "2026-02-23", "to": "2026-03-01"}
    numbers = {"qualified": {"now": 1234.0, "before": 20.0}, "sql": {"now": 0.0, "before": 0.0}}
    quiet = {
        "week": week, "numbers": numbers, "promises": [], "untouched": {}, "stages": [{"stage": "mql", "stuck": 0}],
        "hours_to_touch": {"median": None, "p90": None}, "came_back": {"woken": 0, "qualified_again": 0},
    }  # fmt: skip
    subject, text = digest_letters.write_digest_message(quiet, "https://b.example")
    assert subject == "The hand-over in week 9"
    assert "Qualified: 1,234 (20)\nSQL: 0 (0)\n\nCame back: 0 woken, 0 qualified again by points\n" in text
    assert text.endswith("https://b.example/digest?week=2026-W09\n")


def test_the_letter_has_the_half_of_sales_too() -> None:
    """14.15: promises by team, who waits untouched, what is stuck, what came back."""
    promises = [
        {"clock": clock, "team": team, "kept": kept, "missed": missed, "promised": promised}
        for clock, team, kept, missed, promised in (
            ("acceptance", "ae", 3, 1, 0.9), ("review", None, 0, 2, None), ("acceptance", "ae", 4, 0, 0.9),
            ("first_touch", "ae", 9, 1, 0.9),
        )
    ]  # fmt: skip
    lists = {"stuck": "/v1/leads?state=mql&stuck=true"}
    stages = [{"stage": "mql", "stuck": 30, "leads": 41, "stuck_days": 60, "lists": lists}]
    found = {
        "week": {"name": "2026-W09", "from": "2026-02-23", "to": "2026-03-01"}, "numbers": {}, "promises": promises,
        "untouched": {"ae": 2, "": 1}, "untouched_list": "/v1/leads?untouched_days=2",
        "hours_to_touch": {"median": 2, "p90": 99}, "stages": stages,
        "came_back": {"woken": 3, "qualified_again": 2},
    }  # fmt: skip
    _, text = digest_letters.write_digest_message(found, "https://b.example")
    assert text.splitlines()[2:-2] == [
        "",
        "Accept or pass on, ae: 7 of 8 kept, less than promised (90%)",
        "First call or mail, ae: 9 of 10 kept, as promised (90%)",
        "Review, nobody: 0 of 2 kept",
        "Without a touch two days after hand-over: nobody 1, ae 2",
        "  https://b.example/digest/leads?untouched_days=2",
        "First touch after hand-over: half within 2 h, nine of ten within 4 days",
        "Stuck in New: 30 of 41, longer than 60 days",
        "  https://b.example/digest/leads?state=mql&stuck=true",
        "Came back: 3 woken, 2 qualified again by points",
    ]


WHOLE = {
    "week": {"name": "2026-W09", "from": "2026-02-23", "to": "2026-03-01"},
    "numbers": {name: {"now": 1234.0, "before": 20.0} for name in (*REACHED, "revenue")},
    "promises": [
        {"clock": clock, "team": team, "kept": kept, "missed": 1, "promised": promised}
        for clock, team, kept, promised in (
            ("acceptance", "ae", 3, 0.9), ("first_touch", "ae", 99, 0.9), ("second_touch", None, 0, None),
        )
    ],
    "untouched": {"ae": 2, "": 1}, "untouched_list": "/v1/leads?untouched_days=2",
    "hours_to_touch": {"median": 2, "p90": 99},
    "stages": [{"stage": "mql", "stuck": 30, "leads": 41, "stuck_days": 60, "lists": {"stuck": "/v1/leads"}}],
    "came_back": {"woken": 3, "qualified_again": 2},
}  # fmt: skip


@pytest.mark.parametrize("code", sorted(set(LANGUAGES) - {"en"}))
def test_the_letter_is_in_the_readers_language(code: str) -> None:
    """Line by line another than in English, but for addresses and what is called so everywhere."""
    english, translated = (
        digest_letters.write_digest_message(WHOLE, "https://b.example", LANGUAGES[each]) for each in ("en", code)
    )
    assert translated[0] != english[0]
    pairs = list(zip(english[1].splitlines(), translated[1].splitlines(), strict=True))
    same = {before for before, after in pairs if before == after}
    assert all(not line or line.startswith("  https://") for line in same), same
    assert all("{" not in after for _, after in pairs)
    assert "1,234" not in translated[1]


async def test_the_week_comes_by_mail_beside_what_else_is_due(
    harness: ServiceHarness, weeks: ServiceHarness, mailbox: tuple[Mailbox, str], neighbours: Neighbours
) -> None:
    """Where feedback is away it is tried again; it is never part of a message about leads."""
    service.settings = service.settings.model_copy(update={"smtp_url": mailbox[1]})
    await signed_in(harness, LEADER)
    await save_digest_messages(service, EIGHT)
    await save_digest_messages(service, EIGHT)
    del neighbours.harnesses["feedback.test"]
    assert await handlers.deliver_due_messages(service, NOON) == 1
    (row,) = await harness.raw.fetch("select last_error, lead_id from messages")
    assert tuple(row) == ("feedback_away", None)
    neighbours.harnesses["feedback.test"] = weeks
    await harness.raw.execute("update messages set due_at = now()")
    assert await handlers.deliver_due_messages(service, NOON) == 1
    (mail,) = mailbox[0].mails
    assert mail["Subject"] == "The hand-over in week 9"
    assert "Came back: 0 woken, 0 qualified again by points" in body_of(mail)
    assert "/digest?week=2026-W09" in body_of(mail)


async def test_the_mail_of_the_week_is_in_the_language_of_whoever_reads_it(
    harness: ServiceHarness, weeks: ServiceHarness, mailbox: tuple[Mailbox, str]
) -> None:
    assert weeks
    service.settings = service.settings.model_copy(update={"smtp_url": mailbox[1]})
    await signed_in(harness, LEADER)
    await harness.raw.execute("update users set language = 'de'")
    await save_digest_messages(service, EIGHT)
    assert await handlers.deliver_due_messages(service, NOON) == 1
    (mail,) = mailbox[0].mails
    assert mail["Subject"] == "Die Übergabe in Woche 9"
    html = mail.get_body(("html",))
    assert html is not None
    assert '<html lang="de">' in html.get_content()
    assert "Zurückgekommen: 0 geweckt, 0 durch Punkte erneut qualifiziert" in body_of(mail)


LINK = re.compile(r'<a href="(/digest/[^"]+)"[^>]*>(?:<[^>]+>)*([^<]*)')
CLOCK_EVENTS = (ClockMet, ClockBreached, ClockRescinded)


async def given_a_played_week(stack: dict[str, ServiceHarness]) -> None:
    """Five of inbound and one of elsewhere: two in time, one late, one told late, two whom nobody called."""
    names = ("ada", "bea", "cem", "dan", "eve", "elsewhere")
    leads = {name: Story(name=name) for name in names}
    for lead in leads.values():
        team = "elsewhere" if lead.name == "elsewhere" else "inbound"
        for each in ("desk", "feedback", "sla_monitor"):
            await stack[each].deliver(lead.qualified(), lead.assigned(team=team))
        await stack["desk"].deliver(profile(lead, first_name=lead.name.capitalize(), email=f"{lead.name}@x.example"))
    await stack["sla_monitor"].deliver(leads["ada"].touched(MONDAY + hours(2)), leads["bea"].touched(MONDAY + hours(3)))
    await stack["sla_monitor"].advance(timedelta(days=3))
    await stack["sla_monitor"].deliver(
        leads["cem"].touched(MONDAY + timedelta(days=3)), leads["dan"].touched(MONDAY + hours(4))
    )
    for each in ("desk", "feedback", "sla_monitor"):
        await stack[each].advance(timedelta(days=4 if each == "sla_monitor" else 7))
    for lead, times in ((leads["ada"], 2), (leads["bea"], 1)):
        for _ in range(times):
            call = {"kind": "call", "outcome": "welcomed", "topics": ["pricing"], "by": "ann"}
            at = (await stack["feedback"].now - timedelta(days=7)).isoformat()
            await stack["feedback"].http.post(f"/v1/leads/{lead.lead_id}/touches", json={**call, "at": at})
    await given_an_answered_proposal(stack["feedback"], leads["ada"], leads["eve"])
    for kind in (PlaybookActivated, *CLOCK_EVENTS):
        await stack["feedback"].deliver(*await stack["sla_monitor"].emitted(kind))


async def given_an_answered_proposal(weeks: ServiceHarness, met: Story, returned: Story) -> None:
    """A rule was changed because of a return, of what was said of a person, and of a topic that names nobody."""
    at = (await weeks.now - timedelta(days=5)).isoformat()
    ended = {"by": "ann", "reason": "not_ready", "at": at}
    answer = await weeks.http.post(f"/v1/leads/{returned.lead_id}/recycle", json=ended)
    assert answer.status_code == 200, answer.text
    for contact in (str(met.contact_id), None):
        body = {"by": "ann", "about": "topic", "topic": "pricing", "contact_id": contact}
        answer = await weeks.http.post("/v1/feedback", json=body)
        assert answer.status_code == 200, answer.text
    asked = {"by": "max", "reason": "not_ready", "topic": "pricing", "playbook_version": "9a7b3c2d1e0f"}
    rest = {"service": "scoring", "change": "Less for papers", "diff": "-a\n+b\n", "simulation": {"mql_after": 1}}
    answer = await weeks.http.post("/v1/proposals", json=asked | rest)
    assert answer.status_code == 201, answer.text
    await weeks.deliver(
        PlaybookActivated(occurred_at=await weeks.now - timedelta(days=4), service="scoring", version="9a7b3c2d1e0f")
    )


async def test_every_number_opens_exactly_the_leads_behind_it(stack: dict[str, ServiceHarness]) -> None:
    """14.10, 14.15: on the desk, by name; those of promises come from sla-monitor, and other teams' are not named."""
    await given_a_played_week(stack)
    marketing, leader = await signed_in(stack["desk"], MAX), await signed_in(stack["desk"], LEA)
    page = (await marketing.get("/digest")).text
    links = {(address.replace("&amp;", "&"), text) for address, text in LINK.findall(page)}
    counts = [(address, int(text)) for address, text in links if text.isdigit()]
    for address, count in counts:
        assert (await marketing.get(address)).text.count('class="whom"') == count, address
    first_touch = {(address.split("outcome=")[1].split("&")[0], count) for address, count in counts
                   if "clock=first_touch" in address and "team=inbound" in address}  # fmt: skip
    assert first_touch == {("kept", 3), ("missed", 2), ("late", 1)}
    assert "no, 2 short" in page
    assert re.search(r"first touch of standard by inbound: <a [^>]+>60.0%</a> kept, 90.0% promised", page)
    assert {count for address, count in counts if address.startswith("/digest/touches?topic=pricing")} == {3}
    (pricing,) = {address for address, count in counts if address.startswith("/digest/touches") and count == 3
                  and "outcome" not in address}  # fmt: skip
    touches = (await marketing.get(pricing)).text
    assert ("The touches behind the number" in touches, touches.count("Call by ann: had a conversation")) == (True, 3)
    assert len(counts) > 10
    (why,) = {(address, count) for address, count in counts if address.startswith("/digest/proposal-sources")}
    behind = (await marketing.get(why[0])).text
    assert (why[1], "The feedback behind the number" in behind, "Feedback about pricing" in behind) == (3, True, True)
    (qualified,) = {address for address, count in counts if "reached=qualified" in address and count == 6}
    listed = (await leader.get(qualified)).text
    assert (listed.count('class="whom"'), "1 more are with other teams." in listed) == (5, True)
    assert "Qualified \u00b7" in listed


async def test_a_list_that_cannot_be_read_says_so_and_a_long_one_goes_on(
    harness: ServiceHarness, weeks: ServiceHarness, neighbours: Neighbours, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handlers.queries, "SHOWN", 2)
    for name in ("ada", "bea", "cem"):
        lead = Story(name=name)
        await weeks.deliver(lead.qualified())
        await harness.deliver(lead.qualified())
    marketing = await signed_in(harness, MAX)
    first = (await marketing.get("/digest/leads?counted=qualified")).text
    (more,) = re.findall(r'<a href="(/digest/leads[^"]+)">More', first)
    second = (await marketing.get(more.replace("&amp;", "&"))).text
    assert [each.count('class="whom"') for each in (first, second)] == [2, 1]
    assert ">More<" not in second
    del neighbours.harnesses["feedback.test"]
    assert "The list cannot be read just now." in (await marketing.get("/digest/leads?counted=qualified")).text
    assert (await (await signed_in(harness, MIA)).get("/digest/leads")).status_code == 403
