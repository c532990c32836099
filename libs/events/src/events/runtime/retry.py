"""What to do about an error: try again later, or park. A pure decision, tested as a table."""

import asyncio
from dataclasses import dataclass

from aiokafka.errors import KafkaConnectionError, KafkaError, KafkaTimeoutError

from events.runtime import database_errors
from events.runtime.errors import DomainError, Reject
from events.runtime.kafka_refusals import describe_missing_right
from events.runtime.logging import describe_error

TRIES = 5
"""The same bug so many times parks the record."""
FIRST_DELAY = 0.1
LONGEST_DELAY = 30.0
LOGGED_EVERY = 20
"""An outage is logged at the first failure and at each so manieth: a line a try would fill the disk."""


@dataclass(frozen=True, slots=True)
class RetryDecision:
    """Park, or wait `delay` seconds (real time) and try again."""

    park: bool
    delay: float = 0.0
    reason: str = ""


def is_kafka_error(error: BaseException) -> bool:
    """Return whether Kafka's client raised this, and nobody else."""
    if isinstance(error, BaseExceptionGroup):
        return all(is_kafka_error(each) for each in error.exceptions)
    return isinstance(error, KafkaError)


def is_transient(error: BaseException) -> bool:
    """Return whether the same work may succeed later without anybody changing anything."""
    if isinstance(error, BaseExceptionGroup):
        return all(is_transient(each) for each in error.exceptions)
    passes = database_errors.is_transient(error)
    if passes is not None:
        return passes
    return isinstance(error, OSError | EOFError | TimeoutError | KafkaConnectionError | KafkaTimeoutError) or (
        isinstance(error, KafkaError) and bool(error.retriable)
    )


def compute_delay(attempt: int, longest: float = LONGEST_DELAY) -> float:
    """Return the seconds to wait after the `attempt`-th (from 1) failure: 0.1 s doubling up to `longest`."""
    return float(min(longest, FIRST_DELAY * 2 ** min(attempt - 1, 16)))


def decide_retry(error: BaseException, attempt: int) -> RetryDecision:
    """Decide about the `attempt`-th (from 1) failure of a single record."""
    if is_transient(error):
        return RetryDecision(park=False, delay=compute_delay(attempt))
    if isinstance(error, Reject):
        return RetryDecision(park=True, reason=error.reason)
    if isinstance(error, DomainError):
        return RetryDecision(park=True, reason=error.code)
    if attempt >= TRIES:
        return RetryDecision(park=True, reason="handler_bug")
    return RetryDecision(park=False, delay=min(0.5, compute_delay(attempt)))


def is_attempt_logged(attempt: int) -> bool:
    """Return whether the `attempt`-th (from 1) failure in a row gets a line of its own."""
    return attempt == 1 or attempt % LOGGED_EVERY == 0


def describe_retry(error: BaseException, attempt: int, seconds: float) -> dict[str, str | int | float | None]:
    """Return what a log line says of a failure that is tried again after `seconds`: a `reason` for a missing right."""
    found: dict[str, str | int | float | None] = {
        "attempt": attempt,
        "sqlstate": database_errors.find_sqlstate(error),
        "error": describe_error(error),
        "delay": seconds,
    }
    if (reason := describe_missing_right(error)) is not None:
        found["reason"] = reason
    return found


def raise_if_cancelled(error: Exception) -> None:
    """Raise the cancellation that an error hides: a driver cut off within a statement may say something else."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError from error
