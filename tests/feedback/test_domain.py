"""What the lifecycle, the reasons and the wake-ups promise, in business sentences."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, get_args
from uuid import uuid5

import pytest
from pydantic import ValidationError

from events.leads import (
    ContactCorrections,
    LeadAccepted,
    LeadDisqualified,
    LeadLifecycle,
    LeadLost,
    LeadRecycled,
    LeadRejected,
    LeadTouched,
    LeadWoken,
    LeadWon,
    OpportunityOpened,
)
from events.sla import ClockBreached, ClockMet, ClockRescinded, ClockWarned
from feedback.domain.commands import Confirm, CustomerChange, Recycle, Touch
from feedback.domain.customer import ChangedCustomer, apply_customer_change
from feedback.domain.decisions import (
    end_as_duplicate,
    return_lead_after_review,
    return_released_lead,
    return_stalled_lead,
)
from feedback.domain.digest import count_promises
from feedback.domain.from_events import apply_placement, apply_qualification, count_promise
from feedback.domain.funnel import FunnelRow
from feedback.domain.lead import MOST_TOUCH_TIMES, Lead, apply_meeting, apply_requested_time, count_touch
from feedback.domain.lifecycle import BY_BATON, ENDED, FINER, OPEN, OUTCOMES, TABLE, State, legal_steps_for_people
from feedback.domain.merged_leads import RelatedContacts, find_superseded, wake_after_unmerge
from feedback.domain.refusals import (
    ContextMissing,
    CurrencyUnknown,
    IllegalMove,
    InstantOutOfRange,
    InTheFuture,
    ReasonNotFitting,
    ReasonUnknown,
    Refusal,
    WouldUndoLaterStep,
)
from feedback.playbook import Definitions, FeedbackPlaybook
from tests.feedback.domain_harness import RULES, STAGES, DomainHarness
from tests.feedback.lead_story import MONDAY, SPACE, LeadStory, days

YES = {"budget": True, "authority": True, "need": True, "timing": True}
CALL = {"kind": "call", "outcome": "no_answer"}


@pytest.fixture
def lead() -> LeadStory:
    return LeadStory()


@pytest.fixture
def bench(lead: LeadStory) -> DomainHarness:
    """A lead that ann, a BDR, was given on Monday morning; it is Wednesday."""
    return DomainHarness(lead.contact_id, MONDAY + days(2)).apply(lead.captured(), lead.qualified(), lead.assigned())


def test_every_state_has_a_way_on_and_is_a_stage_of_the_definitions() -> None:
    """F8, D2: no dead ends in the table, and both name the same stages."""
    around = {"suspect", "prospect", "erased", *FINER}
    assert set(TABLE) == set(get_args(State)) == set(STAGES.stages) - around
    assert all(legal_steps_for_people(state) for state in TABLE)
    assert {state for state in TABLE if STAGES.stages[state].open} == OPEN


def test_outcomes_are_taken_in_every_state() -> None:
    assert all(set(TABLE[state]) >= OUTCOMES for state in TABLE)


def test_the_machine_never_confirms_and_only_people_end_a_deal() -> None:
    """D11: no timer leads to SQL, opportunity, won or lost."""
    reached = {to for steps in TABLE.values() for step, targets in steps.items() if step in BY_BATON for to in targets}
    assert reached == ENDED
    assert not BY_BATON & set(TABLE["opportunity"])


def test_a_lead_goes_from_accept_to_won(bench: DomainHarness, lead: LeadStory) -> None:
    """D12, D13: each step is published, and the snapshot shows when each stage was first reached."""
    bench.does(lead.lead_id, "accept")
    bench.does(lead.lead_id, "confirm", bant=YES)
    bench.does(lead.lead_id, "opportunity", amount=900.0, currency="EUR")
    bench.does(lead.lead_id, "won", amount=1000.0)
    (cycle,) = bench.cycles
    assert (cycle.state, cycle.side, cycle.amount) == ("won", "customer_success", 1000.0)
    assert cycle.accepted_at == cycle.confirmed_at == cycle.opportunity_at == bench.now
    assert [event.state for event in bench.emitted(LeadAccepted)] == ["accepted"]
    assert bench.emitted(LeadWon)[0].by == "ann"


def test_a_bdr_accepts_and_the_owner_of_the_deal_takes_a_sal(bench: DomainHarness, lead: LeadStory) -> None:
    bench.does(lead.lead_id, "accept")
    assert bench.lead(lead.lead_id).state == "accepted"
    bench.apply(lead.assigned("ed", MONDAY + days(1), number=2, role="ae"))
    bench.does(lead.lead_id, "accept", by="ed")
    assert bench.lead(lead.lead_id).state == "sal"
    bench.does(lead.lead_id, "accept")
    assert bench.lead(lead.lead_id).state == "sal"


def test_an_accept_becomes_a_sal_when_the_assignment_is_heard_later(lead: LeadStory) -> None:
    """The role is routing's to say, and it may say so after the accept."""
    bench = DomainHarness(lead.contact_id, MONDAY + days(2)).apply(lead.qualified())
    bench.does(lead.lead_id, "accept", by="ed")
    assert bench.lead(lead.lead_id).state == "accepted"
    bench.apply(lead.assigned("ed", role="ae"))
    assert bench.lead(lead.lead_id).state == "sal"


def test_an_accept_may_name_its_role(bench: DomainHarness, lead: LeadStory) -> None:
    bench.does(lead.lead_id, "accept", role="ae")
    assert bench.lead(lead.lead_id).state == "sal"


