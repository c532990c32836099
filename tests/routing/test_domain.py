"""Routing's decisions, without anything around them."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from events.ids import derive
from events.leads import (
    Engaged,
    LeadAccepted,
    LeadAssigned,
    LeadLost,
    LeadQueued,
    LeadRejected,
    LeadReleased,
    LeadTouched,
    LeadWon,
)
from routing.domain import (
    Campaign,
    Decision,
    Floor,
    Lead,
    Rep,
    Seat,
    assign,
    cool,
    draw,
    escalate,
    hand_to,
    hear,
    next_chance,
    pass_on,
    place,
    release,
    roster,
    route,
)
from routing.playbook import Absence, RoutingPlaybook
from tests.routing.office import (
    DEFAULT,
    MONDAY,
    escalated,
    floor,
    fresh,
    playbook,
    qualified,
    rep,
    rest,
    upgraded,
    worked,
)

TWO = (rep("inbound-1"), rep("inbound-2"))


def placed(facts: Any = None, on: Floor | None = None, now: datetime = MONDAY) -> Decision:
    facts = facts or qualified()
    return place(Lead(facts.lead_id, facts.contact_id, facts.cycle), facts, on or floor(*TWO), now)


def said(decision: Decision, kind: type) -> Any:
    assert isinstance(decision.event, kind)
    return decision.event


class TestRules:
    @pytest.mark.parametrize(
        ("facts", "queue", "team"),
        [
            ({"lead_type": "hand_raiser"}, "hand-raisers", "inbound"),
            ({"lead_type": "hand_raiser", "outcome": "poor_fit", "fit": "D"}, "poor-fit", "inbound"),
            ({"lead_type": "fast_track", "outcome": "mql"}, "fast-track", "inbound"),
            ({"lead_type": "referral", "outcome": "mql"}, "referrals", "inbound"),
            ({"lead_type": "event_qualified", "outcome": "mql"}, "event-qualified", "ae"),
            ({"lead_type": "product", "outcome": "mql"}, "product", "ae"),
            ({"lead_type": "event", "outcome": "mql"}, "development", "development"),
            ({"lead_type": "webinar", "outcome": "mql"}, "development", "development"),
            ({"lead_type": "content", "outcome": "mql"}, "development", "development"),
            ({"lead_type": "customer", "outcome": "customer"}, "customers", "am"),
        ],
    )
    def test_the_default_playbook_sends_each_lead_type_to_its_team(
        self, facts: dict[str, Any], queue: str, team: str
    ) -> None:
        """R3, R5, R6: specialised teams by lead type; event-qualified leads pass the BDR by."""
        way = route(qualified(**facts), playbook())
        assert (way.name, way.queue.team) == (queue, team)

    def test_the_first_rule_that_takes_a_lead_decides_and_the_others_say_why_not(self) -> None:
        rules = playbook(
            rules=[
                {
                    "name": "big-dach",
                    "when": {"country": ["DE", "AT"], "employees": {"at_least": 500}},
                    "queue": "product",
                },
                {"name": "small", "when": {"employees": {"below": 50}}, "queue": "referrals"},
                {"name": "rest", "queue": "development"},
            ]
        )
        tried = route(qualified(country="DE", employees=300), rules).tried
        assert [(line.rule, line.outcome, line.why) for line in tried] == [
            ("rule:big-dach", "lost", "employees is 300, not 500 or more"),
            ("rule:small", "lost", "employees is 300, not fewer than 50"),
            ("rule:rest", "matched", "goes to development"),
        ]
        unknown = route(qualified(), rules).tried
        assert [line.why for line in unknown[:2]] == [
            "country is unknown, not DE or AT",
            "employees is unknown, not fewer than 50",
        ]
        assert route(qualified(country="DE", employees=500), rules).name == "product"
        assert route(qualified(employees=49), rules).name == "referrals"

    def test_a_span_says_what_it_holds(self) -> None:
        rules = playbook(
            rules=[
                {"name": "middle", "when": {"employees": {"at_least": 50, "below": 1000}}, "queue": "product"},
                {"name": "known", "when": {"employees": {}}, "queue": "referrals"},
                {"name": "rest", "queue": "development"},
            ]
        )
        assert [line.why for line in route(qualified(), rules).tried[:2]] == [
            "employees is unknown, not 50 or more and fewer than 1000",
            "employees is unknown, not any number",
        ]


class TestAssigning:
    def test_the_rep_next_in_turn_gets_the_lead_with_all_they_need(self) -> None:
        """R12, R13, R14: reasons, timeline, opener, suggestions, and the instant of hand-over."""
        facts = qualified(
            company="Example", country="DE", job_title="Head of Sales", email_domain="example.org", campaign="spring"
        )
        campaign = Campaign("Prices went down in spring.", ("price-list", "case-study"))
        event = said(placed(facts, floor(*TWO, campaigns={"spring": campaign})), LeadAssigned)
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
        event = said(
            placed(qualified(lead_type="customer", outcome="customer"), floor(rep("am-1", team="am"))), LeadAssigned
        )
        assert event.suppress.email is False

    def test_nobody_eligible_is_said_loudly_with_reason_and_position(self) -> None:
        """Trap: nobody eligible never falls back in silence."""
        away = Absence.model_validate({"from": "2026-02-23", "to": "2026-03-06"})
        on = floor(rep("inbound-1", status="paused"), rep("inbound-2", absences=(away,)), rep("inbound-3", open=0))
        decision = placed(on=on)
        event = said(decision, LeadQueued)
        assert (event.reason, event.position, event.queue) == ("nobody_eligible", 1, "hand-raisers")
        assert [line.why for line in event.tried[-4:]] == [
            "paused",
            "absent until 2026-03-06",
            "0 of 0 leads open",
            "nobody can take it now",
        ]
        second = said(placed(qualified("bob"), decision.floor), LeadQueued)
        assert second.position == 2

    def test_of_many_who_rest_a_few_are_named_and_the_others_counted(self) -> None:
        on = floor(*(rep(f"inbound-{number}", status="left") for number in range(8)))
        tried = said(placed(on=on), LeadQueued).tried
        assert [line.rule for line in tried if line.outcome == "skipped"][-1] == "reps"
        assert tried[-2].why == "3 more"

    def test_a_full_rep_is_passed_by_until_the_next_day(self) -> None:
        """R10: capacity per day, and leads open at once."""
        on = floor(rep("inbound-1", per_day=1), rep("inbound-2", open=2))
        got = []
        for name in ("a", "b", "c", "d"):
            decision = placed(qualified(name), on)
            on = decision.floor
            got.append(decision.lead.rep_id)
        assert got == ["inbound-1", "inbound-2", "inbound-2", None]
        tuesday = {name: seat.at(date(2026, 3, 3)) for name, seat in on.pools["inbound"].seats.items()}
        assert tuesday["inbound-1"].why_not is None
        assert tuesday["inbound-2"].why_not == "2 of 2 leads open"

    def test_who_waits_in_front_is_not_overtaken(self) -> None:
        on = floor(*TWO).wait("inbound", "hand-raisers", "B")
        assert said(placed(qualified(fit="C"), on), LeadQueued).reason == "others_wait"
        assert said(placed(qualified(fit="B"), on), LeadQueued).reason == "others_wait"
        assert said(placed(qualified(fit="A"), on), LeadAssigned).rep_id == "inbound-1"

    def test_a_line_that_the_playbook_no_longer_has_stands_in_front(self) -> None:
        on = floor(*TWO).wait("inbound", "gone", "D")
        assert said(placed(on=on), LeadQueued).reason == "others_wait"

    def test_a_lead_without_facts_is_a_mistake_in_the_caller(self) -> None:
        facts = qualified()
        with pytest.raises(ValueError, match="no facts"):
            assign(Lead(facts.lead_id, facts.contact_id, 1), floor(*TWO), MONDAY)

    @settings(deadline=None)
    @given(st.lists(st.tuples(st.sampled_from("abcdefghij"), st.sampled_from("ABCD")), max_size=40), st.integers(0, 6))
    def test_nobody_gets_more_than_they_can_take_and_every_lead_is_in_one_place(
        self, arrivals: list[tuple[str, str]], limit: int
    ) -> None:
        """Repeated and new leads in any order: one place each, never an ineligible rep."""
        on = floor(
            rep("inbound-1", open=limit), rep("inbound-2", 3.0, per_day=limit), rep("inbound-3", status="paused")
        )
        leads: dict[str, Lead] = {}
        for name, fit in arrivals:
            facts = qualified(name, fit=fit)
            before = leads.get(name) or Lead(facts.lead_id, facts.contact_id, 1)
            decision = place(before, facts, on, MONDAY)
            leads[name], on = decision.lead, decision.floor
            assert decision.lead.state in ("assigned", "queued")
        held = [lead.rep_id for lead in leads.values() if lead.state == "assigned"]
        assert held.count("inbound-1") <= limit
        assert held.count("inbound-2") <= limit
        assert "inbound-3" not in held
        waiting = sum(sum(line.values()) for line in on.waiting.values())
        assert waiting == sum(lead.state == "queued" for lead in leads.values())
        for seat in on.pools["inbound"].seats.values():
            assert seat.open == held.count(seat.rep.rep_id)


class TestAccountOwners:
    OWNED: ClassVar[dict[str, Any]] = {"owners": {"example.org": "ae-7"}}
    FACTS: ClassVar[dict[str, Any]] = {"email_domain": "example.org", "email_kind": "corporate"}

    def test_the_owner_of_the_account_comes_first_and_keeps_their_turn(self) -> None:
        """R11: by account; the owner may be in another team."""
        on = floor(*TWO, rep("ae-7", team="ae", role="ae"), **self.OWNED)
        decision = placed(qualified(**self.FACTS), on)
        event = said(decision, LeadAssigned)
        assert (event.rep_id, event.team, event.role, event.reason) == ("ae-7", "ae", "ae", "account_owner")
        assert event.queue == "hand-raisers"
        owner = decision.floor.pools["ae"].seats["ae-7"]
        assert (owner.open, owner.position) == (1, on.pools["ae"].seats["ae-7"].position)

    def test_an_owner_who_is_away_loses_to_the_rotation_and_it_is_kept(self) -> None:
        on = floor(*TWO, rep("ae-7", team="ae", status="paused"), **self.OWNED)
        event = said(placed(qualified(**self.FACTS), on), LeadAssigned)
        assert event.rep_id == "inbound-1"
        assert ("account_owner", "ae-7: paused") in [(line.rule, line.why) for line in event.tried]

    def test_an_owner_nobody_knows_loses_to_the_rotation(self) -> None:
        event = said(placed(qualified(**self.FACTS), floor(*TWO, **self.OWNED)), LeadAssigned)
        assert "ae-7: not a rep we know" in [line.why for line in event.tried]

    def test_a_free_mail_domain_is_nobodys_account(self) -> None:
        facts = qualified(email_domain="example.org", email_kind="free")
        on = floor(*TWO, rep("ae-7", team="ae"), **self.OWNED)
        assert said(placed(facts, on), LeadAssigned).rep_id == "inbound-1"


class TestUpgrades:
    def test_a_waiting_lead_that_raises_a_hand_moves_to_the_better_line(self) -> None:
        on = floor(rep("inbound-1", status="paused"))
        decision = placed(qualified(lead_type="fast_track", outcome="mql"), on)
        assert decision.lead.queue == "fast-track"
        moved = place(decision.lead, upgraded(), decision.floor, MONDAY + timedelta(hours=1))
        event = said(moved, LeadQueued)
        assert (event.queue, event.placement, event.handed_over_at) == ("hand-raisers", 2, MONDAY)
        assert moved.floor.waiting["inbound"] == {("fast-track", "A"): 0, ("hand-raisers", "A"): 1}

    def test_one_that_stays_in_its_line_is_not_announced_again(self) -> None:
        on = floor(rep("inbound-1", status="paused"))
        decision = placed(qualified(fit="B"), on)
        again = place(decision.lead, upgraded(fit="A"), decision.floor, MONDAY)
        assert again.event is None
        assert again.lead.fit == "A"
        assert again.floor.waiting["inbound"] == {("hand-raisers", "B"): 0, ("hand-raisers", "A"): 1}

    def test_a_lead_that_another_team_should_have_by_now_goes_there(self) -> None:
        on = floor(*TWO, rep("development-1", team="development"))
        decision = placed(qualified(lead_type="content", outcome="mql"), on)
        assert decision.lead.rep_id == "development-1"
        moved = place(decision.lead, upgraded(), decision.floor, MONDAY + timedelta(days=1))
        event = said(moved, LeadAssigned)
        assert (event.rep_id, event.previous_rep_id, event.reason) == ("inbound-1", "development-1", "upgraded")
        assert event.handed_over_at == MONDAY

    def test_a_lead_that_somebody_works_stays_with_them(self) -> None:
        on = floor(*TWO, rep("development-1", team="development"))
        decision = placed(qualified(lead_type="content", outcome="mql"), on)
        lead = hear(decision.lead, worked(LeadAccepted, "ada"), decision.floor, MONDAY).lead
        moved = place(lead, upgraded(), decision.floor, MONDAY)
        assert moved.event is None
        assert moved.record is not None
        assert (moved.record.kind, moved.record.reason, moved.lead.rep_id) == ("kept", "upgraded", "development-1")

    def test_an_owners_lead_stays_with_the_owner(self) -> None:
        on = floor(*TWO, rep("ae-7", team="ae"), owners={"example.org": "ae-7"})
        facts: dict[str, Any] = {"email_domain": "example.org"}
        decision = placed(qualified(lead_type="content", outcome="mql", **facts), on)
        assert place(decision.lead, upgraded(**facts), decision.floor, MONDAY).event is None


class TestPassingOn:
    def test_the_next_in_turn_gets_it_and_both_are_named(self) -> None:
        decision = placed()
        passed = pass_on(
            decision.lead, decision.floor, MONDAY + timedelta(minutes=9), reason="passed_on", by="inbound-1"
        )
        event = said(passed, LeadAssigned)
        assert (event.rep_id, event.previous_rep_id, event.placement) == ("inbound-2", "inbound-1", 2)
        assert event.handed_over_at == MONDAY
        assert (event.tried[0].rule, event.tried[0].why) == ("rep:inbound-1", "passed on")

    def test_where_nobody_else_can_the_rep_keeps_it_and_that_is_kept(self) -> None:
        decision = placed(on=floor(rep("inbound-1")))
        kept = pass_on(decision.lead, decision.floor, MONDAY, reason="passed_on", by="inbound-1", note="on a train")
        assert kept.event is None
        assert kept.lead.rep_id == "inbound-1"
        assert kept.record is not None
        assert (kept.record.kind, kept.record.reason, kept.record.number) == ("kept", "passed_on_but_nobody_else", 2)
        assert (kept.record.by, kept.record.note, kept.record.rep_id) == ("inbound-1", "on a train", "inbound-1")

    def test_an_owner_who_passes_a_lead_on_does_not_get_it_back(self) -> None:
        on = floor(*TWO, rep("ae-7", team="ae"), owners={"example.org": "ae-7"})
        decision = placed(qualified(email_domain="example.org"), on)
        assert (
            said(pass_on(decision.lead, decision.floor, MONDAY, reason="passed_on"), LeadAssigned).rep_id == "inbound-1"
        )

    def test_a_rep_named_by_hand_gets_it_out_of_turn(self) -> None:
        decision = placed()
        before = decision.floor.pools["inbound"].seats["inbound-2"]
        handed = hand_to(decision.lead, "inbound-2", decision.floor, MONDAY, by="boss", note="speaks Dutch")
        event = said(handed, LeadAssigned)
        assert (event.rep_id, event.reason) == ("inbound-2", "reassigned")
        assert "speaks Dutch" not in event.model_dump_json()
        after = handed.floor.pools["inbound"].seats["inbound-2"]
        assert (after.position, after.open) == (before.position, 1)
        assert handed.record is not None
        assert (handed.record.note, handed.record.by) == ("speaks Dutch", "boss")

    def test_a_waiting_lead_can_be_given_by_hand(self) -> None:
        on = floor(rep("inbound-1", open=0), rep("ae-1", team="ae"))
        decision = placed(on=on)
        handed = hand_to(decision.lead, "ae-1", decision.floor, MONDAY, by="boss", note="now")
        assert said(handed, LeadAssigned).previous_rep_id is None
        assert handed.floor.waiting["inbound"][("hand-raisers", "A")] == 0


class TestDrawing:
    def test_the_first_in_line_goes_to_who_has_room_again(self) -> None:
        waiting = placed(on=floor(rep("inbound-1", status="paused")))
        on = replace(waiting.floor, pools=floor(*TWO).pools, team_of=floor(*TWO).team_of)
        drawn = draw(waiting.lead, on, MONDAY + timedelta(hours=1))
        event = said(drawn, LeadAssigned)
        assert (event.rep_id, event.placement, event.handed_over_at) == ("inbound-1", 2, MONDAY)
        assert event.tried[0].outcome == "drawn"
        assert drawn.floor.waiting["inbound"][("hand-raisers", "A")] == 0

    def test_without_room_it_stays_without_a_word(self) -> None:
        waiting = placed(on=floor(rep("inbound-1", status="paused")))
        again = draw(waiting.lead, waiting.floor, MONDAY)
        assert again.event is None
        assert again.lead is waiting.lead

    def test_when_the_playbook_changed_meanwhile_it_changes_lines(self) -> None:
        waiting = placed(on=floor(rep("inbound-1", status="paused")))
        rules = playbook(reps={}, rules=[{"name": "all", "queue": "product"}])
        moved = draw(waiting.lead, replace(waiting.floor, playbook=rules), MONDAY)
        assert said(moved, LeadQueued).queue == "product"
        assert moved.floor.waiting["inbound"][("hand-raisers", "A")] == 0
        assert moved.floor.waiting["ae"][("product", "A")] == 1


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


class TestOpeners:
    def test_who_asked_is_met_with_what_they_asked_and_how_they_want_it(self) -> None:
        """R15: the wish to be called or to book travels with the lead."""
        wish = datetime(2026, 3, 4, 13, 30, tzinfo=UTC)
        event = said(placed(qualified(preference="call_me", preferred_at=wish)), LeadAssigned)
        assert event.opener == "They asked for a demo on 2 March 2026. They want to be called (2026-03-04 13:30 UTC)."
        assert said(placed(qualified(preference="book")), LeadAssigned).opener.endswith("They want to book a time.")

    def test_who_only_read_is_met_with_the_last_thing_they_read(self) -> None:
        """C9: which content it was gives the rep an opener."""
        seen = [
            Engaged(
                engagement_id=derive(1),
                engagement="content_download",
                occurred_at=MONDAY - timedelta(days=9),
                content="guide",
            ),
            Engaged(
                engagement_id=derive(2),
                engagement="webinar_attended",
                occurred_at=MONDAY - timedelta(days=3),
                content="pricing-webinar",
            ),
            Engaged(engagement_id=derive(3), engagement="pricing_view", occurred_at=MONDAY),
        ]
        facts = qualified(lead_type="content", outcome="mql", engagement="pricing_view", timeline=seen)
        on = floor(rep("development-1", team="development"), campaigns={"x": Campaign(content=("guide", "next"))})
        event = said(placed(facts.model_copy(update={"campaign": "x"}), on), LeadAssigned)
        assert event.opener == "They attended pricing-webinar on 27 February 2026."
        assert event.suggested_content == ["next"]

    def test_an_engagement_without_words_is_still_named(self) -> None:
        facts = qualified(engagement="bike_ride", engagement_id=derive("elsewhere"))
        assert said(placed(facts), LeadAssigned).opener == "They came to us through bike ride on 2 March 2026."


class TestRoster:
    def test_the_api_overrides_the_playbook_and_a_team_that_is_gone_takes_its_reps_along(self) -> None:
        put = {"inbound-1": Rep("inbound-1", "ae", "ae", 2.0), "zoe": Rep("zoe", "gone", "bdr")}
        everybody = roster(playbook(), put)
        assert everybody["inbound-1"].team == "ae"
        assert everybody["inbound-2"] == Rep("inbound-2", "inbound", "bdr")
        assert "zoe" not in everybody
        assert list(everybody) == sorted(everybody)

    def test_an_absence_holds_on_its_first_and_last_day(self) -> None:
        away = rep("a", absences=(Absence.model_validate({"from": "2026-03-02", "to": "2026-03-03"}),))
        able = [Seat(away).at(date(2026, 3, day)).why_not is None for day in (1, 2, 3, 4)]
        assert able == [True, False, False, True]

    def test_the_next_chance_is_midnight_where_the_team_is_also_when_clocks_change(self) -> None:
        zone = ZoneInfo("Europe/Berlin")
        before_spring = datetime(2026, 3, 28, 23, 30, tzinfo=UTC)
        assert next_chance(before_spring, zone) == datetime(2026, 3, 29, 22, 0, tzinfo=UTC)
        assert next_chance(MONDAY, zone) == datetime(2026, 3, 2, 23, 0, tzinfo=UTC)


class TestPlaybook:
    @pytest.mark.parametrize(
        ("change", "fault"),
        [
            ({"rules": []}, "must take everything"),
            ({"rules": [{"name": "a", "when": {"country": ["DE"]}, "queue": "product"}]}, "must take everything"),
            ({"rules": [{"name": "a", "queue": "nowhere"}]}, "rule's queue is not in the playbook: nowhere"),
            ({"rules": [{"name": "a", "queue": "product"}] * 2}, "same name"),
            ({"queues": {"product": {"team": "nobody", "priority": 1}}}, "queue's team is not in the playbook: nobody"),
            ({"reps": {"a": {"team": "nobody"}}}, "rep's team is not in the playbook: nobody"),
            ({"teams": {"ae": {"role": "ae", "zone": "Mars/Olympus"}}}, "not a time zone"),
            ({"openers": {"engagements": {"demo": "asked {who.__class__}"}}}, "an opener may name"),
            ({"suppress": {"e-mail": True}}, "Extra inputs"),
            (
                {"reps": {"a": {"team": "ae", "absences": [{"from": "2026-03-02", "to": "2026-03-01"}]}}},
                "ends on or after",
            ),
        ],
    )
    def test_a_mistake_is_found_before_it_decides_anything(self, change: dict[str, Any], fault: str) -> None:
        with pytest.raises(ValidationError, match=fault):
            RoutingPlaybook.model_validate({**DEFAULT, **change})


def test_a_queue_that_is_drawn_from_keeps_its_order_of_grades() -> None:
    """The floor counts who stands in front by priority first, then grade."""
    on = floor(*TWO).wait("inbound", "referrals", "A").wait("inbound", "hand-raisers", "C")
    assert on.is_ahead("inbound", 1, "C")
    assert not on.is_ahead("inbound", 1, "B")
    assert on.is_ahead("inbound", 2, "A")
    assert on.place_in_line("inbound", "hand-raisers", "D") == 2
    assert on.place_in_line("inbound", "hand-raisers", "B") == 1


def test_a_lead_taken_out_of_no_line_leaves_no_gap() -> None:
    on = floor(*TWO)
    assert on.leave_line(fresh(qualified())) is on
    assert rest(on.pools["inbound"], ["inbound-1"]).next().rep.rep_id == "inbound-2"  # type: ignore[union-attr]
