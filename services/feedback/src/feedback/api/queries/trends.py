"""Feedback of sales as trends, and the proposals that came of it: routes that only translate."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from events.leads import TouchOutcome
from events.runtime.errors import LeadOutOfReach
from events.runtime.json_answers import json_answer
from events.runtime.queries import Cursor, Limit, ShortText, read_cursor, write_cursor
from events.runtime.web import ServiceDep
from feedback import store
from feedback.api import answers
from feedback.api.queries.readers import Day, LeadReader, Reader, TeamsReader
from feedback.domain.figure_lists import find_cohort_bounds, touch_list_address
from feedback.domain.rates import compute_rate
from feedback.handlers.errors import ProposalUnknown

router = APIRouter(tags=["reports"])


class TrendFilter(BaseModel):
    """Between which days, by week or month."""

    model_config = ConfigDict(extra="forbid")

    first: Day = date(2000, 1, 1)
    last: Day = date(2099, 12, 31)
    cohort: Literal["day", "week", "month"] | None = None


class FeedbackFilter(BaseModel):
    """Whose feedback, answered or not."""

    model_config = ConfigDict(extra="forbid")

    by: Annotated[ShortText | None, Field(description="Whose it is")] = None
    open: Annotated[bool | None, Field(description="Only what is unanswered, or only what is answered")] = None
    limit: Limit = 100
    cursor: Cursor = None


class TouchFilter(BaseModel):
    """Which touches: in which a topic was raised, on which days (UTC), with which outcome."""

    model_config = ConfigDict(extra="forbid")

    topic: Annotated[ShortText, Field(description="What the contact raised")]
    first: Day = date(2000, 1, 1)
    last: Day = date(2099, 12, 31)
    outcome: Annotated[TouchOutcome | None, Field(description="How it went; left out: whichever way")] = None
    limit: Limit = 100
    cursor: Cursor = None


class ProposalSourceFilter(BaseModel):
    """What led to which proposal."""

    model_config = ConfigDict(extra="forbid")

    proposal_id: Annotated[UUID, Field(description="Which proposal")]
    limit: Limit = 100
    cursor: Cursor = None


class ProposalFilter(BaseModel):
    """How many."""

    model_config = ConfigDict(extra="forbid")

    limit: Limit = 100


@router.get("/v1/topics", response_model=answers.TopicsAnswer)
async def list_topics(service: ServiceDep, _: TeamsReader, asked: Annotated[TrendFilter, Query()]) -> Response:
    """Count the topics that contacts raised, by the touch's outcome, as a trend if a cohort is asked for."""
    async with service.transaction() as tx:
        rows = await store.read_funnel(tx, "topic", cohort=asked.cohort, kinds=True, first=asked.first, last=asked.last)
    found: defaultdict[tuple[str, str | None], dict[str, int]] = defaultdict(dict)
    for row in rows:
        found[row.group, row.cohort][row.kind] = int(row.actions)
    topics = [(topic, cohort, sum(outcomes.values()), outcomes) for (topic, cohort), outcomes in found.items()]
    topics.sort(key=lambda line: (line[1] or "", -line[2], line[0]))
    items = [
        {
            "topic": topic,
            "cohort": cohort,
            "times": times,
            "outcomes": outcomes,
            "lists": _topic_list_addresses(topic, cohort, outcomes, asked),
        }
        for topic, cohort, times, outcomes in topics
    ]
    return json_answer({"cohort": asked.cohort, "items": items})


def _topic_list_addresses(
    topic: str, cohort: str | None, outcomes: Iterable[str], asked: TrendFilter
) -> dict[str, str]:
    """Return the touches behind how often a topic was raised, and behind each outcome."""
    span = (asked.first, asked.last)
    if asked.cohort is not None and cohort is not None:
        span = find_cohort_bounds(asked.cohort, cohort, span)
    by_outcome = {outcome: touch_list_address(topic, *span, outcome) for outcome in outcomes}
    return {"times": touch_list_address(topic, *span)} | by_outcome


