"""Batches of records written byte by byte, so that they may hold what no client library would send."""

import time
from collections.abc import Sequence
from types import TracebackType
from typing import NamedTuple, Self

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import for_code
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.record.util import calc_crc32c, encode_varint
from aiokafka.structs import TopicPartition


class Raw(NamedTuple):
    """One record; names of headers are bytes too."""

    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[bytes, bytes | None]]


def batch(records: Sequence[Raw], timestamp: int | None = None) -> bytes:
    """Return a batch of format 2 whose checksum is right; `timestamp` is in milliseconds."""
    at = int(time.time() * 1000) if timestamp is None else timestamp
    body = b"".join(_record(offset, record) for offset, record in enumerate(records))
    last = len(records) - 1
    checked = b"".join((
        (0).to_bytes(2, "big"), last.to_bytes(4, "big"),
        at.to_bytes(8, "big", signed=True), at.to_bytes(8, "big", signed=True),
        b"\xff" * 14, len(records).to_bytes(4, "big"), body,
    ))  # fmt: skip
    rest = (0).to_bytes(4, "big") + b"\x02" + int(calc_crc32c(checked)).to_bytes(4, "big") + checked
    return (0).to_bytes(8, "big") + len(rest).to_bytes(4, "big") + rest


def _number(value: int) -> bytes:
    written = bytearray()
    encode_varint(value, written.append)
    return bytes(written)


def _chunk(value: bytes | None) -> bytes:
    return _number(-1) if value is None else _number(len(value)) + value


def _record(offset: int, record: Raw) -> bytes:
    headers = b"".join(_chunk(name) + _chunk(value) for name, value in record.headers)
    body = b"".join((
        b"\0", _number(0), _number(offset), _chunk(record.key), _chunk(record.value),
        _number(len(record.headers)), headers,
    ))  # fmt: skip
    return _number(len(body)) + body


class Writer:
    """Sends batches to partitions of its choice."""

    def __init__(self, servers: str) -> None:
        self._servers = servers

    async def __aenter__(self) -> Self:
        self._client = AIOKafkaClient(bootstrap_servers=self._servers)
        await self._client.bootstrap()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.close()

    async def send(self, topic: str, partition: int, data: bytes) -> int:
        """Send one batch; return the offset of its first record, or raise what Kafka answers."""
        await self._client.set_topics([topic])
        node = self._client.cluster.leader_for_partition(TopicPartition(topic, partition))
        answer = await self._client.send(node, ProduceRequest(None, -1, 10_000, [(topic, [(partition, data)])]))
        [(_, [(_, code, offset, *_)])] = answer.topics
        if code:
            raise for_code(code)(topic)
        return int(offset)