def test_an_illegal_move_says_what_is_legal(bench: DomainHarness, lead: LeadStory) -> None:
    """D11: an SQL needs an accept before."""
    with pytest.raises(IllegalMove) as refused:
        bench.does(lead.lead_id, "confirm", bant=YES)
    assert refused.value.status == 409
    assert refused.value.extra == {"state": "mql", "attempted": "confirm", "legal": list(legal_steps_for_people("mql"))}
    assert "accept" in refused.value.extra["legal"]


def test_a_returned_lead_is_not_returned_twice(bench: DomainHarness, lead: LeadStory) -> None:
    bench.does(lead.lead_id, "recycle", reason="not_ready")
    with pytest.raises(IllegalMove):
        bench.does(lead.lead_id, "recycle", reason="no_budget")
    assert len(bench.emitted(LeadRecycled)) == 1


def test_a_return_says_reason_track_and_wake_up(bench: DomainHarness, lead: LeadStory) -> None:
    """F8, F9, F14: enrolled in nurture, with the segment."""
    bench.does(lead.lead_id, "touches", **CALL)
    bench.does(lead.lead_id, "recycle", reason="not_ready", note="Next spring")
    (event,) = bench.emitted(LeadRecycled)
    assert (event.reason, event.track, event.wake_at) == ("not_ready", "education", bench.now + days(90))
    assert (event.by, event.attempts, event.has_note, event.segment) == ("ann", 1, True, "midmarket")
    assert bench.timers[("wake", lead.lead_id)] == event.wake_at
    assert ("stall", lead.lead_id) not in bench.timers


@pytest.mark.parametrize(
    ("reason", "fields", "track", "wakes"),
    [
        ("no_budget", {}, "value", datetime(2026, 11, 2, tzinfo=MONDAY.tzinfo)),
        ("no_budget", {"context": {"fiscal_year_starts": "04-01"}}, "value", MONDAY + days(32)),
        ("competitor", {}, "competitive", MONDAY + days(272)),
        ("competitor", {"context": {"renewal_at": "unknown"}}, "competitive", MONDAY + days(272)),
        ("competitor", {"renewal_at": MONDAY + days(302)}, "competitive", MONDAY + days(182)),
        (
            "competitor",
            {"context": {"renewal_at": "2026-12-29"}},
            "competitive",
            datetime(2026, 8, 31, tzinfo=MONDAY.tzinfo),
        ),
        ("competitor", {"context": {"renewal_at": "2026-12-29T09:00:00Z"}}, "competitive", MONDAY + days(182)),
        ("competitor", {"renewal_at": MONDAY + days(40)}, "competitive", MONDAY + days(32)),
        ("wrong_size", {"context": {"employees": 4}}, "growth", MONDAY + days(182)),
        ("not_the_buyer", {}, "account", MONDAY + days(62)),
        ("not_followed_up", {}, "requalify", MONDAY + days(2)),
        ("no_outcome", {}, "education", MONDAY + days(62)),
        ("cooled", {}, "education", None),
        ("bad_data", {"context": {"field": "phone"}}, "repair", None),
        ("duplicate", {}, "merge", None),
        ("not_ready", {"wake_at": MONDAY + days(10)}, "education", MONDAY + days(10)),
    ],
)
def test_each_reason_has_its_track_and_wakes_when_the_playbook_says(
    bench: DomainHarness, lead: LeadStory, *, reason: str, fields: dict[str, Any], track: str, wakes: datetime | None
) -> None:
    """F2, F4, F5, F6: and no date falls into the cool-down but one that is asked for or at once."""
    bench.does(lead.lead_id, "recycle", reason=reason, **fields)
    (event,) = bench.emitted(LeadRecycled)
    assert (event.track, event.wake_at) == (track, wakes)


@pytest.mark.parametrize("reason", ["wrong_icp", "wrong_persona", "student", "vendor", "spam"])
def test_only_the_wrong_icp_or_persona_disqualifies(bench: DomainHarness, lead: LeadStory, reason: str) -> None:
    """Q20."""
    done = bench.does(lead.lead_id, "disqualify", reason=reason)
    assert done.carried_out_as == "disqualify"
    assert bench.emitted(LeadDisqualified)[0].track is None
    assert bench.cycles[0].side == "nobody"


def test_a_disqualification_with_a_reason_that_recycles_is_carried_out_as_one(
    bench: DomainHarness, lead: LeadStory
) -> None:
    """Q20: recycling is the default verb."""
    assert bench.does(lead.lead_id, "disqualify", reason="no_budget").carried_out_as == "recycle"
    assert bench.emitted(LeadRecycled)
    assert not bench.emitted(LeadDisqualified)


def test_a_rejections_reason_decides(lead: LeadStory) -> None:
    """Return, close, or route again: the event's state tells routing which."""
    for reason, state in [("not_ready", "recycled"), ("spam", "disqualified"), ("wrong_territory", "mql")]:
        bench = DomainHarness(lead.contact_id, MONDAY).apply(lead.qualified(), lead.assigned())
        context = {"country": "FR"} if reason == "wrong_territory" else {}
        bench.does(lead.lead_id, "reject", reason=reason, context=context)
        assert (bench.emitted(LeadRejected)[0].state, bench.lead(lead.lead_id).state) == (state, state)


def test_a_wrong_territory_names_the_right_one_and_that_travels(bench: DomainHarness, lead: LeadStory) -> None:
    """Routing decides again by what the rep found; a value of another type corrects nothing."""
    with pytest.raises(ContextMissing):
        bench.does(lead.lead_id, "reject", reason="wrong_territory", context={"country": ""})
    found = {"country": "FR", "region": 4, "employees": 12, "colour": "red"}
    bench.does(lead.lead_id, "reject", reason="wrong_territory", context=found)
    assert bench.emitted(LeadRejected)[0].corrected == ContactCorrections(country="FR", employees=12)


