"""Free slots, invitations and each rep's meetings as a calendar to subscribe to."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from events.moments import Moment
from events.runtime.json_answers import json_answer
from events.runtime.queries import Limit, ShortText
from events.runtime.security import RESTRICTED_ROLES, Caller
from events.runtime.web import ServiceDep, requires
from routing import handlers, store
from routing.api import answers
from routing.api.answers.files import CALENDAR, FILE
from routing.domain import write_invitation, write_meeting_feed
from routing.playbook import RoutingPlaybook

router = APIRouter(tags=["routing"])
Reader = Annotated[Caller, requires("leads:read", *RESTRICTED_ROLES)]
AnyReader = Annotated[Caller, requires("leads:read")]
A_WEEK = timedelta(days=7)


@router.get("/v1/slots", response_model=answers.SlotsAnswer)
async def list_slots(
    service: ServiceDep,
    _: AnyReader,
    queue: Annotated[ShortText, Query(description="The queue whose team the contact is to meet")] = "booked",
    since: Annotated[Moment | None, Query(description="Slots from this time on; left out: from now on")] = None,
    until: Annotated[Moment | None, Query(description="Slots up to this time; left out: a week")] = None,
    limit: Limit = 100,
) -> Response:
    """List the free slots of the team that serves a queue, from now on, a week if no end is given."""
    async with service.transaction() as tx:
        if queue not in tx.playbook(RoutingPlaybook).queues:
            raise handlers.QueueUnknown
        begins = max(since or tx.now, tx.now)
        items = await handlers.queries.list_free_slots(tx, queue, begins, until or begins + A_WEEK, limit)
    return json_answer({"items": [slot._asdict() for slot in items], "next": None})


@router.get("/v1/leads/{lead_id}/invitation", response_class=Response, responses=FILE)
async def show_invitation(service: ServiceDep, caller: Reader, lead_id: UUID) -> Response:
    """Return the invitation to the lead's meeting as an iCalendar file."""
    async with service.transaction() as tx:
        lead = (await store.leads.load_leads(tx, [lead_id])).get(lead_id)
        if lead is None:
            raise handlers.LeadUnknown
        if caller.reach is not None:
            caller.reach.check_lead(lead.rep_id, lead.team)
        found = await handlers.queries.list_meetings(tx, lead_id=lead_id)
        if not found:
            raise handlers.NoMeetingAhead
        length = tx.playbook(RoutingPlaybook).booking.meeting_length
    return Response(write_invitation(found[0], length), media_type=CALENDAR)


@router.get("/v1/reps/{rep_id}/meetings", response_class=Response, responses=FILE)
async def show_meetings(service: ServiceDep, caller: Reader, rep_id: ShortText) -> Response:
    """Return a rep's meetings as an iCalendar feed."""
    async with service.transaction() as tx:
        team = await handlers.queries.load_team_of_rep(tx, rep_id)
        if caller.reach is not None:
            caller.reach.check_lead(rep_id, team)
        if team is None:
            raise handlers.RepNotFound
        found = await handlers.queries.list_meetings(tx, rep_id=rep_id)
        length = tx.playbook(RoutingPlaybook).booking.meeting_length
    return Response(write_meeting_feed(found, length), media_type=CALENDAR)


@router.get("/calendars/{secret}", response_class=Response, responses=FILE, openapi_extra={"security": []})
async def show_calendar(
    service: ServiceDep, secret: Annotated[str, Path(description="The secret of the link, and `.ics`", max_length=200)]
) -> Response:
    """Return the meetings of the rep whose link this is, for a calendar that subscribes to it."""
    async with service.transaction() as tx:
        rep_id = await store.calendar_links.find_rep_by_secret(tx, secret.removesuffix(".ics"))
        if rep_id is None:
            raise handlers.CalendarLinkUnknown
        found = await handlers.queries.list_meetings(tx, rep_id=rep_id)
        length = tx.playbook(RoutingPlaybook).booking.meeting_length
    return Response(write_meeting_feed(found, length), media_type=CALENDAR, headers={"Cache-Control": "no-store"})
