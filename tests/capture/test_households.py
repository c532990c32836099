"""Phones that several people share: a family, a switchboard, a desk. Whose names contradict stay apart."""

from types import SimpleNamespace
from typing import Any

import pytest

from capture.domain.profile import joined, names_agree
from tests.capture.builders import arrival
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
    assert joined(apart).first_name == "Ada"
