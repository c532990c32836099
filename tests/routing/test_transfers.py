"""BDR first, then AE: a booked meeting hands over, one that falls through comes back (R5, R6, R7)."""

from datetime import timedelta
from typing import Any

import pytest

from events.leads import LeadAccepted, LeadAssigned, LeadRejected, LeadReleased, MeetingChanged
from events.runtime.testing import START, ServiceHarness
from routing.domain import (
    DecisionRecord,
    Lead,
    RoutingContext,
    apply_work,
    assign_after_long_wait,
    close_lead,
    hand_to_next_team,
    may_reassign,
    next_team_after_booking,
    pass_lead_on,
    place_lead,
    redistribute_lead,
    release_lead,
)
from routing.playbook import RoutingPlaybook
from tests.routing.builders import (
    DEFAULT,
    MONDAY,
    TWO_REPS,
    context,
    event_of,
    fresh,
    playbook,
    qualified,
    rep,
    upgraded,
    use,
    worked,
)
from tests.routing.test_service import assert_sound, decisions, put

LATER = MONDAY + timedelta(hours=1)
HANDS_OVER: dict[str, Any] = {
    **DEFAULT["teams"],
    "inbound": {**DEFAULT["teams"]["inbound"], "hands_over_to": "ae", "manager": "boss"},
}
RULES = playbook(teams=HANDS_OVER, reps={})


def context_with_reps(*more: Any, rules: RoutingPlaybook = RULES) -> RoutingContext:
    return context(*TWO_REPS, *more, rules=rules)


def meeting(outcome: str, **fields: Any) -> MeetingChanged:
    at = fields.pop("at", LATER)
    found: MeetingChanged = worked(MeetingChanged, "ada", at=at, outcome=outcome, starts_at=LATER, **fields)
    return found


def with_bdr(on: RoutingContext) -> tuple[Lead, RoutingContext]:
    decision = place_lead(fresh(qualified()), qualified(), on, MONDAY)
    return decision.lead, decision.context


class TestBooking:
    def test_a_booked_meeting_hands_the_lead_to_the_next_ae_and_the_bdr_stays_on_record(self) -> None:
        lead, on = with_bdr(context_with_reps(rep("ae-1", team="ae", role="ae")))
        handed = apply_work(lead, meeting("booked"), on, LATER)
        event = event_of(handed, LeadAssigned)
        assert (event.rep_id, event.role, event.team, event.reason) == ("ae-1", "ae", "ae", "meeting_booked")
        assert (event.previous_rep_id, event.origin_rep_id) == ("inbound-1", "inbound-1")
        assert event.handed_over_at == MONDAY
        assert not handed.lead.worked

    def test_the_meeting_decides_who_it_is_where_it_says(self) -> None:
        aes = [rep(f"ae-{number}", team="ae", role="ae") for number in (1, 2)]
        lead, on = with_bdr(context_with_reps(*aes))
        assert apply_work(lead, meeting("booked", with_rep="ae-2"), on, LATER).lead.rep_id == "ae-2"
        lead, on = with_bdr(context_with_reps(aes[0], rep("ae-2", team="ae", status="paused")))
        assert apply_work(lead, meeting("booked", with_rep="ae-2"), on, LATER).lead.rep_id == "ae-1"
        assert apply_work(lead, meeting("booked", with_rep="inbound-2"), on, LATER).lead.rep_id == "ae-1"

    def test_where_no_ae_can_the_bdr_keeps_it_on_record(self) -> None:
        lead, on = with_bdr(context_with_reps())
        kept = apply_work(lead, meeting("booked"), on, LATER)
        assert (kept.lead.rep_id, kept.lead.worked, kept.event) == ("inbound-1", True, None)
        assert kept.record is not None
        assert kept.record.reason == "meeting_booked_but_nobody_there"

    def test_a_full_cycle_rep_keeps_their_meetings(self) -> None:
        lead, on = with_bdr(context(*TWO_REPS))
        assert apply_work(lead, meeting("booked"), on, LATER).lead == lead._replace(worked=True, meeting_at=LATER)
        assert not may_reassign(meeting("booked"), on.playbook)
        assert may_reassign(meeting("booked"), RULES)
        assert next_team_after_booking(lead._replace(team="gone"), RULES) is None

    def test_a_late_event_about_a_meeting_before_this_rep_s_time_changes_nothing(self) -> None:
        lead, on = with_bdr(context_with_reps(rep("ae-1", team="ae")))
        assert apply_work(lead, meeting("booked", at=MONDAY - timedelta(hours=1)), on, LATER).lead == lead

    def test_one_that_was_handed_over_stays_there_when_it_grows_stronger(self) -> None:
        lead, on = with_bdr(context_with_reps(rep("ae-1", team="ae")))
        handed = apply_work(lead, meeting("booked"), on, LATER)
        assert place_lead(handed.lead, upgraded(), handed.context, LATER).lead.rep_id == "ae-1"


