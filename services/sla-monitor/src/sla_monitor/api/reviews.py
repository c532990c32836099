"""Marketing's worklist of reviews: the whole life of each lead, and what people say about it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, StringConstraints
from starlette.responses import Response

from events.runtime.bodies import body_of, described
from events.runtime.queries import Cursor, Limit, Word, position_in, written
from events.runtime.security import Caller
from events.runtime.web import ServiceDep, requires
from sla_monitor import domain, handlers, store
from sla_monitor.api.answers import Answer

router = APIRouter(prefix="/v1")

Reader = Annotated[Caller, requires("leads:read")]
Worker = Annotated[Caller, requires("leads:work")]
Words = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")
]


class Event(Answer):
    """One thing that happened to a lead."""

    at: datetime
    what: str
    by: str | None
    detail: str | None


class CommentView(Answer):
    """What somebody said about a lead."""

    at: datetime
    by: str
    comment: str


class Review(Answer):
    """A lead that marketing is asked about: what became of it?"""

    lead_id: UUID
    contact_id: UUID
    cycle: int
    lead_type: str
    policy: str
    rep_id: str | None
    team: str | None
    started_at: datetime
    opened_at: datetime
    due_at: datetime
    """Without a decision by then it goes back with `reason`."""
    touches: int
    reason: str
    """The reason it would get as things stand."""
    history: list[Event]
    comments: list[CommentView]


class Reviews(Answer):
    """A page of open reviews, the first to have opened first."""

    items: list[Review]
    next: str | None


class Remark(BaseModel):
    """What somebody has to say about a lead under review."""

    model_config = ConfigDict(extra="forbid", strict=True)

    by: Words
    comment: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]


@router.get("/reviews")
async def list_reviews(
    service: ServiceDep,
    _: Reader,
    *,
    team: Word | None = None,
    rep_id: Word | None = None,
    lead_id: UUID | None = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Reviews:
    """List open reviews, each with its lead's whole history."""
    after = position_in(cursor, datetime, UUID)
    given = {"team": team, "rep_id": rep_id, "lead_id": lead_id}
    async with service.transaction() as tx:
        rows = await store.open_reviews(tx, given, after=after, limit=limit + 1)
        leads = [row["lead_id"] for row in rows[:limit]]
        facts, comments = await store.facts_of(tx, leads), await store.comments_on(tx, leads)
        agreements = await store.load_agreements(tx, ())
    items = [
        Review(
            **{name: row[name] for name in Review.model_fields.keys() & row.keys()},
            touches=domain.human_touches(facts[row["lead_id"]]),
            reason=domain.default_reason(facts[row["lead_id"]], agreements),
            history=[Event(**entry._asdict()) for entry in domain.history(facts[row["lead_id"]])],
            comments=[CommentView.model_validate(each) for each in comments[row["lead_id"]]],
        )
        for row in rows[:limit]
    ]
    last = rows[limit - 1] if len(rows) > limit else None
    return Reviews(items=items, next=written(last["opened_at"], last["clock_id"]) if last else None)


@router.post("/reviews/{lead_id}/comments", status_code=204, openapi_extra=described(Remark))
async def comment(service: ServiceDep, caller: Worker, request: Request, lead_id: UUID) -> Response:
    """Say something about a lead; marketing decides, sales comments. The same words again change nothing."""
    body = await body_of(request, Remark)
    async with service.transaction() as tx:
        await handlers.comment(lead_id, caller.rep_id or body.by, body.comment, tx)
    return Response(status_code=204)
