"""One record of who approved which rules, whether they signed on the page or by a command (14.14, D4)."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import httpx
import orjson
import pytest

from events.runtime.testing import ServiceHarness
from tests.desk.conftest import EVA, MAX, SAM, signed_in
from tests.desk.test_rules import DEFINITIONS, PAGES, SHORTER, decides, in_force, proposed

OPEN = "/v1/candidates/open"


async def opened(harness: ServiceHarness) -> dict[str, Any]:
    answer = await harness.http.get(OPEN)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def signs(harness: ServiceHarness, by: str) -> httpx.Response:
    """Sign the candidate as `baton playbook approve` does."""
    candidate_id = (await opened(harness))["candidate_id"]
    return await harness.http.post(f"/v1/candidates/{candidate_id}/sign", json={"by": by})


async def activates(harness: ServiceHarness, candidate_id: str, *leave_out: str) -> httpx.Response:
    body = {"by": "ada", "leave_out": leave_out}
    return await harness.http.post(f"/v1/candidates/{candidate_id}/activate", json=body)


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["errors"][0]["code"]


async def test_marketing_signs_on_the_page_and_sales_by_a_command(stack: dict[str, ServiceHarness]) -> None:
    harness = stack["desk"]
    candidate_id = (await proposed(harness, desk=SHORTER)).json()["candidate_id"]
    eva, _ = [await signed_in(harness, each) for each in (EVA, SAM)]
    assert "Signed" in await decides(eva, "sign")
    found = await opened(harness)
    assert (found["bodies"], found["missing"]) == ({"desk": SHORTER}, [SAM.signs_as])
    assert [(each["name"], each["by"]) for each in found["signatures"]] == [(EVA.signs_as, "eva")]
    refused = await activates(harness, candidate_id)
    assert code_of(refused) == (409, "action_refused")
    assert refused.json()["title"] == f"Not signed yet: {SAM.signs_as}"
    assert (await signs(harness, "sam")).json()["missing"] == []
    assert (await eva.get("/rules")).text.count('class="badge good">Signed') == 2
    done = await activates(harness, candidate_id)
    assert done.json()["changed"] == {name: name == "desk" for name in done.json()["changed"]}
    now = (await in_force(stack))["desk"]
    assert (now["body"], now["activated_by"]) == (SHORTER, "ada")
    assert now["approvals"] == [EVA.signs_as, SAM.signs_as]
    assert (await harness.http.get(OPEN)).status_code == 404
    assert "in%20force%20again" in await decides(eva, "back")
    assert (await in_force(stack))["desk"]["body"] == PAGES


@pytest.mark.parametrize("first", ["page", "command"])
@pytest.mark.parametrize("second", ["page", "command"])
async def test_nobody_signs_for_both_sides_in_any_mix(harness: ServiceHarness, first: str, second: str) -> None:
    """Eva signs for marketing, is invited again for sales, and signs once more."""
    candidate_id = (await proposed(harness, desk=SHORTER)).json()["candidate_id"]
    for way, approver in ((first, EVA.signs_as), (second, SAM.signs_as)):
        browser = await signed_in(harness, replace(EVA, signs_as=approver))
        if way == "page":
            answer = await browser.post(f"/rules/{candidate_id}/sign")
            is_signed = "Signed." in answer.headers["set-cookie"]
        else:
            answer = await signs(harness, "eva")
            is_signed = answer.is_success
            if not is_signed:
                assert answer.json()["title"] == "You have signed for another approver: nobody signs for two"
        assert is_signed == (approver == EVA.signs_as), answer.headers
    assert (await opened(harness))["missing"] == [SAM.signs_as]


async def test_a_signature_by_a_key_names_the_key(stack: dict[str, ServiceHarness]) -> None:
    """Its label, or the public part of one that has none; before and after the rules are in force, never the secret."""
    harness = stack["desk"]
    candidate_id = (await proposed(harness, desk=SHORTER)).json()["candidate_id"]
    eva, _ = [await signed_in(harness, each) for each in (EVA, SAM)]
    await decides(eva, "sign")
    await harness.raw.execute("update api_keys set label = 'release pipeline'")
    signed = (await signs(harness, "sam")).json()["signatures"]
    assert [(each["by"], each["key"]) for each in signed] == [("eva", None), ("sam", "release pipeline")]
    assert "<small>sam by key release pipeline, " in (await eva.get("/rules")).text
    assert "<small>eva, " in (await eva.get("/rules")).text
    await activates(harness, candidate_id)
    page = (await eva.get("/rules")).text
    assert "Signed by eva and sam by key release pipeline." in page
    assert harness.http.headers["Authorization"].rpartition(" ")[2] not in page


async def test_a_key_without_a_name_is_named_by_its_public_part(harness: ServiceHarness) -> None:
    await proposed(harness, desk=SHORTER)
    await signed_in(harness, SAM)
    await signs(harness, "sam")
    ((key_id,),) = await harness.raw.fetch("select key_id from api_keys")
    assert [each["key"] for each in (await opened(harness))["signatures"]] == [key_id]


async def test_the_release_before_reads_signatures_and_signs_beside_them(harness: ServiceHarness) -> None:
    """It takes three names and no other, and writes all signatures anew with these."""
    await proposed(harness, desk=SHORTER)
    eva, _ = [await signed_in(harness, each) for each in (EVA, SAM)]
    await signs(harness, "sam")
    await decides(eva, "sign")
    ((signatures,),) = await harness.raw.fetch("select signatures from candidates")
    assert [set(each) for each in signatures] == [{"name", "user_id", "at"}] * 2
    await harness.raw.execute("update candidates set signatures = $1", orjson.dumps(signatures[:1]).decode())
    ((key_id,),) = await harness.raw.fetch("select key_id from api_keys")
    assert [each["key"] for each in (await opened(harness))["signatures"]] == [key_id]


async def test_a_signature_with_names_of_a_later_release_is_read(harness: ServiceHarness) -> None:
    await proposed(harness, desk=SHORTER)
    kept = [{"name": SAM.signs_as, "user_id": "sam", "at": "2026-03-02T09:00:00+00:00", "later": None}]
    await harness.raw.execute("update candidates set signatures = $1", orjson.dumps(kept).decode())
    assert [each["by"] for each in (await opened(harness))["signatures"]] == ["sam"]


async def test_a_signature_of_before_is_read(harness: ServiceHarness) -> None:
    await proposed(harness, desk=SHORTER)
    kept = [{"name": SAM.signs_as, "user_id": "sam", "at": "2026-03-02T09:00:00+00:00"}]
    await harness.raw.execute("update candidates set signatures = $1", orjson.dumps(kept).decode())
    assert [(each["by"], each["key"]) for each in (await opened(harness))["signatures"]] == [("sam", None)]


async def test_only_persons_whom_the_pages_know_sign_by_a_command(harness: ServiceHarness) -> None:
    await proposed(harness, desk=SHORTER)
    assert code_of(await signs(harness, str(EVA.signs_as))) == (404, "person_unknown")
    await signed_in(harness, MAX)
    assert code_of(await signs(harness, "max")) == (403, "signs_for_nobody")
    await signed_in(harness, EVA)
    await harness.raw.execute("update users set disabled_at = now() where user_id = 'eva'")
    assert code_of(await signs(harness, "eva")) == (404, "person_unknown")
    await signed_in(harness, EVA)
    assert (await signs(harness, "eva")).is_success
    assert code_of(await signs(harness, "eva")) == (409, "signed_already")
    await signed_in(harness, replace(MAX, signs_as=EVA.signs_as))
    assert code_of(await signs(harness, "max")) == (409, "signed_already")
    unknown = await harness.http.post(f"/v1/candidates/{uuid4()}/sign", json={"by": "eva"})
    assert code_of(unknown) == (409, "action_refused")
    assert code_of(await activates(harness, str(uuid4()))) == (409, "action_refused")


async def test_a_signature_is_for_one_candidate(harness: ServiceHarness) -> None:
    """Who signed other rules has not signed these."""
    first = (await proposed(harness, desk=SHORTER)).json()["candidate_id"]
    await signed_in(harness, EVA)
    assert (await signs(harness, "eva")).is_success
    await proposed(harness, desk=f"{SHORTER}# other rules\n")
    assert (await opened(harness))["missing"] == [EVA.signs_as, SAM.signs_as]
    late = await harness.http.post(f"/v1/candidates/{first}/sign", json={"by": "eva"})
    assert code_of(late) == (409, "action_refused")


async def test_the_same_rules_proposed_again_keep_their_signatures(harness: ServiceHarness) -> None:
    first = (await proposed(harness, desk=SHORTER)).json()["candidate_id"]
    await signed_in(harness, EVA)
    assert (await signs(harness, "eva")).is_success
    assert (await proposed(harness, desk=SHORTER)).json()["candidate_id"] == first
    assert (await opened(harness))["missing"] == [SAM.signs_as]


async def test_a_service_that_follows_by_another_way_keeps_the_candidate_open(
    stack: dict[str, ServiceHarness],
) -> None:
    """As with `--new-leads`, which puts scoring's rules in force itself."""
    harness = stack["desk"]
    candidate_id = (await proposed(harness, desk=SHORTER)).json()["candidate_id"]
    for each in (EVA, SAM):
        await signed_in(harness, each)
        assert (await signs(harness, each.user_id)).is_success
    others = (await activates(harness, candidate_id, "scoring")).json()["changed"]
    assert "scoring" not in others
    assert others["desk"]
    assert (await opened(harness))["candidate_id"] == candidate_id
    other = await proposed(harness, desk=f"{SHORTER}# other rules\n")
    assert code_of(other) == (409, "action_refused"), "it would end what is half in force"
    assert "/back" in (await (await signed_in(harness, EVA)).get("/rules")).text, "what is stuck can be taken back"
    again = (await activates(harness, candidate_id)).json()["changed"]
    assert "scoring" in again
    assert not any(again.values())
    assert (await harness.http.get(OPEN)).status_code == 404


