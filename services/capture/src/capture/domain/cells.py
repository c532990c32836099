"""What a cell of a list says: translated into a submission's field, or put aside with its text; the person stays.

A cell that fits no field is kept as a fact `<field>_given`; the person stays as long as an e-mail or a phone is left.
"""

import re
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from capture.domain.arrival import SubmissionFault, find_submission_fault, with_home_country_phone
from capture.domain.badges import read_badge
from capture.domain.cards import split_name
from capture.domain.cell_texts import extract_email, extract_phone, is_email
from capture.domain.countries import read_country
from capture.domain.phones import NUMBER, parse_phone
from capture.domain.sizes import read_company_size
from capture.domain.submission import LONGEST_FACT, MOST_FACTS, AttendeeSubmission, Submission, Values
from capture.domain.text import LONGEST_LINE
from capture.domain.times import Order, read_time
from capture.playbook import CapturePlaybook

_WHOLE = re.compile(r"-?(0|[1-9]\d{0,14})", re.ASCII)
_DECIMAL = re.compile(r"-?(0|[1-9]\d{0,14})\.\d{1,9}", re.ASCII)
_TRUE = frozenset(["true", "wahr", "vrai", "verdadero", "verdadeiro", "vero"])
_FALSE = frozenset(["false", "falsch", "faux", "falso"])
"""What spreadsheets write for a boolean in the languages that they speak."""
_YES = _TRUE | frozenset(["yes", "y", "ja", "oui", "si", "sí", "sim", "x", "1"])
_NO = _FALSE | frozenset(["no", "n", "nein", "non", "não", "0"])
_REFUSED = _NO | frozenset(
    ("opt-out", "opted out", "opted-out", "unsubscribed", "withdrawn", "revoked", "declined", "refused", "denied",
     "abgelehnt", "abgemeldet", "widerrufen", "désinscrit", "désabonné", "refusé", "cancelado", "disiscritto")
)  # fmt: skip
"""What tools write for a withdrawal of consent: a no in any words; a yes is `true` alone."""
_NEEDED = ("email", "phone")
BADGE = "badge"
"""The column of an organiser's list that says who wore which badge; no field of a submission."""
_PERSON = ("phone", "first_name", "last_name", "company", "job_title")
"""Where somebody's address stands that is not in its own cell."""
_DIAL_CODE = re.compile(r"(?:\+|\b00)\s?([1-9]\d{0,2})(?!\d)|^([1-9]\d{0,2})$", re.ASCII)
_ROUNDED = re.compile(r"\d([.,]\d+)?E\+\d+", re.IGNORECASE)
"""A long number after a spreadsheet showed it shortened: its last digits are gone."""
GIVEN = "_given"
"""The end of a fact's name that holds the text of a cell which fits its field not."""


class CellNote(NamedTuple):
    """A cell that was not taken as it stands: of which field, and what was done with it."""

    field: str
    code: str


class FittedRow(NamedTuple):
    """A row as a submission, or the fault that keeps its person from being known; the notes say what was put aside."""

    submission: Submission | None
    values: Values
    notes: list[CellNote]
    fault: SubmissionFault | None = None
    badge: str | None = None
    """The id of the badge, where the row is one of an organiser's list."""


class TimeStyle(NamedTuple):
    """How a file writes times."""

    order: Order | None = None
    zone: ZoneInfo = ZoneInfo("UTC")


def translate_cell(field: str, cell: str, style: TimeStyle) -> Any:
    """Return a cell's text as the value that its field takes; text that it cannot translate comes back as it is."""
    if field.startswith("facts."):
        return _parse_scalar(cell)
    if field in _TIMES:
        at = read_time(cell, style.order, style.zone)
        return cell if at is None else at.isoformat()
    if field in _TRANSLATED:
        return _TRANSLATED[field](cell)
    return " ".join(cell.split())


def _parse_boolean(cell: str, true: Collection[str], false: Collection[str]) -> Any:
    lowered = cell.casefold()
    return True if lowered in true else False if lowered in false else cell


def _parse_scalar(cell: str) -> Any:
    if _WHOLE.fullmatch(cell):
        return int(cell)
    if _DECIMAL.fullmatch(cell):
        return float(cell)
    return _parse_boolean(cell[:LONGEST_FACT], _TRUE, _FALSE)


_TIMES = ("occurred_at", "preferred_at", "consent.at")
_TRANSLATED: Mapping[str, Callable[[str], Any]] = {
    "employees": read_company_size,
    "country": lambda cell: read_country(cell) or cell,
    "email": extract_email,
    "phone": extract_phone,
    "talk_to_sales": lambda cell: _parse_boolean(cell, _YES, _NO),
    "consent.granted": lambda cell: _parse_boolean(cell, _TRUE, _REFUSED),
    "referrer": lambda cell: cell,
}


def add_dial_code(values: Values, code: str) -> None:
    """Put the country's part of a phone before it, which stands in a column of its own or in the country's."""
    found = _DIAL_CODE.search(code) or _DIAL_CODE.fullmatch(str(values.get("country")))
    phone = values.get("phone") or ""
    if found is None or not phone or phone.startswith(("+", "00")):
        return
    if found.string != code:
        del values["country"]
    number = found[1] or found[2]
    values["phone"] = next(filter(_is_phone, (f"+{number} {phone}", f"+{phone}")), phone)


def _is_phone(text: str) -> bool:
    try:
        return parse_phone(text, None) is not None
    except PydanticCustomError:
        return False


