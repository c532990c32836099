"""A candidate on the page: signed by each head, put in force in all six services, and taken back."""

import re
from datetime import timedelta
from typing import Any

import httpx
import pytest
import yaml

from events.runtime.testing import ServiceHarness
from tests.desk.conftest import EVA, MAX, MIA, OLA, PLAYBOOKS, SAM, Browser, Neighbours, signed_in
from tests.sla_monitor.lead_story import Story

ADA = Story(name="ada", lead_type="hand_raiser")
DEFINITIONS = (PLAYBOOKS / "definitions.yaml").read_text()
PAGES = (PLAYBOOKS / "desk.yaml").read_text()
SHORTER = PAGES.replace("session_hours: 12", "session_hours: 8")


async def proposed(harness: ServiceHarness, definitions: str = DEFINITIONS, **bodies: str) -> httpx.Response:
    candidate = {"definitions": definitions, "bodies": bodies, "by": "ola"}
    return await harness.http.post("/v1/candidates", json=candidate)


async def decides(browser: Browser, verb: str) -> str:
    """Press a button of the page; returns the cookie with what it says then."""
    page = (await browser.get("/rules")).text
    (path,) = re.findall(rf'action="(/rules/\S+/{verb})"', page)
    answer = await browser.post(path)
    assert answer.status_code == 303
    return answer.headers["set-cookie"]


async def in_force(stack: dict[str, ServiceHarness]) -> dict[str, dict[str, Any]]:
    return {name: (await each.http.get("/v1/playbook")).json() for name, each in stack.items()}


async def test_both_heads_sign_and_the_rules_change_everywhere_and_back(stack: dict[str, ServiceHarness]) -> None:
    harness = stack["desk"]
    before = await in_force(stack)
    definitions = DEFINITIONS.replace("version_name: default", "version_name: autumn")
    assert (await proposed(harness, definitions, desk=SHORTER)).status_code == 201
    eva, sam, ola = [await signed_in(harness, each) for each in (EVA, SAM, OLA)]
    page = (await eva.get("/rules")).text
    assert "<span>session hours</span> <del>12</del> <ins>8</ins>" in page
    assert "<span>version name</span> <del>default</del> <ins>autumn</ins>" in page
    assert page.count("Not signed") == 2
    assert "Put in force" not in (await ola.get("/rules")).text
    assert "Signed" in await decides(eva, "sign")
    assert "Signed" in await decides(sam, "sign")
    assert "In%20force%20in%20every%20service" in await decides(ola, "activate")
    now = await in_force(stack)
    assert {found["activated_by"] for found in now.values()} == {"ola"}
    assert all(yaml.safe_load(found["definitions"])["version_name"] == "autumn" for found in now.values())
    assert all(found["approvals"] == [EVA.signs_as, SAM.signs_as] for found in now.values())
    assert now["desk"]["body"] == SHORTER
    assert now["routing"]["body"] == before["routing"]["body"]
    assert "autumn" in (await eva.get("/rules")).text
    assert "in%20force%20again" in await decides(sam, "back")
    again = await in_force(stack)
    assert [found["version"] for found in again.values()] == [found["version"] for found in before.values()]
    logged = await harness.raw.fetch("select by, action from audit_log where action like 'rules.%' order by id")
    assert [tuple(row) for row in logged][1:] == [
        ("eva", "rules.signed"), ("sam", "rules.signed"), ("ola", "rules.activated"), ("sam", "rules.ended")
    ]  # fmt: skip


async def test_a_service_that_is_away_changes_nothing_anywhere(
    stack: dict[str, ServiceHarness], neighbours: Neighbours
) -> None:
    harness = stack["desk"]
    await proposed(harness, desk=SHORTER)
    eva, sam = [await signed_in(harness, each) for each in (EVA, SAM)]
    await decides(eva, "sign")
    await decides(sam, "sign")
    away = neighbours.harnesses.pop("scoring.test")
    assert "Nothing%20was%20changed%2C%20for%20scoring" in await decides(eva, "activate")
    assert (await harness.http.get("/v1/playbook")).json()["body"] == PAGES
    neighbours.harnesses["scoring.test"] = away
    assert "In%20force" in await decides(eva, "activate")


