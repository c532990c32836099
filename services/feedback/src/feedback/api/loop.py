"""What sales says as trends, and the proposals that come of it: routes that only translate."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict

from events.runtime.audit_log import record
from events.runtime.bodies import body_of, described
from events.runtime.queries import Limit
from events.runtime.security import Caller
from events.runtime.web import ServiceDep, requires
from feedback import handlers, store
from feedback.api.intake import answer_of
from feedback.api.reads import Day, Reader, TeamsReader, as_json
from feedback.domain.commands import Command
from feedback.domain.proposals import Approval, Proposed
from feedback.domain.rates import rate
from feedback.domain.refusals import ByMissing, ProposalUnknown, Refusal

router = APIRouter(tags=["reports"])

Worker = Annotated[Caller, requires("leads:work", "manager")]


class Heard(BaseModel):
    """Between which days, by week or month."""

    model_config = ConfigDict(extra="forbid")

    first: Day = date(2000, 1, 1)
    last: Day = date(2099, 12, 31)
    cohort: Literal["day", "week", "month"] | None = None


class Some(BaseModel):
    """How many."""

    model_config = ConfigDict(extra="forbid")

    limit: Limit = 100


@router.get("/v1/topics")
async def list_topics(service: ServiceDep, _: TeamsReader, asked: Annotated[Heard, Query()]) -> Response:
    """Count the topics that contacts raised, by the touch's outcome, as a trend if a cohort is asked for."""
    async with service.transaction() as tx:
        rows = await store.read_funnel(tx, "topic", cohort=asked.cohort, kinds=True, first=asked.first, last=asked.last)
    found: dict[tuple[str, str | None], dict[str, Any]] = {}
    for row in rows:
        item = found.setdefault(
            (row["group"], row["cohort"]), {"topic": row["group"], "cohort": row["cohort"], "times": 0, "outcomes": {}}
        )
        item["times"] += int(row["actions"])
        item["outcomes"][row["kind"]] = int(row["actions"])
    items = sorted(found.values(), key=lambda item: (item["cohort"] or "", -item["times"], item["topic"]))
    return as_json({"cohort": asked.cohort, "items": items})


@router.get("/v1/messaging")
async def list_messaging(service: ServiceDep, _: TeamsReader, asked: Annotated[Heard, Query()]) -> Response:
    """Count what sales said of each campaign's messaging, beside what became of its leads."""
    first, until = (datetime.combine(day, time(), UTC) for day in (asked.first, asked.last + timedelta(days=1)))
    async with service.transaction() as tx:
        rows = await store.messaging(tx, first, until)
    items = [
        {
            "campaign": row["campaign"] or None,
            "name": row["name"],
            "told": row["told"],
            "notes": row["notes"],
            "qualified": int(row["leads"]),
            "told_per_lead": rate(row["told"], row["leads"]),
            "mql_to_sql": rate(row["sql"], row["leads"]),
            "returned_share": rate(row["recycled"], row["leads"]),
        }
        for row in rows
    ]
    return as_json({"items": items})


@router.post("/v1/proposals", status_code=201, openapi_extra=described(Proposed))
async def propose(service: ServiceDep, caller: Worker, request: Request) -> Response:
    """Propose a change of a playbook because of what sales says, with its diff and its simulation."""
    asked = await body_of(request, Proposed)
    try:
        by = _by(caller, asked)
        async with service.transaction() as tx:
            found = await handlers.propose(tx, by, uuid4(), asked)
    except Refusal as refusal:
        return answer_of(refusal)
    answer = as_json(found)
    answer.status_code = 201
    return answer


@router.post("/v1/proposals/{proposal_id}/approve", openapi_extra=described(Approval))
async def approve(service: ServiceDep, caller: Worker, request: Request, proposal_id: UUID) -> Response:
    """Approve a proposal for one side. Once both did and the version is in force, those who asked are answered."""
    asked = await body_of(request, Approval)
    try:
        by = _by(caller, asked)
        async with service.transaction() as tx:
            found = await handlers.approve(tx, by, proposal_id, asked)
            await record(tx.raw, caller, "proposal.approved", proposal_id)
            return as_json(found)
    except Refusal as refusal:
        return answer_of(refusal)


@router.get("/v1/proposals")
async def list_proposals(service: ServiceDep, _: Reader, asked: Annotated[Some, Query()]) -> Response:
    """List proposals, the latest first."""
    async with service.transaction() as tx:
        items = await store.proposals(tx, None, asked.limit)
    return as_json({"items": [{k: v for k, v in item.items() if k not in ("diff", "simulation")} for item in items]})


@router.get("/v1/proposals/{proposal_id}")
async def show_proposal(service: ServiceDep, _: Reader, proposal_id: UUID) -> Response:
    """Show a proposal with its diff, its simulation and the trend that led to it."""
    async with service.transaction() as tx:
        found = await store.proposals(tx, proposal_id, 1)
    return as_json(found[0]) if found else answer_of(ProposalUnknown("proposal_id"))


def _by(caller: Caller, asked: Command) -> str:
    by = caller.rep_id or asked.by
    if by is None:
        raise ByMissing("by")
    return by
