"""Rows that other sessions hold locked: who they are about, and what of a batch can go on without them."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import asyncpg
from sqlalchemy.exc import DBAPIError

from events.runtime.inbox import ReceivedRecord
from events.runtime.partition_states import PartitionId
from events.runtime.transaction import LOCK_MILLISECONDS, Transaction

"""A topic and a partition."""


async def limit_lock_waits(tx: Transaction) -> None:
    """Bound how long each statement of this transaction may wait for a lock."""
    await tx.raw.execute(f"set local lock_timeout = {LOCK_MILLISECONDS}")


def is_lock_timeout(error: BaseException) -> bool:
    """Return whether a statement was given up because it waited too long for a lock."""
    return isinstance(_driver_error(error), asyncpg.LockNotAvailableError)


def is_value_refused(error: BaseException) -> bool:
    """Return whether PostgreSQL takes no such value: no text, out of range (class 22), too large for it (class 54)."""
    return str(getattr(_driver_error(error), "sqlstate", "")).startswith(("22", "54"))


def _driver_error(error: BaseException) -> BaseException:
    if isinstance(error, DBAPIError) and error.orig is not None:
        return error.orig.__cause__ or error.orig
    return error


def get_partition_id(item: ReceivedRecord) -> PartitionId:
    """Return the topic and the partition that a record lies on."""
    return item.record.topic, item.record.partition


def list_contacts_to_lock(items: Iterable[ReceivedRecord]) -> set[UUID]:
    """Return the contacts that applying these records locks for sure."""
    named = ("contact_id", "survivor_id", "loser_id")
    return {found for item in items for name in named if isinstance(found := getattr(item.event, name, None), UUID)}


async def find_locked_contacts(tx: Transaction, contact_ids: Iterable[UUID]) -> set[UUID]:
    """Return which of these contacts another session holds now; waits for none of them."""
    ids = list(contact_ids)
    there = {row["contact_id"] for row in await tx.raw.fetch(_THERE, ids)}
    return there - {row["contact_id"] for row in await tx.raw.fetch(_FREE, ids)}


_THERE = "select contact_id from contacts where contact_id = any($1)"
_FREE = f"{_THERE} for no key update skip locked"


def split_locked(
    batch: Sequence[ReceivedRecord], locked: set[UUID]
) -> tuple[list[ReceivedRecord], list[ReceivedRecord]]:
    """Return what of a batch can go on and what must wait: in each partition from those contacts' first record on."""
    free: list[ReceivedRecord] = []
    deferred: list[ReceivedRecord] = []
    waiting: set[PartitionId] = set()
    for item in batch:
        if get_partition_id(item) not in waiting and locked & list_contacts_to_lock([item]):
            waiting.add(get_partition_id(item))
        (deferred if get_partition_id(item) in waiting else free).append(item)
    return free, deferred


def group_by_partition(batch: Iterable[ReceivedRecord]) -> list[list[ReceivedRecord]]:
    """Return the records of each partition, in their order."""
    parts: dict[PartitionId, list[ReceivedRecord]] = {}
    for item in batch:
        parts.setdefault(get_partition_id(item), []).append(item)
    return list(parts.values())
