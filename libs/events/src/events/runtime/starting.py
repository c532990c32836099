"""What a service needs before its loops may run, awaited as long as it takes: PostgreSQL, at the newest revision."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from pydantic import ValidationError

from events.runtime import database_errors, dsn, kafka, retry
from events.runtime.logging import logger

log = logger()

LONGEST_PAUSE = 5.0
"""Seconds before the next try, at most."""


class NotConfigured(Exception):
    """What the service was given cannot be used; waiting would not mend it. Its text is logged: no values."""


def check_settings(read: Callable[[], Any]) -> None:
    """End the process with one line for each setting that cannot be used; no value is printed."""
    try:
        read()
    except ValueError as error:
        sys.stderr.write("".join(f"cannot start: {line}\n" for line in describe_setting_errors(error)))
        sys.exit(2)


def describe_setting_errors(error: ValueError) -> list[str]:
    """Return what is wrong with settings, by variable, without any value."""
    if not isinstance(error, ValidationError):
        return [str(error)]
    prefix = "KAFKA_" if error.title == kafka.KafkaSecurity.__name__ else "BATON_"
    return [
        ": ".join(
            [
                *(_environment_variable(prefix, str(name)) for name in each["loc"]),
                each["msg"].removeprefix("Value error, "),
            ]
        )
        for each in error.errors(include_input=False, include_url=False)
    ]


def _environment_variable(prefix: str, name: str) -> str:
    return name if name.isupper() else f"{prefix}{name.upper()}"


async def retry_until_prepared(prepare: Callable[[], Awaitable[None]]) -> None:
    """Prepare, however long PostgreSQL is away or refuses; raises what has nothing to do with it."""
    attempt = 0
    while True:
        attempt += 1
        try:
            await prepare()
        except Exception as error:
            retry.raise_if_cancelled(error)
            if database_errors.is_transient(error) is None and not retry.is_transient(error):
                raise
            seconds = retry.compute_delay(attempt, LONGEST_PAUSE)
            if retry.is_attempt_logged(attempt):
                log.warning(
                    "database_awaited",
                    reason=dsn.describe_connection_error(error),
                    **retry.describe_retry(error, attempt, seconds),
                )
            await asyncio.sleep(seconds)
        else:
            if attempt > 1:
                log.info("database_there", attempt=attempt)
            return
