"""Routing on a real PostgreSQL: events in, assignments out."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import text

from events.contacts import AccountChanged, CampaignAnnounced, ContactErased, ErasureReceipt
from events.ids import derive_id, derive_lead_id
from events.leads import (
    FeedbackGiven,
    LeadAccepted,
    LeadAssigned,
    LeadLost,
    LeadQueued,
    LeadRejected,
    LeadReleased,
    LeadTouched,
    LeadWon,
)
from events.runtime import counting
from events.runtime.testing import START, ServiceHarness
from tests.routing.builders import (
    NOBODY_FOLLOWS,
    contact,
    cooled,
    escalated,
    qualified,
    recycled,
    upgraded,
    use,
    worked,
)
from tests.statements import recorded_statements

INBOUND = ["inbound-1", "inbound-2", "inbound-3", "inbound-4"]


async def put(harness: ServiceHarness, rep_id: str, **fields: Any) -> dict[str, Any]:
    answer = await harness.http.put(f"/v1/reps/{rep_id}", json=fields)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def only(harness: ServiceHarness, *able: str, **fields: Any) -> None:
    """Make these the only able reps of the inbound team."""
    for rep_id in INBOUND:
        await put(
            harness, rep_id, status="active" if rep_id in able else "paused", **(fields if rep_id in able else {})
        )


async def assert_sound(harness: ServiceHarness) -> None:
    async with harness.transaction() as tx:
        assert await harness.service._audit(tx) == []


async def decisions(harness: ServiceHarness, name: str, cycle: int = 1) -> list[dict[str, Any]]:
    answer = await harness.http.get(f"/v1/leads/{derive_lead_id(contact(name), cycle)}/decisions")
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


class TestAssigning:
    async def test_a_qualified_lead_has_a_rep_at_once(self, harness: ServiceHarness) -> None:
        """R14: responsibility changes hands at one recorded instant."""
        await harness.deliver(qualified("ada"))
        (assigned,) = await harness.emitted(LeadAssigned)
        assert (assigned.contact_id, assigned.rep_id, assigned.placement) == (contact("ada"), "inbound-1", 1)
        assert assigned.handed_over_at == assigned.occurred_at == START
        assert assigned.playbook_version
        await assert_sound(harness)

    async def test_the_same_lead_delivered_twice_is_assigned_once(self, harness: ServiceHarness) -> None:
        await harness.deliver(qualified("ada"), qualified("ada"))
        await harness.deliver(qualified("ada"))
        assert len(await harness.emitted(LeadAssigned)) == 1
        await assert_sound(harness)

    async def test_a_thousand_leads_are_shared_exactly_and_cost_as_many_statements_as_one(
        self, harness: ServiceHarness, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Handlers are set-based: a slow change fails here on any machine."""
        await put(harness, "inbound-1", weight=3)
        counts = []
        for batch in ([qualified("first")], [qualified(f"lead-{number}") for number in range(1000)]):
            with recorded_statements(monkeypatch) as statements:
                await harness.deliver(*batch)
            counts.append(len(statements))
        assert counts[0] == counts[1]
        assert counts[1] <= 9
        shares = Counter(assigned.rep_id for assigned in await harness.emitted(LeadAssigned))
        assert sum(shares.values()) == 1001
        for rep_id in INBOUND:
            assert abs(shares[rep_id] - 1001 * (3 if rep_id == "inbound-1" else 1) / 6) < 1
        await assert_sound(harness)

    async def test_the_turn_is_kept_from_one_batch_to_the_next(self, harness: ServiceHarness) -> None:
        for number in range(6):
            await harness.deliver(qualified(f"lead-{number}"))
        assert [assigned.rep_id for assigned in await harness.emitted(LeadAssigned)] == [*INBOUND, *INBOUND[:2]]

    async def test_an_accounts_owner_comes_first_and_an_older_revision_changes_nothing(
        self, harness: ServiceHarness
    ) -> None:
        """R11."""

        def account(owner: str | None, revision: int) -> AccountChanged:
            return AccountChanged(occurred_at=START, domain="example.org", revision=revision, owner=owner)

        await harness.deliver(account("ae-2", 2), account("ae-1", 1))
        await harness.deliver(account("ae-3", 1))
        facts: dict[str, Any] = {"email_domain": "example.org", "email_kind": "corporate"}
        await harness.deliver(qualified("ada", **facts), qualified("bob"))
        first, second = await harness.emitted(LeadAssigned)
        assert (first.rep_id, first.team, first.reason) == ("ae-2", "ae", "account_owner")
        assert second.rep_id == "inbound-1"
        await harness.deliver(account(None, 3), qualified("cleo", **facts))
        colleague = (await harness.emitted(LeadAssigned))[-1]
        assert (colleague.rep_id, colleague.reason) == ("ae-2", "account_colleague")
        await assert_sound(harness)

    async def test_a_campaigns_brief_and_material_travel_with_the_lead(self, harness: ServiceHarness) -> None:
        """C14, R13: sales knows a campaign before its leads arrive."""

        def campaign(brief: str, revision: int) -> CampaignAnnounced:
            return CampaignAnnounced(
                occurred_at=START, campaign="fair", revision=revision, name="Fair", brief=brief, content=["map"]
            )

        await harness.deliver(campaign("Stand 7", 2), campaign("Stand 5", 1), qualified("ada", campaign="fair"))
        (assigned,) = await harness.emitted(LeadAssigned)
        assert (assigned.brief, assigned.suggested_content) == ("Stand 7", ["map"])


