"""When a contact becomes a lead, grows stronger, cools, and may become one again."""

from datetime import datetime
from typing import Any, Literal

import pytest

from events.contacts import Consent
from events.leads import CustomerChanged, LeadCooled, LeadQualified, LeadUpgraded
from scoring.domain import (
    Engagement,
    History,
    Lead,
    LifecycleFact,
    Verdict,
    decide_contact,
    wake_up_as_engagement,
)
from tests.scoring.builders import (
    ANN,
    FAIR,
    IDEAL,
    MODEST,
    PLAYBOOK,
    POOR,
    add,
    became,
    day,
    did,
    disqualified,
    history,
    recycled,
    touched,
    woken,
    won,
)

WEBINAR = "webinar_attended"


def decided(known: History, now: datetime | float = 0) -> Verdict:
    """Decide, and remember what was decided as the store would."""
    instant = day(now) if isinstance(now, int | float) else now
    verdict = decide_contact(known, PLAYBOOK, now=instant, version="v1")
    for lead in verdict.leads:
        known.leads[lead.cycle] = lead
    return verdict


def published(verdict: Verdict) -> list[tuple[str, int, str]]:
    """Sum up what was published: the kind of event, the cycle, the lead type (or the grade of what cooled)."""
    return [
        (type(event).__name__, event.cycle, getattr(event, "lead_type", ""))
        for event in verdict.events
        if isinstance(event, LeadQualified | LeadUpgraded | LeadCooled)
    ]


def after(*parts: Engagement | LifecycleFact, now: float = 0, **values: Any) -> list[tuple[str, int, str]]:
    return published(decided(history(*parts, **values), now))


@pytest.mark.parametrize("engagement", ["contact_sales", "demo_request", "callback_request"])
def test_a_hand_raiser_is_a_lead_at_once_whatever_the_readiness(engagement: str) -> None:
    """Q8."""
    (event,) = decided(history(did(engagement, **IDEAL))).events
    assert isinstance(event, LeadQualified)
    assert (event.lead_type, event.outcome, event.fit, event.readiness) == ("hand_raiser", "hand_raiser", "A", 4)
    assert event.confirmed is False


@pytest.mark.parametrize("source", ["phone", "chat"])
def test_an_inbound_call_or_a_live_chat_is_a_raised_hand(source: str) -> None:
    """C5."""
    assert after(did("asked", source=source)) == [("LeadQualified", 1, "hand_raiser")]


def test_a_hand_raiser_of_poor_fit_is_published_as_such_and_still_gets_an_answer() -> None:
    """Q9."""
    (event,) = decided(history(did("contact_sales", **POOR))).events
    assert isinstance(event, LeadQualified)
    assert (event.lead_type, event.outcome, event.fit) == ("hand_raiser", "poor_fit", "D")


def test_a_ticked_box_ranks_below_a_pure_request() -> None:
    """Q10, C3."""
    ticked = did("content_download", talk_to_sales=True)
    assert after(ticked) == [("LeadQualified", 1, "fast_track")]
    both = after(ticked, did("contact_sales", 1), now=1)
    assert both == [("LeadQualified", 1, "fast_track"), ("LeadUpgraded", 1, "hand_raiser")]
    assert after(did("contact_sales"), did("content_download", 1, talk_to_sales=True), now=1) == [
        ("LeadQualified", 1, "hand_raiser")
    ]


def test_both_axes_are_needed_for_an_mql() -> None:
    """Q7."""
    two_webinars = [did(WEBINAR, 0, **IDEAL), did(WEBINAR, 1)]
    assert after(*two_webinars, now=1) == [("LeadQualified", 1, "webinar")]
    assert after(two_webinars[0]) == []
    assert after(did(WEBINAR, 0, **POOR), did(WEBINAR, 1), did("pricing_view", 1), did("seats_added", 1), now=1) == []


@pytest.mark.parametrize(("facts", "leads"), [(IDEAL, 1), (MODEST, 1), (FAIR, 0), (POOR, 0)])
def test_the_cells_decide_at_the_second_level(facts: dict[str, Any], leads: int) -> None:
    assert len(after(did("colleagues_invited", **facts))) == leads


def test_a_fair_fit_is_an_mql_at_the_highest_level_alone() -> None:
    assert after(did("colleagues_invited", **FAIR), did(WEBINAR), now=0) == [("LeadQualified", 1, "product")]


