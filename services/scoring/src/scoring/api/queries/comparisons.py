"""Queries: how many leads other rules would make of the people who were active lately, beside those in force."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from events.runtime.answers import EXAMPLE_ID, example, examples
from events.runtime.bodies import describe_body, read_body_as
from events.runtime.web import ServiceDep
from scoring import handlers
from scoring.api.pages import EXAMPLE_RULES, Admin, parse_rules

router = APIRouter(prefix="/v1", tags=["shadows"])

SHOWN = 20


class CompareRulesBody(BaseModel):
    """A `scoring.yaml` that is to be compared with the one in force, and on how many days."""

    model_config = ConfigDict(extra="forbid", strict=True) | examples(
        {"body": EXAMPLE_RULES, "days": 30}, {"body": EXAMPLE_RULES.replace("most: 3", "most: 5"), "days": 7}
    )

    body: str
    days: Annotated[int, Field(ge=1, le=400)] = 30


class LeadCountsAnswer(BaseModel):
    """How many leads would have opened: by points, and by a raised hand."""

    by_score: int
    by_request: int


class RulesComparisonAnswer(BaseModel):
    """What both would have made of those who did something in these days, had no lead been published before."""

    model_config = example(
        {"contacts": 0, "becoming": 0, "first_becoming": []},
        days=30,
        contacts=412,
        in_force={"by_score": 40, "by_request": 12},
        candidate={"by_score": 43, "by_request": 12},
        becoming=3,
        no_longer=0,
        first_becoming=[EXAMPLE_ID],
        first_no_longer=[],
    )

    days: int
    contacts: int
    """People who did something in these days; 5,000 contacts at most are looked at."""
    in_force: LeadCountsAnswer
    candidate: LeadCountsAnswer
    becoming: int
    """How many people only the candidate makes a lead."""
    no_longer: int
    """How many people only the rules in force make a lead."""
    first_becoming: list[UUID]
    """The first twenty of them."""
    first_no_longer: list[UUID]


@router.post("/comparisons", openapi_extra=describe_body(CompareRulesBody))
async def compare_rules(service: ServiceDep, _caller: Admin, request: Request) -> RulesComparisonAnswer:
    """Compare other rules with those in force on the people who were active lately; nothing is kept or published."""
    wanted = await read_body_as(request, CompareRulesBody)
    candidate = parse_rules(wanted.body)
    async with service.transaction() as tx:
        contacts, found = await handlers.compare_rules(tx, candidate, wanted.days)
    return RulesComparisonAnswer(
        days=wanted.days,
        contacts=contacts,
        in_force=LeadCountsAnswer(**found.in_force),
        candidate=LeadCountsAnswer(**found.candidate),
        becoming=len(found.becoming),
        no_longer=len(found.no_longer),
        first_becoming=found.becoming[:SHOWN],
        first_no_longer=found.no_longer[:SHOWN],
    )
