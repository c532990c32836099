"""Phones that several people share: a family, a switchboard, a desk. Whose names contradict stay apart."""

from types import SimpleNamespace
from typing import Any

import pytest

from capture.domain.key_owners import KeyOwner, possible_contacts
from capture.domain.profile import join_profiles, may_wear_same_badge, names_agree
from tests.capture.builders import KEYRING, arrival, take
from tests.capture.test_people import persons, take_in_turn

PHONE = "+493012345678"


def named(name: str) -> Any:
    """`Ada Long`; a `-` for a part that is not known."""
    first, _, last = name.partition(" ")
    return SimpleNamespace(first_name=None if first == "-" else first, last_name=None if last in {"-", ""} else last)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Ada M\u00fcller", "Ada Muller"),
        ("Ada O'Brien", "Ada O\u2019Brien"),
        ("Ada OBrien", "Ada O'Brien"),
        ("Ada King-Long", "Ada King Long"),
        ("ADA LONG", "ada long"),
        ("A. Long", "Ada Long"),
        ("Alex Long", "Alexander Long"),
        ("Hans Long", "Hans-Peter Long"),
        ("Zo\u00eb Long", "Zoe Long"),
        ("- Long", "Ada Long"),
        ("Ada -", "Ada Long"),
        ("- -", "Ada Long"),
        ("\u738b Long", "\u738b Long"),
        ("... Long", "Ada Long"),
    ],
)
def test_one_person_is_spelt_in_many_ways(left: str, right: str) -> None:
    assert names_agree(named(left), named(right))
    assert names_agree(named(right), named(left))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Anna Berg", "Andreas Berg"),
        ("Jan Berg", "Jana-Maria Lang"),
        ("Ada Long", "Cem Kaya"),
        ("Ada Long", "Ada King"),
        ("Tim Berg", "Tom Berg"),
        ("Maria Rossi", "Mario Rossi"),
        ("\u738b Long", "\u674e Long"),
        ("Long Ada", "Ada Long"),
    ],
)
def test_two_of_a_household_are_two(left: str, right: str) -> None:
    assert not names_agree(named(left), named(right))
    _, known = take_in_turn(*(by_phone(each) for each in (left, right, left, right)))
    assert len(persons(known)) == 2


def by_phone(name: str) -> Any:
    first, _, last = name.partition(" ")
    return arrival(email=None, phone=PHONE, first_name=first, last_name=last)


def test_a_family_of_three_and_somebody_who_leaves_no_name() -> None:
    """Whoever leaves no name on a phone that is known as shared is none of those whom we know."""
    nameless = arrival(email=None, phone=PHONE, first_name=None, last_name=None)
    family = [by_phone(name) for name in ("Anna Berg", "Andreas Berg", "Clara Berg")]
    taken, known = take_in_turn(*family, nameless, nameless, by_phone("Anna Berg"))
    ids = [each.answers[0].contact_id for each in taken]
    assert len(set(ids[:3])) == 3
    assert ids[3] == ids[4]
    assert ids[3] not in ids[:3]
    assert ids[5] == ids[0]
    assert len(persons(known)) == 4


def test_a_phone_with_a_mail_is_not_taken_over_by_a_post_without_one() -> None:
    """Cem's post changes nothing of Ada's: neither her name nor what she agreed to."""
    mail = arrival(email="ada@works.example", phone=PHONE, first_name="Ada", last_name="Long")
    taken, known = take_in_turn(mail, by_phone("Cem Kaya"))
    assert len(persons(known)) == 2
    assert taken[0].answers[0].contact_id != taken[1].answers[0].contact_id
    (ada,) = (row for row in known.profiles.values() if row.email == "ada@works.example")
    assert (ada.first_name, ada.last_name, ada.engagements) == ("Ada", "Long", 1)


def test_a_shared_mailbox_is_one_contact() -> None:
    """ADR 0099: a mailbox of a function cannot be parted; who wrote last is its name."""
    posts = [
        arrival(email="info@works.example", phone=None, first_name=first, last_name=last)
        for first, last in (("Ada", "Long"), ("Cem", "Kaya"))
    ]
    taken, known = take_in_turn(*posts)
    assert len(persons(known)) == 1
    (profile,) = taken[1].profiles
    assert (profile.email_kind, profile.last_name) == ("role", "Kaya")


