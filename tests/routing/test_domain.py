"""Who gets a lead, who waits, who keeps it: routing's decisions, without anything around them."""

from datetime import timedelta
from typing import Any, ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.leads import (
    LeadAssigned,
    LeadQueued,
    LeadTouched,
)
from routing.domain import (
    Campaign,
    Lead,
    apply_work,
    assign_or_queue,
    assign_to_named_rep,
    pass_lead_on,
    place_lead,
    serve_from_queue,
)
from routing.playbook import Absence
from tests.routing.builders import (
    MONDAY,
    TWO_REPS,
    context,
    event_of,
    fresh,
    placed,
    playbook,
    qualified,
    rep,
    rest,
    upgraded,
    worked,
)


class TestAssigning:
    def test_the_rep_next_in_turn_gets_the_lead_with_all_they_need(self) -> None:
        """R12, R13, R14: reasons, timeline, opener, suggestions, and the instant of hand-over."""
        facts = qualified(
            company="Example", country="DE", job_title="Head of Sales", email_domain="example.org", campaign="spring"
        )
        campaign = Campaign("Prices went down in spring.", ("price-list", "case-study"))
        event = event_of(placed(facts, context(*TWO_REPS, campaigns={"spring": campaign})), LeadAssigned)
        assert (event.rep_id, event.team, event.queue, event.role) == ("inbound-1", "inbound", "hand-raisers", "bdr")
        assert (event.placement, event.handed_over_at, event.occurred_at) == (1, MONDAY, MONDAY)
        assert event.reason == "rotation"
        assert event.tried[-1].why == "inbound-1 is next in turn"
        assert event.fit_evidence == facts.fit_evidence
        assert event.readiness_evidence == facts.readiness_evidence
        assert event.timeline == facts.timeline
        assert event.opener == "They asked for a demo on 2 March 2026."
        assert event.suggested_content == ["price-list", "case-study"]
        assert event.brief == "Prices went down in spring."
        assert (event.suppress.email, event.suppress.ads, event.suppress.calls) == (True, False, True)
        assert event.playbook_version == "routing-1"

    def test_suppression_follows_the_lead_type(self) -> None:
        """R9: a customer's newsletter goes on."""
        event = event_of(
            placed(qualified(lead_type="customer", outcome="customer"), context(rep("am-1", team="am"))), LeadAssigned
        )
        assert event.suppress.email is False

    def test_nobody_eligible_is_published_with_reason_and_position(self) -> None:
        """Trap: nobody eligible never falls back in silence."""
        away = Absence.model_validate({"from": "2026-02-23", "to": "2026-03-06"})
        on = context(rep("inbound-1", status="paused"), rep("inbound-2", absences=(away,)), rep("inbound-3", open=0))
        decision = placed(on=on)
        event = event_of(decision, LeadQueued)
        assert (event.reason, event.position, event.queue) == ("nobody_eligible", 1, "hand-raisers")
        assert [line.why for line in event.tried[-4:]] == [
            "paused",
            "absent until 2026-03-06",
            "0 of 0 leads open",
            "nobody can take it now",
        ]
        second = event_of(placed(qualified("bob"), decision.context), LeadQueued)
        assert second.position == 2

    def test_of_many_who_rest_a_few_are_named_and_the_others_counted(self) -> None:
        on = context(*(rep(f"inbound-{number}", status="left") for number in range(8)))
        tried = event_of(placed(on=on), LeadQueued).tried
        assert [line.rule for line in tried if line.outcome == "skipped"][-1] == "reps"
        assert tried[-2].why == "3 more"

    def test_a_full_rep_is_passed_by_until_the_next_day(self) -> None:
        """R10: capacity per day, and leads open at once."""
        on = context(rep("inbound-1", per_day=1), rep("inbound-2", open=2))
        got = []
        for name in ("a", "b", "c", "d"):
            decision = placed(qualified(name), on)
            on = decision.context
            got.append(decision.lead.rep_id)
        assert got == ["inbound-1", "inbound-2", "inbound-2", None]
        tuesday = {
            name: seat.at_instant(MONDAY + timedelta(days=1)) for name, seat in on.pools["inbound"].seats.items()
        }
        assert tuesday["inbound-1"].why_not is None
        assert tuesday["inbound-2"].why_not == "2 of 2 leads open"

    def test_a_waiting_lead_with_a_stronger_type_waits_on_in_the_same_queue(self) -> None:
        """The same queue, and not behind those who came since: nothing is published."""
        waiting = placed(qualified(lead_type="content"), context(rep("dev-1", team="development", status="paused")))
        decision = place_lead(waiting.lead, upgraded(lead_type="webinar"), waiting.context, MONDAY)
        assert decision.event is None
        assert (decision.lead.state, decision.lead.queue) == ("queued", "development")
        assert decision.lead.lead_type == "webinar"
        assert decision.context.waiting == waiting.context.waiting

    def test_who_waits_in_front_is_not_overtaken(self) -> None:
        on = context(*TWO_REPS).with_waiting_leads("inbound", "hand-raisers", "B")
        assert event_of(placed(qualified(fit="C"), on), LeadQueued).reason == "others_wait"
        assert event_of(placed(qualified(fit="B"), on), LeadQueued).reason == "others_wait"
        assert event_of(placed(qualified(fit="A"), on), LeadAssigned).rep_id == "inbound-1"

    def test_a_line_that_the_playbook_no_longer_has_stands_in_front(self) -> None:
        on = context(*TWO_REPS).with_waiting_leads("inbound", "gone", "D")
        assert event_of(placed(on=on), LeadQueued).reason == "others_wait"

    def test_a_lead_without_facts_is_a_mistake_in_the_caller(self) -> None:
        facts = qualified()
        with pytest.raises(ValueError, match="no facts"):
            assign_or_queue(Lead(facts.lead_id, facts.contact_id, 1), context(*TWO_REPS), MONDAY)

    @settings(deadline=None)
    @given(st.lists(st.tuples(st.sampled_from("abcdefghij"), st.sampled_from("ABCD")), max_size=40), st.integers(0, 6))
    def test_nobody_gets_more_than_they_can_take_and_every_lead_is_in_one_place(
        self, arrivals: list[tuple[str, str]], limit: int
    ) -> None:
        """Repeated and new leads in any order: one place each, never an ineligible rep."""
        on = context(
            rep("inbound-1", open=limit), rep("inbound-2", 3.0, per_day=limit), rep("inbound-3", status="paused")
        )
        leads: dict[str, Lead] = {}
        for name, fit in arrivals:
            facts = qualified(name, fit=fit)
            before = leads.get(name) or Lead(facts.lead_id, facts.contact_id, 1)
            decision = place_lead(before, facts, on, MONDAY)
            leads[name], on = decision.lead, decision.context
            assert decision.lead.state in ("assigned", "queued")
        rep_ids = [lead.rep_id for lead in leads.values() if lead.state == "assigned"]
        assert rep_ids.count("inbound-1") <= limit
        assert rep_ids.count("inbound-2") <= limit
        assert "inbound-3" not in rep_ids
        waiting = sum(sum(line.values()) for line in on.waiting.values())
        assert waiting == sum(lead.state == "queued" for lead in leads.values())
        for seat in on.pools["inbound"].seats.values():
            assert seat.open == rep_ids.count(seat.rep.rep_id)