def test_a_reason_that_routes_again_needs_a_rejection(bench: DomainHarness, lead: LeadStory) -> None:
    with pytest.raises(ReasonNotFitting):
        bench.does(lead.lead_id, "recycle", reason="wrong_territory")


def test_a_loss_goes_to_a_track_in_the_same_instant(bench: DomainHarness, lead: LeadStory) -> None:
    bench.does(lead.lead_id, "lost", reason="competitor")
    lost, recycled = bench.emitted(LeadLost)[0], bench.emitted(LeadRecycled)[0]
    assert (lost.state, recycled.track) == ("lost", "competitive")
    assert lost.occurred_at == recycled.occurred_at
    assert bench.lead(lead.lead_id).standing.lost_at == bench.now
    assert bench.lead(lead.lead_id).state == "recycled"


def test_an_unknown_reason_is_refused_with_the_known_ones(bench: DomainHarness, lead: LeadStory) -> None:
    """F2, F3."""
    with pytest.raises(ReasonUnknown) as refused:
        bench.does(lead.lead_id, "recycle", reason="bored")
    assert refused.value.extra["known"] == sorted(RULES.reasons)


def test_a_missing_reason_is_refused() -> None:
    """F3."""
    with pytest.raises(ValidationError, match="reason"):
        Recycle.model_validate({"by": "ann"})


def test_a_reason_without_its_context_is_refused_and_says_what_is_missing(
    bench: DomainHarness, lead: LeadStory
) -> None:
    """F3, F6: the size check needs the size."""
    with pytest.raises(ContextMissing) as refused:
        bench.does(lead.lead_id, "recycle", reason="wrong_size")
    assert refused.value.errors == [{"field": "context.employees", "code": "context_missing"}]


def test_unreachable_needs_six_tries_over_ten_days(lead: LeadStory) -> None:
    """F13: those on record, or those that the rep tells of."""
    bench = DomainHarness(lead.contact_id, MONDAY + days(20)).apply(lead.qualified(), lead.assigned())
    for day in range(5):
        bench.does(lead.lead_id, "touches", at=MONDAY + days(day), **CALL)
    with pytest.raises(ContextMissing) as refused:
        bench.does(lead.lead_id, "recycle", reason="unreachable")
    assert refused.value.extra == {
        "reason": "unreachable", "missing": ["attempts", "days"], "attempts": 6, "days": 10, "recorded": 5,
    }  # fmt: skip
    bench.does(lead.lead_id, "touches", at=MONDAY + days(11), **CALL)
    bench.does(lead.lead_id, "recycle", reason="unreachable")
    assert bench.emitted(LeadRecycled)[0].attempts == 6

    other = DomainHarness(lead.contact_id, MONDAY + days(20)).apply(lead.qualified())
    other.does(lead.lead_id, "recycle", reason="unreachable", context={"attempts": 7, "days": 12})
    assert other.lead(lead.lead_id).state == "recycled"


def test_calls_within_an_hour_are_one_try_in_whatever_order_they_are_noted(lead: LeadStory) -> None:
    """Issue 14, point 9: six calls in six minutes on two days are two tries, here as for sla-monitor."""
    bench = DomainHarness(lead.contact_id, MONDAY + days(20)).apply(lead.qualified(), lead.assigned())
    for minute in (3, 0, 2, 1, 59):
        for day in (11, 0):
            bench.does(lead.lead_id, "touches", at=MONDAY + days(day) + timedelta(minutes=minute), **CALL)
    with pytest.raises(ContextMissing) as refused:
        bench.does(lead.lead_id, "recycle", reason="unreachable")
    assert (refused.value.extra["missing"], refused.value.extra["recorded"]) == (["attempts"], 2)
    assert bench.cycles[0].touches == 10, "each touch is a touch all the same"
    for day in (2, 3, 4):
        bench.does(lead.lead_id, "touches", at=MONDAY + days(day), **CALL)
    bench.does(lead.lead_id, "touches", at=MONDAY + timedelta(minutes=60), **CALL)
    bench.does(lead.lead_id, "recycle", reason="unreachable")
    assert bench.emitted(LeadRecycled)[0].attempts == 6


def test_a_lead_keeps_the_times_of_its_first_touches_alone(lead: LeadStory) -> None:
    """A robot that calls itself a person does not make the row of its lead grow without end."""
    known = DomainHarness(lead.contact_id, MONDAY).apply(lead.qualified()).lead(lead.lead_id)
    for number in reversed(range(MOST_TOUCH_TIMES + 5)):
        known = count_touch(known, MONDAY + timedelta(hours=number), automated=False)
    assert known.touch_times[-1] == MONDAY + timedelta(hours=MOST_TOUCH_TIMES - 1)
    assert (known.touches, known.count_attempts(60)) == (MOST_TOUCH_TIMES + 5, MOST_TOUCH_TIMES)


def test_a_machines_touch_is_no_attempt(bench: DomainHarness, lead: LeadStory) -> None:
    """C15."""
    bench.does(lead.lead_id, "touches", kind="email", outcome="no_answer", automated=True)
    assert bench.emitted(LeadTouched)[0].automated
    assert bench.cycles[0].touches == 0
    assert bench.cycles[0].first_touched_at is None


def test_touches_and_meetings_are_taken_in_every_state(bench: DomainHarness, lead: LeadStory) -> None:
    bench.does(lead.lead_id, "disqualify", reason="spam")
    bench.does(lead.lead_id, "touches", at=MONDAY + days(1), **CALL)
    bench.does(lead.lead_id, "meetings", starts_at=MONDAY, outcome="held", **{"with": "ed"})
    assert bench.cycles[0].first_touched_at == MONDAY
    assert bench.lead(lead.lead_id).state == "disqualified"


