"""Who is one person: when two contacts turn out to be the same, and what speaks against it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capture.domain.arrival import SubmissionFault
from capture.domain.intake import IntakeResult, KnownForBatch
from capture.domain.key_owners import KeyOwner, possible_contacts
from capture.domain.people import BatchPeople
from capture.domain.profile import Profile, join_profiles
from events.contacts import ContactScheduled
from tests.capture.builders import KEYRING, NOBODY, NOW, RULES, arrival, known_after, survivors_after, take

PHONE = "+442079460958"


def scan(badge: str = "expo:1", **changes: Any) -> Any:
    """Somebody was scanned; the badge says no more than its id."""
    nothing: dict[str, Any] = dict.fromkeys(("email", "first_name", "last_name", "company", "job_title", "country"))
    return arrival(badge=badge, source="event_scan", engagement="event_scan", **nothing | changes)


def take_in_turn(*arrivals: Any) -> tuple[list[IntakeResult], KnownForBatch]:
    known, all_taken = NOBODY, []
    for each in arrivals:
        all_taken.append(take(each, known=known))
        known = known_after(all_taken[-1], known)
    return all_taken, known


def persons(known: KnownForBatch) -> set[UUID]:
    return {known.survivors.get(row.contact_id, row.contact_id) for row in known.identities.values() if row.contact_id}


def test_several_reps_scan_one_badge_and_meet_one_person() -> None:
    """C2, C10: one contact, several engagements."""
    taken = take(*(scan(event_id=str(n), facts={"scanned_by": f"rep-{n}"}) for n in range(3)))
    assert len({answer.contact_id for answer in taken.answers}) == 1
    assert len({answer.engagement_id for answer in taken.answers}) == 3
    assert taken.profiles[0].engagements == 3


def test_the_same_number_at_another_event_is_another_person() -> None:
    taken = take(scan("expo:1"), scan("fair:1"))
    assert len({answer.contact_id for answer in taken.answers}) == 2


def test_an_attendee_list_joins_the_badge_to_a_newcomer() -> None:
    """The badge's contact simply learns its address."""
    (scanned, listed), known = take_in_turn(scan(), arrival(badge="expo:1"))
    assert listed.answers[0].contact_id == scanned.answers[0].contact_id
    assert listed.merges == []
    assert listed.people[0].email == "ada@lovelace.example"
    assert len(persons(known)) == 1


def test_an_attendee_list_merges_the_badge_into_whom_we_know() -> None:
    (known_before, scanned, listed), known = take_in_turn(
        arrival(engagement="pricing_view"), scan(facts={"seats": 5}), arrival(badge="expo:1")
    )
    (merge,) = listed.merges
    assert merge.survivor_id == known_before.answers[0].contact_id == listed.answers[0].contact_id
    assert merge.loser_id == scanned.answers[0].contact_id
    (person,) = listed.people
    assert (person.contact_id, person.engagements, person.email) == (merge.survivor_id, 3, "ada@lovelace.example")
    later = take(scan(), known=known)
    assert later.answers[0].contact_id == merge.survivor_id


def test_a_later_mail_finds_the_phone_and_the_badge_that_were_two() -> None:
    """Both left no mail; with it all three are one, under the first seen."""
    (phone, badge, mail), known = take_in_turn(
        arrival(email=None, phone=PHONE),
        scan(occurred_at=(NOW - timedelta(days=2)).isoformat()),
        arrival(phone=PHONE, badge="expo:1"),
    )
    assert len(persons(known)) == 1
    assert mail.answers[0].contact_id in {phone.answers[0].contact_id, badge.answers[0].contact_id}
    assert mail.people[0].first_seen_at == NOW - timedelta(days=2)


def test_without_any_mail_the_one_seen_first_speaks_for_both() -> None:
    days = [timedelta(days=2), timedelta(days=1)]
    for first, second in (days, days[::-1]):
        (scanned, called, _), known = take_in_turn(
            scan(occurred_at=(NOW - first).isoformat()),
            arrival(email=None, phone=PHONE, occurred_at=(NOW - second).isoformat()),
            scan(phone=PHONE),
        )
        older = scanned if first > second else called
        assert persons(known) == {older.answers[0].contact_id}


