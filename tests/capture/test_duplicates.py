"""Contacts that may be one person: a list with reasons, which merges nobody."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from capture.domain.duplicates import ComparedContact, PossibleDuplicate, compare_contacts
from events.contacts import ContactMerged
from events.runtime.testing import ServiceHarness
from tests.capture.test_merging import post

ADA = ComparedContact(
    UUID(int=1), "ada.long@works.example", "works.example", "corporate", "+442079460958", "Ada", "Long", "Works Ltd",
    "Head of Sales", "GB",
)  # fmt: skip
NOBODY = ComparedContact(UUID(int=2))


def other(**values: Any) -> ComparedContact:
    return replace(NOBODY, **values)


def at(email: str, kind: str = "corporate") -> dict[str, Any]:
    return {"email": email, "email_domain": email.partition("@")[2], "email_kind": kind}


@pytest.mark.parametrize(
    ("second", "to_merge"),
    [
        ({"first_name": "ADA", "last_name": "long", "company": "WORKS"}, ["The same name", "The same company"]),
        ({"first_name": "Long", "last_name": "Ada", "company": "Works"}, ["The same name", "The same company"]),
        ({"first_name": "A.", "last_name": "Long", "company": "Works"},
         ["The same name, of one only the initial", "The same company"]),
        ({"first_name": "Ada", "last_name": "Longe", "company": "Works", "job_title": "head of sales"},
         ["Nearly the same name", "The same company", "The same position"]),
        ({"phone": "+442079460958", "company": "Works"}, ["The same phone", "The same company"]),
        ({"first_name": "Ada", "last_name": "Long", **at("adalong@mail.example", "free")},
         ["The same name", "The same address at two providers"]),
        ({"first_name": "Ada", "last_name": "Long", **at("ada.lnog@works.example")},
         ["The same name", "Addresses at one provider that differ by a letter or two",
          "The same company by its e-mail domain"]),
        ({"first_name": "Ada", "last_name": "Long", "phone": "+442079460985"},
         ["The same name", "Phones that differ in one digit"]),
        ({"first_name": "Ada", "last_name": "Long", "company": "Works International"},
         ["The same name", "Nearly the same company"]),
        ({"last_name": "Long", "phone": "+442079460958"},
         ["The same last name, and only one first name is known", "The same phone"]),
    ],
)  # fmt: skip
def test_what_speaks_for_one_person_is_named(second: dict[str, Any], to_merge: list[str]) -> None:
    found = compare_contacts(ADA, other(**second))
    assert found is not None
    assert found.to_merge == to_merge
    assert found.to_keep_apart == []
    back = compare_contacts(other(**second), ADA)
    assert back is not None
    assert (back.points, sorted(back.to_merge)) == (found.points, sorted(found.to_merge))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (("Jörg", "Müller"), ("Joerg", "Mueller")), (("Robert", "Smith"), ("Bob", "Smith")),
        (("Bob", "Smith"), ("Rob", "Smith")), (("Alexandra", "Costa"), ("Alex", "Costa")),
        (("José", "García"), ("Jose", "Garcia")), (("Jean-Luc", "Petit"), ("Jean Luc", "Petit")),
        (("Katharina", "Schmidt"), ("Katharina", "Schmitt")),
    ],
)  # fmt: skip
def test_spellings_and_short_forms_of_a_name_are_known(left: tuple[str, str], right: tuple[str, str]) -> None:
    first, second = (
        ComparedContact(UUID(int=number), first_name=given, last_name=family, company="Acme GmbH")
        for number, (given, family) in enumerate((left, right))
    )
    assert compare_contacts(first, second) is not None


@pytest.mark.parametrize(
    "second",
    [
        {"first_name": "Ada", "last_name": "Long", **at("ada@other.example"), "company": "Other"},
        {"first_name": "Grace", "last_name": "Long", "phone": "+442079460958", "company": "Works"},
        {"first_name": "Ada", "last_name": "Hopper", "phone": "+442079460958", **at("ada.hopper@works.example")},
        {"first_name": "Grace", "last_name": "Hopper", **at("grace@works.example"), "company": "Works"},
        {"first_name": "Ada"},
        {"company": "Works", "country": "GB"},
        at("info@works.example", "role") | {"company": "Works"},
        {},
    ],
)
def test_colleagues_relatives_and_namesakes_are_not_listed(second: dict[str, Any]) -> None:
    assert compare_contacts(ADA, other(**second)) is None


def test_what_says_nothing_is_no_reason() -> None:
    """No last name; two mailboxes of a free provider; company names that are neither alike nor far apart."""
    found = compare_contacts(ADA, other(first_name="Grace", phone=ADA.phone, company="Works"))
    assert found is not None
    assert (found.to_merge, found.to_keep_apart) == (["The same phone", "The same company"], [])
    at_home = replace(ADA, **at("ada.long@mail.example", "free"))
    found = compare_contacts(
        at_home, other(first_name="Ada", last_name="Long", phone=ADA.phone, **at("zoe@mail.example", "free"))
    )
    assert found is not None
    assert (found.to_merge, found.to_keep_apart) == (["The same name", "The same phone"], [])
    found = compare_contacts(ADA, other(first_name="Ada", last_name="Long", phone=ADA.phone, company="Workshop"))
    assert found is not None
    assert (found.to_merge, found.to_keep_apart) == (["The same name", "The same phone"], [])


def test_first_names_that_differ_by_a_letter_may_be_two_people_of_one_family() -> None:
    katharina = replace(ADA, first_name="Katharina", last_name="Schmidt")
    found = compare_contacts(katharina, other(first_name="Katarina", last_name="Schmidt", company="Works"))
    assert found is not None
    assert found.to_merge == ["Nearly the same name", "The same company"]
    assert found.to_keep_apart == ["First names that differ in a letter or two"]


def test_reasons_to_keep_apart_stand_beside_those_to_merge() -> None:
    changed_jobs = other(
        first_name="Ada", last_name="Long", phone="+4930901820", company="Rival GmbH", country="DE",
        **at("ada.long@rival.example"),
    )  # fmt: skip
    found = compare_contacts(replace(ADA, phone=None), changed_jobs)
    assert found is not None
    assert found.to_keep_apart == ["Different companies", "Different countries"]
    shared = other(first_name="Ada", last_name="Long", phone=ADA.phone, **at("sales@works.example", "role"))
    found = compare_contacts(ADA, shared)
    assert found is not None
    assert (found.points, found.to_keep_apart) == (90, ["One address is a mailbox of several people"])
    twice = compare_contacts(ADA, replace(ADA, contact_id=UUID(int=3), email="ada.lnog@works.example"))
    assert twice is not None
    assert twice.points == 100
    apart = compare_contacts(
        ADA, other(first_name="Ada", last_name="Long", phone=ADA.phone, **at("sales7@works.example"))
    )
    assert apart is not None
    assert apart.to_keep_apart == ["Two mailboxes of one company"]
    assert compare_contacts(ADA, other(first_name="Ada", last_name="Long", phone="+4930901820")) is None
    assert PossibleDuplicate(ADA, NOBODY).points == 0


async def pages(harness: ServiceHarness, **query: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    while True:
        answer = (await harness.http.get("/v1/duplicates", params=query)).json()
        assert len(answer["items"]) <= query.get("limit", 100)
        items += answer["items"]
        if answer["next"] is None:
            return items
        query = {**query, "cursor": answer["next"]}


async def test_possible_duplicates_are_listed_with_both_people_and_nobody_is_merged(harness: ServiceHarness) -> None:
    ada = await post(harness, email="ada.long@works.example", first_name="Ada", last_name="Long", company="Works Ltd")
    again = await post(harness, email="ada.long@gmail.com", first_name="Ada", last_name="Long")
    typo = await post(harness, email="ada.lnog@works.example", first_name="Ada", last_name="Long")
    smyth = await post(harness, email="jon.smyth@gmail.com", first_name="Jon", last_name="Smyth", company="ACME Inc.")
    smith = await post(harness, email="j.smith@acme.example", first_name="John", last_name="Smith", company="Acme")
    bob = await post(harness, email="bob@works.example", first_name="Bob", last_name="Short", company="Works")
    for number in range(120):
        await post(harness, email=f"p{number}@elsewhere-{number}.example", first_name="Kim", last_name=f"Nr{number}x")

    found = await pages(harness)
    named = {frozenset(person["contact_id"] for person in item["people"]) for item in found}
    assert named == {frozenset(pair) for pair in ((ada, again), (ada, typo), (smyth, smith))}
    assert all(item["to_merge"] for item in found)
    assert await pages(harness, limit=1) == found or len(await pages(harness, limit=1)) == len(found)
    mine = await pages(harness, contact_id=ada)
    assert {person["contact_id"] for item in mine for person in item["people"]} == {ada, again, typo}
    assert await pages(harness, contact_id=bob) == []
    assert await harness.emitted(ContactMerged) == []

    assert (await harness.http.post(f"/v1/contacts/{again}/merge", json={"into": ada})).status_code == 200
    left = await pages(harness)
    assert {frozenset(person["contact_id"] for person in item["people"]) for item in left} == {
        frozenset((ada, typo)), frozenset((smyth, smith)),
    }  # fmt: skip
    gone = await harness.http.get("/v1/duplicates", params={"contact_id": str(UUID(int=9))})
    assert gone.status_code == 404


async def test_who_is_kept_apart_is_not_listed_again_and_no_submission_makes_them_one(harness: ServiceHarness) -> None:
    """Issue 15, point 8: what somebody decided is remembered until somebody merges them by hand."""
    ada = await post(harness, email="ada.long@works.example", first_name="Ada", last_name="Long", company="Works")
    other = await post(harness, phone="+442079460958", first_name="Ada", last_name="Long", company="Works")
    assert len(await pages(harness)) == 1
    for _ in range(2):
        kept = await harness.http.post(f"/v1/contacts/{other}/keep-apart", json={"other_id": ada})
        assert (kept.status_code, kept.json()) == (200, {"contact_id": other, "other_id": ada})
    for query in ({}, {"contact_id": ada}, {"contact_id": other}):
        assert await pages(harness, **query) == []
    await post(harness, email="ada.long@works.example", phone="+442079460958", first_name="Ada", last_name="Long")
    assert await harness.emitted(ContactMerged) == []

    assert (await harness.http.post(f"/v1/contacts/{other}/merge", json={"into": ada})).status_code == 200
    refused = await harness.http.post(f"/v1/contacts/{other}/keep-apart", json={"other_id": ada})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (409, "already_merged")
    assert (await harness.http.post(f"/v1/contacts/{other}/unmerge")).status_code == 200
    assert await pages(harness) == [], "whoever was parted is not listed as one either"


async def test_nobody_is_kept_apart_from_somebody_unknown_and_an_erasure_forgets_it(harness: ServiceHarness) -> None:
    ada = await post(harness, email="ada.long@works.example", first_name="Ada", last_name="Long", company="Works")
    for contact, other in ((ada, UUID(int=9)), (UUID(int=9), ada)):
        refused = await harness.http.post(f"/v1/contacts/{contact}/keep-apart", json={"other_id": str(other)})
        assert (refused.status_code, refused.json()["errors"][0]["code"]) == (404, "contact_unknown")
    again = await post(harness, email="ada.long@mail.example", first_name="Ada", last_name="Long", company="Works")
    await harness.http.post(f"/v1/contacts/{ada}/keep-apart", json={"other_id": again})
    assert (await harness.http.delete(f"/v1/contacts/{again}")).status_code == 202
    assert await harness.raw.fetch("select from kept_apart") == []
