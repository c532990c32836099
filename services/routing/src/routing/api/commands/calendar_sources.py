"""Set the address at which a rep's own calendar is read, and take it back."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, StringConstraints
from starlette.responses import Response

from events.runtime.answers import examples
from events.runtime.audit_log import record_action
from events.runtime.bodies import describe_body, read_body_as
from events.runtime.json_answers import json_answer
from events.runtime.queries import ShortText
from events.runtime.security import RESTRICTED_ROLES, Caller
from events.runtime.web import ServiceDep, requires
from routing import handlers
from routing.api import answers
from routing.api.commands.calendar_links import check_reach
from routing.settings import RoutingSettings

router = APIRouter(tags=["routing"])
Worker = Annotated[Caller, requires("leads:work", *RESTRICTED_ROLES)]


class CalendarSourceBody(BaseModel):
    """The address of a calendar that opens without signing in: it is a secret, and is shown to nobody again."""

    model_config = ConfigDict(
        **examples(
            {"url": "https://calendar.google.com/calendar/ical/mia%40example.com/private-0a1b2c/basic.ics"},
            {"url": "webcal://outlook.office365.com/owa/calendar/0a1b2c@example.com/3d4e5f/calendar.ics"},
        ),
        extra="forbid",
        strict=True,
    )

    url: Annotated[str, StringConstraints(min_length=1, max_length=2000, pattern=r"^[^\x00-\x1f\x7f]+$")]


@router.put(
    "/v1/reps/{rep_id}/calendar-source",
    response_model=answers.RepAnswer,
    openapi_extra=describe_body(CalendarSourceBody),
)
async def put_calendar_source(
    service: ServiceDep[RoutingSettings], caller: Worker, request: Request, rep_id: ShortText
) -> Response:
    """Read a rep's own calendar at this address (https or webcal), again and again; its busy times are absences."""
    body = await read_body_as(request, CalendarSourceBody)
    async with service.transaction() as tx:
        await check_reach(tx, caller, rep_id)
        await handlers.save_calendar_source(service, rep_id, body.url, tx)
        await record_action(tx.raw, caller, "rep.calendar-source-set", rep_id)
        shown = await handlers.queries.load_rep(tx, rep_id)
    return json_answer(shown)


@router.delete("/v1/reps/{rep_id}/calendar-source", response_model=answers.RepAnswer)
async def delete_calendar_source(service: ServiceDep, caller: Worker, rep_id: ShortText) -> Response:
    """Read a rep's own calendar no more; its address is forgotten, and the absences that it brought."""
    async with service.transaction() as tx:
        await check_reach(tx, caller, rep_id)
        await handlers.delete_calendar_source(rep_id, tx)
        await record_action(tx.raw, caller, "rep.calendar-source-deleted", rep_id)
        shown = await handlers.queries.load_rep(tx, rep_id)
    return json_answer(shown)
