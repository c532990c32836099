"""Messages to people of ours: saved with the events that make them, claimed, sent, given up."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import orjson

from desk.domain.letters import DueMessage
from desk.domain.meetings import AnnouncedMeeting
from desk.domain.notices import OutgoingMessage
from desk.models import ActionLinkRow, MeetingRow, MessageRow
from events.runtime import Transaction

_CLAIM = """
with due as (
    select message_id from messages where due_at <= $2 order by due_at limit $1 for update skip locked
), claimed as (
    update messages m set due_at = $2 + $3::interval, attempts = attempts + 1
    from due where m.message_id = due.message_id returning m.*
)
select c.message_id, c.user_id, c.channel, c.kind, c.lead_id, c.contact_id, c.attempts, c.made_at,
    u.email, u.chat_url, u.zone, u.language, u.role, u.rep_id, u.disabled_at, p.name, p.company, p.job_title, p.message,
    l.due_at as promised_at, l.due_clock, l.reason, l.rep_id as lead_rep_id, l.team,
    coalesce(l.facts->'promised'->'clocks', '[]')::text as clocks,
    t.rep_id as meeting_rep_id, t.starts_at as meeting_at, t.sequence,
    exists (select from messages s where s.lead_id = c.lead_id and s.kind = 'meeting' and s.user_id = c.user_id
        and s.channel = c.channel and s.sent_at is not null) as is_announced,
    (select count(*) from messages s where s.user_id = c.user_id and s.channel = c.channel
        and s.sent_at > $2 - interval '1 hour') as sent_lately
from claimed c join users u using (user_id) left join people p using (contact_id) left join leads l using (lead_id)
    left join meetings t using (lead_id)
order by c.user_id, c.channel, c.made_at
"""
_LOOK_AGAIN = """
update messages m set due_at = least(m.due_at, $1) from (
    select message_id from messages where due_at is not null and attempts = 0 and {which} order by message_id for update
) as waiting where m.message_id = waiting.message_id
"""
"""What failed or is being sent is left alone: it has its own time. What is due is locked too: a worker may be putting
it off just now, by what was known before."""


class LinkedAction(NamedTuple):
    """What an unused link would do, for whom."""

    user_id: str
    lead_id: UUID
    contact_id: UUID
    action: str
    name: str | None
    company: str | None


async def save_messages(tx: Transaction, made: Iterable[OutgoingMessage]) -> None:
    """Save messages; those that are there stay as they are."""
    await tx.insert(MessageRow, [{**each._asdict(), "attempts": 0} for each in made])


async def claim_due_messages(tx: Transaction, at_most: int, now: datetime, claim: timedelta) -> list[DueMessage]:
    """Claim messages that are due for some time, with whom they are about; each user's stand together."""
    rows = await tx.raw.fetch(_CLAIM, at_most, now, claim)
    return [DueMessage(**{**row, "clocks": orjson.loads(row["clocks"])}) for row in rows]


async def postpone_messages(tx: Transaction, until: Mapping[UUID, datetime]) -> None:
    """Send messages later, each at its own time: as one with what comes until then."""
    if until:
        await tx.raw.execute(
            "update messages m set due_at = n.until, attempts = attempts - 1"
            " from unnest($1::uuid[], $2::timestamptz[]) as n(message_id, until) where m.message_id = n.message_id",
            list(until), list(until.values()),
        )  # fmt: skip


async def look_again(
    tx: Transaction, now: datetime, *, lead_ids: Collection[UUID] = (), rep_ids: Collection[str] = (), user: str = ""
) -> None:
    """Let it be decided again when messages are sent that wait: those about leads, to reps, or to a user."""
    which = "lead_id = any($2)"
    ids: Collection[UUID | str] = lead_ids
    if rep_ids:
        which, ids = "user_id in (select user_id from users where rep_id = any($2))", rep_ids
    elif user:
        which, ids = "user_id = any($2)", [user]
    if ids:
        await tx.raw.execute(_LOOK_AGAIN.format(which=which), now, list(ids))


async def record_send_results(
    tx: Transaction, message_ids: list[UUID], error: str | None, again_at: datetime | None, now: datetime
) -> None:
    """Record what became of messages: sent, to be tried again, or given up."""
    await tx.raw.execute(
        "update messages set due_at = $3, last_error = $2,"
        " sent_at = case when $2::text is null then $4::timestamptz end,"
        " failed_at = case when $2::text is not null and $3::timestamptz is null then $4::timestamptz end"
        " where message_id = any($1)",
        message_ids, error, again_at, now,
    )  # fmt: skip


async def load_announced_meetings(tx: Transaction, lead_ids: Collection[UUID]) -> dict[UUID, AnnouncedMeeting]:
    """Return the meetings about leads as they were announced last."""
    rows = await tx.raw.fetch(
        "select lead_id, contact_id, rep_id, starts_at, sequence from meetings where lead_id = any($1)", list(lead_ids)
    )
    return {row["lead_id"]: AnnouncedMeeting(**row) for row in rows}


async def save_announced_meetings(tx: Transaction, meetings: Iterable[AnnouncedMeeting]) -> None:
    """Save meetings as they are announced now."""
    await tx.upsert(MeetingRow, [each._asdict() for each in meetings])


async def save_action_links(tx: Transaction, made: Iterable[tuple[str, DueMessage, str]], expires_at: datetime) -> None:
    """Keep links of messages, each by its hash: what it does once, for its reader."""
    await tx.insert(
        ActionLinkRow,
        [
            {
                "hash": digest, "user_id": row.user_id, "lead_id": row.lead_id, "contact_id": row.contact_id,
                "action": action, "expires_at": expires_at,
            }
            for digest, row, action in made
        ],
    )  # fmt: skip


async def read_action_link(tx: Transaction, digest: str, *, use: bool = False) -> LinkedAction | None:
    """Return what an unused link would do, and use it up if asked to; None where it does nothing any more."""
    found = "where hash = $1 and used_at is null and expires_at > clock_timestamp()"
    link = (
        f"update action_links set used_at = clock_timestamp() {found} returning *"
        if use
        else f"select * from action_links {found}"
    )
    rows = await tx.raw.fetch(
        f"with link as ({link}) select user_id, lead_id, contact_id, action, name, company"
        " from link left join people using (contact_id)",
        digest,
    )
    return LinkedAction(*rows[0]) if rows else None


async def restore_action_link(tx: Transaction, digest: str) -> None:
    """Let a link work again, as what it does could not even be asked for."""
    await tx.raw.execute("update action_links set used_at = null where hash = $1", digest)
