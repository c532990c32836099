"""Where each partition was left off, in the service's own database: Kafka's committed offset is a mere hint.

On assignment the position decides where to read on. If the database was restored, its position lies behind Kafka's hint
and the consumer goes back; if the topic was recreated, the record before the position has another `ce_id` (or does not
exist) and the consumer reads from the start. The inbox makes both harmless.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from events.runtime.printable import make_printable
from events.runtime.transaction import MOVE, Columns, DriverConnection


@dataclass(frozen=True, slots=True)
class Position:
    """The next offset to read, and the mark of the record before it."""

    next_offset: int
    last_ce_id: str | None


def read_record_mark(headers: Sequence[tuple[str, bytes | None]]) -> str:
    """Return what tells a record from another one at the same place: its `ce_id` as safe text, empty without one."""
    return make_printable(dict(headers).get("ce_id") or b"")


async def load_or_create_positions(
    connection: DriverConnection, partitions: Sequence[tuple[str, int]]
) -> dict[tuple[str, int], Position]:
    """Read the positions of these partitions; those never seen start at 0 and get a row."""
    topics = [topic for topic, _ in partitions]
    numbers = [number for _, number in partitions]
    await connection.execute(
        "insert into positions (topic, partition, next_offset)"
        " select t, p, 0 from unnest($1::text[], $2::int[]) as u(t, p) order by 1, 2 on conflict do nothing",
        topics,
        numbers,
    )
    rows = await connection.fetch(
        "select topic, partition, next_offset, last_ce_id from positions"
        " join unnest($1::text[], $2::int[]) as u(topic, partition) using (topic, partition)",
        topics,
        numbers,
    )
    return {(row["topic"], row["partition"]): Position(row["next_offset"], row["last_ce_id"]) for row in rows}


async def load_partitions_with_position(connection: DriverConnection) -> set[tuple[str, int]]:
    """Return the partitions that have a position."""
    return {
        (row["topic"], row["partition"]) for row in await connection.fetch("select topic, partition from positions")
    }


def positions_as_columns(reached: Mapping[tuple[str, int], Position]) -> Columns:
    """Return positions as the columns that `MOVE` takes, in the order in which everybody locks them."""
    ordered = sorted(reached.items(), key=lambda item: item[0])
    return (
        [topic for (topic, _), _ in ordered],
        [number for (_, number), _ in ordered],
        [position.next_offset for _, position in ordered],
        [position.last_ce_id for _, position in ordered],
    )


async def save_positions(connection: DriverConnection, reached: Mapping[tuple[str, int], Position]) -> None:
    """Move the positions on, inside the transaction that applied the records; never back.

    A member that lost a partition may be late with an older one. Whoever finds that a topic was made anew moves it back
    on purpose (`gaps.py`).
    """
    await connection.execute(MOVE, *positions_as_columns(reached))
