"""Several contacts that are one person, wishes that count later, overrides, and accounts that use the product."""

from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from events.contacts import ContactCaptured
from events.leads import LeadCooled, LeadQualified, LeadUpgraded
from scoring.domain import (
    Engagement,
    History,
    Lead,
    Verdict,
    capture_as_engagement,
    compute_score,
    decide_contact,
    later_request_as_engagement,
    make_account_use,
    override_as_engagement,
    wake_up_as_engagement,
)
from scoring.domain.history import ACCOUNT_USE
from tests.scoring.builders import (
    ANN,
    FAIR,
    IDEAL,
    PLAYBOOK,
    POOR,
    add,
    became,
    captured,
    day,
    did,
    disqualified,
    history,
    merged,
    playbook_with,
    recycled,
    touched,
    woken,
    won,
)

BOB = UUID("0b0b0b0b-0000-4000-8000-000000000002")
CYD = UUID("0c0c0c0c-0000-4000-8000-000000000003")
PublishedLead = list[tuple[str, UUID, int, str]]


def of(contact: UUID, *parts: Any) -> History:
    made = History(contact)
    add(made, parts)
    return made


def bob(engagement: str, at: float = 0, **values: Any) -> Engagement:
    return did(engagement, at, contact=BOB, **values)


def decided(known: History, now: float = 0) -> PublishedLead:
    verdict = decide_contact(known, PLAYBOOK, now=day(now), version="v")
    keep(known, verdict.leads)
    return published(verdict)


def keep(known: History, leads: list[Lead]) -> None:
    for lead in leads:
        known.put_lead(lead)


def published(verdict: Verdict) -> PublishedLead:
    return [
        (type(event).__name__.removeprefix("Lead"), event.contact_id, event.cycle, getattr(event, "lead_type", ""))
        for event in verdict.events
        if isinstance(event, LeadQualified | LeadUpgraded | LeadCooled)
    ]


def test_merged_contacts_are_scored_together() -> None:
    """Neither alone crosses the line; as one person they do, under the survivor's id."""
    ann, other = of(ANN, did("webinar_attended", 0, **IDEAL)), of(BOB, bob("webinar_attended", 1))
    assert decided(ann, 1) == decided(other, 1) == []
    person = merged(ann, other)
    assert decided(person, 1) == [("Qualified", ANN, 1, "webinar")]
    assert compute_score(person, PLAYBOOK, day(1)).readiness.points == 39.5
    assert decided(of(BOB, bob("webinar_attended", 1)), 2) == []


@pytest.mark.parametrize("survivor", [ANN, BOB])
def test_the_open_lead_of_any_contact_is_the_persons(survivor: UUID) -> None:
    ann, other = of(ANN, did("social", 0, **IDEAL)), of(BOB, bob("colleagues_invited", 1, **IDEAL))
    decided(ann, 1)
    assert decided(other, 1) == [("Qualified", BOB, 1, "product")]
    person = merged(*((ann, other) if survivor == ANN else (other, ann)))
    add(person, [did("pricing_view", 2), did("pricing_view", 3)])
    assert decided(person, 3) == []
    add(person, [did("demo_request", 4)])
    assert decided(person, 4) == [("Upgraded", BOB, 1, "hand_raiser")]
    assert compute_score(person, PLAYBOOK, day(4)).lead_type == "hand_raiser"


def test_the_next_cycle_is_the_survivors_and_the_highest_of_all_plus_one() -> None:
    ann, other = of(ANN, did("social", 0, **IDEAL)), of(BOB, bob("demo_request", 1, **IDEAL))
    decided(other, 1)
    add(other, [*became(recycled(5, contact=BOB)), bob("demo_request", 6)])
    assert decided(other, 6) == [("Qualified", BOB, 2, "hand_raiser")]
    person = merged(ann, other)
    add(person, [*became(recycled(9, 2, contact=BOB)), bob("contact_sales", 10)])
    assert decided(person, 10) == [("Qualified", ANN, 3, "hand_raiser")]
    add(person, [*became(recycled(12, 3)), did("contact_sales", 13)])
    assert decided(person, 13) == [("Qualified", ANN, 4, "hand_raiser")]


def two_open() -> History:
    """Ann has a lead by her score, Bob by a raised hand; they turn out to be one."""
    ann, other = of(ANN, did("colleagues_invited", 0, **IDEAL)), of(BOB, bob("demo_request", 1, **IDEAL))
    assert decided(ann, 1) == [("Qualified", ANN, 1, "product")]
    assert decided(other, 1) == [("Qualified", BOB, 1, "hand_raiser")]
    return merged(ann, other)


