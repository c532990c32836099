"""Who waits, what is halved and what is set aside after an answer of Kafka: decisions without Kafka."""

import inspect
from collections import deque
from typing import Any

import pytest
from aiokafka import errors
from hypothesis import given, settings
from hypothesis import strategies as st

from events.runtime.partition_states import PartitionId, PartitionStates
from events.runtime.refusals import ErrorMeaning, classify_error

SPOT: PartitionId = ("topic", 0)

CLASSES = [
    each
    for _, each in inspect.getmembers(errors, inspect.isclass)
    if issubclass(each, Exception) and each.__module__ == errors.__name__
]
NEVER_AN_ANSWER_TO_A_BATCH = {
    "BrokerResponseError", "CommitFailedError", "ConcurrentTransactions", "DelegationTokenAuthDisabled",
    "DelegationTokenAuthorizationFailed", "DelegationTokenExpired", "DelegationTokenNotFound",
    "DelegationTokenOwnerMismatch", "DelegationTokenRequestNotAllowed", "DuplicateSequenceNumber",
    "FetchSessionIdNotFound", "GroupAuthorizationFailedError", "GroupIdNotFound", "IllegalGenerationError",
    "InconsistentGroupProtocolError", "InvalidCommitOffsetSizeError", "InvalidFetchRequestError",
    "InvalidFetchSessionEpoch", "InvalidGroupIdError", "InvalidPrincipalType", "InvalidProducerIdMapping",
    "InvalidReplicationAssignmentError", "InvalidReplicationFactorError", "InvalidSessionTimeoutError",
    "InvalidTransactionTimeout", "InvalidTxnState", "KafkaError", "ListenerNotFound", "MemberIdRequired",
    "NoError", "NoOffsetForPartitionError", "NonEmptyGroup", "OffsetMetadataTooLargeError", "OffsetOutOfRangeError",
    "OperationNotAttempted", "OutOfOrderSequenceNumber", "RebalanceInProgressError", "TopicAlreadyExistsError",
    "TransactionCoordinatorFenced", "TransactionalIdAuthorizationFailed", "UnknownMemberIdError",
    "UnknownProducerId",
}  # fmt: skip
"""Groups, transactions, tokens, creation of topics: were one to come, it is unsure or the connection's fault."""


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (errors.MessageSizeTooLargeError(), ErrorMeaning.RECORD),
        (errors.RecordListTooLargeError(), ErrorMeaning.RECORD),
        (errors.InvalidTimestampError(), ErrorMeaning.RECORD),
        (errors.CorruptRecordException(), ErrorMeaning.RECORD),
        (ValueError(), ErrorMeaning.RECORD),
        (errors.UnknownError(), ErrorMeaning.UNSURE),
        (errors.InvalidRequestError(), ErrorMeaning.UNSURE),
        (errors.TopicAuthorizationFailedError(), ErrorMeaning.TOPIC),
        (errors.InvalidTopicError(), ErrorMeaning.TOPIC),
        (errors.PolicyViolationError(), ErrorMeaning.TOPIC),
        (errors.NotEnoughReplicasError(), ErrorMeaning.LATER),
        (errors.NotEnoughReplicasAfterAppendError(), ErrorMeaning.LATER),
        (errors.LeaderNotAvailableError(), ErrorMeaning.LATER),
        (errors.NotLeaderForPartitionError(), ErrorMeaning.LATER),
        (errors.KafkaStorageError(), ErrorMeaning.LATER),
        (errors.UnknownTopicOrPartitionError(), ErrorMeaning.LATER),
        (errors.KafkaTimeoutError(), ErrorMeaning.LATER),
        (errors.KafkaConnectionError(), ErrorMeaning.LATER),
        (errors.ProducerClosed(), ErrorMeaning.CONNECTION),
        (errors.SaslAuthenticationFailed(), ErrorMeaning.CONNECTION),
        (RuntimeError(), ErrorMeaning.CONNECTION),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_each_error_says_who_waits(error: Exception, expected: ErrorMeaning) -> None:
    assert classify_error(error) is expected


@pytest.mark.parametrize("each", CLASSES, ids=lambda each: each.__name__)
def test_no_error_of_the_client_was_forgotten(each: type[Exception]) -> None:
    """A class that a later client brings must be put into the table, or into the list above."""
    decided = any(each in classes for classes in _tables()) or getattr(each, "retriable", False)
    assert decided or each.__name__ in NEVER_AN_ANSWER_TO_A_BATCH | {"UnknownError", "InvalidRequestError"}


