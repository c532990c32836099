"""Nobody is bounced: who had a lead in its cycle does not get it again, unless a person names them."""

from datetime import timedelta
from typing import Any

from events.ids import derive_lead_id
from events.leads import (
    ContactCorrections,
    LeadAccepted,
    LeadAssigned,
    LeadQueued,
    LeadRejected,
    LeadTouched,
)
from events.runtime import security
from events.runtime.testing import START, ServiceHarness
from routing.domain import pass_lead_on, place_lead
from tests.routing.builders import (
    DEFAULT,
    MONDAY,
    NOBODY_FOLLOWS,
    TWO_REPS,
    contact,
    context,
    escalated,
    event_of,
    fresh,
    playbook,
    qualified,
    rep,
    upgraded,
    use,
    worked,
)
from tests.routing.test_service import INBOUND, assert_sound, decisions, only, put

MANAGED: dict[str, Any] = {**DEFAULT["teams"], "inbound": {**DEFAULT["teams"]["inbound"], "manager": "boss"}}
TERRITORIES: dict[str, Any] = {
    "queues": {
        **DEFAULT["queues"],
        "germany": {"team": "inbound", "priority": 1},
        "france": {"team": "ae", "priority": 1},
    },
    "rules": [
        {"name": "germany", "when": {"country": ["DE"]}, "queue": "germany"},
        {"name": "france", "when": {"country": ["FR"]}, "queue": "france"},
        *DEFAULT["rules"],
    ],
}
ADA = f"/v1/leads/{derive_lead_id(contact('ada'), 1)}"


async def post(harness: ServiceHarness, path: str, **body: Any) -> dict[str, Any]:
    answer = await harness.http.post(path, json={"by": "boss", "reason": "asked", **body})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def holders(harness: ServiceHarness, name: str = "ada") -> list[str]:
    return [event.rep_id for event in await harness.emitted(LeadAssigned) if event.contact_id == contact(name)]


class TestWhoFollows:
    async def test_everybody_misses_it_once_then_the_next_team_then_the_manager_and_nobody_twice(
        self, harness: ServiceHarness
    ) -> None:
        await use(harness, teams=MANAGED)
        await put(harness, "boss", team="inbound", status="paused")
        await harness.deliver(qualified("ada"))
        for miss in range(9):
            holder = (await holders(harness))[-1]
            await harness.deliver(escalated("ada", rep_id=holder, at=START + timedelta(minutes=miss)))
        team = ["development-1", "development-2", "development-3"]
        assert await holders(harness) == [*INBOUND, *team, "boss"]
        raised = (await harness.http.get("/v1/raised")).json()["items"]
        assert {(row["rep_id"], row["reason"]) for row in raised} == {("boss", "acceptance_missed_but_nobody_else")}
        last = (await harness.emitted(LeadAssigned))[-1]
        assert (last.reason, last.tried[-1].why) == (
            "acceptance_missed",
            "everybody else has had it or can't take it",
        )
        assert [row.get("replays_to", row["rep_id"]) for row in await decisions(harness, "ada")][:8] == [
            *INBOUND, *team, "boss",
        ]  # fmt: skip
        await assert_sound(harness)

    async def test_the_next_cycle_is_a_new_beginning(self, harness: ServiceHarness) -> None:
        await harness.deliver(qualified("ada"), escalated("ada", rep_id="inbound-1"))
        await post(harness, f"{ADA}/reassign", rep_id="inbound-1")
        assert await holders(harness) == ["inbound-1", "inbound-2", "inbound-1"]

    def test_a_manager_who_left_or_is_not_known_takes_nothing(self) -> None:
        for boss in ((rep("boss", status="left"),), ()):
            on = context(rep("inbound-1"), *boss, rules=playbook(teams=MANAGED, reps={}))
            placed = place_lead(fresh(qualified()), qualified(), on, MONDAY)
            stays = pass_lead_on(placed.lead, placed.context, MONDAY, reason="passed_on")
            assert (stays.event, stays.lead.rep_id) == (None, "inbound-1")

    def test_a_lead_of_a_team_that_is_gone_goes_on_all_the_same(self) -> None:
        on = context(*TWO_REPS)
        lead = place_lead(fresh(qualified()), qualified(), on, MONDAY).lead._replace(team="gone")
        assert event_of(pass_lead_on(lead, on, MONDAY, reason="passed_on"), LeadAssigned).rep_id == "inbound-2"

    async def test_a_lead_that_all_have_had_lets_the_others_in_its_queue_pass(self, harness: ServiceHarness) -> None:
        await use(harness, queues=NOBODY_FOLLOWS)
        await only(harness, "inbound-1")
        await harness.deliver(qualified("ada"))
        await post(harness, f"{ADA}/unassign")
        await harness.advance(timedelta(minutes=1))
        await harness.deliver(qualified("bob"))
        await harness.advance(timedelta(minutes=1))
        assert (await holders(harness), await holders(harness, "bob")) == (["inbound-1"], ["inbound-1"])
        await put(harness, "inbound-2", status="active")
        await harness.advance(timedelta(minutes=1))
        assert await holders(harness) == ["inbound-1", "inbound-2"]
        await assert_sound(harness)