def split_whole_name(values: Values, name: str) -> None:
    """Part a whole name into the first and the last; where the row has one of them, the rest is the other.

    In German lists `Name` stands beside `Vorname` and is the last name. One that shows an address in a row without is
    left whole.
    """
    first, last = values.get("first_name") or "", values.get("last_name") or ""
    if "@" in name and not values.get("email"):
        last = last or name
    elif first and not last:
        last = _name_without_known_terms(name, first)
    elif last and not first:
        first = _name_without_known_terms(name, last)
    elif not first:
        first, last = split_name(" ".join(name.split()))
    values |= {part: text for part, text in (("first_name", first), ("last_name", last)) if text}


def _name_without_known_terms(name: str, part: str) -> str:
    """Return a whole name without the words that are known of it, where it begins or ends with them."""
    terms, known = name.replace(",", " ").split(), part.split()
    folded, sought = ([term.casefold() for term in each] for each in (terms, known))
    if folded[: len(sought)] == sought:
        return " ".join(terms[len(sought) :])
    if folded[-len(sought) :] == sought:
        return " ".join(terms[: -len(sought)])
    return " ".join(terms)


def fit_row(
    values: Values, rules: CapturePlaybook, now: datetime, defaults: Mapping[str, str] | None = None
) -> FittedRow:
    """Make a row's values a submission, putting aside what does not fit.

    Args:
        values: What the row says, by field; changed nowhere.
        rules: The playbook in force, whose sources and engagements a row may name.
        now: The business time.
        defaults: What holds for the whole file, in place of a cell that was put aside.
    """
    row = {name: dict(value) if isinstance(value, dict) else value for name, value in values.items()}
    badge, notes = _extract_badge(row)
    notes += [CellNote(name, "several_in_cell") for name in _NEEDED if name + GIVEN in row.get("facts", ())]
    while True:
        found, faults = _validate_row(row, rules, now, AttendeeSubmission if badge else Submission)
        if found is not None and not faults:
            return FittedRow(found, row, notes, badge=badge)
        aside = [fault for fault in faults if badge or _may_put_field_aside(fault.field, row)]
        if not aside and (found_beside := _find_contact_detail_in_other_cell(row)):
            notes.append(CellNote(found_beside, "found_beside"))
            continue
        if not aside:
            return FittedRow(None, row, notes, faults[0])
        notes += [
            _put_field_aside(row, fault, defaults or {}) for fault in aside if fault.field.partition(".")[0] in row
        ]


def _extract_badge(row: Values) -> tuple[str | None, list[CellNote]]:
    """Take the badge out of a row of an organiser's list; returns its id, and why there is none."""
    if BADGE not in row:
        return None, []
    text = row.pop(BADGE)
    if not text:
        return None, [CellNote(BADGE, "badge_missing")]
    return (None, [CellNote(BADGE, "badge_rounded")]) if _ROUNDED.fullmatch(text) else (read_badge(text).reference, [])


def _validate_row(
    row: Values, rules: CapturePlaybook, now: datetime, model: type[Submission]
) -> tuple[Submission | None, list[SubmissionFault]]:
    try:
        found = model.model_validate(row)
    except ValidationError as error:
        faults = [
            SubmissionFault(".".join(str(part) for part in each["loc"]), str(each["type"])) for each in error.errors()
        ]
        if any(fault.code == "phone_needs_country" for fault in faults):
            home = with_home_country_phone(row, rules.country_of_source(str(row.get("source") or "")))
            if home != row:
                row |= home
                return _validate_row(row, rules, now, model)
        return None, faults
    fault = find_submission_fault(found, rules, now)
    return found, [fault] if fault else []


def _may_put_field_aside(field: str, row: Values) -> bool:
    """Return whether a field can be put aside: all can but the last one that names the person."""
    name = field.partition(".")[0]
    others = [each for each in _NEEDED if each != name and row.get(each)]
    return name in row and (name not in _NEEDED or bool(others))


def _find_contact_detail_in_other_cell(row: Values) -> str | None:
    """Take the address that stands in another cell of the person than its own, or the phone in that of the address.

    Returns the field, None where there is neither, or where several addresses are there.
    """
    shown = {name: text for name in _PERSON if isinstance(text := row.get(name), str) and is_email(text)}
    before = row.pop("email", None)
    if len({text.casefold() for text in shown.values()}) == 1:
        row["email"] = next(iter(shown.values()))
        for name in shown:
            del row[name]
        if before and len(facts := row.setdefault("facts", {})) < MOST_FACTS:
            facts.setdefault("email" + GIVEN, _replace_invisible_characters(str(before)[:LONGEST_FACT]))
        return "email"
    if before and not row.get("phone") and "@" not in str(before) and NUMBER.search(str(before)):
        row["phone"] = before
        return "phone"
    return None


def _put_field_aside(row: Values, fault: SubmissionFault, defaults: Mapping[str, str]) -> CellNote:
    name, _, inner = fault.field.partition(".")
    within = name == "utm" and inner in row["utm"]
    value = row["utm"].pop(inner) if within else row.pop(name)
    if defaults.get(name, value) != value:
        row[name] = defaults[name]
    if name == "consent" and isinstance(value, dict):
        value = value.get("granted")
    if not isinstance(value, str) or name in ("facts", "utm"):
        return CellNote(fault.field, fault.code)
    facts = row.setdefault("facts", {})
    if fault.code == "string_too_long" and len(value) > LONGEST_LINE:
        row[name] = value[:LONGEST_LINE].strip()
    if len(facts) < MOST_FACTS:
        facts[name + GIVEN] = _replace_invisible_characters(value[:LONGEST_FACT])
    return CellNote(fault.field, fault.code)


def _replace_invisible_characters(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)
