"""Send one message: as a mail over SMTP, with a calendar entry where it is about a meeting, or to a chat webhook."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, parseaddr
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID, uuid5

import aiosmtplib
import httpx

from desk.domain import letter_forms, letters
from desk.domain.letters import DueMessage, Letter
from desk.handlers.languages import LANGUAGES
from events.meeting_files import MeetingEntry, Method, write_calendar_file

if TYPE_CHECKING:
    from desk.settings import PageSettings
    from events.runtime import Service

CHAT_SECONDS = 15.0
CONNECT_SECONDS, ANSWER_SECONDS, MAIL_SECONDS, QUIT_SECONDS = 10.0, 60.0, 90.0, 5.0
"""How long a mail server may take: to greet, for one answer (after the text it may scan for long), for one mail, and to
part. A mail that it took after we left would be sent again."""
LONGEST_SECONDS = max(CHAT_SECONDS, MAIL_SECONDS + QUIT_SECONDS)
"""How long it takes at most to send one message."""


MAILS = UUID("0f5b1f2e-5a0b-4d9e-9d0c-7f6f1c5a3e21")
"""The namespace of the ids of mails that are several messages."""


class MailBody(NamedTuple):
    """A mail's subject and forms; a calendar entry is what the mail program shows as an event."""

    subject: str
    text: str
    html: str
    entry: bytes | None = None
    method: Method = "REQUEST"


def make_mail_body(letter: Letter) -> MailBody:
    """Return a message in the forms of a mail."""
    return MailBody(letter.subject, letter_forms.write_text(letter), letter_forms.write_html(letter))


def add_calendar_entry(
    body: MailBody, row: DueMessage, base: str, organizer: str, times: tuple[datetime, timedelta]
) -> MailBody:
    """Return the mail with its meeting as an entry; `times` are when it was changed and how long meetings are."""
    if row.lead_id is None or row.meeting_at is None or row.sequence is None:
        return body
    method: Method = "REQUEST" if letters.is_meeting_of_user(row) else "CANCEL"
    who = ", ".join(text for text in (row.name, row.company) if text)
    meeting = LANGUAGES.get(row.language or "", LANGUAGES["en"])("Meeting")
    entry = MeetingEntry(
        lead_id=row.lead_id, sequence=row.sequence, changed_at=times[0], starts_at=row.meeting_at, length=times[1],
        summary=f"{meeting}: {who}" if who else meeting, description=f"{base}/people/{row.contact_id}",
        organizer=parseaddr(organizer)[1], attendee=row.email,
    )  # fmt: skip
    return body._replace(entry=write_calendar_file([entry], method, "desk"), method=method)


def make_mail_id(rows: Sequence[DueMessage]) -> str:
    """Return the Message-ID of the mail that these messages are: the same in each attempt, another for others."""
    ids = sorted(row.message_id for row in rows)
    made = ids[0] if len(ids) == 1 else uuid5(MAILS, " ".join(map(str, ids)))
    return f"<{made}@baton.invalid>"


def write_mail(rows: Sequence[DueMessage], body: MailBody, mail_from: str) -> EmailMessage:
    """Return the mail: text, HTML and calendar entry as alternatives, the richest last (RFC 2046, RFC 6047)."""
    mail, row = EmailMessage(policy=SMTP), rows[0]
    mail["From"], mail["To"], mail["Subject"] = mail_from, row.email, body.subject
    mail["Date"], mail["Message-ID"] = formatdate(), make_mail_id(rows)
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(body.text)
    mail.add_alternative(body.html, subtype="html")
    if body.entry is not None:
        entry = body.entry.decode()
        mail.add_alternative(entry, subtype="calendar", params={"method": body.method}, cte="base64")
    return mail


async def send_mail(service: "Service[PageSettings]", rows: Sequence[DueMessage], body: MailBody) -> str | None:
    """Send messages to one reader as a mail; return why not where there is no server."""
    settings = service.settings
    if not settings.smtp_url:
        return "no_mail_server"
    url = httpx.URL(settings.smtp_url)
    mail = write_mail(rows, body, settings.mail_from)
    server = aiosmtplib.SMTP(
        hostname=url.host, port=url.port, username=url.username or None, password=url.password or None,
        use_tls=url.scheme == "smtps", timeout=ANSWER_SECONDS,
    )  # fmt: skip
    try:
        async with asyncio.timeout(MAIL_SECONDS):
            await server.connect(timeout=CONNECT_SECONDS)
            await server.send_message(mail)
        with suppress(aiosmtplib.SMTPException):  # the mail is taken, however they part
            await server.quit(timeout=QUIT_SECONDS)
    finally:
        _cut(server)
    return None


def _cut(server: aiosmtplib.SMTP) -> None:
    """End a connection at once, without asking the server; what it did not get of a mail is not sent any more."""
    if isinstance(server.transport, asyncio.WriteTransport):
        server.transport.abort()
    server.close()


async def post_to_chat(service: "Service[PageSettings]", row: DueMessage, letter: Letter | str) -> str | None:
    """Post to a chat webhook in the form that it takes; return why not."""
    if not row.chat_url or not letter_forms.is_chat_address(row.chat_url, service.settings.chat_hosts):
        return "host_refused"
    if isinstance(letter, str):
        body = letter_forms.make_chat_body_of_text(letter, row.chat_url)
    else:
        body = letter_forms.make_chat_body(letter, row.chat_url)
    async with (
        asyncio.timeout(CHAT_SECONDS),
        httpx.AsyncClient(timeout=CHAT_SECONDS, follow_redirects=False) as client,
        client.stream("POST", row.chat_url, json=body) as answer,  # whatever else it says is not read
    ):
        return None if answer.is_success else f"status_{answer.status_code}"