def test_of_two_open_leads_the_survivors_takes_the_stronger_wish() -> None:
    person = two_open()
    assert decided(person, 2) == [("Upgraded", ANN, 1, "hand_raiser")]
    assert decided(person, 3) == []
    add(person, [*became(recycled(3, reason="duplicate", contact=BOB)), did("contact_sales", 4)])
    assert decided(person, 4) == []
    assert {lead.contact_id: lead.ended_at for lead in person.all_leads()} == {ANN: None, BOB: day(3)}
    add(person, [*became(recycled(5)), bob("contact_sales", 6)])
    assert decided(person, 6) == [("Qualified", ANN, 2, "hand_raiser")]


def test_a_double_does_not_cool_and_the_other_lead_does() -> None:
    ann, other = of(ANN, did("colleagues_invited", 0, **IDEAL)), of(BOB, bob("colleagues_invited", 1, **IDEAL))
    decided(ann, 1), decided(other, 1)
    person = merged(ann, other)
    verdict = decide_contact(person, PLAYBOOK, now=day(2), version="v")
    timers = dict(verdict.timers)
    person.clear_fired_timers([ann.leads[1].lead_id])
    assert person.merged[other.leads[1].lead_id].cools_at is not None
    assert timers[other.leads[1].lead_id] is None
    assert timers[ann.leads[1].lead_id] is not None
    keep(person, verdict.leads)
    assert [entry[:2] for entry in decided(person, 60)] == [("Cooled", ANN)]


def test_what_was_answered_in_a_lead_that_ended_does_not_strengthen_another() -> None:
    ann = of(ANN, did("demo_request", 2, **IDEAL))
    decided(ann, 2)
    add(ann, became(recycled(9)))
    decided(ann, 9)
    other = of(BOB, bob("colleagues_invited", 1, **IDEAL))
    assert decided(other, 1) == [("Qualified", BOB, 1, "product")]
    person = merged(ann, other)
    assert decided(person, 10) == []
    add(person, [did("contact_sales", 11)])
    assert decided(person, 11) == [("Upgraded", BOB, 1, "hand_raiser")]


def test_an_unmerged_contact_has_its_own_history_again() -> None:
    person = two_open()
    decided(person, 2)
    add(person, became(recycled(3, reason="duplicate", contact=BOB)))
    decided(person, 3)
    other = of(BOB, bob("demo_request", 1, **IDEAL), *became(recycled(3, reason="duplicate", contact=BOB)))
    other.leads = {1: next(lead for lead in person.all_leads() if lead.contact_id == BOB)}
    add(other, [wake_up_as_engagement(woken(5, contact=BOB, reason="unmerged"))])
    assert decided(other, 5) == [("Qualified", BOB, 2, "hand_raiser")]
    assert decided(other, 50) == []


def test_a_lead_by_its_score_comes_back_from_an_unmerge_whatever_the_points() -> None:
    fair = of(BOB, bob("colleagues_invited", 0, **FAIR), bob("webinar_attended", 0))
    assert decided(fair) == [("Qualified", BOB, 1, "product")]
    add(fair, [*became(recycled(1, reason="duplicate", contact=BOB)), wake_up_as_engagement(woken(5, contact=BOB))])
    assert decided(fair, 5) == []
    add(fair, [wake_up_as_engagement(woken(6, contact=BOB, reason="unmerged"))])
    assert decided(fair, 6) == [("Qualified", BOB, 2, "product")]
    assert compute_score(fair, PLAYBOOK, day(6)).outcome == "mql"


def test_a_win_of_the_other_contact_makes_a_customer_of_the_person() -> None:
    other = of(BOB, bob("demo_request", 0, **IDEAL))
    decided(other)
    add(other, became(won(3, contact=BOB)))
    decided(other, 3)
    person = merged(of(ANN), other)
    add(person, [did("contact_sales", 9)])
    assert decided(person, 9) == [("Qualified", ANN, 2, "customer")]


def test_a_touch_keeps_the_right_lead_warm() -> None:
    ann, other = of(ANN, did("social", 0, **IDEAL)), of(BOB, bob("colleagues_invited", 0, **IDEAL))
    decided(other)
    person = merged(ann, other)
    add(person, became(touched(1, contact=ANN)))
    assert [entry[:2] for entry in decided(person, 60)] == [("Cooled", BOB)]


