"""Forms that browsers submit: what was filled in becomes a submission, and what no person does is noticed.

A stamp says when a form was given out; a ticket lets whoever submitted it add a wish afterwards. Both are signed, name
nobody, and are worth nothing elsewhere.
"""

import base64
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from capture.domain.answers import answers_of
from capture.domain.arrival import Fault
from capture.domain.submission import LONGEST_FACT, LONGEST_FACT_KEY, MOST_FACTS, Values
from capture.domain.text import LONGEST_TEXT
from capture.playbook import Form

HONEYPOT = "website"
"""A field that people do not see."""
STAMP, KEY, NEXT, LANGUAGE = "form_token", "form_key", "next", "language"
TALK = "talk_to_sales"
TICKED = ("yes", "on")
MESSAGE = "message"
MESSAGE_NAMES = frozenset(
    ("message", "your_message", "your-message", "msg", "comment", "comments", "question", "questions", "text", "body",
     "notes", "nachricht", "mensaje", "mensagem", "messaggio", "bericht", "anliegen", "kommentar")
)  # fmt: skip
"""What plain pages call the field that people write into."""
UNDECLARED = "form_"
"""The beginning of a fact that a page sent without the form asking for it; it stays with capture."""
MOST_UNDECLARED = 30
STAMP_AGE = timedelta(hours=12)
TICKET_AGE = timedelta(days=1)

Reason = Literal["honeypot", "too_fast", "token_expired", "token_forged", "token_missing", "token_reused"]
_UTM = ("source", "medium", "campaign", "term", "content")
_CLICKS = ("gclid", "fbclid", "msclkid", "li_fat_id")
"""The click ids of advertisers: facts of the touch."""
CARRIED = (*(f"utm_{name}" for name in _UTM), *_CLICKS, "referrer")
"""What a landing page hands to the form."""
VISITS = "visits"
"""What the visits script adds, see `visits`."""
OWN = (HONEYPOT, STAMP, KEY, NEXT, LANGUAGE, VISITS)
"""A form's own machinery."""