async def test_nobody_goes_back_past_rules_that_are_newer(stack: dict[str, ServiceHarness]) -> None:
    """A command may have put others in force since: they stay."""
    harness = stack["desk"]
    await proposed(harness, desk=SHORTER)
    eva, sam = [await signed_in(harness, each) for each in (EVA, SAM)]
    await decides(eva, "sign")
    await decides(sam, "sign")
    await decides(eva, "activate")
    newer = PAGES.replace("session_hours: 12", "session_hours: 9")
    approvals = [EVA.signs_as, SAM.signs_as]
    sent = {"definitions": DEFINITIONS, "body": newer, "by": "ada", "approvals": approvals}
    assert (await harness.http.put("/v1/playbook", json=sent)).status_code == 200
    assert "Other%20rules%20were%20put%20in%20force" in await decides(sam, "back")
    assert (await in_force(stack))["desk"]["body"] == newer


async def test_rules_that_a_service_refuses_stop_the_change(stack: dict[str, ServiceHarness]) -> None:
    """`baton playbook check` finds them before; who sends a candidate by hand learns it from the service."""
    harness = stack["desk"]
    await proposed(harness, capture="nonsense: 1\n")
    eva, sam = [await signed_in(harness, each) for each in (EVA, SAM)]
    await decides(eva, "sign")
    await decides(sam, "sign")
    assert "not%20valid" in await decides(eva, "activate")
    assert (await in_force(stack))["desk"]["activated_by"] == "default"


async def test_only_approvers_sign_and_a_new_candidate_ends_the_one_before(stack: dict[str, ServiceHarness]) -> None:
    harness = stack["desk"]
    first = (await proposed(harness, desk=SHORTER)).json()["candidate_id"]
    for viewer in (MIA, OLA, MAX):
        browser = await signed_in(harness, viewer)
        assert "Sign as" not in (await browser.get("/rules")).text
        assert (await browser.post(f"/rules/{first}/sign")).status_code == 403
    assert (await (await signed_in(harness, MIA)).post(f"/rules/{first}/activate")).status_code == 403
    eva = await signed_in(harness, EVA)
    await decides(eva, "sign")
    assert "signed%20for%20you%20already" in (await eva.post(f"/rules/{first}/sign")).headers["set-cookie"]
    assert "Not%20signed%20yet" in (await eva.post(f"/rules/{first}/activate")).headers["set-cookie"]
    await proposed(harness, desk=PAGES)
    for verb in ("sign", "activate", "back"):
        answer = await eva.post(f"/rules/{first}/{verb}")
        assert "Another%20candidate" in answer.headers["set-cookie"], verb
    assert "It changes nothing" in (await eva.get("/rules")).text


@pytest.mark.parametrize(
    "definitions", ["approvers: [sales]", "approvers: [a, b", "x: 1", "approvers: [a, 2026-99-99]"]
)
async def test_a_candidate_without_two_approvers_is_none(harness: ServiceHarness, definitions: str) -> None:
    assert (await proposed(harness, definitions)).status_code == 422


async def test_the_page_says_what_a_change_of_scoring_made_of_those_who_are_known(
    stack: dict[str, ServiceHarness],
) -> None:
    """Issue 15, point 3: how many, and who of those that the reader may see."""
    harness, scoring = stack["desk"], stack["scoring"]
    eva, sam, ola = [await signed_in(harness, each) for each in (EVA, SAM, OLA)]
    assert "made of those we know" not in (await eva.get("/rules")).text
    body = (PLAYBOOKS / "scoring.yaml").read_text() + "# looked at again\n"
    assert (await proposed(harness, scoring=body)).status_code == 201
    for browser, verb in ((eva, "sign"), (sam, "sign"), (ola, "activate")):
        await decides(browser, verb)
    await scoring.advance(timedelta(seconds=1))
    assert "0 people looked at again since" in (await eva.get("/rules")).text
    await harness.deliver(ADA.qualified(), ADA.assigned("ann"))
    await scoring.raw.execute(
        "insert into reevaluated (reevaluation_id, lead_id, change, contact_id, at)"
        " select reevaluation_id, $1, 'cooled', $2, now() from reevaluations",
        ADA.lead_id, ADA.contact_id,
    )  # fmt: skip
    page = (await eva.get("/rules")).text
    assert "0 new leads, 0 stronger, 0 with another grade, 1 returned." in page
    assert re.search(rf'<a class="name" href="/people/{ADA.contact_id}">[^<]+</a>\s*<small>cooled</small>', page)