class TestRejections:
    async def test_a_wrong_territory_is_routed_by_the_corrected_fact_and_stays_corrected(
        self, harness: ServiceHarness
    ) -> None:
        await use(harness, **TERRITORIES)
        found = ContactCorrections(country="FR")
        again = worked(LeadRejected, "ada", reason="wrong_territory", state="mql", corrected=found)
        first = qualified("ada", country="DE", lead_type="fast_track", outcome="mql")
        await harness.deliver(first, again, upgraded("ada", country="DE"))
        moved = (await harness.emitted(LeadAssigned))[-1]
        assert (await holders(harness), moved.queue, moved.country) == (["inbound-1", "ae-1"], "france", "FR")
        assert [row.get("replays_to", row["rep_id"]) for row in await decisions(harness, "ada")] == [
            "inbound-1", "ae-1", "ae-1",
        ]  # fmt: skip
        await assert_sound(harness)

    async def test_without_another_territory_it_leaves_the_queue_all_the_same(self, harness: ServiceHarness) -> None:
        again = worked(LeadRejected, "ada", reason="wrong_territory", state="mql", corrected=ContactCorrections())
        await harness.deliver(qualified("ada"), again)
        assert await holders(harness) == ["inbound-1", "development-1"]

    async def test_a_reason_may_name_the_queue(self, harness: ServiceHarness) -> None:
        await harness.deliver(qualified("ada"), worked(LeadRejected, "ada", reason="customer", state="mql"))
        assert [(event.rep_id, event.queue) for event in await harness.emitted(LeadAssigned)] == [
            ("inbound-1", "hand-raisers"), ("am-1", "customers"),
        ]  # fmt: skip
        await assert_sound(harness)


