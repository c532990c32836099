"""Partitions that stand stopped until an operator resumes them: rows, so that every copy of a service follows them."""

from collections.abc import Collection
from typing import Any

from aiokafka import TopicPartition


async def load(raw: Any) -> dict[TopicPartition, bool]:
    """Return the partitions that stand stopped, and whether an operator lets park all that is on them now."""
    rows = await raw.fetch("select topic, partition, passing from stopped_partitions")
    return {TopicPartition(row["topic"], row["partition"]): row["passing"] for row in rows}


async def list_stopped(raw: Any) -> list[dict[str, Any]]:
    """Return the partitions that stand stopped, and since when."""
    return [dict(row) for row in await raw.fetch("select * from stopped_partitions order by topic, partition")]


async def save(raw: Any, places: Collection[TopicPartition]) -> None:
    """Save that these partitions were stopped now."""
    ordered = sorted(places)
    await raw.execute(
        "insert into stopped_partitions (topic, partition) select * from unnest($1::text[], $2::int[])"
        " on conflict do nothing",
        [place.topic for place in ordered],
        [place.partition for place in ordered],
    )


async def remove(raw: Any, places: Collection[TopicPartition]) -> None:
    """Let these partitions go on."""
    await raw.execute(
        "delete from stopped_partitions s using unnest($1::text[], $2::int[]) as p(topic, partition)"
        " where s.topic = p.topic and s.partition = p.partition",
        [place.topic for place in places],
        [place.partition for place in places],
    )


async def resume(raw: Any, topic: str | None, partition: int | None, *, park_all: bool) -> list[dict[str, Any]]:
    """Let stopped partitions go on (all, or those named); return which.

    With `park_all` whatever cannot be applied of what is on them now is parked and stops them no more.
    """
    verb = "update stopped_partitions set passing = true" if park_all else "delete from stopped_partitions"
    rows = await raw.fetch(
        f"{verb} where ($1::text is null or topic = $1) and ($2::int is null or partition = $2)"
        " returning topic, partition",
        topic,
        partition,
    )
    return [dict(row) for row in rows]
