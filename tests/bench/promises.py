"""Promises at scale: a million open clocks in one PostgreSQL, as `python -m tests.bench promises` measures them.

The clocks are seeded by SQL as the service would have written them (five a lead, one timer a lead); what is measured
runs through the service's own handlers and timers, on a PostgreSQL with fsync on.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg

from baton import postgres
from events.business_time import Calendar, compute_due_at, parse_duration
from events.runtime import Service, clock
from events.runtime.timers import _DUE, AT_ONCE
from tests.sla_monitor import committing_service
from tests.sla_monitor.lead_story import Story, days

LEADS = 200_000
CLOCKS_EACH = 5
TOGETHER = 10_000
BATCH = 1000
LATER = timedelta(days=30)
"""From now to when the first of the million has something to flag: one lead each second."""
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

SEED = """
with model as (select * from leads where lead_id = $1), numbered as (
    select n, md5('lead' || n)::uuid as lead_id, md5('contact' || n)::uuid as contact_id from generate_series(1, $2) n
), written as (
    insert into leads (lead_id, contact_id, cycle, facts, handed_over_at, ended_at, next_at)
    select n.lead_id, n.contact_id, 1, m.facts, m.handed_over_at, null, $3::timestamptz + n.n * interval '1 second'
    from numbered n, model m
), watched as (
    insert into timers (kind, key, contact_id, due_at)
    select 'watch', n.lead_id, n.contact_id, $3::timestamptz + n.n * interval '1 second' from numbered n
)
insert into clocks select md5(c.clock || c.run || n.n)::uuid, n.lead_id, n.contact_id, c.cycle, c.clock, c.run,
    c.policy, c.playbook_version, c.lead_type,
    c.rep_id, c.team, c.started_at, c.warn_at, c.due_at, c.paused_until, c.met_at,
    c.closed_at, c.state, c.warned_at, c.breached_at, c.kept_at, c.rescinded_at, c.escalations, c.reassigned, c.warnings