NEWCOMER = replace(SAM, user_id="newcomer", signs_as="sales:newcomer")
"""Whom a proposal names in place of sales' head."""
TAKEN_OVER = DEFINITIONS.replace(f'"{SAM.signs_as}"', f'"{NEWCOMER.signs_as}"')


async def test_nobody_becomes_an_approver_by_their_own_proposal(stack: dict[str, ServiceHarness]) -> None:
    """Who agreed until now agrees to that too; and who is to agree from now on does."""
    harness = stack["desk"]
    candidate_id = (await proposed(harness, TAKEN_OVER)).json()["candidate_id"]
    for each in (EVA, SAM, NEWCOMER):
        await signed_in(harness, each)
    assert (await opened(harness))["missing"] == [EVA.signs_as, SAM.signs_as, NEWCOMER.signs_as]
    await signs(harness, "eva")
    assert (await signs(harness, "newcomer")).json()["missing"] == [SAM.signs_as]
    refused = await activates(harness, candidate_id)
    assert refused.json()["title"] == f"Not signed yet: {SAM.signs_as}"
    await signs(harness, "sam")
    done = await activates(harness, candidate_id)
    assert all(done.json()["changed"].values())
    assert (await proposed(harness, TAKEN_OVER, desk=SHORTER)).status_code == 201
    assert (await opened(harness))["missing"] == [EVA.signs_as, NEWCOMER.signs_as]


