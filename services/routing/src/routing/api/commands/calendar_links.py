"""Make and take back the secret address under which a rep's calendar shows their meetings."""

from typing import Annotated

from fastapi import APIRouter
from starlette.responses import Response

from events.runtime import Transaction
from events.runtime.audit_log import record_action
from events.runtime.json_answers import json_answer
from events.runtime.queries import ShortText
from events.runtime.security import RESTRICTED_ROLES, Caller
from events.runtime.web import ServiceDep, requires
from routing import handlers
from routing.api import answers
from routing.settings import RoutingSettings

router = APIRouter(tags=["routing"])
Worker = Annotated[Caller, requires("leads:work", *RESTRICTED_ROLES)]


@router.post("/v1/reps/{rep_id}/calendar-link", response_model=answers.CalendarLinkAnswer)
async def make_link(service: ServiceDep[RoutingSettings], caller: Worker, rep_id: ShortText) -> Response:
    """Make a secret address for a rep's calendar. It is shown once; the one before stops working."""
    async with service.transaction() as tx:
        await check_reach(tx, caller, rep_id)
        secret = await handlers.replace_calendar_secret(rep_id, tx)
        await record_action(tx.raw, caller, "rep.calendar-link-made", rep_id)
    base = service.settings.booking_url.rstrip("/")
    return json_answer({"rep_id": rep_id, "url": f"{base}/calendars/{secret}.ics"})


@router.delete("/v1/reps/{rep_id}/calendar-link", response_model=answers.CalendarLinkAnswer)
async def revoke_link(service: ServiceDep, caller: Worker, rep_id: ShortText) -> Response:
    """Take back the secret address of a rep's calendar; whoever subscribed to it sees nothing from now on."""
    async with service.transaction() as tx:
        await check_reach(tx, caller, rep_id)
        await handlers.revoke_calendar_link(rep_id, tx)
        await record_action(tx.raw, caller, "rep.calendar-link-revoked", rep_id)
    return json_answer({"rep_id": rep_id, "url": None})


async def check_reach(tx: Transaction, caller: Caller, rep_id: str) -> None:
    """Check that a rep's calendar is within the reach of a caller's key.

    Raises:
        OutOfReach: It is another rep's, or another team's.
        RepNotFound: There is no such rep.
    """
    team = await handlers.queries.load_team_of_rep(tx, rep_id)
    if caller.reach is not None:
        caller.reach.check_lead(rep_id, team)
    if team is None:
        raise handlers.RepNotFound
