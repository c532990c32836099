"""What a service needs before its loops may run, awaited as long as it takes: PostgreSQL, at the newest revision."""

import asyncio
from collections.abc import Awaitable, Callable

from events.runtime import database_errors, retry
from events.runtime.logging import logger

log = logger()

LONGEST_PAUSE = 5.0
"""Seconds before the next try, at most."""


class NotConfigured(Exception):
    """What the service was given cannot be used; waiting would not mend it."""


async def until_prepared(prepare: Callable[[], Awaitable[None]]) -> None:
    """Prepare, however long PostgreSQL is away or refuses; raises what has nothing to do with it."""
    attempt = 0
    while True:
        attempt += 1
        try:
            await prepare()
        except Exception as error:
            retry.give_up_if_cancelled(error)
            if database_errors.passes(error) is None and not retry.is_transient(error):
                raise
            seconds = retry.delay(attempt, LONGEST_PAUSE)
            if retry.is_logged(attempt):
                log.warning("database_awaited", **retry.facts(error, attempt, seconds))
            await asyncio.sleep(seconds)
        else:
            if attempt > 1:
                log.info("database_there", attempt=attempt)
            return
