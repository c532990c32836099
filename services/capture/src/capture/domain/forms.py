"""Forms that browsers submit: what was filled in becomes a submission, and what no person does is noticed."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from capture.domain.answers import LANGUAGE_FIELD, read_form_answers
from capture.domain.arrival import SubmissionFault
from capture.domain.cell_texts import extract_email, is_empty_or_placeholder, restore_original_text
from capture.domain.field_names import possible_field_names
from capture.domain.signatures import FormStamp
from capture.domain.sizes import read_company_size
from capture.domain.submission import LONGEST_FACT, LONGEST_FACT_KEY, MOST_FACTS, Values
from capture.domain.text import LONGEST_TEXT
from capture.playbook import Form

HONEYPOT = "website"
"""A field that people do not see on our own pages; a page of somebody else, which has no stamp, may ask for it."""
STAMP, KEY, NEXT, LANGUAGE, LINK = "form_token", "form_key", "next", LANGUAGE_FIELD, "form_link"
TALK = "talk_to_sales"
TICKED = frozenset(
    ("yes", "on", "true", "1", "y", "x", "checked", "agree", "agreed", "i agree", "accept", "accepted", "ok", "ja",
     "oui", "si", "s\u00ed", "sim", "wahr", "vrai", "aceptar", "acepto", "aceito", "akzeptiert", "zugestimmt")
)  # fmt: skip
"""What a ticked box sends, by the page that it stands on."""
UNTICKED = frozenset(("no", "off", "false", "0", "n", "nein", "non", "n\u00e3o", "nao", "falsch", "faux", "unchecked"))
MACHINERY = frozenset(
    ("g-recaptcha-response", "h-captcha-response", "cf-turnstile-response", "frc-captcha-solution", "_wpnonce",
     "_wp_http_referer", "csrfmiddlewaretoken", "authenticity_token", "__requestverificationtoken", "__viewstate",
     "__eventvalidation", "_token", "_csrf", "csrf_token", "utf8", "submit", "_charset_")
)  # fmt: skip
"""What a page's own tools send beside what a person wrote, in lower case; nobody needs it."""
MESSAGE = "message"
MESSAGE_NAMES = frozenset(
    ("message", "your_message", "your-message", "msg", "textarea", "comment", "comments", "question", "questions",
     "text", "body", "notes", "nachricht", "mensaje", "mensagem", "messaggio", "bericht", "anliegen", "kommentar")
)  # fmt: skip
"""What plain pages call the field that people write into."""
UNDECLARED = "form_"
"""The beginning of a fact that a page sent without the form asking for it; it stays with capture."""
MOST_UNDECLARED = 30
STAMP_AGE = timedelta(hours=12)

Reason = Literal["honeypot", "too_fast", "token_expired", "token_forged", "token_missing", "token_reused"]
_UTM = ("source", "medium", "campaign", "term", "content")
_CLICKS = ("gclid", "fbclid", "msclkid", "li_fat_id")
"""The click ids of advertisers: facts of the touch."""
CARRIED = (*(f"utm_{name}" for name in _UTM), *_CLICKS, "referrer")
"""What a landing page hands to the form."""
CAMPAIGN = "campaign"
"""What a page may name where the form does not."""
VISITS = "visits"
"""What the visits script adds, see `visits`."""
OWN = (HONEYPOT, STAMP, KEY, NEXT, LANGUAGE, LINK, VISITS)
"""A form's own machinery."""


class FormInvalid(ValueError):
    """A form is not filled in correctly; `faults` has each field with its code."""

    def __init__(self, faults: Iterable[SubmissionFault]) -> None:
        super().__init__()
        self.faults = list(faults)


def consent_box_name(purpose: str) -> str:
    """Return the name of the box of a purpose."""
    return f"consent.{purpose}"


def field_names_of(form: Form) -> list[str]:
    """Return the names that a form takes, besides its own machinery."""
    asked = [question.name for question in form.questions]
    open_to_all = [name for name in ("campaign", "content") if getattr(form, name) is None]
    return [*asked, *_boxes(form), *open_to_all, *CARRIED]


def form_as_submission_values(form: Form, filled: Mapping[str, str]) -> Values:
    """Return the fields of a submission from a filled-in form; the form alone sets source and engagement.

    Raises:
        FormInvalid: A required field is empty; on a page of somebody else, which shows no errors, only where nothing
            says whom to answer.
    """
    faults = [
        SubmissionFault(question.name, "missing")
        for question in form.questions
        if question.required and not filled.get(question.name, "").strip()
    ]
    submission: Values = {"source": form.source, "engagement": form.engagement}
    submission |= {name: text for name in ("campaign", "content") if (text := getattr(form, name) or filled.get(name))}
    person = [question.name for question in form.questions if not question.is_custom]
    submission |= {name: text for name in person if (text := _typed(name, filled))}
    if "employees" in submission:
        submission["employees"] = read_company_size(submission["employees"])
    if filled.get("referrer"):
        submission["referrer"] = filled["referrer"]
    utm = {name: text for name in _UTM if (text := filled.get(f"utm_{name}"))}
    clicks = {name: text for name in _CLICKS if (text := filled.get(name))}
    answers = read_form_answers(form, filled)
    message, others = _undeclared(form, filled, MOST_FACTS - len(answers.facts) - len(clicks))
    facts = {**clicks, **answers.facts, **others}
    submission |= {name: part for name, part in (("utm", utm), ("facts", facts)) if part}
    texts = [submission.get(MESSAGE) or message, *answers.lines]
    if any(texts):
        submission[MESSAGE] = "\n\n".join(filter(None, texts))[:LONGEST_TEXT]
    ticked = _ticked(form, filled)
    consents = [
        {
            "purpose": each.purpose,
            "granted": True,
            "wording_version": each.wording_version,
            "form_version": form.version,
        }
        for each in form.consents
        if consent_box_name(each.purpose) in ticked
    ]
    if consents:
        submission["consent"] = consents
    if TALK in ticked:
        submission[TALK] = True
    if faults and (filled.get(STAMP) or not (submission.get("email") or submission.get("phone"))):
        raise FormInvalid(faults)
    return submission