@pytest.mark.parametrize("other", [{"last_name": "Byron"}, {"first_name": "Mary"}])
def test_people_of_other_names_share_a_phone_and_stay_apart(other: dict[str, Any]) -> None:
    (_, bob), known = take_in_turn(
        arrival(email=None, phone=PHONE, **other), arrival(email="bob@lovelace.example", phone=PHONE)
    )
    assert (bob.merges, len(persons(known))) == ([], 2)
    (_, _, from_body), known = take_in_turn(
        arrival(engagement="pricing_view"), arrival(email=None, phone=PHONE, **other), arrival(phone=PHONE)
    )
    assert (from_body.merges, len(persons(known))) == ([], 2)


def test_what_is_sent_now_speaks_against_a_merge_as_well() -> None:
    """Somebody nameless was scanned under Ada's badge; whoever calls herself Mary on Ada's phone is not she."""
    (_, _, last), _ = take_in_turn(
        scan(email="ada@lovelace.example"), arrival(email=None, phone=PHONE), scan(phone=PHONE, last_name="Byron")
    )
    assert last.merges == []


def test_two_addresses_stay_two_contacts() -> None:
    """An e-mail decides: nothing makes two of them one but a person's word (`merge`)."""
    (_, _, last), known = take_in_turn(
        arrival(phone=PHONE), arrival(email="bob@x.example", badge="expo:1"), arrival(phone=PHONE, badge="expo:1")
    )
    assert (last.merges, len(persons(known))) == ([], 2)


def test_who_was_parted_is_not_joined_again() -> None:
    (ada, badge), known = take_in_turn(arrival(engagement="pricing_view"), scan())
    pair = frozenset({ada.answers[0].contact_id, badge.answers[0].contact_id})
    from_body = take(arrival(badge="expo:1"), known=replace(known, apart=frozenset({pair})))
    assert (from_body.merges, from_body.answers[0].contact_id) == ([], ada.answers[0].contact_id)


def test_a_person_is_the_sum_of_all_contacts_and_falls_apart_into_them() -> None:
    """Nothing is moved, so undoing a merge loses nothing."""
    left = take(arrival(region="Kent")).profiles[0]
    right = take(
        scan(email=None, phone=PHONE, region="Devon", occurred_at=(NOW - timedelta(days=1)).isoformat())
    ).profiles[0]
    whole = join_profiles([right, left])
    assert (whole.contact_id, whole.region, whole.phone, whole.email) == (
        right.contact_id, "Kent", PHONE, "ada@lovelace.example",
    )  # fmt: skip
    assert (whole.engagements, whole.first_seen_at) == (2, right.first_seen_at)
    assert join_profiles([left]) == left


def test_nobody_is_merged_with_a_stranger() -> None:
    profile = take(arrival()).profiles[0]
    with pytest.raises(LookupError):
        BatchPeople({profile.contact_id: profile}, {}).merge(profile.contact_id, KEYRING.phone_key("1"))


def test_a_chain_of_merges_has_one_who_speaks() -> None:
    rows = {each.contact_id: each for each in (take(arrival(email=f"p{n}@x.example")).profiles[0] for n in range(3))}
    a, b, c = rows
    people = BatchPeople(rows, {})
    people.merge(b, a)
    people.merge(c, b)
    assert {people.survivor_of(each) for each in rows} == {c}
    assert [person.contact_id for person in people.changed_people()] == [c]
    assert people.whole_person(c).engagements == 3


def test_ignored_plus_tags_make_one_person() -> None:
    rules = RULES.model_copy(update={"email": RULES.email.model_copy(update={"plus_tags": "ignored"})})
    tagged: dict[str, Any] = {"email": "ada+news@lovelace.example"}
    assert arrival(**tagged).keys != arrival().keys
    assert arrival(rules=rules, **tagged).keys == arrival(rules=rules).keys
    assert arrival(rules=rules, email="+x@x.example").keys != arrival(rules=rules, email="+y@x.example").keys


People3 = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 2), st.sampled_from([None, "Ada", "Bob"])),
    min_size=1,
    max_size=8,
)


