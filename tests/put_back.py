"""What a service whose database was put back finds: its own records on its topics."""

from collections.abc import Iterable

from sqlalchemy import delete, table

from events.envelope import Envelope
from events.runtime.recovery import RecoveredRecord, list_own_topics
from events.runtime.testing import ServiceHarness
from events.topics import EVENT_TYPES


async def published(harness: ServiceHarness) -> list[RecoveredRecord]:
    """Return what is on a service's topics, in the order in which its start takes it up."""
    name = harness.service.name
    order = {topic.name: place for place, topic in enumerate(list_own_topics(name))}
    topics = {topic.name: topic for topic in list_own_topics(name)}
    rows = await harness.raw.fetch("select topic, key, ce_id, ce_type, sequence, time, value from journal order by id")
    return [
        RecoveredRecord(
            topics[row["topic"]],
            row["key"],
            row["value"],
            Envelope(str(row["ce_id"]), row["ce_type"], f"baton/{name}", row["time"], row["sequence"]),
            EVENT_TYPES[row["ce_type"]].decode(row["value"]),
        )
        for row in sorted(rows, key=lambda row: order[row["topic"]])
    ]


async def delete_rows(harness: ServiceHarness, tables: Iterable[str]) -> None:
    """Empty tables beside a vacuum, for which a `truncate` would wait longer than the transactions of a batch may."""
    await harness.raw.execute("; ".join(str(delete(table(name))) for name in tables))
