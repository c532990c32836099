"""Apply a batch of records: in one transaction if it goes, one by one to find the culprit if it does not."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol

from events.envelope import Event
from events.runtime import lead_metrics, locks, metrics, positions, retry, traces
from events.runtime.inbox import TOMBSTONE, ReceivedRecord, build_arrivals, mark_seen, unseen_records
from events.runtime.logging import describe_error, logger
from events.runtime.parking import (
    RecordToPark,
    find_ids_in_record,
    list_ids_of_records,
    park_records,
    park_without_bytes,
)
from events.runtime.positions import Position
from events.runtime.transaction import ArrivedRecords, Transaction

log = logger()

REFUSALS = 2
"""So often may the database refuse a record that is to be parked before its bytes are left on the topic."""

Handler = Callable[[Sequence[Any], Transaction], Awaitable[None]]


class TransactionOpener(Protocol):
    """Opens a transaction of a service."""

    def __call__(self, came: ArrivedRecords | None = None) -> AbstractAsyncContextManager[Transaction]:
        """Open one; with records that came, their ids are seen and their contacts locked when it is open."""
        ...


def compute_positions_after(batch: Sequence[ReceivedRecord]) -> dict[tuple[str, int], Position]:
    """Return where each partition stands once this batch is applied."""
    last = {(item.record.topic, item.record.partition): item.record for item in batch}
    return {
        place: Position(record.offset + 1, positions.read_record_mark(record.headers)) for place, record in last.items()
    }


class TopicBatch(NamedTuple):
    """Records of one topic, and what is to be done with them."""

    handler: Handler
    batch: Sequence[ReceivedRecord]


async def apply_batch(open_transaction: TransactionOpener, *work: TopicBatch) -> list[ReceivedRecord]:
    """Apply batches, each of one topic, in one transaction; unreadable records are parked in it.

    Returns what was parked.
    """
    came = [item for _, batch in work for item in batch]
    named = list_ids_of_records(came)
    async with open_transaction(None if named else build_arrivals(came)) as tx:
        if named:
            await locks.limit_lock_waits(tx)
        new = await mark_seen(tx, came, named) if named else unseen_records(tx, came, tx.unseen)
        for handler, batch in work:
            topic = batch[0].record.topic
            readable: list[Event] = [i.event for i in new if i.record.topic == topic and i.event is not None]
            if readable:
                await handler(readable, tx)
        unreadable = [item for item in new if item.event is None and item.reason != TOMBSTONE]
        await park_records(tx, [RecordToPark(item, item.reason, item.detail, 1) for item in unreadable])
        tx.positions = positions.positions_as_columns(compute_positions_after(came))
        now, traced = tx.now, tx.tracer is not None
    for _, batch in work:
        own = [item for item in new if item.record.topic == batch[0].record.topic]
        _count_records_by_outcome(batch, own, unreadable)
        _observe_latency(batch[0].record.topic, own, now, traced=traced)
    return unreadable


def _trace_ids_for_log(batch: Sequence[ReceivedRecord]) -> dict[str, str]:
    """Return the ids of the trace that a batch belongs to, for its log lines."""
    return traces.build_shared_log_ids(
        [item.envelope.traceparent if item.envelope is not None else None for item in batch]
    )


def _count_records_by_outcome(
    batch: Sequence[ReceivedRecord], own: Sequence[ReceivedRecord], unreadable: Sequence[ReceivedRecord]
) -> None:
    """Count a topic's records by what became of them."""
    topic = batch[0].record.topic
    parked = sum(item.record.topic == topic for item in unreadable)
    metrics.RECORDS.labels(topic, "applied").inc(len(own) - parked)
    metrics.RECORDS.labels(topic, "duplicate").inc(len(batch) - len(own))
    metrics.RECORDS.labels(topic, "parked").inc(parked)


def _observe_latency(topic: str, own: Sequence[ReceivedRecord], now: datetime, *, traced: bool) -> None:
    """Observe how long ago what was applied had been committed and captured, with its trace if that is collected."""
    arrival, real = metrics.ARRIVAL.labels(topic), datetime.now(UTC)
    for item in own:
        if item.envelope is not None:
            trace = traces.build_exemplar(item.envelope.traceparent) if traced else None
            arrival.observe(max(0.0, (real - item.envelope.time).total_seconds()), trace)
            if item.event is not None:
                lead_metrics.observe_time_to_assignment(item.event, now, trace)


class BatchOutcome(NamedTuple):
    """What became of a batch: what was parked of it, and what waits for a row that another session holds."""

    parked: list[ReceivedRecord]
    deferred: list[ReceivedRecord]


async def apply_topics_together(open_transaction: TransactionOpener, work: Sequence[TopicBatch]) -> BatchOutcome:
    """Apply a few records of several topics in one transaction; if that does not go, each topic in one of its own."""
    if len(work) > 1:
        try:
            return BatchOutcome(await apply_batch(open_transaction, *work), [])
        except Exception as error:  # noqa: BLE001 - each topic alone meets it again, and knows what it means
            retry.raise_if_cancelled(error)
            log.info("topics_apart", topics=len(work), error=describe_error(error))
    outcomes = [await apply_or_park(open_transaction, *each) for each in work]
    return BatchOutcome([i for each in outcomes for i in each.parked], [i for each in outcomes for i in each.deferred])