def _arrivals(written: list[tuple[int, int, int, str | None]]) -> list[Any]:
    found = []
    for number, (mail, phone, badge, name) in enumerate(written):
        if mail or phone or badge:
            found.append(
                arrival(
                    email=f"p{mail}@x.example" if mail else None,
                    phone=f"+4930901820{phone}" if phone else None,
                    badge=f"expo:{badge}" if badge else None,
                    first_name=name,
                    last_name=None,
                    event_id=str(number),
                )
            )
    return found


@given(People3, st.data())
def test_however_a_stream_is_cut_the_same_people_come_out_of_it(
    written: list[tuple[int, int, int, str | None]], data: st.DataObject
) -> None:
    """Merges included: one transaction for all, or one for each."""
    arrivals = _arrivals(written)
    whole = take(*arrivals)
    known, answers, rest = NOBODY, [], list(arrivals)
    while rest:
        cut = data.draw(st.integers(1, len(rest)))
        taken = take(*rest[:cut], known=known)
        answers += taken.answers
        known = known_after(taken, known)
        rest = rest[cut:]
    together = known_after(whole)
    assert answers == whole.answers
    assert known.survivors == together.survivors == survivors_after(whole)
    assert _without_revisions(known.profiles) == _without_revisions(together.profiles)


@given(People3)
def test_no_engagement_is_counted_twice_and_no_two_addresses_become_one(
    written: list[tuple[int, int, int, str | None]],
) -> None:
    arrivals = _arrivals(written)
    known = known_after(take(*arrivals))
    assert sum(row.engagements for row in known.profiles.values()) == len(arrivals)
    mails: dict[UUID, set[str | None]] = {}
    for contact_id, row in known.profiles.items():
        mails.setdefault(known.survivors.get(contact_id, contact_id), set()).update({row.email} - {None})
    assert all(len(addresses) <= 1 for addresses in mails.values())


def _without_revisions(profiles: Any) -> dict[UUID, Profile]:
    return {key: replace(each, revision=0) for key, each in profiles.items()}


def granted_in(record_next_step: Any) -> list[bool]:
    return [each.granted for each in record_next_step.consents]


class TestWishes:
    """D14: what somebody no longer allows is told apart, because somebody may have their lead already."""

    @staticmethod
    def answer(granted: bool, minutes: int = 0) -> dict[str, Any]:
        at = (NOW - timedelta(minutes=9 - minutes)).isoformat()
        return {"purpose": "sales", "granted": granted, "wording_version": "1", "at": at}

    def published(self, *answers: bool | None) -> list[list[list[bool]]]:
        """What each of a contact's submissions with these answers (None: without one) makes capture tell."""
        given = [None if each is None else self.answer(each, n) for n, each in enumerate(answers)]
        taken, _ = take_in_turn(*(arrival(event_id=str(n), consent=each) for n, each in enumerate(given)))
        return [[granted_in(record_next_step) for record_next_step in each.preferences] for each in taken]

    def test_a_refusal_is_published_when_it_comes_and_when_it_goes(self) -> None:
        assert self.published(True, None, False, False, None, True, None) == [
            [],
            [],
            [[False]],
            [[False]],
            [],
            [[True]],
            [],
        ]

    def test_an_answer_at_the_first_meeting_travels_with_the_engagement_alone(self) -> None:
        assert self.published(False) == [[]]
        assert self.published(True, True) == [[], []]

    def test_who_turns_out_to_be_somebody_who_refused_is_published_as_one(self) -> None:
        refused, granted = self.answer(False), self.answer(True, 5)
        taken, _ = take_in_turn(
            scan(phone=PHONE, consent=refused), arrival(), arrival(phone=PHONE), arrival(consent=granted)
        )
        joined_at = taken[2].merges[0].survivor_id
        published = [[(each.contact_id, granted_in(each)) for each in each.preferences] for each in taken]
        assert published == [[], [], [(joined_at, [False])], [(joined_at, [True])]]

    def test_not_now_and_a_time_are_published_with_their_engagements(self) -> None:
        """R15: a call, whenever it is, and a meeting at a time; to meet without one opens the page of slots."""
        at = NOW + timedelta(days=1)
        meets: dict[str, Any] = {"preference": "book", "preferred_at": at.isoformat()}
        taken = take(
            arrival(preference="not_now"), arrival(preference="call_me", event_id="2"),
            arrival(preference="book", event_id="3"), arrival(**meets, event_id="4"),
        )  # fmt: skip
        put_off, call, meeting = taken.preferences
        assert put_off.ce_type == "contact.postponed.v1"
        assert isinstance(call, ContactScheduled)
        assert isinstance(meeting, ContactScheduled)
        assert (call.preference, call.preferred_at) == ("call_me", None)
        assert (meeting.preference, meeting.preferred_at) == ("book", at)
        assert meeting.engagement_id == taken.answers[3].engagement_id


