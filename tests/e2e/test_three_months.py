"""What must hold of people, whatever three months bring (issue 14)."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml

from baton import auditing
from baton import stack as stacks
from baton.stack import Stack, StartOptions
from tests.e2e.conftest import free_base
from tests.e2e.played_team import VISITORS, PlayedTeam, instant
from tests.e2e.test_people import figures
from tests.e2e.world import Record, World

pytestmark = pytest.mark.e2e

A_MONDAY = "2026-03-02T00:00:00+00:00"
REASONS: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parents[2] / "deploy" / "playbook" / "feedback.yaml").read_text(encoding="utf-8")
)["reasons"]
REPORTS = (
    *(("feedback", f"/v1/funnel?by={by}") for by in ("source", "team", "week", "grade", "lead_type")),
    ("feedback", "/v1/stages"), ("feedback", "/v1/reasons"),
    *(("sla-monitor", f"/v1/compliance?by={by}") for by in ("team", "rep", "policy", "week")),
    *(("sla-monitor", f"/v1/breaches/ages?by={by}") for by in ("team", "rep", "clock")),
    ("sla-monitor", "/v1/ignored"),
)  # fmt: skip


@pytest.fixture(scope="module")
async def team(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[PlayedTeam]:
    """Three months on a stack of their own."""
    data = tmp_path_factory.mktemp("team") / "d"
    stack: Stack = stacks.start_detached(StartOptions(str(data), free_base(), "stepped", A_MONDAY))
    try:
        async with World(stack) as world:
            played = PlayedTeam(world, await world.now())
            await played.hire()
            played.invite()
            await played.play()
            await world.listen()
            yield played
    finally:
        stacks.stop_stack(data)


def events(team: PlayedTeam, *kinds: str) -> list[Record]:
    """Return the records of some types, once each, in the order in which they happened."""
    once = {record.headers["ce_id"]: record for record in team.world.records if record.kind in kinds}
    return sorted(once.values(), key=lambda record: instant(record.value["occurred_at"]))


def by_lead(records: Iterable[Record]) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        found[record.value["lead_id"]].append(record)
    return found


async def test_all_of_it_happened(team: PlayedTeam) -> None:
    """Leads that waited, were refused, missed, late, returned, woken and won: else nothing is shown by the rest."""
    kinds = ("lead.assigned", "lead.queued", "clock.breached", "lead.recycled", "lead.woken", "lead.won")
    counts = {kind: len(events(team, f"{kind}.v1")) for kind in kinds}
    assert all(count > 3 for count in counts.values()), counts
    assert counts["lead.assigned"] > VISITORS / 2
    assert len(team.refused) > 2
    assert team.carried_out > VISITORS / 4


async def test_no_lead_returns_to_who_had_missed_or_refused_it(team: PlayedTeam) -> None:
    for lead_id, assigned in by_lead(events(team, "lead.assigned.v1")).items():
        had = [record.value["rep_id"] for record in assigned]
        assert len(had) == len(set(had)), (lead_id, had)


async def test_no_clock_is_missed_before_the_date_that_the_visitor_asked_for(team: PlayedTeam) -> None:
    missed = 0
    for record in events(team, "clock.warned.v1", "clock.breached.v1"):
        since, wants = team.asked.get(record.key, (None, None))
        if since is None or wants is None:
            continue
        if instant(record.value["started_at"]) >= since:
            missed += 1
            assert instant(record.value["due_at"]) >= wants, record.value
    assert missed
    for record in events(team, "lead.assigned.v1"):
        value = record.value
        assert value["occurred_at"] >= value["captured_at"]


async def test_nobody_is_called_without_a_sign_of_theirs_or_a_reason_of_the_playbook(team: PlayedTeam) -> None:
    """Each cycle but the first begins by what the contact did since the last one ended, or by a reason for sales."""
    captured, again = defaultdict(list), 0
    for record in events(team, "contact.captured.v1"):
        captured[record.key].append(instant(record.value["occurred_at"]))
    ends = {
        (record.key, record.value["cycle"]): instant(record.value["occurred_at"])
        for record in reversed(events(team, "lead.recycled.v1", "lead.disqualified.v1", "lead.won.v1"))
    }
    woken = {
        (record.key, record.value["cycle"])
        for record in events(team, "lead.woken.v1")
        if REASONS[record.value["reason"]].get("wakes_at") == "sales"
    }
    for record in events(team, "lead.qualified.v1"):
        before = (record.key, record.value["cycle"] - 1)
        if before[1] == 0:
            assert captured[record.key][0] <= instant(record.value["occurred_at"])
            continue
        again += 1
        signs = [at for at in captured[record.key] if at >= ends[before]]
        assert signs or before in woken, record.value
    assert again


async def test_nobody_misses_a_promise_in_working_time_while_they_are_off(team: PlayedTeam) -> None:
    """14.4: what is due in minutes of work is due while whoever has it works."""
    of_reps = [
        record.value
        for record in events(team, "clock.breached.v1")
        if record.value["rep_id"] and record.value["clock"] == "acceptance"
    ]
    assert len(of_reps) > 3
    for value in of_reps:
        assert team.at_work(value["rep_id"], instant(value["due_at"])), value


async def test_nothing_happens_to_a_lead_before_it_is_qualified(team: PlayedTeam) -> None:
    qualified = {
        record.value["lead_id"]: instant(record.value["occurred_at"]) for record in events(team, "lead.qualified.v1")
    }
    later = ("lead.assigned.v1", "lead.queued.v1", "clock.warned.v1", "clock.breached.v1", "lead.recycled.v1")
    for record in events(team, *later):
        assert instant(record.value["occurred_at"]) >= qualified[record.value["lead_id"]], record.value


async def test_every_number_opens_exactly_its_list(team: PlayedTeam) -> None:
    seen: dict[str, int] = {}
    for service, report in REPORTS:
        for address, count in figures(await team.world.get(service, report)):
            if address not in seen:
                seen[address] = len(await team.world.listed(service, address))
            assert seen[address] == count, address
    assert sum(count > 0 for count in seen.values()) > 100


async def test_the_audit_is_clean(team: PlayedTeam) -> None:
    found = await auditing.audit(team.world.stack)
    assert [check for check in found["checks"] if check["residual"]] == []