def test_an_end_that_comes_before_its_lead_still_divides_the_history() -> None:
    """A database that reads its topics anew may hear of the end first."""
    known = history(did("demo_request", 12), *became(recycled(10), disqualified(10)))
    assert decided(known, 12) == [("Qualified", ANN, 2, "hand_raiser")]
    add(known, [did("demo_request", 5)])
    assert decided(known, 13) == [("Qualified", ANN, 1, "hand_raiser")]


def wish(when: float | None, at: float = 0) -> ContactCaptured:
    instant: datetime | None = None if when is None else day(when)
    return captured("webinar_registered", at, talk_to_sales=True, talk_to_sales_at=instant, content="w7", **IDEAL)


def test_a_wish_for_later_counts_from_its_instant_on() -> None:
    """C3: a pure function of the instant; the lead is captured then."""
    asked = later_request_as_engagement(wish(7))
    assert asked is not None
    known = history(capture_as_engagement(wish(7)), asked)
    assert decided(known, 6.9) == []
    assert compute_score(known, PLAYBOOK, day(6.9)).outcome == "nurture"
    (event,) = decide_contact(known, PLAYBOOK, now=day(7), version="v").events
    assert isinstance(event, LeadQualified)
    assert (event.lead_type, event.captured_at, event.content) == ("fast_track", day(7), "w7")
    assert [line.criterion for line in event.readiness_evidence] == ["webinar_registered"]
    assert compute_score(known, PLAYBOOK, day(7)).outcome == "hand_raiser"


def test_a_wish_for_now_counts_at_once() -> None:
    assert later_request_as_engagement(wish(None)) is None
    assert later_request_as_engagement(captured("social")) is None
    assert decided(history(capture_as_engagement(wish(None)))) == [("Qualified", ANN, 1, "fast_track")]


def lifted(at: float) -> Engagement:
    return override_as_engagement("lift_exclusion", UUID(int=7), ANN, day(at), "Kim", "a partner now")


def pushed(at: float) -> Engagement:
    return override_as_engagement("push", UUID(int=8), ANN, day(at), "Kim", "met at dinner")


def test_a_lifted_exclusion_lets_the_earlier_wish_through() -> None:
    """D7."""
    known = history(did("demo_request", 0, **IDEAL), accounts={"example.com": "competitor"})
    assert decided(known) == []
    add(known, [lifted(3)])
    assert decided(known, 3) == [("Qualified", ANN, 1, "hand_raiser")]
    assert compute_score(known, PLAYBOOK, day(2)).outcome == "excluded"
    assert compute_score(known, PLAYBOOK, day(3)).outcome == "hand_raiser"


def test_an_exclusion_lifted_before_anything_was_wished_makes_no_lead() -> None:
    known = history(did("social", 0, **IDEAL), lifted(1), accounts={"example.com": "competitor"})
    assert decided(known, 1) == []
    add(known, [did("demo_request", 2)])
    assert decided(known, 2) == [("Qualified", ANN, 1, "hand_raiser")]


def test_a_lead_pushed_by_hand_opens_whatever_the_score_and_does_not_cool() -> None:
    """D7."""
    known = history(did("social", 0, **POOR), pushed(1))
    verdict = decide_contact(known, PLAYBOOK, now=day(1), version="v")
    assert published(verdict) == [("Qualified", ANN, 1, "content")]
    assert (verdict.leads[0].outcome, verdict.timers) == ("mql", [])
    keep(known, verdict.leads)
    assert compute_score(known, PLAYBOOK, day(2)).outcome == "mql"
    add(known, [pushed(1), did("demo_request", 3)])
    assert decided(known, 3) == [("Upgraded", ANN, 1, "hand_raiser")]


def test_a_competitor_is_not_pushed_unless_the_exclusion_is_lifted() -> None:
    known = history(did("social", 0, **IDEAL), pushed(1), accounts={"example.com": "competitor"})
    assert decided(known, 1) == []


def test_blocked_crossings_are_reported() -> None:
    """F7: flapping is limited and counted."""
    known = history(did("colleagues_invited", 0, **IDEAL))
    decided(known)
    add(known, [*became(recycled(5)), did("colleagues_invited", 20), did("webinar_attended", 21)])
    verdict = decide_contact(known, PLAYBOOK, now=day(21), version="v")
    assert [each.engagement for each in verdict.blocked] == ["colleagues_invited"]


