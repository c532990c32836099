"""Every reason of the playbook, from the rep's word to the wake-up and the second qualification, on real parts."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.e2e.world import Record, World

pytestmark = pytest.mark.e2e

REASONS: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parents[2] / "deploy" / "playbook" / "feedback.yaml").read_text(encoding="utf-8")
)["reasons"]
CONTEXT: dict[str, dict[str, Any]] = {
    "wrong_size": {"employees": 12},
    "bad_data": {"field": "phone"},
    "unreachable": {"attempts": 6, "days": 12},
    "competitor": {"renewal_at": "unknown"},
    "wrong_territory": {"country": "FR"},
}
AFTER_A_WIN = {"handed_back", "churned"}
HOUR, LATE = timedelta(hours=1), timedelta(minutes=2)


@dataclass
class Returned:
    """Somebody whose lead ended for a reason."""

    reason: str
    email: str
    contact: str
    first: Record
    ended: Record

    @property
    def wakes_at(self) -> datetime | None:
        text = self.ended.value["wake_at"]
        return datetime.fromisoformat(text) if text else None


async def somebody_returns_for(world: World, reason: str) -> Returned:
    """A hand-raiser whose rep gives this reason; what follows is what the playbook says."""
    rule, email = REASONS[reason], f"{reason.replace('_', '-')}@walked-{reason.replace('_', '-')}.example"
    contact = await world.somebody_submits("demo_request", email=email)
    first = await world.reads("lead.assigned.v1", contact)
    given = {"reason": reason, "context": CONTEXT.get(reason, {})}
    if reason in AFTER_A_WIN:
        await world.the_rep_says(first, "won", amount=10)
        await world.time_passes("1h")
        await world.post("feedback", f"/v1/contacts/{contact}/customer", {"by": "cleo", "change": reason})
    else:
        answer = await world.the_rep_says(first, "disqualify", **given)
        assert answer["carried_out_as"] == ("disqualify" if rule["does"] == "disqualify" else "recycle")
    kind = "lead.disqualified.v1" if rule["does"] == "disqualify" else "lead.recycled.v1"
    ended = await world.reads(kind, contact)
    assert (ended.value["reason"], ended.value["track"]) == (reason, rule.get("track"))
    await world.reads("lead.released.v1", contact)
    return Returned(reason, email, contact, first, ended)


async def it_qualifies_again(world: World, returned_lead: Returned) -> None:
    """As the second cycle, with a lead of its own; then it is closed, so that no clock of it runs on."""
    try:
        again = await world.reads("lead.qualified.v1", returned_lead.contact, lambda value: value["cycle"] == 2)
    except AssertionError as error:
        error.add_note(f"{returned_lead.reason}: not qualified again")
        raise
    assert again.value["lead_id"] != returned_lead.first.value["lead_id"]
    second = await world.reads("lead.assigned.v1", returned_lead.contact, lambda value: value["cycle"] == 2)
    await world.the_rep_says(second, "disqualify", reason="vendor")
    await world.reads("lead.disqualified.v1", returned_lead.contact, lambda value: value["cycle"] == 2)


async def test_every_reason_leads_to_a_wake_up_and_a_second_qualification(world: World) -> None:
    """F4 to F9, F13, F19, Q20, Q22: dated ones on their date, the others by what the contact does."""
    walked = [name for name, rule in REASONS.items() if rule["does"] != "route_again"]
    returned = [await somebody_returns_for(world, reason) for reason in walked]
    await world.settled()
    for returned_lead in [returned_lead for returned_lead in returned if returned_lead.wakes_at is None]:
        await world.time_passes("1h")
        hand_raise = REASONS[returned_lead.reason].get("wake", {}).get("kind", "hand_raise") == "hand_raise"
        for engagement in ("demo_request",) if hand_raise else ("colleagues_invited", "pricing_view"):
            await world.somebody_submits(engagement, email=returned_lead.email)
        await it_qualifies_again(world, returned_lead)
        woken = await world.read("lead.woken.v1", returned_lead.contact)
        assert len(woken) == (returned_lead.reason != "cooled"), returned_lead.reason
    for returned_lead in sorted(returned, key=lambda returned_lead: returned_lead.ended.value["wake_at"] or ""):
        if returned_lead.wakes_at is None:
            continue
        ahead = returned_lead.wakes_at + HOUR - await world.now()
        if ahead > timedelta():
            await world.time_passes(f"{ahead // timedelta(minutes=1)}m")
        rung = await world.reads("lead.woken.v1", returned_lead.contact)
        assert (rung.value["reason"], rung.value["early"]) == (returned_lead.reason, False)
        assert timedelta() <= datetime.fromisoformat(rung.value["occurred_at"]) - returned_lead.wakes_at <= LATE
        assert rung.value["starts_at"] == REASONS[returned_lead.reason].get("wakes_at", "marketing")
        if rung.value["starts_at"] == "marketing":  # nobody is called on a date alone
            await world.settled()
            assert len(await world.read("lead.qualified.v1", returned_lead.contact)) == 1, returned_lead.reason
            await world.somebody_submits("demo_request", email=returned_lead.email)
        await it_qualifies_again(world, returned_lead)
    assert {returned_lead.reason for returned_lead in returned} | {"wrong_territory", "customer"} == set(REASONS)


@pytest.mark.parametrize("reason", ["wrong_territory", "customer"])
async def test_a_reason_that_routes_again_gives_the_lead_to_somebody_else(world: World, reason: str) -> None:
    """F3: a rejection's reason decides in the same transaction."""
    contact = await world.somebody_submits("demo_request", email=f"again@{reason.replace('_', '-')}.example")
    first = await world.reads("lead.assigned.v1", contact)
    answer = await world.the_rep_says(first, "reject", reason=reason, context=CONTEXT.get(reason, {}))
    assert answer["state"] == "mql"
    second = await world.reads("lead.assigned.v1", contact, lambda value: value["previous_rep_id"])
    assert second.value["rep_id"] != first.value["rep_id"]
    await world.the_rep_says(second, "disqualify", reason="vendor")