def test_a_win_on_a_returned_lead_reopens_it_and_drops_the_wake_up(bench: DomainHarness, lead: LeadStory) -> None:
    """What outcomes say wins over what timers assumed."""
    bench.does(lead.lead_id, "recycle", reason="not_ready")
    bench.does(lead.lead_id, "won", amount=1.0)
    assert bench.lead(lead.lead_id).state == "won"
    assert not bench.timers
    assert (bench.cycles[0].reason, bench.cycles[0].wake_at) == (None, None)
    bench.until(MONDAY + days(300))
    assert not bench.emitted(LeadWoken)


def test_a_win_may_arrive_before_the_lead_began(bench: DomainHarness, lead: LeadStory) -> None:
    """D13: the win came two days before the first contact; it is placed there."""
    bench.does(lead.lead_id, "won", at=MONDAY - days(2))
    assert bench.emitted(LeadWon)[0].occurred_at == MONDAY - days(2)
    assert (bench.cycles[0].state, bench.cycles[0].since) == ("won", MONDAY - days(2))


def test_an_opportunity_that_arrives_late_undoes_what_the_review_assumed(lead: LeadStory) -> None:
    """Day 90 returned the lead; a deal had been open since day 80."""
    bench = DomainHarness(lead.contact_id, MONDAY + days(95)).apply(lead.qualified(), lead.assigned())
    bench.apply(lead.escalated(MONDAY + days(90), "not_followed_up"))
    assert bench.emitted(LeadRecycled)[0].reason == "not_followed_up"
    bench.does(lead.lead_id, "opportunity", at=MONDAY + days(80))
    assert bench.emitted(OpportunityOpened)[0].state == "opportunity"
    assert (bench.cycles[0].state, bench.cycles[0].since) == ("opportunity", MONDAY + days(80))
    assert ("wake", lead.lead_id) not in bench.timers


def test_the_review_does_not_return_a_lead_with_an_open_deal(bench: DomainHarness, lead: LeadStory) -> None:
    """L2."""
    bench.does(lead.lead_id, "opportunity")
    bench.apply(lead.escalated(MONDAY + days(2)))
    assert bench.lead(lead.lead_id).state == "opportunity"
    assert not bench.emitted(LeadRecycled)


def test_what_people_did_meanwhile_comes_before_a_timers_decision(bench: DomainHarness, lead: LeadStory) -> None:
    """An accept was heard before day 90's decision, though it happened a little after it."""
    bench.does(lead.lead_id, "accept")
    bench.apply(lead.escalated(MONDAY))
    assert bench.lead(lead.lead_id).state == "recycled"
    assert bench.lead(lead.lead_id).standing.accepted_at == MONDAY + days(2)


def test_a_lead_that_cooled_in_its_queue_is_nurtured(lead: LeadStory) -> None:
    bench = DomainHarness(lead.contact_id, MONDAY + days(9)).apply(lead.qualified(), lead.queued())
    assert (bench.lead(lead.lead_id).queue, bench.lead(lead.lead_id).placed) == ("development", "queued")
    bench.apply(lead.released(MONDAY + days(9)))
    (event,) = bench.emitted(LeadRecycled)
    assert (event.reason, event.track, event.wake_at) == ("cooled", "education", None)
    assert bench.lead(lead.lead_id).queue is None


def test_an_accept_that_arrives_after_the_lead_cooled_comes_too_late(lead: LeadStory) -> None:
    """Routing has let the lead go and scoring has ended the cycle: outcomes alone reopen it."""
    bench = DomainHarness(lead.contact_id, MONDAY + days(9)).apply(lead.qualified(), lead.queued())
    bench.apply(lead.released(MONDAY + days(9)))
    with pytest.raises(WouldUndoLaterStep):
        bench.does(lead.lead_id, "accept", at=MONDAY + days(8))
    with pytest.raises(IllegalMove):
        bench.does(lead.lead_id, "accept")


@pytest.mark.parametrize(("asked_for", "wakes"), [(40, 40), (-1, 92), (2000, 92)])
def test_who_put_it_off_is_woken_on_the_day_they_named(lead: LeadStory, asked_for: int, wakes: int) -> None:
    """R15: a day behind them, or years ahead, counts as none."""
    bench = DomainHarness(lead.contact_id, MONDAY + days(2)).apply(lead.qualified())
    bench.apply(lead.released(MONDAY + days(2), reason="not_now", wake_at=MONDAY + days(asked_for)))
    assert bench.emitted(LeadRecycled)[0].wake_at == MONDAY + days(wakes)


@pytest.mark.parametrize(
    ("reason", "means", "wake_at"),
    [("no_basis", ("no_basis", "consent", "hand_raise"), None), ("not_now", ("not_ready", "education", "date"), 92)],
)
@pytest.mark.parametrize("done", [(), ("accept", "confirm"), ("opportunity",)])
def test_a_contacts_own_word_ends_the_cycle_whoever_has_the_lead(
    lead: LeadStory, done: tuple[str, ...], reason: str, means: tuple[str, str, str], wake_at: int | None
) -> None:
    """D14, R15: whatever stage it is in; a deal that is won all the same is still taken."""
    bench = DomainHarness(lead.contact_id, MONDAY + days(2)).apply(lead.qualified(), lead.assigned())
    for step in done:
        fields: dict[str, Any] = {"bant": YES} if step == "confirm" else {}
        bench.does(lead.lead_id, step, **fields)
    bench.apply(lead.released(MONDAY + days(2), reason=reason))
    (event,) = bench.emitted(LeadRecycled)
    end = bench.lead(lead.lead_id).standing.end
    assert end is not None
    assert (event.reason, event.track, end.wakes_on) == means
    assert (event.by, event.wake_at) == ("contact", wake_at and MONDAY + days(wake_at))
    bench.does(lead.lead_id, "won", amount=5)
    assert bench.lead(lead.lead_id).state == "won"


