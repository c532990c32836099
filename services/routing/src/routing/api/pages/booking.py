"""The booking page over HTTP: free slots, taking one, the invitation as a file."""

import time
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial
from typing import Annotated, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, ConfigDict
from starlette.responses import HTMLResponse, Response

from events.languages import choose_language
from events.moments import Moment
from events.runtime import Transaction
from events.runtime.bodies import FORM, OPEN_TO_ALL, Responses, read_form_pairs, validate_as
from events.runtime.problems import BodyInvalid, Problem
from events.runtime.visitor_tickets import read_ticket
from events.runtime.web import ServiceDep
from routing import handlers
from routing.api.answers.files import CALENDAR, FILE
from routing.api.pages.rendering import LANGUAGES, format_moment, group_slots_by_day, render_page, zone_or_utc
from routing.domain import write_invitation
from routing.playbook import RoutingPlaybook

router = APIRouter(tags=["booking"])

PURPOSE = "booking"
MOST_FIELDS = 10
Ticket = Annotated[str, Path(description="What the form's page led here with", max_length=200)]
Zone = Annotated[str, Query(description="The visitor's time zone, by its IANA name", max_length=64)]
Language = Annotated[str, Query(description="Left out: the browser's", max_length=35)]


class ViewerLocale(NamedTuple):
    """In which zone and language a page is written, and whether a person reads what went wrong."""

    zone: tzinfo
    language: str
    reads_pages: bool


async def find_viewer_locale(request: Request, zone: Zone = "", language: Language = "") -> ViewerLocale:
    """Return how the page is written for whoever asks."""
    spoken = choose_language(LANGUAGES, language, request.headers.get("accept-language", ""))
    return ViewerLocale(zone_or_utc(zone), spoken, "text/html" in request.headers.get("accept", ""))


class ChosenSlot(BaseModel):
    """The slot that a visitor chose."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"starts_at": "2026-03-02T09:30:00Z"}, {"starts_at": "2026-03-02T15:00:00+01:00"}]
        },
    )

    starts_at: Moment
    zone: str = ""
    language: str = ""


_FIELDS = {"type": "object", "additionalProperties": {"type": "string"}}
_BODY = {"requestBody": {"required": True, "content": {FORM: {"schema": _FIELDS}}}}
_ANSWERS: Responses = {303: {"description": "To the page that shows the meeting"}}


@router.get("/book/{ticket}", response_class=HTMLResponse, openapi_extra=OPEN_TO_ALL)
async def show_slots(
    service: ServiceDep,
    ticket: Ticket,
    viewer: Annotated[ViewerLocale, Depends(find_viewer_locale)],
    change: Annotated[str, Query(description="`yes`: choose another time than the one booked", max_length=3)] = "",
) -> Response:
    """Return the page on which a visitor chooses a slot, or the meeting that they have."""
    return await _render_booking_page(service, ticket, viewer, change=change == "yes")


@router.post(
    "/book/{ticket}", response_class=HTMLResponse, status_code=303, responses=_ANSWERS,
    openapi_extra={**OPEN_TO_ALL, **_BODY},
)  # fmt: skip
async def reserve_slot(request: Request, service: ServiceDep, ticket: Ticket) -> Response:
    """Book a slot for whoever holds the ticket; where it is taken meanwhile, the page says so and shows the others."""
    filled = dict((await read_form_pairs(request, MOST_FIELDS))[1])
    viewer = await find_viewer_locale(request, filled.get("zone", ""), filled.get("language", ""))
    contact_id = _contact_id_of_ticket(service, ticket)
    if contact_id is None:
        return _render_expired_ticket(viewer)
    _refuse_above_ticket_rate_limit(service, contact_id)
    try:
        choice = validate_as(ChosenSlot, filled)
        async with service.transaction() as tx:
            await handlers.reserve_for_visitor(tx, contact_id, choice.starts_at)
    except (BodyInvalid, handlers.SlotTaken, handlers.RequestUnderWay) as refused:
        if not viewer.reads_pages:
            raise
        fault = "starts_at_invalid" if isinstance(refused, BodyInvalid) else refused.code
        return await _render_booking_page(service, ticket, viewer, fault=fault, change=True)
    where = f"/book/{ticket}?{urlencode({'zone': str(viewer.zone), 'language': viewer.language})}"
    return Response(None, 303, {"Location": where, "Cache-Control": "no-store"})


@router.get("/book/{ticket}/invitation.ics", response_class=Response, responses=FILE, openapi_extra=OPEN_TO_ALL)
async def download_invitation(service: ServiceDep, ticket: Ticket) -> Response:
    """Return the invitation to the visitor's meeting as an iCalendar file."""
    contact_id = _contact_id_of_ticket(service, ticket)
    if contact_id is None:
        raise Problem(404, "ticket_unknown")
    async with service.transaction() as tx:
        meeting = await handlers.load_meeting_of_visitor(tx, contact_id)
        if meeting is None:
            raise handlers.NoMeetingAhead
        return Response(write_invitation(meeting, _load_meeting_length(tx)), media_type=CALENDAR)


async def _render_booking_page(
    service: ServiceDep, ticket: str, viewer: ViewerLocale, *, fault: str = "", change: bool
) -> Response:
    contact_id = _contact_id_of_ticket(service, ticket)
    if contact_id is None:
        return _render_expired_ticket(viewer)
    async with service.transaction() as tx:
        found = await handlers.load_booking_page(tx, contact_id)
    show = partial(render_page, language=viewer.language, zone=str(viewer.zone), ticket=ticket)
    if found.meeting is not None and not change:
        at = format_moment(found.meeting.meeting_at, viewer.zone, viewer.language)
        return show("booked.html", at=at)
    days = group_slots_by_day(found.slots, viewer.zone, viewer.language)
    return show("slots.html", status=409 if fault else 200, days=days, fault=fault)


def _render_expired_ticket(viewer: ViewerLocale) -> Response:
    if not viewer.reads_pages:
        raise Problem(404, "ticket_unknown")
    return render_page("message.html", viewer.language, 404, message="ticket_unknown")


def _contact_id_of_ticket(service: ServiceDep, ticket: str) -> UUID | None:
    return read_ticket(service.settings.secret.get_secret_value().encode(), PURPOSE, ticket, datetime.now(UTC))


def _load_meeting_length(tx: Transaction) -> timedelta:
    return tx.playbook(RoutingPlaybook).booking.meeting_length


def _refuse_above_ticket_rate_limit(service: ServiceDep, contact_id: UUID) -> None:
    """Refuse what comes too often by one ticket, in this process."""
    if wait := service.key_rate_limit.seconds_to_wait(f"visitor {contact_id}", time.monotonic()):
        raise Problem(429, "too_many_requests", headers={"Retry-After": str(wait)})
