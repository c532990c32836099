"""Messages to webhooks as rows: saved with their event, sent by whoever claims them, kept for a month."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from uuid import UUID

from events.runtime import Transaction
from events.runtime.rows import Row, read_rows
from sla_monitor.domain.webhook_messages import ExcessMessage, Message, Webhook
from sla_monitor.models import DeliveryRow

LEASE = timedelta(seconds=60)
"""How long a sender may take before another one tries."""
KEPT = timedelta(days=30)

_COLUMNS = ", ".join(field.name for field in fields(Webhook))
_WEBHOOKS = f"select {_COLUMNS} from webhooks where disabled_at is null order by name"  # noqa: S608 - names of our own
_PUT = """
insert into webhooks (name, url, events, teams, clocks, each_hour) values ($1, $2, $3, $4, $5, $6)
on conflict (name) do update set url = excluded.url, events = excluded.events, teams = excluded.teams,
    clocks = excluded.clocks, each_hour = excluded.each_hour, disabled_at = null
returning generation, xmax = 0 as made
"""
_LOCK = "select name, each_hour from webhooks where disabled_at is null order by name for update skip locked"
_FLOODED = """
select delivery_id, body, due_at from deliveries
where webhook = $1 and collected and due_at <= clock_timestamp() order by delivery_id for update
"""
_RELEASE_DIGEST = "update deliveries set released_at = clock_timestamp() where delivery_id = $1"
_FOLD = "update deliveries set digest_id = $1, due_at = null where delivery_id = any($2)"
_RELEASE = """
with budget as (
    select greatest($2 - count(*), 0) as left from deliveries
    where webhook = $1 and released_at >= date_trunc('hour', clock_timestamp()) and kind <> 'digest'
), waiting as (
    select delivery_id, row_number() over (order by made_at, delivery_id) as nth from deliveries
    where webhook = $1 and released_at is null and not collected and due_at is not null
)
update deliveries d set
    released_at = case when w.nth <= b.left then clock_timestamp() end,
    collected = w.nth > b.left,
    due_at = case when w.nth <= b.left then d.due_at
        else date_trunc('hour', clock_timestamp()) + interval '1 hour' end
from waiting w, budget b where d.delivery_id = w.delivery_id
"""
_CLAIM = """
update deliveries d set attempts = attempts + 1, due_at = clock_timestamp() + $1
from (
    select delivery_id from deliveries join webhooks on name = webhook
    where released_at is not null and due_at <= clock_timestamp() and disabled_at is null
    order by due_at limit $2 for update of deliveries skip locked
) as c, webhooks w
where d.delivery_id = c.delivery_id and w.name = d.webhook
returning d.delivery_id, d.webhook, d.body, d.attempts, w.url, w.generation
"""
_SENT = (
    "update deliveries set sent_at = clock_timestamp(), due_at = null, last_error = null where delivery_id = any($1)"
)
_FAILED = """
update deliveries d set last_error = f.error, due_at = clock_timestamp() + f.wait,
    failed_at = case when f.wait is null then clock_timestamp() end
from unnest($1::uuid[], $2::text[], $3::interval[]) as f(delivery_id, error, wait) where d.delivery_id = f.delivery_id
"""
_DELETE_OLD = "delete from deliveries where due_at is null and made_at < clock_timestamp() - $1::interval"
_STATE = """case when sent_at is not null then 'sent' when failed_at is not null then 'failed'
    when digest_id is not null then 'digested' else 'waiting' end"""
_LIST = f"""
select * from (
    select delivery_id, webhook, kind, made_at, attempts, due_at, sent_at, failed_at, last_error, digest_id,
        {_STATE} as state
    from deliveries
) as d
where ($1::text is null or webhook = $1) and ($2::text is null or state = $2)
    and ($3::timestamptz is null or (made_at, delivery_id) < ($3, $4::uuid))