async def apply_or_park(
    open_transaction: TransactionOpener, handler: Handler, batch: Sequence[ReceivedRecord]
) -> BatchOutcome:
    """Apply a batch whatever happens: wait out what passes, park what never will, leave what is locked."""
    topic, attempt = batch[0].record.topic, 0
    while True:
        attempt += 1
        try:
            return BatchOutcome(await apply_batch(open_transaction, TopicBatch(handler, batch)), [])
        except Exception as error:  # noqa: BLE001 - the retry table decides what each error means
            retry.raise_if_cancelled(error)
            metrics.BATCH_RETRIES.labels(topic).inc()
            seconds = retry.compute_delay(attempt)
            if retry.is_attempt_logged(attempt) or not retry.is_transient(error):
                log.warning(
                    "batch_rolled_back", topic=topic, records=len(batch),
                    **retry.describe_retry(error, attempt, seconds), **_trace_ids_for_log(batch),
                )  # fmt: skip
            if locks.is_lock_timeout(error):
                outcome = await _try_apply_unlocked(open_transaction, handler, batch, attempt)
                if outcome is not None:
                    return outcome
            elif retry.is_transient(error):
                await asyncio.sleep(seconds)
            elif len(batch) > 1:
                middle = len(batch) // 2
                return await _apply_parts(open_transaction, handler, [batch[:middle], batch[middle:]])
            else:
                decision = retry.decide_retry(error, attempt)
                if locks.is_value_refused(error):
                    decision = retry.RetryDecision(park=True, reason="refused_by_database")
                if decision.park:
                    return await _park_record(
                        open_transaction, _record_to_park(batch[0], decision.reason, describe_error(error), attempt)
                    )
                await asyncio.sleep(decision.delay)


async def _apply_parts(
    open_transaction: TransactionOpener, handler: Handler, parts: Iterable[Sequence[ReceivedRecord]]
) -> BatchOutcome:
    """Apply parts of a batch in their order; a partition of which something is left waits in the parts that follow."""
    parked: list[ReceivedRecord] = []
    deferred: list[ReceivedRecord] = []
    for part in parts:
        waiting = {locks.get_partition_id(item) for item in deferred}
        deferred += [item for item in part if locks.get_partition_id(item) in waiting]
        rest = [item for item in part if locks.get_partition_id(item) not in waiting]
        if rest:
            outcome = await apply_or_park(open_transaction, handler, rest)
            parked += outcome.parked
            deferred += outcome.deferred
    return BatchOutcome(parked, deferred)


async def _try_apply_unlocked(
    open_transaction: TransactionOpener, handler: Handler, batch: Sequence[ReceivedRecord], attempt: int
) -> BatchOutcome | None:
    """Apply what of a batch is not about a locked contact, or else each partition alone; None says to try again."""
    try:
        async with open_transaction() as tx:
            locked = await locks.find_locked_contacts(tx, locks.list_contacts_to_lock(batch))
    except Exception as error:  # noqa: BLE001 - an outage: the batch is tried again and meets it
        retry.raise_if_cancelled(error)
        return None
    free, deferred = locks.split_locked(batch, locked)
    if deferred:
        outcome = await apply_or_park(open_transaction, handler, free) if free else BatchOutcome([], [])
        return BatchOutcome(outcome.parked, [*outcome.deferred, *deferred])
    if attempt == 1:
        return None
    parts = locks.group_by_partition(batch)
    if len(parts) == 1:
        return BatchOutcome([], list(batch))
    return await _apply_parts(open_transaction, handler, parts)


def _record_to_park(item: ReceivedRecord, reason: str, detail: str, attempts: int) -> RecordToPark:
    """Return why a record is parked after so many tries; an unreadable record keeps its own reason."""
    return RecordToPark(item, item.reason or reason, item.detail or detail, attempts)


async def _park_record(open_transaction: TransactionOpener, found: RecordToPark) -> BatchOutcome:
    """Park one record, whatever is in it: if need be by its place alone; leave it if its contact is locked."""
    item, attempt, refused = found.item, 0, 0
    while True:
        attempt += 1
        keep = park_records if refused < REFUSALS else _park_all_without_bytes
        try:
            async with open_transaction() as tx:
                await locks.limit_lock_waits(tx)
                if await mark_seen(tx, [item], find_ids_in_record(item)):
                    await keep(tx, [found])
                await positions.save_positions(tx.raw, compute_positions_after([item]))
        except Exception as error:  # noqa: BLE001 - a record that cannot be parked now will be, and ends no process
            retry.raise_if_cancelled(error)
            if locks.is_lock_timeout(error):
                return BatchOutcome([], [item])
            log.warning("parking_failed", topic=item.record.topic, attempt=attempt, error=describe_error(error))
            refused += not retry.is_transient(error)
            await asyncio.sleep(retry.compute_delay(attempt))
        else:
            metrics.RECORDS.labels(item.record.topic, "parked").inc()
            log.error(
                "record_parked", topic=item.record.topic, partition=item.record.partition,
                offset=item.record.offset, reason=found.reason, error=found.detail, **_trace_ids_for_log([item]),
            )  # fmt: skip
            return BatchOutcome([item], [])


async def _park_all_without_bytes(tx: Transaction, found: Sequence[RecordToPark]) -> None:
    metrics.PARKED_BARE.inc(len(found))
    for each in found:
        await park_without_bytes(tx, each)
