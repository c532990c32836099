"""Every page is shown to whom it is for, and to nobody else; every lead only to those who may see it."""

import re
from typing import Any
from uuid import UUID

import pytest

from desk.domain import Viewer
from events.contacts import ContactErased, ContactProfile
from events.ids import derive_id
from events.leads import LeadRegraded, LeadStrengthened
from events.runtime.testing import ServiceHarness
from events.sla import ClockBreached, LeadPromised, OpenClock
from tests.desk.conftest import BEN, LEA, MAX, MIA, OLA, TOM, signed_in
from tests.sla_monitor.lead_story import MONDAY, Story, hours, minutes

ADA = Story(name="ada", lead_type="hand_raiser")
EVERYBODY = (MIA, BEN, LEA, TOM, MAX, OLA)
PAGES = {
    "/leads": "yynnnn",
    "/leads/list": "yynnnn",
    "/today": "nnyyny",
    "/today?part=body": "nnyyny",
    "/today/list?what=late": "nnyyny",
    "/promises": "yyyyyy",
    "/promises?by=week&days=365": "yyyyyy",
    "/promises/list?by=rep&group=ann&what=missed": "yyyyyy",
    "/returned": "nnnnyy",
    "/returned?reason=not_ready": "nnnnyy",
    "/reviews": "nnnnyy",
    "/funnel": "nnyyyy",
    "/funnel?by=lead_type": "nnyyyy",
    "/funnel/list?by=source&group=web_form&step=qualified": "nnyyyy",
    "/rules": "yyyyyy",
    "/rules/change/desk": "nnnnny",
    "/offline": "yyyyyy",
    "/operator": "nnnnny",
    "/operator/audit": "nnnnny",
    "/operator/scanners": "nnnnny",
    "/forms": "nnnnyy",
    "/settings": "yyyyyy",
    f"/people/{ADA.contact_id}": "ynynyy",
    f"/people/{ADA.contact_id}/data": "nnnnyy",
}
"""What each of `EVERYBODY` gets: `y` the page, `n` a refusal. Ada is ann's, of the team inbound."""


def profile(story: Story, **more: Any) -> ContactProfile:
    given = {"first_name": "Ada", "last_name": "L\u00f6ng <b>", "company": "Works", "job_title": "CTO", "country": "DE",
             "email": "ada@works.example", "phone": "+4930901820", "message": "Call me about <seats>"}  # fmt: skip
    return ContactProfile(occurred_at=MONDAY, contact_id=story.contact_id, **{"revision": 1, **given, **more})


def promised(story: Story, revision: int = 1, **more: Any) -> LeadPromised:
    given = {"clock_id": story.clock_id("first_touch"), "clock": "first_touch", "policy": "hand_raiser",
             "state": "running",
             "started_at": MONDAY, "due_at": MONDAY + minutes(15), "rep_id": "ann", "team": "inbound"}  # fmt: skip
    clock = OpenClock.read({**given, **more})
    return LeadPromised(**story.who, occurred_at=MONDAY, revision=revision, clocks=[clock])


@pytest.fixture
async def filled(harness: ServiceHarness) -> ServiceHarness:
    back = Story(name="back")
    missed = ClockBreached(
        **ADA.who, occurred_at=MONDAY, playbook_version="v", clock_id=ADA.clock_id("acceptance"), clock="acceptance",
        policy="hand_raiser", started_at=MONDAY, due_at=MONDAY, rep_id="ann", team="inbound",
    )  # fmt: skip
    await harness.deliver(
        profile(ADA), profile(back, first_name="Grace"), ADA.qualified(), back.qualified(), ADA.assigned("ann"),
        back.assigned("ann"), promised(ADA), missed, ADA.touched(MONDAY + minutes(5)), back.recycled(MONDAY + hours(1)),
    )  # fmt: skip
    return harness


@pytest.mark.parametrize("path", PAGES)
async def test_each_role_sees_its_pages_and_its_leads(filled: ServiceHarness, path: str) -> None:
    for viewer, right in zip(EVERYBODY, PAGES[path], strict=True):
        answer = await (await signed_in(filled, viewer)).get(path)
        assert (answer.status_code == 200) == (right == "y"), (viewer, answer.status_code)
        if right == "y":
            assert answer.headers["content-security-policy"].startswith("default-src 'none'")
            assert "<script>" not in answer.text
            assert ("L\u00f6ng" in answer.text) <= (viewer not in (BEN, TOM))


async def test_my_leads_say_who_why_and_until_when(filled: ServiceHarness) -> None:
    text = (await (await signed_in(filled, MIA)).get("/leads")).text
    for shown in ("Ada L\u00f6ng &lt;b&gt;", "CTO \u00b7 Works \u00b7 DE", "Call me about &lt;seats&gt;", "in 15 min",
                  "First call or mail", "Asked to talk to sales", "tel:+4930901820"):  # fmt: skip
        assert shown in text, shown
    assert "Grace" not in text


async def test_nobody_gets_in_without_signing_in(filled: ServiceHarness) -> None:
    for path in PAGES:
        answer = await filled.http.get(path, headers={"Accept": "text/html"})
        assert answer.status_code in {303, 401}, path
        assert not re.search(r"\bAda\b", answer.text)


