"""What to do about an error: try again later, or park. A pure decision, tested as a table."""

import asyncio
from dataclasses import dataclass

import asyncpg
from aiokafka.errors import KafkaConnectionError, KafkaError, KafkaTimeoutError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from events.runtime.errors import DomainError, Reject

TRIES = 5
"""The same bug so many times parks the record."""
FIRST_DELAY = 0.1
LONGEST_DELAY = 30.0

_TRANSIENT_SQLSTATES = ("08", "40", "53", "55", "57", "58", "25006", "25P03")
"""Connection, rollback (deadlock, serialisation), resources, lock, operator, system; read-only; idle in transaction."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Park, or wait `delay` seconds (real time) and try again."""

    park: bool
    delay: float = 0.0
    reason: str = ""


def is_transient(error: BaseException) -> bool:
    """Tell whether the same work may succeed later without anybody changing anything."""
    if isinstance(error, DBAPIError):
        origin = error.orig
        cause = origin.__cause__ if origin is not None and origin.__cause__ is not None else origin
        return error.connection_invalidated or (cause is not None and is_transient(cause))
    if isinstance(error, asyncpg.PostgresError):
        return str(getattr(error, "sqlstate", "")).startswith(_TRANSIENT_SQLSTATES)
    return isinstance(
        error,
        OSError
        | asyncio.TimeoutError
        | asyncpg.InterfaceError
        | PoolTimeout
        | KafkaConnectionError
        | KafkaTimeoutError,
    ) or (isinstance(error, KafkaError) and bool(error.retriable))


def delay(attempt: int) -> float:
    """Seconds to wait after the `attempt`-th (from 1) failure: 0.1 s doubling up to 30 s."""
    return float(min(LONGEST_DELAY, FIRST_DELAY * 2 ** min(attempt - 1, 16)))


def decide(error: BaseException, attempt: int) -> Decision:
    """Decide about the `attempt`-th (from 1) failure of a single record."""
    if is_transient(error):
        return Decision(park=False, delay=delay(attempt))
    if isinstance(error, Reject):
        return Decision(park=True, reason=error.reason)
    if isinstance(error, DomainError):
        return Decision(park=True, reason=error.code)
    if attempt >= TRIES:
        return Decision(park=True, reason="handler_bug")
    return Decision(park=False, delay=min(0.5, delay(attempt)))


def give_up_if_cancelled(error: Exception) -> None:
    """Raise the cancellation that an error hides: a driver cut off within a statement may say something else."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError from error
