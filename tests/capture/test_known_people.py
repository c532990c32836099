"""What a form asks of people who are known by a signed link, without a database."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from capture.domain.known_people import (
    KnownPerson,
    fill_in_email,
    form_for_person,
    form_for_validation,
    make_known_person,
)
from capture.domain.profile import Profile
from capture.domain.signatures import FormSigner, FormStamp, FormTicket
from capture.playbook import Form

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ADA = UUID(int=1)
SIGNER = FormSigner(b"a secret for tests alone")
TOPICS = {"name": "topics", "kind": "choices", "label": "About what?", "options": {"price": "Price", "setup": "Set-up"}}
QUESTIONS: list[dict[str, Any]] = [
    {"name": "email", "required": True},
    {"name": "last_name", "required": True},
    {"name": "message"},
    {"name": "when", "kind": "choice", "label": "When?", "options": {"now": "Now", "later": "Later"}},
    {"name": "employees", "progressive": True, "required": True},
    {"name": "seats", "kind": "number", "label": "How many seats?", "progressive": True},
    TOPICS | {"progressive": True},
]


def form(**changed: Any) -> Form:
    return Form.model_validate({"title": "Talk", "engagement": "contact_sales", "questions": QUESTIONS} | changed)


def person(fields: tuple[str, ...] = (), facts: tuple[str, ...] = ()) -> KnownPerson:
    return KnownPerson("ada@works.example", frozenset({"email", *fields}), frozenset(facts))


def names(asked: Form) -> list[str]:
    return [each.name for each in asked.questions]


@pytest.mark.parametrize(
    ("whom", "asked"),
    [
        (None, ["email", "last_name", "message", "when"]),
        (person(), ["last_name", "message", "when", "employees", "seats", "topics"]),
        (person(("last_name", "employees")), ["message", "when", "seats", "topics"]),
        (person(("last_name",), ("seats", "when")), ["message", "when", "employees", "topics"]),
        (person(("last_name", "employees"), ("topics.setup",)), ["message", "when", "seats"]),
        (person(("last_name", "employees"), ("seats", "topics.price")), ["message", "when"]),
    ],
)
def test_a_known_person_is_asked_what_is_missing(whom: KnownPerson | None, asked: list[str]) -> None:
    """Strangers are asked nothing progressive; a question that is not progressive is asked each time."""
    assert names(form_for_person(form(), whom)) == asked


def test_so_many_progressive_questions_are_asked_at_once() -> None:
    few = form(progressive_most=1)
    assert names(form_for_person(few, person(("last_name",)))) == ["message", "when", "employees"]
    assert names(form_for_person(few, person(("last_name", "employees")))) == ["message", "when", "seats"]


def test_what_was_not_asked_may_be_answered_and_is_not_required() -> None:
    whole = form()
    for whom, required in ((None, ["email", "last_name"]), (person(), ["last_name", "employees"])):
        sent = form_for_validation(whole, form_for_person(whole, whom))
        assert names(sent) == names(whole)
        assert [each.name for each in sent.questions if each.required] == required
        assert sent.version == whole.version


def test_a_version_is_of_the_whole_form_whatever_was_asked_for_first() -> None:
    """Consents name it: it must not depend on the language in which a process was first asked."""
    written = {"translations": {"de": {"title": "Reden"}}}
    assert form(**written).in_language("de").version == form(**written).version != form().version


def test_the_link_names_whoever_types_no_address() -> None:
    assert fill_in_email({"email": " "}, person())["email"] == "ada@works.example"
    assert fill_in_email({"email": "bo@works.example"}, person())["email"] == "bo@works.example"
    assert fill_in_email({"message": "x"}, None) == {"message": "x"}


def test_what_is_known_is_what_the_profile_has() -> None:
    """What people write, and the page they came from, are another each time."""
    profile = Profile(ADA, 1, NOW, email="ada@works.example", last_name="Long", message="Hello", employees=0)
    found = make_known_person(profile, ["seats"])
    assert found == person(("last_name", "employees"), ("seats",))
    assert make_known_person(Profile(ADA, 1, NOW, phone="+4930901820"), []) is None


@pytest.mark.parametrize(
    "question",
    [
        {"name": "email"},
        {"name": "message"},
        {"name": "crm", "kind": "text", "label": "x"},
        {"name": "story", "kind": "long_text", "label": "x"},
        {"name": "page", "kind": "hidden", "value": "x"},
    ],
    ids=str,
)
def test_a_question_is_progressive_only_if_it_is_known_whether_it_was_answered(question: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="cannot be progressive"):
        form(questions=[{"name": "phone"}, question | {"progressive": True}])


def test_strangers_can_be_answered_too() -> None:
    with pytest.raises(ValidationError, match="neither for an e-mail nor for a phone"):
        form(questions=[{"name": "company"}, {"name": "phone", "progressive": True}])


def test_a_link_is_good_for_one_form_until_it_ends() -> None:
    link = SIGNER.write_link("contact", ADA, NOW + timedelta(days=30))
    assert SIGNER.read_link("contact", link, NOW) == ADA
    assert SIGNER.read_link("contact", link, NOW + timedelta(days=30)) is None
    assert SIGNER.read_link("demo", link, NOW) is None
    assert FormSigner(b"another").read_link("contact", link, NOW) is None
    later = f"{int(link.partition('.')[0]) + 1}.{link.partition('.')[2]}"
    other = link.replace(ADA.hex, UUID(int=2).hex)
    for text in (
        later,
        other,
        link[:-1],
        link.upper(),
        "",
        ".",
        "\u0663.x",
        SIGNER.write_stamp("contact", FormStamp(NOW, "ab")),
    ):
        assert SIGNER.read_link("contact", text, NOW) is None
    assert SIGNER.read_stamp("contact", link) is None
    assert SIGNER.read_ticket("contact", SIGNER.write_ticket("contact", FormTicket(ADA, ADA, NOW)), NOW) is not None
    assert SIGNER.read_ticket("contact", link, NOW) is None