def user(number: int, at: float, title: str = "Engineer", engagement: str = "seats_added", **values: Any) -> History:
    contact = UUID(int=number)
    facts = {**IDEAL, "job_title": title, **values}
    return of(contact, did(engagement, at, contact=contact, source="product", **facts))


def spoken(*people: History, now: float = 30) -> Engagement | None:
    return make_account_use("example.com", people, PLAYBOOK, day(now))


def test_several_users_of_one_account_make_one_lead_for_its_most_senior_contact() -> None:
    boss = of(UUID(int=9), did("social", 0, contact=UUID(int=9), **IDEAL))
    each = spoken(user(1, 1), user(2, 2), user(3, 3, facts={"seats": 12}), boss)
    assert each is not None
    assert (each.contact_id, each.engagement, each.occurred_at) == (UUID(int=9), ACCOUNT_USE, day(3))
    assert each.facts == {"email_domain": "example.com", "account.users": 3, "account.seats": 12}
    add(boss, [each])
    (event,) = decide_contact(boss, PLAYBOOK, now=day(3), version="v").events
    assert isinstance(event, LeadQualified)
    assert (event.lead_type, event.wish) == ("product", None)


def test_without_a_senior_contact_the_most_active_user_wishes_to_meet_leadership() -> None:
    active = user(2, 2)
    add(active, [did("signed_in", 2.5, contact=UUID(int=2), source="product", email_domain="example.com")])
    each = spoken(user(1, 1), active, user(3, 3))
    assert each is not None
    assert each.contact_id == UUID(int=2)
    add(active, [each])
    event = decide_contact(active, PLAYBOOK, now=day(3), version="v").events[-1]
    assert isinstance(event, LeadQualified)
    assert event.wish == "meet_leadership"


def test_too_few_or_too_scattered_users_speak_for_nobody() -> None:
    assert spoken(user(1, 1), user(2, 2)) is None
    assert spoken(user(1, 1), user(2, 2), user(3, 40), now=50) is None
    assert spoken(user(1, 1), user(2, 2), user(3, 40)) is None
    assert spoken(of(ANN, did("social", 0, **IDEAL))) is None
    assert spoken(*(user(number, number, email_kind="free") for number in (1, 2, 3))) is None
    assert (
        make_account_use("example.com", [user(n, n) for n in (1, 2, 3)], playbook_with(account_use=None), day(30))
        is None
    )


def test_an_account_speaks_once_within_its_days() -> None:
    people = [user(number, number) for number in (1, 2, 3)]
    each = spoken(*people)
    assert each is not None
    add(next(person for person in people if person.contact_id == each.contact_id), [each])
    assert spoken(*people, user(4, 9)) is None
    assert spoken(*people, *(user(number, 60) for number in (5, 6, 7)), now=60) is not None


def test_a_colleague_who_has_the_accounts_product_lead_leaves_none_for_others() -> None:
    person = history(did("colleagues_invited", 5, **IDEAL))
    person.colleagues = {"example.com": {UUID(int=1): (BOB, day(1), None)}}
    assert decided(person, 5) == []
    assert decide_contact(person, PLAYBOOK, now=day(5), version="v").blocked != []
    person.colleagues = {"example.com": {UUID(int=1): (BOB, day(1), day(4)), UUID(int=2): (ANN, day(0), None)}}
    assert decided(person, 5) == [("Qualified", ANN, 1, "product")]
    raised = history(did("demo_request", 5, **IDEAL))
    raised.colleagues = {"example.com": {UUID(int=1): (BOB, day(1), None)}}
    assert decided(raised, 5) == [("Qualified", ANN, 1, "hand_raiser")]


def test_the_buying_stage_is_the_furthest_that_was_lately_looked_at() -> None:
    """Q13."""
    known = history(
        did("content_download", 0, content_stage="decision", **FAIR),
        did("content_download", 60, content_stage="consideration"),
        did("content_download", 61, content_stage="awareness"),
        did("content_download", 62, content_stage="unheard of"),
    )
    stages = [compute_score(known, PLAYBOOK, day(at)).buying_stage for at in (-1, 61, 95, 149, 160)]
    assert stages == [None, "decision", "consideration", "consideration", None]
    add(known, [did("demo_request", 70)])
    (event,) = decide_contact(known, PLAYBOOK, now=day(70), version="v").events
    assert isinstance(event, LeadQualified)
    assert event.buying_stage == "decision"
