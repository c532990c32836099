"""The funnel, as both teams read it: rates by group and cohort, stages, reasons, credit, and flags."""

from datetime import date, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from events.runtime.json_answers import json_answer
from events.runtime.web import ServiceDep
from feedback import store
from feedback.api import answers
from feedback.api.queries.readers import Day, TeamsReader
from feedback.domain import funnel_report
from feedback.domain.credit import CREDITED, Model
from feedback.domain.figure_lists import (
    COUNTED,
    UNKNOWN,
    cohort_list_addresses,
    credit_list_addresses,
    find_cohort_bounds,
    reached_list_address,
)
from feedback.domain.funnel import LEFT, FunnelRow
from feedback.domain.funnel_report import FunnelLineWithLists
from feedback.domain.rates import compute_quantile, compute_rate
from feedback.handlers import load_funnel_flags
from feedback.playbook import Definitions, FeedbackPlaybook
from feedback.store.reports import CampaignSpend

router = APIRouter(tags=["reports"])

By = Literal["source", "campaign", "lead_type", "grade", "playbook_version", "team", "origin", "week", "month"]
Cohort = Literal["day", "week", "month"]


class CohortSpan(BaseModel):
    """Which cohorts: those whose MQL date lies from `first` to `last`."""

    model_config = ConfigDict(extra="forbid")

    first: Day = date(2000, 1, 1)
    last: Day = date(2099, 12, 31)


class FunnelFilter(CohortSpan):
    """Which leads the funnel counts, and by what it is split."""

    by: By = "source"
    cohort: Cohort | None = None
    kind: Annotated[answers.Kind | None, Field(description="Only leads of this kind; left out: all")] = None


class AttributionFilter(CohortSpan):
    """Which engagements get credit, by which model."""

    by: Literal["source", "campaign"] = "source"
    model: Annotated[Model, Field(description="How a deal's credit is shared among its engagements")] = "linear"


class GroupLine(FunnelLineWithLists):
    """One group of one cohort."""

    group: str | None
    cohort: str | None


class CampaignLine(GroupLine):
    """A campaign, and what was spent on it."""

    name: str | None
    spend: float | None


class CampaignCostLine(CampaignLine):
    """A campaign, and the spend divided by what came of it."""

    cost_per: dict[str, float | None]


@router.get("/v1/funnel", response_model=answers.FunnelAnswer)
async def show_funnel(service: ServiceDep, _: TeamsReader, asked: Annotated[FunnelFilter, Query()]) -> Response:
    """Count leads by group and stage. The headline rate leaves out hand-raisers and re-qualified leads."""
    by, cohort = asked.by, asked.cohort
    if by in ("week", "month"):
        dimension, cohort = "all", by
    else:
        dimension = by
    async with service.transaction() as tx:
        ripe_until = tx.now.date() - timedelta(days=tx.playbook(FeedbackPlaybook).funnel.mature_days)
        rows = await store.read_funnel(
            tx, dimension, cohort=cohort, kind=asked.kind, first=asked.first, last=asked.last
        )
        kinds = await store.read_funnel(tx, "all", kinds=True, first=asked.first, last=asked.last)
        ripe = await store.read_funnel(tx, "all", kinds=True, first=asked.first, last=min(asked.last, ripe_until))
        announced = await store.load_campaign_spends(tx) if by == "campaign" else {}
        days = await store.load_histogram(tx, "days_to_won", asked.first, asked.last)
    counted = [row for row in rows if row.leads or (row.actions and (row.group or dimension == "all"))]
    items = [_build_group_line(row, asked, dimension, cohort, announced.get(row.group)) for row in counted]
    return json_answer(
        {
            "by": by,
            "cohort": asked.cohort,
            "mature_until": ripe_until,
            "mql_to_sql": funnel_report.compute_headline_rates(kinds, ripe, (asked.first, asked.last), ripe_until),
            "total": {
                **funnel_report.make_funnel_line(funnel_report.sum_rows(kinds)),
                "lists": cohort_list_addresses(COUNTED, (asked.first, asked.last)),
            },
            "mature": {
                **funnel_report.make_funnel_line(funnel_report.sum_rows(ripe)),
                "lists": cohort_list_addresses(COUNTED, (asked.first, min(asked.last, ripe_until))),
            },
            "days_to_won": {
                "median": compute_quantile(days, 0.5),
                "p90": compute_quantile(days, 0.9),
                "leads": int(sum(days.values())),
                "lists": {"leads": cohort_list_addresses(("won",), (asked.first, asked.last))["won"]},
            },
            "items": items,
        }
    )


