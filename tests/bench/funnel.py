"""Questions to a funnel of a million leads. `python -m tests.bench funnel`.

A hundred thousand different lives are lived by the domain and written by the service's own store; PostgreSQL copies
each of them for other sources, campaigns and teams. Every one of the million is counted into the sums by the service's
own code. At the end the rows are counted from nothing, by SQL that knows nothing of sums, and must come to the same.
"""

import random
import statistics
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx
from pydantic import SecretStr

from events.runtime import Service
from events.runtime.bulk import get_table
from feedback import store
from feedback.domain.commands import COMMANDS
from feedback.domain.contact import Contact
from feedback.domain.credit import MODELS
from feedback.domain.decision_context import DecisionContext
from feedback.domain.decisions import carry_out_command, return_stalled_lead
from feedback.domain.funnel import FunnelChanges
from feedback.domain.lead import Lead, Touchpoint
from feedback.domain.orders import CommandOrder
from feedback.handlers import fold_some_tallies
from feedback.models import LeadRow
from feedback.settings import FeedbackSettings
from feedback.store.tallies import SHARDS
from tests.bench.feedback import running_feedback
from tests.bench.parts import ROOT, Parts
from tests.feedback.domain_harness import RULES, STAGES

LIVES = 100_000
COPIES = 10
DAYS = 730
TOGETHER = 5_000
ASKED = 40

QUESTIONS = (
    *(f"/v1/funnel?by={by}" for by in ("source", "lead_type", "grade", "playbook_version", "origin", "week", "month")),
    *(f"/v1/funnel?by={by}&cohort={cohort}" for by in ("source", "campaign", "team") for cohort in ("week", "month")),
    "/v1/funnel?by=campaign", "/v1/funnel?by=team", "/v1/funnel?by=source&kind=mql",
    "/v1/funnel?by=team&cohort=week&first=2026-01-01&last=2026-06-30",
    *(f"/v1/attribution?by=campaign&model={model}" for model in MODELS),
    "/v1/stages", "/v1/reasons", "/v1/flags", "/v1/worklist?limit=50", "/v1/topics?cohort=week", "/v1/digest",
)  # fmt: skip
"""Counts, rates and time in stage by each grouping; credit by each model; who is in each stage and stuck there."""

BODIES: dict[str, dict[str, Any]] = {
    "accept": {"role": "ae"},
    "confirm": {"bant": {"budget": True, "authority": True, "need": True, "timing": True}},
    "opportunity": {"amount": 8000.0},
    "won": {"amount": 9000.0},
    "lost": {"reason": "competitor"},
    "recycle": {"reason": "not_ready"},
    "reject": {"reason": "no_budget"},
    "disqualify": {"reason": "wrong_icp"},
}
STEPS = {name: COMMANDS[name].model_validate({"by": "ann", **body}) for name, body in BODIES.items()}
LIVED: tuple[tuple[int, tuple[str, ...]], ...] = (
    (25, ()), (10, ("accept",)), (20, ("accept", "recycle")), (10, ("reject",)), (5, ("accept", "disqualify")),
    (12, ("accept", "confirm")), (6, ("accept", "confirm", "opportunity")),
    (5, ("accept", "confirm", "opportunity", "lost")), (7, ("accept", "confirm", "opportunity", "won")),
)  # fmt: skip
"""What becomes of leads, of a hundred."""


def _seen(at: datetime, dice: random.Random) -> tuple[str, str]:
    """Return a source and a campaign: eight of each at a time, and a campaign runs for a quarter."""
    quarter = f"{at.year}-{(at.month - 1) // 3 + 1}"
    return f"source-{dice.randrange(8)}", f"campaign-{quarter}-{dice.randrange(8)}"


def _life(number: int, dice: random.Random, context: DecisionContext) -> Lead:
    """Live one lead: qualified some day, handed over an hour later, then as far as it comes."""
    at = context.now - timedelta(days=dice.randrange(DAYS), seconds=dice.randrange(80_000))
    source, campaign = _seen(at, dice)
    lead_id, contact_id = (UUID(int=dice.getrandbits(128), version=4) for _ in range(2))
    lead = Lead(
        lead_id, contact_id, 1 + (number % 9 == 0), at,
        lead_type=dice.choice(("content", "webinar", "event", "hand_raiser", "product")), fit=dice.choice("ABCD"),
        source=source, campaign=campaign, playbook_version=f"version-{(context.now - at).days // 90}", qualified_at=at,
        captured_at=at, typed_at=at, handed_over_at=at + timedelta(hours=1), placement=1, placed="assigned",
        rep_id=f"rep-{dice.randrange(200)}", team=f"team-{dice.randrange(10)}",
    )  # fmt: skip
    for name in dice.choices([steps for _, steps in LIVED], [weight for weight, _ in LIVED])[0]:
        at = min(at + timedelta(hours=dice.randrange(2, 300)), context.now)
        command = STEPS[name].model_copy(update={"at": at})
        lead = carry_out_command(
            lead, CommandOrder(lead.lead_id, name, command, UUID(int=dice.getrandbits(128)), "ann"), context
        ).lead
    limit = context.limits.get(lead.state)
    if limit is not None and (due := lead.since + timedelta(days=limit)) < context.now:
        lead = return_stalled_lead(lead.with_facts(stalls_at=due), replace(context, now=due))
    if lead.standing.opportunity_at is not None:
        touched = (
            lead.first_state_at - timedelta(days=day) for day in sorted(dice.sample(range(1, 60), 3), reverse=True)
        )
        path = (Touchpoint(when, *_seen(when, dice)) for when in touched)
        lead = lead.with_facts(path=(*path, Touchpoint(lead.first_state_at, source, campaign)))
    return lead