def test_an_initial_is_whoever_of_the_house_bears_it() -> None:
    """Beside Clara, `A. Berg` is Ada as long as Ada is the only one; Anna is another person all the same."""
    house = [by_phone(name) for name in ("Clara Berg", "Ada Berg", "A. Berg", "Anna Berg")]
    taken, known = take_in_turn(*house)
    clara, ada, initial, anna = (each.answers[0].contact_id for each in taken)
    assert initial == ada
    assert len({clara, ada, anna}) == len(persons(known)) == 3


@pytest.mark.parametrize("names", [("Ada Long", "A. Long"), ("A. Long", "Ada Long")])
def test_an_initial_takes_the_place_of_no_name(names: tuple[str, str]) -> None:
    """Not by a later post, and not where two contacts turn out to be one."""
    taken, _ = take_in_turn(*(by_phone(name) for name in names))
    assert taken[-1].profiles[-1].first_name == "Ada"
    apart = [take_in_turn(by_phone(name))[0][0].profiles[0] for name in names]
    assert join_profiles(apart).first_name == "Ada"


NAMELESS: dict[str, Any] = {"first_name": None, "last_name": None}


def mail_of(name: str, **changes: Any) -> Any:
    first, _, last = name.partition(" ")
    return arrival(
        **{"email": f"{first}@works.example", "phone": PHONE, "first_name": first, "last_name": last} | changes
    )


def ids_of(taken: list[Any]) -> list[Any]:
    return [each.answers[0].contact_id for each in taken]


def test_a_mail_without_a_name_on_a_shared_phone_is_given_to_nobody() -> None:
    """Ada got the address of Cem, since she had used the phone first."""
    taken, known = take_in_turn(by_phone("Ada Long"), by_phone("Cem Kaya"), mail_of("Cem Kaya", **NAMELESS))
    assert len(set(ids_of(taken))) == len(persons(known)) == 3
    assert [row.email for row in known.profiles.values() if row.first_name] == [None, None]


def test_a_mail_with_a_name_on_a_shared_phone_is_whose_name_it_is() -> None:
    posts = [by_phone("Ada Long"), by_phone("Cem Kaya"), mail_of("Cem Kaya"), mail_of("Ada Long"), mail_of("Dora Holt")]
    taken, known = take_in_turn(*posts)
    ada, cem, cem_again, ada_again, dora = ids_of(taken)
    assert (cem_again, ada_again) == (cem, ada)
    assert len({ada, cem, dora}) == len(persons(known)) == 3


@pytest.mark.parametrize("second", [{}, NAMELESS])
def test_a_phone_that_two_mailboxes_share_is_nobodys_without_a_name(second: dict[str, Any]) -> None:
    """A post or a withdrawal by the phone counted as Ada's, who had used it first."""
    error_for_fault = {"purpose": "newsletter", "granted": False, "wording_version": "1"}
    nameless = [arrival(email=None, phone=PHONE, **NAMELESS, consent=error_for_fault, facts={"n": n}) for n in range(2)]
    taken, known = take_in_turn(mail_of("Ada Long"), mail_of("Bob King", **second), *nameless)
    ada, bob, unknown, again = ids_of(taken)
    assert len({ada, bob, unknown}) == len(persons(known)) == 3
    assert unknown == again
    assert [row.consents for row in known.profiles.values() if row.email] == [(), ()]


def test_each_of_two_mailboxes_on_a_phone_is_known_by_the_name_alone() -> None:
    taken, known = take_in_turn(mail_of("Ada Long"), mail_of("Bob King"), by_phone("Bob King"), by_phone("Ada Long"))
    ada, bob, bob_again, ada_again = ids_of(taken)
    assert (bob_again, ada_again, len(persons(known))) == (bob, ada, 2)


