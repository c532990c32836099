"""Partitions that stand stopped until an operator resumes them: rows, so that every copy of a service follows them."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from aiokafka import TopicPartition

from events.runtime.rows import Row, read_rows
from events.runtime.transaction import Transaction


async def load_stopped(connection: Any) -> dict[TopicPartition, bool]:
    """Return the partitions that stand stopped, and whether an operator lets park all that is on them now."""
    rows = await connection.fetch("select topic, partition, passing from stopped_partitions")
    return {TopicPartition(row["topic"], row["partition"]): row["passing"] for row in rows}


class StoppedPartitionRow(Row):
    """A partition that stands stopped, and since when."""

    topic: str
    partition: int
    stopped_at: datetime
    passing: bool


class ResumedPartitionRow(Row):
    """A stopped partition that is consumed again."""

    topic: str
    partition: int


async def list_stopped(tx: Transaction) -> list[StoppedPartitionRow]:
    """Return the partitions that stand stopped."""
    names = ", ".join(StoppedPartitionRow.names())
    return await read_rows(tx, StoppedPartitionRow, f"select {names} from stopped_partitions order by topic, partition")  # noqa: S608 - names of columns


async def save_stopped(connection: Any, places: Collection[TopicPartition]) -> None:
    """Save that these partitions were stopped now."""
    ordered = sorted(places)
    await connection.execute(
        "insert into stopped_partitions (topic, partition) select * from unnest($1::text[], $2::int[])"
        " on conflict do nothing",
        [place.topic for place in ordered],
        [place.partition for place in ordered],
    )


async def delete_stopped(connection: Any, places: Collection[TopicPartition]) -> None:
    """Let these partitions go on."""
    await connection.execute(
        "delete from stopped_partitions s using unnest($1::text[], $2::int[]) as p(topic, partition)"
        " where s.topic = p.topic and s.partition = p.partition",
        [place.topic for place in places],
        [place.partition for place in places],
    )


async def resume_partitions(
    tx: Transaction, topic: str | None, partition: int | None, *, park_all: bool
) -> list[ResumedPartitionRow]:
    """Let stopped partitions go on (all, or those named); return which.

    With `park_all` whatever cannot be applied of what is on them now is parked and stops them no more.
    """
    verb = "update stopped_partitions set passing = true" if park_all else "delete from stopped_partitions"
    named = "($1::text is null or topic = $1) and ($2::int is null or partition = $2)"
    return await read_rows(
        tx, ResumedPartitionRow, f"{verb} where {named} returning topic, partition", topic, partition
    )
