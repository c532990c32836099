"""When a contact says when to call or to meet them after routing has their lead: a slot, and no clock before (14.3)."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.contacts import ContactErased, ContactMerged, ContactScheduled
from events.ids import derive_id
from events.leads import LeadAssigned, LeadQueued, LeadReleased, LeadScheduled, LeadTouched
from events.runtime.testing import START, ServiceHarness
from routing.domain import (
    NO_PREFERENCES,
    ContactPreferences,
    Decision,
    Lead,
    apply_contact_preference,
    apply_preferred_time,
    latest_schedule,
    place_lead,
)
from routing.domain.legal_basis import missing_basis_objection, postponement_objection
from routing.playbook import LegalBasisRule
from tests.routing.builders import MONDAY, TWO_REPS, contact, context, fresh, placed, qualified, rep, upgraded, worked
from tests.routing.test_contact_preferences import answered, put_off
from tests.routing.test_service import assert_sound, decisions, only, put

MINUTE = timedelta(minutes=1)
LATER, LAST = MONDAY + MINUTE, MONDAY + 2 * MINUTE
TUESDAY_TEN = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
AES = (rep("ae-1", team="ae", role="ae"), rep("inbound-1"))


def asks(
    name: str = "ada", at: datetime = LATER, until: datetime | None = TUESDAY_TEN, preference: Any = "call_me"
) -> ContactScheduled:
    asked = derive_id("asks", name, at, until)
    return ContactScheduled(
        occurred_at=at, contact_id=contact(name), engagement_id=asked, preference=preference, preferred_at=until
    )


def preferences_after(*events: Any) -> ContactPreferences:
    preferences = NO_PREFERENCES
    for event in events:
        preferences = preferences.with_event(event)
    return preferences


def after(decision: Decision, *events: Any) -> Decision:
    """Apply what a contact asked for to the lead of a decision."""
    return apply_preferred_time(decision.lead, preferences_after(*events), decision.context, LAST)


def scheduled(decision: Decision) -> LeadScheduled:
    assert decision.scheduled is not None
    return decision.scheduled


class TestWhatIsKept:
    @pytest.mark.parametrize("order", list(permutations([asks(), asks(at=LAST, until=None), asks(at=MONDAY), asks()])))
    def test_the_last_request_counts_in_any_order(self, order: tuple[ContactScheduled, ...]) -> None:
        assert preferences_after(*order).requested_schedule == asks(at=LAST, until=None)

    def test_not_now_takes_it_back_and_a_later_request_takes_not_now_back(self) -> None:
        """R15: their last word counts."""
        assert preferences_after(asks(at=LATER), put_off(at=LAST)).requested_schedule is None
        assert postponement_objection(qualified(), preferences_after(asks(at=LATER), put_off(at=LAST))) is not None
        assert preferences_after(put_off(at=LATER), asks(at=LAST)).requested_schedule == asks(at=LAST)
        assert postponement_objection(qualified(), preferences_after(put_off(at=LATER), asks(at=LAST))) is None

    def test_a_request_after_a_refusal_is_a_basis_again(self) -> None:
        """D14."""
        refused, taken_back, rules = answered(at=LATER), answered(at=LAST), LegalBasisRule()
        assert missing_basis_objection(qualified(), preferences_after(refused), rules) is not None
        assert missing_basis_objection(qualified(), preferences_after(refused, asks(at=LAST)), rules) is None
        assert missing_basis_objection(qualified(), preferences_after(taken_back, asks(at=LATER)), rules) is not None

    def test_of_several_contacts_who_are_one_person_the_last_word_counts(self) -> None:
        ada, bob = preferences_after(asks("ada", LATER)), preferences_after(asks("bob", LAST))
        assert latest_schedule([ada, bob, NO_PREFERENCES]) is bob
        assert latest_schedule([NO_PREFERENCES]) is NO_PREFERENCES

    def test_not_now_of_one_of_them_takes_back_what_another_asked_for_before(self) -> None:
        asked, put_back = preferences_after(asks("ada", LATER)), preferences_after(put_off("bob", LAST))
        for person in ([asked, put_back], [put_back, asked]):
            assert latest_schedule(person).requested_schedule is None
            assert latest_schedule(person).postponed_at == LAST
        earlier = preferences_after(put_off("bob", MONDAY))
        assert latest_schedule([earlier, asked]).requested_schedule == asks("ada", LATER)


class TestPlacedLeads:
    def test_a_call_is_published_with_the_instant_at_which_it_was_asked_for(self) -> None:
        decision = after(placed(), asks())
        event = scheduled(decision)
        assert (event.occurred_at, event.preference, event.preferred_at) == (LATER, "call_me", TUESDAY_TEN)
        assert (decision.event, decision.lead.known_facts.preferred_at) == (None, TUESDAY_TEN)
        assert decision.record is not None
        assert (decision.record.kind, decision.record.reason) == ("kept", "scheduled")

    def test_a_slot_is_booked_with_whoever_has_the_lead(self) -> None:
        first = placed(on=context(*AES))
        assert first.lead.rep_id == "inbound-1"
        decision = after(first, asks(preference="book"))
        assert (decision.lead.rep_id, decision.lead.meeting_at) == ("inbound-1", TUESDAY_TEN)
        assert isinstance(decision.event, LeadAssigned)
        assert scheduled(decision).preference == "book"

    def test_a_slot_at_which_nobody_is_free_is_a_time_to_be_called(self) -> None:
        night = TUESDAY_TEN.replace(hour=3)
        decision = after(placed(on=context(*AES)), asks(preference="book", until=night))
        assert (decision.event, scheduled(decision).preferred_at) == (None, night)
        assert decision.record is not None
        assert decision.record.tried[-1].why == "nobody is free at 2026-03-03 03:00 UTC"

    @pytest.mark.parametrize("opened", [1, 2])
    def test_a_rep_with_all_the_leads_they_may_have_meets_the_contact_of_one_of_them(self, opened: int) -> None:
        """A meeting with somebody whom they have already is no further lead; nor where a manager made it one more."""
        aes = (rep("ae-1", team="ae", role="ae"), rep("inbound-1", open=1))
        first = placed(on=context(*aes))
        for _ in range(1, opened):
            first = first._replace(context=first.context.with_assignment("inbound-1", in_turn=False))
        decision = after(first, asks(preference="book"))
        assert (decision.lead.rep_id, decision.lead.meeting_at) == ("inbound-1", TUESDAY_TEN)

    def test_a_slot_that_is_theirs_already_is_not_booked_again(self) -> None:
        first = after(placed(on=context(*AES)), asks(preference="book"))
        again = after(first, asks(at=LAST))
        back = after(again, asks(at=LAST + MINUTE, preference="book"))
        assert (back.event, scheduled(back).preference, back.lead.meeting_at) == (None, "book", TUESDAY_TEN)

    def test_their_own_slot_is_in_nobodys_way_when_they_choose_the_next_quarter_of_an_hour(self) -> None:
        first = after(placed(on=context(*AES)), asks(preference="book"))
        later = TUESDAY_TEN + timedelta(minutes=15)
        moved = after(first, asks(at=LAST, until=later, preference="book"))
        assert (moved.lead.rep_id, moved.lead.meeting_at) == ("inbound-1", later)

    @pytest.mark.parametrize("event", [asks(at=MONDAY - MINUTE), put_off()])
    def test_what_is_older_than_the_lead_or_names_no_time_changes_nothing(self, event: Any) -> None:
        first = placed()
        assert after(first, event).lead is first.lead

    def test_an_ended_lead_stays_as_it_is(self) -> None:
        first = placed()
        ended = first._replace(lead=first.lead._replace(state="closed"))
        assert after(ended, asks()).lead is ended.lead

    def test_a_request_that_came_with_the_lead_is_no_news(self) -> None:
        facts = qualified(preference="call_me", preferred_at=TUESDAY_TEN, engagement_id=asks().engagement_id)
        assert after(placed(facts), asks()).scheduled is None

    @pytest.mark.parametrize("worked_on", [False, True])
    def test_an_upgrade_with_a_slot_books_it(self, *, worked_on: bool) -> None:
        """14.3: with the rep who has the lead, whether they called already or not."""
        first = placed(qualified(), on=context(*AES))
        facts = upgraded(lead_type="customer", preference="book", preferred_at=TUESDAY_TEN, captured_at=LATER)
        decision = place_lead(first.lead._replace(worked=worked_on), facts, first.context, LATER)
        assert isinstance(decision.event, LeadAssigned)
        assert (decision.lead.rep_id, decision.lead.meeting_at) == (first.lead.rep_id, TUESDAY_TEN)

    @pytest.mark.parametrize("until", [None, TUESDAY_TEN + timedelta(days=20)])
    def test_a_time_that_is_asked_for_again_after_not_now_is_news(self, until: datetime | None) -> None:
        """R15: their last word counts, also where a rep works the lead and keeps it."""
        first = after(placed(), asks())
        not_now = put_off(at=LAST, preferred_at=until)
        known = preferences_after(asks(), not_now)
        working = first.lead._replace(worked=True)
        kept = apply_contact_preference(working, not_now, known, first.context, LAST)
        assert (kept.event, kept.lead.known_facts.preference, kept.lead.known_facts.preferred_at) == (None, None, None)
        assert (kept.scheduled is None) is (until is None)
        again = asks(at=LAST + MINUTE)
        decision = apply_preferred_time(kept.lead, known.with_event(again), kept.context, LAST + MINUTE)
        assert (scheduled(decision).engagement_id, scheduled(decision).preferred_at) == (
            again.engagement_id, TUESDAY_TEN,
        )  # fmt: skip

    def test_an_upgrade_without_a_time_keeps_the_one_that_was_named(self) -> None:
        first = after(placed(qualified()), asks())
        upgrade = upgraded(lead_type="customer", captured_at=LAST)
        assert place_lead(first.lead, upgrade, first.context, LAST).lead.known_facts.preferred_at == TUESDAY_TEN
        at_once = upgraded(lead_type="customer", captured_at=LAST, preference="call_me")
        assert place_lead(first.lead, at_once, first.context, LAST).lead.known_facts.preferred_at is None


class TestLeadsThatAreNotPlaced:
    def test_a_request_that_overtakes_the_qualification_is_published_with_the_placement(self) -> None:
        facts = qualified()
        lead = Lead(facts.lead_id, facts.contact_id, 1, preferences=preferences_after(asks()))
        decision = place_lead(lead, facts, context(*TWO_REPS), LAST)
        assert isinstance(decision.event, LeadAssigned)
        assert scheduled(decision).preferred_at == TUESDAY_TEN
        plain = place_lead(lead._replace(preferences=NO_PREFERENCES), facts, context(*TWO_REPS), LAST)
        assert plain.scheduled is None

    def test_a_slot_that_overtakes_the_qualification_is_booked(self) -> None:
        facts = qualified()
        lead = Lead(facts.lead_id, facts.contact_id, 1, preferences=preferences_after(asks(preference="book")))
        assert place_lead(lead, facts, context(*AES), LAST).lead.meeting_at == TUESDAY_TEN

    def test_a_request_of_an_earlier_lead_is_not_for_the_next(self) -> None:
        facts = qualified(at=LAST)
        lead = Lead(facts.lead_id, facts.contact_id, 1, preferences=preferences_after(asks(at=LATER)))
        assert place_lead(lead, facts, context(*TWO_REPS), LAST).scheduled is None

    def test_a_lead_that_waits_for_somebodys_morning_is_placed_at_once(self) -> None:
        decision = apply_preferred_time(
            fresh(qualified(lead_type="content")), preferences_after(asks()), context(*TWO_REPS), LAST
        )
        assert isinstance(decision.event, LeadAssigned | LeadQueued)
        assert scheduled(decision).preference == "call_me"

    def test_whoever_may_not_be_called_is_not_called_at_a_time_either(self) -> None:
        facts = qualified()
        lead = Lead(
            facts.lead_id, facts.contact_id, 1, preferences=preferences_after(asks(at=LATER), answered(at=LAST))
        )
        decision = place_lead(lead, facts, context(*TWO_REPS), LAST)
        assert isinstance(decision.event, LeadReleased)
        assert decision.scheduled is None


@settings(deadline=None)
@given(st.permutations([asks(), asks(at=LAST, until=TUESDAY_TEN + timedelta(days=1)), asks()]), st.integers(0, 3))
def test_in_any_order_and_however_often_the_lead_ends_up_with_the_last_time(
    order: list[ContactScheduled], before: int
) -> None:
    """Nothing orders between topics: the qualification comes before, between or after what the contact asks for."""
    facts, preferences = qualified(), NO_PREFERENCES
    on, published = context(*TWO_REPS), []
    lead = Lead(facts.lead_id, facts.contact_id, 1)
    for number, event in enumerate([*order, None]):
        made = []
        if number == before:
            made.append(place_lead(lead._replace(preferences=preferences), facts, on, LAST))
            lead, on = made[-1].lead, made[-1].context
        if event is not None:
            preferences = preferences.with_event(event)
            if lead.facts is not None:
                made.append(apply_preferred_time(lead, preferences, on, LAST))
                lead, on = made[-1].lead, made[-1].context
        published += [decision.scheduled for decision in made if decision.scheduled]
    assert lead.known_facts.preferred_at == TUESDAY_TEN + timedelta(days=1)
    assert max(published, key=lambda event: event.occurred_at).preferred_at == TUESDAY_TEN + timedelta(days=1)
    assert len({event.ce_id for event in published}) == len(published)


async def nobody_of(harness: ServiceHarness, *reps: str) -> None:
    """Make these reps unable to meet anybody."""
    for rep_id in reps:
        await put(harness, rep_id, status="paused")


async def met_at(harness: ServiceHarness) -> list[tuple[UUID, str, datetime]]:
    """Return whom which rep meets, and when."""
    assigned = await harness.emitted(LeadAssigned)
    return [(event.contact_id, event.rep_id, event.meeting_at) for event in assigned if event.meeting_at is not None]


def merged(survivor: str, loser: str) -> ContactMerged:
    return ContactMerged(
        occurred_at=START, contact_id=contact(survivor), merge_id=derive_id("merge", survivor, loser),
        survivor_id=contact(survivor), loser_id=contact(loser),
    )  # fmt: skip


class TestHandlers:
    async def test_a_request_on_a_second_visit_reaches_the_lead_that_somebody_has(
        self, harness: ServiceHarness
    ) -> None:
        await harness.deliver(qualified("ada"), asks(), asks())
        (event,) = await harness.emitted(LeadScheduled)
        assert (event.contact_id, event.preferred_at) == (contact("ada"), TUESDAY_TEN)
        assert (await decisions(harness, "ada"))[-1]["reason"] == "scheduled"
        await assert_sound(harness)

    async def test_a_slot_on_a_second_visit_is_booked(self, harness: ServiceHarness) -> None:
        await harness.deliver(qualified("ada"), asks(preference="book"))
        first, then = await harness.emitted(LeadAssigned)
        assert (first.meeting_at, then.meeting_at, then.reason) == (None, TUESDAY_TEN, "slot_booked")
        assert len(await harness.emitted(LeadScheduled)) == 1
        await assert_sound(harness)

    async def test_a_slot_of_another_is_not_booked_where_the_wish_overtakes_the_qualification(
        self, harness: ServiceHarness
    ) -> None:
        """The team that takes meetings has one rep, who meets bob at ten."""
        await nobody_of(harness, "ae-2", "ae-3")
        await harness.deliver(qualified("bob", preference="book", preferred_at=TUESDAY_TEN), asks(preference="book"))
        await harness.deliver(qualified("ada"))
        assert await met_at(harness) == [(contact("bob"), "ae-1", TUESDAY_TEN)]
        assert (await decisions(harness, "ada"))[-1]["rep_id"] == "ae-1"
        await assert_sound(harness)

    async def test_a_slot_of_another_is_not_booked_with_an_upgrade_either(self, harness: ServiceHarness) -> None:
        """Both have one rep, who meets bob at ten; ada was told that nobody is free, and upgrades without a time."""
        await only(harness, "inbound-1")
        await nobody_of(harness, "ae-1", "ae-2", "ae-3")
        await harness.deliver(qualified("bob"), qualified("ada"), asks("bob", preference="book"))
        await harness.deliver(asks("ada", preference="book"))
        await harness.deliver(upgraded("ada", lead_type="event_qualified", captured_at=LAST))
        assert [event.rep_id for event in await harness.emitted(LeadAssigned)] == ["inbound-1"] * 3
        assert await met_at(harness) == [(contact("bob"), "inbound-1", TUESDAY_TEN)]
        await assert_sound(harness)

    async def test_a_lead_in_line_leaves_it_for_who_is_free_at_the_slot(self, harness: ServiceHarness) -> None:
        await only(harness)
        await harness.deliver(qualified("ada"), qualified("bob"), asks(preference="book"))
        assert [event.contact_id for event in await harness.emitted(LeadQueued)] == [contact("ada"), contact("bob")]
        (assigned,) = await harness.emitted(LeadAssigned)
        assert (assigned.contact_id, assigned.meeting_at) == (contact("ada"), TUESDAY_TEN)
        await assert_sound(harness)

    async def test_who_works_a_lead_that_is_put_off_to_a_day_keeps_it_and_the_day_is_published(
        self, harness: ServiceHarness
    ) -> None:
        called = worked(LeadTouched, "ada", kind="call", outcome="stalled")
        await harness.deliver(qualified("ada"), called, put_off(preferred_at=TUESDAY_TEN))
        (event,) = await harness.emitted(LeadScheduled)
        assert (event.preference, event.preferred_at) == ("not_now", TUESDAY_TEN)
        assert await harness.emitted(LeadReleased) == []

    async def test_not_now_that_is_older_than_a_request_releases_nothing(self, harness: ServiceHarness) -> None:
        await harness.deliver(qualified("ada"), asks(at=LAST), put_off(at=LATER))
        assert await harness.emitted(LeadReleased) == []
        await harness.deliver(put_off(at=LAST + MINUTE))
        assert [event.reason for event in await harness.emitted(LeadReleased)] == ["not_now"]

    async def test_a_merge_brings_the_time_to_the_lead_of_the_other_contact(self, harness: ServiceHarness) -> None:
        """Whichever of the two topics is read first."""
        await harness.deliver(qualified("bob"), asks("ada"), merged("ada", "bob"))
        (event,) = await harness.emitted(LeadScheduled)
        assert event.contact_id == contact("bob")
        await harness.deliver(asks("bob", MONDAY), asks("ada", LAST, None))
        assert [event.preferred_at for event in await harness.emitted(LeadScheduled)] == [TUESDAY_TEN, None]

    async def test_of_three_who_are_merged_the_last_word_of_all_counts(self, harness: ServiceHarness) -> None:
        """Ada spoke last; she was one person with bob before carol, who spoke first, was one with him."""
        await harness.deliver(qualified("bob"), asks("ada", LAST, MONDAY + timedelta(days=3)), merged("ada", "bob"))
        await harness.deliver(asks("carol", LATER, preference="book"), merged("bob", "carol"))
        (event,) = await harness.emitted(LeadScheduled)
        assert event.preferred_at == MONDAY + timedelta(days=3)
        assert await met_at(harness) == []

    async def test_not_now_that_is_older_than_the_request_of_a_merged_contact_releases_nothing(
        self, harness: ServiceHarness
    ) -> None:
        await harness.deliver(merged("ada", "bob"), qualified("bob"), asks("ada", LAST), put_off("bob", LATER))
        assert await harness.emitted(LeadReleased) == []
        await harness.deliver(put_off("bob", LAST + MINUTE))
        assert [event.reason for event in await harness.emitted(LeadReleased)] == ["not_now"]

    async def test_what_a_merged_contact_asked_for_counts_for_a_lead_that_comes_later(
        self, harness: ServiceHarness
    ) -> None:
        await harness.deliver(merged("ada", "bob"), asks("ada", preference="book"), qualified("bob"))
        assert await met_at(harness) == [(contact("bob"), "ae-1", TUESDAY_TEN)]
        await assert_sound(harness)

    async def test_an_erased_contact_asks_for_nothing_any_more(self, harness: ServiceHarness) -> None:
        gone = ContactErased(occurred_at=START, contact_id=contact("ada"), erasure_id=derive_id("erasure", "ada"))
        await harness.deliver(asks(), gone, asks(at=LAST))
        async with harness.transaction() as tx:
            assert await tx.raw.fetch("select from wishes") == []

    async def test_who_has_no_lead_and_asks_is_remembered_and_nothing_happens(self, harness: ServiceHarness) -> None:
        await harness.deliver(asks())
        assert await harness.emitted(LeadScheduled) == []