class TestFallingThrough:
    def handed(self, *bdrs: Any) -> tuple[Lead, RoutingContext]:
        lead, on = with_bdr(context_with_reps(rep("ae-1", team="ae")))
        handed = apply_work(lead, meeting("booked"), on, LATER)
        if not bdrs:
            return handed.lead, handed.context
        return handed.lead, context(*bdrs, rep("ae-1", team="ae"), rules=RULES)

    @pytest.mark.parametrize("outcome", ["no_show", "cancelled"])
    def test_a_meeting_that_did_not_happen_brings_it_back_to_that_bdr(self, outcome: str) -> None:
        lead, on = self.handed()
        back = apply_work(lead, meeting(outcome, at=LATER + timedelta(hours=1)), on, LATER)
        event = event_of(back, LeadAssigned)
        assert (event.rep_id, event.reason, event.origin_rep_id) == ("inbound-1", f"meeting_{outcome}", None)
        assert back.context.pools["inbound"].level == on.pools["inbound"].level

    def test_a_meeting_that_was_called_off_does_not_go_back_with_it(self) -> None:
        """The BDR's calendar showed it, and held their slot, though nobody comes."""
        lead, on = self.handed()
        ahead = lead._replace(meeting_at=LATER + timedelta(days=2))
        back = apply_work(ahead, meeting("cancelled", at=LATER + timedelta(hours=1)), on, LATER + timedelta(hours=1))
        assert event_of(back, LeadAssigned).meeting_at is None
        assert back.lead.meeting_at is None

    def test_an_ae_s_return_goes_back_to_that_bdr_too(self) -> None:
        lead, on = self.handed()
        news = worked(LeadRejected, "ada", at=LATER, reason="wrong_territory", state="mql", by="ae-1")
        back = apply_work(lead, news, on, LATER)
        assert event_of(back, LeadAssigned).rep_id == "inbound-1"
        assert back.record is not None
        assert (back.record.by, back.record.note) == ("ae-1", "wrong_territory")

    def test_who_is_away_is_stood_in_for_by_the_next_of_their_team(self) -> None:
        lead, on = self.handed(rep("inbound-1", status="paused"), rep("inbound-2"))
        back = apply_work(lead, meeting("no_show", at=LATER), on, LATER)
        assert event_of(back, LeadAssigned).rep_id == "inbound-2"
        assert event_of(back, LeadAssigned).tried[1].why == "booked the meeting; paused"

    def test_where_none_of_them_can_it_stays_with_the_ae(self) -> None:
        lead, on = self.handed(rep("inbound-1", status="paused"))
        kept = apply_work(lead, meeting("no_show", at=LATER), on, LATER)
        assert (kept.lead.rep_id, kept.event) == ("ae-1", None)

    def test_a_meeting_that_was_held_is_work(self) -> None:
        lead, on = self.handed()
        assert apply_work(lead, meeting("held", at=LATER), on, LATER).lead.worked


class TestLeaving:
    def test_a_leaver_s_lead_goes_on_or_waits(self) -> None:
        lead, on = with_bdr(context_with_reps())
        assert event_of(redistribute_lead(lead, on, LATER), LeadAssigned).previous_rep_id == "inbound-1"
        alone = redistribute_lead(lead, context(rep("inbound-1", status="left"), rules=RULES), LATER)
        assert (alone.lead.state, alone.lead.rep_id) == ("queued", None)
        assert alone.record is not None
        assert alone.record.previous_rep_id == "inbound-1"

    def test_what_no_longer_waits_does_not_expire_and_without_a_manager_it_is_raised(self) -> None:
        lead, on = with_bdr(context_with_reps())
        assert assign_after_long_wait(lead, on, LATER).lead is lead
        queued = lead._replace(state="queued", rep_id=None)
        for rules in (RULES, playbook(teams={**HANDS_OVER, "inbound": {"role": "bdr"}}, reps={})):
            raised = assign_after_long_wait(queued, context(rules=rules), LATER)
            assert raised.record == DecisionRecord(
                "escalated", LATER, "waited_too_long", number=2, placement=1, team="inbound", queue="hand-raisers"
            )
        gone = assign_after_long_wait(queued._replace(team="gone"), on, LATER)
        assert (gone.lead.state, gone.record and gone.record.kind) == ("queued", "escalated")

    def test_junk_gives_a_turn_back_only_where_it_cost_one_and_the_rotation_is_at_hand(self) -> None:
        lead, on = with_bdr(context_with_reps())
        assert release_lead(lead, on, LATER, reason="spam").context.pools["inbound"].level == 0
        assert release_lead(lead._replace(in_turn=False), on, LATER, reason="spam").context is on
        assert release_lead(lead, on, LATER, reason="not_ready").context is on
        closed = lead._replace(rep_id="somebody")
        assert release_lead(closed, on, LATER, reason="spam").context is on
        assert close_lead(lead, LATER).ended_at == LATER


