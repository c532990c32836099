"""What sales found out corrects what is known, and a size is asked for again (issue 14, point 12)."""

from datetime import UTC, datetime
from typing import Any

import pytest

from events.leads import LeadCorrected, LeadWoken
from events.runtime.testing import START, ServiceHarness
from tests.feedback.lead_story import LeadStory, days
from tests.feedback.test_nurture import worklist
from tests.feedback.test_service import does, given_a_lead, residual


async def found(harness: ServiceHarness) -> list[dict[str, Any]]:
    return [event.found.as_dict(filled=True) for event in await harness.emitted(LeadCorrected)]


async def woken(harness: ServiceHarness) -> list[tuple[str, str]]:
    return [(event.reason, event.starts_at) for event in await harness.emitted(LeadWoken)]


@pytest.mark.parametrize(
    ("command", "reason", "context", "facts"),
    [
        ("recycle", "wrong_size", {"employees": 4}, {"employees": 4}),
        ("reject", "wrong_size", {"employees": "12"}, {"employees": 12}),
        (
            "lost",
            "competitor",
            {"competitor": "Rival", "renewal_at": "2026-11-30"},
            {"competitor": "Rival", "renewal_at": datetime(2026, 11, 30, tzinfo=UTC)},
        ),
        ("disqualify", "wrong_persona", {"job_title": "Student"}, {"job_title": "Student"}),
        ("recycle", "competitor", {"competitor": 7, "renewal_at": "unknown"}, None),
        ("recycle", "not_ready", {"mood": "good"}, None),
    ],
)
async def test_what_a_rep_found_out_is_published_with_the_decision(
    harness: ServiceHarness, command: str, reason: str, context: dict[str, Any], facts: dict[str, Any] | None
) -> None:
    await given_a_lead(harness)
    if command == "lost":
        await does(harness, "opportunity", amount=10.0)
    await does(harness, command, reason=reason, context=context)
    assert await found(harness) == ([facts] if facts else [])


async def test_a_bakery_of_four_wakes_only_once_it_has_grown(harness: ServiceHarness) -> None:
    """Ann found four people where a list had said sixty. Half a year later the size is asked for, and it has grown."""
    bakery = await given_a_lead(harness, LeadStory("bakery", start=START))
    await does(harness, "recycle", story=bakery, reason="wrong_size", context={"employees": 4})
    assert [item["lead_id"] for item in await worklist(harness, "returned")] == [str(bakery.lead_id)]
    await harness.deliver(bakery.captured(START + days(30), "social", source="import", employees=60))
    await harness.advance(days(181))
    assert await woken(harness) == []
    assert [item["lead_id"] for item in await worklist(harness, "check")] == [str(bakery.lead_id)]
    await does(harness, "corrections", story=bakery, facts={"employees": 8})
    assert await woken(harness) == []
    await does(harness, "corrections", story=bakery, facts={"employees": 35})
    assert await woken(harness) == [("wrong_size", "sales")]
    assert await worklist(harness, "check") == []
    assert await residual(harness) == []


async def test_nobody_is_called_because_a_company_grew_without_a_sign(harness: ServiceHarness) -> None:
    mill = await given_a_lead(harness, LeadStory("mill", start=START))
    await does(harness, "recycle", story=mill, reason="wrong_size", context={"employees": 4})
    await does(harness, "corrections", story=mill, facts={"employees": 35})
    await harness.advance(days(181))
    assert await woken(harness) == [("wrong_size", "marketing")]
    assert [item["lead_id"] for item in await worklist(harness, "nurture")] == [str(mill.lead_id)]


async def test_a_contact_who_answers_the_check_replaces_what_sales_found(harness: ServiceHarness) -> None:
    """Bo writes fifty into a form: the score may not go on with the four of last year."""
    bo = await given_a_lead(harness, LeadStory("bo", start=START))
    await does(harness, "recycle", story=bo, reason="wrong_size", context={"employees": 4})
    await harness.advance(days(181))
    await harness.deliver(bo.captured(START + days(181), "content_download", employees=50))
    assert await woken(harness) == [("wrong_size", "sales")]
    assert await found(harness) == [{"employees": 4}, {"employees": 50}]


async def test_a_correction_without_a_fact_is_refused(harness: ServiceHarness) -> None:
    await given_a_lead(harness)
    lead_id = LeadStory(start=START).lead_id
    answer = await harness.http.post(f"/v1/leads/{lead_id}/corrections", json={"by": "ann", "facts": {}})
    assert answer.status_code == 422