def test_under_a_playbook_that_does_not_name_it_a_withdrawal_is_returned_as_cooled(lead: LeadStory) -> None:
    bench = DomainHarness(lead.contact_id, MONDAY).apply(lead.qualified(), lead.assigned())
    reasons = {name: reason for name, reason in RULES.reasons.items() if name != "no_basis"}
    context = replace(bench.context, rules=RULES.model_copy(update={"reasons": reasons}))
    ended = return_released_lead(bench.lead(lead.lead_id), lead.released(MONDAY, reason="no_basis"), context)
    assert ended.standing.end is not None
    assert ended.standing.end.reason == "cooled"


def test_an_unknown_reason_of_a_timer_is_no_outcome(bench: DomainHarness, lead: LeadStory) -> None:
    bench.apply(lead.escalated(MONDAY + days(90), "a reason of tomorrow"))
    assert bench.emitted(LeadRecycled)[0].reason == "no_outcome"


def test_a_late_fact_that_would_undo_later_work_is_refused(bench: DomainHarness, lead: LeadStory) -> None:
    bench.does(lead.lead_id, "accept", at=MONDAY + days(1))
    bench.does(lead.lead_id, "confirm", bant=YES)
    with pytest.raises(WouldUndoLaterStep):
        bench.does(lead.lead_id, "recycle", reason="not_ready", at=MONDAY + days(1.5))
    assert bench.lead(lead.lead_id).state == "sql"


def test_a_late_accept_is_placed_where_it_happened(bench: DomainHarness, lead: LeadStory) -> None:
    bench.does(lead.lead_id, "recycle", reason="not_ready")
    bench.does(lead.lead_id, "accept", at=MONDAY + days(1))
    assert bench.lead(lead.lead_id).state == "recycled"
    assert bench.cycles[0].accepted_at == MONDAY + days(1)


def test_a_return_that_outcomes_had_overtaken_changes_nothing(bench: DomainHarness, lead: LeadStory) -> None:
    bench.does(lead.lead_id, "won")
    done = bench.does(lead.lead_id, "recycle", reason="not_ready", at=MONDAY + days(1))
    assert done.events == ()
    assert bench.lead(lead.lead_id).state == "won"
    assert not bench.emitted(LeadRecycled)


def test_a_loss_that_arrives_late_corrects_the_return(bench: DomainHarness, lead: LeadStory) -> None:
    bench.does(lead.lead_id, "recycle", reason="no_budget")
    bench.does(lead.lead_id, "lost", reason="not_the_buyer", at=MONDAY + days(1))
    assert [event.reason for event in bench.emitted(LeadRecycled)] == ["no_budget", "not_the_buyer"]
    assert bench.timers[("wake", lead.lead_id)] == MONDAY + days(61)


def test_the_future_is_refused_but_a_clock_a_little_ahead_is_forgiven(bench: DomainHarness, lead: LeadStory) -> None:
    done = bench.does(lead.lead_id, "touches", at=bench.now + days(1) / 1440, **CALL)
    assert done.at == bench.now
    with pytest.raises(InTheFuture):
        bench.does(lead.lead_id, "touches", at=bench.now + days(1), **CALL)


@pytest.mark.parametrize(
    "fields",
    [
        {"reason": "not_ready", "wake_at": MONDAY},
        {"reason": "not_ready", "wake_at": MONDAY + days(4000)},
        {"reason": "competitor", "renewal_at": MONDAY},
        {"reason": "competitor", "context": {"renewal_at": "soon"}},
        {"reason": "no_budget", "context": {"fiscal_year_starts": "soon"}},
    ],
)
def test_dates_must_make_sense(bench: DomainHarness, lead: LeadStory, fields: dict[str, Any]) -> None:
    with pytest.raises(InstantOutOfRange):
        bench.does(lead.lead_id, "recycle", **fields)


def test_a_deal_is_in_a_currency_of_the_playbook(bench: DomainHarness, lead: LeadStory) -> None:
    """B55."""
    with pytest.raises(CurrencyUnknown):
        bench.does(lead.lead_id, "opportunity", currency="XXX")


def test_the_date_wakes_a_returned_lead(bench: DomainHarness, lead: LeadStory) -> None:
    """F5, F8."""
    bench.does(lead.lead_id, "recycle", reason="not_ready")
    bench.until(MONDAY + days(91))
    assert not bench.emitted(LeadWoken)
    bench.until(MONDAY + days(93))
    (woken,) = bench.emitted(LeadWoken)
    assert (woken.reason, woken.track, woken.early, woken.rep_id) == ("not_ready", "education", False, "ann")
    assert woken.occurred_at == MONDAY + days(92)
    assert not bench.timers


def test_who_was_not_followed_up_wakes_at_once(bench: DomainHarness, lead: LeadStory) -> None:
    bench.apply(lead.escalated(MONDAY + days(2), "not_followed_up"))
    bench.until(bench.now)
    assert bench.emitted(LeadWoken)[0].reason == "not_followed_up"


def test_a_hand_raise_wakes_at_once_and_drops_the_date(bench: DomainHarness, lead: LeadStory) -> None:
    """F7: whichever way it came in; and it wakes once."""
    bench.does(lead.lead_id, "recycle", reason="not_ready")
    raised = lead.captured(MONDAY + days(10), "contact_sales")
    bench.apply(lead.captured(MONDAY + days(9), "webinar_attended"))
    assert not bench.emitted(LeadWoken)
    bench.apply(raised, raised, lead.captured(MONDAY + days(11), "webinar_attended", talk_to_sales=True))
    (woken,) = bench.emitted(LeadWoken)
    assert (woken.early, woken.occurred_at) == (True, MONDAY + days(10))
    assert not bench.timers