async def test_a_link_signs_in_once_and_a_session_ends(harness: ServiceHarness) -> None:
    body = {"user_id": "mia", "rep_id": "ann"}
    made = await harness.http.post("/v1/invitations", json=body)
    assert made.status_code == 201
    path = made.json()["url"].removeprefix("http://127.0.0.1:8006")
    assert "Hello, mia" in (await harness.http.get(path)).text  # looking at it uses nothing up
    first = await harness.http.post(path)
    cookie = first.headers["set-cookie"]
    assert first.status_code == 303
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    harness.http.cookies.clear()
    again = await harness.http.post(path)
    assert again.status_code == 410
    browser = await signed_in(harness, MIA)
    assert (await browser.get("/leads")).status_code == 200
    assert (await browser.post("/sign-out")).status_code == 303
    assert (await browser.get("/leads")).headers["location"] == "/sign-in"


async def test_a_form_of_another_site_does_nothing(filled: ServiceHarness) -> None:
    browser = await signed_in(filled, MIA)
    browser.token = (await signed_in(filled, BEN)).token
    answer = await browser.post(f"/leads/{ADA.lead_id}/accept")
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("viewer", "verb", "status"),
    [(BEN, "accept", 404), (TOM, "accept", 404), (MAX, "accept", 403), (MIA, "reassign", 403), (MIA, "touch", 409)],
)
async def test_actions_are_for_those_who_have_the_lead(
    filled: ServiceHarness, viewer: Viewer, verb: str, status: int
) -> None:
    """An action that is allowed and lacks something comes back as a page that says what."""
    answer = await (await signed_in(filled, viewer)).post(f"/leads/{ADA.lead_id}/{verb}", kind="call")
    assert answer.status_code == status
    if status == 409:
        assert "Choose how it went." in answer.text


async def test_what_cannot_be_sent_changes_nothing_and_says_so(filled: ServiceHarness) -> None:
    answer = await (await signed_in(filled, MIA)).post(f"/leads/{ADA.lead_id}/accept")
    assert answer.status_code == 409
    assert answer.headers["retry-after"] == "20"  # a phone keeps the form, and sends it again
    assert "does not answer just now" in answer.text


async def test_marketing_answers_and_the_rep_reads_it(filled: ServiceHarness) -> None:
    back = Story(name="back")
    marketing = await signed_in(filled, MAX)
    assert "Answer sales" in (await marketing.get("/returned")).text
    sent = await marketing.post(f"/returned/{back.lead_id}/reply", note="We changed the <form>", once="1")
    assert sent.status_code == 303
    await marketing.post(f"/returned/{back.lead_id}/reply", note="We changed the <form>", once="1")
    shown = (await (await signed_in(filled, MIA)).get("/leads")).text
    assert shown.count("We changed the &lt;form&gt;") == 1
    assert (await (await signed_in(filled, BEN)).post(f"/returned/{back.lead_id}/reply", note="x")).status_code == 403


async def test_erasure_empties_every_page(filled: ServiceHarness) -> None:
    gone: list[UUID] = [ADA.contact_id, Story(name="back").contact_id]
    await filled.deliver(
        *(ContactErased(occurred_at=MONDAY, contact_id=each, erasure_id=derive_id("erasure", each)) for each in gone)
    )
    for viewer in EVERYBODY:
        browser = await signed_in(filled, viewer)
        for path in PAGES:
            assert "L\u00f6ng" not in (await browser.get(path)).text
    await filled.deliver(profile(ADA), ADA.qualified(), ADA.assigned("ann"))
    assert (await filled.service.audit_now()) == []
    assert "L\u00f6ng" not in (await (await signed_in(filled, MIA)).get("/leads")).text


async def test_settings_are_saved_or_come_back_filled_in(harness: ServiceHarness) -> None:
    browser = await signed_in(harness, MIA)
    wrong = await browser.post("/settings", email="mia@works.example", zone="Mars/Base", chat_url="")
    assert wrong.status_code == 422
    assert "mia@works.example" in wrong.text
    for fields in ({"email": "no", "zone": "UTC"}, {"chat_url": "http://x", "zone": "UTC"}):
        assert (await browser.post("/settings", **fields)).status_code == 422
    saved = await browser.post("/settings", email="mia@works.example", zone="Europe/Berlin", chat_url="")
    assert saved.status_code == 303
    assert "Europe/Berlin" in (await browser.get("/settings")).text