@router.get("/v1/touches", response_model=answers.TouchesAnswer)
async def list_touches(service: ServiceDep, caller: LeadReader, asked: Annotated[TouchFilter, Query()]) -> Response:
    """List the touches in which contacts raised a topic, the newest first; a bound key lists those of its leads."""
    wanted = store.TouchFilters(
        asked.topic, asked.first, asked.last, asked.outcome,
        rep_id=caller.rep_id if caller.bound_role == "rep" else None,
        team=caller.team if caller.bound_role == "manager" else None,
    )  # fmt: skip
    async with service.transaction() as tx:
        items = await store.list_touches_page(tx, wanted, read_cursor(asked.cursor, datetime, UUID), asked.limit)
    last = items[-1] if len(items) == asked.limit else None
    return json_answer({"items": items, "next": write_cursor(last.at, last.action_id) if last else None})


@router.get("/v1/messaging", response_model=answers.MessagingAnswer)
async def list_messaging(service: ServiceDep, _: TeamsReader, asked: Annotated[TrendFilter, Query()]) -> Response:
    """Count the feedback on each campaign's messaging, beside what became of its leads."""
    first, until = (datetime.combine(day, time(), UTC) for day in (asked.first, asked.last + timedelta(days=1)))
    async with service.transaction() as tx:
        rows = await store.count_messaging_feedback(tx, first, until)
    items = [
        {
            "campaign": row.campaign or None,
            "name": row.name,
            "told": row.times,
            "notes": row.notes,
            "qualified": int(row.leads),
            "told_per_lead": compute_rate(row.times, row.leads),
            "lead_to_sql": compute_rate(row.sql, row.leads),
            "returned_share": compute_rate(row.recycled, row.leads),
        }
        for row in rows
    ]
    return json_answer({"items": items})


@router.get("/v1/feedback", response_model=answers.FeedbackPage)
async def list_feedback(service: ServiceDep, caller: LeadReader, asked: Annotated[FeedbackFilter, Query()]) -> Response:
    """List feedback with its answers, the newest first; a bound key lists those of its rep or team."""
    if caller.bound_role == "rep" and asked.by not in (None, caller.rep_id):
        raise LeadOutOfReach
    after = read_cursor(asked.cursor, datetime, UUID)
    async with service.transaction() as tx:
        items = await store.list_feedback_page(
            tx,
            by=caller.rep_id if caller.bound_role == "rep" else asked.by,
            team=caller.team if caller.bound_role == "manager" else None,
            is_open=asked.open,
            after=after,
            limit=asked.limit,
        )
    last = items[-1] if len(items) == asked.limit else None
    return json_answer({"items": items, "next": write_cursor(last.at, last.feedback_id) if last else None})


@router.get("/v1/proposals", response_model=answers.ProposalsAnswer)
async def list_proposals(service: ServiceDep, _: Reader, asked: Annotated[ProposalFilter, Query()]) -> Response:
    """List proposals, the latest first."""
    async with service.transaction() as tx:
        items = await store.load_proposals(tx, None, asked.limit)
    return json_answer(
        {"items": [{k: v for k, v in item.as_dict().items() if k not in ("diff", "simulation")} for item in items]}
    )


@router.get("/v1/proposal-sources", response_model=answers.ProposalSourcesAnswer)
async def list_proposal_sources(
    service: ServiceDep, caller: LeadReader, asked: Annotated[ProposalSourceFilter, Query()]
) -> Response:
    """List the feedback that led to a proposal, the newest first; a bound key lists that of its rep or team."""
    async with service.transaction() as tx:
        items = await store.list_proposal_sources_page(
            tx,
            asked.proposal_id,
            rep_id=caller.rep_id if caller.bound_role == "rep" else None,
            team=caller.team if caller.bound_role == "manager" else None,
            after=read_cursor(asked.cursor, datetime, UUID),
            limit=asked.limit,
        )
    last = items[-1] if len(items) == asked.limit else None
    return json_answer({"items": items, "next": write_cursor(last.at, last.feedback_id) if last else None})


@router.get("/v1/proposals/{proposal_id}", response_model=answers.ProposalAnswer)
async def show_proposal(service: ServiceDep, _: Reader, proposal_id: UUID) -> Response:
    """Show a proposal with its diff, its simulation and the trend that led to it."""
    async with service.transaction() as tx:
        found = await store.load_proposals(tx, proposal_id, 1)
    if not found:
        raise ProposalUnknown(field="proposal_id")
    return json_answer(found[0])