def test_a_hand_raise_wakes_a_disqualified_lead_too(bench: DomainHarness, lead: LeadStory) -> None:
    bench.does(lead.lead_id, "disqualify", reason="wrong_icp")
    bench.apply(lead.captured(MONDAY + days(10), "content_download"))
    assert not bench.emitted(LeadWoken)
    bench.apply(lead.captured(MONDAY + days(11), "webinar_attended", source="chat"))
    assert bench.emitted(LeadWoken)[0].early


def test_fresh_data_wakes_whoever_could_not_be_reached_with_the_old(bench: DomainHarness, lead: LeadStory) -> None:
    bench.does(lead.lead_id, "recycle", reason="bad_data", context={"field": "phone"})
    bench.apply(lead.captured(MONDAY + days(10), "content_download"))
    assert bench.emitted(LeadWoken)[0].occurred_at == MONDAY + days(10)


def test_a_hand_raise_heard_before_the_return_it_followed_wakes_too(bench: DomainHarness, lead: LeadStory) -> None:
    """The return happened on day 1 and arrives on day 2; the hand went up in between."""
    bench.apply(lead.captured(MONDAY + days(1.5), "demo_request"))
    bench.does(lead.lead_id, "recycle", reason="not_ready", at=MONDAY + days(1))
    assert bench.emitted(LeadWoken)[0].occurred_at == MONDAY + days(1.5)


def test_the_next_cycle_takes_the_wake_up_over(bench: DomainHarness, lead: LeadStory) -> None:
    """F7: scoring saw the line crossed before the date came; whatever comes then belongs to the new cycle."""
    bench.does(lead.lead_id, "recycle", reason="not_ready")
    again = LeadStory(cycle=2, start=MONDAY + days(20))
    bench.apply(again.qualified())
    assert ("wake", lead.lead_id) not in bench.timers
    bench.apply(lead.captured(MONDAY + days(30), "demo_request"))
    assert not bench.emitted(LeadWoken)
    assert [cycle.cycle for cycle in bench.emitted(LeadLifecycle)[-1].cycles] == [1, 2]


def test_after_three_cycles_a_hand_raise_alone_wakes() -> None:
    """F7: the rule against flapping."""
    third = LeadStory(cycle=3)
    bench = DomainHarness(third.contact_id, MONDAY).apply(third.qualified())
    bench.does(third.lead_id, "recycle", reason="not_ready")
    assert bench.emitted(LeadRecycled)[0].wake_at is None
    bench.apply(third.captured(MONDAY + days(1), "contact_sales"))
    assert bench.emitted(LeadWoken)


def test_an_open_lead_is_not_left_lying(bench: DomainHarness, lead: LeadStory) -> None:
    """F8, Q19: a booked meeting closed the review, and nothing came of it."""
    bench.does(lead.lead_id, "accept")
    bench.apply(lead.review_opened(MONDAY + days(2)), lead.review_met(MONDAY + days(2)))
    bench.until(MONDAY + days(121))
    assert bench.lead(lead.lead_id).state == "accepted"
    bench.until(MONDAY + days(123))
    assert bench.emitted(LeadRecycled)[0].reason == "no_outcome"


def test_a_stall_that_comes_too_late_changes_nothing(bench: DomainHarness, lead: LeadStory) -> None:
    waited = replace(bench.lead(lead.lead_id), stalls_at=bench.now)
    bench.does(lead.lead_id, "won")
    won = replace(bench.lead(lead.lead_id), stalls_at=bench.now)
    assert return_stalled_lead(waited, bench.context).state == "recycled"
    assert return_stalled_lead(won, bench.context) == replace(won, stalls_at=None)
    assert return_stalled_lead(replace(waited, stalls_at=None), bench.context).state == "mql"


def test_history_that_arrives_late_gets_a_while_to_arrive_in_full(lead: LeadStory) -> None:
    bench = DomainHarness(lead.contact_id, MONDAY + days(400)).apply(lead.qualified(), lead.assigned())
    bench.does(lead.lead_id, "accept", at=MONDAY)
    assert bench.timers[("stall", lead.lead_id)] == bench.now + days(7)


def test_an_opportunity_is_never_ended_by_a_timer(bench: DomainHarness, lead: LeadStory) -> None:
    bench.does(lead.lead_id, "opportunity")
    assert not bench.timers


def test_a_review_is_open_until_it_is_answered(bench: DomainHarness, lead: LeadStory) -> None:
    bench.apply(lead.review_opened(MONDAY + days(60)), lead.warned(MONDAY))
    opened = bench.lead(lead.lead_id)
    assert (opened.review_opened_at, opened.review_closed_at) == (MONDAY + days(60), None)
    bench.apply(lead.review_missed(MONDAY + days(90)))
    assert bench.lead(lead.lead_id).review_closed_at == MONDAY + days(90)


def test_the_responsible_side_changes_at_hand_over(lead: LeadStory) -> None:
    """D17."""
    bench = DomainHarness(lead.contact_id, MONDAY).apply(lead.qualified())
    assert bench.lead(lead.lead_id).side == "marketing"
    bench.apply(lead.queued())
    assert bench.lead(lead.lead_id).side == "sales"
    bench.does(lead.lead_id, "recycle", reason="not_ready")
    assert bench.lead(lead.lead_id).side == "marketing"


def test_a_snapshot_is_published_once_a_change(bench: DomainHarness, lead: LeadStory) -> None:
    published = len(bench.emitted(LeadLifecycle))
    bench.apply(lead.warned(MONDAY + days(1)), lead.captured(MONDAY + days(1)))
    assert len(bench.emitted(LeadLifecycle)) == published
    bench.does(lead.lead_id, "accept")
    assert [event.revision for event in bench.emitted(LeadLifecycle)] == list(range(1, published + 2))


