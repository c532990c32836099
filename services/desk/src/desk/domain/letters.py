"""What a message says, and to which hosts of chat services it may go."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

from desk.domain.notices import subject_of
from desk.domain.wording import CLOCKS, moment, plain

ACTIONS: Mapping[str, str] = {"accept": "Accept this lead", "no_answer": "I called: no answer",
                              "welcomed": "I called: we talked"}  # fmt: skip
"""What the links in a message do, each once, without signing in."""
LONGEST_SUBJECT = 120
NUMBERS = {"sal": "SAL", "sql": "SQL"}
"""Numbers of the digest that are written in another way than their names."""


class DueMessage(NamedTuple):
    """A message that is to be sent now: to whom, by which way, about whose lead."""

    message_id: UUID
    user_id: str
    channel: str
    kind: str
    lead_id: UUID | None
    """None where it is about a week."""
    contact_id: UUID | None
    attempts: int
    made_at: datetime
    email: str | None
    chat_url: str | None
    zone: str
    disabled_at: datetime | None
    """Since when the user may not sign in; nothing is sent to them."""
    name: str | None
    company: str | None
    job_title: str | None
    message: str | None
    """The contact's own words."""
    promised_at: datetime | None
    due_clock: str | None
    reason: str | None
    sent_lately: int
    """How many messages the user got by this way within the last hour."""


def letter(rows: Sequence[DueMessage], base: str, links: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """Return the subject and the text of a message; `base` is where the pages are, `links` what can be done at once."""
    subjects = [subject_of(row.kind, row.name, row.company) for row in rows]
    subject = subjects[0] if len(rows) == 1 else f"{len(rows)} things about your leads: {subjects[0]}"
    subject = "".join(each if each.isprintable() else " " for each in subject)[:LONGEST_SUBJECT]
    lines = []
    for row, text in zip(rows, subjects, strict=True):
        lines += [text, *_about(row), f"{base}/people/{row.contact_id}", ""]
    lines += [f"{says}: {url}" for says, url in links]
    return subject, "\n".join(lines).strip() + "\n"


def digest_letter(week: Mapping[str, str], numbers: Mapping[str, Mapping[str, float]], base: str) -> tuple[str, str]:
    """Return the subject and the text of the week's message; week and numbers are those of feedback's digest."""
    lines = [f"{week['from']} to {week['to']}, beside the week before:", ""]
    for name, number in numbers.items():
        lines.append(f"{NUMBERS.get(name, plain(name).capitalize())}: {number['now']:,.0f} ({number['before']:,.0f})")
    lines += ["", f"Promises, reasons, sources and campaigns: {base}/digest?week={week['name']}"]
    return f"The hand-over in week {week['name'][6:].lstrip('0')}", "\n".join(lines) + "\n"


def _about(row: DueMessage) -> list[str]:
    known = [text for text in (row.job_title, row.company) if text]
    lines = [", ".join(known)] if known else []
    if row.kind in ("returned", "woken") and row.reason:
        lines.append(f"Reason: {plain(row.reason)}")
    if row.message:
        lines.append(f"\u201c{row.message[:500]}\u201d")
    if row.promised_at and row.kind in ("assigned", "due_soon", "missed"):
        due = moment(row.promised_at, row.made_at, row.zone)
        lines.append(f"{CLOCKS.get(row.due_clock or '', plain(row.due_clock))}: {due}")
    return lines


def is_chat(url: str, hosts: str) -> bool:
    """Check that an address is that of a chat service: https, without a user, a host of the list or below one."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    host = (parts.hostname or "").lower()
    allowed = [each.strip().lower() for each in hosts.split(",") if each.strip()]
    named = any(host == each or host.endswith(f".{each}") for each in allowed)
    return parts.scheme == "https" and port in (None, 443) and parts.username is None and named and url.isprintable()
