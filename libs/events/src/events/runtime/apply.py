"""Apply a batch of records: in one transaction if it goes, one by one to find the culprit if it does not."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol

from events.envelope import Event
from events.runtime import lead_metrics, locks, metrics, positions, retry, traces
from events.runtime.inbox import TOMBSTONE, Received, arrivals, fresh, take
from events.runtime.logging import describe, logger
from events.runtime.parking import Parked, contacts_in, park, park_without_bytes, to_lock
from events.runtime.positions import Position
from events.runtime.transaction import Arrivals, Transaction

log = logger()

REFUSALS = 2
"""So often may the database refuse a record that is to be parked before its bytes are left on the topic."""

Handler = Callable[[Sequence[Any], Transaction], Awaitable[None]]


class OpenTransaction(Protocol):
    """Opens a transaction of a service."""

    def __call__(self, came: Arrivals | None = None) -> AbstractAsyncContextManager[Transaction]:
        """Open one; with records that came, their ids are seen and their contacts locked when it is open."""
        ...


def positions_after(batch: Sequence[Received]) -> dict[tuple[str, int], Position]:
    """Return where each partition stands once this batch is applied."""
    last = {(item.record.topic, item.record.partition): item.record for item in batch}
    return {place: Position(record.offset + 1, positions.mark(record.headers)) for place, record in last.items()}


class Work(NamedTuple):
    """Records of one topic, and what is to be done with them."""

    handler: Handler
    batch: Sequence[Received]


async def apply_batch(open_transaction: OpenTransaction, *work: Work) -> list[Received]:
    """Apply batches, each of one topic, in one transaction; unreadable records are parked in it.

    Returns what was parked.
    """
    came = [item for _, batch in work for item in batch]
    named = to_lock(came)
    async with open_transaction(None if named else arrivals(came)) as tx:
        if named:
            await locks.limit_lock_waits(tx)
        new = await take(tx, came, named) if named else fresh(tx, came, tx.unseen)
        for handler, batch in work:
            topic = batch[0].record.topic
            readable: list[Event] = [i.event for i in new if i.record.topic == topic and i.event is not None]
            if readable:
                await handler(readable, tx)
        unreadable = [item for item in new if item.event is None and item.reason != TOMBSTONE]
        await park(tx, [Parked(item, item.reason, item.detail, 1) for item in unreadable])
        tx.positions = positions.columns(positions_after(came))
        now, traced = tx.now, tx.tracer is not None
    for _, batch in work:
        own = [item for item in new if item.record.topic == batch[0].record.topic]
        _count(batch, own, unreadable)
        _observe(batch[0].record.topic, own, now, traced=traced)
    return unreadable


def _trace_ids(batch: Sequence[Received]) -> dict[str, str]:
    """Return the ids of the trace that a batch belongs to, for its log lines."""
    return traces.shared_ids([item.envelope.traceparent if item.envelope is not None else None for item in batch])


def _count(batch: Sequence[Received], own: Sequence[Received], unreadable: Sequence[Received]) -> None:
    """Count a topic's records by what became of them."""
    topic = batch[0].record.topic
    parked = sum(item.record.topic == topic for item in unreadable)
    metrics.RECORDS.labels(topic, "applied").inc(len(own) - parked)
    metrics.RECORDS.labels(topic, "duplicate").inc(len(batch) - len(own))
    metrics.RECORDS.labels(topic, "parked").inc(parked)


def _observe(topic: str, own: Sequence[Received], now: datetime, *, traced: bool) -> None:
    """Observe how long ago what was applied had been committed and captured, with its trace if that is collected."""
    arrival, real = metrics.ARRIVAL.labels(topic), datetime.now(UTC)
    for item in own:
        if item.envelope is not None:
            trace = traces.exemplar(item.envelope.traceparent) if traced else None
            arrival.observe(max(0.0, (real - item.envelope.time).total_seconds()), trace)
            if item.event is not None:
                lead_metrics.applied(item.event, now, trace)


class Outcome(NamedTuple):
    """What became of a batch: what was parked of it, and what waits for a row that another session holds."""

    parked: list[Received]
    deferred: list[Received]


async def apply_together(open_transaction: OpenTransaction, work: Sequence[Work]) -> Outcome:
    """Apply a few records of several topics in one transaction; if that does not go, each topic in one of its own."""
    if len(work) > 1:
        try:
            return Outcome(await apply_batch(open_transaction, *work), [])
        except Exception as error:  # noqa: BLE001 - each topic alone meets it again, and knows what it means
            retry.raise_if_cancelled(error)
            log.info("topics_apart", topics=len(work), error=describe(error))
    outcomes = [await apply_or_park(open_transaction, *each) for each in work]
    return Outcome([i for each in outcomes for i in each.parked], [i for each in outcomes for i in each.deferred])