class TestAccountOwners:
    OWNED: ClassVar[dict[str, Any]] = {"owners": {"example.org": "ae-7"}}
    FACTS: ClassVar[dict[str, Any]] = {"email_domain": "example.org", "email_kind": "corporate"}

    def test_the_owner_of_the_account_comes_first_and_keeps_their_turn(self) -> None:
        """R11: by account; the owner may be in another team."""
        on = context(*TWO_REPS, rep("ae-7", team="ae", role="ae"), **self.OWNED)
        decision = placed(qualified(**self.FACTS), on)
        event = event_of(decision, LeadAssigned)
        assert (event.rep_id, event.team, event.role, event.reason) == ("ae-7", "ae", "ae", "account_owner")
        assert event.queue == "hand-raisers"
        owner = decision.context.pools["ae"].seats["ae-7"]
        assert (owner.open, owner.position) == (1, on.pools["ae"].seats["ae-7"].position)

    def test_an_owner_who_is_away_loses_to_the_rotation_and_it_is_kept(self) -> None:
        on = context(*TWO_REPS, rep("ae-7", team="ae", status="paused"), **self.OWNED)
        event = event_of(placed(qualified(**self.FACTS), on), LeadAssigned)
        assert event.rep_id == "inbound-1"
        assert ("account_owner", "ae-7: paused") in [(line.rule, line.why) for line in event.tried]

    def test_an_owner_nobody_knows_loses_to_the_rotation(self) -> None:
        event = event_of(placed(qualified(**self.FACTS), context(*TWO_REPS, **self.OWNED)), LeadAssigned)
        assert "ae-7: not a rep we know" in [line.why for line in event.tried]

    def test_a_free_mail_domain_is_nobodys_account(self) -> None:
        facts = qualified(email_domain="example.org", email_kind="free")
        on = context(*TWO_REPS, rep("ae-7", team="ae"), **self.OWNED)
        assert event_of(placed(facts, on), LeadAssigned).rep_id == "inbound-1"


