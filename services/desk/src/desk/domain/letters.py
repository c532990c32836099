"""What a message says, and to which hosts of chat services it may go."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

from desk.domain.facts import Fact
from desk.domain.notices import write_message_subject
from desk.domain.wording import CLOCKS, STATES, format_moment, id_as_text

ACTIONS: Mapping[str, str] = {"accept": "Accept this lead", "no_answer": "I called: no answer",
                              "welcomed": "I called: we talked"}  # fmt: skip
"""What the links in a message do, each once, without signing in."""
LONGEST_SUBJECT = 120
DAYS_FROM_HOURS = 72
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


def write_message(rows: Sequence[DueMessage], base: str, links: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """Return the subject and the text of a message; `base` is where the pages are, `links` what can be done at once."""
    subjects = [write_message_subject(row.kind, row.name, row.company) for row in rows]
    subject = subjects[0] if len(rows) == 1 else f"{len(rows)} things about your leads: {subjects[0]}"
    subject = "".join(each if each.isprintable() else " " for each in subject)[:LONGEST_SUBJECT]
    lines = []
    for row, text in zip(rows, subjects, strict=True):
        lines += [text, *_about(row), f"{base}/people/{row.contact_id}", ""]
    lines += [f"{says}: {url}" for says, url in links]
    return subject, "\n".join(lines).strip() + "\n"


def write_digest_message(found: Fact, base: str) -> tuple[str, str]:
    """Return the subject and the text of the week's message, both halves of it; `found` is feedback's digest."""
    week = found["week"]
    lines = [f"{week['from']} to {week['to']}, beside the week before:", ""]
    for name, number in found["numbers"].items():
        lines.append(
            f"{NUMBERS.get(name, id_as_text(name).capitalize())}: {number['now']:,.0f} ({number['before']:,.0f})"
        )
    lines += ["", *_sales_half(found, base)]
    lines += ["", f"Every number with its list, reasons, campaigns and what changed: {base}/digest?week={week['name']}"]
    return f"The hand-over in week {week['name'][6:].lstrip('0')}", "\n".join(lines) + "\n"


def _promises(found: Fact) -> list[str]:
    """Return how many promises each team kept, beside the share that sales promised to keep."""
    promises: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    promised: dict[str, float | None] = {}
    for promise in found["promises"]:
        counts = Counter({name: int(promise[name]) for name in ("kept", "missed")})
        promises[promise["team"] or "nobody", promise["clock"]] += counts
        promised[promise["clock"]] = promise["promised"]
    lines = []
    for (team, clock), counts in sorted(promises.items()):
        line = f"{CLOCKS.get(clock, id_as_text(clock))}, {team}: {counts['kept']:,} of {counts.total():,} kept"
        wanted = promised[clock]
        if wanted is not None:
            enough = "as promised" if counts["kept"] >= round(wanted * counts.total(), 6) else "less than promised"
            line += f", {enough} ({wanted:.0%})"
        lines.append(line)
    return lines


def _sales_half(found: Fact, base: str) -> list[str]:
    """Return what was promised and kept, by team, what lies still and what came back; what needs work with its list."""
    lines, lists = _promises(found), f"{base}/digest"
    untouched = sorted(found["untouched"].items())
    if untouched:
        teams = ", ".join(f"{team or 'nobody'} {count:,}" for team, count in untouched)
        lines.append(f"Without a touch two days after hand-over: {teams}")
        lines.append(f"  {lists}{found['untouched_list'].removeprefix('/v1')}")
    hours = found["hours_to_touch"]
    if hours["median"] is not None:
        half, most = (
            f"{n} h" if n < DAYS_FROM_HOURS else f"{n / 24:.0f} days" for n in (hours["median"], hours["p90"])
        )
        lines.append(f"First touch after hand-over: half within {half}, nine of ten within {most}")
    for stage in found["stages"]:
        if stage["stuck"]:
            name = STATES.get(stage["stage"], id_as_text(stage["stage"]))
            stuck = f"{stage['stuck']:,} of {stage['leads']:,}, longer than {stage['stuck_days']} days"
            lines += [f"Stuck in {name}: {stuck}", f"  {lists}{stage['lists']['stuck'].removeprefix('/v1')}"]
    back = found["came_back"]
    return [*lines, f"Came back: {back['woken']:,} woken, {back['qualified_again']:,} qualified again by points"]


def _about(row: DueMessage) -> list[str]:
    known = [text for text in (row.job_title, row.company) if text]
    lines = [", ".join(known)] if known else []
    if row.kind in ("returned", "woken") and row.reason:
        lines.append(f"Reason: {id_as_text(row.reason)}")
    if row.message:
        lines.append(f"\u201c{row.message[:500]}\u201d")
    if row.promised_at and row.kind in ("assigned", "due_soon", "missed"):
        due = format_moment(row.promised_at, row.made_at, row.zone)
        lines.append(f"{CLOCKS.get(row.due_clock or '', id_as_text(row.due_clock))}: {due}")
    return lines


def is_chat_address(url: str, hosts: str) -> bool:
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