class TestFairnessSettings:
    def test_a_claim_or_a_hand_costs_a_turn_where_the_playbook_says_so(self) -> None:
        counting = playbook(teams=HANDS_OVER, reps={}, fairness={"owners_count": True, "manual_counts": True})
        facts = qualified(email_domain="example.org", email_kind="corporate")
        on = context(*TWO_REPS, rules=counting, owners={"example.org": "inbound-2"})
        owned = place_lead(fresh(facts), facts, on, MONDAY)
        assert (owned.lead.rep_id, owned.lead.in_turn) == ("inbound-2", True)
        assert owned.context.pools["inbound"].level == 0.5
        free = context(*TWO_REPS, rules=RULES, owners={"example.org": "inbound-2"})
        assert place_lead(fresh(facts), facts, free, MONDAY).context.pools["inbound"].level == 0

    def test_who_is_not_of_the_team_that_is_asked_has_no_claim_there(self) -> None:
        facts = qualified(email_domain="example.org", email_kind="corporate")
        on = context(*TWO_REPS, rep("ae-1", team="ae"), rules=RULES, owners={"example.org": "inbound-2"})
        lead = place_lead(fresh(facts), facts, on, MONDAY).lead
        handed = hand_to_next_team(lead._replace(rep_id="inbound-1", had_by=()), "ae", None, on, LATER)
        assert "inbound-2: not in ae" in [line.why for line in event_of(handed, LeadAssigned).tried]
        assert pass_lead_on(lead, on, LATER, reason="passed_on").lead.rep_id == "inbound-1"


class TestOnTheRealThing:
    async def test_from_bdr_to_ae_and_back(self, harness: ServiceHarness) -> None:
        await use(harness, teams=HANDS_OVER)
        await harness.deliver(qualified("ada"), meeting("booked"))
        await harness.advance(timedelta(hours=2))
        await harness.deliver(worked(LeadAccepted, "ada", by="ae-1", at=LATER + timedelta(minutes=5)))
        await harness.deliver(meeting("no_show", at=START + timedelta(hours=2)))
        assert [(row.rep_id, row.origin_rep_id) for row in await harness.emitted(LeadAssigned)] == [
            ("inbound-1", None), ("ae-1", "inbound-1"), ("inbound-1", None),
        ]  # fmt: skip
        await assert_sound(harness)

    async def test_nobody_there_now_is_tried_again_when_somebody_is(self, harness: ServiceHarness) -> None:
        await use(harness, teams=HANDS_OVER)
        for ae in ("ae-1", "ae-2", "ae-3"):
            await put(harness, ae, absences=[{"from": "2026-03-02T00:00:00Z", "to": "2026-03-02T15:00:00Z"}])
        await harness.deliver(qualified("ada"), meeting("booked"))
        await harness.advance(timedelta(hours=5))
        assert len(await harness.emitted(LeadAssigned)) == 1
        await harness.advance(timedelta(hours=1))
        assert (await harness.emitted(LeadAssigned))[-1].rep_id == "ae-1"
        found = await decisions(harness, "ada")
        assert [row["kind"] for row in found] == ["assigned", "kept", "assigned"]
        assert [row.get("replays_to") for row in found] == ["inbound-1", None, "ae-1"]
        await assert_sound(harness)


class TestBasis:
    @pytest.mark.parametrize(
        ("facts", "required", "state"),
        [
            ({"lead_type": "content", "consents": {"sales": False}}, False, "released"),
            ({"lead_type": "content", "consents": {"newsletter": False}}, False, "assigned"),
            ({"lead_type": "content", "consents": {}}, True, "released"),
            ({"lead_type": "content", "consents": {"sales": True}}, True, "assigned"),
            ({"lead_type": "hand_raiser", "consents": {"sales": False}}, True, "assigned"),
            ({"lead_type": "content", "preference": "call_me", "consents": {"sales": False}}, True, "assigned"),
        ],
    )
    def test_nobody_gets_a_lead_without_a_request_or_a_basis(
        self, facts: dict[str, Any], required: bool, state: str
    ) -> None:
        """D14: hand-over is gated on a request or an agreed threshold, and on consent."""
        rules = playbook(reps={}, basis={"required": required})
        facts_of_lead = qualified(outcome="mql", **facts)
        on = context(*TWO_REPS, rep("dev", team="development"), rules=rules)
        decision = place_lead(fresh(facts_of_lead), facts_of_lead, on, MONDAY)
        assert decision.lead.state == state
        if state == "released":
            assert event_of(decision, LeadReleased).reason == "no_basis"

    def test_a_lead_that_is_turned_away_from_its_queue_names_its_team(self) -> None:
        """What is stored and what is published agree, so that nobody shows another team than routing."""
        before = qualified(outcome="mql", lead_type="content")
        waiting = fresh(before)._replace(state="queued", team="inbound", queue="content", placement=1)
        stronger = upgraded(outcome="mql", lead_type="webinar", consents={"sales": False})
        decision = place_lead(waiting, stronger, context(*TWO_REPS, rules=playbook(reps={})), MONDAY)
        assert event_of(decision, LeadReleased).team == decision.lead.team == "inbound"

    async def test_it_goes_back_to_marketing_and_is_sound(self, harness: ServiceHarness) -> None:
        await harness.deliver(qualified("ada", lead_type="content", outcome="mql", consents={"sales": False}))
        assert [row.reason for row in await harness.emitted(LeadReleased)] == ["no_basis"]
        assert await harness.emitted(LeadAssigned) == []
        await assert_sound(harness)
