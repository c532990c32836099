"""Which assigned partitions may be read: not those that wait for a locked row, nor those that too much was parked of.

A partition that must wait is paused and goes back to its first record that is not applied; what was polled of it before
is stale. So nothing is kept in memory, the order stays, and every other partition flows.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError

from events.runtime import locks, metrics, retry, stopped_partitions
from events.runtime.inbox import TOMBSTONE, ReceivedRecord
from events.runtime.logging import describe_error, logger

if TYPE_CHECKING:
    from events.runtime.apply import TransactionOpener

log = logger()

WINDOW = 100
TOO_MANY = 20
"""More parked records than this among the last `WINDOW` of a partition stop it: a wrong topic is wired."""
LOOK_SECONDS = 0.25
LONGEST_WAIT = 5.0
"""Seconds between two looks whether a locked contact is free."""


@dataclass(slots=True)
class WaitingPartition:
    """Since when and for whom a partition waits."""

    contacts: set[UUID]
    again_at: float


class PartitionGate:
    """Pauses and resumes the partitions of one consumer."""

    def __init__(self, transaction: "TransactionOpener", go_back: Callable[[TopicPartition, int], None]) -> None:
        """`go_back` pauses a partition and seeks an offset, whatever else expects of it."""
        self.transaction = transaction
        self.go_back = go_back
        self.client: AIOKafkaConsumer | None = None
        self.waiting: dict[TopicPartition, WaitingPartition] = {}
        self.stopped: set[TopicPartition] = set()
        self.turn = 0
        """Grows with each partition that goes back."""
        self._back: dict[TopicPartition, int] = {}
        """The turn in which each partition went back last."""
        self._tries: Counter[TopicPartition] = Counter()
        self._recent: dict[TopicPartition, deque[bool]] = {}
        """Of the partitions that had a parked record among their last ones."""
        self._counted: dict[TopicPartition, int] = {}
        """Up to where the records of each partition were counted: those that are read again count once."""
        self._through: dict[TopicPartition, int] = {}
        """Where partitions end that an operator lets park whatever they hold."""
        self._unsaved: set[TopicPartition] = set()

    async def take_assignment(self, connection: Any, places: Iterable[TopicPartition]) -> None:
        """Begin anew with these partitions; those that stand stopped in the database are paused."""
        self.waiting.clear()
        self._through.clear()
        self._recent.clear()
        self._counted.clear()
        self.stopped = set(places) & (set(await stopped_partitions.load_stopped(connection)) | self._unsaved)
        self._update_gauges()

    def pause_stopped(self) -> None:
        """Pause what stands stopped; the client must know its partitions."""
        if self.client is not None and self.stopped:
            self.client.pause(*self.stopped)

    def select_current(self, batch: Sequence[ReceivedRecord], turn: int) -> list[ReceivedRecord]:
        """Return the records whose partition has not gone back since the turn in which they were polled."""
        if not self._back:
            return list(batch)
        return [item for item in batch if self._back.get(TopicPartition(*locks.get_partition_id(item)), 0) <= turn]

    def stop_at_excess(self, where: TopicPartition, items: Sequence[ReceivedRecord]) -> Sequence[ReceivedRecord]:
        """Return a partition's records up to the unreadable one that is too many, and stop the partition there."""
        if not items:
            return items
        counted = self._counted.get(where, 0)
        self._counted[where] = max(counted, items[-1].record.offset + 1)
        unreadable = [item.event is None and item.reason != TOMBSTONE for item in items]
        if not any(unreadable) and where not in self._recent:
            return items
        for number, is_bad in enumerate(unreadable, start=1):
            end = items[number - 1].record.offset + 1
            if end > counted and self._count_bad_record(where, is_bad=is_bad) and self._stop_partition(where, end):
                self._counted[where] = end
                self.go_back(where, end)  # what is admitted is not stale: the turn stays
                return items[:number]
        return items

    def note_outcome(
        self, batch: Sequence[ReceivedRecord], parked: Sequence[ReceivedRecord], deferred: Sequence[ReceivedRecord]
    ) -> None:
        """Count what handlers refused, and stop the partitions of which that was too much; what is left waits."""
        waiting = {id(item) for item in deferred}
        ends = {TopicPartition(*locks.get_partition_id(i)): i.record.offset + 1 for i in batch if id(i) not in waiting}
        for where in ends:
            self._tries.pop(where, None)
        for item in parked:
            where = TopicPartition(*locks.get_partition_id(item))
            with suppress(ValueError, KeyError):  # it was counted as readable
                self._recent[where].remove(False)
            if (
                item.event is not None
                and self._count_bad_record(where, is_bad=True)
                and self._stop_partition(where, ends[where])
            ):
                self._rewind_partition(where, ends[where])
        self._pause_partitions_of(deferred)

    def _count_bad_record(self, where: TopicPartition, *, is_bad: bool) -> bool:
        recent = self._recent.setdefault(where, deque(maxlen=WINDOW))
        recent.append(is_bad)
        if not any(recent):
            del self._recent[where]
        return is_bad and sum(recent) > TOO_MANY

    def _stop_partition(self, where: TopicPartition, offset: int) -> bool:
        if where in self.stopped or offset <= self._through.get(where, 0):
            return False
        self.stopped.add(where)
        self._unsaved.add(where)
        self._update_gauges()
        log.error("partition_stopped", topic=where.topic, partition=where.partition, offset=offset)
        return True

    def _pause_partitions_of(self, deferred: Sequence[ReceivedRecord]) -> None:
        """Let the partitions of these records wait, each from its first one on."""
        now = asyncio.get_running_loop().time()
        for items in locks.group_by_partition(deferred):
            where, first = TopicPartition(*locks.get_partition_id(items[0])), min(item.record.offset for item in items)
            self._tries[where] += 1
            pause = min(retry.LONGEST_DELAY, 2 * LOOK_SECONDS * 2.0 ** self._tries[where])
            self.waiting[where] = WaitingPartition(locks.list_contacts_to_lock(items[:1]), now + pause)
            self._rewind_partition(where, first)
            log.warning("partition_waits", topic=where.topic, partition=where.partition, offset=first, seconds=pause)
        self._update_gauges()

    def _rewind_partition(self, where: TopicPartition, offset: int) -> None:
        self.turn += 1
        self._back[where] = self.turn
        self.go_back(where, offset)

    async def keep_resuming(self) -> None:
        """Resume partitions when they may go on, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self._resume_where_unlocked()
                if self.stopped or self._unsaved:
                    await self._sync_with_operator_decisions()
            except Exception as error:  # noqa: BLE001 - what cannot be looked at now is looked at again
                retry.raise_if_cancelled(error)
                if not (retry.is_transient(error) or isinstance(error, KafkaError)):
                    metrics.TASK_FAILURES.labels("gate").inc()
                log.warning("gate_deferred", error=describe_error(error))

    async def _resume_where_unlocked(self) -> None:
        now = asyncio.get_running_loop().time()
        due = {where: each for where, each in self.waiting.items() if each.again_at <= now}
        if not due:
            return
        async with self.transaction() as tx:
            locked = await locks.find_locked_contacts(tx, set().union(*(each.contacts for each in due.values())))
        for where, each in due.items():
            if each.contacts & locked:
                each.again_at = now + min(LONGEST_WAIT, LOOK_SECONDS * 2.0 ** self._tries[where])
                self._tries[where] += 1
            elif self.waiting.pop(where, None) is not None and where not in self.stopped:
                self._resume_partition(where)
        self._update_gauges()

    async def _sync_with_operator_decisions(self) -> None:
        """Save what was stopped, and let go on what an operator has resumed."""
        async with self.transaction() as tx:
            if self._unsaved:
                await stopped_partitions.save_stopped(tx.raw, self._unsaved)
            standing = await stopped_partitions.load_stopped(tx.raw)
            passing = [where for where in self.stopped if standing.get(where)]
            await stopped_partitions.delete_stopped(tx.raw, passing)
        self._unsaved.clear()
        if passing and self.client is not None:
            self._through |= await self.client.end_offsets(passing)
        for where in [where for where in self.stopped if where not in standing or where in passing]:
            self.stopped.discard(where)
            self._recent.pop(where, None)
            if where not in self.waiting:
                self._resume_partition(where)
            log.info("partition_resumed", topic=where.topic, partition=where.partition)
        self._update_gauges()

    def _resume_partition(self, where: TopicPartition) -> None:
        if self.client is not None:
            with suppress(IllegalStateError):
                self.client.resume(where)

    def _update_gauges(self) -> None:
        metrics.WAITING.set(len(self.waiting))
        metrics.STOPPED.set(len(self.stopped))
