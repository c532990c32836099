"""Messages to people of ours: saved with the events that make them, claimed, sent, given up."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from desk.domain.letters import DueMessage
from desk.domain.notices import OutgoingMessage
from desk.models import MessageRow
from events.runtime import Transaction

_CLAIM = """
with due as (
    select message_id from messages where due_at <= clock_timestamp() order by due_at limit $1 for update skip locked
), claimed as (
    update messages m set due_at = clock_timestamp() + interval '1 minute', attempts = attempts + 1
    from due where m.message_id = due.message_id returning m.*
)
select c.message_id, c.user_id, c.channel, c.kind, c.lead_id, c.contact_id, c.attempts, c.made_at,
    u.email, u.chat_url, u.zone, u.disabled_at, p.name, p.company, p.job_title, p.message, l.due_at as promised_at,
    l.due_clock, l.reason,
    (select count(*) from messages s where s.user_id = c.user_id and s.channel = c.channel
        and s.sent_at > clock_timestamp() - interval '1 hour') as sent_lately
from claimed c join users u using (user_id) left join people p using (contact_id) left join leads l using (lead_id)
order by c.user_id, c.channel, c.made_at
"""


class LinkedAction(NamedTuple):
    """What an unused link would do, for whom."""

    user_id: str
    lead_id: UUID
    contact_id: UUID
    action: str


async def save_messages(tx: Transaction, made: Iterable[OutgoingMessage]) -> None:
    """Save messages; those that are there stay as they are."""
    await tx.insert(MessageRow, [{**each._asdict(), "attempts": 0} for each in made])


async def claim_due_messages(tx: Transaction, at_most: int) -> list[DueMessage]:
    """Claim messages that are due for a minute, with whom they are about; each user's stand together."""
    return [DueMessage(*row) for row in await tx.raw.fetch(_CLAIM, at_most)]


async def postpone_messages(tx: Transaction, message_ids: list[UUID], until: datetime) -> None:
    """Send messages later: as one with what comes until then."""
    await tx.raw.execute(
        "update messages set due_at = $2, attempts = attempts - 1 where message_id = any($1)", message_ids, until
    )


async def record_send_results(
    tx: Transaction, message_ids: list[UUID], error: str | None, again_at: datetime | None
) -> None:
    """Record what became of messages: sent, to be tried again, or given up."""
    await tx.raw.execute(
        "update messages set due_at = $3, last_error = $2,"
        " sent_at = case when $2::text is null then clock_timestamp() end,"
        " failed_at = case when $2::text is not null and $3::timestamptz is null then clock_timestamp() end"
        " where message_id = any($1)",
        message_ids, error, again_at,
    )  # fmt: skip


async def save_action_link(  # noqa: PLR0917 - one link, field by field
    tx: Transaction, digest: str, user_id: str, about: tuple[UUID, UUID], action: str, expires_at: datetime
) -> None:
    """Keep a link that does one thing once."""
    await tx.raw.execute(
        "insert into action_links values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
        digest, user_id, *about, action, expires_at,
    )  # fmt: skip


async def read_action_link(tx: Transaction, digest: str, *, use: bool = False) -> LinkedAction | None:
    """Return what an unused link would do, and use it up if asked to; None where it does nothing any more."""
    found = "where hash = $1 and used_at is null and expires_at > clock_timestamp()"
    sql = (
        f"update action_links set used_at = clock_timestamp() {found} returning user_id, lead_id, contact_id, action"
        if use
        else f"select user_id, lead_id, contact_id, action from action_links {found}"
    )
    rows = await tx.raw.fetch(sql, digest)
    return LinkedAction(*rows[0]) if rows else None
