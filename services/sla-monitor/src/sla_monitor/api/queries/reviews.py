"""Open reviews for marketing: the history of each lead, and the comments on it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from events.runtime.answers import EMPTY, EXAMPLE_ID, example
from events.runtime.queries import Cursor, Limit, ShortText, read_cursor, write_cursor
from events.runtime.security import RESTRICTED_ROLES, Caller
from events.runtime.web import ServiceDep, requires
from sla_monitor import handlers
from sla_monitor.api.pages import ResponseModel

router = APIRouter(prefix="/v1")

Reader = Annotated[Caller, requires("leads:read", *RESTRICTED_ROLES)]


class HistoryEntryView(ResponseModel):
    """One entry of a lead's history."""

    at: datetime
    what: str
    by: str | None
    detail: str | None


class CommentView(ResponseModel):
    """A comment on a lead."""

    at: datetime
    by: str
    comment: str


class ReviewView(ResponseModel):
    """A lead on whose outcome marketing decides."""

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
    attempts: int
    """Touches within one spell are one."""
    reason: str
    """The reason it would get as things stand."""
    history: list[HistoryEntryView]
    comments: list[CommentView]


class ReviewsAnswer(ResponseModel):
    """A page of open reviews, the first to have opened first."""

    model_config = example(
        EMPTY,
        items=[
            {
                "lead_id": EXAMPLE_ID,
                "contact_id": EXAMPLE_ID,
                "cycle": 1,
                "lead_type": "mql",
                "policy": "mql",
                "rep_id": "inbound-1",
                "team": "inbound",
                "started_at": "2026-03-02T09:00:00Z",
                "opened_at": "2026-03-02T09:00:00Z",
                "due_at": "2026-03-09T09:00:00Z",
                "touches": 2,
                "attempts": 1,
                "reason": "no_response",
                "history": [{"at": "2026-03-02T09:00:00Z", "what": "touched", "by": "inbound-1", "detail": "call"}],
                "comments": [{"at": "2026-03-02T09:00:00Z", "by": "lea", "comment": "Try the office number."}],
            }
        ],
        next=None,
    )

    items: list[ReviewView]
    next: str | None


@router.get("/reviews")
async def list_reviews(
    service: ServiceDep,
    caller: Reader,
    *,
    team: ShortText | None = None,
    rep_id: ShortText | None = None,
    lead_id: UUID | None = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> ReviewsAnswer:
    """List open reviews, each with its lead's whole history."""
    after = read_cursor(cursor, datetime, UUID)
    given = {"team": team, "rep_id": rep_id, "lead_id": lead_id}
    async with service.transaction() as tx:
        rows = await handlers.queries.load_open_reviews(tx, given, after=after, limit=limit + 1, reach=caller.reach)
    items = [ReviewView.model_validate(row, from_attributes=True) for row in rows[:limit]]
    last = rows[limit - 1] if len(rows) > limit else None
    return ReviewsAnswer(items=items, next=write_cursor(last.opened_at, last.clock_id) if last else None)
