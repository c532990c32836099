"""The hand-over as people want it: nobody is bounced, blamed or called without cause (issue 14)."""

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from baton.cli import run
from baton.exit_codes import DONE
from tests.e2e.world import WEEKEND, Record, World

pytestmark = pytest.mark.e2e

NEW_YORK = ZoneInfo("America/New_York")
OFFICE = {
    "hours": [{"days": ["mon", "tue", "wed", "thu", "fri"], "from": "09:00", "to": "17:00"}],
    "works": {"zone": NEW_YORK.key},
}
QUARTER = timedelta(minutes=15)


def morning_in_new_york(after: datetime) -> datetime:
    """Return when the first working day begins in New York that begins at an instant or after it."""
    day = after.astimezone(NEW_YORK).date()
    while (opens := nine(day)) < after or day.isoweekday() in WEEKEND:
        day += timedelta(days=1)
    return opens


def nine(day: date) -> datetime:
    return datetime.combine(day, time(9), NEW_YORK).astimezone(UTC)


async def pass_until(world: World, then: datetime) -> None:
    await world.time_passes(f"{(then - await world.now()) // timedelta(seconds=1)}s")


async def first_touch(world: World, lead_id: str) -> dict[str, Any]:
    answer = await world.get("sla-monitor", f"/v1/clocks?lead_id={lead_id}&clock=first_touch")
    (clock,) = answer["items"]
    found: dict[str, Any] = clock
    return found


async def due_at(world: World, lead_id: str) -> datetime:
    await world.settled()
    return datetime.fromisoformat((await first_touch(world, lead_id))["due_at"])


async def given_to(world: World, rep_id: str, assigned: Record) -> Record:
    """Have a manager give a lead to a rep, on shift or not."""
    body = {"rep_id": rep_id, "reason": "has time for it", "by": "mara", "force": True}
    await world.post("routing", f"/v1/leads/{assigned.value['lead_id']}/reassign", body)
    return await world.reads("lead.assigned.v1", assigned.key, lambda value: value["rep_id"] == rep_id)


async def test_a_rep_in_new_york_keeps_a_promise_in_their_own_morning_and_none_while_they_are_away(
    world: World,
) -> None:
    """14.4: a demo is asked for at nine in London. Nora in New York, who gets it, has until 9:15 of her morning."""
    await world.a_working_morning()
    await world.put_rep("nora", team="inbound", status="paused", **OFFICE)
    contact = await world.somebody_submits("demo_request")
    lead = await given_to(world, "nora", await world.reads("lead.assigned.v1", contact))
    lead_id, opens = lead.value["lead_id"], morning_in_new_york(await world.now())
    assert await due_at(world, lead_id) == opens + QUARTER

    today = opens.date()
    await world.put_rep("nora", absences=[{"from": today.isoformat(), "to": today.isoformat()}])
    back = morning_in_new_york(opens + timedelta(hours=1))
    assert await due_at(world, lead_id) == back + QUARTER
    assert (await first_touch(world, lead_id))["state"] == "paused"

    await pass_until(world, back + timedelta(minutes=4))
    assert await world.read("clock.breached.v1", contact) == []
    await world.the_rep_says(lead, "touches", kind="call", outcome="welcomed")
    await world.settled()
    assert (await first_touch(world, lead_id))["state"] == "met"
    await world.the_rep_says(lead, "disqualify", reason="vendor")


async def test_a_date_in_the_night_waits_for_the_morning_of_whoever_knows_them(world: World) -> None:
    """14.6: the contract of Ada's company ends in 200 days. At midnight she is woken; Yara, who knows her, sleeps."""
    await world.a_working_morning()
    await world.put_rep("yara", team="am", status="active", **OFFICE)
    contact = await world.somebody_submits("demo_request")
    known = await given_to(world, "yara", await world.reads("lead.assigned.v1", contact))
    ends = (await world.now()).date() + timedelta(days=200)
    context = {"competitor": "Rival", "renewal_at": ends.isoformat()}
    await world.the_rep_says(known, "recycle", reason="competitor", context=context)
    wakes = datetime.fromisoformat((await world.reads("lead.recycled.v1", contact)).value["wake_at"])
    assert wakes.time() == time()

    await pass_until(world, wakes + timedelta(hours=1))
    again = await world.reads("lead.qualified.v1", contact, lambda value: value["cycle"] == 2)
    lead_id = again.value["lead_id"]
    record = (await world.get("routing", f"/v1/leads/{lead_id}/decisions"))["items"][-1]
    assert (record["kind"], record["reason"]) == ("kept", "waits_for_working_day")
    clocks = (await world.get("sla-monitor", f"/v1/clocks?lead_id={lead_id}"))["items"]
    assert {clock["clock"] for clock in clocks} <= {"speed_to_lead"}, "nobody has promised anything yet"

    opens = morning_in_new_york(wakes)
    await pass_until(world, opens + timedelta(minutes=1))
    second = await world.reads("lead.assigned.v1", contact, lambda value: value["cycle"] == 2)
    assert (second.value["rep_id"], second.value["reason"]) == ("yara", "knows_them")
    assert datetime.fromisoformat(second.value["handed_over_at"]) == opens
    await world.the_rep_says(second, "disqualify", reason="vendor")
    await world.put_rep("yara", status="paused")


