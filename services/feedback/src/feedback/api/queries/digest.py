"""The weekly digest, as JSON and as a page that needs nothing else: both teams read the same."""

import re
from datetime import date, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from events.runtime import html
from events.runtime.bodies import describe_answer
from events.runtime.json_answers import json_answer
from events.runtime.web import ServiceDep
from feedback.api.answers import DigestAnswer
from feedback.api.pages import STYLE, render_digest
from feedback.api.queries.readers import Day, TeamsReader
from feedback.domain.digest import week_of
from feedback.handlers import load_digest

router = APIRouter(tags=["reports"])


def parse_week_as_monday(text: object) -> object:
    """Read a week's ISO name as its Monday; whatever else comes is left to the next validator."""
    named = re.fullmatch(r"(\d{4})-?W(\d{2})", text) if isinstance(text, str) else None
    return text if named is None else date.fromisocalendar(int(named[1]), int(named[2]), 1)


class DigestFilter(BaseModel):
    """Which week: that of a day, and the last whole week by default."""

    model_config = ConfigDict(extra="forbid")

    week: Annotated[
        Annotated[Day, BeforeValidator(parse_week_as_monday)] | None,
        Field(description="A day of it, or its ISO name as printed, such as `2026-W03`; left out: last week"),
    ] = None
    format: Annotated[
        Literal["json", "html"] | None, Field(description="`html` for a render_digest; left out: by the Accept header")
    ] = None
    lists: Annotated[
        str | None,
        Field(
            pattern=r"^/[a-z]+$",
            description="Of a page: the path below which whoever shows it has the lists; left out: those of the API",
        ),
    ] = None


@router.get("/v1/digest", response_model=DigestAnswer, responses=describe_answer("text/html"))
async def show_digest(
    service: ServiceDep, _: TeamsReader, request: Request, asked: Annotated[DigestFilter, Query()]
) -> Response:
    """Show a week beside the week before, as JSON, or as a page for those who ask for `text/html`."""
    async with service.transaction() as tx:
        week = week_of(asked.week or tx.now.date() - timedelta(days=7))
        found = await load_digest(tx, week)
    as_html = asked.format == "html" or (asked.format is None and "text/html" in request.headers.get("accept", ""))
    return (
        html.answer_with_page(render_digest(found, asked.lists), style_src=html.build_inline_source(STYLE))
        if as_html
        else json_answer(found)
    )
