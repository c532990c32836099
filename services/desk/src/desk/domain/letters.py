"""What a message says, in the reader's language: what happened, to whom, until when, and what can be done at once."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from desk.domain.facts import Fact
from desk.domain.wording import CLOCKS, ENGLISH, Language, format_moment, id_as_text
from desk.playbook.messages import Notice

ACTIONS: Mapping[str, str] = {"accept": "Accept this lead", "no_answer": "I called: no answer",
                              "welcomed": "I called: we talked"}  # fmt: skip
"""What the links in a message do, each once, without signing in."""
SUBJECTS: Mapping[str, str] = {
    "assigned": "New lead: {who}",
    "due_soon": "Due soon: {who}",
    "missed": "Promise missed: {who}",
    "returned": "Returned: {who}",
    "strengthened": "More interest at the company of {who}",
    "answered": "Marketing answered about {who}",
    "woken": "The day has come for {who}",
    "unattended": "Urgent, and nobody is there: {who}",
    "request": "Meeting {when}: {who}",
    "cancel": "Not in your calendar any more: meeting with {who}",
}
TEXTS = (
    "a lead", "{count} things about your leads: {first}", "Reason: {reason}", "{clock}: {when}", "Open this lead",
    "This lead is not with you any more.", "{rep} is away until {when}. Somebody else should take this lead.",
    "{rep} is away. Somebody else should take this lead.", "Each link works once.",
    "Accept {who}", "What reaches you, and in which language: {url}",
)  # fmt: skip
"""What messages say beside that, for those who translate them."""
LONGEST_SUBJECT = 120
LONGEST_QUOTE = 500


class DueMessage(NamedTuple):
    """A message that is to be sent now: to whom, by which way, about whose lead."""

    message_id: UUID
    user_id: str
    channel: str
    kind: Notice
    lead_id: UUID | None
    """None where it is about a week."""
    contact_id: UUID | None
    attempts: int
    made_at: datetime
    email: str | None
    chat_url: str | None
    zone: str
    language: str | None
    role: str
    rep_id: str | None
    """Whom the user is among the reps."""
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
    lead_rep_id: str | None
    """Who has the lead now."""
    team: str | None
    clocks: Sequence[Fact]
    """The open promises about the lead."""
    meeting_rep_id: str | None
    meeting_at: datetime | None
    sequence: int | None
    """Of the meeting: which change of it the mail is about."""
    is_announced: bool
    """Whether the user got a message about this meeting by this way before."""
    sent_lately: int
    """How many messages the user got by this way within the last hour."""


class LinkedAct(NamedTuple):
    """What can be done by a link, and its address."""

    says: str
    url: str


class LetterPart(NamedTuple):
    """What a message says about one lead."""

    title: str
    lines: tuple[str, ...]
    quote: str | None
    page: LinkedAct
    acts: tuple[LinkedAct, ...]


class Letter(NamedTuple):
    """A message before it has a form: of a mail, or of a chat."""

    subject: str
    parts: tuple[LetterPart, ...]
    language: str
    hint: str | None
    """That the links work once, where there are any."""
    footer: str


def is_meeting_of_user(row: DueMessage) -> bool:
    """Check whether the meeting that a message is about is the user's."""
    return row.meeting_rep_id is not None and row.meeting_rep_id == row.rep_id


def is_gone(row: DueMessage) -> bool:
    """Check whether a lead that a rep is told of went to somebody else before the message was sent."""
    return row.kind in ("assigned", "due_soon") and row.role == "rep" and row.lead_rep_id != row.rep_id


def is_with_reader(row: DueMessage) -> bool:
    """Check whether the rep to whom a message goes is the one who has the lead, or the meeting, that it is about."""
    has_it = is_meeting_of_user(row) if row.kind == "meeting" else row.lead_rep_id == row.rep_id
    return row.role == "rep" and row.rep_id is not None and has_it


def write_message(
    rows: Sequence[DueMessage],
    base: str,
    links: Mapping[UUID, Sequence[LinkedAct]],
    now: datetime,
    *,
    language: Language = ENGLISH,
    back_at: datetime | None = None,
) -> Letter:
    """Return one message about one or several things.

    Args:
        rows: What it is about, at least one, all for the same person.
        base: Where the pages are.
        links: What can be done at once, by message.
        now: Business time, from which days are counted.
        language: The reader's.
        back_at: When the rep is back of whom an `unattended` one says that they are away, where somebody knows.
    """
    parts = tuple(_write_part(row, base, links.get(row.message_id, ()), now, language, back_at) for row in rows)
    subject = parts[0].title
    if len(parts) > 1:
        subject = language("{count} things about your leads: {first}", count=len(parts), first=subject)
    subject = "".join(each if each.isprintable() else " " for each in subject)[:LONGEST_SUBJECT]
    hint = language("Each link works once.") if any(part.acts for part in parts) else None
    footer = language("What reaches you, and in which language: {url}", url=f"{base}/settings")
    return Letter(subject, parts, language.code, hint, footer)


def _write_part(  # noqa: PLR0917 - one part, fact by fact
    row: DueMessage, base: str, acts: Sequence[LinkedAct], now: datetime, language: Language, back_at: datetime | None
) -> LetterPart:
    who = row.name or row.company or language("a lead")
    kind = row.kind if row.kind != "meeting" else "request" if is_meeting_of_user(row) else "cancel"
    title = language(SUBJECTS[kind], who=who, when=format_moment(row.meeting_at, now, row.zone, language))
    known = [text for text in (row.job_title, row.company) if text and text != who]
    lines = [", ".join(known)] if known else []
    lines += _write_circumstances(row, now, language, back_at)
    quote = row.message[:LONGEST_QUOTE] if row.message and kind != "cancel" else None
    page = LinkedAct(language("Open this lead"), f"{base}/people/{row.contact_id}")
    return LetterPart(title, tuple(lines), quote, page, tuple(acts))


def _write_circumstances(row: DueMessage, now: datetime, language: Language, back_at: datetime | None) -> list[str]:
    """Return the reason, the promise, and who is away or has the lead now, as far as they belong to this kind."""
    lines = []
    if row.kind in ("returned", "woken") and row.reason:
        lines.append(language("Reason: {reason}", reason=id_as_text(row.reason)))
    if row.promised_at and row.kind in ("assigned", "due_soon", "missed", "unattended"):
        clock = language(CLOCKS.get(row.due_clock or "", id_as_text(row.due_clock)))
        lines.append(
            language("{clock}: {when}", clock=clock, when=format_moment(row.promised_at, now, row.zone, language))
        )
    if is_gone(row):
        lines.append(language("This lead is not with you any more."))
    if row.kind == "unattended" and row.lead_rep_id:
        until = format_moment(back_at, now, row.zone, language)
        text = "{rep} is away until {when}. Somebody else should take this lead."
        if back_at is None:
            text = "{rep} is away. Somebody else should take this lead."
        lines.append(language(text, rep=row.lead_rep_id, when=until))
    return lines


def name_acts(row: DueMessage, language: Callable[..., str], *, alone: bool) -> dict[str, str]:
    """Return what a message offers to do at once, with how it says so; of several leads it names each."""
    if row.kind not in ("assigned", "due_soon") or row.lead_id is None or row.contact_id is None or is_gone(row):
        return {}
    if alone:
        return {action: language(says) for action, says in ACTIONS.items()}
    who = row.name or row.company or language("a lead")
    return {"accept": language("Accept {who}", who=who)} if row.kind == "assigned" else {}