class FormInvalid(ValueError):
    """A form is not filled in correctly; `faults` has each field with its code."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        super().__init__()
        self.faults = list(faults)


def box(purpose: str) -> str:
    """Return the name of the box of a purpose."""
    return f"consent.{purpose}"


def names_of(form: Form) -> list[str]:
    """Return the names that a form takes, besides its own machinery."""
    asked = [question.name for question in form.questions]
    boxes = [box(each.purpose) for each in form.consents] + [TALK] * (form.talk_to_sales is not None)
    open_to_all = [name for name in ("campaign", "content") if getattr(form, name) is None]
    return [*asked, *boxes, *open_to_all, *CARRIED]


def submission_of(form: Form, filled: Mapping[str, str]) -> Values:
    """Return the fields of a submission from a filled-in form; the form alone sets source and engagement.

    Raises:
        FormInvalid: A required field is empty, or a box has another value than a tick.
    """
    faults = [
        Fault(question.name, "missing")
        for question in form.questions
        if question.required and not filled.get(question.name, "").strip()
    ]
    submission: Values = {"source": form.source, "engagement": form.engagement}
    submission |= {name: text for name in ("campaign", "content") if (text := getattr(form, name) or filled.get(name))}
    person = [question.name for question in form.questions if not question.is_own]
    submission |= {name: text for name in person if (text := _typed(name, filled))}
    if re.fullmatch(r"\d{1,8}", submission.get("employees", ""), re.ASCII):
        submission["employees"] = int(submission["employees"])
    if filled.get("referrer"):
        submission["referrer"] = filled["referrer"]
    utm = {name: text for name in _UTM if (text := filled.get(f"utm_{name}"))}
    clicks = {name: text for name in _CLICKS if (text := filled.get(name))}
    answers = answers_of(form, filled)
    message, others = _undeclared(form, filled, MOST_FACTS - len(answers.facts) - len(clicks))
    facts = {**clicks, **answers.facts, **others}
    submission |= {name: part for name, part in (("utm", utm), ("facts", facts)) if part}
    texts = [submission.get(MESSAGE) or message, *answers.lines]
    if any(texts):
        submission[MESSAGE] = "\n\n".join(filter(None, texts))[:LONGEST_TEXT]
    ticked, wrong = _ticked(form, filled)
    consents = [
        {
            "purpose": each.purpose,
            "granted": True,
            "wording_version": each.wording_version,
            "form_version": form.version,
        }
        for each in form.consents
        if box(each.purpose) in ticked
    ]
    if consents:
        submission["consent"] = consents
    if TALK in ticked:
        submission[TALK] = True
    if faults or wrong:
        raise FormInvalid(faults + wrong)
    return submission


def _typed(name: str, filled: Mapping[str, str]) -> str:
    """Return what was typed into a field: of one line, unless it is the message."""
    text = filled.get(name, "")
    return text.strip() if name == MESSAGE else " ".join(text.split())


def _undeclared(form: Form, filled: Mapping[str, str], most: int) -> tuple[str, dict[str, str]]:
    """Return what a page sends beyond what the form asks: the message, and facts that stay with capture."""
    declared = {*names_of(form), *OWN}
    others = {name: text.strip() for name, text in filled.items() if name not in declared and text.strip()}
    messages = [others.pop(name) for name in list(others) if name.casefold() in MESSAGE_NAMES]
    facts: dict[str, str] = {}
    for name, text in others.items():
        key = UNDECLARED + re.sub(r"[^A-Za-z0-9_.-]+", "_", name)[: LONGEST_FACT_KEY - len(UNDECLARED)]
        if len(text) > LONGEST_FACT or len(facts) >= min(most, MOST_UNDECLARED):
            messages.append(text)
        else:
            facts[key] = text
    return "\n\n".join(messages), facts


def _ticked(form: Form, filled: Mapping[str, str]) -> tuple[set[str], list[Fault]]:
    """Return the ticked boxes, and a fault for each value other than `yes` or `on`; an unticked box is no answer."""
    boxes = [box(each.purpose) for each in form.consents] + [TALK] * (form.talk_to_sales is not None)
    filled_boxes = {name: filled[name] for name in boxes if filled.get(name)}
    wrong = [Fault(name, "not_a_tick") for name, text in filled_boxes.items() if text not in TICKED]
    return {name for name, text in filled_boxes.items() if text in TICKED}, wrong


@dataclass(frozen=True, slots=True)
class Stamp:
    """When a form was given out (UTC, real time), and the number of this copy."""

    at: datetime
    nonce: str


@dataclass(frozen=True, slots=True)
class Ticket:
    """Who submitted a form and with which engagement, and when (UTC, real time)."""

    contact_id: UUID
    engagement_id: UUID
    at: datetime


def suspicion(form: Form, filled: Mapping[str, str], stamp: Stamp | None, now: datetime) -> Reason | None:
    """Return why this was probably filled in by a program (`now` in UTC, real time); None where nothing says so."""
    if filled.get(HONEYPOT):
        return "honeypot"
    if stamp is None:
        if filled.get(STAMP):
            return "token_forged"
        return "token_missing" if form.token == "required" else None  # noqa: S105 - a policy
    age = now - stamp.at
    if age > STAMP_AGE:
        return "token_expired"
    return "too_fast" if age.total_seconds() < form.minimum_seconds else None


class Signer:
    """Writes and reads stamps and tickets under the installation's secret."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def stamp(self, form: str, stamp: Stamp) -> str:
        """Write a stamp of this form."""
        return self._signed("stamp", form, f"{int(stamp.at.timestamp() * 1000)}.{stamp.nonce}")

    def read_stamp(self, form: str, text: str) -> Stamp | None:
        """Read a stamp of this form, or None where it is none of ours."""
        parts = self._read("stamp", form, text)
        return Stamp(_instant(parts[0]), parts[1]) if parts else None

    def ticket(self, form: str, ticket: Ticket) -> str:
        """Write a ticket of this form."""
        at = int(ticket.at.timestamp() * 1000)
        return self._signed("ticket", form, f"{at}.{ticket.contact_id.hex}.{ticket.engagement_id.hex}")

    def read_ticket(self, form: str, text: str, now: datetime) -> Ticket | None:
        """Read a ticket of this form, or None where it is none of ours or too old."""
        parts = self._read("ticket", form, text)
        if not parts or now - _instant(parts[0]) > TICKET_AGE:
            return None
        return Ticket(UUID(parts[1]), UUID(parts[2]), _instant(parts[0]))

    def _signed(self, kind: str, form: str, text: str) -> str:
        return f"{text}.{self._signature(kind, form, text)}"

    def _read(self, kind: str, form: str, text: str) -> list[str] | None:
        content, _, signature = text.rpartition(".")
        if not _SIGNATURE.fullmatch(signature) or not hmac.compare_digest(
            self._signature(kind, form, content), signature
        ):
            return None
        return content.split(".")

    def _signature(self, kind: str, form: str, text: str) -> str:
        digest = hmac.digest(self._secret, f"{kind}|{form}|{text}".encode(), "sha256")
        return base64.urlsafe_b64encode(digest[:24]).decode()


_SIGNATURE = re.compile(r"[A-Za-z0-9_-]{32}", re.ASCII)


def _instant(milliseconds: str) -> datetime:
    return datetime.fromtimestamp(int(milliseconds) / 1000, UTC)


def preferred_time(text: str, zone: str, form: Form) -> str:
    """Read the time of a date field, which has no zone, in the browser's zone or the form's; returns RFC 3339."""
    try:
        written = datetime.fromisoformat(text)
    except ValueError:
        raise FormInvalid([Fault("preferred_at", "time_malformed")]) from None
    if written.tzinfo is None:
        written = written.replace(tzinfo=_zone(zone) or _zone(form.time_zone))
    return written.isoformat()


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def is_allowed(origin: str, allowed: Iterable[str]) -> bool:
    """Return whether an origin is among those allowed, letter by letter; `:*` stands for any port."""
    machine, _, port = origin.rpartition(":")
    return origin in allowed or (port.isascii() and port.isdigit() and f"{machine}:*" in allowed)
