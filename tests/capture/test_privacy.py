"""What may leave on `contacts.captured.v1` (design §2, I10): nothing that identifies somebody directly."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capture.domain import intake
from capture.domain.intake import KnownForBatch
from capture.domain.key_owners import KeyOwner
from capture.domain.privacy import (
    DirectIdentifiers,
    looks_like_phone,
    public_code,
    public_company_name,
    public_consents,
    public_facts,
)
from events.contacts import Consent
from tests.capture.builders import KEYRING, NOW, RULES, arrival

ADA = DirectIdentifiers.from_contact_details("+442079460958", "Ada", "King-Lovelace")


def leaving(**facts: Any) -> set[str]:
    return set(public_facts(facts, ADA, RULES.withheld_facts))


@pytest.mark.parametrize(
    "text",
    [
        "+49 30 901820",
        "(020) 7946 0958",
        "call 0151-2345678 please",
        "4915112345678",
        "555.123.4567",
        "+1 (202) 555-0143",
    ],
)
def test_a_phone_in_a_text_is_found(text: str) -> None:
    assert looks_like_phone(text)
    assert leaving(answer=text) == set()


@pytest.mark.parametrize(
    "text",
    [
        "2026-05-01",
        "2026-05-01T10:00:00+02:00",
        "2026/2027",
        "50-100",
        "250000",
        "10,000,000",
        "dac32acd4db4c29c230538b72f8dd87d",
        "12345678-1234-4234-8234-123456789abc",
        "v2.4.1",
        "1-50 employees",
    ],
)
def test_dates_sizes_and_ids_are_no_phones(text: str) -> None:
    assert not looks_like_phone(text)
    assert leaving(answer=text) == {"answer"}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("answer", "write to ada@lovelace.example"),
        ("answer", "Ada"),
        ("answer", "ask for ms. KING-LOVELACE"),
        ("answer", "2079460958"),
        ("answer", 2079460958),
        ("answer", 442079460958),
        ("answer", "We are looking for a way to weave algebraic patterns, just as the loom weaves flowers and leaves."),
        ("message", "hello"),
        ("Full_Name", "A. L."),
    ],
)
def test_a_fact_that_identifies_somebody_stays(key: str, value: Any) -> None:
    assert leaving(**{key: value}) == set()


def test_facts_for_the_decision_leave() -> None:
    facts: dict[str, Any] = {
        "seats": 25,
        "budget": 250_000.5,
        "has_project": True,
        "origin": "paid search",
        "none": None,
    }
    assert public_facts(facts, ADA, RULES.withheld_facts) == facts


@pytest.mark.parametrize(
    ("text", "out"),
    [
        ("Lovelace & Sons", "Lovelace & Sons"),
        ("Ada King-Lovelace", None),
        ("ada@lovelace.example", None),
        ("call +44 20 7946 0958", None),
        ("Analytical Engines", "Analytical Engines"),
        (None, None),
    ],
)
def test_a_company_may_bear_a_name_and_no_address(text: str | None, out: str | None) -> None:
    assert public_company_name(text, ADA) == out


@pytest.mark.parametrize(
    ("code", "out"),
    [("12345678901", "12345678901"), ("01310-100", "01310-100"), ("ada@x.org", None), ("2079460958", None)],
)
def test_a_code_may_be_a_long_number_but_not_the_persons_own(code: str, out: str | None) -> None:
    assert public_code(code, ADA) == out


ZEB: dict[str, Any] = {
    "email": "zeb.markerson@marker.example",
    "phone": "+442079460958",
    "first_name": "Žébediah",
    "last_name": "Marker-Son",
}
OWN = ("zebediah", "marker-son", "zebediah marker-son", "marker-son, zebediah", "zebediahmarkerson", "zeb.markerson",
       "zeb.markerson@marker.example", "+44 20 7946 0958", "02079460958", "zebediah%20marker-son")  # fmt: skip
"""What names this person, in the spellings in which it comes."""

around = st.tuples(st.sampled_from(["", "to ", "ad_", "spring-26|", "x="]), st.sampled_from(["", " 7", "_b", "/list"]))
cased = st.sampled_from([str, str.upper, str.title])


@given(own=st.sampled_from(OWN), around=around, cased=cased)
def test_no_field_but_the_company_repeats_whom_it_is_about(own: str, around: tuple[str, str], cased: Any) -> None:
    """I10: names, mailbox and phone of the person stay with capture wherever they stand, and it is noted."""
    text = around[0] + cased(own) + around[1]
    place: dict[str, Any] = {"region": text, "postal_code": own[:16], "industry": text, "job_title": text}
    codes: dict[str, Any] = {"content": text, "campaign": text}
    utm = dict.fromkeys(("source", "medium", "campaign", "term", "content"), text)
    whom = arrival(**ZEB, **place, **codes, utm=utm, facts={"answer": text, "seats": 7}, referrer=own)
    keys = {key: KeyOwner() for key in whom.keys}
    event = intake.take_batch([whom], KnownForBatch(keys, {}, {}), KEYRING, RULES, NOW).engagements[0].event
    assert event.facts == {"seats": 7}
    left = event.as_json(only={*place, *codes, "utm"}, filled=True)
    assert left in ({"utm": {}}, {"utm": {}, "postal_code": own[:16]})
    assert set(event.withheld) >= {"region", "industry", "job_title", *codes, "facts", *(f"utm.{each}" for each in utm)}


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [("marketing", "Mark", "Ng"), ("email", "Em", "Ail-Li"), ("spring-2026", "Spri", "Ng"), ("de-1", "Ada", "Dean")],
)
def test_a_short_name_inside_another_word_names_nobody(text: str, first: str, last: str) -> None:
    assert public_code(text, DirectIdentifiers.from_contact_details(None, first, last)) == text


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("obrien", "Sean", "O'Brien"), ("spring_OBrien", "Sean", "O\u2019Brien"), ("list-oneil", "Sean", "O'Neil"),
        ("vanderberg", "Ada", "van der Berg"), ("annemarie", "Anne-Marie", "Ng"),
        ("王小明的列表", "小明", "王"), ("to 王伟", "伟", "王"), ("伟王", "伟", "王"), ("やまだ様", "たろう", "やまだ"),
        ("김철수 고객", "철수", "김"),
    ],
)  # fmt: skip
def test_a_name_without_the_signs_and_spaces_within_names_a_person(text: str, first: str, last: str) -> None:
    assert public_code(text, DirectIdentifiers.from_contact_details(None, first, last)) is None


@pytest.mark.parametrize(
    ("text", "first", "last"), [("行李", "伟", "李"), ("김치", "철수", "김"), ("clone-il", "Sean", "O'Neil")]
)
def test_one_letter_and_another_word_name_nobody(text: str, first: str, last: str) -> None:
    assert public_code(text, DirectIdentifiers.from_contact_details(None, first, last)) == text


@pytest.mark.parametrize(
    ("purpose", "first", "last", "leaves"),
    [
        ("newsletter_for_lovelace", "Ada", "Lovelace", False), ("news-obrien", "Sean", "O'Brien", False),
        ("通知王小明", "小明", "王", False), ("marketing_email", "Ada", "Market", True),
        ("phone_call", "Ada", "Call", True),
    ],
)  # fmt: skip
def test_a_purpose_that_names_somebody_stays(purpose: str, first: str, last: str, leaves: bool) -> None:
    answer = Consent(purpose=purpose, granted=False, wording_version="1", at=NOW)
    assert public_consents([answer], DirectIdentifiers.from_contact_details(None, first, last)) == (
        [answer] if leaves else []
    )


@given(
    text=st.text(st.sampled_from("abcdefgh -_0123456789"), min_size=1, max_size=20),
    first=st.text(st.sampled_from("uvwxyz"), min_size=2, max_size=9),
    last=st.text(st.sampled_from("uvwxyz"), min_size=2, max_size=9),
)
def test_a_text_that_shares_no_letter_with_the_names_leaves(text: str, first: str, last: str) -> None:
    assert public_code(text, DirectIdentifiers.from_contact_details(None, first, last)) == text


def test_an_address_that_many_share_names_nobody() -> None:
    role = arrival(email="marketing@lovelace.example", campaign="marketing-2026")
    known = KnownForBatch({key: KeyOwner() for key in role.keys}, {}, {})
    event = intake.take_batch([role], known, KEYRING, RULES, NOW).engagements[0].event
    assert (event.campaign, event.withheld) == ("marketing-2026", [])


def test_a_version_of_a_wording_that_names_somebody_is_left_out() -> None:
    answer = Consent(purpose="email", granted=True, wording_version="for Ada", form_version="King-Lovelace/1", at=NOW)
    (left,) = public_consents([answer], ADA)
    assert (left.purpose, left.granted, left.wording_version, left.form_version) == ("email", True, "withheld", None)
    plain = Consent(purpose="email", granted=True, wording_version="v1", at=NOW)
    assert public_consents([plain], ADA) == [plain]


@pytest.mark.parametrize("text", ["list/ada.king-1815", "%4Bing", "KING%2DLOVELACE", "ad%C3%A0"])
def test_a_mailbox_and_an_escaped_name_name_a_person(text: str) -> None:
    assert DirectIdentifiers.from_contact_details(None, "Ada", "King-Lovelace", mailbox="ada.king.1815").has_name_in(
        text
    )