async def test_a_candidate_that_others_were_asked_to_sign_waits_for_those_in_force(
    stack: dict[str, ServiceHarness],
) -> None:
    """One of before this rule, or approvers that changed by another way while it was signed."""
    harness = stack["desk"]
    candidate_id = (await proposed(harness, TAKEN_OVER)).json()["candidate_id"]
    asked = orjson.dumps([EVA.signs_as, NEWCOMER.signs_as]).decode()
    await harness.raw.execute("update candidates set approvers = $1::jsonb", asked)
    for each in (EVA, NEWCOMER):
        await signed_in(harness, each)
        await signs(harness, each.user_id)
    refused = await activates(harness, candidate_id)
    assert code_of(refused) == (409, "action_refused")
    assert refused.json()["title"] == f"Not signed yet: {SAM.signs_as}"
    assert {found["activated_by"] for found in (await in_force(stack)).values()} == {"default"}
    again = (await proposed(harness, TAKEN_OVER)).json()["candidate_id"]
    assert again != candidate_id, "which nobody can complete: sales' head was never asked"
    assert (await opened(harness))["missing"] == [EVA.signs_as, SAM.signs_as, NEWCOMER.signs_as]
    for each in (EVA, SAM, NEWCOMER):
        await signed_in(harness, each)
        await signs(harness, each.user_id)
    assert all((await activates(harness, again)).json()["changed"].values())


async def test_rules_half_in_force_stay_with_those_who_signed_them(stack: dict[str, ServiceHarness]) -> None:
    """The desk goes by the new approvers already; who proposes the same again goes on with them."""
    harness = stack["desk"]
    candidate_id = (await proposed(harness, TAKEN_OVER)).json()["candidate_id"]
    for each in (EVA, SAM, NEWCOMER):
        await signed_in(harness, each)
        await signs(harness, each.user_id)
    assert (await activates(harness, candidate_id, "scoring")).json()["changed"]["desk"]
    assert (await proposed(harness, TAKEN_OVER)).json()["candidate_id"] == candidate_id
    assert (await activates(harness, candidate_id)).json()["changed"]["scoring"]
