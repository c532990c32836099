"""Apply a batch of records: in one transaction if it goes, one by one to find the culprit if it does not."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

from events.envelope import Event
from events.runtime import metrics, positions, retry
from events.runtime.inbox import TOMBSTONE, Received, park, take
from events.runtime.logging import describe, logger
from events.runtime.positions import Position
from events.runtime.transaction import Transaction

log = logger()

Handler = Callable[[Sequence[Any], Transaction], Awaitable[None]]
Opener = Callable[[], AbstractAsyncContextManager[Transaction]]


def reached(batch: Sequence[Received]) -> dict[tuple[str, int], Position]:
    """Tell where each partition stands once this batch is applied."""
    return {
        (item.record.topic, item.record.partition): Position(
            item.record.offset + 1, item.envelope.id if item.envelope else None
        )
        for item in batch
    }


async def once(open_transaction: Opener, handler: Handler, batch: Sequence[Received]) -> list[Received]:
    """Apply a batch in one transaction; unreadable records are parked in it. Gives what was parked."""
    async with open_transaction() as tx:
        fresh = await take(tx, batch)
        readable: list[Event] = [item.event for item in fresh if item.event is not None]
        unreadable = [item for item in fresh if item.event is None and item.reason != TOMBSTONE]
        if readable:
            await handler(readable, tx)
        await park(tx, [(item, item.reason, item.detail, 1) for item in unreadable])
        await positions.save(tx.raw, reached(batch))
    topic = batch[0].record.topic
    metrics.RECORDS.labels(topic, "applied").inc(len(fresh) - len(unreadable))
    metrics.RECORDS.labels(topic, "duplicate").inc(len(batch) - len(fresh))
    metrics.RECORDS.labels(topic, "parked").inc(len(unreadable))
    return unreadable


async def surely(open_transaction: Opener, handler: Handler, batch: Sequence[Received]) -> list[Received]:
    """Apply a batch whatever happens: wait out what passes, park what never will. Gives what was parked."""
    topic, attempt = batch[0].record.topic, 0
    while True:
        attempt += 1
        try:
            return await once(open_transaction, handler, batch)
        except Exception as error:  # noqa: BLE001 - the retry table decides what each error means
            retry.give_up_if_cancelled(error)
            metrics.BATCH_RETRIES.labels(topic).inc()
            seconds = retry.delay(attempt)
            if retry.is_logged(attempt) or not retry.is_transient(error):
                log.warning(
                    "batch_rolled_back", topic=topic, records=len(batch), **retry.facts(error, attempt, seconds)
                )
            if retry.is_transient(error):
                await asyncio.sleep(seconds)
            elif len(batch) > 1:
                middle = len(batch) // 2
                return [
                    *await surely(open_transaction, handler, batch[:middle]),
                    *await surely(open_transaction, handler, batch[middle:]),
                ]
            else:
                decision = retry.decide(error, attempt)
                if decision.park:
                    await _park_alone(open_transaction, batch[0], decision.reason, describe(error), attempt)
                    return list(batch)
                await asyncio.sleep(decision.delay)


async def _park_alone(open_transaction: Opener, item: Received, reason: str, detail: str, attempts: int) -> None:
    attempt = 0
    while True:
        attempt += 1
        try:
            async with open_transaction() as tx:
                fresh = await take(tx, [item])
                await park(tx, [(found, reason, detail, attempts) for found in fresh])
                await positions.save(tx.raw, reached([item]))
        except Exception as error:
            retry.give_up_if_cancelled(error)
            if not retry.is_transient(error):
                raise
            await asyncio.sleep(retry.delay(attempt))
        else:
            metrics.RECORDS.labels(item.record.topic, "parked").inc()
            log.error(
                "record_parked", topic=item.record.topic, partition=item.record.partition,
                offset=item.record.offset, reason=reason, error=detail,
            )  # fmt: skip
            return
