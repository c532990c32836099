"""A dry run says what would happen, and nothing happens (issue 14, point 7)."""

from typing import Any

import pytest

from events.leads import LeadAssigned
from events.runtime.testing import ServiceHarness
from tests.routing.builders import contact, qualified, recycled
from tests.routing.test_service import assert_sound, only


async def tried(harness: ServiceHarness, **lead: Any) -> dict[str, Any]:
    answer = await harness.http.post("/v1/routes", json=lead)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_dry_run_names_rule_rep_and_reason_and_moves_nobody_s_turn(harness: ServiceHarness) -> None:
    lead = {"lead_type": "hand_raiser", "outcome": "hand_raiser", "fit": "A", "country": "DE"}
    first = await tried(harness, **lead)
    assert (first["outcome"], first["rule"], first["team"]) == ("assigned", "hand-raisers", "inbound")
    assert first["tried"][-1]["why"] == f"{first['rep_id']} is next in turn"
    assert await tried(harness, **lead) == first
    assert await harness.emitted(LeadAssigned) == []
    await harness.deliver(qualified(country="DE"))
    (assigned,) = await harness.emitted(LeadAssigned)
    assert assigned.rep_id == first["rep_id"], "the rep who was named"
    await assert_sound(harness)


async def test_a_dry_run_says_who_would_wait_or_be_nobody_s_lead(harness: ServiceHarness) -> None:
    await only(harness)
    assert (await tried(harness, lead_type="fast_track"))["outcome"] == "queued"
    refused = await tried(harness, consents={"sales": False})
    assert (refused["outcome"], refused["reason"], refused["rep_id"]) == ("released", "no_basis", None)


async def test_a_dry_run_for_somebody_known_finds_their_rep(harness: ServiceHarness) -> None:
    await harness.deliver(qualified("bob"), recycled("bob"))
    (assigned,) = await harness.emitted(LeadAssigned)
    found = await tried(harness, lead_type="hand_raiser", outcome="hand_raiser", contact_id=str(contact("bob")))
    assert (found["rep_id"], found["reason"]) == (assigned.rep_id, "knows_them")


@pytest.mark.parametrize(("lead", "field"), [({"leadtype": "content"}, "?"), ({"fit": "E"}, "fit")])
async def test_a_wrong_fact_is_named(harness: ServiceHarness, lead: dict[str, Any], field: str) -> None:
    answer = await harness.http.post("/v1/routes", json=lead)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
