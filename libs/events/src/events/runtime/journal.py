"""What a service has published: kept for 30 days, sent again byte for byte on request, kept small by the day."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from events.runtime.schema import INBOX_DAYS, JOURNAL_DAYS, build_partition_statements

KEEP_ANSWERS = timedelta(days=7)
"""How long an `Idempotency-Key` is remembered."""


async def republish(connection: Any, *, topic: str | None = None, since: datetime | None = None) -> int:
    """Put journal rows back into the outbox, oldest first: same bytes, same `ce_id`. Gives their number."""
    status: str = await connection.execute(
        "insert into outbox (id, day, topic, hash) select id, day, topic, coalesce(hash, 0) from journal"
        " where ($1::text is null or topic = $1) and ($2::timestamptz is null or time >= $2)"
        " order by id on conflict do nothing",
        topic,
        since,
    )
    return int(status.rsplit(" ", 1)[-1])


async def find_newer_sequences(
    connection: Any, seen: Sequence[tuple[str, str, int]]
) -> dict[tuple[str, str], tuple[int, bool]]:
    """Return which (topic, key, sequence) are behind their stream: its sequence, and whether some of it is unsent."""
    topics, keys, sequences = zip(*sorted(seen), strict=True)
    rows = await connection.fetch(
        "with behind as materialized (select topic, key, s.sequence"
        " from unnest($1::text[], $2::text[], $3::bigint[]) as d(topic, key, sequence)"
        " join streams s using (topic, key) where s.sequence > d.sequence)"
        " select topic, key, sequence, (topic, key) in (select j.topic, j.key"
        " from outbox o join journal j on j.day = o.day and j.id = o.id where j.topic = any($1)) as unsent from behind",
        topics, keys, sequences,
    )  # fmt: skip
    return {(row["topic"], row["key"]): (row["sequence"], row["unsent"]) for row in rows}


async def requeue_newest(
    connection: Any, newest: Sequence[tuple[str, str, int, UUID | None]]
) -> dict[tuple[str, str], bool]:
    """Put these (topic, key, sequence, contact) back into the outbox where they are the newest of their stream.

    Tells of each that is whether the journal still has it. The stream row is held to the commit, so that a newer one
    comes after it in the outbox too. A tombstone is of no contact in the journal: it outlives the erasure.
    """
    topics, keys, sequences, contacts = zip(*sorted(newest), strict=True)
    rows = await connection.fetch(
        "with held as materialized (select topic, key, sequence, d.contact_id"
        " from unnest($1::text[], $2::text[], $3::bigint[], $4::uuid[]) as d(topic, key, sequence, contact_id)"
        " join streams s using (topic, key, sequence) order by topic, key for no key update of s"
        "), found as materialized (select topic, key, j.id, j.day, j.hash from held h left join lateral ("
        " select id, day, hash from journal j where j.contact_id = h.contact_id"
        " and j.topic = h.topic and j.key = h.key and j.sequence = h.sequence"
        " union all select id, day, hash from journal j where j.contact_id is null"
        " and j.topic = h.topic and j.key = h.key and j.sequence = h.sequence limit 1) j on true"
        "), put as (insert into outbox (id, day, topic, hash)"
        " select id, day, topic, coalesce(hash, 0) from found where id is not null"
        " order by id on conflict do nothing)"
        " select topic, key, id is not null as there from found",
        topics, keys, sequences, contacts,
    )  # fmt: skip
    return {(row["topic"], row["key"]): row["there"] for row in rows}


async def maintain_partitions(connection: Any) -> None:
    """Make the partitions of the days to come and drop those that nobody needs any more."""
    today = datetime.now(UTC).date()
    for statement in build_partition_statements(today):
        await connection.execute(statement)
    unsent: Any = (await connection.fetch("select min(day) as day from outbox"))[0]["day"] or today
    for table, days in (("journal", JOURNAL_DAYS), ("inbox", INBOX_DAYS), ("sent", JOURNAL_DAYS)):
        oldest = f"{table}_{min(unsent, today - timedelta(days=days)):%Y%m%d}"
        rows = await connection.fetch(
            "select inhrelid::regclass::text as name from pg_inherits where inhparent = $1::text::regclass",
            table,
        )
        for row in rows:
            if row["name"] != f"{table}_default" and row["name"] < oldest:
                await connection.execute(f"drop table {row['name']}")
        await connection.execute(f"delete from {table}_default where day < current_date - {days}")  # noqa: S608 - own names
    await connection.execute("delete from idempotency where created_at < $1", datetime.now(UTC) - KEEP_ANSWERS)
