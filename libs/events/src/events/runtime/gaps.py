"""Records that are gone before a service applied them: found by the log's start, recorded, asked for, sent again.

Services do not know each other's addresses, so they speak on a topic: the consumer says which offsets it missed, in
the transaction that moves its position over them; each producer looks up which journal rows got these offsets
(`sent`), puts them into its outbox and answers. Consumers that had seen them skip them by `ce_id`.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from events.gaps import GapAnswered, GapFound
from events.runtime import metrics, positions
from events.runtime.apply import TransactionOpener
from events.runtime.logging import logger
from events.runtime.partition_states import PartitionId
from events.runtime.positions import Position
from events.runtime.rows import Row, read_rows
from events.runtime.transaction import Transaction
from events.topics import TOPICS

log = logger()

OPEN, HEALED, INCOMPLETE, ACCEPTED = "open", "healed", "incomplete", "accepted"

_COVERED = """
select distinct s.day, u.id, s.base_offset + u.nth - 1 as "offset"
from sent s cross join unnest(s.ids) with ordinality as u (id, nth)
where s.topic = $1 and s.partition = $2 and s.base_offset > $3::bigint - 100000
  and s.base_offset < coalesce($4::bigint, 9223372036854775807)
  and s.base_offset + u.nth - 1 >= $3::bigint
  and s.base_offset + u.nth - 1 < coalesce($4::bigint, 9223372036854775807)
