"""An SQL is what a rep who has the lead knows enough about (issue 14, point 13)."""

from typing import Any

import pytest

from events.leads import LeadConfirmed
from events.runtime.testing import ServiceHarness
from tests.feedback.test_service import does, given_a_lead, refused, show

NO = {"budget": False, "authority": False, "need": False, "timing": False}


@pytest.mark.parametrize(
    ("answers", "fields"),
    [
        ({}, {"bant.need"}),
        ({"budget": True, "authority": True, "timing": True}, {"bant.need"}),
        ({"need": True, "budget": True}, {"bant.authority", "bant.timing"}),
    ],
)
async def test_too_little_is_no_sql(harness: ServiceHarness, answers: dict[str, bool], fields: set[str]) -> None:
    """Four times no, or no need, or a need alone: refused with what is missing, and nothing is published."""
    await given_a_lead(harness)
    await does(harness, "accept")
    problem = await refused(harness, 422, "confirm", by="ann", bant=NO | answers)
    assert {error["field"] for error in problem["errors"]} == fields
    assert (problem["errors"][0]["code"], problem["needs"], problem["others"]) == ("qualification_missing", ["need"], 2)
    assert await harness.emitted(LeadConfirmed) == []
    assert (await show(harness))["state"] == "accepted"


async def test_who_has_nothing_to_do_with_the_lead_confirms_nothing(harness: ServiceHarness) -> None:
    """An integration's key may name any author; zoe is no rep of this lead."""
    await given_a_lead(harness)
    await does(harness, "accept")
    problem = await refused(harness, 403, "confirm", by="zoe", bant=NO | {"need": True, "budget": True, "timing": True})
    assert problem["errors"] == [{"field": "by", "code": "not_entitled"}]


async def test_the_answers_are_kept_with_their_details(harness: ServiceHarness) -> None:
    """Amount, date, role and quote stay with the lead; the topic has yes and no alone."""
    await given_a_lead(harness)
    await does(harness, "accept")
    bant: dict[str, Any] = {
        "budget": {"yes": True, "amount": 20000, "quote": "approved for this year"},
        "authority": {"yes": False, "role": "cfo"},
        "need": True,
        "timing": {"yes": True, "date": "2026-06-30"},
    }
    await does(harness, "confirm", bant=bant)
    (event,) = await harness.emitted(LeadConfirmed)
    assert event.bant.as_dict() == {"budget": True, "authority": False, "need": True, "timing": True}
    assert "approved" not in event.encode().decode()
    (note,) = (await show(harness))["notes"]
    assert note["context"]["bant"]["budget"] == {"yes": True, "amount": 20000.0, "quote": "approved for this year"}
    assert note["context"]["bant"]["timing"] == {"yes": True, "date": "2026-06-30"}
