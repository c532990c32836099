"""A process that dies at the worst moments loses nothing and does nothing twice."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest

from events.topics import LEADS_RECYCLED

from .conftest import Outsider, Toy, captured, until

POINTS = (
    "in the handler before commit",
    "after commit before publish",
    "after publish before delete",
    "after handler before offset",
)


@pytest.mark.crash
@pytest.mark.parametrize("point", POINTS)
async def test_every_record_has_one_effect_and_one_event_id_after_a_death(
    point: str, toy: Toy, outsider: Outsider, tmp_path: Path
) -> None:
    """X2, X3: dies at each point of a hop, starts again, and the ledger is clean."""
    events = [captured() for _ in range(30)]
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.events.runtime.crashing",
        point, toy.url, outsider.servers, str(tmp_path), toy.service.name,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(60):
        await outsider.send(*events)
        assert await child.wait() == 9
    async with toy.running():
        await until(lambda: _done(toy, events), 60)
    rows = await toy.rows("select times from heard where engagement_id = any($1)", [e.engagement_id for e in events])
    assert [row["times"] for row in rows] == [1] * len(events)
    keys = {event.key.encode() for event in events}
    records = [record for record in await outsider.read(LEADS_RECYCLED.name) if record.key in keys]
    assert len({dict(record.headers)["ce_id"] for record in records}) == len(events)
    assert await toy.rows("select from parked where contact_id = any($1)", [e.contact_id for e in events]) == []


async def _done(toy: Toy, events: list[Any]) -> bool:
    rows = await toy.rows(
        "select (select count(*) from heard where engagement_id = any($1)) as n, (select count(*) from outbox) as o",
        [event.engagement_id for event in events],
    )
    return bool(rows[0]["n"] == len(events) and rows[0]["o"] == 0)
