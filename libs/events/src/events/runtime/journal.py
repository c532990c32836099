"""What a service has published: kept for 30 days, sent again byte for byte on request, kept small by the day."""

from datetime import UTC, datetime, timedelta
from typing import Any

from events.runtime.schema import INBOX_DAYS, JOURNAL_DAYS, partition_statements

KEEP_ANSWERS = timedelta(days=7)
"""How long an `Idempotency-Key` is remembered."""


async def republish(raw: Any, *, topic: str | None = None, since: datetime | None = None) -> int:
    """Put journal rows back into the outbox, oldest first: same bytes, same `ce_id`. Gives their number."""
    status: str = await raw.execute(
        "insert into outbox (id, day) select id, day from journal"
        " where ($1::text is null or topic = $1) and ($2::timestamptz is null or time >= $2)"
        " order by id on conflict do nothing",
        topic,
        since,
    )
    return int(status.rsplit(" ", 1)[-1])


async def maintain(raw: Any) -> None:
    """Make the partitions of the days to come and drop those that nobody needs any more."""
    today = datetime.now(UTC).date()
    for statement in partition_statements(today):
        await raw.execute(statement)
    unsent: Any = (await raw.fetch("select min(day) as day from outbox"))[0]["day"] or today
    for table, days in (("journal", JOURNAL_DAYS), ("inbox", INBOX_DAYS)):
        oldest = f"{table}_{min(unsent, today - timedelta(days=days)):%Y%m%d}"
        rows = await raw.fetch(
            "select inhrelid::regclass::text as name from pg_inherits where inhparent = $1::text::regclass",
            table,
        )
        for row in rows:
            if row["name"] != f"{table}_default" and row["name"] < oldest:
                await raw.execute(f"drop table {row['name']}")
        await raw.execute(f"delete from {table}_default where day < current_date - {days}")  # noqa: S608 - own names
    await raw.execute("delete from idempotency where created_at < $1", datetime.now(UTC) - KEEP_ANSWERS)