def by_phone(**changes: Any) -> Any:
    return arrival(**{"email": None, "phone": PHONE, "company": None, "job_title": None} | changes)


class TestPhonesThatPeopleShare:
    def test_another_name_on_a_phone_is_another_person(self) -> None:
        (ada, cem), known = take_in_turn(
            arrival(phone=PHONE), by_phone(first_name="Cem", last_name="Yilmaz", facts={"n": 1})
        )
        assert cem.answers[0].contact_id != ada.answers[0].contact_id
        assert [(each.first_name, each.last_name, each.email) for each in cem.people] == [("Cem", "Yilmaz", None)]
        assert len(persons(known)) == 2

    def test_each_is_known_again_by_phone_and_name(self) -> None:
        cem = {"first_name": "Cem", "last_name": "Yilmaz"}
        (first, second, ada_again, cem_again), known = take_in_turn(
            by_phone(), by_phone(**cem), by_phone(facts={"n": 2}), by_phone(**cem, facts={"n": 3})
        )
        assert ada_again.answers[0].contact_id == first.answers[0].contact_id
        assert cem_again.answers[0].contact_id == second.answers[0].contact_id
        assert len(persons(known)) == 2

    def test_within_one_batch_too(self) -> None:
        taken = take(by_phone(), by_phone(first_name="Cem", last_name="Yilmaz"), by_phone(facts={"n": 2}))
        first, second, third = (answer.contact_id for answer in taken.answers)
        assert (first == third, first == second) == (True, False)

    def test_whoever_leaves_no_name_is_the_one_user_of_a_phone(self) -> None:
        nameless = by_phone(first_name=None, last_name=None)
        (first, second), _ = take_in_turn(by_phone(), nameless)
        assert first.answers[0].contact_id == second.answers[0].contact_id

    def test_whoever_leaves_no_name_on_a_shared_phone_is_nobody_known(self) -> None:
        nameless = [by_phone(first_name=None, last_name=None, facts={"n": n}) for n in range(2)]
        (ada, cem, third, from_body), known = take_in_turn(
            by_phone(), by_phone(first_name="Cem", last_name="Yilmaz"), *nameless
        )
        found = [taken.answers[0].contact_id for taken in (ada, cem, third, from_body)]
        assert len(set(found)) == 3
        assert found[2] == found[3]
        assert len(persons(known)) == 3

    def test_whoever_is_reached_at_another_extension_is_another_person(self) -> None:
        """A list of a switchboard's numbers has no names; who is at x13 is not who is at x12."""
        at = {"first_name": None, "last_name": None}
        posts = [by_phone(**at, phone=f"{PHONE} {extension}", facts={"n": n}) for n, extension in enumerate(
            ("x12", "x13", "x12", "")
        )]  # fmt: skip
        taken, known = take_in_turn(*posts)
        found = [each.answers[0].contact_id for each in taken]
        assert (found[0] == found[2], len(set(found)), len(persons(known))) == (True, 3, 3)
        named = take(by_phone(phone=f"{PHONE} x12"), by_phone(facts={"n": 2}))
        assert len({answer.contact_id for answer in named.answers}) == 1

    def test_a_person_who_was_forgotten_leaves_the_phone_to_the_others(self) -> None:
        cem = {"first_name": "Cem", "last_name": "Yilmaz"}
        (ada, other), known = take_in_turn(by_phone(), by_phone(**cem))
        gone = ada.answers[0].contact_id
        rows = {
            key: KeyOwner(None, row.incarnation + 1) if row.contact_id == gone else row
            for key, row in known.identities.items()
        }
        forgotten = replace(known, identities=rows, profiles={other.answers[0].contact_id: other.people[0]})
        from_body = take(by_phone(**cem, facts={"n": 2}), known=forgotten)
        assert from_body.answers[0].contact_id == other.answers[0].contact_id
        assert take(by_phone(facts={"n": 3}), known=known_after(from_body, forgotten)).answers[0].contact_id not in {
            gone,
            other.answers[0].contact_id,
        }

    def test_all_of_them_are_locked_before_they_are_read(self) -> None:
        posts = [by_phone(), by_phone(first_name="Cem", last_name="Y"), by_phone(first_name=None, last_name=None)]
        taken = take(*posts)
        rows = {key: KeyOwner() for each in posts for key in each.keys}
        assert {answer.contact_id for answer in taken.answers} <= possible_contacts(posts, rows, KEYRING)

    def test_a_badge_without_an_id_takes_over_nobody_by_its_phone(self) -> None:
        (ada, other), _ = take_in_turn(
            by_phone(), by_phone(badge="expo:9", first_name="Cem", last_name="Yilmaz", facts={"n": 1})
        )
        assert ada.answers[0].contact_id != other.answers[0].contact_id


