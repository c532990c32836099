"""List the leads and acts behind the figures of both sides."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query

from events.moments import Moment
from events.runtime.answers import EMPTY, EXAMPLE_ID, example
from events.runtime.queries import Cursor, Limit, ShortText, read_cursor, write_cursor
from events.runtime.web import ServiceDep, requires
from sla_monitor import domain, store
from sla_monitor.api.pages import ResponseModel
from sla_monitor.playbook import SlaPlaybook
from sla_monitor.store import TimeSpan

router = APIRouter(prefix="/v1", dependencies=[requires("leads:read")])

Month = Annotated[str, Query(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$", description="As in `2026-03`, UTC")]


class PromisedLeadView(ResponseModel):
    """A lead of which a promise takes its share."""

    lead_id: UUID
    contact_id: UUID
    at: datetime
    """When it was qualified; of sales, when its promise fell due first."""
    delivered: bool
    """Whether it counts for the promise."""


class PromisedLeadsAnswer(ResponseModel):
    """A page of leads."""

    model_config = example(
        EMPTY,
        items=[
            {"lead_id": EXAMPLE_ID, "contact_id": EXAMPLE_ID, "at": "2026-03-02T09:00:00Z", "delivered": True}
        ],
        next=None,
    )  # fmt: skip

    items: list[PromisedLeadView]
    next: str | None


class SuspiciousActView(ResponseModel):
    """One suspicious act."""

    lead_id: UUID
    contact_id: UUID
    at: datetime


class SuspiciousActsAnswer(ResponseModel):
    """A page of acts, the earliest first."""

    model_config = example(
        EMPTY,
        items=[{"lead_id": EXAMPLE_ID, "contact_id": EXAMPLE_ID, "at": "2026-03-02T09:00:00Z"}],
        next=None,
    )

    items: list[SuspiciousActView]
    next: str | None


@router.get("/promises/leads")
async def list_promised_leads(  # noqa: PLR0917 - a filter, field by field
    service: ServiceDep,
    side: Annotated[Literal["marketing", "sales"], Query(description="Who promised it")],
    promise: Annotated[ShortText, Query(description="As the report names it, such as `context` or `first_touch`")],
    month: Month,
    since: Moment,
    until: Moment,
    *,
    delivered: Annotated[bool | None, Query(description="Only those that count for it, or do not")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> PromisedLeadsAnswer:
    """List the leads behind a figure of `GET /v1/promises`, which names these filters."""
    (after,) = read_cursor(cursor, UUID) or (None,)
    async with service.transaction() as tx:
        playbook, span = tx.playbook(SlaPlaybook), TimeSpan(since, until)
        if side == "sales":
            rows = await store.load_promised_leads_of_month(tx, span, month, promise, after, limit)
            found = [(row, row.delivered) for row in rows]
        else:
            facts = list(playbook.marketing.context.facts)
            rows = await store.load_leads_of_month(tx, span, month, facts, after, limit)
            found = [
                (row, counts)
                for row in rows
                if (counts := domain.is_lead_counted_for_promise(promise, domain.LeadTraits(*row.lead_kind), playbook))
                is not None
            ]
    items = [
        PromisedLeadView(lead_id=row.lead_id, contact_id=row.contact_id, at=row.at, delivered=counts)
        for row, counts in found
        if delivered is None or counts == delivered
    ]
    return PromisedLeadsAnswer(items=items, next=write_cursor(rows[-1].lead_id) if len(rows) == limit else None)


@router.get("/suspicions/acts")
async def list_suspicious_acts(
    service: ServiceDep,
    kind: Annotated[Literal["hurried_touch", "short_call", "mass_return"], Query(description="What looks odd")],
    by: ShortText,
    since: Moment,
    until: Moment,
    *,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> SuspiciousActsAnswer:
    """List what `GET /v1/suspicions` counts of a person."""
    after = read_cursor(cursor, datetime, str)
    async with service.transaction() as tx:
        hurried = tx.playbook(SlaPlaybook).suspicions.hurried.length
        rows = await store.load_suspicious_acts(tx, TimeSpan(since, until), kind, by, hurried, after, limit)
    items = [SuspiciousActView(lead_id=row.lead_id, contact_id=row.contact_id, at=row.at) for row in rows]
    return SuspiciousActsAnswer(
        items=items, next=write_cursor(rows[-1].at, rows[-1].act) if len(rows) == limit else None
    )
