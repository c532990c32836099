"""What is loaded for queries that need more than one statement: a lead, the flags, the digest."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from events.runtime import Transaction
from events.runtime.security import Reach
from feedback import store
from feedback.domain import digest, funnel_report
from feedback.domain.activities import Activity
from feedback.domain.commands import Touch
from feedback.domain.digest import Week, week_of
from feedback.domain.figure_lists import COUNTED, in_stage, list_of, lists_of, reached_in
from feedback.domain.funnel import HAND_RAISERS, LEFT
from feedback.domain.lifecycle import legal
from feedback.domain.rates import dips, loosened, quantile
from feedback.handlers.errors import LeadErased, LeadUnknown
from feedback.playbook import Definitions, FeedbackPlaybook

SOURCE_WEEKS = 13
CLOCKS = ("acceptance", "first_touch", "second_touch", "speed_to_lead", "review")
UNTOUCHED_DAYS = 2
"""A lead that nobody touched for so long after hand-over is shown as ignored."""

INTERNAL = frozenset({"said_end", "said_woken", "alarm_at", "stalls_at", "rang_at", "heard_at", "typed_at"})
"""Columns of a lead that no caller sees."""


async def load_lead(tx: Transaction, lead_id: UUID, reach: Reach | None) -> dict[str, Any]:
    """Return everything that is known of a lead.

    Raises:
        LeadUnknown: No event has named it yet.
        LeadErased: Its person asked to be forgotten.
        OutOfReach: The caller's key is not for it.
    """
    found = await store.load_details(tx, lead_id)
    if found is None:
        if lead_id in await store.erased_leads(tx, [lead_id]):
            raise LeadErased(field="lead_id")
        raise LeadUnknown(field="lead_id")
    row = found.pop("lead")
    if reach is not None:
        reach.check(row["rep_id"], row["team"])
    rules, definitions = tx.playbook(FeedbackPlaybook), tx.playbook(Definitions)
    contact = (await store.load(tx, [row["contact_id"]]))[row["contact_id"]]
    lead = contact.leads[lead_id]
    derived = {
        "stage": lead.stage(definitions.stages),
        "new": lead.is_new(),
        "cold": lead.is_cold(tx.now, contact.engaged_at, timedelta(days=rules.funnel.cold_days)),
    }
    shown = {name: value for name, value in row.items() if name not in INTERNAL}
    if found["evidence"] is not None:
        found["evidence"]["readiness"]["by"] = "raised_hand" if lead.lead_type in HAND_RAISERS else "score"
    return {**shown, **derived, "legal": legal(row["state"]), **found}


async def waiting_activities(tx: Transaction) -> Mapping[str, list[Activity]]:
    """Return the waiting activities by the system that they came from."""
    rows = await store.unresolved(tx, after=None, limit=1000)
    by_source: dict[str, list[Activity]] = {}
    for row in rows:
        touch = Touch.model_validate(row["touch"])
        by_source.setdefault(row["source"], []).append(Activity(row["external_id"], touch, tuple(row["keys"])))
    return by_source


async def load_flags(tx: Transaction, until: date | None = None) -> dict[str, Any]:
    """Return dips of rates, and rules that were loosened near a period's end."""
    rules = tx.playbook(FeedbackPlaybook).funnel
    ripe = (until or tx.now.date()) - timedelta(days=rules.mature_days)
    since = ripe - timedelta(days=rules.dip_days)
    now = await store.read_funnel(tx, "all", kinds=True, first=since + timedelta(days=1), last=ripe)
    before = await store.read_funnel(
        tx, "all", kinds=True, first=since - timedelta(days=4 * rules.dip_days - 1), last=since
    )
    versions = [each for each in await store.versions(tx) if until is None or each.first <= until]
    fell = dips(funnel_report.total(_mqls(now)), funnel_report.total(_mqls(before)), rules.dip_at_least)
    loose = loosened(versions, months=rules.period_months, near_days=rules.near_end_days, more=rules.loosened_from)
    return {
        "compared": {"from": since + timedelta(days=1), "to": ripe},
        "dips": [asdict(dip) for dip in fell],
        "loosened": [asdict(each) for each in loose],
    }


def _mqls(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in rows if row["kind"] == "mql"]


async def load_digest(tx: Transaction, week: Week) -> dict[str, Any]:
    """Return all that the digest shows of a week."""
    definitions, rules = tx.playbook(Definitions), tx.playbook(FeedbackPlaybook).funnel
    before, first = week.earlier(1), week.earlier(digest.WEEKS - 1)
    reached = await store.read_funnel(tx, "reached", cohort="week", first=first.monday, last=week.sunday)
    ripe = week_of(min(week.sunday, tx.now.date()) - timedelta(days=rules.mature_days + 6))
    quarter = week.earlier(SOURCE_WEEKS - 1).monday, week.sunday
    sources = await store.read_funnel(tx, "source", first=quarter[0], last=quarter[1])
    return (
        await _sales_half(tx, week)
        | await _cohorts(tx, week, ripe)
        | {
            "week": {"name": week.name, "from": week.monday, "to": week.sunday},
            "before": {"name": before.name, "from": before.monday, "to": before.sunday},
            "north_star": definitions.north_star,
            "numbers": digest.changes(reached, week),
            "lists": {name: reached_in(name, week.monday, week.sunday) for name in digest.REACHED},
            "weeks": [week.earlier(back).name[5:] for back in reversed(range(digest.WEEKS))],
            "qualified": digest.series(reached, week, "qualified"),
            "sql": digest.series(reached, week, "sql"),
            "reasons": digest.compared(await _counts(tx, "reason", week), await _counts(tx, "reason", before)),
            "topics": digest.compared(
                await _counts(tx, "topic", week, "actions"), await _counts(tx, "topic", before, "actions")
            ),
            "sources": [
                {
                    "source": row["group"] or None,
                    **funnel_report.line(row),
                    "lists": lists_of(COUNTED, quarter, group={"source": row["group"]}),
                }
                for row in sorted(sources, key=lambda row: -row["leads"])[:8]
                if row["leads"]
            ],
            "stages": await _stages(tx),
            "flags": await load_flags(tx, min(week.sunday, tx.now.date())),
            "answered": await store.answered(tx, week.monday, week.sunday + timedelta(days=1)),
        }
    )


