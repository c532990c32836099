"""Records out of what a fetch brought, even where aiokafka's own reader gives up on them.

Its reader raises on a header name that is not UTF-8, on a checksum that is wrong and on a batch it cannot unpack, loses
what it had read of the poll before that, and comes to the same bytes again for ever. Here such a batch is read record
by record; what cannot be read at all becomes one record without headers that carries the bytes, so that it is parked.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from aiokafka.consumer import fetcher
from aiokafka.record.default_records import DefaultRecordBatch, _DefaultRecordBatchPy
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.record.util import decode_varint
from aiokafka.structs import ConsumerRecord, TopicPartition

from events.runtime import metrics
from events.runtime.logging import logger

log = logger()

_LENGTH_AT, _BEFORE_LENGTH, _MAGIC_AT, _LEAST = 8, 12, 16, 61
"""Places in a batch of format 2, and the bytes of its head."""
_FORMAT = 2
FETCHES = 3
"""A batch whose checksum is wrong is fetched so often: the fault may lie on the way and not in the log."""
_suspects: Counter[tuple[TopicPartition, int]] = Counter()


class _ChecksumError(Exception):
    """The checksum of a batch is not that of its bytes."""


class RawMemoryRecords:
    """What of `MemoryRecords` the fetcher asks for, with the bytes kept."""

    def __init__(self, data: bytes) -> None:
        self.data = bytes(data)
        self._records = MemoryRecords(self.data)

    def has_next(self) -> bool:
        """Return whether a whole batch is there."""
        return bool(self._records.has_next())

    def size_in_bytes(self) -> int:
        """Return the bytes of all batches."""
        return int(self._records.size_in_bytes())


class SalvagingPartitionRecords(fetcher.PartitionRecords):  # type: ignore[misc]  # aiokafka has no types
    """The records of one partition of a fetch. None is lost and none raises."""

    next_fetch_offset: int

    def _unpack_records(self) -> Iterator[ConsumerRecord]:
        data = self._records.data
        start = 0
        while len(data) - start >= _BEFORE_LENGTH:
            end = start + _BEFORE_LENGTH + int.from_bytes(data[start + _LENGTH_AT : start + _BEFORE_LENGTH], "big")
            if end > len(data):
                return
            batch = data[start:end]
            try:
                yield from self._read_batch(batch)
            except _ChecksumError as error:
                suspect = (self._tp, self.next_fetch_offset)
                _suspects[suspect] += 1
                if _suspects[suspect] < FETCHES:
                    return
                del _suspects[suspect]
                yield from self._salvage_unreadable(batch, error)
            except Exception as error:  # noqa: BLE001 - whatever its reader raises, the bytes are data
                yield from self._salvage_unreadable(batch, error)
            start = end

    def _salvage_unreadable(self, data: bytes, error: Exception) -> Iterator[ConsumerRecord]:
        log.warning(
            "batch_unreadable", topic=self._tp.topic, partition=self._tp.partition,
            offset=self.next_fetch_offset, reason=type(error).__name__,
        )  # fmt: skip
        metrics.UNREADABLE_BATCHES.labels(self._tp.topic).inc()
        yield from self._salvage_batch(data)

    def _read_batch(self, data: bytes) -> Iterator[ConsumerRecord]:
        batch = DefaultRecordBatch(data) if data[_MAGIC_AT] >= _FORMAT else MemoryRecords(data).next_batch()
        if not batch.validate_crc():
            raise _ChecksumError
        if not batch.is_control_batch:
            for record in batch:
                if record.offset >= self.next_fetch_offset:
                    made = self._consumer_record(self._tp, record)
                    self.next_fetch_offset = record.offset + 1
                    yield made
        self.next_fetch_offset = max(self.next_fetch_offset, batch.next_offset)

    def _salvage_batch(self, data: bytes) -> Iterator[ConsumerRecord]:
        """Read what can be read of a batch, record by record, from where the reader gave up."""
        try:
            found = list(_parse_readable_records(self._tp, data))
        except Exception:  # noqa: BLE001 - nothing in it can be told apart: the whole batch is one unreadable record
            found = [_batch_as_record(self._tp, data, self.next_fetch_offset)]
        for record in found:
            if record.offset >= self.next_fetch_offset:
                self.next_fetch_offset = record.offset + 1
                yield record


def install_in_fetcher() -> None:
    """Have aiokafka's fetcher read with these."""
    fetcher.MemoryRecords = RawMemoryRecords
    fetcher.PartitionRecords = SalvagingPartitionRecords