"""
"""No batch has a hundred thousand records, so one that reaches into a gap begins no further before it."""
_REPUBLISH = f"""
with covered as materialized ({_COVERED}
), known as materialized (
    select c.id, c.day, c."offset", j.topic, j.hash from covered c left join journal j on j.day = c.day and j.id = c.id
), put as (
    insert into outbox (id, day, topic, hash)
    select distinct id, day, topic, coalesce(hash, 0) from known where topic is not null order by id
    on conflict do nothing
)
select count(topic) as republished, count(*) - count(topic) as erased from known
"""  # noqa: S608 - our own text
_LIST = f"""
select c."offset", c.id, j.ce_id, j.ce_type, j.key, j.sequence, j.time from ({_COVERED}) c
left join journal j on j.day = c.day and j.id = c.id order by c."offset" limit $5
"""  # noqa: S608 - our own text


class StoredPositions(NamedTuple):
    """Positions, and which of them were there before."""

    places: dict[PartitionId, Position]
    known: set[PartitionId]


async def load_positions(open_transaction: TransactionOpener, partitions: Collection[PartitionId]) -> StoredPositions:
    """Load positions. Ask for the ends of the logs afterwards: a position that is read later may lie beyond them."""
    async with open_transaction() as tx:
        known = await positions.load_partitions_with_position(tx.raw)
        return StoredPositions(await positions.load_or_create_positions(tx.raw, sorted(partitions)), known)


async def record_gaps_and_resume(
    open_transaction: TransactionOpener,
    bounds: Mapping[PartitionId, tuple[int, int]],
    before: StoredPositions | None = None,
) -> dict[PartitionId, Position]:
    """Return where to go on in each partition, given where its log starts and ends.

    A position before the start is moved there; one beyond the end says that the topic was made anew, which holds for
    its other partitions too: all go to the start. What was unread is recorded and asked for.
    Of a partition that this service reads for the first time it is asked for too, but nobody is alarmed.
    """
    places, known = before or await load_positions(open_transaction, bounds)
    anew = {where[0] for where, (_, end) in bounds.items() if places[where].next_offset > end}
    outside = [where for where, (start, _) in bounds.items() if where[0] in anew or places[where].next_offset < start]
    if outside:
        async with open_transaction() as tx:
            for where in sorted(outside):
                start = bounds[where][0]
                beyond = None if where[0] in anew else start
                if await _record_gap(tx, where, places[where].next_offset, beyond, start, alarm=where in known):
                    places[where] = Position(start, None)
    return places


async def restart_recreated_topic(open_transaction: TransactionOpener, where: PartitionId, start: int) -> None:
    """Note that a topic is another one than before: all of it is unread, what was unread of the old one is gone."""
    async with open_transaction() as tx:
        place = (await positions.load_or_create_positions(tx.raw, [where]))[where]
        await _record_gap(tx, where, place.next_offset, None, start)


async def _record_gap(
    tx: Transaction, where: PartitionId, first: int, beyond: int | None, start: int, *, alarm: bool = True
) -> bool:
    """Record a gap and ask for it, unless another process has moved the position meanwhile."""
    topic, partition = where
    moved = await tx.raw.execute(
        "update positions set next_offset = $4, last_ce_id = null"
        " where topic = $1 and partition = $2 and next_offset = $3",
        topic, partition, first, start,
    )  # fmt: skip
    if moved == "UPDATE 0":
        return False
    if beyond is None:
        log.warning("topic_recreated", topic=topic, partition=partition, from_offset=first)
    elif alarm:
        log.error("records_missed", topic=topic, partition=partition, from_offset=first, to_offset=beyond)
        metrics.MISSED.labels(topic).inc(beyond - first)
    gap_id = uuid4()
    await tx.raw.execute(
        "insert into gaps (id, topic, partition, from_offset, to_offset, state) values ($1, $2, $3, $4, $5, $6)",
        gap_id, topic, partition, first, beyond, OPEN if alarm else ACCEPTED,
    )  # fmt: skip
    tx.emit(
        GapFound(
            occurred_at=tx.now, gap_id=gap_id, service=tx.service, topic=topic, partition=partition,
            from_offset=first, to_offset=beyond,
        )
    )  # fmt: skip
    return True


async def on_gaps_found(batch: Sequence[Any], tx: Transaction) -> None:
    """Send again what others missed of ours, and note what they sent again of what we missed."""
    for event in batch:
        if isinstance(event, GapFound):
            await _resend_gap(event, tx)
        elif isinstance(event, GapAnswered):
            await _note_gap_answer(event, tx)


async def _resend_gap(gap: GapFound, tx: Transaction) -> None:
    rows = await tx.raw.fetch(_REPUBLISH, gap.topic, gap.partition, gap.from_offset, gap.to_offset)
    republished, erased = rows[0]["republished"], rows[0]["erased"]
    if not (republished or erased or tx.service in list_producers(gap.topic)):
        return
    log.warning(
        "gap_answered", topic=gap.topic, partition=gap.partition, from_offset=gap.from_offset,
        to_offset=gap.to_offset, records=republished, consumer=gap.service,
    )  # fmt: skip
    tx.emit(
        GapAnswered(
            occurred_at=tx.now, gap_id=gap.gap_id, topic=gap.topic, service=tx.service,
            republished=republished, erased=erased,
        )
    )  # fmt: skip


async def _note_gap_answer(answer: GapAnswered, tx: Transaction) -> None:
    """Add up the answers: healed once every offset is accounted for, incomplete if all have answered and it is not."""
    rows = await tx.raw.fetch(
        "update gaps set republished = republished + $2, erased = erased + $3,"
        " answered = array_append(answered, $4) where id = $1 and not $4 = any(answered)"
        " returning topic, to_offset - from_offset as records, republished + erased as settled, answered",
        answer.gap_id, answer.republished, answer.erased, answer.service,
    )  # fmt: skip
    if not rows:
        return
    row = rows[0]
    everybody = list_producers(row["topic"]) <= set(row["answered"])
    if row["records"] is None:
        state = HEALED if everybody else OPEN
    elif row["settled"] >= row["records"]:
        state = HEALED
    else:
        state = INCOMPLETE if everybody else OPEN
    await tx.raw.execute("update gaps set state = $2 where id = $1 and state <> 'accepted'", answer.gap_id, state)


def list_producers(topic: str) -> set[str]:
    """Return the services that publish on a topic of the catalogue."""
    return next((set(each.producers) for each in TOPICS if each.name == topic), set())


class GapRow(Row):
    """A range of records that were deleted before they were applied, and what became of it."""

    id: UUID
    topic: str
    partition: int
    from_offset: int
    to_offset: int | None
    found_at: datetime
    state: str
    republished: int
    erased: int
    answered: list[str]


class PublishedRow(Row):
    """What the journal knows of a published record, but for its value."""

    offset: int
    id: int | None
    ce_id: UUID | None
    ce_type: str | None
    key: str | None
    sequence: int | None
    time: datetime | None


async def list_gaps(tx: Transaction, most: int) -> list[GapRow]:
    """Return the gaps of this service, newest first."""
    names = ", ".join(GapRow.names())
    return await read_rows(tx, GapRow, f"select {names} from gaps order by found_at desc, id limit $1", most)  # noqa: S608 - names of columns


async def list_published_at(
    tx: Transaction, topic: str, partition: int, span: tuple[int, int | None], most: int
) -> list[PublishedRow]:
    """Return what this service published at these offsets (from, to): the journal's names of it, never its value."""
    return await read_rows(tx, PublishedRow, _LIST, topic, partition, *span, most)


async def heal_or_accept(tx: Transaction, gap_id: UUID, verb: str) -> str:
    """Ask for a gap once more (`heal`) or `accept` what is lost; return its state, `unknown` where there is none."""
    rows = await tx.raw.fetch(
        "select topic, partition, from_offset, to_offset, state from gaps where id = $1 for update", gap_id
    )
    if not rows:
        return "unknown"
    row = rows[0]
    if verb == "accept":
        await tx.raw.execute("update gaps set state = 'accepted' where id = $1", gap_id)
        return ACCEPTED
    again = uuid4()
    await tx.raw.execute(
        "insert into gaps (id, topic, partition, from_offset, to_offset)"
        " select $2, topic, partition, from_offset, to_offset from gaps where id = $1",
        gap_id, again,
    )  # fmt: skip
    await tx.raw.execute("update gaps set state = 'accepted' where id = $1", gap_id)
    tx.emit(
        GapFound(
            occurred_at=tx.now, gap_id=again, service=tx.service, topic=row["topic"], partition=row["partition"],
            from_offset=row["from_offset"], to_offset=row["to_offset"],
        )
    )  # fmt: skip
    return OPEN