class TestWaiting:
    async def test_a_full_team_queues_and_serves_by_priority_grade_and_age(self, harness: ServiceHarness) -> None:
        """Trap: when capacity frees, the queue drains in order."""
        await only(harness)
        await harness.deliver(qualified("late-d", lead_type="fast_track", outcome="mql", fit="D"))
        await harness.advance(timedelta(minutes=1))
        await harness.deliver(
            qualified("second-b", fit="B"),
            qualified("first-a", fit="A"),
            qualified("poor", outcome="poor_fit", fit="D"),
        )
        await harness.advance(timedelta(minutes=1))
        await harness.deliver(
            qualified("young-b", fit="B"), qualified("fast-c", lead_type="fast_track", outcome="mql", fit="C")
        )
        queued = await harness.emitted(LeadQueued)
        assert sorted((lead.queue, lead.fit, lead.position) for lead in queued) == [
            ("fast-track", "C", 1), ("fast-track", "D", 1), ("hand-raisers", "A", 1), ("hand-raisers", "B", 1),
            ("hand-raisers", "B", 3), ("poor-fit", "D", 1),
        ]  # fmt: skip
        assert await harness.emitted(LeadAssigned) == []
        served = []
        for capacity in range(1, 7):
            await put(harness, "inbound-3", status="active", capacity={"open": capacity})
            await harness.advance(timedelta(0))
            served += [lead for lead in await harness.emitted(LeadAssigned) if lead not in served]
            assert len(served) == capacity
        assert [lead.contact_id for lead in served] == [
            contact(name) for name in ("first-a", "second-b", "young-b", "fast-c", "late-d", "poor")
        ]
        assert served[0].handed_over_at == START + timedelta(minutes=1)
        assert served[0].placement == 2
        await assert_sound(harness)

    async def test_an_ended_lead_frees_capacity_for_the_next_in_line(self, harness: ServiceHarness) -> None:
        await only(harness, "inbound-1", capacity={"open": 1})
        await harness.deliver(*(qualified(name) for name in ("ada", "bob", "cleo", "dan")))
        assert len(await harness.emitted(LeadQueued)) == 3
        await harness.deliver(worked(LeadWon, "ada"))
        await harness.advance(timedelta(0))
        await harness.deliver(recycled(await self._newest(harness)))
        await harness.advance(timedelta(0))
        assert len(await harness.emitted(LeadAssigned)) == 3
        await assert_sound(harness)

    @staticmethod
    async def _newest(harness: ServiceHarness) -> str:
        newest = (await harness.emitted(LeadAssigned))[-1].contact_id
        return next(name for name in ("ada", "bob", "cleo", "dan") if contact(name) == newest)

    async def test_who_has_had_enough_today_goes_on_tomorrow_without_anybody_saying_so(
        self, harness: ServiceHarness
    ) -> None:
        await only(harness, "inbound-1", capacity={"per_day": 2})
        await harness.deliver(*(qualified(f"lead-{number}") for number in range(5)))
        assert len(await harness.emitted(LeadAssigned)) == 2
        await harness.advance(timedelta(hours=14))
        assert len(await harness.emitted(LeadAssigned)) == 2
        await harness.advance(timedelta(hours=1))
        assert len(await harness.emitted(LeadAssigned)) == 4
        await harness.advance(timedelta(days=1))
        assigned = await harness.emitted(LeadAssigned)
        assert len(assigned) == 5
        assert assigned[-1].occurred_at == START.replace(day=4, hour=0)
        assert assigned[-1].handed_over_at == START
        await assert_sound(harness)

    async def test_who_comes_back_from_leave_is_given_what_waited(self, harness: ServiceHarness) -> None:
        await only(harness, "inbound-2", absences=[{"from": "2026-03-01", "to": "2026-03-05"}])
        await harness.deliver(qualified("ada"))
        (queued,) = await harness.emitted(LeadQueued)
        assert "absent until 2026-03-05" in [line.why for line in queued.tried]
        await harness.advance(timedelta(days=3))
        await counting.count_gauges_once(harness.service)
        names = {"team": str(queued.team), "queue": str(queued.queue)}
        assert REGISTRY.get_sample_value("baton_leads_waiting", names) == 1
        assert REGISTRY.get_sample_value("baton_leads_waiting_oldest_seconds", names) == 3 * 86_400
        assert REGISTRY.get_sample_value("baton_leads_waiting", {"team": "am", "queue": "customers"}) == 0
        assert await harness.emitted(LeadAssigned) == []
        await harness.advance(timedelta(days=1))
        (assigned,) = await harness.emitted(LeadAssigned)
        assert (assigned.rep_id, assigned.occurred_at) == ("inbound-2", START.replace(day=6, hour=0))

    async def test_a_lead_that_waits_is_never_forgotten_in_a_long_line(self, harness: ServiceHarness) -> None:
        """More wait than one transaction serves."""
        await only(harness)
        await harness.deliver(*(qualified(f"lead-{number}") for number in range(620)))
        await put(harness, "inbound-1", status="active")
        await harness.advance(timedelta(0))
        assert len(await harness.emitted(LeadAssigned)) == 620
        await assert_sound(harness)

    async def test_cooling_takes_a_lead_out_of_the_line_and_leaves_an_assigned_one(
        self, harness: ServiceHarness
    ) -> None:
        await harness.deliver(qualified("ada"))
        await only(harness)
        await harness.deliver(qualified("bob"), cooled("bob"), cooled("ada"))
        (released,) = await harness.emitted(LeadReleased)
        assert (released.contact_id, released.reason, released.placement) == (contact("bob"), "cooled", 2)
        await put(harness, "inbound-1", status="active")
        await harness.advance(timedelta(0))
        assert len(await harness.emitted(LeadAssigned)) == 1
        await assert_sound(harness)

    async def test_a_newcomer_does_not_overtake_and_is_served_right_after(self, harness: ServiceHarness) -> None:
        await only(harness)
        await harness.deliver(qualified("ada", fit="B"))
        await put(harness, "inbound-1", status="active")
        await harness.deliver(qualified("bob", fit="C"))
        assert (await harness.emitted(LeadQueued))[-1].reason == "others_wait"
        await harness.advance(timedelta(0))
        assert [lead.contact_id for lead in await harness.emitted(LeadAssigned)] == [contact("ada"), contact("bob")]

    async def test_a_waiting_lead_that_raises_a_hand_moves_to_the_better_line(self, harness: ServiceHarness) -> None:
        await only(harness)
        await harness.deliver(qualified("ada", lead_type="fast_track", outcome="mql"), upgraded("ada"))
        assert [lead.queue for lead in await harness.emitted(LeadQueued)] == ["fast-track", "hand-raisers"]
        await assert_sound(harness)


