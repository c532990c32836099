"""Routing under load: its hop beside the raw limit in one run, and a burst shared among fifty reps.

The burst is 10,000 leads for one team of fifty reps of different weights: by one process, and by two of which one is
killed on the way. What each rep got is set beside their exact share.
"""

import asyncio
import random
import shutil
import tempfile
import time
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import asyncpg
import yaml

from baton.ports import free_port
from events.envelope import ContactEvent
from events.ids import derive_lead_id
from events.leads import Evidence, LeadQualified, TimelineEntry
from events.runtime import migrate
from events.topics import LEADS_QUALIFIED
from tests.bench import hop, parts, routing_ceiling
from tests.bench.parts import ROOT, Parts
from tests.bench.processes import environment, running

EVENTS = 30_000
BURST = 10_000
REPS = {f"rep-{number:02}": 0.5 + number % 7 * 0.75 for number in range(50)}
MIGRATIONS = ROOT / "services" / "routing" / "src" / "routing" / "migrations"
LONGEST = 120.0
ASSIGNED = "select count(*) from leads where state = 'assigned'"


def leads(count: int, seed: int = 1) -> list[ContactEvent]:
    """Return qualified leads with the evidence and the timeline that scoring sends along."""
    dice, now = random.Random(seed), datetime.now(UTC)  # noqa: S311 - played data
    return [
        _lead(UUID(int=dice.getrandbits(128), version=4), now - timedelta(seconds=number)) for number in range(count)
    ]


def _lead(contact_id: UUID, at: datetime) -> LeadQualified:
    asked = derive_lead_id(contact_id, 9)
    return LeadQualified(
        contact_id=contact_id,
        lead_id=derive_lead_id(contact_id, 1),
        cycle=1,
        occurred_at=at,
        playbook_version="bench",
        lead_type="hand_raiser",
        outcome="hand_raiser",
        fit="A",
        fit_points=80.0,
        fit_evidence=[
            Evidence(criterion=name, points=16.0, value=300) for name in ("employees", "industry", "country")
        ],
        readiness=1,
        readiness_points=60.0,
        readiness_evidence=[Evidence(criterion="demo_request", points=60.0)],
        captured_at=at,
        source="web_form",
        engagement_id=asked,
        engagement="demo_request",
        email_domain=f"firm-{contact_id.hex[:8]}.com",
        email_kind="corporate",
        company="Firm",
        country="DE",
        industry="software",
        employees=300,
        job_title="Head of Sales",
        timeline=[TimelineEntry(engagement_id=asked, engagement="demo_request", occurred_at=at)],
    )


def playbook(folder: Path) -> Path:
    """Write the default playbook with fifty inbound reps of different weights."""
    shutil.copytree(ROOT / "deploy" / "playbook", folder, dirs_exist_ok=True)
    rules = yaml.safe_load((folder / "routing.yaml").read_text())
    rules["reps"] = {name: {"team": "inbound", "weight": weight} for name, weight in REPS.items()}
    (folder / "routing.yaml").write_text(yaml.safe_dump(rules))
    return folder


async def _service(up: Parts, stack: AsyncExitStack, url: str, folder: Path) -> asyncio.subprocess.Process:
    env = {**environment(up, url, free_port()), "BATON_PLAYBOOK_DIR": str(folder)}
    return await stack.enter_async_context(running("routing", env=env))


async def of_ceiling(up: Parts) -> float:
    """Measure the hand-written hop."""
    url = await up.new_database("routing_ceiling")
    raw = await asyncpg.connect(url)
    await raw.execute(routing_ceiling.DDL)
    await raw.close()
    async with running("tests.bench.routing_ceiling", url, up.servers):
        return await hop.rate(url, hop.applied(LEADS_QUALIFIED), hop.WAITING, EVENTS)


async def measure_hop(up: Parts) -> dict[str, float]:
    """Measure the real service and the hand-written hop on the same records."""
    await up.new_topics()
    await parts.fill(up.servers, leads(EVENTS))
    at_ceiling = await of_ceiling(up)
    with tempfile.TemporaryDirectory() as name:
        folder = playbook(Path(name))
        url = await up.new_database("routing")
        async with AsyncExitStack() as stack:
            await _service(up, stack, url, folder)
            ours = await hop.rate(url, hop.applied(LEADS_QUALIFIED), hop.WAITING, EVENTS)
            assigned = await _count(url, ASSIGNED)
    return {
        "routing_hop_ceiling_per_second": at_ceiling,
        "routing_hop_per_second": ours,
        "routing_hop_of_ceiling": ours / at_ceiling,
        "routing_hop_not_assigned": EVENTS - assigned,
    }


async def _count(url: str, query: str) -> int:
    raw = await asyncpg.connect(url)
    try:
        return await parts.count(raw, query)
    finally:
        await raw.close()


async def measure_burst(up: Parts) -> dict[str, float]:
    """Measure a burst by one process, and by two of which one is killed on the way."""
    with tempfile.TemporaryDirectory() as name:
        folder = playbook(Path(name))
        alone = await _burst(up, "burst_alone", folder, processes=1)
        killed = await _burst(up, "burst_killed", folder, processes=2)
    return {f"routing_{what}": value for what, value in {**alone, **killed}.items()}


async def _burst(up: Parts, database: str, folder: Path, *, processes: int) -> dict[str, float]:
    await up.new_topics()
    url = await up.new_database(database)
    await migrate.apply_migrations(url, MIGRATIONS)
    raw = await asyncpg.connect(url)
    async with AsyncExitStack() as stack, asyncio.timeout(LONGEST):
        stack.push_async_callback(raw.close)
        routers = [await _service(up, stack, url, folder) for _ in range(processes)]
        await parts.fill(up.servers, leads(1, seed=2))
        while not await parts.count(raw, ASSIGNED):  # noqa: ASYNC110 - other processes are at work
            await asyncio.sleep(0.02)
        burst = leads(BURST - 1)
        started = time.perf_counter()
        filling = asyncio.create_task(parts.fill(up.servers, burst))
        while (done := await parts.count(raw, ASSIGNED)) < BURST or await parts.count(raw, hop.WAITING):
            if processes > 1 and done > BURST // 4 and routers[0].returncode is None:
                routers[0].kill()
                await routers[0].wait()
            await asyncio.sleep(0.02)
        seconds = time.perf_counter() - started
        await filling
        rows = await raw.fetch("select rep_id, count(*) as leads from leads where state = 'assigned' group by rep_id")
        records = await parts.count(raw, "select count(*) from decisions where kind = 'assigned'")
        assigned = await parts.count(raw, "select count(*) from journal where ce_type = 'lead.assigned.v1'")
    got = {row["rep_id"]: row["leads"] for row in rows}
    total = sum(REPS.values())
    furthest = max(abs(got.get(name, 0) - BURST * weight / total) for name, weight in REPS.items())
    return {
        f"{database}_seconds": seconds,
        f"{database}_furthest_from_share": furthest,
        f"{database}_given_twice": records + assigned - 2 * BURST,
    }
