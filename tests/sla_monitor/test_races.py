"""A touch against its deadline, on several connections at once; and how what is due is found among a great many."""

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import asyncpg

from events.envelope import LeadEvent
from events.runtime import clock
from events.runtime.testing import START, ServiceHarness
from events.runtime.timers import _DUE, AT_ONCE
from events.sla import ClockBreached, ClockMet, ClockRescinded
from tests.containers import Server
from tests.sla_monitor.committing_service import deliver, fire_all, monitor
from tests.sla_monitor.lead_story import Story, hours

RACES = 1000
MARGINS = (timedelta(0), -timedelta(microseconds=1), timedelta(microseconds=1), -hours(1), hours(1))
"""When the touch happened, beside the deadline."""
TRUTHS = {
    "met": {ClockMet.ce_type: 1},
    "rescinded": {ClockBreached.ce_type: 1, ClockRescinded.ce_type: 1},
    "met_late": {ClockBreached.ce_type: 1, ClockMet.ce_type: 1},
}
"""What was said of a clock, by the state that it came to."""


async def test_a_thousand_races_of_a_touch_against_its_deadline_have_one_truth_each(server: Server) -> None:
    """X27: a tie goes by the touch's own time, whoever comes first; and nothing is said twice or left unsaid."""
    url = await asyncio.to_thread(server.create_database, "sla_races")
    leads = [Story(name=f"racer {nth}", start=START) for nth in range(RACES)]
    due_at = START + hours(48)
    async with monitor(url, stepped_to=START) as service:
        await deliver(service, [lead.assigned(at=START) for lead in leads])
        await deliver(service, [lead.accepted(START) for lead in leads])
        raw = await asyncpg.connect(url)
        await clock.set_business_time(raw, due_at + hours(1))
        await clock.release_timers(raw, due_at + hours(1))
        touches = [lead.touched(due_at + MARGINS[nth % len(MARGINS)]) for nth, lead in enumerate(leads)]
        await asyncio.gather(
            *(_touch(service, touches[nth::4]) for nth in range(4)), *(fire_all(service) for _ in range(3))
        )
        rows = await raw.fetch("select clock_id, lead_id, state from clocks where clock = 'first_touch'")
        journal = await raw.fetch("select ce_type, value from journal where topic = 'sla.flagged.v1'")
        await raw.close()
    published: dict[str, Counter[str]] = {str(row["clock_id"]): Counter() for row in rows}
    for row in journal:
        event = json.loads(row["value"])
        if event["clock"] == "first_touch" and row["ce_type"] != "clock.warned.v1":
            published[event["clock_id"]][row["ce_type"].replace("clock.escalated.v1", "")] += 1
    margins = {lead.lead_id: MARGINS[nth % len(MARGINS)] for nth, lead in enumerate(leads)}
    assert len(rows) == RACES
    for row in rows:
        assert (row["state"] == "met_late") is (margins[row["lead_id"]] > timedelta(0))
        events = {kind: count for kind, count in published[str(row["clock_id"])].items() if kind}
        assert events == TRUTHS[row["state"]]


async def _touch(service: Any, touches: Sequence[LeadEvent]) -> None:
    for nth in range(0, len(touches), 5):
        await deliver(service, touches[nth : nth + 5])


async def test_what_is_due_is_found_from_an_index_alone(harness: ServiceHarness) -> None:
    """A minute's due clocks among a hundred thousand: asserted by the plan, not by a stopwatch."""
    await harness.raw.execute(
        "insert into timers (kind, key, contact_id, due_at)"
        " select 'watch', gen_random_uuid(), gen_random_uuid(), $1::timestamptz + n * interval '1 second'"
        " from generate_series(1, 100000) n",
        START,
    )
    await harness.raw.execute("analyze timers")
    query = _DUE.replace("$1", str(AT_ONCE)).replace("$2", "0")
    plan = "\n".join(row[0] for row in await harness.raw.fetch(f"explain {query}"))
    assert "Index Only Scan using timers_due" in plan
    assert "Sort" not in plan
    assert "Seq Scan on timers" not in plan
