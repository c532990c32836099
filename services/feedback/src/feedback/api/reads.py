"""What people ask: one lead with its whole history, lists, marketing's worklist."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from events.runtime.bodies import JSON
from events.runtime.errors import OutOfReach
from events.runtime.queries import Cursor, Limit, Word, position_in, written
from events.runtime.security import BOUND, Caller
from events.runtime.web import ServiceDep, requires
from feedback import store
from feedback.api.intake import answer_of
from feedback.domain.lifecycle import State, legal
from feedback.domain.refusals import LeadErased, LeadUnknown
from feedback.playbook import Definitions, FeedbackPlaybook

router = APIRouter(tags=["reports"])

Reader = Annotated[Caller, requires("leads:read")]
LeadReader = Annotated[Caller, requires("leads:read", *BOUND)]
"""Of the leads in the caller's reach."""
TeamsReader = LeadReader
"""Of sums that name no lead: both teams read the same, whoever has which leads."""
INTERNAL = frozenset({"said_end", "said_woken", "alarm_at", "stalls_at", "rang_at", "heard_at", "typed_at"})


Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2099, 12, 31))]
"""A day of this century."""


class Page(BaseModel):
    """How much of a list, and from where on."""

    model_config = ConfigDict(extra="forbid")

    limit: Limit = 100


class LeadFilter(Page):
    """Which leads."""

    state: State | None = None
    rep_id: Word | None = None
    queue: Word | None = None
    contact_id: UUID | None = None
    cursor: UUID | None = None


class WorkFilter(Page):
    """Which of what waits for marketing."""

    kind: Literal["returned", "review"] | None = None
    reason: Word | None = None
    track: Word | None = None
    cursor: Cursor = None


def as_json(body: Any) -> Response:
    """Answer with JSON."""
    return Response(orjson.dumps(body, default=str), media_type=JSON)


@router.get("/v1/leads")
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


@router.get("/v1/leads/{lead_id}")
async def show_lead(service: ServiceDep, caller: LeadReader, lead_id: UUID) -> Response:
    """Show a lead: where it stands, what may be done, why it qualified, and everything that happened to it."""
    async with service.transaction() as tx:
        found = await store.story(tx, lead_id)
        if found is None:
            erased = lead_id in await store.erased_leads(tx, [lead_id])
            return answer_of(LeadErased("lead_id") if erased else LeadUnknown("lead_id"))
        if caller.reach is not None:
            caller.reach.check(found["lead"]["rep_id"], found["lead"]["team"])
        rules, definitions = tx.playbook(FeedbackPlaybook), tx.playbook(Definitions)
        contact = (await store.load(tx, [found["lead"]["contact_id"]]))[found["lead"]["contact_id"]]
    known = contact.leads[lead_id]
    said = {
        "stage": known.stage(definitions.stages),
        "new": known.is_new(),
        "cold": known.is_cold(tx.now, contact.engaged_at, timedelta(days=rules.funnel.cold_days)),
    }
    lead = {name: value for name, value in found.pop("lead").items() if name not in INTERNAL}
    return as_json({**lead, **said, "legal": legal(lead["state"]), **found})


@router.get("/v1/worklist")
async def show_worklist(
    service: ServiceDep,
    _: Reader,
    asked: Annotated[WorkFilter, Query()],
) -> Response:
    """List what waits for marketing: returned leads that rest, and reviews that are open, with the score's evidence."""
    after = position_in(asked.cursor, datetime, UUID)
    async with service.transaction() as tx:
        items = await store.worklist(
            tx,
            kind=asked.kind,
            reason=asked.reason,
            track=asked.track,
            after=after,
            limit=asked.limit,
        )
    last = items[-1] if len(items) == asked.limit else None
    return as_json({"items": items, "next": written(last["at"], last["lead_id"]) if last else None})
