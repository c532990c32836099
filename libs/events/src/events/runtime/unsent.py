"""The rows of the outbox: which ones a round takes, and what is written down once they are sent."""

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from events.runtime.partition_states import PartitionId

_OLDEST = """
select o.id, o.day, j.topic, j.key, j.contact_id, j.ce_id, j.ce_type, j.sequence, j.time, j.traceparent, j.value
from (select id, day from outbox order by id limit $1) o
left join journal j on j.day = o.day and j.id = o.id order by o.id
"""
_FAIR = """
with recursive lanes (topic, lane) as (
    (select topic, lane from outbox order by topic, lane limit 1)
    union all
    select n.topic, n.lane from lanes l cross join lateral (
        select topic, lane from outbox where (topic, lane) > (l.topic, l.lane) order by topic, lane limit 1
    ) n
), limited as materialized (
    select * from unnest($3::text[], $4::integer[], $5::integer[], $6::integer[])
        as w (topic, partitions, partition, most)
), chosen as materialized (
    select l.topic, l.lane, w.most from lanes l left join limited w
        on w.topic = l.topic and 12 % w.partitions = 0 and l.lane % w.partitions = w.partition
    where l.topic <> all($2::text[]) and w.most is distinct from 0
)
select o.id, o.day, j.topic, j.key, j.contact_id, j.ce_id, j.ce_type, j.sequence, j.time, j.traceparent, j.value
from chosen c cross join lateral (
    select id, day from outbox q where q.topic = c.topic and q.lane = c.lane and not exists (
        select from limited w
        where w.topic = q.topic and w.most = 0 and q.hash % w.partitions = w.partition
    ) order by id limit least(c.most, (select greatest(20, $1 / count(*)) from chosen))
) o left join journal j on j.day = o.day and j.id = o.id order by o.id
"""
"""The oldest rows of each lane that does not wait, an equal share of each. The index finds lane after lane, so rows
that wait are not read: with 1, 2, 3, 4, 6 or 12 partitions a lane's rows all go to one of them."""
_DONE = """
with gone as (delete from outbox where id = any($1::bigint[]))
insert into sent (day, topic, partition, base_offset, ids)
select day, topic, partition, base_offset, ids::bigint[]
from unnest($2::date[], $3::text[], $4::integer[], $5::bigint[], $6::text[])
    as s (day, topic, partition, base_offset, ids)
"""


class SentRange(NamedTuple):
    """Rows of one journal day that got offsets of a partition, one after the other."""

    day: date
    topic: str
    partition: int
    base_offset: int
    ids: str
    """As PostgreSQL writes an array: arrays of unequal length do not go into one parameter."""


class PartitionLimit(NamedTuple):
    """A partition of which a round takes `most` rows; none while it waits."""

    topic: str
    partitions: int
    """Of the topic."""
    partition: int
    most: int


async def select_oldest(connection: Any, rows: int) -> list[Any]:
    """Return the oldest rows, with what the journal has of them; nothing of those that were erased meanwhile."""
    found: list[Any] = await connection.fetch(_OLDEST, rows)
    return found


async def select_fair_share(
    connection: Any, rows: int, topics: Sequence[str], limits: Sequence[PartitionLimit]
) -> list[Any]:
    """Return an equal share of each partition's oldest rows, within the limits; nothing of topics that wait."""
    columns = [list(column) for column in zip(*limits, strict=True)] if limits else [[], [], [], []]
    found: list[Any] = await connection.fetch(_FAIR, rows, topics, *columns)
    return found


def compute_sent_ranges(where: PartitionId, rows: Sequence[Any], base_offset: int) -> list[SentRange]:
    """Return which rows got which offsets of a partition, from the one of the first row on."""
    found = []
    for day, group in groupby(rows, key=itemgetter("day")):
        ids = [str(row["id"]) for row in group]
        found.append(SentRange(day, *where, base_offset, "{" + ",".join(ids) + "}"))
        base_offset += len(ids)
    return found


async def delete_sent_rows(connection: Any, done: Sequence[int], sent: Sequence[SentRange]) -> None:
    """Delete rows from the outbox and keep which offsets they got."""
    if done or sent:
        columns = [list(column) for column in zip(*sent, strict=True)] if sent else [[], [], [], [], []]
        await connection.execute(_DONE, done, *columns)