class TestIdsOfAnotherPerson:
    def test_an_event_of_another_person_is_refused_and_changes_nothing(self) -> None:
        first = take(arrival(event_id="f-1"))
        from_body = take(arrival(event_id="f-1", email="other@x.example"), known=known_after(first))
        assert from_body.faults == {0: SubmissionFault("event_id", "event_id_reused")}
        assert (from_body.answers, from_body.engagements, from_body.profiles, from_body.owners) == ([], [], [], {})

    def test_two_people_of_one_batch_under_one_event(self) -> None:
        taken = take(arrival(event_id="f-1"), arrival(event_id="f-1", email="other@x.example"))
        assert [answer.status for answer in taken.answers] == ["accepted"]
        assert taken.faults == {1: SubmissionFault("event_id", "event_id_reused")}

    def test_an_event_by_a_phone_that_two_people_share(self) -> None:
        each, other = by_phone(event_id="f-1"), by_phone(event_id="f-1", first_name="Cem", last_name="Yilmaz")
        assert take(each, other).faults == {1: SubmissionFault("event_id", "event_id_reused")}

    @pytest.mark.parametrize("phone", [PHONE, None])
    @pytest.mark.parametrize("mail", ["bob@x.example", "info@x.example"])
    def test_who_shares_a_phone_or_a_mailbox_is_another_person(self, phone: str | None, mail: str) -> None:
        """The second post was answered `duplicate`, with the first person's contact, and its sender was nowhere."""
        first = "info@x.example" if mail == "info@x.example" else "ada@x.example"
        bob = arrival(event_id="7", email=mail, phone=phone, first_name="Bob", last_name="King")
        ada = arrival(event_id="7", email=first, phone=phone)
        assert take(ada, bob).faults == {1: SubmissionFault("event_id", "event_id_reused")}
        (_, taken), _ = take_in_turn(ada, bob)
        assert taken.faults == {0: SubmissionFault("event_id", "event_id_reused")}

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ({"email": "info@x.example"}, {"email": "info@x.example"}),
            ({"email": "info@x.example"}, {"email": "info@x.example", "first_name": None, "last_name": None}),
            ({"email": "info@x.example", "first_name": None, "last_name": None}, {"email": "info@x.example"}),
            ({"phone": PHONE}, {"phone": PHONE, "job_title": "Director"}),
            ({"email": None, "phone": PHONE}, {"phone": PHONE}),
            ({"email": None, "phone": PHONE, "first_name": None, "last_name": None}, {"email": None, "phone": PHONE}),
            ({"phone": PHONE}, {"email": None, "phone": PHONE}),
        ],
    )
    def test_the_same_person_again_is_a_repeat(self, before: dict[str, Any], after: dict[str, Any]) -> None:
        (first, second), _ = take_in_turn(arrival(event_id="7", **before), arrival(event_id="7", **after))
        assert (second.faults, second.answers[0].status) == ({}, "duplicate")
        assert second.answers[0].contact_id == first.answers[0].contact_id

    def test_an_event_of_a_shared_mailbox_is_its_own_whoever_wrote_since(self) -> None:
        written = [("7", "Long"), ("8", "King"), ("7", "Long")]
        posts = [arrival(event_id=event, email="info@x.example", last_name=name) for event, name in written]
        (_, _, again), _ = take_in_turn(*posts)
        assert (again.faults, again.answers[0].status) == ({}, "duplicate")

    def test_an_event_of_a_shared_phone_is_its_own_once_the_phone_is_shared(self) -> None:
        nameless = by_phone(event_id="7", first_name=None, last_name=None)
        posts = [by_phone(), nameless, by_phone(first_name="Cem", last_name="Yilmaz"), nameless]
        taken, _ = take_in_turn(*posts)
        assert (taken[-1].faults, taken[-1].answers[0].status) == ({}, "duplicate")

    @pytest.mark.parametrize(
        "constant",
        [
            "undefined",
            "null",
            "0",
            "None",
            " ",
            "",
            "{{ event_id }}",
            "[object Object]",
            "[[id]]",
            "${id}",
            "%%ID%%",
            "*|UNIQID|*",
            "__ID__",
            "<id>",
            "%EVENT_ID%",
            "#id#",
            "$event_id",
            "(not set)",
            "--",
            "?",
            "000000",
            "00000000-0000-0000-0000-000000000000",
            "undefined-undefined",
            "null|none",
        ],
    )
    def test_what_a_tag_manager_sends_for_nothing_is_no_id(self, constant: str) -> None:
        taken = take(arrival(event_id=constant), arrival(event_id=constant, email="other@x.example"))
        assert [answer.status for answer in taken.answers] == ["accepted"] * 2
        assert all(not each.arrival.by_event for each in taken.engagements)