def _build_group_line(
    row: FunnelRow, asked: FunnelFilter, dimension: str, cohort: str | None, campaign: CampaignSpend | None
) -> GroupLine:
    """Return a line of the funnel: a group of a cohort, what a campaign cost, and the list behind each figure."""
    span = (
        find_cohort_bounds(cohort, row.cohort, (asked.first, asked.last))
        if cohort and row.cohort
        else (asked.first, asked.last)
    )
    split: dict[str, str | None] = {} if dimension == "all" else {dimension: row.group}
    line: GroupLine = {
        "group": row.cohort if dimension == "all" else row.group or None,
        "cohort": row.cohort,
        **funnel_report.make_funnel_line(row, asked.kind),
        "lists": cohort_list_addresses(COUNTED, span, asked.kind, split),
    }
    if campaign is None:
        return line
    named: CampaignLine = {**line, "name": campaign.name, "spend": campaign.spend}
    if not campaign.spend:
        return named
    costs: CampaignCostLine = {**named, "cost_per": funnel_report.compute_costs(row, campaign.spend)}
    return costs


@router.get("/v1/stages", response_model=answers.StagesAnswer)
async def list_stages(service: ServiceDep, _: TeamsReader) -> Response:
    """List the stages: who owns each, how many are in it and stuck there, and what it is worth in revenue."""
    async with service.transaction() as tx:
        definitions = tx.playbook(Definitions)
        here = {row.group: int(row.leads) for row in await store.read_funnel(tx, "stage", measures=["leads"])}
        limits = {name: stage.stuck_after_days for name, stage in definitions.stages.items() if name in LEFT}
        stuck = await store.count_stuck_leads(tx, {name: days for name, days in limits.items() if days is not None})
        whole = funnel_report.sum_rows(await store.read_funnel(tx, "all", grouped=False))
    items = funnel_report.make_stage_lines(definitions.stages, here, stuck, whole)
    return json_answer({"north_star": definitions.north_star, "revenue": round(whole.revenue, 2), "items": items})


@router.get("/v1/attribution", response_model=answers.AttributionAnswer)
async def show_attribution(
    service: ServiceDep, _: TeamsReader, asked: Annotated[AttributionFilter, Query()]
) -> Response:
    """Share each deal's credit among the engagements that led to it; the shares of a deal sum to one."""
    async with service.transaction() as tx:
        dimension = f"credit:{asked.by}:{asked.model}"
        rows = await store.read_funnel(tx, dimension, first=asked.first, last=asked.last, measures=CREDITED)
        deals = await store.count_credited_deals(tx, asked.by, asked.model, asked.first, asked.last)
    items = [
        {
            "group": row.group or None,
            "deals": deals.get(row.group, 0),
            "lists": credit_list_addresses(row.group, asked.by, asked.model, (asked.first, asked.last)),
            "opportunities": round(row.opportunity, 4),
            "won": round(row.won, 4),
            "won_amount": round(row.revenue, 2),
        }
        for row in rows
    ]
    return json_answer({"by": asked.by, "model": asked.model, "items": items})


@router.get("/v1/flags", response_model=answers.FlagsAnswer)
async def list_flags(service: ServiceDep, _: TeamsReader) -> Response:
    """List steps whose rate dipped, and versions of the rules that made more leads shortly before a period's end."""
    async with service.transaction() as tx:
        return json_answer(await load_funnel_flags(tx))


@router.get("/v1/reasons", response_model=answers.ReasonsAnswer)
async def list_reasons(service: ServiceDep, _: TeamsReader, asked: Annotated[CohortSpan, Query()]) -> Response:
    """List the reasons of the playbook, what each decides and needs, and how often it was given (Pareto)."""
    async with service.transaction() as tx:
        rules = tx.playbook(FeedbackPlaybook)
        counted = await store.read_funnel(
            tx, "reason", kinds=True, first=asked.first, last=asked.last, measures=["leads"]
        )
        version = tx.playbook_version
    given: dict[str, dict[str, int]] = {}
    for row in counted:
        given.setdefault(row.group, {})[row.kind] = int(row.leads)
    number = {name: sum(kinds.values()) for name, kinds in given.items()}
    items = []
    running = 0
    for name in sorted({*rules.reasons, *given}, key=lambda name: (-number.get(name, 0), name)):
        running += number.get(name, 0)
        rule = rules.reasons.get(name)
        items.append(
            {
                "reason": name,
                **(rule.model_dump(mode="json") if rule else {"does": "no longer in the playbook"}),
                "leads": number.get(name, 0),
                "woken": given.get(name, {}).get("woken", 0),
                "lists": {
                    "leads": reached_list_address("returned", asked.first, asked.last, reason=name or UNKNOWN),
                    "woken": reached_list_address(
                        "returned", asked.first, asked.last, reason=name or UNKNOWN, woken="true"
                    ),
                },
                "share": compute_rate(number.get(name, 0), sum(number.values())),
                "cumulative": compute_rate(running, sum(number.values())),
            }
        )
    return json_answer({"playbook_version": version, "items": items, "next": None})