def _tables() -> list[tuple[type[BaseException], ...]]:
    from events.runtime import refusals  # noqa: PLC0415 - its private tables, for this test alone

    return [refusals._RECORD, refusals._TOPIC, refusals._LATER, refusals._CONNECTION]


class Broker:
    """Takes batches but for some rows, and no more than so many at once."""

    def __init__(self, bad: set[int], most: int) -> None:
        self.bad, self.most = bad, most
        self.log: list[int] = []

    def take(self, rows: list[dict[str, Any]]) -> Exception | None:
        if len(rows) > self.most or any(row["id"] in self.bad for row in rows):
            refusal: Exception = errors.MessageSizeTooLargeError()
            return refusal
        self.log.extend(row["id"] for row in rows)
        return None


def relay(places: PartitionStates, clock: Clock, broker: Broker, rows: int) -> tuple[list[int], int]:
    """Send so many rows to one partition; return what was set aside, and the batches that it took."""
    left: deque[dict[str, Any]] = deque({"id": nth, "ce_id": nth, "ce_type": "t"} for nth in range(rows))
    aside: list[int] = []
    sent = 0
    while left:
        if places.list_waiting_partitions():
            clock.now += places.seconds_until_retry(1.0)
            continue
        batch = [left[nth] for nth in range(min(len(left), places.batch_limit(SPOT) or rows))]
        sent += 1
        error = broker.take(batch)
        if error is None:
            places.note_success(SPOT)
            for _ in batch:
                left.popleft()
        elif (found := places.note_failure(SPOT, batch, error)) is not None:
            assert found[0] is left.popleft()
            aside.append(found[0]["id"])
    return aside, sent


@settings(deadline=None)
@given(bad=st.sets(st.integers(0, 199), max_size=40), most=st.integers(1, 200))
def test_the_good_arrive_in_order_and_the_bad_are_set_aside(bad: set[int], most: int) -> None:
    clock = Clock()
    broker = Broker(bad, most)
    aside, _ = relay(PartitionStates(clock), clock, broker, 200)
    assert aside == sorted(bad)
    assert broker.log == [nth for nth in range(200) if nth not in bad]


def test_a_batch_too_large_for_the_topic_loses_no_record(clock: Clock) -> None:
    aside, sent = relay(PartitionStates(clock), clock, Broker(set(), 3), 300)
    assert aside == []
    assert sent < 300


def test_a_long_row_of_bad_records_goes_quickly_once_one_is_proven(clock: Clock) -> None:
    """Two thousand cost two thousand single tries and the pauses of the first, not five tries each."""
    began = clock.now
    aside, sent = relay(PartitionStates(clock), clock, Broker(set(range(2000)), 2000), 2100)
    assert len(aside) == 2000
    assert sent < 2100
    assert clock.now - began < 5.0


def test_an_answer_that_nobody_knows_is_tried_for_minutes(clock: Clock) -> None:
    places, began = PartitionStates(clock), clock.now
    row = {"id": 1, "ce_id": 1, "ce_type": "t"}
    while places.note_failure(SPOT, [row], errors.UnknownError()) is None:
        clock.now += places.seconds_until_retry(60.0)
    assert clock.now - began > 300


def test_a_partition_that_cannot_be_written_waits_alone(clock: Clock) -> None:
    places = PartitionStates(clock)
    assert places.note_failure(SPOT, [{"id": 1}], errors.NotEnoughReplicasError()) is None
    assert places.list_waiting_partitions() == [SPOT]
    assert places.list_waiting_topics() == []
    assert places.is_doubtful(SPOT)
    clock.now += 10
    assert places.list_waiting_partitions() == []
    places.note_success(SPOT)
    assert not places.is_doubtful(SPOT)
    assert not places.is_doubtful(("topic", 1))


def test_a_topic_that_refuses_everything_waits_as_a_whole(clock: Clock) -> None:
    places = PartitionStates(clock)
    assert places.note_failure(SPOT, [{"id": 1}], errors.TopicAuthorizationFailedError()) is None
    assert places.list_waiting_topics() == ["topic"]
    clock.now += 60
    assert places.list_waiting_topics() == []
    places.note_success(SPOT)
    assert places.seconds_until_retry(1.0) == 1.0
