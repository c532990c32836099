"""What a contact answers about contact by sales, before and after a rep has their lead (D14, R15)."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.contacts import Consent, ConsentChanged, ContactErased, ContactMerged, ContactPostponed
from events.ids import derive_id
from events.leads import LeadAssigned, LeadQueued, LeadReleased, LeadTouched, MeetingChanged
from events.runtime.testing import START, ServiceHarness
from routing.domain import NO_PREFERENCES, Lead, apply_contact_preference, group_leads_by_person, place_lead
from routing.domain.legal_basis import missing_basis_objection, postponement_objection
from routing.playbook import LegalBasisRule
from tests.routing.builders import MONDAY, TWO_REPS, contact, context, fresh, qualified, rep, upgraded, worked
from tests.routing.test_service import INBOUND, assert_sound, decisions, only, put

LATER = MONDAY + timedelta(hours=1)
RULES = LegalBasisRule()


def answered(
    name: str = "ada", revision: int = 2, *, granted: bool | None = False, at: datetime = LATER, **more: Any
) -> ConsentChanged:
    """The contact's answer to contact by sales."""
    fields: dict[str, Any] = {"purpose": "sales", "granted": granted, "wording_version": "1", "at": at, **more}
    closed = fields.pop("suppressed", [])
    answers = [] if granted is None else [Consent(**fields)]
    return ConsentChanged(
        occurred_at=at, contact_id=contact(name), revision=revision, consents=answers, suppressed=closed
    )


def put_off(name: str = "ada", at: datetime = LATER, **fields: Any) -> ContactPostponed:
    asked = derive_id("wish", name, at)
    return ContactPostponed(occurred_at=at, contact_id=contact(name), engagement_id=asked, **fields)


class TestBasis:
    def test_a_request_is_a_basis_until_it_is_withdrawn_and_a_new_one_is_one_again(self) -> None:
        """D14."""
        refused = NO_PREFERENCES.with_event(answered())
        assert missing_basis_objection(qualified(), NO_PREFERENCES, RULES) is None
        assert missing_basis_objection(qualified(), refused, RULES) is not None
        assert missing_basis_objection(qualified(captured_at=LATER), refused, RULES) is None

    def test_the_last_answer_counts_whoever_sent_an_earlier_one(self) -> None:
        lead = qualified(lead_type="content", consents={"sales": True})
        refused = NO_PREFERENCES.with_event(answered())
        assert missing_basis_objection(lead, refused, RULES) is not None
        assert missing_basis_objection(lead, refused.with_event(answered(revision=3, granted=True)), RULES) is None
        assert refused.with_event(answered(revision=1, granted=True)) is refused

    def test_what_waits_for_its_confirmation_or_speaks_of_one_channel_refuses_nothing(self) -> None:
        for answers in (answered(state="pending"), answered(channel="email")):
            assert missing_basis_objection(qualified(), NO_PREFERENCES.with_event(answers), RULES) is None

    def test_a_suppression_counts_from_its_beginning(self) -> None:
        """C4: however often it is published."""
        closed = NO_PREFERENCES.with_event(answered(granted=None, suppressed=["all"]))
        again = closed.with_event(
            answered(revision=3, granted=None, suppressed=["all", "ads"], at=LATER + timedelta(days=9))
        )
        anew = qualified(captured_at=LATER + timedelta(days=1))
        assert missing_basis_objection(qualified(), again, RULES) is not None
        assert missing_basis_objection(anew, again, RULES) is None
        assert (
            missing_basis_objection(qualified(), closed.with_event(answered(revision=4, granted=None)), RULES) is None
        )
        assert (
            missing_basis_objection(
                qualified(), NO_PREFERENCES.with_event(answered(granted=None, suppressed=["ads"])), RULES
            )
            is None
        )

    def test_not_now_speaks_of_what_came_before_it(self) -> None:
        """R15: the contact's last answer counts."""
        answers = NO_PREFERENCES.with_event(put_off())
        assert postponement_objection(qualified(), answers) is not None
        assert postponement_objection(qualified(captured_at=LATER + timedelta(seconds=1)), answers) is None
        assert (
            postponement_objection(qualified(engagement_id=put_off().engagement_id, captured_at=LATER), answers) is None
        )
        assert answers.with_event(put_off(at=MONDAY)) is answers

    def test_a_request_for_later_names_when(self) -> None:
        june = MONDAY + timedelta(days=90)
        with_it = postponement_objection(qualified(preference="not_now", preferred_at=june), NO_PREFERENCES)
        later = postponement_objection(qualified(), NO_PREFERENCES.with_event(put_off(preferred_at=june)))
        assert with_it is not None
        assert later is not None
        assert (with_it.until, later.until) == (june, june)

    @settings(deadline=None)
    @given(st.lists(st.sampled_from(["qualified", "refused", "touched"]), max_size=8))
    def test_in_any_order_and_however_often_a_refused_lead_is_nobodys(self, order: list[str]) -> None:
        """Nothing orders between topics, and everything may come twice."""
        facts, on, preferences, events = qualified(), context(*TWO_REPS), NO_PREFERENCES, []
        lead = Lead(facts.lead_id, facts.contact_id, 1)
        for name in order:
            if name == "qualified":
                decision = place_lead(lead._replace(preferences=preferences), facts, on, MONDAY)
            elif name == "refused":
                preferences = preferences.with_event(answered())
                if lead.facts is None:
                    continue
                decision = apply_contact_preference(lead, answered(), preferences, on, LATER)
            else:
                continue
            lead, on = decision.lead, decision.context
            events += [decision.event] if decision.event else []
        both = {"qualified", "refused"} <= set(order)
        assert lead.state == ("released" if both else "assigned" if "qualified" in order else "unplaced")
        assert sum(isinstance(event, LeadReleased) for event in events) == both