def test_a_shared_phone_names_nobody_where_one_of_two_has_no_name() -> None:
    """A name alone or an extension alone says nothing of who else uses the phone."""
    taken, known = take_in_turn(
        by_phone("Ada Long"), by_phone("Cem Kaya"), mail_of("Eva", **NAMELESS, phone=f"{PHONE} ext. 204")
    )
    assert len(set(ids_of(taken))) == len(persons(known)) == 3
    taken, known = take_in_turn(mail_of("Ada", **NAMELESS), mail_of("Bea", **NAMELESS), by_phone("Bob King"))
    assert len(set(ids_of(taken))) == len(persons(known)) == 3


def test_one_person_with_two_mailboxes_shares_the_phone_with_nobody() -> None:
    nameless = arrival(email=None, phone=PHONE, **NAMELESS)
    taken, _ = take_in_turn(mail_of("Ada Long"), mail_of("Ada Long", email="ada@home.example"), nameless)
    assert ids_of(taken)[2] == ids_of(taken)[0]


def scanned(name: str, phone: str | None = None, **changes: Any) -> Any:
    first, _, last = name.partition(" ")
    names = {"first_name": first or None, "last_name": last or None}
    return arrival(badge="expo:7", source="event_scan", **{"email": None, "phone": phone, **names} | changes)


def test_a_badge_under_another_name_takes_over_nobody() -> None:
    """Cem's scan gave Ada his name and his phone."""
    other = "+493012345679"
    posts = [scanned("Ada Long", PHONE), scanned("Cem Kaya", other), scanned(""), scanned("A. Long", facts={"n": 2}),
             scanned("Cem Kaya", facts={"n": 3})]  # fmt: skip
    taken, known = take_in_turn(*posts)
    ada, cem, nameless, ada_again, cem_again = ids_of(taken)
    assert (nameless, ada_again, cem_again) == (ada, ada, cem)
    assert len(persons(known)) == 2
    assert {(row.first_name, row.phone) for row in known.profiles.values()} == {("Ada", PHONE), ("Cem", other)}
    assert ids_of([take(*posts[:2])]) == [ada]
    assert {answer.contact_id for answer in take(*posts).answers} == {ada, cem}


@pytest.mark.parametrize(
    ("listed", "scanned_as"),
    [
        (("Ana", "García López"), ("Ana García", "López")), (("Jörg", "Müller"), ("Joerg", "Mueller")),
        (("Jörg", "Müller"), ("MUELLER", "JOERG")), (("Anna Maria", "Schmidt"), ("Anna", "Maria Schmidt")),
        (("Ada", "Long"), ("Dr. Ada", "Long")), (("Ludwig", "van Beethoven"), ("Ludwig van", "Beethoven")),
        (("Eva", "Meyer"), ("Eva", "Meyer-Schmidt")), (("A.", "Long"), ("Ada", "Long")),
        ((None, None), ("Ada", "Long")),
    ],
)  # fmt: skip
def test_one_badge_is_one_person_however_the_name_is_typed(listed: Any, scanned_as: Any) -> None:
    def wearer(name: Any) -> Any:
        return SimpleNamespace(first_name=name[0], last_name=name[1])

    assert may_wear_same_badge(wearer(listed), wearer(scanned_as))
    assert may_wear_same_badge(wearer(scanned_as), wearer(listed))
    assert not may_wear_same_badge(wearer(scanned_as), wearer(("Cem", "Kaya")))


def test_names_that_stand_the_other_way_round_on_a_badge_are_one_person() -> None:
    taken, known = take_in_turn(scanned("Ada Long"), scanned("Long Ada"), scanned("Ada Long", facts={"n": 2}))
    assert len(set(ids_of(taken))) == len(persons(known)) == 1


def test_all_who_may_be_meant_are_locked_before_they_are_read() -> None:
    posts = [scanned("Ada Long"), scanned("Cem Kaya"), scanned("Dora Holt", PHONE)]
    rows = {key: KeyOwner() for each in posts for key in each.keys}
    assert {answer.contact_id for answer in take(*posts).answers} <= possible_contacts(posts, rows, KEYRING)
