"""How long the system needs after a fault: until a new submission has gone all the way through all services."""

import asyncio
import random
import time
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from baton.database import DATABASE_ERRORS
from events.ids import derive_lead_id
from tests.chaos.load import Load
from tests.chaos.rig import Rig

DEADLINE_SECONDS = 120.0
LOOK_SECONDS = 0.1
ARRIVED = {
    "routing": "select true from leads where lead_id = $1",
    "sla-monitor": "select true from leads where lead_id = $1 and rep_id is not null",
    "feedback": "select true from leads where lead_id = $1 and rep_id is not null",
    "desk": "select true from leads where lead_id = $1 and rep_id is not null",
}


@dataclass(frozen=True)
class Recovery:
    """Seconds until a probe got through and all copies were ready; `late` says what had not happened in time."""

    seconds: float
    late: str = ""


async def measure(rig: Rig, load: Load, number: int) -> Recovery:
    """Send a probe through the front door, and wait until it is a lead with a rep everywhere and all are ready."""
    begun = time.monotonic()
    body = load.person(random.Random(number), 1_000_000 + number)  # noqa: S311 - played people
    probe = {
        **body, "engagement": "demo_request", "job_title": "Head of Marketing", "employees": 250,
        "email": f"Zephyrine-Quillfeather.probe.{load.run}.{number}@probe-{number}.example",
        "event_id": f"{load.run}-probe-{number}",
    }  # fmt: skip
    try:
        async with asyncio.timeout(DEADLINE_SECONDS):
            call = await load.send("post", f"{load.run}-probe-{number}", probe["event_id"], probe)
            if not call.accepted:
                return Recovery(time.monotonic() - begun, f"a post was answered {call.statuses[-1]}")
            lead = derive_lead_id(UUID(call.answers[-1]["contact_id"]), 1)
            for service in ARRIVED:
                await _arrived(rig, service, lead)
    except TimeoutError:
        return Recovery(time.monotonic() - begun, f"a probe is not through after {DEADLINE_SECONDS:.0f} s")
    left = DEADLINE_SECONDS - (time.monotonic() - begun)
    late = await rig.all_ready(seconds=left)
    return Recovery(time.monotonic() - begun, f"not ready: {', '.join(late)}" if late else "")


async def _arrived(rig: Rig, service: str, lead: UUID) -> None:
    while True:
        try:
            raw: Any = await asyncpg.connect(rig.stack.databases[service])
            try:
                while not await raw.fetchval(ARRIVED[service], lead):  # noqa: ASYNC110 - a database is polled
                    await asyncio.sleep(LOOK_SECONDS)
            finally:
                await raw.close()
        except (OSError, *DATABASE_ERRORS):
            await asyncio.sleep(LOOK_SECONDS)
        else:
            return