def test_a_scan_whose_answers_say_yes_is_event_qualified() -> None:
    """C2, R6."""
    assert after(did("event_scan", facts={"has_project": "Ja!"}, **FAIR)) == [("LeadQualified", 1, "event_qualified")]
    assert after(did("event_scan", facts={"has_project": "no"}, **FAIR)) == []


def test_a_lead_travels_with_both_answers_and_what_a_rep_needs() -> None:
    """D15, R12, C9."""
    known = history(
        did("content_download", 0, content="paper", **IDEAL),
        did(WEBINAR, 0.01, campaign="spring", content="webinar 7", received_at=day(1.5), source="webinar"),
    )
    (event,) = decided(known, 2).events
    assert isinstance(event, LeadQualified)
    assert event.fit_points == sum(line.points for line in event.fit_evidence) == 100
    assert event.readiness_points == sum(line.points for line in event.readiness_evidence)
    assert (event.captured_at, event.campaign, event.content) == (day(1.5), "spring", "webinar 7")
    assert (event.company, event.job_title, event.segment) == (None, "Head of Marketing", "mid-market")
    assert [each.content for each in event.timeline] == ["paper", "webinar 7"]
    assert (event.occurred_at, event.playbook_version) == (day(2), "v1")


def test_the_title_of_what_was_read_comes_with_the_lead_and_is_no_fact_about_the_contact() -> None:
    """Issue 14, point 5."""
    read = did("content_download", content="pumps-7", content_title="How to choose a pump", **IDEAL)
    (event,) = decided(history(read, did("contact_sales", 1, **IDEAL)), 1).events
    assert isinstance(event, LeadQualified)
    assert [each.content_title for each in event.timeline] == ["How to choose a pump", None]
    assert "content_title" not in event.facts


def test_a_lead_is_published_once_and_not_again_by_later_engagements() -> None:
    """Q6."""
    known = history(did("demo_request", **IDEAL))
    assert len(published(decided(known))) == 1
    add(known, [did("pricing_view", 1), did("contact_sales", 2), did("demo_request")])
    assert published(decided(known, 2)) == []


def test_a_raised_hand_inside_an_open_cycle_upgrades_the_lead() -> None:
    known = history(did("colleagues_invited", **IDEAL))
    assert published(decided(known)) == [("LeadQualified", 1, "product")]
    add(known, [did("demo_request", 3)])
    (event,) = decided(known, 3).events
    assert isinstance(event, LeadUpgraded)
    assert (event.lead_type, event.outcome, event.engagement) == ("hand_raiser", "hand_raiser", "demo_request")
    assert known.leads[1].cools_at is None


def test_an_upgrade_of_poor_fit_says_so() -> None:
    known = history(did("content_download", talk_to_sales=True, **POOR))
    decided(known)
    add(known, [did("demo_request", 3)])
    (event,) = decided(known, 3).events
    assert isinstance(event, LeadUpgraded)
    assert event.outcome == "poor_fit"


@pytest.mark.parametrize("kind", ["competitor", "own"])
def test_competitors_and_colleagues_are_no_leads(kind: str) -> None:
    assert after(did("contact_sales", **IDEAL), accounts={"example.com": kind}) == []


def test_customers_wishes_go_to_account_management_and_are_no_mql() -> None:
    (event,) = decided(history(did("seats_added", **IDEAL), did(WEBINAR), accounts={"example.com": "customer"})).events
    assert isinstance(event, LeadQualified)
    assert (event.lead_type, event.outcome) == ("customer", "customer")


def test_a_student_is_a_lead_by_a_raised_hand_alone() -> None:
    student = {**IDEAL, "job_title": "Werkstudentin Marketing"}
    assert after(did("colleagues_invited", **student), did(WEBINAR)) == []
    assert after(did("demo_request", **student)) == [("LeadQualified", 1, "hand_raiser")]


def test_what_happened_after_the_end_opens_the_next_cycle() -> None:
    """F7, F9: readiness starts anew, fit stays."""
    known = history(did("demo_request", 0, **IDEAL))
    decided(known)
    add(known, [*became(recycled(10)), did(WEBINAR, 20), did("demo_request", 50)])
    (event,) = decided(known, 50).events
    assert isinstance(event, LeadQualified)
    assert (event.cycle, event.fit) == (2, "A")
    assert [line.criterion for line in event.readiness_evidence] == ["webinar_attended"]


def test_an_end_that_arrives_late_finds_the_cycle_that_began_meanwhile() -> None:
    known = history(did("demo_request", 0), did("demo_request", 12))
    assert published(decided(known, 12)) == [("LeadQualified", 1, "hand_raiser")]
    add(known, became(recycled(10)))
    assert published(decided(known, 13)) == [("LeadQualified", 2, "hand_raiser")]


