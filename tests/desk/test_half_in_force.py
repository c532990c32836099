"""A candidate that some services follow and others do not: the page says so, and leads on in both directions."""

from dataclasses import replace

import pytest

from desk.handlers.rules import IN_PROGRESS
from events.runtime.testing import ServiceHarness
from tests.desk.conftest import EVA, OLA, PLAYBOOKS, SAM, Browser, Neighbours, signed_in
from tests.desk.test_rules import DEFINITIONS, SHORTER, decides, in_force, proposed

AUTUMN = DEFINITIONS.replace("version_name: default", "version_name: autumn")
STOPPED = "PUT routing.test/v1/playbook"
ROUTING = (PLAYBOOKS / "routing.yaml").read_text()


@pytest.fixture
async def eva(stack: dict[str, ServiceHarness], neighbours: Neighbours) -> Browser:
    """Marketing's head, after routing stopped the activation of signed rules."""
    harness = stack["desk"]
    await proposed(harness, AUTUMN, desk=SHORTER)
    eva, sam = [await signed_in(harness, each) for each in (EVA, SAM)]
    await decides(eva, "sign")
    await decides(sam, "sign")
    neighbours.failing[STOPPED] = (503, "unavailable")
    stopped = await decides(eva, "activate")
    assert "routing%20did%20not%20answer.%20The%20candidate%20is%20in%20force%20in%20capture%2C%20scoring" in stopped
    neighbours.failing.clear()
    return eva


async def test_the_page_says_where_it_is_in_force_and_it_can_be_finished(
    stack: dict[str, ServiceHarness], eva: Browser
) -> None:
    """Nobody can propose others meanwhile, and reads why and what to do."""
    page = (await eva.get("/rules")).text
    assert "In force in part: in capture, scoring; not in routing, sla-monitor, feedback, desk." in page
    refused = await proposed(stack["desk"], desk=SHORTER)
    assert (refused.status_code, refused.json()["title"]) == (409, IN_PROGRESS.rstrip("."))
    opened = await eva.get("/rules/change/desk")
    assert (opened.headers["location"], "go%20back%20to%20the%20rules%20before" in opened.headers["set-cookie"]) == (
        "/rules", True
    )  # fmt: skip
    tried = await eva.post("/rules/change/desk", fingerprint="old", verb="propose")
    assert "go%20back%20to%20the%20rules%20before" in tried.headers["set-cookie"]
    assert "In%20force%20in%20every%20service" in await decides(eva, "activate")
    assert "In force in part" not in (await eva.get("/rules")).text
    assert all("autumn" in found["definitions"] for found in (await in_force(stack)).values())


async def test_a_service_that_does_not_answer_is_listed_as_not_known(neighbours: Neighbours, eva: Browser) -> None:
    neighbours.failing["GET capture.test/v1/playbook"] = (503, "unavailable")
    page = (await eva.get("/rules")).text
    assert "In force in part: in scoring; not in routing, sla-monitor, feedback, desk; not known: capture." in page
    for away in ("routing", "sla", "feedback"):
        neighbours.failing[f"GET {away}.test/v1/playbook"] = (503, "unavailable")
    neighbours.failing["GET 127.0.0.1/v1/playbook"] = (503, "unavailable")
    page = (await eva.get("/rules")).text
    known = "In force, as far as is known: in scoring; not known: capture, routing, sla-monitor, feedback, desk."
    assert known in page
    neighbours.failing["GET scoring.test/v1/playbook"] = (503, "unavailable")
    page = (await eva.get("/rules")).text
    assert "Not known where it is in force: capture, scoring, routing, sla-monitor, feedback, desk." in page


async def test_it_can_be_taken_back_and_others_be_proposed(
    stack: dict[str, ServiceHarness], neighbours: Neighbours, eva: Browser
) -> None:
    """Taking back may stop too, and goes on when it is asked again."""
    neighbours.failing["PUT feedback.test/v1/playbook"] = (503, "unavailable")
    assert "feedback%20did%20not%20answer.%20The%20rules%20before" in await decides(eva, "back")
    neighbours.failing.clear()
    assert "The%20rules%20before%20it%20are%20in%20force%20again." in await decides(eva, "back")
    assert {found["definitions"] for found in (await in_force(stack)).values()} == {DEFINITIONS}
    assert (await proposed(stack["desk"], desk=SHORTER)).status_code == 201


async def test_rules_that_a_service_got_meanwhile_stay_there(stack: dict[str, ServiceHarness], eva: Browser) -> None:
    """They were put in force by a command of that service; nothing could be finished or proposed otherwise."""
    newer = f"{ROUTING}# by hand\n"
    sent = {"definitions": DEFINITIONS, "body": newer, "by": "ada", "approvals": [EVA.signs_as, SAM.signs_as]}
    assert (await stack["routing"].http.put("/v1/playbook", json=sent)).status_code == 200
    assert "put%20in%20force%20since%20in%20routing%3A%20they%20stay" in await decides(eva, "back")
    now = await in_force(stack)
    assert now["routing"]["body"] == newer
    assert {found["definitions"] for found in now.values()} == {DEFINITIONS}
    assert (await proposed(stack["desk"], desk=SHORTER)).status_code == 201


async def test_a_file_that_a_service_would_refuse_begins_nothing(stack: dict[str, ServiceHarness]) -> None:
    harness = stack["desk"]
    await proposed(harness, AUTUMN, feedback="nonsense: 1\n")
    eva, sam = [await signed_in(harness, each) for each in (EVA, SAM)]
    await decides(eva, "sign")
    await decides(sam, "sign")
    assert "the%20file%20of%20feedback%20is%20not%20valid" in await decides(eva, "activate")
    assert {found["activated_by"] for found in (await in_force(stack)).values()} == {"default"}
    assert (await proposed(harness, AUTUMN, desk=SHORTER)).status_code == 201


async def test_the_page_asks_whom_any_service_asks(stack: dict[str, ServiceHarness]) -> None:
    """Another service may go by definitions that name others: activation asks them, so they read it and can sign."""
    harness, another = stack["desk"], replace(SAM, user_id="nina", signs_as="sales:nina")
    other = DEFINITIONS.replace(f'"{SAM.signs_as}"', f'"{another.signs_as}"')
    approvals = [EVA.signs_as, another.signs_as]
    sent = {"definitions": other, "body": ROUTING, "by": "ada", "approvals": approvals}
    assert (await stack["routing"].http.put("/v1/playbook", json=sent)).status_code == 200
    await proposed(harness, AUTUMN, desk=SHORTER)
    eva, sam, nina, ola = [await signed_in(harness, each) for each in (EVA, SAM, another, OLA)]
    await decides(eva, "sign")
    await decides(sam, "sign")
    page = (await ola.get("/rules")).text
    assert ("sales: nina" in page, "Put in force" in page) == (True, False)
    assert (await harness.http.get("/v1/candidates/open")).json()["missing"] == [another.signs_as]
    assert "Signed" in await decides(nina, "sign")
    assert "In%20force%20in%20every%20service" in await decides(ola, "activate")
