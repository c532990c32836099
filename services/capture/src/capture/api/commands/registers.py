"""The registers: companies, campaigns and content, each put whole under its own name."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from pydantic import AfterValidator, Field, Strict, StrictBool, StringConstraints, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError
from starlette.responses import Response

from capture import handlers
from capture.api import answers
from capture.api.gate import requires_right_to_change
from capture.domain.identity import read_domain
from capture.domain.submission import StrictModel
from capture.domain.text import Line, Text, Title, Url
from capture.store.registers import AccountRow, CampaignRow, ContentRow
from events.contacts import AccountKind
from events.moments import Moment
from events.names import CODE
from events.runtime.answers import example
from events.runtime.bodies import describe_body, read_body_as
from events.runtime.json_answers import json_answer
from events.runtime.problems import Problem
from events.runtime.security import Caller
from events.runtime.web import ServiceDep

router = APIRouter()

MOST_NAMED = 100

Domain = Annotated[str, Strict(), StringConstraints(strip_whitespace=True, max_length=253), AfterValidator(read_domain)]
Code = Annotated[str, Strict(), StringConstraints(pattern=CODE)]


class AccountBody(StrictModel):
    """What is known of a company; what is left out is unknown again."""

    model_config = example(
        {"kind": "prospect", "parent": "lovelace-group.example", "open_opportunity": True},
        name="Lovelace Ltd",
        kind="customer",
        owner="am-1",
        aliases=["lovelace.example"],
    )

    name: Line | None = None
    kind: AccountKind = "prospect"
    owner: Line | None = None
    parent: Domain | None = None
    aliases: Annotated[list[Domain], Field(max_length=MOST_NAMED)] = Field(default_factory=list)
    open_opportunity: StrictBool = False


class CampaignBody(StrictModel):
    """What marketing runs; published before its leads arrive."""

    model_config = example(
        {"ends_at": "2026-03-04T17:00:00Z", "content": ["buyers-guide"]},
        name="Spring fair",
        starts_at="2026-03-02T09:00:00Z",
        spend=12000.0,
    )

    name: Title
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    brief: Text | None = None
    content: Annotated[list[Code], Field(max_length=MOST_NAMED)] = Field(default_factory=list)
    spend: Annotated[float, Strict(), Field(ge=0, allow_inf_nan=False)] | None = None

    @field_validator("ends_at")
    @classmethod
    def _check_ends_after_start(cls, value: Any, info: ValidationInfo) -> Any:
        start = info.data.get("starts_at")
        if value is not None and start is not None and value < start:
            raise PydanticCustomError("ends_before_start", "It ends before it starts.")
        return value


class ContentBody(StrictModel):
    """A piece of content: what an opener and a suggestion draw on."""

    model_config = example(
        {"topic": "pricing"}, title="How to choose a pump", url="https://www.example/pumps", stage="evaluation"
    )

    title: Title
    url: Url | None = None
    stage: Line | None = None
    topic: Line | None = None
    persona: Line | None = None


@router.put("/accounts/{domain}", response_model=answers.AccountAnswer, openapi_extra=describe_body(AccountBody))
async def put_account(
    request: Request,
    service: ServiceDep,
    _: Annotated[Caller, requires_right_to_change()],
    domain: Annotated[str, Path(max_length=253, description="A domain of the company, in any spelling")],
) -> Response:
    """Replace what is known of a company; announced on `accounts.changed.v1` where anything changed."""
    body = await read_body_as(request, AccountBody)
    try:
        name = read_domain(domain)
    except PydanticCustomError as error:
        raise Problem(422, error.type, field="domain") from None
    async with service.transaction() as tx:
        row = await handlers.put_account(AccountRow(name, **body.model_dump()), tx)
    return json_answer(row)


@router.put("/campaigns/{campaign}", response_model=answers.CampaignAnswer, openapi_extra=describe_body(CampaignBody))
async def put_campaign(
    request: Request,
    service: ServiceDep,
    _: Annotated[Caller, requires_right_to_change()],
    campaign: Annotated[str, Path(pattern=CODE, description="The name of the campaign")],
) -> Response:
    """Replace what is known of a campaign; announced on `campaigns.announced.v1` where anything changed."""
    body = await read_body_as(request, CampaignBody)
    async with service.transaction() as tx:
        row = await handlers.put_campaign(CampaignRow(campaign, **body.model_dump()), tx)
    return json_answer(row)


@router.put("/content/{content}", response_model=answers.ContentAnswer, openapi_extra=describe_body(ContentBody))
async def put_content(
    request: Request,
    service: ServiceDep,
    _: Annotated[Caller, requires_right_to_change()],
    content: Annotated[str, Path(pattern=CODE, description="The name of the piece of content")],
) -> Response:
    """Replace an entry of the content catalogue."""
    body = await read_body_as(request, ContentBody)
    async with service.transaction() as tx:
        row = await handlers.put_content(ContentRow(content, **body.model_dump()), tx)
    return json_answer(row)
