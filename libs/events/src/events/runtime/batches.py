"""Rows become batches, one a partition; what cannot become bytes is as good as refused by Kafka."""

import struct
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import LeaderNotAvailableError, MessageSizeTooLargeError

from events.envelope import Envelope
from events.runtime.partition_states import PartitionId, PartitionStates
from events.runtime.partitioning import hash_record_key
from events.runtime.yielding import yielding_to_others


class OutboxBatches:
    """The batches of one round: `filled`, what `failed` before it was sent, and whether rows were `left` for later."""

    def __init__(
        self,
        producer: AIOKafkaProducer,
        places: PartitionStates,
        *,
        source: str,
        most: int,
        busy: Sequence[PartitionId],
    ) -> None:
        """Take no row of a partition that waits or is `busy`, and `most` rows of each other one."""
        self.filled: dict[PartitionId, tuple[Any, list[Any]]] = {}
        self.failed: list[tuple[PartitionId, Any, BaseException]] = []
        self.left = False
        self._producer = producer
        self._places = places
        self._source = source
        self._most = most
        self._shut = {*places.list_waiting_partitions(), *busy}
        self._topics = set(places.list_waiting_topics())
        self._stamp = int(datetime.now(UTC).timestamp() * 1000)

    async def fill(self, rows: Sequence[Any], partitions: Mapping[str, Sequence[int]]) -> None:
        """Put rows, oldest first, into one batch a partition; a topic that has no partitions is absent and waits."""
        async for row in yielding_to_others(rows):
            known = partitions[row["topic"]]
            if not known or row["topic"] in self._topics:
                continue
            where = (row["topic"], known[hash_record_key(row["key"]) % len(known)])
            if where not in self._shut:
                self._append_row(where, row)

    def _append_row(self, where: PartitionId, row: Any) -> None:
        if where not in self.filled:
            if self._producer.client.cluster.leader_for_partition(TopicPartition(*where)) in {None, -1}:
                self._producer.client.force_metadata_update()
                self._fail_row(where, row, LeaderNotAvailableError())
                return
            self.filled[where] = (self._producer.create_batch(), [])
        builder, taken = self.filled[where]
        if len(taken) < min(self._most, self._places.batch_limit(where) or self._most):
            error = _append_to_builder(builder, row, self._source, self._stamp)
            if error is None:
                taken.append(row)
                return
            if not taken:
                del self.filled[where]
                self._fail_row(where, row, error)
                return
        self._shut.add(where)
        self.left = True

    def _fail_row(self, where: PartitionId, row: Any, error: BaseException) -> None:
        self._shut.add(where)
        self.failed.append((where, row, error))


def _append_to_builder(builder: Any, row: Any, source: str, stamp: int) -> BaseException | None:
    """Put a row into a batch; return why not, if it cannot be: the batch is full, or no bytes can be made of it."""
    try:
        taken = builder.append(
            key=row["key"].encode(), value=row["value"], timestamp=stamp, headers=_row_to_kafka_headers(row, source)
        )
    except (ValueError, TypeError, OverflowError, struct.error) as error:
        return error
    return None if taken is not None else MessageSizeTooLargeError()


def _row_to_kafka_headers(row: Any, source: str) -> list[tuple[str, bytes]]:
    return Envelope(
        id=str(row["ce_id"]),
        type=row["ce_type"],
        source=source,
        time=row["time"],
        sequence=row["sequence"],
        traceparent=row["traceparent"],
    ).headers()