async def test_a_dry_run_names_the_rep_who_then_gets_the_lead(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """14.7: by the command line and over HTTP alike, and nothing is done by it."""
    like = {"lead_type": "hand_raiser", "outcome": "hand_raiser", "engagement": "demo_request"}
    path = tmp_path / "lead.json"
    path.write_text(json.dumps(like))
    await world.settled()
    before = await world.get("routing", "/v1/reps")
    capsys.readouterr()
    command = ["route", "--like", str(path), "--json", "--data", str(world.stack.data_dir.directory)]
    assert await asyncio.to_thread(run, command) == DONE
    by_command = json.loads(capsys.readouterr().out)
    found = await world.post("routing", "/v1/routes", like)
    assert by_command == found
    assert (found["outcome"], found["rule"], found["queue"]) == ("assigned", "hand-raisers", "hand-raisers")
    assert await world.get("routing", "/v1/reps") == before

    contact = await world.somebody_submits("demo_request")
    assigned = await world.reads("lead.assigned.v1", contact)
    assert (assigned.value["rep_id"], assigned.value["reason"]) == (found["rep_id"], found["reason"])
    await world.the_rep_says(assigned, "disqualify", reason="vendor")


async def test_a_manager_sees_which_queue_waits_how_long_and_why_nobody_serves_it(world: World) -> None:
    """14.7: both account managers are ill; a customer asks, and waits two hours until one is back."""
    customer = "waits-for-care.example"
    url = f"{world.stack.urls['capture']}/v1/accounts/{customer}"
    assert (await world.http.put(url, json={"name": "Care", "kind": "customer"})).is_success
    await world.settled()
    for rep_id in ("am-1", "am-2"):
        await world.put_rep(rep_id, status="paused")
    contact = await world.somebody_submits("demo_request", email=f"ada@{customer}")
    await world.reads("lead.queued.v1", contact)
    await world.time_passes("2h")
    queues = {queue["queue"]: queue for queue in (await world.get("routing", "/v1/queues"))["items"]}
    waits = queues["customers"]
    assert (waits["waiting"], waits["oldest_seconds"], waits["able"], waits["full"]) == (1, 7200, 0, 0)
    assert waits["away"] >= 2
    assert queues["hand-raisers"]["able"] >= 1

    await world.put_rep("am-1", status="active", capacity={"open": 0})
    queues = {queue["queue"]: queue for queue in (await world.get("routing", "/v1/queues"))["items"]}
    assert queues["customers"]["full"] == 1
    await world.put_rep("am-1", capacity={})
    assigned = await world.reads("lead.assigned.v1", contact)
    assert assigned.value["rep_id"] == "am-1"
    await world.put_rep("am-2", status="active")
    await world.the_rep_says(assigned, "disqualify", reason="vendor")


async def test_every_figure_of_a_morning_opens_its_list_and_each_line_says_who_and_what(world: World) -> None:
    """14.10: what falls due next, whose it is and at which company; and the leads behind every number."""
    contact = await world.somebody_submits("demo_request", company="Listed Works", campaign="listed")
    assigned = await world.reads("lead.assigned.v1", contact)
    await world.settled()
    now, lead_id = await world.now(), assigned.value["lead_id"]
    until = (now + timedelta(hours=3)).isoformat().replace("+00:00", "Z")
    lines = await world.listed("sla-monitor", f"/v1/clocks?due_before={until}&state=running&sort=due_at")
    due = [line["due_at"] for line in lines]
    assert due == sorted(due)
    mine = next(line for line in lines if line["lead_id"] == lead_id and line["clock"] == "acceptance")
    assert (mine["rep_id"], mine["team"]) == (assigned.value["rep_id"], assigned.value["team"])
    assert (mine["lead_type"], mine["company"]) == ("hand_raiser", "Listed Works")
    latest = (await world.get("feedback", "/v1/leads?sort=-qualified_at&limit=5"))["items"]
    at = [row["qualified_at"] for row in latest]
    assert at == sorted(at, reverse=True)
    assert next(row["company"] for row in latest if row["lead_id"] == lead_id) == "Listed Works"

    (line,) = [
        each for each in (await world.get("feedback", "/v1/funnel?by=campaign"))["items"] if each["group"] == "listed"
    ]
    found = dict(figures(line))
    assert (line["qualified"], line["open"]) == (1, 1)
    for address, count in found.items():
        assert len(await world.listed("feedback", address)) == count, address
    await world.the_rep_says(assigned, "disqualify", reason="vendor")


def figures(node: Any) -> Iterator[tuple[str, int]]:
    """Yield each figure that has a list: the address of the list, and how many it says."""
    for each in node if isinstance(node, list) else node.values() if isinstance(node, dict) else ():
        yield from figures(each)
    if isinstance(node, dict):
        for name, address in node.get("lists", {}).items():
            if name in node:
                yield address, node[name]


async def test_a_bakery_that_a_list_called_large_is_graded_by_what_sales_found_and_asked_again(world: World) -> None:
    """14.12: four people and not 250. Half a year later somebody asks for the size, and only what fits wakes."""
    contact = await world.somebody_submits("demo_request", company="Bakery", employees=250)
    lead = await world.reads("lead.assigned.v1", contact)
    score = f"/v1/contacts/{contact}/score"
    before = (await world.get("scoring", score))["fit"]
    await world.the_rep_says(lead, "recycle", reason="wrong_size", context={"employees": 4})
    await world.reads("lead.recycled.v1", contact)
    await world.settled()
    after = (await world.get("scoring", score))["fit"]
    assert after["points"] < before["points"]
    size = next(line for line in after["evidence"] if line["criterion"] == "employees")
    assert (size["value"], size["points"]) == (4, 0)

    await world.time_passes("181d")
    due = (await world.get("feedback", "/v1/worklist?kind=check&limit=1000"))["items"]
    assert lead.value["lead_id"] in {item["lead_id"] for item in due}
    assert await world.read("lead.woken.v1", contact) == []
    corrections = f"/v1/leads/{lead.value['lead_id']}/corrections"
    await world.post("feedback", corrections, {"by": "max", "facts": {"employees": 8}})
    await world.settled()
    assert await world.read("lead.woken.v1", contact) == []
    await world.time_passes("1d")
    await world.post("feedback", corrections, {"by": "max", "facts": {"employees": 60}})
    woken = await world.reads("lead.woken.v1", contact)
    assert (woken.value["reason"], woken.value["starts_at"]) == ("wrong_size", "marketing")
    await world.settled()
    assert len(await world.read("lead.qualified.v1", contact)) == 1, "nobody is called for having grown"
    assert (await world.get("scoring", score))["fit"]["points"] == before["points"]


async def test_a_wrong_title_and_the_competitor_that_sales_found_count_in_the_score(world: World) -> None:
    """14.12: the head of marketing turns out to be a student; the lead's grade follows while it is open."""
    contact = await world.somebody_submits("demo_request")
    lead = await world.reads("lead.assigned.v1", contact)
    before = (await world.get("scoring", f"/v1/contacts/{contact}/score"))["fit"]["points"]
    found = {"job_title": "Cook", "competitor": "Rival"}
    await world.post("feedback", f"/v1/leads/{lead.value['lead_id']}/corrections", {"by": "max", "facts": found})
    regraded = await world.reads("lead.regraded.v1", contact)
    assert regraded.value["fit_points"] < before
    assert regraded.value["job_title"] == "Cook"
    await world.the_rep_says(lead, "disqualify", reason="wrong_persona")


async def test_no_lead_is_assigned_before_it_was_qualified_though_both_wait_for_one_instant(world: World) -> None:
    """14.19: a talk is wished for after the fair; scoring's timer and routing's queue are due in that very instant."""
    await world.a_working_morning()
    now = await world.now()
    ends = now + timedelta(days=3)
    fair = {"name": "Fair", "ends_at": ends.isoformat()}
    answer = await world.http.put(f"{world.stack.urls['capture']}/v1/campaigns/instants", json=fair)
    assert answer.is_success
    day = ends.date().isoformat()
    for rep_id in ("ae-1", "ae-2", "ae-3"):
        await world.put_rep(rep_id, absences=[{"from": now.isoformat(), "to": ends.isoformat()}])
    wish = {"talk_to_sales": True, "talk_to_sales_when": "after_event", "campaign": "instants"}
    later = await world.somebody_submits("event_scan", source="event_scan", **wish)
    waiting = await world.somebody_submits("event_scan", source="event_scan", facts={"has_budget": "yes"})
    await world.reads("lead.queued.v1", waiting)
    await world.time_passes("4d")
    for contact in (later, waiting):
        qualified = await world.reads("lead.qualified.v1", contact)
        assigned = await world.reads("lead.assigned.v1", contact)
        at = [qualified.value["captured_at"], qualified.value["occurred_at"], assigned.value["occurred_at"]]
        assert at == sorted(at)
        assert assigned.value["occurred_at"].startswith(day)
        await world.the_rep_says(assigned, "disqualify", reason="vendor")
    for rep_id in ("ae-1", "ae-2", "ae-3"):
        await world.put_rep(rep_id, absences=[])
