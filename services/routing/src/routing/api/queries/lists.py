"""List teams, queues, reps, leads and decisions."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from events.runtime.json_answers import json_answer
from events.runtime.queries import Cursor, Limit, ShortText, read_cursor
from events.runtime.security import RESTRICTED_ROLES, Caller
from events.runtime.web import ServiceDep, requires
from routing import handlers, store
from routing.api import answers
from routing.api.pages import answer_page_by_name, answer_with_list_page
from routing.playbook import RoutingPlaybook

router = APIRouter(tags=["routing"])

Reader = Annotated[Caller, requires("leads:read", *RESTRICTED_ROLES)]
TeamReader = Annotated[Caller, requires("leads:read", "manager")]


@router.get("/v1/teams", response_model=answers.TeamsAnswer)
async def list_teams(service: ServiceDep, caller: TeamReader, limit: Limit = 100, cursor: Cursor = None) -> Response:
    """List the teams: their queues, who can take leads now, how many leads they have and how many wait."""
    after = read_cursor(cursor, str)
    async with service.transaction() as tx:
        items = await handlers.queries.list_teams(tx)
    items = [item for item in items if caller.reach is None or caller.reach.covers(None, item.team)]
    return answer_page_by_name(items, limit, after, "team")


@router.get("/v1/queues", response_model=answers.QueueLoadsAnswer)
async def list_queues(service: ServiceDep, caller: TeamReader, limit: Limit = 100, cursor: Cursor = None) -> Response:
    """List the queues in their order of service: how many leads wait, and since when."""
    after = read_cursor(cursor, str)
    async with service.transaction() as tx:
        items = await handlers.queries.list_queues(tx)
    items = [item for item in items if caller.reach is None or caller.reach.covers(None, item.team)]
    return answer_page_by_name(items, limit, after, "queue")


@router.get("/v1/queues/{queue}/leads", response_model=answers.OpenLeadsAnswer)
async def list_queue(
    service: ServiceDep, caller: TeamReader, queue: ShortText, limit: Limit = 100, cursor: Cursor = None
) -> Response:
    """List the leads that wait in a queue, in the order in which they will be served."""
    after: Any = read_cursor(cursor, str, datetime, UUID)
    async with service.transaction() as tx:
        queues = tx.playbook(RoutingPlaybook).queues
        if queue not in queues:
            raise handlers.QueueUnknown
        if caller.reach is not None:
            caller.reach.check_lead(None, queues[queue].team)
        items = await store.views.list_waiting_leads(tx, queue, after, limit + 1)
    return answer_with_list_page(items, limit, ["fit", "handed_over_at", "lead_id"])


@router.get("/v1/reps", response_model=answers.RepsAnswer)
async def list_reps(service: ServiceDep, caller: Reader, limit: Limit = 100, cursor: Cursor = None) -> Response:
    """List the reps: what is agreed with them, their load, and why they can't take a lead now where they can't."""
    after = read_cursor(cursor, str)
    async with service.transaction() as tx:
        items = await handlers.queries.list_reps(tx)
    items = [item for item in items if caller.reach is None or caller.reach.covers(item.rep_id, item.team)]
    return answer_page_by_name(items, limit, after, "rep_id")


@router.get("/v1/reps/{rep_id}/leads", response_model=answers.OpenLeadsAnswer)
async def list_open_leads(
    service: ServiceDep, caller: Reader, rep_id: ShortText, limit: Limit = 100, cursor: Cursor = None
) -> Response:
    """List the open leads of a rep, the oldest assignment first."""
    after: Any = read_cursor(cursor, datetime, UUID)
    async with service.transaction() as tx:
        rep = await handlers.queries.load_rep(tx, rep_id)
        if rep is None:
            raise handlers.RepNotFound
        if caller.reach is not None:
            caller.reach.check_lead(rep_id, rep.team)
        items = await store.views.list_open_leads(tx, rep_id, after, limit + 1)
    return answer_with_list_page(items, limit, ["placed_at", "lead_id"])


@router.get("/v1/leads/{lead_id}/decisions", response_model=answers.DecisionsAnswer)
async def list_decisions(
    service: ServiceDep, caller: Reader, lead_id: UUID, limit: Limit = 100, cursor: Cursor = None
) -> Response:
    """List every decision about a lead, with what was tried: why this rep, why not another."""
    after = read_cursor(cursor, int) or [0]
    async with service.transaction() as tx:
        if not await store.leads.load_contact_ids_by_lead(tx, [lead_id]):
            raise handlers.LeadUnknown
        if caller.reach is not None:
            lead = (await store.leads.load_leads(tx, [lead_id]))[lead_id]
            caller.reach.check_lead(lead.rep_id, lead.team)
        items = await handlers.queries.list_decisions(tx, lead_id, after[0], limit + 1)
    return answer_with_list_page(items, limit, ["number"]) if items else json_answer({"items": [], "next": None})


@router.get("/v1/raised", name="list_raised", response_model=answers.EscalationsAnswer)
async def list_escalations(
    service: ServiceDep, caller: TeamReader, team: ShortText | None = None, limit: Limit = 100, cursor: Cursor = None
) -> Response:
    """List what was escalated to managers (missed promises, long waits) about leads that sales still has."""
    after: Any = read_cursor(cursor, datetime, UUID, int)
    async with service.transaction() as tx:
        if caller.reach is not None:
            caller.reach.check_lead(None, team or caller.team)
            team = caller.team
        items = await handlers.queries.list_escalations(tx, team, after, limit + 1)
    return answer_with_list_page(items, limit, ["raised_at", "lead_id", "number"])