async def apply_or_park(open_transaction: OpenTransaction, handler: Handler, batch: Sequence[Received]) -> Outcome:
    """Apply a batch whatever happens: wait out what passes, park what never will, leave what is locked."""
    topic, attempt = batch[0].record.topic, 0
    while True:
        attempt += 1
        try:
            return Outcome(await apply_batch(open_transaction, Work(handler, batch)), [])
        except Exception as error:  # noqa: BLE001 - the retry table decides what each error means
            retry.raise_if_cancelled(error)
            metrics.BATCH_RETRIES.labels(topic).inc()
            seconds = retry.delay(attempt)
            if retry.is_logged(attempt) or not retry.is_transient(error):
                log.warning(
                    "batch_rolled_back", topic=topic, records=len(batch),
                    **retry.facts(error, attempt, seconds), **_trace_ids(batch),
                )  # fmt: skip
            if locks.is_timeout(error):
                outcome = await _apply_unlocked(open_transaction, handler, batch, attempt)
                if outcome is not None:
                    return outcome
            elif retry.is_transient(error):
                await asyncio.sleep(seconds)
            elif len(batch) > 1:
                middle = len(batch) // 2
                return await _apply_parts(open_transaction, handler, [batch[:middle], batch[middle:]])
            else:
                decision = retry.decide(error, attempt)
                if locks.is_refusal(error):
                    decision = retry.Decision(park=True, reason="refused_by_database")
                if decision.park:
                    return await _park_record(
                        open_transaction, _parked(batch[0], decision.reason, describe(error), attempt)
                    )
                await asyncio.sleep(decision.delay)


async def _apply_parts(
    open_transaction: OpenTransaction, handler: Handler, parts: Iterable[Sequence[Received]]
) -> Outcome:
    """Apply parts of a batch in their order; a partition of which something is left waits in the parts that follow."""
    parked: list[Received] = []
    deferred: list[Received] = []
    for part in parts:
        waiting = {locks.partition_of(item) for item in deferred}
        deferred += [item for item in part if locks.partition_of(item) in waiting]
        rest = [item for item in part if locks.partition_of(item) not in waiting]
        if rest:
            outcome = await apply_or_park(open_transaction, handler, rest)
            parked += outcome.parked
            deferred += outcome.deferred
    return Outcome(parked, deferred)


async def _apply_unlocked(
    open_transaction: OpenTransaction, handler: Handler, batch: Sequence[Received], attempt: int
) -> Outcome | None:
    """Apply what of a batch is not about a locked contact, or else each partition alone; None says to try again."""
    try:
        async with open_transaction() as tx:
            locked = await locks.locked_contacts(tx, locks.contacts_of(batch))
    except Exception as error:  # noqa: BLE001 - an outage: the batch is tried again and meets it
        retry.raise_if_cancelled(error)
        return None
    free, deferred = locks.split_locked(batch, locked)
    if deferred:
        outcome = await apply_or_park(open_transaction, handler, free) if free else Outcome([], [])
        return Outcome(outcome.parked, [*outcome.deferred, *deferred])
    if attempt == 1:
        return None
    parts = locks.by_partition(batch)
    if len(parts) == 1:
        return Outcome([], list(batch))
    return await _apply_parts(open_transaction, handler, parts)


def _parked(item: Received, reason: str, detail: str, attempts: int) -> Parked:
    """Return why a record is parked after so many tries; an unreadable record keeps its own reason."""
    return Parked(item, item.reason or reason, item.detail or detail, attempts)


async def _park_record(open_transaction: OpenTransaction, found: Parked) -> Outcome:
    """Park one record, whatever is in it: if need be by its place alone; leave it if its contact is locked."""
    item, attempt, refused = found.item, 0, 0
    while True:
        attempt += 1
        keep = park if refused < REFUSALS else _park_without_bytes
        try:
            async with open_transaction() as tx:
                await locks.limit_lock_waits(tx)
                if await take(tx, [item], contacts_in(item)):
                    await keep(tx, [found])
                await positions.save(tx.raw, positions_after([item]))
        except Exception as error:  # noqa: BLE001 - a record that cannot be parked now will be, and ends no process
            retry.raise_if_cancelled(error)
            if locks.is_timeout(error):
                return Outcome([], [item])
            log.warning("parking_failed", topic=item.record.topic, attempt=attempt, error=describe(error))
            refused += not retry.is_transient(error)
            await asyncio.sleep(retry.delay(attempt))
        else:
            metrics.RECORDS.labels(item.record.topic, "parked").inc()
            log.error(
                "record_parked", topic=item.record.topic, partition=item.record.partition,
                offset=item.record.offset, reason=found.reason, error=found.detail, **_trace_ids([item]),
            )  # fmt: skip
            return Outcome([item], [])


async def _park_without_bytes(tx: Transaction, found: Sequence[Parked]) -> None:
    metrics.PARKED_BARE.inc(len(found))
    for each in found:
        await park_without_bytes(tx, each)