def test_an_engagement_that_was_late_belongs_to_the_cycle_in_which_it_happened() -> None:
    """C10."""
    known = history(did("demo_request", 0))
    decided(known)
    add(known, [*became(recycled(10)), did("contact_sales", 5)])
    assert published(decided(known, 13)) == []


def test_the_opening_follows_what_is_known() -> None:
    known = history(did("demo_request", 5))
    decided(known, 5)
    add(known, [did("contact_sales", 1)])
    assert published(decided(known, 6)) == []
    assert known.leads[1].opened_at == day(1)


def test_a_win_before_the_first_contact_ends_the_cycle_and_opens_no_other() -> None:
    known = history(did("demo_request", 0))
    decided(known)
    add(known, became(won(-2)))
    assert published(decided(known, 1)) == []
    assert known.leads[1].ended_at == day(-2)


def test_an_end_before_what_opened_its_lead_does_not_bring_back_an_older_crossing_that_had_cooled() -> None:
    known = history(did("referral", 0, **IDEAL), did("account_use", 21.5))
    decided(known, 61)
    add(known, became(recycled(21)))
    assert published(decided(known, 61)) == []
    assert (known.leads[1].opened_at, known.leads[1].ended_at) == (day(21.5), day(21))


def test_a_customer_by_a_win_comes_back_as_a_customer_until_churned() -> None:
    """F20."""
    known = history(did("demo_request", 0), *became(won(5)), did("contact_sales", 9))
    assert published(decided(known, 9)) == [("LeadQualified", 1, "hand_raiser"), ("LeadQualified", 2, "customer")]
    churned = LifecycleFact(did("x").engagement_id, ANN, "churned", day(8))
    left = history(*became(won(5)), churned, did("demo_request"), did("contact_sales", 9))
    assert published(decided(left, 9))[1] == ("LeadQualified", 2, "hand_raiser")


def test_after_a_disqualification_only_a_raised_hand_opens() -> None:
    """Q20."""
    known = history(did("demo_request", 0, **IDEAL), *became(disqualified(5)), did("colleagues_invited", 60))
    assert published(decided(known, 60)) == [("LeadQualified", 1, "hand_raiser")]
    add(known, [did("demo_request", 70)])
    assert published(decided(known, 70)) == [("LeadQualified", 2, "hand_raiser")]


def test_a_cool_down_keeps_leads_from_flapping_and_a_wake_up_ends_it() -> None:
    """F7."""
    known = history(did("colleagues_invited", 0, **IDEAL), *became(recycled(5)), did("colleagues_invited", 20))
    assert published(decided(known, 20)) == [("LeadQualified", 1, "product")]
    add(known, [wake_up_as_engagement(woken(25))])
    assert published(decided(known, 25)) == [("LeadQualified", 2, "content")]
    cooled = history(
        did("colleagues_invited", 0, **IDEAL), *became(recycled(5, reason="cooled")), did("colleagues_invited", 20)
    )
    assert len(published(decided(cooled, 20))) == 2
    later = history(did("colleagues_invited", 0, **IDEAL), *became(recycled(5)), did("colleagues_invited", 36))
    assert len(published(decided(later, 36))) == 2


def test_a_wake_up_alone_makes_a_well_fitting_contact_a_lead() -> None:
    known = history(did("demo_request", 0, **IDEAL), *became(recycled(5)), wake_up_as_engagement(woken(95)))
    assert published(decided(known, 95))[1:] == [("LeadQualified", 2, "content")]
    fair = history(did("demo_request", 0, **FAIR), *became(recycled(5)), wake_up_as_engagement(woken(95)))
    assert published(decided(fair, 95))[1:] == []


def test_who_wakes_in_the_instant_of_the_return_is_a_lead_again_each_time_once() -> None:
    """Who was not followed up wakes at once: on a stepped clock that is the very instant of the return."""
    known = history(did("demo_request", 0, **IDEAL))
    assert published(decided(known, 0)) == [("LeadQualified", 1, "hand_raiser")]
    add(known, [wake_up_as_engagement(woken(5))])
    assert published(decided(known, 5)) == []
    add(known, became(recycled(5, reason="not_followed_up")))
    assert published(decided(known, 5)) == [("LeadQualified", 2, "content")]
    add(known, became(recycled(5, 2)))
    assert published(decided(known, 5)) == []
    add(known, [wake_up_as_engagement(woken(5, 2))])
    assert published(decided(known, 5)) == [("LeadQualified", 3, "content")]
    at_once = history(did("demo_request", 0, **IDEAL), *became(recycled(5)), wake_up_as_engagement(woken(5)))
    assert [lead.cycle for lead in decided(at_once, 5).leads] == [1, 2]