def test_the_earliest_origin_stays(lead: LeadStory) -> None:
    bench = DomainHarness(lead.contact_id, MONDAY)
    for day, origin in [(3, "paid_search"), (1, "referral"), (2, "social"), (0, 7)]:
        bench.apply(lead.captured(MONDAY + days(day), facts={"origin": origin}))
    assert bench.contact.origin == "referral"


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        (Touch, {"kind": "call", "outcome": "no_answer", "automated": "yes"}),
        (Touch, {"kind": "call", "outcome": "no_answer", "seconds": -1}),
        (Touch, {"kind": "call", "outcome": "no_answer", "topics": ["Ring Jo at home"]}),
        (Touch, {"kind": "call", "outcome": "no_answer", "at": 1_700_000_000}),
        (Touch, {"kind": "call", "outcome": "no_answer", "at": "2026-03-01T00:00:00"}),
        (Touch, {"kind": "call", "outcome": "no_answer", "at": "1900-01-01T00:00:00Z"}),
        (Touch, {"kind": "call", "outcome": "no_answer", "by": "jo@x.example"}),
        (Confirm, {"bant": {**YES, "budget": "on"}}),
        (Confirm, {"bant": {"budget": True}}),
        (Recycle, {"reason": "not_ready", "state": "won"}),
        (Recycle, {"reason": "not_ready", "note": "\x00"}),
        (Recycle, {"reason": "not_ready", "context": {"k": [1]}}),
    ],
)
def test_a_malformed_command_is_refused(model: Any, fields: dict[str, Any]) -> None:
    """B30, B51, B53, B57: no guessing."""
    with pytest.raises(ValidationError):
        model.model_validate({"by": "ann", **fields})


def test_a_refusal_says_what_it_is() -> None:
    assert (Refusal().title, Refusal().errors) == (
        "The command cannot be carried out",
        [{"field": "", "code": "refused"}],
    )


def test_a_playbook_that_contradicts_itself_is_refused() -> None:
    text = RULES.model_dump(mode="json")
    for reasons in (
        {**text["reasons"], "cooled": {"says": "x", "does": "disqualify"}},
        {**text["reasons"], "not_ready": {"says": "x", "does": "recycle"}},
    ):
        with pytest.raises(ValidationError):
            FeedbackPlaybook.model_validate({**text, "reasons": reasons})


def test_definitions_are_signed_by_both_sides_and_open_stages_end() -> None:
    """D4, D3."""
    text = STAGES.model_dump(mode="json")
    with pytest.raises(ValidationError, match="approved"):
        Definitions.model_validate({**text, "approvers": ["sales:head"]})
    stage = {**text["stages"]["sql"], "limit_days": None}
    with pytest.raises(ValidationError, match="limit"):
        Definitions.model_validate({**text, "stages": {"sql": stage}})


def test_an_open_lead_that_another_makes_needless_is_ended_once() -> None:
    """Merges: the one with a deal goes on, else the survivor's; an ended one ends once."""
    ada, eda = LeadStory("ada"), LeadStory("eda", start=MONDAY + days(1))
    context = DomainHarness(ada.contact_id, MONDAY + days(2)).context
    first = DomainHarness(ada.contact_id, MONDAY + days(2)).apply(ada.qualified()).lead(ada.lead_id)
    other = DomainHarness(eda.contact_id, MONDAY + days(2)).apply(eda.qualified())
    assert find_superseded([first, other.lead(eda.lead_id)], ada.contact_id) == [other.lead(eda.lead_id)]
    assert find_superseded([first, other.lead(eda.lead_id)], eda.contact_id) == [first]
    assert find_superseded([], ada.contact_id) == []
    ended = end_as_duplicate(first, eda.contact_id, MONDAY, context)
    assert (ended.state, ended.standing.end and ended.standing.end.reason) == ("recycled", "duplicate")
    assert end_as_duplicate(ended, eda.contact_id, MONDAY, context) is ended
    assert wake_after_unmerge(ended, MONDAY + days(3), RelatedContacts()).rang_at == MONDAY + days(3)
    assert wake_after_unmerge(ended, MONDAY, RelatedContacts(leads=(other.lead(eda.lead_id),))) is ended
    assert wake_after_unmerge(first, MONDAY, RelatedContacts()) is first
    other.does(eda.lead_id, "opportunity")
    assert find_superseded([first, other.lead(eda.lead_id)], ada.contact_id) == [first]


def test_customer_success_speaks_of_what_was_won() -> None:
    """F19, F20: growth of a customer, one who leaves, and reports that came too late or about nobody's win."""
    lead = LeadStory()
    bench = DomainHarness(lead.contact_id, MONDAY + days(9)).apply(lead.captured(), lead.qualified())

    def report(what: str, at: datetime | None = None) -> ChangedCustomer:
        asked = CustomerChange.model_validate({"change": what, "amount": 5.0, "at": at and at.isoformat()})
        return apply_customer_change(bench.contact, asked, "cleo", uuid5(SPACE, f"{what} {at}"), bench.context)

    assert report("renewed").event.lead_id is None
    bench.does(lead.lead_id, "won", amount=10)
    assert report("renewed", MONDAY - days(1)).event.lead_id is None
    grown = report("upsold").lead
    assert grown is not None
    assert (grown.state, grown.revenue, grown.side) == ("customer", 15.0, "customer_success")
    left = report("churned").lead
    assert left is not None
    assert (left.state, left.revenue) == ("recycled", 10.0)
    bench.contact = bench.contact.with_lead(left)
    again = report("renewed")
    assert (again.lead, again.event.from_state) == (None, "recycled")


