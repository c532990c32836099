"""Past leads routed again: the same rules as in earnest, on a clock of their own."""

from datetime import datetime, timedelta
from typing import Any

from events.leads import LeadAssigned, LeadFacts
from events.runtime.testing import START, ServiceHarness
from routing.domain import PastLead, merge_roster, rehearse_routing
from routing.domain.rehearsal import RehearsalFigures
from routing.playbook import RoutingPlaybook
from tests.routing.builders import MONDAY, playbook, qualified, recycled
from tests.routing.test_service import put

HOUR = timedelta(hours=1)
OFFICE = {"zone": "UTC"} | {day: ["09:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}


def after_four_hours(_: LeadFacts, team: str, handed_over_at: datetime) -> datetime | None:
    return handed_over_at + 4 * HOUR if team == "inbound" else None


def run(rules: RoutingPlaybook, *past: PastLead) -> RehearsalFigures:
    return rehearse_routing(past, rules, merge_roster(rules, {}), after_four_hours)


def came(number: int, at: datetime, ended_at: datetime | None = None, **facts: Any) -> PastLead:
    return PastLead(qualified(f"lead-{number}", at=at, **facts), at, ended_at)


def leads_of(found: RehearsalFigures) -> dict[str, int]:
    return {rep["rep_id"]: rep["leads"] for rep in found["reps"] if rep["leads"]}


def test_everybody_gets_their_share_and_nobody_waits() -> None:
    weighted = playbook(reps={"a": {"team": "inbound", "weight": 3}, "b": {"team": "inbound"}})
    found = run(weighted, *(came(number, MONDAY + number * HOUR) for number in range(8)))
    assert leads_of(found) == {"a": 6, "b": 2}
    assert (found["leads"], found["assigned"], found["predicted_breaches"]) == (8, 8, 0)
    assert all(rep["off_share"] in (0, None) for rep in found["reps"])


def test_other_hours_change_who_waits_how_long_and_what_is_missed() -> None:
    evening = MONDAY.replace(hour=18)
    rules = playbook(reps={"a": {"team": "inbound", "works": OFFICE}})
    found = run(rules, came(1, MONDAY), came(2, evening), came(3, evening + HOUR, fit="B"), came(4, MONDAY + 48 * HOUR))
    (line,) = found["queues"]
    assert (line["waited"], line["longest_seconds"]) == (2, 15 * 3600)
    assert (found["predicted_breaches"], line["predicted_breaches"]) == (2, 2)
    always = run(playbook(reps={"a": {"team": "inbound"}}), came(1, MONDAY), came(2, evening))
    assert (always["queues"][0]["waited"], always["predicted_breaches"]) == (0, 0)


def test_who_rests_at_the_end_is_still_seen_beside_their_share_and_who_has_no_basis_in_no_line() -> None:
    rules = playbook(reps={"a": {"team": "inbound", "works": OFFICE}, "b": {"team": "inbound"}, "c": {"team": "ae"}})
    refused = came(99, MONDAY + HOUR, lead_type="content", outcome="mql", consents={"sales": False})
    found = run(rules, *(came(number, MONDAY + number * HOUR) for number in range(10)), refused)
    shares = {rep["rep_id"]: rep["off_share"] for rep in found["reps"]}
    assert all(share is not None and abs(share) <= 1 for share in (shares["a"], shares["b"]))
    assert (found["turned_away"], [line["queue"] for line in found["queues"]]) == (1, ["hand-raisers"])


def test_ended_leads_free_capacity_and_what_nobody_could_take_is_still_waiting() -> None:
    rules = playbook(reps={"a": {"team": "inbound", "capacity": {"open": 1}}})
    found = run(
        rules,
        came(1, MONDAY, MONDAY + 2 * HOUR),
        came(2, MONDAY + HOUR, MONDAY + 9 * HOUR, fit="C"),
        came(3, MONDAY + HOUR, fit="A"),
        came(4, MONDAY + 9 * HOUR, lead_type="customer"),
        came(5, MONDAY + 3 * HOUR, MONDAY + 3.5 * HOUR),
    )
    assert (found["assigned"], found["still_waiting"], found["predicted_breaches"]) == (2, 1, 0)
    late = run(rules, came(1, MONDAY), came(2, MONDAY), came(3, MONDAY + 9 * HOUR))
    assert (late["still_waiting"], late["predicted_breaches"]) == (2, 1)
    assert run(rules)["leads"] == 0


async def test_under_the_rules_in_force_it_comes_to_what_was(harness: ServiceHarness) -> None:
    """What really happened, rehearsed: each rep has as many leads as they had."""
    await put(harness, "inbound-1", weight=2)
    for number in range(12):
        await harness.deliver(qualified(f"lead-{number}"))
        await harness.advance(timedelta(minutes=10))
    await harness.deliver(recycled("lead-3"))
    given = [event.rep_id for event in await harness.emitted(LeadAssigned)]
    rules = playbook(reps={f"inbound-{n}": {"team": "inbound", "weight": 2 if n == 1 else 1} for n in range(1, 5)})
    past = [came(number, START + timedelta(minutes=10 * number)) for number in range(12)]
    assert leads_of(run(rules, *past)) == {rep: given.count(rep) for rep in set(given)}
