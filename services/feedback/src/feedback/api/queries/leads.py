"""What people ask: one lead with its whole history, lists, marketing's worklist."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from events.runtime.errors import LeadOutOfReach
from events.runtime.json_answers import json_answer
from events.runtime.queries import Cursor, Limit, ShortText, read_cursor, write_cursor
from events.runtime.security import Caller
from events.runtime.web import ServiceDep
from feedback import store
from feedback.api import answers
from feedback.api.queries.readers import Day, LeadReader, Reader
from feedback.domain.credit import Model
from feedback.domain.figure_lists import Counted, Reached
from feedback.domain.funnel import LEFT, Kind
from feedback.domain.lifecycle import State
from feedback.handlers import load_full_lead
from feedback.playbook import Definitions, FeedbackPlaybook
from feedback.store.lead_lists import LeadFilters

router = APIRouter(tags=["reports"])


SortedBy = Literal[
    "lead_id", "since", "-since", "qualified_at", "-qualified_at", "handed_over_at", "-handed_over_at", "wake_at",
    "-wake_at", "amount", "-amount",
]  # fmt: skip


class PageFilter(BaseModel):
    """How much of a list, and from where on."""

    model_config = ConfigDict(extra="forbid")

    limit: Limit = 100


class LeadFilter(PageFilter):
    """Which leads. Every figure of a report names the filters of its list; `(none)` stands for what is not known."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    state: State | None = None
    """Where its lifecycle stands."""
    stage: ShortText | None = None
    """As the definitions name it: finer than the state."""
    stuck: bool | None = None
    """Longer in its stage than the definitions allow."""
    rep_id: ShortText | None = None
    """Who has it."""
    team: ShortText | None = None
    """Whose team has it."""
    queue: ShortText | None = None
    """In which queue it is or was."""
    contact_id: UUID | None = None
    """Of this contact."""
    source: ShortText | None = None
    """Where the person came from."""
    campaign: ShortText | None = None
    """The campaign that qualified it."""
    origin: ShortText | None = None
    """The first source that the person ever came from."""
    lead_type: ShortText | None = None
    """How it qualified, such as `hand_raiser`."""
    grade: ShortText | None = None
    """Its fit, A to D."""
    playbook_version: ShortText | None = None
    """The rules that qualified it."""
    reason: ShortText | None = None
    """Why it came back."""
    kind: Kind | None = None
    """`mql` (by points), `hand_raisers`, `requalified` (a later cycle) or `customers`."""
    counted: Counted | None = None
    """Those that a report counts as this, of the cohorts from `first` to `last`."""
    first: Day | None = None
    """Qualified on this day or later."""
    last: Day | None = None
    """Qualified on this day or earlier."""
    reached: Reached | None = None
    """Those that reached this, from `reached_first` to `reached_last`, whatever their cohort."""
    reached_first: Day | None = None
    """From this day on."""
    reached_last: Day | None = None
    """Until this day."""
    woken: bool | None = None
    """Whether it was woken again after it was returned."""
    untouched_days: Annotated[int, Query(ge=0, le=1000)] | None = None
    """Handed over at least so many days ago, and no person has touched it."""
    sqo: bool | None = None
    """Whether it is a sales qualified opportunity."""
    credited: ShortText | None = None
    """Its deal gives credit to this source, or campaign."""
    credited_by: Literal["source", "campaign"] | None = None
    """Which of the two that is; left out: the source."""
    credited_model: Model | None = None
    """By this model; left out: by one in which every engagement gets some."""
    sort: SortedBy = "lead_id"
    """What comes first; with `-` the other way round. Leads of which it is not known come last."""
    cursor: UUID | None = None
    """Where the page before ended."""


class WorklistFilter(PageFilter):
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
    """List leads: by where they are, by what is known of them, and exactly those behind a figure of a report."""
    if caller.bound_role == "rep" and asked.rep_id not in (None, caller.rep_id):
        raise LeadOutOfReach
    if caller.bound_role == "manager" and asked.team not in (None, caller.team):
        raise LeadOutOfReach
    async with service.transaction() as tx:
        stages = tx.playbook(Definitions).stages
        items = await store.list_leads_page(
            tx,
            LeadFilters(**asked.model_dump(exclude={"cursor", "limit", "sort"}) | _filters_of_bound_key(caller)),
            stages=stages,
            stuck_after={
                name: rule.stuck_after_days for name, rule in stages.items() if name in LEFT and rule.stuck_after_days
            },
            after=asked.cursor,
            limit=asked.limit,
            sort=asked.sort,
        )
    return json_answer({"items": items, "next": items[-1].lead_id if len(items) == asked.limit else None})


def _filters_of_bound_key(caller: Caller) -> dict[str, str | None]:
    """Return the filters that keep a key to its own leads."""
    if caller.bound_role == "rep":
        return {"rep_id": caller.rep_id}
    return {"team": caller.team} if caller.bound_role == "manager" else {}


@router.get("/v1/leads/{lead_id}", response_model=answers.LeadAnswer)
async def show_lead(service: ServiceDep, caller: LeadReader, lead_id: UUID) -> Response:
    """Show a lead: where it stands, what may be done, why it qualified, and everything that happened to it."""
    async with service.transaction() as tx:
        return json_answer(await load_full_lead(tx, lead_id, caller.reach))


@router.get("/v1/worklist", response_model=answers.WorklistAnswer)
async def show_worklist(
    service: ServiceDep,
    _: Reader,
    asked: Annotated[WorklistFilter, Query()],
) -> Response:
    """List what waits for marketing, with its evidence: returned leads, sizes to check, leads to nurture, reviews."""
    after = read_cursor(asked.cursor, datetime, UUID)
    async with service.transaction() as tx:
        rules = tx.playbook(FeedbackPlaybook)
        items = await store.list_worklist(
            tx,
            kind=asked.kind,
            reason=asked.reason,
            track=asked.track,
            after=after,
            limit=asked.limit,
            for_sales=[name for name, rule in rules.reasons.items() if rule.wakes_at == "sales"],
        )
    last = items[-1] if len(items) == asked.limit else None
    return json_answer({"items": items, "next": write_cursor(last.at, last.lead_id) if last else None})
