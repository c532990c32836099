"""Queries: what is known of people, one after the other, to decide about them again elsewhere."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from events.leads import LeadType, Outcome
from events.runtime.answers import EMPTY, EXAMPLE_ID, example
from events.runtime.queries import Cursor, Limit, read_cursor, write_cursor
from events.runtime.web import ServiceDep
from scoring import handlers
from scoring.api.pages import Admin
from scoring.domain import Engagement, History, Lead, LifecycleFact

router = APIRouter(prefix="/v1", tags=["histories"])

_AT = "2026-03-02T09:00:00Z"


class LeadOfPersonAnswer(BaseModel):
    """A lead as it was published, and when its cycle ended."""

    contact_id: UUID
    cycle: int
    lead_type: LeadType
    """The strongest that was published."""
    outcome: Outcome
    by_request: bool
    points: float | None
    opened_at: datetime
    qualified_at: datetime
    ended_at: datetime | None


class PersonHistoryAnswer(BaseModel):
    """One person, whatever contacts they are: what they did, what became of it, and their leads."""

    contact_id: UUID
    engagements: list[Engagement]
    lifecycle: list[LifecycleFact]
    accounts: dict[str, str]
    """The kind of company behind each of the person's e-mail domains that is known."""
    leads: list[LeadOfPersonAnswer]


class HistoryPage(BaseModel):
    """A page of people, in the order of their contacts; it may hold fewer than asked for though others follow."""

    model_config = example(
        EMPTY,
        items=[
            {
                "contact_id": EXAMPLE_ID,
                "engagements": [
                    {
                        "engagement_id": EXAMPLE_ID,
                        "contact_id": EXAMPLE_ID,
                        "engagement": "contact_sales",
                        "source": "web_form",
                        "occurred_at": _AT,
                        "received_at": _AT,
                        "content": None,
                        "campaign": "spring",
                        "talk_to_sales": True,
                        "preference": None,
                        "preferred_at": None,
                        "facts": {"email_domain": "works.example", "employees": 120},
                    }
                ],
                "lifecycle": [
                    {
                        "turn_id": EXAMPLE_ID,
                        "contact_id": EXAMPLE_ID,
                        "kind": "confirmed",
                        "at": _AT,
                        "cycle": 1,
                        "reason": "BA-T",
                    }
                ],
                "accounts": {"works.example": "prospect"},
                "leads": [
                    {
                        "contact_id": EXAMPLE_ID,
                        "cycle": 1,
                        "lead_type": "hand_raiser",
                        "outcome": "hand_raiser",
                        "by_request": True,
                        "points": 30.0,
                        "opened_at": _AT,
                        "qualified_at": _AT,
                        "ended_at": None,
                    }
                ],
            }
        ],
        next=None,
    )

    items: list[PersonHistoryAnswer]
    next: str | None


@router.get("/histories")
async def list_histories(service: ServiceDep, _caller: Admin, limit: Limit = 100, cursor: Cursor = None) -> HistoryPage:
    """List what is known of people: `baton playbook simulate` and `calibrate` decide about them by other rules."""
    position = read_cursor(cursor, UUID)
    async with service.transaction() as tx:
        people, end = await handlers.load_people_after(tx, position[0] if position else None, limit)
    return HistoryPage(items=[_history_to_answer(each) for each in people], next=write_cursor(end) if end else None)


def _history_to_answer(history: History) -> PersonHistoryAnswer:
    return PersonHistoryAnswer(
        contact_id=history.contact_id,
        engagements=list(history.engagements.values()),
        lifecycle=list(history.lifecycle.values()),
        accounts=dict(history.accounts),
        leads=[_lead_to_answer(each) for each in history.all_leads()],
    )


def _lead_to_answer(lead: Lead) -> LeadOfPersonAnswer:
    return LeadOfPersonAnswer(
        contact_id=lead.contact_id,
        cycle=lead.cycle,
        lead_type=lead.published_type,
        outcome=lead.outcome,
        by_request=lead.by_request,
        points=lead.published_points,
        opened_at=lead.opened_at,
        qualified_at=lead.qualified_at,
        ended_at=lead.ended_at,
    )
