"""What it means when Kafka does not take a batch, and what becomes of a record that it never takes.

Four meanings: later (the partition waits), this record (the batch is halved until the culprit is alone, which is set
aside), this topic (its rows wait for an operator), this connection (a new one is made). Each error class of the client
has its line here; a test asks for the class that has none.
"""

import struct
from enum import StrEnum
from typing import Any
from uuid import UUID

import orjson
from aiokafka import errors

from events.envelope import Envelope
from events.ids import derive_id
from events.runtime.partitioning import hash_record_key
from events.runtime.transaction import Transaction

REASON = "refused_by_kafka"
PREFIX = "outbox:"
"""Before the topic of a parked record that was to be published, not consumed."""
AT_ONCE = 500
"""Records that are sent again in one transaction."""


class ErrorMeaning(StrEnum):
    """What an error says about the next try."""

    LATER = "later"
    RECORD = "record"
    UNSURE = "unsure"
    """A code that the client does not know: halved as for a record, but set aside only after many tries."""
    TOPIC = "topic"
    CONNECTION = "connection"


TRIES = {ErrorMeaning.RECORD: 5, ErrorMeaning.UNSURE: 20}
"""Of a record alone; with the pauses between, the second is about six minutes."""

_RECORD = (
    errors.MessageSizeTooLargeError,
    errors.RecordListTooLargeError,
    errors.RecordTooLargeError,
    errors.InvalidTimestampError,
    errors.CorruptRecordException,
    errors.IllegalArgumentError,
    ValueError,
    TypeError,
    OverflowError,
    struct.error,
)
_TOPIC = (
    errors.InvalidTopicError,
    errors.TopicAuthorizationFailedError,
    errors.ClusterAuthorizationFailedError,
    errors.UnsupportedForMessageFormatError,
    errors.PolicyViolationError,
    errors.InvalidRequiredAcksError,
    errors.InvalidConfigurationError,
    errors.UnsupportedCodecError,
)
_LATER = (
    errors.KafkaTimeoutError,
    errors.RequestTimedOutError,
    errors.BrokerNotAvailableError,
    errors.ReplicaNotAvailableError,
    errors.StaleControllerEpochError,
    errors.StaleLeaderEpochCodeError,
    errors.LogDirNotFound,
    errors.ReassignmentInProgress,
    errors.InvalidPartitionsError,
    errors.QuotaViolationError,
    TimeoutError,
)
_CONNECTION = (
    errors.AuthenticationFailedError,
    errors.AuthenticationMethodNotSupported,
    errors.ConsumerStoppedError,
    errors.IllegalOperation,
    errors.IllegalStateError,
    errors.IllegalSaslStateError,
    errors.IncompatibleBrokerVersion,
    errors.InvalidProducerEpoch,
    errors.KafkaConfigurationError,
    errors.KafkaUnavailableError,
    errors.ProducerClosed,
    errors.ProducerFenced,
    errors.SaslAuthenticationFailed,
    errors.SecurityDisabled,
    errors.UnrecognizedBrokerVersion,
    errors.UnsupportedSaslMechanismError,
    errors.UnsupportedVersionError,
)


def classify_error(error: BaseException) -> ErrorMeaning:
    """Return what an error of a batch says; what is not known of the broker is unsure, of the client a connection."""
    found = next(
        (
            which
            for classes, which in (
                (_TOPIC, ErrorMeaning.TOPIC),
                (_LATER, ErrorMeaning.LATER),
                (_CONNECTION, ErrorMeaning.CONNECTION),
                (_RECORD, ErrorMeaning.RECORD),
            )
            if isinstance(error, classes)
        ),
        None,
    )
    if found is not None:
        return found
    if isinstance(error, errors.KafkaError) and error.retriable:
        return ErrorMeaning.LATER
    return ErrorMeaning.UNSURE if isinstance(error, errors.BrokerResponseError) else ErrorMeaning.CONNECTION


async def set_rows_aside(connection: Any, service: str, refused: list[tuple[Any, BaseException, int]]) -> None:
    """Take rows (with error and number of tries) out of the outbox and park them, in the transaction of the relay.

    A row that an erasure deleted meanwhile is not parked.
    """
    for row, error, tries in refused:
        headers = Envelope(
            str(row["ce_id"]), row["ce_type"], f"baton/{service}", row["time"], row["sequence"], row["traceparent"]
        ).headers()
        await connection.execute(
            "with gone as (delete from outbox where id = $3 returning id)"
            ' insert into parked (id, topic, "offset", ce_id, ce_type, key, headers, value, contact_id,'
            " reason, detail, attempts, contact_ids) select $1::uuid, $2::text, gone.id, $4::text, $5::text, $6::bytea,"
            " $7::text::jsonb, $8::bytea, $9::uuid, $10::text, $11::text, $12::int,"
            " array_remove(array[$9::uuid], null) from gone"
            " on conflict (id) do update set state = 'parked', parked_at = now(), detail = excluded.detail",
            derive_id("refused", service, row["id"]),
            PREFIX + row["topic"],
            row["id"],
            str(row["ce_id"]),
            row["ce_type"],
            row["key"].encode(),
            orjson.dumps([[name, value.hex()] for name, value in headers]).decode(),
            row["value"],
            row["contact_id"],
            REASON,
            type(error).__name__,
            tries,
        )


async def list_oldest_set_aside(tx: Transaction, topic: str | None) -> list[UUID]:
    """Return the records that were set aside and are still parked, in the order of the outbox; at most `AT_ONCE`."""
    rows = await tx.raw.fetch(
        "select id from parked where state = 'parked' and reason = $1 and ($2::text is null or topic = $2)"
        ' order by "offset" limit $3',
        REASON,
        PREFIX + topic if topic is not None else None,
        AT_ONCE,
    )
    return [row["id"] for row in rows]


async def requeue_set_aside(tx: Transaction, parked_id: UUID) -> None:
    """Put a record that was set aside back into the outbox, from the journal or, when that is gone, from the record."""
    (row,) = await tx.raw.fetch(
        'select topic, "offset" as id, ce_id::uuid, ce_type, key, headers::text as headers, value, contact_id'
        " from parked where id = $1",
        parked_id,
    )
    envelope = Envelope.read([(name, bytes.fromhex(value)) for name, value in orjson.loads(row["headers"])])
    topic, key = row["topic"].removeprefix(PREFIX), row["key"].decode()
    await tx.raw.execute(
        "with known as (select day, id from journal where id = $1 and ce_id = $2), made as ("
        " insert into journal (day, id, topic, key, contact_id, ce_id, ce_type, sequence, time, traceparent, value,"
        " hash) select (now() at time zone 'utc')::date, $1, $3, $4, $5, $2, $6, $7, $8, $9, $10, $11"
        " where not exists (select from known) returning day, id)"
        " insert into outbox (id, day, topic, hash) select id, day, $3, $11 from known union all"
        " select id, day, $3, $11 from made on conflict do nothing",
        row["id"],
        row["ce_id"],
        topic,
        key,
        row["contact_id"],
        row["ce_type"],
        envelope.sequence,
        envelope.time,
        envelope.traceparent,
        row["value"],
        hash_record_key(key),
    )
