"""What people ask: one lead with its whole history, lists, marketing's worklist."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from events.runtime.errors import OutOfReach
from events.runtime.queries import Cursor, Limit, ShortText, position_in, written
from events.runtime.web import ServiceDep
from feedback import store
from feedback.api import answers
from feedback.api.queries.readers import LeadReader, Reader, as_json
from feedback.domain.lifecycle import State
from feedback.handlers import load_lead
from feedback.playbook import FeedbackPlaybook

router = APIRouter(tags=["reports"])


class Page(BaseModel):
    """How much of a list, and from where on."""

    model_config = ConfigDict(extra="forbid")

    limit: Limit = 100


class LeadFilter(Page):
    """Which leads."""

    state: State | None = None
    rep_id: ShortText | None = None
    queue: ShortText | None = None
    contact_id: UUID | None = None
    cursor: UUID | None = None


class WorkFilter(Page):
    """Which of what waits for marketing."""

    kind: Annotated[
        Literal["returned", "check", "review", "nurture"] | None,
        Field(description="Returned leads, sizes to check, reviews, or leads to nurture; left out: all"),
    ] = None
    reason: Annotated[ShortText | None, Field(description="Only those that came back for this reason")] = None
    track: Annotated[ShortText | None, Field(description="Only those on this track of nurture")] = None
    cursor: Cursor = None


@router.get("/v1/leads", response_model=answers.LeadsAnswer)
async def list_leads(
    service: ServiceDep,
    caller: LeadReader,
    asked: Annotated[LeadFilter, Query()],
) -> Response:
    """List leads by state, rep, queue or contact."""
    if caller.bound == "rep" and asked.rep_id not in (None, caller.rep_id):
        raise OutOfReach
    async with service.transaction() as tx:
        items = await store.leads_page(
            tx,
            state=asked.state,
            rep_id=caller.rep_id if caller.bound == "rep" else asked.rep_id,
            team=caller.team if caller.bound == "manager" else None,
            queue=asked.queue,
            contact_id=asked.contact_id,
            after=asked.cursor,
            limit=asked.limit,
        )
    return as_json({"items": items, "next": items[-1]["lead_id"] if len(items) == asked.limit else None})


@router.get("/v1/leads/{lead_id}", response_model=answers.LeadAnswer)
async def show_lead(service: ServiceDep, caller: LeadReader, lead_id: UUID) -> Response:
    """Show a lead: where it stands, what may be done, why it qualified, and everything that happened to it."""
    async with service.transaction() as tx:
        return as_json(await load_lead(tx, lead_id, caller.reach))


@router.get("/v1/worklist", response_model=answers.WorklistAnswer)
async def show_worklist(
    service: ServiceDep,
    _: Reader,
    asked: Annotated[WorkFilter, Query()],
) -> Response:
    """List what waits for marketing, with its evidence: returned leads, sizes to check, leads to nurture, reviews."""
    after = position_in(asked.cursor, datetime, UUID)
    async with service.transaction() as tx:
        rules = tx.playbook(FeedbackPlaybook)
        items = await store.worklist(
            tx,
            kind=asked.kind,
            reason=asked.reason,
            track=asked.track,
            after=after,
            limit=asked.limit,
            for_sales=[name for name, rule in rules.reasons.items() if rule.wakes_at == "sales"],
        )
    last = items[-1] if len(items) == asked.limit else None
    return as_json({"items": items, "next": written(last["at"], last["lead_id"]) if last else None})