GROUPS = {"source": 8, "campaign": 8, "team": 10}
FURTHER = 7
"""A copy belongs to so many groups further on, in the circle of them."""


def _copied(lead: Lead, copy: int) -> Lead:
    """Return the lead as it is copied the `copy`-th time, ids aside; in SQL it is `_COPY` that does this."""

    def further(by: str, name: str | None) -> str:
        return f"{name[:-1]}{(int(name[-1]) + FURTHER * copy) % GROUPS[by]}" if name else ""

    path = [Touchpoint(t.at, further("source", t.source), further("campaign", t.campaign)) for t in lead.path]
    return lead.with_facts(**{by: further(by, getattr(lead, by)) for by in GROUPS}, path=tuple(path))


def _further(by: str, name: str) -> str:
    return f"left({name}, -1) || (right({name}, 1)::int + {FURTHER} * copy) % {GROUPS[by]}"


_CHANGED = {
    "lead_id": "gen_random_uuid()", "contact_id": "gen_random_uuid()", **{by: _further(by, by) for by in GROUPS},
    "path": f"""case path when '[]' then path else (
        select jsonb_agg(touch || jsonb_build_object('source', {_further("source", "touch ->> 'source'")},
            'campaign', {_further("campaign", "touch ->> 'campaign'")}) order by nth)
        from jsonb_array_elements(path) with ordinality as t(touch, nth)) end""",  # noqa: S608 - names of ours
}  # fmt: skip
_COLUMNS = [column.name for column in get_table(LeadRow).columns]
_COPY = f"""
insert into leads ({", ".join(_COLUMNS)}) select {", ".join(_CHANGED.get(name, name) for name in _COLUMNS)}
from leads cross join generate_series(1, {COPIES - 1}) copy
"""  # noqa: S608 - names of ours


async def measure(up: Parts) -> dict[str, float]:
    """Seed, prove that the sums are those of the rows, and ask: each question's median and its worst of many."""
    figures: dict[str, float] = {}
    async with running_feedback(up, "feedback_funnel") as (base, url, key):
        began = time.perf_counter()
        raw = await asyncpg.connect(url)
        try:
            await _seed(up, url, raw)
            figures["funnel_seeded_seconds"] = time.perf_counter() - began
            await _recount(raw)
            figures["funnel_leads"] = float(await raw.fetchval("select count(*) from leads"))
            figures["funnel_rows"] = float(await raw.fetchval("select count(*) from tallies"))
        finally:
            await raw.close()
        headers = {"Authorization": f"Bearer {key}"}
        async with httpx.AsyncClient(base_url=base, headers=headers, timeout=60) as client:
            for question in QUESTIONS:
                taken = [await _asked(client, question) for _ in range(ASKED)]
                name = question.removeprefix("/v1/").replace("?", " ")
                figures[f"{name} p50_ms"] = statistics.median(taken)
                figures[f"{name} worst_ms"] = max(taken)
    figures["funnel_slowest_p50_ms"] = max(value for name, value in figures.items() if name.endswith("p50_ms"))
    figures["funnel_worst_ms"] = max(value for name, value in figures.items() if name.endswith("worst_ms"))
    return figures


async def _asked(client: httpx.AsyncClient, question: str) -> float:
    began = time.perf_counter()
    (await client.get(question)).raise_for_status()
    return 1000 * (time.perf_counter() - began)


