"""A command whose answer is lost may have been carried out: the pages say so, and a second try counts once."""

import re
from html import unescape

import httpx
import pytest

from desk.domain import Viewer
from desk.handlers.upstream import AWAY, DONE_BEFORE, HOLDS_NO_MORE, NO_ANSWER
from events.leads import LeadTouched
from events.runtime.testing import ServiceHarness
from tests.desk.conftest import MAX, MIA, OLA, Browser, Neighbours, signed_in
from tests.desk.test_pages import profile
from tests.sla_monitor.lead_story import Story

ADA = Story(name="ada", lead_type="hand_raiser")
TOUCHES = f"/v1/leads/{ADA.lead_id}/touches"
CALL = {"kind": "call", "outcome": "no_answer"}


def once_of(page: str, action: str) -> str:
    """The key that the form of this address carries."""
    (found,) = re.findall(rf'action="{action}"[^>]*>(?:\s|<input[^>]*>)*?<input[^>]*name="once" value="([^"]*)"', page)
    return unescape(found)


async def called(browser: Browser, **fields: str) -> httpx.Response:
    return await browser.post(f"/leads/{ADA.lead_id}/touch", **{**CALL, **fields})


@pytest.fixture
async def rep(stack: dict[str, ServiceHarness]) -> Browser:
    """The rep of a lead that feedback and the desk know."""
    for name in ("feedback", "desk"):
        await stack[name].deliver(profile(ADA), ADA.qualified(), ADA.assigned("ann"))
    return await signed_in(stack["desk"], MIA)


async def test_a_lost_answer_reads_other_than_a_service_that_cannot_be_reached(
    stack: dict[str, ServiceHarness], neighbours: Neighbours, rep: Browser
) -> None:
    neighbours.silent.add(TOUCHES)
    away = await called(rep)
    assert (away.status_code, AWAY in away.text, NO_ANSWER in unescape(away.text)) == (409, True, False)
    assert await stack["feedback"].emitted(LeadTouched) == []
    neighbours.silent.clear()
    neighbours.unanswered.add(TOUCHES)
    lost = await called(rep)
    assert (lost.status_code, lost.headers["retry-after"]) == (409, "20")
    assert "Nothing was changed" not in lost.text
    assert NO_ANSWER in lost.text
    assert len(await stack["feedback"].emitted(LeadTouched)) == 1


async def test_the_same_form_sent_again_counts_once(
    stack: dict[str, ServiceHarness], neighbours: Neighbours, rep: Browser
) -> None:
    """It comes back with its key. Whoever changes what they wrote is told that the first stands."""
    neighbours.unanswered.add(TOUCHES)
    page = (await called(rep, once="first")).text
    assert once_of(page, f"/leads/{ADA.lead_id}/touch") == "first"
    assert once_of(page, f"/leads/{ADA.lead_id}/pass") != "first", "another action is another command"
    neighbours.unanswered.clear()
    assert "Logged." in (await called(rep, once="first")).headers["set-cookie"]
    other = await called(rep, once="first", outcome="welcomed")
    assert (other.status_code, DONE_BEFORE in other.text) == (409, True)
    assert once_of(other.text, f"/leads/{ADA.lead_id}/touch") != "first"
    assert len(await stack["feedback"].emitted(LeadTouched)) == 1


async def test_a_link_that_pairs_a_phone_is_made_once(stack: dict[str, ServiceHarness], neighbours: Neighbours) -> None:
    """The second answer has the code of the first, which lies in no table."""
    operator, capture = await signed_in(stack["desk"], OLA), stack["capture"]
    neighbours.unanswered.add("/v1/scanner-pairings")
    wanted = {"event": "expo", "label": "Booth 1"}
    lost = await operator.post("/operator/scanners", **wanted, once="one")
    assert NO_ANSWER in lost.text
    assert once_of(lost.text, "/operator/scanners") == "one"
    neighbours.unanswered.clear()
    shown = await operator.post("/operator/scanners", **wanted, once="one")
    (code,) = re.findall(r"#pair=([0-9A-Z-]+)", shown.text)
    assert len(await capture.raw.fetch("select 1 from scanner_pairings")) == 1
    (answer,) = await capture.raw.fetch("select convert_from(body, 'utf8') as body from idempotency")
    assert code not in answer["body"]