class CountedId(UUID):
    """An id that counts how often it is compared with another."""

    compared = 0

    def __eq__(self, other: object) -> bool:
        CountedId.compared += 1
        return super().__eq__(other)

    __hash__ = UUID.__hash__


class TestLeadsOfPeople:
    def test_each_person_has_their_leads_in_the_order_of_the_leads(self) -> None:
        people = [(contact("ada"), contact("bob")), (contact("eve"),), (contact("kim"),)]
        names = ("bob", "eve", "ada")
        leads = [Lead(derive_id("lead", name), contact(name), 1) for name in names]
        grouped = group_leads_by_person(leads, people)
        assert grouped == {people[0]: [leads[0], leads[2]], people[1]: [leads[1]]}

    def test_the_leads_of_a_batch_are_found_without_comparing_each_with_each_event(self) -> None:
        """A withdrawal of many at once costs a look at each lead, and not one for each event and lead."""
        ids = [derive_id("contact", number) for number in range(500)]
        leads = (Lead(each, CountedId(int=each.int), 1) for each in ids)
        CountedId.compared = 0
        assert len(group_leads_by_person(leads, [(CountedId(int=each.int),) for each in ids])) == len(ids)
        assert CountedId.compared < 4 * len(ids)


class TestHearing:
    async def test_a_withdrawal_takes_the_lead_from_the_rep_who_has_it(self, harness: ServiceHarness) -> None:
        """D14: with the reason, once, and the rep has capacity again."""
        await only(harness, "inbound-1", capacity={"open": 1})
        await harness.deliver(qualified("ada"), qualified("bob"))
        await harness.advance(timedelta(hours=2))
        await harness.deliver(answered(), answered())
        (released,) = await harness.emitted(LeadReleased)
        assert (released.contact_id, released.rep_id, released.reason) == (contact("ada"), "inbound-1", "no_basis")
        last = (await decisions(harness, "ada"))[-1]
        assert (last["kind"], last["reason"]) == ("released", "no_basis")
        assert last["tried"][0]["why"] == "contact by sales was refused after they asked for it"
        await harness.advance(timedelta(minutes=1))
        assert [event.contact_id for event in await harness.emitted(LeadAssigned)] == [contact("ada"), contact("bob")]
        await assert_sound(harness)

    async def test_a_lead_that_waits_leaves_its_line(self, harness: ServiceHarness) -> None:
        await only(harness)
        await harness.deliver(qualified("ada"), qualified("bob"))
        await harness.deliver(answered(granted=None, suppressed=["all"], at=START + timedelta(seconds=1)))
        assert [event.contact_id for event in await harness.emitted(LeadReleased)] == [contact("ada")]
        for rep_id in INBOUND:
            await put(harness, rep_id, status="active")
        await harness.advance(timedelta(minutes=1))
        assert [event.contact_id for event in await harness.emitted(LeadAssigned)] == [contact("bob")]
        assert len(await harness.emitted(LeadQueued)) == 2
        await assert_sound(harness)

    @pytest.mark.parametrize(("news", "reason"), [(answered(), "no_basis"), (put_off(), "not_now")])
    async def test_what_overtakes_the_qualification_is_remembered(
        self, harness: ServiceHarness, news: Any, reason: str
    ) -> None:
        await harness.deliver(news, news, qualified("ada"), qualified("ada"))
        assert await harness.emitted(LeadAssigned) == []
        assert [event.reason for event in await harness.emitted(LeadReleased)] == [reason]
        await harness.deliver(qualified("ada", cycle=2, at=LATER + timedelta(days=1)))
        assert [event.cycle for event in await harness.emitted(LeadAssigned)] == [2]
        await assert_sound(harness)

    async def test_who_says_not_now_until_june_is_nobody_s_lead_and_june_travels_to_nurture(
        self, harness: ServiceHarness
    ) -> None:
        """No rep, no queue, no clock: the date they named comes with the release, whichever event is first."""
        june = MONDAY + timedelta(days=90)
        at_once = qualified("ada", preference="not_now", preferred_at=june)
        await harness.deliver(at_once, qualified("bob"))
        await harness.deliver(put_off("bob", preferred_at=june))
        assert [event.contact_id for event in await harness.emitted(LeadAssigned)] == [contact("bob")]
        released = await harness.emitted(LeadReleased)
        assert [(event.rep_id, event.reason, event.wake_at) for event in released] == [
            (None, "not_now", june), ("inbound-1", "not_now", june),
        ]  # fmt: skip
        await assert_sound(harness)

    async def test_not_now_frees_a_lead_that_nobody_worked_yet(self, harness: ServiceHarness) -> None:
        """R15: a self-selection overrides."""
        await harness.deliver(qualified("ada"), put_off())
        (released,) = await harness.emitted(LeadReleased)
        assert (released.rep_id, released.reason) == ("inbound-1", "not_now")
        await assert_sound(harness)

    @pytest.mark.parametrize(
        "deed",
        [
            worked(LeadTouched, "ada", kind="call", outcome="stalled"),
            worked(MeetingChanged, "ada", outcome="booked", starts_at=MONDAY),
        ],
    )
    async def test_not_now_to_a_rep_who_works_the_lead_is_only_recorded(
        self, harness: ServiceHarness, deed: Any
    ) -> None:
        await harness.deliver(qualified("ada"), deed, put_off(), put_off())
        assert await harness.emitted(LeadReleased) == []
        assert (await decisions(harness, "ada"))[-1]["reason"] == "not_now_but_worked"
        await harness.deliver(answered())
        assert [event.reason for event in await harness.emitted(LeadReleased)] == ["no_basis"]
        await assert_sound(harness)

    async def test_asking_again_in_the_same_cycle_is_a_basis_again(self, harness: ServiceHarness) -> None:
        content = qualified("ada", lead_type="content", outcome="mql")
        await harness.deliver(content, upgraded("ada", captured_at=LATER + timedelta(minutes=1)), answered(), put_off())
        assert await harness.emitted(LeadReleased) == []
        await assert_sound(harness)

    async def test_merged_contacts_count_as_one_person(self, harness: ServiceHarness) -> None:
        merge = ContactMerged(
            occurred_at=START, contact_id=contact("ada"), merge_id=derive_id("merge", "ada"),
            survivor_id=contact("ada"), loser_id=contact("bob"),
        )  # fmt: skip
        await harness.deliver(qualified("bob"), merge, answered("ada"))
        assert [event.contact_id for event in await harness.emitted(LeadReleased)] == [contact("bob")]

    async def test_a_merge_that_arrives_after_the_erasure_is_not_kept(self, harness: ServiceHarness) -> None:
        """X8: nothing orders the topics, and nothing would delete it any more."""
        gone = ContactErased(occurred_at=START, contact_id=contact("bob"), erasure_id=derive_id("erasure", "bob"))
        late = ContactMerged(
            occurred_at=START, contact_id=contact("ada"), merge_id=derive_id("merge", "ada"),
            survivor_id=contact("ada"), loser_id=contact("bob"),
        )  # fmt: skip
        await harness.deliver(gone, late)
        async with harness.transaction() as tx:
            assert await tx.raw.fetch("select from merges") == []

    async def test_an_erased_contact_wishes_nothing_any_more(self, harness: ServiceHarness) -> None:
        gone = ContactErased(occurred_at=START, contact_id=contact("ada"), erasure_id=derive_id("erasure", "ada"))
        await harness.deliver(answered(), gone, put_off())
        async with harness.transaction() as tx:
            assert await tx.raw.fetch("select from wishes") == []


def test_what_says_nothing_about_a_lead_leaves_it_alone() -> None:
    """An ended lead, and one against which nothing speaks."""
    on = context(*TWO_REPS, rep("dev", team="development"))
    lead = place_lead(fresh(qualified()), qualified(), on, MONDAY).lead
    assert (
        apply_contact_preference(
            lead, answered(granted=True), NO_PREFERENCES.with_event(answered(granted=True)), on, LATER
        ).lead
        is lead
    )
