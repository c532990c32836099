"""What somebody new would be scored for one engagement, on a real PostgreSQL; nothing is kept."""

from typing import Any

import pytest

from events.leads import LeadQualified
from events.runtime.testing import ServiceHarness

GOOD = {
    "engagement": "demo_request", "email_domain": "works.example", "email_kind": "corporate", "country": "DE",
    "employees": 250, "industry": "software", "job_title": "Head of Marketing",
}  # fmt: skip


async def tried(harness: ServiceHarness, **body: Any) -> dict[str, Any]:
    answer = await harness.http.post("/v1/scores", json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_raised_hand_would_be_a_lead_and_is_none(harness: ServiceHarness) -> None:
    found = await tried(harness, **GOOD, facts={"seats": 40}, consents={"marketing_email": True})
    assert (found["outcome"], found["lead_type"]) == ("hand_raiser", "hand_raiser")
    assert found["fit"]["points"] == pytest.approx(sum(line["points"] for line in found["fit"]["evidence"]))
    assert found["because"][0]["why"]
    assert found["playbook_version"]
    assert await harness.raw.fetch("select 1 from engagements union all select 1 from leads") == []
    assert await harness.emitted(LeadQualified) == []


async def test_a_page_view_of_nobody_known_is_no_lead(harness: ServiceHarness) -> None:
    """It says which unknown fact would change the grade."""
    found = await tried(harness, engagement="page_viewed", source="web_form")
    assert (found["outcome"], found["lead_type"]) == ("nurture", None)
    assert found["because"][0]["why"]


@pytest.mark.parametrize(
    "body", [{}, {"engagement": ""}, {"engagement": "x", "employees": "many"}, {"engagement": "x", "email": "a@b.c"}]
)
async def test_what_is_no_engagement_is_refused(harness: ServiceHarness, body: dict[str, Any]) -> None:
    assert (await harness.http.post("/v1/scores", json=body)).status_code == 422
