"""A candidate in shadow held against what was in force meanwhile (Q16)."""

from typing import Any
from uuid import UUID, uuid4

from baton.database import fetch
from baton.simulation.shadow import _BOTH, differences
from tests.scoring.builders import became, day, won
from tests.simulation.conftest import Database
from tests.simulation.test_comparison import who

SHADOW = UUID(int=77)
STARTED: dict[str, Any] = {
    "version": "next", "started_at": day(0), "started_by": "mia", "stopped_at": None, "stopped_by": None
}  # fmt: skip


async def in_force(database: Database, number: int, lead_type: str, fit: str, at: float) -> None:
    await database.raw.execute(
        "insert into leads (lead_id, contact_id, cycle, lead_type, told_type, outcome, fit, by_request, engagement_id,"
        " opened_at, qualified_at) values ($1, $2, 1, $3, $3, 'mql', $4, false, $1, $5, $5)",
        uuid4(), who(number), lead_type, fit, day(at),
    )  # fmt: skip


async def by_candidate(database: Database, number: int, lead_type: str, fit: str, at: float) -> None:
    await database.raw.execute(
        "insert into shadow_leads values ($1, $2, $3, 1, $4, 'mql', $5, $6, $6)",
        SHADOW, uuid4(), who(number), lead_type, fit, day(at),
    )  # fmt: skip


async def test_who_is_a_lead_for_both_for_one_alone_or_another_one_is_counted_from_its_start_on(
    database: Database,
) -> None:
    for table in ("leads", "shadow_leads"):
        await database.raw.execute(f"truncate {table}")
    for number, both in enumerate([("webinar", "A", 1), ("hand_raiser", "B", 2), ("content", "C", 3)], start=1):
        await in_force(database, number, *both)
    await in_force(database, 9, "content", "A", -5)
    for number, then in enumerate([("webinar", "A", 1), ("fast_track", "B", 2)], start=1):
        await by_candidate(database, number, *then)
    await by_candidate(database, 4, "product", "A", 4)
    await database.keep(*became(won(9, contact=who(3))))
    found = differences(STARTED, await fetch(database.url, _BOTH, SHADOW, day(0)))
    assert found["contacts"] == {
        "the same": 1,
        "another lead type": 1,
        "a lead in force alone": 1,
        "a lead by the candidate alone": 1,
    }
    assert (found["leads_in_force"], found["leads_candidate"]) == (3, 3)
    assert (found["won_in_force"], found["won_candidate"]) == (1, 0)
    assert [row["contact_id"] for row in found["differing"]] == [str(who(2)), str(who(3)), str(who(4))]
