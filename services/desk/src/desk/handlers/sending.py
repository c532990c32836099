"""Send messages to people of ours: by mail and by chat webhook, each once, several as one where they would flood.

A message is a row that was committed with its event. A worker claims what is due for a minute, sends it outside any
transaction and records the result; if it dies in between, another sends again after that minute.
"""

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from itertools import groupby
from typing import TYPE_CHECKING

import aiosmtplib
import httpx
from prometheus_client import Counter

from desk import store
from desk.domain import letters
from desk.domain.letters import DueMessage
from desk.handlers.access import draw_secret
from desk.handlers.notices import save_digest_messages
from desk.handlers.upstream import UPSTREAM
from desk.playbook import DeskPlaybook
from events.runtime import metrics, retry

if TYPE_CHECKING:
    from desk.settings import PageSettings
    from events.runtime import Service

AT_ONCE = 100
POLL_SECONDS, LONGEST_PAUSE = 1.0, 5.0
WEEK_SECONDS = 60.0
"""How often it is looked whether a week's message is due for somebody."""
SECONDS = 15.0
TRIES = (5, 30, 300, 1800, 7200)
"""Seconds after each failure; after the last a message is given up."""

MESSAGES = Counter("baton_messages_total", "Messages to people of ours: sent, failed or given up.", ["outcome"])
for outcome in ("sent", "failed", "given_up"):
    MESSAGES.labels(outcome)  # from 0 on, so that the first is an increase


async def deliver_messages_forever(service: "Service[PageSettings]") -> None:
    """Send what is due until cancelled."""
    failures = 0
    looked_at = -WEEK_SECONDS
    while True:
        seconds = POLL_SECONDS
        try:
            if time.monotonic() >= looked_at + WEEK_SECONDS:
                looked_at = time.monotonic()
                await save_digest_messages(service, datetime.now(UTC))
            if await deliver_due_messages(service):
                continue
            failures = 0
        except Exception as error:  # noqa: BLE001 - what broke one round must not stop the next
            retry.raise_if_cancelled(error)
            failures += 1
            seconds = max(POLL_SECONDS, retry.compute_delay(failures, LONGEST_PAUSE))
            if not retry.is_transient(error):
                metrics.TASK_FAILURES.labels("messages").inc()
        await asyncio.sleep(seconds)


async def deliver_due_messages(service: "Service[PageSettings]") -> int:
    """Claim, bundle and send one round; return how many messages were claimed."""
    async with service.transaction() as tx:
        claimed = await store.messages.claim_due_messages(tx, AT_ONCE)
        playbook = tx.playbook(DeskPlaybook)
    for _, rows in groupby(sorted(claimed, key=_together), key=_together):
        await _send_together(service, list(rows), playbook)
    return len(claimed)


def _together(row: DueMessage) -> tuple[str, str, bool]:
    """Return what messages that come as one have in common; a week's message comes alone."""
    return row.user_id, row.channel, row.kind == "digest"


async def _send_together(service: "Service[PageSettings]", rows: Sequence[DueMessage], playbook: DeskPlaybook) -> None:
    """Send what somebody gets by one way now as one message, or later where they had many lately."""
    ids = [row.message_id for row in rows]
    if rows[0].sent_lately >= playbook.bundle.each_hour:
        until = datetime.now(UTC) + timedelta(minutes=playbook.bundle.minutes)
        async with service.transaction() as tx:
            await store.messages.postpone_messages(tx, ids, until)
        return
    fault = await _send(service, rows, playbook)
    attempts = max(row.attempts for row in rows)
    again = attempts <= len(TRIES) and rows[0].disabled_at is None
    again_at = datetime.now(UTC) + timedelta(seconds=TRIES[attempts - 1]) if fault and again else None
    MESSAGES.labels("sent" if fault is None else "failed" if again_at else "given_up").inc(len(ids))
    async with service.transaction() as tx:
        await store.messages.record_send_results(tx, ids, fault, again_at)


async def _send(service: "Service[PageSettings]", rows: Sequence[DueMessage], playbook: DeskPlaybook) -> str | None:
    """Send one message about one lead or several; return why that failed, without any value."""
    row = rows[0]
    if row.disabled_at is not None:
        return "disabled"
    base = service.settings.public_url.rstrip("/")
    links = await _links(service, row, base, playbook) if len(rows) == 1 else []
    try:
        if row.kind == "digest":
            found = await UPSTREAM.fetch(service, "feedback", "/v1/digest")
            if found is None:
                return "feedback_away"
            subject, text = letters.write_digest_message(found, base)
        else:
            subject, text = letters.write_message(rows, base, links)
        if row.channel == "email":
            return await _mail(service, row, subject, text)
        return await _chat(service, row, text)
    except Exception as error:  # noqa: BLE001 - one that cannot be written or sent must not hold up everybody else's
        retry.raise_if_cancelled(error)
        return type(error).__name__


async def _links(
    service: "Service[PageSettings]", row: DueMessage, base: str, playbook: DeskPlaybook
) -> list[tuple[str, str]]:
    """Keep new links that do one thing once, for whoever may do it; return each with what it says."""
    if row.kind not in ("assigned", "due_soon") or row.lead_id is None or row.contact_id is None:
        return []
    expires_at = datetime.now(UTC) + timedelta(hours=playbook.link_hours)
    made = []
    async with service.transaction() as tx:
        for action, says in letters.ACTIONS.items():
            token = draw_secret()
            about = (row.lead_id, row.contact_id)
            await store.messages.save_action_link(
                tx, store.access.hash_secret(token), row.user_id, about, action, expires_at
            )
            made.append((says, f"{base}/a/{token}"))
    return made


async def _mail(service: "Service[PageSettings]", row: DueMessage, subject: str, text: str) -> str | None:
    settings = service.settings
    if not settings.smtp_url:
        return "no_mail_server"
    url = httpx.URL(settings.smtp_url)
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = settings.mail_from, row.email, subject
    mail["Date"], mail["Message-ID"] = formatdate(), make_msgid(idstring=str(row.message_id), domain="baton.invalid")
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text)
    await aiosmtplib.send(
        mail, hostname=url.host, port=url.port, username=url.username or None, password=url.password or None,
        use_tls=url.scheme == "smtps", timeout=SECONDS,
    )  # fmt: skip
    return None


async def _chat(service: "Service[PageSettings]", row: DueMessage, text: str) -> str | None:
    """Post to a chat webhook: the form that Slack and Teams both take."""
    if not row.chat_url or not letters.is_chat_address(row.chat_url, service.settings.chat_hosts):
        return "host_refused"
    async with httpx.AsyncClient(timeout=SECONDS, follow_redirects=False) as client:
        answer = await client.post(row.chat_url, json={"text": text})
    return None if answer.is_success else f"status_{answer.status_code}"