from numbered n, clocks c where c.lead_id = $1
"""


@asynccontextmanager
async def _seeded() -> AsyncIterator[tuple[Service, Any]]:
    """Return a service with a million open clocks, and a connection to its database."""
    with tempfile.TemporaryDirectory(prefix="baton-bench-") as folder:
        database = await asyncio.to_thread(postgres.start_postgres, Path(folder) / "postgres")
        try:
            url = await asyncio.to_thread(database.create_database, "promises")
            async with committing_service.monitor(url, stepped_to=NOW) as service:
                model = Story(name="model", start=NOW)
                await committing_service.deliver(service, [model.assigned(at=NOW)])
                await committing_service.fire_all(service)
                raw = await asyncpg.connect(url)
                await raw.execute(SEED, model.lead_id, LEADS, NOW + LATER)
                await raw.execute("vacuum analyze")
                yield service, raw
                await raw.close()
        finally:
            await asyncio.to_thread(database.stop)


async def measure() -> dict[str, float]:
    """Measure deadlines a second, then a million open clocks, then lateness at rest."""
    figures = {"deadlines_per_second": _deadlines()}
    async with _seeded() as (service, raw):
        figures["open_clocks"] = await raw.fetchval("select count(*) from clocks where state = 'running'")
        figures |= await _start_and_cancel(service)
        figures["flagged_10000_seconds_one_process"] = await _flag_together(service, raw, processes=1)
        figures["flagged_10000_seconds_three_processes"] = await _flag_together(service, raw, processes=3)
        figures |= await _find(raw)
        figures |= await _lateness(service, raw)
    return figures


def _deadlines() -> float:
    week = {day: ["09:00-12:30", "13:30-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
    calendar = Calendar.model_validate({"zone": "Europe/Berlin", "public_holidays": "DE-BY", **week})
    promises = [parse_duration(text) for text in ("5b", "15b", "240b", "480b", "2w", "9600b")]
    starts = [NOW + timedelta(minutes=37 * nth % 525_600) for nth in range(100_000)]
    began = time.perf_counter()
    for nth, start in enumerate(starts):
        compute_due_at(start, promises[nth % len(promises)], calendar)
    return len(starts) / (time.perf_counter() - began)


async def _find(raw: Any) -> dict[str, float]:
    """How long one look at what is due takes, and a whole minute's clocks in rounds of the service's own size."""
    await clock.set_business_time(raw, NOW + LATER + timedelta(minutes=1))
    await clock.release_timers(raw, NOW + LATER + timedelta(minutes=1))
    took = []
    for _ in range(20):
        began = time.perf_counter()
        found = len(await raw.fetch(_DUE, AT_ONCE, 0))
        took.append((time.perf_counter() - began) * 1000)
    return {"minutes_due_timers": found, "find_due_ms_median": statistics.median(took), "find_due_ms_worst": max(took)}


async def _start_and_cancel(service: Service) -> dict[str, float]:
    """Leads are handed over, and returned: each starts, then cancels, five clocks."""
    rounds = [[Story(name=f"new {nth} {n}", start=NOW) for n in range(BATCH)] for nth in range(12)]
    began = time.perf_counter()
    for leads in rounds:
        await committing_service.deliver(service, [lead.assigned(at=NOW) for lead in leads])
    started = time.perf_counter()
    for leads in rounds:
        await committing_service.deliver(service, [lead.recycled(NOW + timedelta(minutes=1)) for lead in leads])
        await committing_service.fire_all(service)
    cancelled = time.perf_counter()
    clocks = len(rounds) * BATCH * CLOCKS_EACH
    return {
        "clocks_started_per_second": clocks / (started - began),
        "clocks_cancelled_per_second": clocks / (cancelled - started),
    }


async def _flag_together(service: Service, raw: Any, *, processes: int) -> float:
    """Let 10,000 acceptance clocks fall due at one instant, each flagged once; gives the seconds it took."""
    now = await raw.fetchval("select business_now()")
    leads = [Story(name=f"together {processes} {nth}", start=now) for nth in range(TOGETHER)]
    for nth in range(0, TOGETHER, BATCH):
        await committing_service.deliver(service, [lead.assigned(at=now) for lead in leads[nth : nth + BATCH]])
    due_at = await raw.fetchval("select max(due_at) from clocks where clock = 'acceptance' and started_at = $1", now)
    for statement in (
        "update timers set due_at = $1 where key = any($2)",
        "update leads set next_at = $1 where lead_id = any($2)",
    ):
        await raw.execute(statement, due_at, [lead.lead_id for lead in leads])
    await clock.set_business_time(raw, due_at)
    children = [await _child(service.database_url) for _ in range(processes)] if processes > 1 else []
    began = time.perf_counter()
    await clock.release_timers(raw, due_at)
    if children:
        for child in children:
            child.stdin.write(b"\n")
        await asyncio.gather(*(child.communicate() for child in children))
    else:
        await committing_service.fire_all(service)
    took = time.perf_counter() - began
    flagged = await raw.fetchval(
        "select count(*) from journal where ce_type = 'clock.breached.v1' and contact_id = any($1)",
        [lead.contact_id for lead in leads],
    )
    if flagged != TOGETHER:
        raise AssertionError(f"{TOGETHER} fell due and {flagged} were flagged")
    return took


async def _child(url: str) -> Any:
    """Start a process that fires all that is due once it is told to."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.promises", url, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    if child.stdout is not None:
        await child.stdout.readline()
    return child


async def _fire_on_notify(url: str) -> None:
    async with committing_service.monitor(url) as service:
        async with service.transaction():
            sys.stdout.write("ready\n")
            sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.readline)
        await committing_service.fire_all(service)


async def _lateness(service: Service, raw: Any) -> dict[str, float]:
    """At rest, on the system clock: 300 promises fall due over half a minute, with a million clocks open beside."""
    await raw.execute("update timers set due_at = now() + interval '1 day'")
    await raw.execute("vacuum analyze timers")
    await clock.choose_clock(raw, "system", None)
    count, begins = 300, datetime.now(UTC) + timedelta(seconds=3)
    leads = [Story(name=f"late {nth}", start=begins - days(2) + nth * timedelta(seconds=0.1)) for nth in range(count)]
    await committing_service.deliver(service, [lead.assigned(at=lead.start) for lead in leads])
    await committing_service.deliver(service, [lead.accepted(lead.start) for lead in leads])
    running = asyncio.create_task(committing_service.timers_of(service).run())
    await asyncio.sleep(3 + count * 0.1 + 2)
    running.cancel()
    rows = await raw.fetch(
        "select extract(epoch from breached_at - due_at)::float8 as late from clocks"
        " where clock = 'first_touch' and breached_at is not null and lead_id = any($1) order by 1",
        [lead.lead_id for lead in leads],
    )
    late = [row["late"] for row in rows]
    return {
        "breaches_at_rest": len(late),
        "lateness_p50_ms": late[len(late) // 2] * 1000,
        "lateness_p99_ms": late[len(late) * 99 // 100] * 1000,
        "lateness_worst_ms": late[-1] * 1000,
    }


if __name__ == "__main__":
    asyncio.run(_fire_on_notify(sys.argv[1]))
