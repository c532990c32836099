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
    cool,
    escalate,
    hear,
    pass_on,
    place,
    release,
)
from tests.routing.office import (
    MONDAY,
    TWO,
    escalated,
    floor,
    fresh,
    placed,
    qualified,
    rep,
    said,
    upgraded,
    worked,
)


class TestNews:
    def test_won_and_lost_close_a_lead_wherever_it_is(self) -> None:
        ends: list[tuple[type, dict[str, Any]]] = [(LeadWon, {}), (LeadLost, {"reason": "competitor"})]
        for kind, fields in ends:
            for lead in (placed().lead, fresh(qualified())):
                assert hear(lead, worked(kind, "ada", **fields), floor(), MONDAY).lead.state == "closed"

    def test_a_released_lead_is_not_closed_again(self) -> None:
        released = release(placed().lead, floor(), MONDAY, reason="not_ready").lead
        assert hear(released, worked(LeadWon, "ada"), floor(), MONDAY).lead is released

    def test_an_end_before_the_beginning_is_remembered(self) -> None:
        """Nothing orders between topics: a win may overtake the qualification."""
        facts = qualified()
        unknown = Lead(facts.lead_id, facts.contact_id, 1)
        for ended in (
            hear(unknown, worked(LeadWon, "ada"), floor(), MONDAY).lead,
            release(unknown, floor(), MONDAY, reason="cooled").lead,
        ):
            late = place(ended, facts, floor(*TWO), MONDAY)
            assert late.event is None
            assert late.record is not None
            assert late.record.reason == "ended_before_qualified"
            assert place(late.lead, upgraded(), floor(*TWO), MONDAY).record is None

    def test_a_returned_lead_is_released_once_and_marketing_may_speak_again(self) -> None:
        """R8: suppression is lifted on recycle."""
        decision = placed()
        released = release(decision.lead, decision.floor, MONDAY, reason="not_ready")
        event = said(released, LeadReleased)
        assert (event.rep_id, event.placement, event.reason) == ("inbound-1", 2, "not_ready")
        assert not event.suppress.email
        assert not event.suppress.calls
        assert release(released.lead, released.floor, MONDAY, reason="not_ready").event is None

    def test_a_lost_lead_is_released_when_feedback_says_where_it_goes(self) -> None:
        lost = hear(placed().lead, worked(LeadLost, "ada", reason="competitor"), floor(), MONDAY).lead
        assert said(release(lost, floor(), MONDAY, reason="competitor"), LeadReleased).rep_id == "inbound-1"

    def test_cooling_takes_back_unassigned_leads_only(self) -> None:
        assigned = placed()
        assert cool(assigned.lead, assigned.floor, MONDAY).event is None
        waiting = placed(on=floor(rep("inbound-1", status="paused")))
        cooled = cool(waiting.lead, waiting.floor, MONDAY)
        assert said(cooled, LeadReleased).reason == "cooled"
        assert cooled.floor.waiting["inbound"][("hand-raisers", "A")] == 0

    def test_only_people_work_a_lead_and_only_since_it_is_theirs(self) -> None:
        """C15: a machine's touch is no work."""
        lead = placed().lead

        def touch(**fields: Any) -> Any:
            return worked(LeadTouched, "ada", **{"kind": "call", "outcome": "no_answer", **fields})

        assert not hear(lead, touch(automated=True), floor(), MONDAY).lead.worked
        assert not hear(lead, touch(at=MONDAY - timedelta(hours=1)), floor(), MONDAY).lead.worked
        assert hear(lead, touch(), floor(), MONDAY).lead.worked

    def test_a_rejection_that_says_route_again_gives_it_to_another(self) -> None:
        decision = placed()
        again = worked(LeadRejected, "ada", reason="wrong_territory", state="mql")
        other = hear(decision.lead, again, decision.floor, MONDAY)
        assert said(other, LeadAssigned).rep_id == "inbound-2"
        assert other.record is not None
        assert other.record.note == "wrong_territory"
        final = worked(LeadRejected, "ada", reason="not_ready", state="recycled")
        assert hear(decision.lead, final, decision.floor, MONDAY).event is None

    def test_a_rejection_told_after_the_lead_moved_on_says_nothing_about_the_next_rep(self) -> None:
        decision = placed()
        later = pass_on(decision.lead, decision.floor, MONDAY + timedelta(hours=1), reason="passed_on")
        told_late = worked(LeadRejected, "ada", reason="wrong_territory", state="mql")
        assert hear(later.lead, told_late, later.floor, MONDAY + timedelta(hours=2)).event is None

    @settings(deadline=None)
    @given(st.lists(st.sampled_from(["qualified", "won", "recycled", "touched", "rejected"]), max_size=9))
    def test_in_any_order_and_however_often_the_news_comes_the_lead_ends_where_it_must(self, order: list[str]) -> None:
        """Nothing orders between topics, and everything may come twice."""
        facts, on = qualified(), floor(*TWO)
        lead = Lead(facts.lead_id, facts.contact_id, 1)
        news = {
            "won": worked(LeadWon, "ada"),
            "touched": worked(LeadTouched, "ada", kind="call", outcome="welcomed"),
            "rejected": worked(LeadRejected, "ada", reason="wrong_territory", state="mql"),
        }
        events = []
        for name in order:
            if name == "qualified":
                decision = place(lead, facts, on, MONDAY)
            elif name == "recycled":
                decision = release(lead, on, MONDAY, reason="not_ready")
            else:
                decision = hear(lead, news[name], on, MONDAY)
            lead, on = decision.lead, decision.floor
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
        other = escalate(decision.lead, escalated("ada", rep_id="inbound-1"), decision.floor, MONDAY)
        event = said(other, LeadAssigned)
        assert (event.rep_id, event.reason) == ("inbound-2", "acceptance_missed")

    def test_the_clock_of_a_rep_who_no_longer_has_the_lead_asks_nothing(self) -> None:
        decision = placed()
        assert escalate(decision.lead, escalated("ada", rep_id="inbound-9"), decision.floor, MONDAY).record is None

    def test_a_lead_that_was_worked_meanwhile_stays(self) -> None:
        """What people did wins over what timers assumed."""
        decision = placed()
        lead = hear(decision.lead, worked(LeadAccepted, "ada"), decision.floor, MONDAY).lead
        kept = escalate(lead, escalated("ada", rep_id="inbound-1"), decision.floor, MONDAY)
        assert kept.event is None
        assert kept.record is not None
        assert kept.record.reason == "acceptance_missed_but_worked"

    def test_a_word_to_the_manager_is_kept(self) -> None:
        told = escalate(placed().lead, escalated("ada", "manager", clock="first_touch"), floor(), MONDAY)
        assert told.event is None
        assert told.record is not None
        assert (told.record.kind, told.record.reason) == ("escalated", "first_touch_missed")

    @pytest.mark.parametrize("action", ["rep", "recycle", "manager", "reassign"])
    def test_what_others_carry_out_and_what_is_over_asks_nothing_of_routing(self, action: str) -> None:
        over = hear(placed().lead, worked(LeadWon, "ada"), floor(), MONDAY).lead
        assert escalate(over, escalated("ada", action), floor(), MONDAY).record is None