def test_what_comes_late_or_again_changes_nothing() -> None:
    ada = LeadStory("ada")
    bench = DomainHarness(ada.contact_id, MONDAY + days(9))
    lead = bench.apply(ada.qualified(), ada.upgraded(MONDAY + days(2)), ada.assigned(number=2)).lead(ada.lead_id)
    assert apply_qualification(lead, ada.upgraded(MONDAY + days(1), fit="D")) == lead
    assert apply_placement(lead, ada.queued(number=1)) == lead
    late = ada.escalated(MONDAY + days(8))
    ended = return_lead_after_review(lead, late, bench.context)
    assert ended.state == "recycled"
    assert return_lead_after_review(ended, late, bench.context) is ended


def test_the_last_word_of_when_to_call_counts_in_whatever_order_it_arrives() -> None:
    """14.8: as the clocks take it; a promise that has not begun is ignored by nobody."""
    lead, ada = Lead(LeadStory().lead_id, LeadStory().contact_id, 1, heard_at=MONDAY), LeadStory()
    friday, june = MONDAY + days(4), MONDAY + days(90)
    waiting = apply_requested_time(lead, MONDAY, june)
    assert (waiting.asked_at, waiting.waits_until) == (MONDAY, june)
    assert apply_requested_time(waiting, MONDAY - days(1), friday).waits_until == june
    assert apply_requested_time(waiting, MONDAY, june) is waiting
    assert apply_requested_time(waiting, MONDAY, None) is waiting
    assert apply_requested_time(waiting, MONDAY + days(1), friday).waits_until == friday
    for preference, named, until in (
        ("book", friday, friday), ("call_me", None, MONDAY), ("not_now", june, june), ("not_now", None, None),
        (None, friday, None),
    ):  # fmt: skip
        asked = apply_qualification(lead, ada.qualified(preference=preference, preferred_at=named))
        assert asked.waits_until == until


@pytest.mark.parametrize("outcome", ["cancelled", "no_show"])
def test_a_slot_that_was_called_off_is_waited_for_no_more(outcome: str) -> None:
    """Nobody who does nothing then is excused by it; a request that arrives again is no later word."""
    ada, slot = LeadStory("ada"), MONDAY + days(20)
    bench = DomainHarness(ada.contact_id, MONDAY + days(2))
    bench.apply(ada.qualified(preference="book", preferred_at=slot))
    for starts_at, happened, until in (
        (slot + days(1), outcome, slot), (slot, "rescheduled", slot), (slot, outcome, MONDAY + days(2)),
        (slot, outcome, MONDAY + days(2)),
    ):  # fmt: skip
        bench.does(ada.lead_id, "meetings", outcome=happened, starts_at=starts_at)
        assert bench.lead(ada.lead_id).waits_until == until
    off = bench.lead(ada.lead_id)
    assert apply_requested_time(off, off.captured_at or MONDAY, slot) == off
    assert apply_requested_time(off, MONDAY + days(3), slot).waits_until == slot


def test_what_is_called_off_after_its_time_or_before_it_was_asked_for_changes_nothing() -> None:
    lead = Lead(LeadStory().lead_id, LeadStory().contact_id, 1, heard_at=MONDAY)
    slot = MONDAY + days(4)
    assert apply_meeting(lead, MONDAY, "cancelled", slot).waits_until is None
    waiting = apply_requested_time(lead, MONDAY, slot)
    assert apply_meeting(waiting, slot, "cancelled", slot) is waiting
    assert apply_meeting(waiting, MONDAY - days(1), "cancelled", slot).waits_until == slot
    assert apply_meeting(waiting, MONDAY, "cancelled", slot).waits_until == MONDAY


def test_a_promise_is_counted_by_how_it_came_out() -> None:
    """What was late was missed first; a miss that is taken back was kept, or nothing was due after all."""
    story, due = LeadStory(), MONDAY + days(1)
    clock = story.flagged(due, "first_touch") | {"due_at": due}
    assert count_promise(ClockMet(**clock, met_at=due)) == {"kept": 1}
    assert count_promise(ClockMet(**clock, met_at=due, overdue_seconds=1.0)) == {"late": 1}
    assert count_promise(ClockBreached(**clock)) == {"missed": 1}
    assert count_promise(ClockRescinded(**clock, met_at=due)) == {"missed": -1, "kept": 1}
    assert count_promise(ClockRescinded(**clock, met_at=due, kept=False)) == {"missed": -1}
    late = ClockRescinded(**clock, met_at=due, was_late=True)
    assert count_promise(late) == {"missed": -1, "late": -1, "kept": 1}
    assert count_promise(ClockWarned(**clock)) == {}
    assert count_promise(ClockMet(**clock | {"due_at": None}, met_at=due)) == {}


@pytest.mark.parametrize(
    ("kept", "missed", "promised", "is_kept", "short"),
    [(9, 1, 0.9, True, 0), (8, 2, 0.9, False, 1), (3, 2, None, None, 0), (0, 0, 0.9, True, 0), (7, 3, 0.7, True, 0)],
)
def test_kept_promises_stand_beside_the_share_that_was_promised(
    kept: int, missed: int, promised: float | None, is_kept: bool | None, short: int
) -> None:
    rows = [FunnelRow("usual|", kind="kept", actions=kept), FunnelRow("usual|", kind="missed", actions=missed)]
    (found,) = count_promises("first_touch", rows, (MONDAY.date(), MONDAY.date() + days(6)), promised)
    assert (found.kept, found.missed, found.team) == (kept, missed, None)
    assert (found.promised, found.is_kept, found.short) == (promised, is_kept, short)
    assert found.clocks["late"] == (
        "/v1/clocks?outcome=late&clock=first_touch&policy=usual&team=%28none%29"
        "&since=2026-03-02T00%3A00%3A00Z&until=2026-03-09T00%3A00%3A00Z"
    )