class TestByHand:
    async def test_a_manager_names_whoever_they_want_and_may_force_it(self, harness: ServiceHarness) -> None:
        await put(harness, "inbound-2", absences=[{"from": "2026-03-01", "to": "2026-03-09"}])
        await put(harness, "inbound-3", status="left")
        await harness.deliver(qualified("ada"))
        order = {"rep_id": "inbound-2", "by": "boss", "reason": "knows them"}
        refused = await harness.http.post(f"{ADA}/reassign", json=order)
        assert (refused.status_code, refused.json()["errors"][0]["code"]) == (409, "rep_unavailable")
        assert (await post(harness, f"{ADA}/reassign", rep_id="inbound-2", force=True))["rep_id"] == "inbound-2"
        gone = await harness.http.post(f"{ADA}/reassign", json={**order, "rep_id": "inbound-3", "force": True})
        assert (gone.status_code, gone.json()["errors"][0]["code"]) == (409, "rep_gone")
        assert (await post(harness, f"{ADA}/reassign", rep_id="inbound-1"))["previous_rep_id"] == "inbound-2"
        await assert_sound(harness)

    async def test_a_rep_s_own_key_forces_nothing_and_moves_nobody(self, harness: ServiceHarness) -> None:
        await put(harness, "inbound-2", status="paused")
        await harness.deliver(qualified("ada"))
        key_id, key, digest = security.draw_key()
        await security.insert_key(harness.raw, key_id=key_id, digest=digest, scopes=["leads:work"], rep_id="inbound-1")
        order = {"rep_id": "inbound-2", "by": "inbound-1", "reason": "x", "force": True}
        headers = {"Authorization": f"Bearer {key}"}
        assert (await harness.http.post(f"{ADA}/reassign", json=order, headers=headers)).status_code == 409
        body = {"by": "inbound-1", "reason": "x"}
        assert (await harness.http.post(f"{ADA}/unassign", json=body, headers=headers)).status_code == 403

    async def test_what_is_taken_back_goes_to_somebody_new(self, harness: ServiceHarness) -> None:
        await harness.deliver(qualified("ada"))
        answer = await post(harness, f"{ADA}/unassign")
        assert (answer["rep_id"], answer["queue"], answer["previous_rep_id"]) == (None, "hand-raisers", "inbound-1")
        (queued,) = await harness.emitted(LeadQueued)
        assert queued.reason == "unassigned"
        await harness.advance(timedelta(minutes=1))
        assert await holders(harness) == ["inbound-1", "inbound-2"]
        await put(harness, "inbound-2", status="paused")
        await assert_sound(harness)

    async def test_what_can_t_be_taken_back_is_refused(self, harness: ServiceHarness) -> None:
        await only(harness)
        await harness.deliver(qualified("ada"))
        body = {"by": "boss", "reason": "x"}
        assert (await harness.http.post(f"{ADA}/unassign", json=body)).json()["errors"][0]["code"] == "not_assigned"
        nobody = f"/v1/leads/{derive_lead_id(contact('zoe'), 1)}/unassign"
        assert (await harness.http.post(nobody, json=body)).status_code == 404

    async def test_many_are_moved_at_once_and_each_answer_is_given(self, harness: ServiceHarness) -> None:
        await put(harness, "inbound-2", capacity={"open": 3})
        names = [f"lead-{number}" for number in range(8)]
        await harness.deliver(*(qualified(name) for name in names))
        moved = (await post(harness, "/v1/leads/move", from_rep="inbound-1", to_rep="inbound-2"))["items"]
        assert [item.get("problem", item.get("rep_id")) for item in moved] == ["inbound-2", "rep_unavailable"]
        ids = [str(derive_lead_id(contact(name), 1)) for name in ("lead-1", "lead-2", "nobody")]
        items = (await post(harness, "/v1/leads/move", lead_ids=ids, to_rep="inbound-2", force=True))["items"]
        found = {item["lead_id"]: item.get("problem", item.get("changed")) for item in items}
        assert found == {ids[0]: False, ids[1]: True, ids[2]: "lead_unknown"}
        shared = (await post(harness, "/v1/leads/move", from_rep="inbound-2"))["items"]
        assert all(item["rep_id"] != "inbound-2" and item["changed"] for item in shared)
        bad = await harness.http.post("/v1/leads/move", json={"by": "boss", "reason": "x"})
        assert bad.status_code == 422
        await assert_sound(harness)

    async def test_what_waits_or_ended_is_not_shared_out(self, harness: ServiceHarness) -> None:
        await only(harness)
        await harness.deliver(qualified("ada"))
        ids = [str(derive_lead_id(contact("ada"), 1))]
        (item,) = (await post(harness, "/v1/leads/move", lead_ids=ids))["items"]
        assert item["problem"] == "not_assigned"
        refused = await harness.http.post("/v1/leads/move", json={
            "lead_ids": ids, "to_rep": "nobody", "by": "boss", "reason": "x",
        })  # fmt: skip
        assert refused.status_code == 422


class TestWork:
    async def test_who_accepts_and_does_nothing_loses_the_lead_and_who_calls_keeps_it(
        self, harness: ServiceHarness
    ) -> None:
        """A flip of a status stops no clock but that of acceptance."""
        await harness.deliver(qualified("ada"), qualified("bob"))
        await harness.deliver(
            worked(LeadAccepted, "ada"),
            worked(LeadAccepted, "bob", by="inbound-2"),
            worked(LeadTouched, "bob", kind="call", outcome="no_answer", by="inbound-2"),
        )
        await harness.deliver(
            escalated("ada", rep_id="inbound-1", clock="first_touch"),
            escalated("bob", rep_id="inbound-2", clock="first_touch"),
            escalated("bob", rep_id="inbound-2"),
        )
        assert (await holders(harness), await holders(harness, "bob")) == (["inbound-1", "inbound-3"], ["inbound-2"])
        await assert_sound(harness)
