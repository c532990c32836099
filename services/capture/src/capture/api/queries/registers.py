"""Companies, with their subsidiaries and the use of the product, and the campaigns that a scanner may scan for."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic_core import PydanticCustomError
from starlette.responses import Response

from capture import handlers
from capture.api import answers
from capture.api.gate import requires_bulk_sender
from capture.domain.identity import read_domain
from capture.domain.scan import SOURCE
from events.runtime.json_answers import json_answer
from events.runtime.problems import Problem
from events.runtime.security import Caller
from events.runtime.web import ServiceDep, requires

router = APIRouter()

MOST_CAMPAIGNS = 200


@router.get("/accounts/{domain}", response_model=answers.AccountWithUseAnswer)
async def show_account(
    service: ServiceDep,
    _: Annotated[Caller, requires("leads:read")],
    domain: Annotated[str, Path(max_length=253, description="A domain of the company, or an alias")],
) -> Response:
    """Return a company with its subsidiaries, and how many people of all of them used the product in each month."""
    try:
        name = read_domain(domain)
    except PydanticCustomError as error:
        raise Problem(422, error.type, field="domain") from None
    async with service.transaction() as tx:
        found = await handlers.show_account(name, tx)
    return json_answer(found)


@router.get("/campaigns", response_model=answers.CampaignNamesAnswer)
async def show_campaigns(service: ServiceDep, _: Annotated[Caller, requires_bulk_sender(SOURCE)]) -> Response:
    """Return the campaigns that have not ended, the latest first: for what a scanner may scan."""
    async with service.transaction() as tx:
        found = await handlers.list_open_campaign_names(MOST_CAMPAIGNS, tx)
    return json_answer({"items": found})