def _batch_as_record(place: TopicPartition, data: bytes, least: int) -> ConsumerRecord:
    """Make one record of a batch that cannot be read: at its last offset, if two fields of its head agree on that."""
    if len(data) < _LEAST or data[_MAGIC_AT] != _FORMAT:
        return _build_consumer_record(place, least, -1, None, data, ())
    batch: Any = _DefaultRecordBatchPy(data)
    agreed = batch.last_offset_delta == batch._num_records - 1  # noqa: SLF001 - the reader has it and does not say it
    return _build_consumer_record(
        place, max(least, batch.next_offset - 1) if agreed else least, batch.max_timestamp, None, data, ()
    )


def _parse_readable_records(place: TopicPartition, data: bytes) -> Iterator[ConsumerRecord]:
    batch: Any = _DefaultRecordBatchPy(data)
    if data[_MAGIC_AT] != _FORMAT or not batch.validate_crc():
        raise ValueError(data[_MAGIC_AT])
    number = batch._num_records  # noqa: SLF001 - the reader has it and does not say it
    batch._maybe_uncompress()  # noqa: SLF001 - it knows the codecs
    content, pos = batch._buffer, batch._pos  # noqa: SLF001 - see above
    for _ in range(number):
        length, start = decode_varint(content, pos)
        pos = start + length
        if not start < pos <= len(content):
            raise ValueError(length)
        yield _parse_record(place, batch, bytes(content[start:pos]))


def _parse_record(place: TopicPartition, batch: Any, content: bytes) -> ConsumerRecord:
    """Read one record's bytes; where its key, value or headers cannot be told apart, all of them are the value."""
    delta, pos = decode_varint(content, 1)
    offset, pos = decode_varint(content, pos)
    offset += batch.base_offset
    timestamp = batch.max_timestamp if batch.timestamp_type else batch.first_timestamp + delta
    try:
        key, pos = _read_length_prefixed(content, pos)
        value, pos = _read_length_prefixed(content, pos)
        count, pos = decode_varint(content, pos)
        headers = []
        for _ in range(count):
            name, pos = _read_length_prefixed(content, pos)
            header, pos = _read_length_prefixed(content, pos)
            headers.append(((name or b"").decode(errors="surrogateescape"), header))
        if pos != len(content) or count < 0:
            raise ValueError(pos)  # noqa: TRY301 - one way out for whatever makes no sense
    except (ValueError, IndexError):
        return _build_consumer_record(place, offset, timestamp, None, content, ())
    return _build_consumer_record(place, offset, timestamp, key, value, tuple(headers))


def _read_length_prefixed(content: bytes, pos: int) -> tuple[bytes | None, int]:
    length, pos = decode_varint(content, pos)
    if length == -1:
        return None, pos
    if length < 0 or pos + length > len(content):
        raise ValueError(length)
    return content[pos : pos + length], pos + length


def _build_consumer_record(  # noqa: PLR0917 - one record, field by field
    place: TopicPartition,
    offset: int,
    timestamp: int,
    key: bytes | None,
    value: bytes | None,
    headers: tuple[tuple[str, bytes | None], ...],
) -> ConsumerRecord:
    sizes = (-1 if key is None else len(key), -1 if value is None else len(value))
    return ConsumerRecord(place.topic, place.partition, offset, timestamp, 0, key, value, None, *sizes, headers)