async def _cohorts(tx: Transaction, week: Week, ripe: Week) -> dict[str, Any]:
    """Return how those who qualified until the last ripe week came out, and the later ones apart."""
    old = ripe.earlier(digest.WEEKS - 1).monday, ripe.sunday
    young = ripe.sunday + timedelta(days=1), week.sunday
    cohorts = await store.read_funnel(tx, "all", cohort="week", kind="mql", first=old[0], last=old[1])
    early = await store.read_funnel(tx, "all", kind="mql", first=young[0], last=young[1])
    return {
        "mql_to_sql": [asdict(point) for point in digest.cohorts(cohorts, ripe)],
        "mature": funnel_report.line(funnel_report.total(cohorts), "mql") | {"lists": lists_of(COUNTED, old, "mql")},
        "early": funnel_report.line(funnel_report.total(early), "mql") | {"lists": lists_of(COUNTED, young, "mql")},
    }


async def _stages(tx: Transaction) -> list[dict[str, Any]]:
    """Return each stage with the leads that are in it today, and how many are stuck there."""
    stages = tx.playbook(Definitions).stages
    here = {row["group"]: int(row["leads"]) for row in await store.read_funnel(tx, "stage")}
    limits = {name: stage.stuck_after for name, stage in stages.items() if name in LEFT}
    stuck = await store.stuck(tx, {name: days for name, days in limits.items() if days is not None})
    return [
        {
            "stage": name,
            "side": stage.side,
            "leads": here.get(name, 0),
            "stuck": stuck.get(name, 0),
            "stuck_days": stage.stuck_after if name in LEFT else None,
            "lists": in_stage(name),
        }
        for name, stage in stages.items()
        if stage.open or here.get(name)
    ]


async def _sales_half(tx: Transaction, week: Week) -> dict[str, Any]:
    """Return what sales promised and did in a week, what came back, what it cost, and which rules changed."""
    first, last = week.monday, week.sunday
    promises: list[dict[str, Any]] = []
    for clock in CLOCKS:
        rows = await store.read_funnel(tx, f"promise:{clock}", kinds=True, measures=["actions"], first=first, last=last)
        promises += digest.promises(clock, rows)
    hours = await store.histogram(tx, "hours_to_touch", week.monday, week.sunday)
    by_kind = await store.read_funnel(tx, "all", kinds=True, first=first, last=last)
    kinds = {row["kind"]: int(row["leads"]) for row in by_kind}
    reached = await _counts(tx, "reached", week)
    return {
        "promises": promises,
        "untouched": await store.untouched(tx, UNTOUCHED_DAYS),
        "untouched_list": list_of(untouched_days=str(UNTOUCHED_DAYS)),
        "hours_to_touch": {
            "median": quantile(hours, 0.5), "p90": quantile(hours, 0.9), "leads": int(sum(hours.values())),
            "lists": {"leads": reached_in("touched", first, last)},
        },
        "came_back": {
            "woken": int(reached.get("woken", 0)),
            "qualified_again": kinds.get("requalified", 0),
            "lists": {
                "woken": reached_in("woken", first, last),
                "qualified_again": lists_of(("qualified",), (first, last), "requalified")["qualified"],
            },
        },
        "campaigns": await _campaigns(tx, week),
        "changed": await store.activations(tx, week.monday, week.sunday + timedelta(days=1)),
    }  # fmt: skip


async def _campaigns(tx: Transaction, week: Week) -> list[dict[str, Any]]:
    """Return what the largest campaigns of the last weeks brought, and cost."""
    first, last = week.earlier(SOURCE_WEEKS - 1).monday, week.sunday
    spend = await store.campaigns(tx)
    rows = await store.read_funnel(tx, "campaign", first=first, last=last)
    return [
        {
            "campaign": row["group"],
            **funnel_report.line(row),
            **spend.get(row["group"], {"name": None, "spend": None}),
            "cost_per": funnel_report.costs(row, spend.get(row["group"], {}).get("spend") or 0.0),
            "lists": lists_of(COUNTED, (first, last), group={"campaign": row["group"]}),
        }
        for row in sorted(rows, key=lambda row: -row["leads"])[:8]
        if row["leads"] and row["group"]
    ]


async def _counts(tx: Transaction, dimension: str, week: Week, measure: str = "leads") -> dict[str, float]:
    rows = await store.read_funnel(tx, dimension, first=week.monday, last=week.sunday)
    return {row["group"]: row[measure] for row in rows if row[measure]}
