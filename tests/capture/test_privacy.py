"""What may leave on `contacts.captured.v1` (design §2, I10): nothing that identifies somebody directly."""

from typing import Any

import pytest

from capture.domain.privacy import Person, looks_like_phone, public_code, public_facts, public_text
from tests.capture.people import RULES

ADA = Person.of("+442079460958", "Ada", "King-Lovelace")


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
    assert public_text(text, ADA) == out


@pytest.mark.parametrize(
    ("code", "out"),
    [("12345678901", "12345678901"), ("01310-100", "01310-100"), ("ada@x.org", None), ("2079460958", None)],
)
def test_a_code_may_be_a_long_number_but_not_the_persons_own(code: str, out: str | None) -> None:
    assert public_code(code, ADA) == out
