"""What people ask: one lead with its whole history, lists, the funnel, the reasons, marketing's worklist."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict

from events.runtime.bodies import JSON
from events.runtime.queries import Cursor, Limit, Word, position_in, written
from events.runtime.security import Caller
from events.runtime.web import ServiceDep, requires
from feedback import store
from feedback.api.intake import answer_of
from feedback.domain.lifecycle import State, legal
from feedback.domain.refusals import LeadErased, LeadUnknown
from feedback.playbook import FeedbackPlaybook
from feedback.store.reports import By, Cohort

router = APIRouter(tags=["reports"])

Reader = Annotated[Caller, requires("leads:read")]
INTERNAL = frozenset({"said_end", "said_woken", "alarm_at", "stalls_at", "rang_at", "heard_at", "typed_at"})


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


def _json(body: Any) -> Response:
    return Response(orjson.dumps(body, default=str), media_type=JSON)


def _rate(part: float, whole: float) -> float | None:
    return round(part / whole, 4) if whole else None


@router.get("/v1/leads")
async def list_leads(
    service: ServiceDep,
    _: Reader,
    asked: Annotated[LeadFilter, Query()],
) -> Response:
    """List leads by state, rep, queue or contact."""
    async with service.transaction() as tx:
        items = await store.leads_page(
            tx,
            state=asked.state,
            rep_id=asked.rep_id,
            queue=asked.queue,
            contact_id=asked.contact_id,
            after=asked.cursor,
            limit=asked.limit,
        )
    return _json({"items": items, "next": items[-1]["lead_id"] if len(items) == asked.limit else None})


@router.get("/v1/leads/{lead_id}")
async def show_lead(service: ServiceDep, _: Reader, lead_id: UUID) -> Response:
    """Show a lead: where it stands, what may be done, why it qualified, and everything that happened to it."""
    async with service.transaction() as tx:
        found = await store.story(tx, lead_id)
        if found is None:
            erased = lead_id in await store.erased_leads(tx, [lead_id])
            return answer_of(LeadErased("lead_id") if erased else LeadUnknown("lead_id"))
    lead = {name: value for name, value in found.pop("lead").items() if name not in INTERNAL}
    return _json({**lead, "legal": legal(lead["state"]), **found})


@router.get("/v1/funnel")
async def show_funnel(service: ServiceDep, _: Reader, by: By = "source", cohort: Cohort | None = None) -> Response:
    """Count leads by group and stage. The headline rate leaves out hand-raisers and re-qualified leads."""
    async with service.transaction() as tx:
        groups, kinds = await store.funnel(tx, by, cohort)
    for group in groups:
        group["rates"] = {
            "mql_to_sql": _rate(group["sql"], group["qualified"]),
            "sql_to_won": _rate(group["won"], group["sql"]),
        }
        if group.get("spend") is not None:
            stages = ("qualified", "sql", "opportunity", "won")
            group["cost_per"] = {stage: _rate(group["spend"], group[stage]) for stage in stages}
    headline = {
        row["kind"]: {"qualified": row["qualified"], "sql": row["sql"], "rate": _rate(row["sql"], row["qualified"])}
        for row in kinds
    }
    return _json({"by": by, "cohort": cohort, "mql_to_sql": headline, "items": groups})


@router.get("/v1/reasons")
async def list_reasons(service: ServiceDep, _: Reader) -> Response:
    """List the reasons of the playbook, what each decides and needs, and how often it was given (Pareto)."""
    async with service.transaction() as tx:
        rules = tx.playbook(FeedbackPlaybook)
        counted = {row["reason"]: row for row in await store.reasons(tx)}
        version = tx.playbook_version
    total = sum(row["leads"] for row in counted.values())
    items: list[dict[str, Any]] = []
    running = 0
    for name in sorted({*rules.reasons, *counted}, key=lambda name: (-_given(counted, name), name)):
        running += _given(counted, name)
        rule = rules.reasons.get(name)
        items.append(
            {
                "reason": name,
                **(rule.model_dump(mode="json") if rule else {"does": "no longer in the playbook"}),
                "leads": _given(counted, name),
                "woken": counted[name]["woken"] if name in counted else 0,
                "share": _rate(_given(counted, name), total),
                "cumulative": _rate(running, total),
            }
        )
    return _json({"playbook_version": version, "items": items, "next": None})


def _given(counted: dict[str, dict[str, Any]], name: str) -> int:
    return int(counted[name]["leads"]) if name in counted else 0


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
    return _json({"items": items, "next": written(last["at"], last["lead_id"]) if last else None})