async def test_a_rep_has_their_own_calendar_read(stack: dict[str, ServiceHarness]) -> None:
    """The page says from where and what is wrong, and never shows the address again."""
    routing = stack["routing"]
    answer = await routing.http.put("/v1/reps/ann", json={"team": "inbound"})
    assert answer.status_code == 200
    browser = await signed_in(stack["desk"], MIA)
    address = "https://calendar.example.com/private-0a1b2c/basic.ics"
    for wrong in ("", "http://calendar.example.com/mine.ics", "https://10.0.0.1/mine.ics"):
        refused = await browser.post("/settings/calendar", calendar_url=wrong)
        assert refused.status_code == 409
        assert "it mostly ends in .ics" in refused.text
    assert (await browser.post("/settings/calendar", calendar_url=address)).status_code == 303
    page = (await browser.get("/settings")).text
    assert "Read from calendar.example.com, for the first time in a moment." in page
    assert "private-0a1b2c" not in page
    await routing.raw.execute("update calendar_sources set read_at = named_at, problem = 'calendar_gone'")
    page = (await browser.get("/settings")).text
    assert "what was read before counts" in page
    assert "has nothing at this address any more" in page
    assert (await browser.post("/settings/calendar", stop="1", calendar_url="")).status_code == 303
    assert "calendar.example.com" not in (await browser.get("/settings")).text
    lea = await signed_in(stack["desk"], LEA)
    assert (await lea.post("/settings/calendar", calendar_url=address)).status_code == 403


async def test_files_are_those_of_the_pages(harness: ServiceHarness) -> None:
    for name in ("pages.css", "pages.js", "htmx.min.js", "htmx-sse.min.js", "icon.svg"):
        assert (await harness.http.get(f"/static/{name}")).status_code == 200
    for name in ("htmx.LICENSE", "..%2fpages.py", "nothing.css"):
        assert (await harness.http.get(f"/static/{name}")).status_code == 404


async def test_an_open_page_of_a_lead_that_is_gone_leads_back_with_a_sentence(filled: ServiceHarness) -> None:
    browser = await signed_in(filled, BEN)
    headers = {**browser.headers, "HX-Request": "true"}
    answer = await filled.http.get(f"/people/{ADA.contact_id}", headers=headers)
    assert (answer.status_code, answer.headers["hx-redirect"]) == (200, "/")
    assert "baton_notice" in answer.headers["set-cookie"]
    assert answer.text == ""


async def test_the_rep_reads_who_pushed_a_lead_and_who_else_of_the_company_shows_interest(
    harness: ServiceHarness,
) -> None:
    boss = Story(name="boss")
    pushed = {"kind": "override", "rule": "push", "by": "kim", "why": "Pushed by hand by kim on 2026-03-02: met her."}
    account = {
        "email_domain": "works.example", "points": 45, "fit": "A", "main_contact_id": boss.contact_id,
        "people": [
            {"contact_id": each.contact_id, "roles": ["decision maker"], "fit": "A", "readiness": 2,
             "readiness_points": 20} for each in (boss, ADA)
        ],
        "missing_roles": ["champion"],
    }  # fmt: skip
    grown = {
        **ADA.who, "playbook_version": "v", "revision": 1, "account": account,
        "because": [{"kind": "joined", "why": "CEO of the same company shows interest too."}],
    }  # fmt: skip
    news = LeadStrengthened.read({**grown, "occurred_at": MONDAY + minutes(1)})
    graded = LeadRegraded.read({
        **ADA.who, "playbook_version": "v", "revision": 1, "occurred_at": MONDAY, "previous_fit": "A", "fit": "B",
        "fit_points": 60, "fit_evidence": [], "outcome": "mql",
        "because": [{"kind": "knowledge", "why": "Fit was A and is B."}],
    })  # fmt: skip
    who = [profile(ADA), profile(boss, first_name="Grace", job_title="CEO", phone="+4930111")]
    await harness.deliver(*who, ADA.qualified(because=[pushed]), graded, news, ADA.assigned("ann"))
    mia = await signed_in(harness, MIA)
    page = (await mia.get(f"/people/{ADA.contact_id}")).text
    assert page.count("Pushed by hand by kim on 2026-03-02: met her") == 2, "as the reason, and in the story"
    assert "Fit B" in page
    assert "Speak with: </strong>Grace" in page
    assert "tel:+4930111" in page
    assert "CEO of the same company shows interest too" in page
    gone = ContactErased(occurred_at=MONDAY, contact_id=boss.contact_id, erasure_id=derive_id("erasure", 2))
    await harness.deliver(gone)
    assert "Grace" not in (await mia.get(f"/people/{ADA.contact_id}")).text


async def test_the_page_of_a_lead_and_the_list_of_its_rep_say_when_it_asked_to_be_called(
    filled: ServiceHarness,
) -> None:
    """14.3: in the reader's own zone, with whatever was asked for last, until somebody has nothing to do any more."""
    mia = await signed_in(filled, MIA)
    for path in ("/leads", f"/people/{ADA.contact_id}"):
        assert 'class="asked"' not in (await mia.get(path)).text
    await filled.deliver(ADA.scheduled(MONDAY, MONDAY + hours(25)))
    for path in ("/leads", f"/people/{ADA.contact_id}"):
        page = (await mia.get(path)).text
        assert re.search(r"Asked to be called</span>\s+[^<]*\b1[01]:00", page), page
    await filled.deliver(ADA.scheduled(MONDAY + minutes(1), None), ADA.scheduled(MONDAY, MONDAY + hours(2)))
    assert 'class="asked"' not in (await mia.get("/leads")).text
