"""Who was returned is nurtured by marketing, and called only with a sign or a reason (issue 14, point 11)."""

from typing import Any

import pytest

from events.leads import LeadWoken
from events.runtime.testing import START, ServiceHarness
from tests.feedback.lead_story import LeadStory, days
from tests.feedback.test_service import does, given_a_lead, residual


async def worklist(harness: ServiceHarness, kind: str) -> list[dict[str, Any]]:
    answer = await harness.http.get(f"/v1/worklist?kind={kind}")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


@pytest.mark.parametrize(
    ("reason", "context", "starts_at"),
    [
        ("not_ready", {}, "marketing"),
        ("unreachable", {"attempts": 6, "days": 12}, "marketing"),
        ("not_the_buyer", {}, "marketing"),
        ("competitor", {"renewal_at": "2026-09-01"}, "sales"),
        ("no_budget", {}, "sales"),
        ("not_followed_up", {}, "sales"),
    ],
)
async def test_a_date_alone_calls_nobody_unless_the_reason_is_one_to_call(
    harness: ServiceHarness, reason: str, context: dict[str, Any], starts_at: str
) -> None:
    """Ada is returned and does nothing more; a year later her wake-up has come, where the playbook says."""
    ada = await given_a_lead(harness, LeadStory("ada", start=START))
    await does(harness, "recycle", story=ada, reason=reason, context=context)
    await harness.advance(days(360))
    (woken,) = await harness.emitted(LeadWoken)
    assert (woken.starts_at, woken.reason, woken.early, woken.segment) == (starts_at, reason, False, "midmarket")
    assert await worklist(harness, "returned") == []
    nurtured = [(item["reason"], item["track"], item["segment"]) for item in await worklist(harness, "nurture")]
    assert nurtured == ([(reason, woken.track, "midmarket")] if starts_at == "marketing" else [])
    assert await residual(harness) == []


async def test_who_engaged_since_goes_to_sales_on_the_date(harness: ServiceHarness) -> None:
    """Bob read something in spring; Cora's mail program opened a mail, which is no sign of hers."""
    bob = await given_a_lead(harness, LeadStory("bob", start=START))
    cora = await given_a_lead(harness, LeadStory("cora", start=START))
    for story, engagement in ((bob, "content_download"), (cora, "email_open")):
        await does(harness, "recycle", story=story, reason="not_ready")
        await harness.deliver(story.captured(START + days(20), engagement))
    await harness.advance(days(91))
    woken = {event.contact_id: event.starts_at for event in await harness.emitted(LeadWoken)}
    assert woken == {bob.contact_id: "sales", cora.contact_id: "marketing"}
    (item,) = await worklist(harness, "nurture")
    assert item["contact_id"] == str(cora.contact_id)


async def test_a_raised_hand_goes_to_sales_at_once(harness: ServiceHarness) -> None:
    dora = await given_a_lead(harness, LeadStory("dora", start=START))
    await does(harness, "recycle", story=dora, reason="no_budget")
    await harness.deliver(dora.captured(START + days(3), "demo_request"))
    (woken,) = await harness.emitted(LeadWoken)
    assert (woken.early, woken.starts_at) == (True, "sales")
