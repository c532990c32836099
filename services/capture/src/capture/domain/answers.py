"""Answers to a form's own questions: facts where they fit their kind, else part of what the person wrote.

An odd answer never costs the person: what is no number, date or option is text, and reaches the rep as such.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from capture.playbook import Form, FormQuestion
from events.parts import Scalar

_NUMBER = re.compile(r"-?\d{1,15}([.,]\d{1,6})?", re.ASCII)
_YES = ("yes", "on", "true", "1")
_NO = ("no", "off", "false", "0")
LANGUAGE_FIELD = "language"
"""The field, and the fact, in which language somebody filled in a form."""
BETWEEN = "\n"
"""What stands between the values of a field that is sent several times."""


class FormAnswers(NamedTuple):
    """What the answers come to: facts by name, and the lines that belong to the message."""

    facts: dict[str, Scalar]
    lines: list[str]


def read_form_answers(form: Form, filled: Mapping[str, str]) -> FormAnswers:
    """Return what a filled-in form answers to its own questions, and in which of its languages, if it has several."""
    language = filled.get(LANGUAGE_FIELD, "")
    several = bool(form.translations) and language in (form.language, *form.translations)
    found = FormAnswers({LANGUAGE_FIELD: language} if several else {}, [])
    for question in form.questions:
        if question.is_custom and (text := filled.get(question.name, "").strip() or question.value or ""):
            facts, rest = _parse_answer(question, text)
            found.facts.update(facts)
            if rest:
                found.lines.append(f"{question.label or question.name}: {rest}")
    return found


def _parse_answer(question: FormQuestion, text: str) -> tuple[dict[str, Scalar], str]:
    """Return the facts of one answer, and what of it is text."""
    if question.kind == "number":
        number = _parse_number(text)
        return ({}, text) if number is None else ({question.name: number}, "")
    if question.kind == "date":
        day = _parse_iso_date(text)
        return ({}, text) if day is None else ({question.name: day}, "")
    if question.kind == "yes_no":
        lowered = text.casefold()
        return ({}, text) if lowered not in (*_YES, *_NO) else ({question.name: lowered in _YES}, "")
    if question.kind in ("choice", "choices"):
        return _parse_chosen_options(question, text)
    if question.kind == "hidden" and len(text) <= _LONGEST_HIDDEN:
        return {question.name: text}, ""
    return {}, text


_LONGEST_HIDDEN = 200


def _parse_chosen_options(question: FormQuestion, text: str) -> tuple[dict[str, Scalar], str]:
    """Find options by their value or by the words beside them, as plain pages send them."""
    known = {label.casefold(): value for value, label in question.options.items()}
    known |= {value: value for value in question.options}
    parts = [part.strip() for part in text.split(BETWEEN)] if question.kind == "choices" else [text]
    values = [known.get(part.casefold()) for part in parts]
    rest = ", ".join(part for part, value in zip(parts, values, strict=True) if part and value is None)
    if question.kind == "choice":
        return ({} if values[0] is None else {question.name: values[0]}), rest
    return {f"{question.name}.{value}": True for value in values if value is not None}, rest


def _parse_number(text: str) -> int | float | None:
    if not _NUMBER.fullmatch(text):
        return None
    return float(text.replace(",", ".")) if "." in text or "," in text else int(text)


def _parse_iso_date(text: str) -> str | None:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return None