class TestUpgrades:
    def test_a_waiting_lead_that_raises_a_hand_moves_to_the_better_line(self) -> None:
        on = context(rep("inbound-1", status="paused"))
        decision = placed(qualified(lead_type="fast_track", outcome="mql"), on)
        assert decision.lead.queue == "fast-track"
        moved = place_lead(decision.lead, upgraded(), decision.context, MONDAY + timedelta(hours=1))
        event = event_of(moved, LeadQueued)
        assert (event.queue, event.placement, event.handed_over_at) == ("hand-raisers", 2, MONDAY)
        assert moved.context.waiting["inbound"] == {("fast-track", "A"): 0, ("hand-raisers", "A"): 1}

    def test_one_that_stays_in_its_line_is_not_announced_again(self) -> None:
        on = context(rep("inbound-1", status="paused"))
        decision = placed(qualified(fit="B"), on)
        again = place_lead(decision.lead, upgraded(fit="A"), decision.context, MONDAY)
        assert again.event is None
        assert again.lead.fit == "A"
        assert again.context.waiting["inbound"] == {("hand-raisers", "B"): 0, ("hand-raisers", "A"): 1}

    def test_a_lead_that_another_team_should_have_by_now_goes_there(self) -> None:
        on = context(*TWO_REPS, rep("development-1", team="development"))
        decision = placed(qualified(lead_type="content", outcome="mql"), on)
        assert decision.lead.rep_id == "development-1"
        moved = place_lead(decision.lead, upgraded(), decision.context, MONDAY + timedelta(days=1))
        event = event_of(moved, LeadAssigned)
        assert (event.rep_id, event.previous_rep_id, event.reason) == ("inbound-1", "development-1", "upgraded")
        assert event.handed_over_at == MONDAY

    def test_a_lead_that_somebody_works_stays_with_them(self) -> None:
        on = context(*TWO_REPS, rep("development-1", team="development"))
        decision = placed(qualified(lead_type="content", outcome="mql"), on)
        call = worked(LeadTouched, "ada", kind="call", outcome="stalled")
        lead = apply_work(decision.lead, call, decision.context, MONDAY).lead
        moved = place_lead(lead, upgraded(), decision.context, MONDAY)
        assert moved.event is None
        assert moved.record is not None
        assert (moved.record.kind, moved.record.reason, moved.lead.rep_id) == ("kept", "upgraded", "development-1")

    def test_where_nobody_of_the_better_team_is_there_it_stays(self) -> None:
        on = context(rep("inbound-1", status="paused"), rep("development-1", team="development"))
        decision = placed(qualified(lead_type="content", outcome="mql"), on)
        moved = place_lead(decision.lead, upgraded(), decision.context, MONDAY)
        assert moved.record is not None
        assert (moved.record.kind, moved.record.reason) == ("kept", "upgraded_but_nobody_else")
        assert moved.lead.rep_id == "development-1"

    def test_an_owners_lead_stays_with_the_owner(self) -> None:
        on = context(*TWO_REPS, rep("ae-7", team="ae"), owners={"example.org": "ae-7"})
        facts: dict[str, Any] = {"email_domain": "example.org"}
        decision = placed(qualified(lead_type="content", outcome="mql", **facts), on)
        assert place_lead(decision.lead, upgraded(**facts), decision.context, MONDAY).event is None


