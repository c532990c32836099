"""What a message says, and to which hosts of chat services it may go."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from desk.domain.notices import subject_of
from desk.domain.wording import CLOCKS, moment, plain

ACTIONS: Mapping[str, str] = {"accept": "Accept this lead", "no_answer": "I called: no answer",
                              "welcomed": "I called: we talked"}  # fmt: skip
"""What the links in a message do, each once, without signing in."""
LONGEST_SUBJECT = 120


def letter(rows: Sequence[Mapping[str, Any]], base: str, links: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """Return the subject and the text of a message; `base` is where the pages are, `links` what can be done at once."""
    subjects = [subject_of(row["kind"], row) for row in rows]
    subject = subjects[0] if len(rows) == 1 else f"{len(rows)} things about your leads: {subjects[0]}"
    subject = "".join(each if each.isprintable() else " " for each in subject)[:LONGEST_SUBJECT]
    lines = []
    for row, text in zip(rows, subjects, strict=True):
        lines += [text, *_about(row), f"{base}/people/{row['contact_id']}", ""]
    lines += [f"{says}: {url}" for says, url in links]
    return subject, "\n".join(lines).strip() + "\n"


def _about(row: Mapping[str, Any]) -> list[str]:
    known = [row[name] for name in ("job_title", "company") if row.get(name)]
    lines = [", ".join(known)] if known else []
    if row["kind"] == "returned" and row.get("reason"):
        lines.append(f"Reason: {plain(row['reason'])}")
    if row.get("message"):
        lines.append(f"\u201c{row['message'][:500]}\u201d")
    if row.get("promised_at") and row["kind"] in ("assigned", "due_soon", "missed"):
        due = moment(row["promised_at"], row["made_at"], row["zone"])
        lines.append(f"{CLOCKS.get(row['due_clock'], plain(row['due_clock']))}: {due}")
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
