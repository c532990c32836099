"""What the other services' news does to a lead, in any order."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.leads import (
    LeadAccepted,
    LeadAssigned,
    LeadLost,
    LeadRejected,
    LeadReleased,
    LeadTouched,
    LeadWon,
)
from routing.domain import (
    Lead,
    apply_cooling,
    apply_escalation,
    apply_work,
    pass_lead_on,
    place_lead,
    release_lead,
)
from tests.routing.builders import (
    MONDAY,
    TWO_REPS,
    context,
    escalated,
    event_of,
    fresh,
    placed,
    qualified,
    rep,
    upgraded,
    worked,
)


class TestNews:
    def test_won_and_lost_close_a_lead_wherever_it_is(self) -> None:
        ends: list[tuple[type, dict[str, Any]]] = [(LeadWon, {}), (LeadLost, {"reason": "competitor"})]
        for kind, fields in ends:
            for lead in (placed().lead, fresh(qualified())):
                assert apply_work(lead, worked(kind, "ada", **fields), context(), MONDAY).lead.state == "closed"

    def test_a_released_lead_is_not_closed_again(self) -> None:
        released = release_lead(placed().lead, context(), MONDAY, reason="not_ready").lead
        assert apply_work(released, worked(LeadWon, "ada"), context(), MONDAY).lead is released

    def test_an_end_before_the_beginning_is_remembered(self) -> None:
        """Nothing orders between topics: a win may overtake the qualification."""
        facts = qualified()
        unknown = Lead(facts.lead_id, facts.contact_id, 1)
        for ended in (
            apply_work(unknown, worked(LeadWon, "ada"), context(), MONDAY).lead,
            release_lead(unknown, context(), MONDAY, reason="cooled").lead,
        ):
            late = place_lead(ended, facts, context(*TWO_REPS), MONDAY)
            assert late.event is None
            assert late.record is not None
            assert late.record.reason == "ended_before_qualified"
            assert place_lead(late.lead, upgraded(), context(*TWO_REPS), MONDAY).record is None

    def test_a_returned_lead_is_released_once_and_marketing_may_speak_again(self) -> None:
        """R8: suppression is lifted on recycle."""
        decision = placed()
        released = release_lead(decision.lead, decision.context, MONDAY, reason="not_ready")
        event = event_of(released, LeadReleased)
        assert (event.rep_id, event.placement, event.reason) == ("inbound-1", 2, "not_ready")
        assert not event.suppress.email
        assert not event.suppress.calls
        assert release_lead(released.lead, released.context, MONDAY, reason="not_ready").event is None

    def test_a_lost_lead_is_released_when_feedback_says_where_it_goes(self) -> None:
        lost = apply_work(placed().lead, worked(LeadLost, "ada", reason="competitor"), context(), MONDAY).lead
        assert event_of(release_lead(lost, context(), MONDAY, reason="competitor"), LeadReleased).rep_id == "inbound-1"

    def test_cooling_takes_back_unassigned_leads_only(self) -> None:
        assigned = placed()
        assert apply_cooling(assigned.lead, assigned.context, MONDAY).event is None
        waiting = placed(on=context(rep("inbound-1", status="paused")))
        cooled = apply_cooling(waiting.lead, waiting.context, MONDAY)
        assert event_of(cooled, LeadReleased).reason == "cooled"
        assert cooled.context.waiting["inbound"][("hand-raisers", "A")] == 0

    def test_only_people_work_a_lead_and_only_since_it_is_theirs(self) -> None:
        """C15: a machine's touch is no work."""
        lead = placed().lead

        def touch(**fields: Any) -> Any:
            return worked(LeadTouched, "ada", **{"kind": "call", "outcome": "no_answer", **fields})

        assert not apply_work(lead, touch(automated=True), context(), MONDAY).lead.worked
        assert not apply_work(lead, touch(at=MONDAY - timedelta(hours=1)), context(), MONDAY).lead.worked
        assert apply_work(lead, touch(), context(), MONDAY).lead.worked

    def test_a_rejection_that_asks_for_rerouting_never_comes_back_to_the_same_queue(self) -> None:
        decision = placed()
        again = worked(LeadRejected, "ada", reason="wrong_territory", state="mql")
        other = apply_work(decision.lead, again, decision.context, MONDAY)
        assert (other.event, other.lead.rep_id) == (None, "inbound-1")
        assert other.record is not None
        assert (other.record.kind, other.record.note) == ("escalated", "wrong_territory")
        final = worked(LeadRejected, "ada", reason="not_ready", state="recycled")
        assert apply_work(decision.lead, final, decision.context, MONDAY).event is None

    def test_a_rejection_that_arrives_after_the_lead_moved_on_does_not_concern_the_next_rep(self) -> None:
        decision = placed()
        later = pass_lead_on(decision.lead, decision.context, MONDAY + timedelta(hours=1), reason="passed_on")
        superseded = worked(LeadRejected, "ada", reason="wrong_territory", state="mql")
        assert apply_work(later.lead, superseded, later.context, MONDAY + timedelta(hours=2)).event is None

    @settings(deadline=None)
    @given(st.lists(st.sampled_from(["qualified", "won", "recycled", "touched", "rejected"]), max_size=9))
    def test_in_any_order_and_however_often_the_news_comes_the_lead_ends_where_it_must(self, order: list[str]) -> None:
        """Nothing orders between topics, and everything may come twice."""
        facts, on = qualified(), context(*TWO_REPS)
        lead = Lead(facts.lead_id, facts.contact_id, 1)
        news = {
            "won": worked(LeadWon, "ada"),
            "touched": worked(LeadTouched, "ada", kind="call", outcome="welcomed"),
            "rejected": worked(LeadRejected, "ada", reason="wrong_territory", state="mql"),
        }
        events = []
        for name in order:
            if name == "qualified":
                decision = place_lead(lead, facts, on, MONDAY)
            elif name == "recycled":
                decision = release_lead(lead, on, MONDAY, reason="not_ready")
            else:
                decision = apply_work(lead, news[name], on, MONDAY)
            lead, on = decision.lead, decision.context
            events += [decision.event] if decision.event else []
        expected = (
            "released" if "recycled" in order
            else "closed" if "won" in order
            else "assigned" if "qualified" in order
            else "unplaced"
        )  # fmt: skip
        assert lead.state == expected
        assert [event.placement for event in events] == list(range(1, len(events) + 1))
        assert sum(isinstance(event, LeadReleased) for event in events) <= 1


