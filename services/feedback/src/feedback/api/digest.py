"""The weekly digest, as JSON and as a page that needs nothing else: both teams read the same."""

from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict

from events.runtime import Transaction, html
from events.runtime.bodies import JSON, answered
from events.runtime.web import ServiceDep
from feedback import store
from feedback.api.funnel import flags
from feedback.api.page import STYLE, page
from feedback.api.reads import Day, TeamsReader, as_json
from feedback.domain import digest as told
from feedback.domain import funnel_report as written
from feedback.domain.digest import Week, week_of
from feedback.domain.funnel import LEFT
from feedback.playbook import Definitions, FeedbackPlaybook

router = APIRouter(tags=["reports"])

SOURCE_WEEKS = 13


class Asked(BaseModel):
    """Which week: the one that a day is in, and the last whole one unless said."""

    model_config = ConfigDict(extra="forbid")

    week: Day | None = None
    format: Literal["json", "html"] | None = None


@router.get("/v1/digest", responses=answered(JSON, "text/html"))
async def show_digest(
    service: ServiceDep, _: TeamsReader, request: Request, asked: Annotated[Asked, Query()]
) -> Response:
    """Tell a week beside the week before, as JSON, or as a page for those who ask for `text/html`."""
    async with service.transaction() as tx:
        week = week_of(asked.week or tx.now.date() - timedelta(days=7))
        found = await gather(tx, week)
    as_html = asked.format == "html" or (asked.format is None and "text/html" in request.headers.get("accept", ""))
    return html.page(page(found), style_src=html.inline(STYLE)) if as_html else as_json(found)


async def gather(tx: Transaction, week: Week) -> dict[str, Any]:
    """Ask for all that the digest tells."""
    definitions, rules = tx.playbook(Definitions), tx.playbook(FeedbackPlaybook).funnel
    before, first = week.earlier(1), week.earlier(told.WEEKS - 1)
    reached = await store.read_funnel(tx, "reached", cohort="week", first=first.monday, last=week.sunday)
    ripe = week_of(min(week.sunday, tx.now.date()) - timedelta(days=rules.mature_days + 6))
    cohorts = await store.read_funnel(
        tx, "all", cohort="week", kind="mql", first=ripe.earlier(told.WEEKS - 1).monday, last=ripe.sunday
    )
    sources = await store.read_funnel(tx, "source", first=week.earlier(SOURCE_WEEKS - 1).monday, last=week.sunday)
    here = {row["group"]: int(row["leads"]) for row in await store.read_funnel(tx, "stage")}
    limits = {name: stage.stuck_after for name, stage in definitions.stages.items() if name in LEFT}
    stuck = await store.stuck(tx, {name: days for name, days in limits.items() if days is not None})
    return {
        "week": {"name": week.name, "from": week.monday, "to": week.sunday},
        "before": {"name": before.name, "from": before.monday, "to": before.sunday},
        "north_star": definitions.north_star,
        "numbers": told.changes(reached, week),
        "weeks": [week.earlier(back).name[5:] for back in reversed(range(told.WEEKS))],
        "qualified": told.series(reached, week, "qualified"),
        "sql": told.series(reached, week, "sql"),
        "mql_to_sql": [asdict(point) for point in told.cohorts(cohorts, ripe)],
        "mature": written.line(written.total(cohorts)),
        "reasons": told.compared(await _counts(tx, "reason", week), await _counts(tx, "reason", before)),
        "topics": told.compared(
            await _counts(tx, "topic", week, "actions"), await _counts(tx, "topic", before, "actions")
        ),
        "sources": [
            {"source": row["group"] or None, **written.line(row)}
            for row in sorted(sources, key=lambda row: -row["leads"])[:8]
            if row["leads"]
        ],
        "stages": [
            {"stage": name, "side": stage.side, "leads": here.get(name, 0), "stuck": stuck.get(name, 0)}
            for name, stage in definitions.stages.items()
            if stage.open or here.get(name)
        ],
        "flags": await flags(tx),
        "answered": await store.answered(tx, week.monday, week.sunday + timedelta(days=1)),
    }


async def _counts(tx: Transaction, dimension: str, week: Week, measure: str = "leads") -> dict[str, float]:
    rows = await store.read_funnel(tx, dimension, first=week.monday, last=week.sunday)
    return {row["group"]: row[measure] for row in rows if row[measure]}