class TestPassingOn:
    def test_the_next_in_turn_gets_it_and_both_are_named(self) -> None:
        decision = placed()
        passed = pass_lead_on(
            decision.lead, decision.context, MONDAY + timedelta(minutes=9), reason="passed_on", by="inbound-1"
        )
        event = event_of(passed, LeadAssigned)
        assert (event.rep_id, event.previous_rep_id, event.placement) == ("inbound-2", "inbound-1", 2)
        assert event.handed_over_at == MONDAY
        assert (event.tried[0].rule, event.tried[0].why) == ("rep:inbound-1", "passed on")

    def test_where_nobody_else_can_the_rep_keeps_it_and_that_is_raised(self) -> None:
        decision = placed(on=context(rep("inbound-1")))
        kept = pass_lead_on(
            decision.lead, decision.context, MONDAY, reason="passed_on", by="inbound-1", note="on a train"
        )
        assert kept.event is None
        assert kept.lead.rep_id == "inbound-1"
        assert kept.record is not None
        assert (kept.record.kind, kept.record.reason, kept.record.number) == (
            "escalated",
            "passed_on_but_nobody_else",
            2,
        )
        assert (kept.record.by, kept.record.note, kept.record.rep_id) == ("inbound-1", "on a train", "inbound-1")

    def test_an_owner_who_passes_a_lead_on_does_not_get_it_back(self) -> None:
        on = context(*TWO_REPS, rep("ae-7", team="ae"), owners={"example.org": "ae-7"})
        decision = placed(qualified(email_domain="example.org"), on)
        assert (
            event_of(pass_lead_on(decision.lead, decision.context, MONDAY, reason="passed_on"), LeadAssigned).rep_id
            == "inbound-1"
        )

    def test_a_rep_named_by_hand_gets_it_out_of_turn(self) -> None:
        decision = placed()
        before = decision.context.pools["inbound"].seats["inbound-2"]
        handed = assign_to_named_rep(
            decision.lead, "inbound-2", decision.context, MONDAY, by="boss", note="speaks Dutch"
        )
        event = event_of(handed, LeadAssigned)
        assert (event.rep_id, event.reason) == ("inbound-2", "reassigned")
        assert "speaks Dutch" not in event.encode().decode()
        after = handed.context.pools["inbound"].seats["inbound-2"]
        assert (after.position, after.open) == (before.position, 1)
        assert handed.record is not None
        assert (handed.record.note, handed.record.by) == ("speaks Dutch", "boss")

    def test_a_waiting_lead_can_be_given_by_hand(self) -> None:
        on = context(rep("inbound-1", open=0), rep("ae-1", team="ae"))
        decision = placed(on=on)
        handed = assign_to_named_rep(decision.lead, "ae-1", decision.context, MONDAY, by="boss", note="now")
        assert event_of(handed, LeadAssigned).previous_rep_id is None
        assert handed.context.waiting["inbound"][("hand-raisers", "A")] == 0


class TestDrawing:
    def test_the_first_in_line_goes_to_who_has_capacity_again(self) -> None:
        waiting = placed(on=context(rep("inbound-1", status="paused")))
        on = waiting.context._replace(pools=context(*TWO_REPS).pools, team_of=context(*TWO_REPS).team_of)
        drawn = serve_from_queue(waiting.lead, on, MONDAY + timedelta(hours=1))
        event = event_of(drawn, LeadAssigned)
        assert (event.rep_id, event.placement, event.handed_over_at) == ("inbound-1", 2, MONDAY)
        assert event.tried[0].outcome == "drawn"
        assert drawn.context.waiting["inbound"][("hand-raisers", "A")] == 0

    def test_without_capacity_it_stays_without_an_event(self) -> None:
        waiting = placed(on=context(rep("inbound-1", status="paused")))
        again = serve_from_queue(waiting.lead, waiting.context, MONDAY)
        assert again.event is None
        assert again.lead is waiting.lead

    def test_when_the_playbook_changed_meanwhile_it_changes_lines(self) -> None:
        waiting = placed(on=context(rep("inbound-1", status="paused")))
        rules = playbook(reps={}, rules=[{"name": "all", "queue": "product"}])
        moved = serve_from_queue(waiting.lead, waiting.context._replace(playbook=rules), MONDAY)
        assert event_of(moved, LeadQueued).queue == "product"
        assert moved.context.waiting["inbound"][("hand-raisers", "A")] == 0
        assert moved.context.waiting["ae"][("product", "A")] == 1


def test_a_queue_that_is_drawn_from_keeps_its_order_of_grades() -> None:
    """The context counts the leads in front by priority first, then grade."""
    on = (
        context(*TWO_REPS)
        .with_waiting_leads("inbound", "referrals", "A")
        .with_waiting_leads("inbound", "hand-raisers", "C")
    )
    assert on.has_others_ahead("inbound", 1, "C")
    assert not on.has_others_ahead("inbound", 1, "B")
    assert on.has_others_ahead("inbound", 2, "A")
    assert on.queue_position("inbound", "hand-raisers", "D") == 2
    assert on.queue_position("inbound", "hand-raisers", "B") == 1


def test_only_seats_that_moved_are_written() -> None:
    on = context(*TWO_REPS)
    on = on._replace(stored=on.pools["inbound"].seats)
    assert on.seats_to_save() == []
    (moved,) = placed(on=on).context.seats_to_save()
    assert (moved.rep.rep_id, moved.open, moved.position) == ("inbound-1", 1, 1.0)


def test_a_lead_taken_out_of_no_line_leaves_no_gap() -> None:
    on = context(*TWO_REPS)
    assert on.without_queued_lead(fresh(qualified())) is on
    assert rest(on.pools["inbound"], ["inbound-1"]).next_seat().rep.rep_id == "inbound-2"  # type: ignore[union-attr]