def _typed(name: str, filled: Mapping[str, str]) -> str:
    """Return what was typed into a field or chosen from its list: of one line, unless it is the message."""
    text = filled.get(name, "")
    if name == MESSAGE:
        return text.strip()
    text = restore_original_text(" ".join(text.split()))
    return "" if is_empty_or_placeholder(text) else extract_email(text) if name == "email" else text


def _undeclared(form: Form, filled: Mapping[str, str], most: int) -> tuple[str, dict[str, str]]:
    """Return what a page sends beyond what the form asks: the message, and facts that stay with capture."""
    declared = {*field_names_of(form), *OWN} - ({HONEYPOT} if not filled.get(STAMP) else set())
    declared -= {name for name in _boxes(form) if _is_ticked(form, name, filled) is None}
    others = {
        name: text.strip()
        for name, text in filled.items()
        if name not in declared and name.casefold() not in MACHINERY and text.strip()
    }
    messages = [others.pop(name) for name in list(others) if _is_message(name)]
    facts: dict[str, str] = {}
    for name, text in others.items():
        key = UNDECLARED + re.sub(r"[^A-Za-z0-9_.-]+", "_", name)[: LONGEST_FACT_KEY - len(UNDECLARED)]
        if len(text) > LONGEST_FACT or len(facts) >= min(most, MOST_UNDECLARED):
            messages.append(text)
        else:
            facts[key] = text
    return "\n\n".join(messages), facts


def _is_message(name: str) -> bool:
    return name.casefold() in MESSAGE_NAMES or any(
        each.casefold() in MESSAGE_NAMES - {"text"} for each in possible_field_names(name)
    )


def _boxes(form: Form) -> list[str]:
    return [consent_box_name(each.purpose) for each in form.consents] + [TALK] * (form.talk_to_sales is not None)


def _ticked(form: Form, filled: Mapping[str, str]) -> set[str]:
    """Return the ticked boxes; an unticked box is no answer, and one that says neither is none but a fact."""
    return {name for name in _boxes(form) if _is_ticked(form, name, filled)}


def _is_ticked(form: Form, name: str, filled: Mapping[str, str]) -> bool | None:
    """Return whether a box is ticked; None where what a page sends for it says neither yes nor no."""
    text = " ".join(filled.get(name, "").casefold().split())
    if text in TICKED or text in _wordings(form, name):
        return True
    return False if not text or text in UNTICKED else None


def _wordings(form: Form, name: str) -> set[str]:
    """Return what stands beside a box: pages without a value of their own send it."""
    own = {each.wording for each in form.consents if consent_box_name(each.purpose) == name}
    own |= {form.talk_to_sales} if name == TALK and form.talk_to_sales else set()
    return {" ".join(each.casefold().split()) for each in own}


def find_suspicion(form: Form, filled: Mapping[str, str], stamp: FormStamp | None, now: datetime) -> Reason | None:
    """Return why this was probably filled in by a program (`now` in UTC, real time); None where nothing says so."""
    if filled.get(HONEYPOT) and filled.get(STAMP):
        return "honeypot"
    if stamp is None:
        if filled.get(STAMP):
            return "token_forged"
        return "token_missing" if form.token == "required" else None  # noqa: S105 - a policy
    age = now - stamp.at
    if age > STAMP_AGE:
        return "token_expired"
    return "too_fast" if age.total_seconds() < form.minimum_seconds else None


def parse_preferred_time(text: str, zone: str, form: Form) -> str:
    """Read the time of a date field, which has no zone, in the browser's zone or the form's; returns RFC 3339."""
    try:
        written = datetime.fromisoformat(text)
    except ValueError:
        raise FormInvalid([SubmissionFault("preferred_at", "time_malformed")]) from None
    if written.tzinfo is None:
        written = written.replace(tzinfo=_zone(zone) or _zone(form.time_zone))
    return written.isoformat()


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def is_origin_allowed(origin: str, allowed: Iterable[str]) -> bool:
    """Return whether an origin is among those allowed, letter by letter; `:*` stands for any port."""
    machine, _, port = origin.rpartition(":")
    return origin in allowed or (port.isascii() and port.isdigit() and f"{machine}:*" in allowed)