def test_a_fourth_cycle_opens_by_a_raised_hand_alone() -> None:
    parts = [did("colleagues_invited", 0, **IDEAL)]
    ends = [recycled(40 * cycle, cycle) for cycle in (1, 2, 3)]
    parts += [did("colleagues_invited", 40 * cycle + 31) for cycle in (1, 2, 3)]
    known = history()
    for at in range(160):
        add(known, [part for part in parts if part.occurred_at == day(at)])
        add(known, became(*(end for end in ends if end.occurred_at == day(at))))
        decided(known, at)
    assert sorted(known.leads) == [1, 2, 3]
    add(known, [did("demo_request", 170)])
    assert published(decided(known, 170)) == [("LeadQualified", 4, "hand_raiser")]


def test_a_lead_cools_at_the_very_instant_at_which_the_decay_crosses() -> None:
    known = history(did("colleagues_invited", 0, **IDEAL))
    verdict = decided(known)
    ((lead, cools_at),) = verdict.timers
    assert lead == known.leads[1].lead_id
    assert cools_at is not None
    assert decided(known, cools_at.replace(microsecond=cools_at.microsecond - 1)).events == []
    known.clear_fired_timers({lead})
    (event,) = decided(known, cools_at).events
    assert isinstance(event, LeadCooled)
    assert (event.occurred_at, event.readiness) == (cools_at, 3)
    assert event.readiness_points == sum(line.points for line in event.readiness_evidence) == 24.875
    assert decided(known, 100).events == []


def test_more_interest_moves_the_cooling() -> None:
    known = history(did("colleagues_invited", 0, **IDEAL))
    decided(known)
    before = known.leads[1].cools_at
    add(known, [did("pricing_view", 2)])
    ((_, moved),) = decided(known, 2).timers
    assert before is not None
    assert moved is not None
    assert moved > before


@pytest.mark.parametrize("fact", [touched(1), recycled(1)])
def test_a_lead_that_is_worked_or_over_does_not_cool(fact: Any) -> None:
    known = history(did("colleagues_invited", 0, **IDEAL))
    decided(known)
    add(known, became(fact))
    ((_, dropped),) = decided(known, 1).timers
    assert dropped is None


def test_a_machines_touch_keeps_nothing_warm() -> None:
    """C15."""
    assert became(touched(1, automated=True)) == []


def test_an_old_list_makes_no_leads_of_the_past() -> None:
    known = history(did("colleagues_invited", 0, **IDEAL))
    assert decided(known, 300).events == []
    add(known, [did("demo_request", 301)])
    assert published(decided(known, 301)) == [("LeadQualified", 1, "hand_raiser")]


def test_a_published_lead_stays_published_when_its_reason_is_gone() -> None:
    known = history(did("demo_request", 3))
    decided(known, 3)
    known.engagements.clear()
    assert decided(known, 4).events == []
    assert isinstance(known.leads[1], Lead)
    add(known, [*became(recycled(5)), did("demo_request", 9)])
    assert published(decided(known, 9)) == [("LeadQualified", 2, "hand_raiser")]


@pytest.mark.parametrize("change", ["churned", "handed_back"])
def test_who_left_or_was_given_back_is_a_prospect_again(change: Literal["churned", "handed_back"]) -> None:
    """F20."""
    gone = CustomerChanged(occurred_at=day(8), contact_id=ANN, action_id=ANN, change=change, by="rep-1")
    assert after(did("demo_request"), *became(won(5), gone), did("contact_sales", 9), now=9)[1][2] == "hand_raiser"


def test_who_declined_sales_is_handed_over_by_a_request_alone() -> None:
    """D14."""
    no = Consent(purpose="sales", granted=False, wording_version="1", at=day(0))
    trial = did("colleagues_invited", 0, consents=[no], **IDEAL)
    assert after(trial) == []
    assert after(trial, did("demo_request", 1), now=1) == [("LeadQualified", 1, "hand_raiser")]
    yes = Consent(purpose="sales", granted=True, wording_version="1", at=day(2))
    assert after(trial, did("social", 2, consents=[yes]), now=2) == [("LeadQualified", 1, "product")]
