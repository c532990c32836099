"""Questions of one's own and languages of a form, without a database."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from capture.api.pages.rendering import WORDINGS, form_in_language
from capture.domain import forms
from capture.domain.form_fields import fields_by_name
from capture.playbook import Form
from events.languages import choose_language
from tests.capture.builders import RULES

OWN: list[dict[str, Any]] = [
    {"name": "email"},
    {"name": "crm", "kind": "text", "label": "Which CRM?"},
    {"name": "story", "kind": "long_text", "label": "Your story"},
    {"name": "seats", "kind": "number", "label": "How many seats?"},
    {"name": "when", "kind": "choice", "label": "When?", "options": {"now": "Now", "later": "This year"}},
    {"name": "topics", "kind": "choices", "label": "About what?", "options": {"price": "Price", "setup": "Set-up"}},
    {"name": "start", "kind": "date", "label": "Start"},
    {"name": "partner", "kind": "yes_no", "label": "Have you a partner?"},
    {"name": "page", "kind": "hidden", "value": "pricing"},
]


def form(**changed: Any) -> Form:
    return Form.model_validate({"title": "Talk", "engagement": "contact_sales", "questions": OWN} | changed)


def test_what_fits_is_a_fact_and_what_is_written_is_the_message() -> None:
    pairs = [
        ("email", "a@b.example"), ("crm", "ours"), ("story", "We began in May.\nThen stopped."), ("seats", "40"),
        ("when", "now"), ("topics", "price"), ("topics", "setup"), ("start", "2026-05-01"), ("partner", "no"),
    ]  # fmt: skip
    found = forms.form_as_submission_values(form(), fields_by_name(pairs, form()))
    assert found["facts"] == {
        "seats": 40, "when": "now", "topics.price": True, "topics.setup": True, "start": "2026-05-01",
        "partner": False, "page": "pricing",
    }  # fmt: skip
    assert found["message"] == "Which CRM?: ours\n\nYour story: We began in May.\nThen stopped."


def test_an_odd_answer_is_text_and_costs_nobody() -> None:
    pairs = [
        ("email", "a@b.example"), ("seats", "about 40"), ("when", "THIS YEAR"), ("topics", "price"),
        ("topics", "cats"), ("start", "in May"), ("partner", "perhaps"), ("page", "x" * 300), ("email", "c@d.example"),
    ]  # fmt: skip
    found = forms.form_as_submission_values(form(), fields_by_name(pairs, form()))
    assert (found["email"], found["facts"]) == ("c@d.example", {"when": "later", "topics.price": True})
    assert found["message"].split("\n\n")[:4] == [
        "How many seats?: about 40", "About what?: cats", "Start: in May", "Have you a partner?: perhaps",
    ]  # fmt: skip
    found = forms.form_as_submission_values(form(), {"email": "a@b.example", "seats": "1,5", "when": "never"})
    assert (found["facts"]["seats"], found["message"]) == (1.5, "When?: never")


@pytest.mark.parametrize(
    "question",
    [
        {"name": "seats"},
        {"name": "seats", "kind": "number"},
        {"name": "company", "kind": "text", "label": "x"},
        {"name": "language", "kind": "text", "label": "x"},
        {"name": "form_x", "kind": "text", "label": "x"},
        {"name": "when", "kind": "choice", "label": "x"},
        {"name": "when", "kind": "text", "label": "x", "options": {"a": "b"}},
        {"name": "email"},
    ],
    ids=str,
)
def test_a_question_that_cannot_be_asked_is_no_playbook(question: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        form(questions=[{"name": "email"}, question])


def test_answers_are_no_more_facts_than_there_is_space_for() -> None:
    many = {"kind": "choices", "label": "x", "options": {f"o{n}": "y" for n in range(15)}}
    with pytest.raises(ValidationError, match="more than 40 facts"):
        form(questions=[{"name": "email"}, *({"name": f"q{n}"} | many for n in range(3))])


@pytest.mark.parametrize(
    ("asked", "accepted", "language"),
    [
        ("", "de-AT,de;q=0.9,en;q=0.8", "de"),
        ("", "nl, fr;q=0.5, de;q=0.7", "de"),
        ("", "de;q=0, fr;q=0.1", "fr"),
        ("", "pt-PT", "pt-BR"),
        ("fr", "de", "fr"),
        ("xx", "", "en"),
        ("", "*;q=1, ;;; \x00, q=, de;q=9.9999", "en"),
    ],
)
def test_a_page_answers_in_the_first_language_that_it_has(asked: str, accepted: str, language: str) -> None:
    assert choose_language(["en", "de", "fr", "pt-BR"], asked, accepted) == language


def test_a_translation_changes_the_texts_it_has_and_names_the_wording_that_was_agreed_to() -> None:
    asked = form(
        consents=[{"purpose": "news", "wording": "Yes", "wording_version": "7"}],
        translations={
            "de": {
                "title": "Reden", "labels": {"when": "Wann?"}, "options": {"when": {"now": "Jetzt"}},
                "consents": {"news": "Ja"},
            },
            "fr": {"title": "Parler"},
        },
    )  # fmt: skip
    german = asked.in_language("de")
    assert (german.title, german.questions[4].label) == ("Reden", "Wann?")
    assert german.questions[4].options == {"now": "Jetzt", "later": "This year"}
    assert (german.consents[0].wording, german.consents[0].wording_version) == ("Ja", "7/de")
    assert (asked.in_language("fr").consents, asked.in_language("nl")) == (asked.consents, asked)


def test_every_file_of_wordings_has_every_wording() -> None:
    shape = {part: list(texts) for part, texts in WORDINGS["en"].items()}
    assert set(WORDINGS) >= {"en", "de", "fr", "es", "pt"}
    for language, texts in WORDINGS.items():
        assert {part: list(named) for part, named in texts.items()} == shape, language
        assert "" not in json.loads(json.dumps(list(texts["page"].values())))


def test_the_default_forms_speak_all_five_languages() -> None:
    for asked in RULES.forms.values():
        titles = {form_in_language(asked, language, "").form.title for language in ("en", "de", "fr", "es", "pt")}
        assert len(titles) == 5
    assert form_in_language(form(language="sv-SE"), "", "").page_texts == WORDINGS["en"]