async def _seed(up: Parts, url: str, raw: asyncpg.Connection) -> None:
    from feedback.app import service as feedback  # noqa: PLC0415 - one process holds one service

    feedback.settings = FeedbackSettings(
        database_url=SecretStr(url), kafka_bootstrap_servers=up.servers, secret=SecretStr("only for benches"),
        playbook_dir=ROOT / "deploy" / "playbook",
    )  # fmt: skip
    indexes = await raw.fetch("select indexname, indexdef from pg_indexes where indexname like 'ix_leads%'")
    for index in indexes:
        await raw.execute(f"drop index {index['indexname']}")
    dice = random.Random(1)  # noqa: S311 - played data
    for shard in range(SHARDS):
        while await _shard_of(feedback) != shard:
            await feedback.stop()
        await _live(feedback, dice, LIVES // SHARDS)
    await raw.execute(_COPY)
    for index in indexes:
        await raw.execute(index["indexdef"])
    while await fold_some_tallies(feedback):
        pass
    await feedback.stop()
    await raw.execute("vacuum analyze leads, tallies")


async def _shard_of(feedback: Service) -> int:
    """Return into which copy of the sums the service's only connection counts; a new connection has another."""
    async with feedback.transaction() as tx:
        return int((await tx.raw.fetch("select pg_backend_pid() % $1::int as shard", SHARDS))[0]["shard"])


async def _live(feedback: Service, dice: random.Random, lives: int) -> None:
    """Live so many lives, and count each as it is and as it will be copied."""
    context = DecisionContext(
        datetime.now(UTC), RULES, "feedback-1", STAGES.return_days_by_stage, STAGES.stage_names, STAGES.prospect_from
    )
    for start in range(0, lives, TOGETHER):
        funnel = FunnelChanges(RULES.funnel.half_life_days, STAGES.stage_names)
        leads = [_life(number, dice, context) for number in range(start, start + TOGETHER)]
        for lead in leads:
            for copy in range(COPIES):
                funnel.count_lead(_copied(lead, copy), f"origin-{lead.lead_id.int % 6}")
        async with feedback.transaction() as tx:
            await store.save_contacts(
                tx, ((Contact(each.contact_id), Contact(each.contact_id).with_lead(each)) for each in leads)
            )
            await store.add_to_funnel(tx, funnel)


COUNTED = {
    "leads": "count(*)", "accepted": "count(accepted_at)", "sal": "count(sal_at)", "sql": "count(confirmed_at)",
    "opportunity": "count(opportunity_at)", "won": "count(won_at)", "lost": "count(lost_at)",
    "recycled": "count(*) filter (where state = 'recycled')",
    "disqualified": "count(*) filter (where state = 'disqualified')",
    "open": "count(*) filter (where state in ('mql', 'accepted', 'sal', 'sql', 'opportunity'))",
    "poor_fit": "count(*) filter (where fit = 'D' or state = 'disqualified')",
    "revenue": "sum(revenue)", "seconds_to_sql": "sum(coalesce(extract(epoch from confirmed_at - qualified_at), 0))",
    "pipeline": "sum(amount) filter (where state = 'opportunity')",
}  # fmt: skip
"""What the rows say of each measure."""
GROUPED = {
    "all": "''", "source": "source", "campaign": "campaign", "lead_type": "lead_type", "grade": "fit",
    "playbook_version": "playbook_version", "team": "team",
}  # fmt: skip


async def _recount(raw: asyncpg.Connection) -> None:
    """Count the rows from nothing, group by group and day by day, and hold the sums against them."""
    sums = ", ".join(f"round(coalesce(sum({name}), 0)::numeric, 3)" for name in COUNTED)
    counts = ", ".join(f"round(coalesce({count}, 0)::numeric, 3)" for count in COUNTED.values())
    for dimension, column in GROUPED.items():
        differing = await raw.fetchval(
            f"""
            select count(*) from (
                select "group", day, {sums} from tallies where dimension = $1 group by 1, 2
            ) s full join (
                select {column}, (qualified_at at time zone 'UTC')::date, {counts} from leads group by 1, 2
            ) r on row(s.*) = row(r.*) where s is null or r is null""",  # noqa: S608 - names of ours
            dimension,
        )
        if differing:
            message = f"{differing} groups by {dimension} are not what the rows amount to"
            raise RuntimeError(message)
    for model, nth in (("first", 0), ("last", -1)):
        differing = await raw.fetchval(
            """
            select count(*) from (
                select "group", sum(won) as won, sum(revenue) as revenue from tallies where dimension = $1 group by 1
            ) s full join (
                select path -> $2::int ->> 'campaign', count(won_at), sum(revenue) from leads
                where path <> '[]' group by 1
            ) r on row(s.*) = row(r.*) where s is null or r is null""",
            f"credit:campaign:{model}", nth,
        )  # fmt: skip
        if differing:
            message = f"{differing} campaigns are thanked for what they did not do, by {model} touch"
            raise RuntimeError(message)
    for model in MODELS:
        credited = await raw.fetchval("select sum(revenue) from tallies where dimension = $1", f"credit:source:{model}")
        earned = await raw.fetchval("select sum(revenue) from leads")
        if abs(credited - earned) > 1:
            message = f"{model} credits {credited} of {earned}"
            raise RuntimeError(message)