async def test_a_snippet_gets_one_key(stack: dict[str, ServiceHarness], neighbours: Neighbours) -> None:
    marketer, capture = await signed_in(stack["desk"], MAX), stack["capture"]
    neighbours.unanswered.add("/v1/sender-keys")
    wanted = {"origins": "https://www.example.org", "label": "Pricing"}
    lost = await marketer.post("/forms/contact", **wanted, once="one")
    assert NO_ANSWER in lost.text
    assert once_of(lost.text, "/forms/contact") == "one"
    neighbours.unanswered.clear()
    made = [(await marketer.post("/forms/contact", **wanted, once="one")).text for _ in range(2)]
    keys = {key for page in made for key in re.findall(r"bk_\w+_[\w-]{43}", page)}
    assert len(keys) == 1
    assert len(await capture.raw.fetch("select 1 from key_bindings")) == 1
    (kept,) = await capture.raw.fetch("select hash from api_keys join key_bindings using (key_id)")
    (answer,) = await capture.raw.fetch("select convert_from(body, 'utf8') as body from idempotency")
    assert keys.isdisjoint(re.findall(r"bk_\w+_[\w-]{43}", answer["body"]))
    assert kept["hash"] not in answer["body"]


@pytest.mark.parametrize(
    ("person", "path", "wanted", "action", "ended"),
    [
        (OLA, "/operator/scanners", {"event": "expo", "label": "Booth 1"}, "scanner.invited",
         "update scanner_pairings set expires_at = now()"),
        (MAX, "/forms/contact", {"origins": "https://www.example.org", "label": "Pricing"}, "form_key.created",
         "update api_keys set revoked_at = now() where kind = 'form'"),
    ],
)  # fmt: skip
async def test_what_was_made_is_written_down_once_and_shown_again_only_while_it_holds(  # noqa: PLR0917 - a table
    stack: dict[str, ServiceHarness], neighbours: Neighbours, person: Viewer, path: str, wanted: dict[str, str],
    action: str, ended: str,
) -> None:  # fmt: skip
    """Whoever goes back in their browser sends the same form; the first of these answers was lost besides."""
    browser, pages = await signed_in(stack["desk"], person), stack["desk"]
    upstream = "/v1/scanner-pairings" if person is OLA else "/v1/sender-keys"
    neighbours.unanswered.add(upstream)
    assert NO_ANSWER in (await browser.post(path, **wanted, once="one")).text
    neighbours.unanswered.clear()
    for _ in range(2):
        assert (await browser.post(path, **wanted, once="one")).status_code == 200
    written = await pages.raw.fetch("select by from audit_log where action = $1", action)
    assert [row["by"] for row in written] == [person.user_id]
    await stack["capture"].raw.execute(ended)
    over = await browser.post(path, **wanted, once="one")
    assert (over.status_code, HOLDS_NO_MORE in over.text) == (409, True)
    assert once_of(over.text, path) != "one"


async def test_a_question_changes_nothing_however_it_fails(
    stack: dict[str, ServiceHarness], neighbours: Neighbours
) -> None:
    operator = await signed_in(stack["desk"], OLA)
    neighbours.unanswered.add("/v1/playbook/check")
    page = await operator.get("/rules/change/desk")
    fields = dict(re.findall(r'name="(n\d+|fingerprint)" value="([^"]*)"', page.text))
    tried = await operator.post("/rules/change/desk", **fields, verb="try")
    assert AWAY in tried.text


async def test_a_key_that_is_revoked_in_part_is_named_as_that(
    stack: dict[str, ServiceHarness], neighbours: Neighbours
) -> None:
    operator, key = await signed_in(stack["desk"], OLA), {"key_id": "4b1f0a7c9d2e", "hash": "9f" * 32}
    for name in ("capture", "scoring"):
        made = await stack[name].http.post("/v1/keys", json={"label": "CRM", "role": "marketing", **key})
        assert made.status_code == 201
    neighbours.unanswered.add(f"/v1/keys/{key['key_id']}/revoke")
    for name in ("capture", "scoring"):
        answer = await operator.post(f"/operator/keys/{key['key_id']}/revoke")
        assert f"{name}%20did%20not%20answer" in answer.headers["set-cookie"]
        assert "Nothing%20was%20changed" not in answer.headers["set-cookie"]
    answer = await operator.post(f"/operator/keys/{key['key_id']}/revoke")
    assert "Revoked%20in%20every%20service" in answer.headers["set-cookie"]


async def test_a_service_that_fails_may_have_committed_before(neighbours: Neighbours, rep: Browser) -> None:
    """Only what is refused before anything is begun has surely changed nothing."""
    for status, code, sentence in (
        (429, "", AWAY), (503, "starting", AWAY), (503, "overloaded", AWAY), (503, "answer_late", NO_ANSWER),
        (503, "unavailable", NO_ANSWER), (500, "internal", NO_ANSWER), (502, "", NO_ANSWER),
    ):  # fmt: skip
        neighbours.failing[TOUCHES] = (status, code)
        assert sentence in (await called(rep)).text, (status, code)