order by made_at desc, delivery_id desc limit $5
"""  # noqa: S608 - our own text alone


class ClaimedMessage(Row):
    """A message that is to be sent now; `attempts` counts this one."""

    delivery_id: UUID
    webhook: str
    body: str
    attempts: int
    url: str
    generation: int


class ListedMessage(Row):
    """A message and what became of it."""

    delivery_id: UUID
    webhook: str
    kind: str
    made_at: datetime
    attempts: int
    due_at: datetime | None
    sent_at: datetime | None
    failed_at: datetime | None
    last_error: str | None
    digest_id: UUID | None
    state: str


async def load_webhooks(tx: Transaction) -> list[Webhook]:
    """Return the enabled webhooks."""
    return [Webhook(**dict(row)) for row in await tx.raw.fetch(_WEBHOOKS)]


async def save_webhook(tx: Transaction, webhook: Webhook) -> tuple[int, bool]:
    """Save a webhook; return the generation of its secret, and whether it is new."""
    given = (webhook.name, webhook.url, webhook.events, webhook.teams, webhook.clocks, webhook.each_hour)
    (row,) = await tx.raw.fetch(_PUT, *given)
    return row["generation"], row["made"]


async def raise_secret_generation(tx: Transaction, name: str) -> int | None:
    """Raise the generation of a webhook's secret and return it; None: no such webhook."""
    rows = await tx.raw.fetch(
        "update webhooks set generation = generation + 1 where name = $1 returning generation", name
    )
    return int(rows[0]["generation"]) if rows else None


async def delete_webhook(tx: Transaction, name: str) -> bool:
    """Delete a webhook, and its messages that are not sent yet."""
    await tx.raw.execute("delete from deliveries where webhook = $1 and due_at is not null", name)
    return await tx.raw.execute("delete from webhooks where name = $1", name) == "DELETE 1"


async def disable_webhooks(tx: Transaction, names: Sequence[str]) -> None:
    """Disable webhooks whose receivers answered that they are gone."""
    await tx.raw.execute("update webhooks set disabled_at = clock_timestamp() where name = any($1)", list(names))


async def save_messages(tx: Transaction, messages: Sequence[Message]) -> None:
    """Save messages, to be sent after this transaction."""
    await tx.insert(DeliveryRow, [message._asdict() for message in messages])


async def lock_webhooks(tx: Transaction) -> dict[str, int]:
    """Lock the webhooks that nobody else is planning for; return how many messages an hour each may get."""
    return {row["name"]: row["each_hour"] for row in await tx.raw.fetch(_LOCK)}


async def load_excess_messages(tx: Transaction, name: str) -> list[ExcessMessage]:
    """Return the messages that were too many for an hour that is over."""
    return [ExcessMessage(*row) for row in await tx.raw.fetch(_FLOODED, name)]


async def replace_messages_by_digest(tx: Transaction, digest: Message, into: Sequence[UUID]) -> None:
    """Replace messages by a digest."""
    await tx.insert(DeliveryRow, [digest._asdict()])
    await tx.raw.execute(_RELEASE_DIGEST, digest.delivery_id)
    await tx.raw.execute(_FOLD, digest.delivery_id, list(into))


async def release_messages(tx: Transaction, name: str, each_hour: int) -> None:
    """Release a webhook's messages for sending, as many as its hour allows; the others wait for the digest."""
    await tx.raw.execute(_RELEASE, name, each_hour)


async def claim_messages(tx: Transaction, limit: int) -> list[ClaimedMessage]:
    """Claim messages that are due, for as long as the lease lasts."""
    return await read_rows(tx, ClaimedMessage, _CLAIM, LEASE, limit)


async def save_send_results(
    tx: Transaction, sent: Sequence[UUID], failed: Sequence[tuple[UUID, str, timedelta | None]]
) -> None:
    """Save the results of sending."""
    await tx.raw.execute(_SENT, list(sent))
    await tx.raw.execute(_FAILED, *([each[nth] for each in failed] for nth in range(3)))


async def retry_message(tx: Transaction, delivery_id: UUID) -> bool:
    """Send a message again that was given up; return whether there was one."""
    done = await tx.raw.execute(
        "update deliveries set failed_at = null, attempts = 0, due_at = clock_timestamp()"
        " where delivery_id = $1 and failed_at is not null",
        delivery_id,
    )
    return done == "UPDATE 1"


async def delete_old_messages(tx: Transaction) -> None:
    """Delete what was sent long ago."""
    await tx.raw.execute(_DELETE_OLD, KEPT)


async def list_deliveries(
    tx: Transaction, webhook: str | None, state: str | None, *, after: tuple[datetime | None, UUID] | None, limit: int
) -> list[ListedMessage]:
    """Return messages, the latest first, after a position."""
    return await read_rows(tx, ListedMessage, _LIST, webhook, state, *(after or (None, None)), limit)