class TestEscalations:
    def test_a_missed_acceptance_brings_another_rep(self) -> None:
        """L9: routing alone reassigns."""
        decision = placed()
        other = apply_escalation(decision.lead, escalated("ada", rep_id="inbound-1"), decision.context, MONDAY)
        event = event_of(other, LeadAssigned)
        assert (event.rep_id, event.reason) == ("inbound-2", "acceptance_missed")

    def test_the_clock_of_a_rep_who_no_longer_has_the_lead_asks_nothing(self) -> None:
        decision = placed()
        assert (
            apply_escalation(decision.lead, escalated("ada", rep_id="inbound-9"), decision.context, MONDAY).record
            is None
        )

    def test_a_lead_that_was_worked_meanwhile_stays(self) -> None:
        """What people did wins over what timers assumed."""
        decision = placed()
        lead = apply_work(decision.lead, worked(LeadAccepted, "ada"), decision.context, MONDAY).lead
        kept = apply_escalation(lead, escalated("ada", rep_id="inbound-1"), decision.context, MONDAY)
        assert kept.event is None
        assert kept.record is not None
        assert kept.record.reason == "acceptance_missed_but_accepted"
        call = worked(LeadTouched, "ada", kind="call", outcome="no_answer")
        touched = apply_work(lead, call, decision.context, MONDAY).lead
        stays = apply_escalation(
            touched, escalated("ada", rep_id="inbound-1", clock="first_touch"), decision.context, MONDAY
        )
        assert stays.record is not None
        assert stays.record.reason == "first_touch_missed_but_worked"

    def test_an_acceptance_alone_is_no_work(self) -> None:
        decision = placed()
        lead = apply_work(decision.lead, worked(LeadAccepted, "ada"), decision.context, MONDAY).lead
        late = escalated("ada", rep_id="inbound-1", clock="first_touch")
        assert event_of(apply_escalation(lead, late, decision.context, MONDAY), LeadAssigned).rep_id == "inbound-2"

    def test_an_escalation_to_the_manager_is_recorded(self) -> None:
        decision = apply_escalation(placed().lead, escalated("ada", "manager", clock="first_touch"), context(), MONDAY)
        assert decision.event is None
        assert decision.record is not None
        assert (decision.record.kind, decision.record.reason) == ("escalated", "first_touch_missed")

    @pytest.mark.parametrize("action", ["rep", "recycle", "manager", "reassign"])
    def test_what_others_carry_out_and_what_is_over_asks_nothing_of_routing(self, action: str) -> None:
        over = apply_work(placed().lead, worked(LeadWon, "ada"), context(), MONDAY).lead
        assert apply_escalation(over, escalated("ada", action), context(), MONDAY).record is None