class TestConsentsOfLists:
    CONSENT: ClassVar[dict[str, Any]] = {"purpose": "marketing_email", "granted": True, "wording_version": "1"}
    LIST: ClassVar[dict[str, Any]] = {"is_listed": True, "facts": {"list": 1}}

    def withdrawn(self) -> Any:
        return arrival(consent=self.CONSENT | {"granted": False, "at": "2026-03-01T08:00:00Z"})

    def granted(self, taken: IntakeResult) -> bool:
        return taken.people[0].consents[0].granted

    @pytest.mark.parametrize("source", sorted(RULES.sources))
    def test_an_undated_row_of_a_list_resubscribes_nobody(self, source: str) -> None:
        """Whatever source and engagement a list or its rows name."""
        row = arrival(**self.LIST, source=source, engagement=None, consent=self.CONSENT)
        (_, taken), _ = take_in_turn(self.withdrawn(), row)
        assert not self.granted(taken)
        assert taken.engagements[0].event.consents == []

    def test_a_later_grant_that_is_dated_does(self) -> None:
        dated = self.CONSENT | {"at": "2026-03-02T08:00:00Z"}
        (_, taken), _ = take_in_turn(self.withdrawn(), arrival(**self.LIST, consent=dated))
        assert self.granted(taken)
        by_row = arrival(**self.LIST, consent=self.CONSENT, occurred_at="2026-03-02T08:00:00Z")
        (_, taken), _ = take_in_turn(self.withdrawn(), by_row)
        assert self.granted(taken)

    def test_an_undated_row_grants_who_never_answered_and_withdraws_for_anybody(self) -> None:
        assert self.granted(take(arrival(**self.LIST, consent=self.CONSENT)))
        given = arrival(consent=self.CONSENT | {"at": "2026-03-01T08:00:00Z"})
        row = arrival(**self.LIST, consent=self.CONSENT | {"granted": False})
        (_, taken), _ = take_in_turn(given, row)
        assert not self.granted(taken)

    def test_what_a_program_read_out_of_a_list_is_undated_too(self) -> None:
        (_, taken), _ = take_in_turn(self.withdrawn(), arrival(source="import", consent=self.CONSENT))
        assert not self.granted(taken)

    def test_a_form_is_dated_by_its_post(self) -> None:
        (_, taken), _ = take_in_turn(self.withdrawn(), arrival(consent=self.CONSENT, facts={"n": 1}))
        assert self.granted(taken)
        by_form = arrival(engagement="event_registered", consent=self.CONSENT)
        (_, taken), _ = take_in_turn(self.withdrawn(), by_form)
        assert self.granted(taken)