class TestNews:
    async def test_a_returned_lead_is_released_and_its_next_cycle_is_another_lead(
        self, harness: ServiceHarness
    ) -> None:
        """R8, F7."""
        await harness.deliver(qualified("ada"), recycled("ada"), recycled("ada"), qualified("ada", cycle=2))
        (released,) = await harness.emitted(LeadReleased)
        assert (released.rep_id, released.team, released.reason) == ("inbound-1", "inbound", "not_ready")
        assert [assigned.cycle for assigned in await harness.emitted(LeadAssigned)] == [1, 2]
        await assert_sound(harness)

    async def test_lost_then_recycled_frees_the_rep_once(self, harness: ServiceHarness) -> None:
        await harness.deliver(qualified("ada"), worked(LeadLost, "ada", reason="competitor"), recycled("ada"))
        assert len(await harness.emitted(LeadReleased)) == 1
        reps = (await harness.http.get("/v1/reps")).json()["items"]
        assert sum(rep["open"] for rep in reps) == 0
        await assert_sound(harness)

    async def test_an_end_before_the_beginning_leaves_nothing_to_assign(self, harness: ServiceHarness) -> None:
        await harness.deliver(worked(LeadWon, "ada"), recycled("bob"), qualified("ada"), qualified("bob"))
        assert await harness.emitted(LeadAssigned) == []
        assert [row["reason"] for row in await decisions(harness, "ada")] == ["ended_before_qualified"]
        await assert_sound(harness)

    async def test_a_missed_acceptance_brings_the_next_rep_and_a_stale_one_nothing(
        self, harness: ServiceHarness
    ) -> None:
        """L9: flagged by sla-monitor, carried out by routing alone."""
        await harness.deliver(qualified("ada"), escalated("ada", rep_id="inbound-1"))
        await harness.deliver(escalated("ada", rep_id="inbound-1", step=2))
        first, second = await harness.emitted(LeadAssigned)
        assert (second.rep_id, second.previous_rep_id, second.placement) == ("inbound-2", "inbound-1", 2)
        assert second.handed_over_at == first.handed_over_at
        assert second.timeline == first.timeline
        await assert_sound(harness)

    async def test_where_nobody_else_can_take_it_the_rep_keeps_it_and_it_is_escalated(
        self, harness: ServiceHarness
    ) -> None:
        await use(harness, queues=NOBODY_FOLLOWS)
        await only(harness, "inbound-1")
        await harness.deliver(
            qualified("ada"), escalated("ada", rep_id="inbound-1"), escalated("ada", "manager", step=2)
        )
        assert len(await harness.emitted(LeadAssigned)) == 1
        assert [(row["kind"], row["reason"]) for row in await decisions(harness, "ada")] == [
            ("assigned", "rotation"),
            ("escalated", "acceptance_missed_but_nobody_else"),
            ("escalated", "acceptance_missed"),
        ]
        await assert_sound(harness)

    async def test_what_was_accepted_meanwhile_stays(self, harness: ServiceHarness) -> None:
        await harness.deliver(qualified("ada"), worked(LeadAccepted, "ada"), escalated("ada", rep_id="inbound-1"))
        assert len(await harness.emitted(LeadAssigned)) == 1

    async def test_a_rejection_to_be_routed_again_goes_to_another_rep(self, harness: ServiceHarness) -> None:
        again = worked(LeadRejected, "ada", reason="wrong_territory", state="mql")
        touched = worked(LeadTouched, "bob", kind="call", outcome="no_answer")
        await harness.deliver(
            qualified("ada"), qualified("bob"), again, touched, worked(LeadWon, "bob", by="inbound-2")
        )
        assert [assigned.rep_id for assigned in await harness.emitted(LeadAssigned)] == [
            "inbound-1",
            "inbound-2",
            "development-1",
        ]
        await assert_sound(harness)

    async def test_news_about_nobodys_lead_is_no_lead(self, harness: ServiceHarness) -> None:
        given = FeedbackGiven(occurred_at=START, feedback_id=derive_id("f"), about="topic", by="inbound-1")
        await harness.deliver(worked(LeadAccepted, "ada"), given, escalated("ada", "manager"), cooled("ada"))
        assert (await harness.http.get(f"/v1/leads/{derive_lead_id(contact('ada'), 1)}/decisions")).status_code == 404
        await assert_sound(harness)

    async def test_an_erased_contact_is_forgotten_and_what_is_still_on_its_way_is_dropped(
        self, harness: ServiceHarness
    ) -> None:
        await only(harness, "inbound-1", capacity={"open": 1})
        await harness.deliver(qualified("ada"), qualified("bob"))
        erased = ContactErased(contact_id=contact("ada"), occurred_at=START, erasure_id=derive_id("erasure"))
        nobody = ContactErased(contact_id=contact("zoe"), occurred_at=START, erasure_id=derive_id("other"))
        await harness.deliver(erased, nobody)
        first, second = await harness.emitted(ErasureReceipt)
        assert (first.service, first.rows > 2, second.rows) == ("routing", True, 0)
        await harness.deliver(qualified("ada"), worked(LeadWon, "ada"), recycled("ada"), escalated("ada", "manager"))
        await harness.advance(timedelta(0))
        left = await harness.raw.fetch("select contact_id from leads union select contact_id from decisions")
        assert [row["contact_id"] for row in left] == [contact("bob")]
        assert (await harness.emitted(LeadAssigned))[-1].contact_id == contact("bob")
        await assert_sound(harness)


class TestAudit:
    @pytest.mark.parametrize(
        ("damage", "rule"),
        [
            ("update seats set open = open + 1", "open leads of a rep are miscounted"),
            ("delete from seats", "open leads of a rep are miscounted"),
            ("delete from decisions", "a decision about a lead is missing"),
            ("update leads set handed_over_at = null", "a lead with sales has no hand-over"),
            ("update leads set state = 'unplaced'", "a lead is neither placed nor ended"),
            ("delete from timers", "leads wait and nothing will look after them"),
        ],
    )
    async def test_whatever_lost_its_place_or_count_is_found(
        self, harness: ServiceHarness, damage: str, rule: str
    ) -> None:
        """L8, I5: ownerless leads are detected."""
        await only(harness, "inbound-1", capacity={"open": 1})
        await harness.deliver(qualified("ada"), qualified("bob"))
        await assert_sound(harness)
        async with harness.transaction() as tx:
            await tx.execute(text(damage))
            assert rule in [row.as_dict()["rule"] for row in await harness.service._audit(tx)]
