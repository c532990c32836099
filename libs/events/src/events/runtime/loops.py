"""A service's loops, each a task that goes on until the service stops: whatever ends one starts it again.

Each loop waits out what it knows of by itself. What it does not know of comes here: counted, logged, tried again later.
Ending the process would take the healthy loops and the intake with it, and the next one would meet the same error.
"""

import asyncio
from collections.abc import Awaitable, Callable

from events.runtime import metrics, retry
from events.runtime.kafka_refusals import describe_missing_right
from events.runtime.logging import logger

log = logger()

STEADY_SECONDS = 60.0
"""A loop that went on for so long is tried again soon after its next failure."""
LONGEST_PAUSE_SECONDS = 5.0
"""Between rounds that fail one after the other, where the loop's own pause is no longer."""


class Loops:
    """Loops by name; `stop` ends them all."""

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def start(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """Start a loop; one that already runs under this name goes on."""
        if name not in self._tasks or self._tasks[name].done():
            self._tasks[name] = asyncio.get_running_loop().create_task(_run_until_cancelled(name, work), name=name)

    def list_ended(self) -> list[str]:
        """Return the names of loops that do not run any more: there must be none."""
        return [name for name, task in self._tasks.items() if task.done()]

    async def stop(self) -> None:
        """Cancel all loops and wait for their ends."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        self._tasks.clear()


async def _run_until_cancelled(name: str, work: Callable[[], Awaitable[None]]) -> None:
    loop = asyncio.get_running_loop()
    failures, denied = 0, None
    while True:
        began = loop.time()
        try:
            await work()
        except Exception as error:  # noqa: BLE001 - nothing from outside ends a process
            retry.raise_if_cancelled(error)
            failures = 1 if loop.time() - began > STEADY_SECONDS else failures + 1
            seconds = retry.compute_delay(failures)
            metrics.TASK_FAILURES.labels(name).inc()
            before, denied = denied, describe_missing_right(error)
            if retry.is_attempt_logged(failures) or denied not in {None, before}:
                log.error("task_restarts", task=name, **retry.describe_retry(error, failures, seconds))  # noqa: TRY400 - no values in logs
            await asyncio.sleep(seconds)
        else:
            return


async def run_rounds(name: str, work_once: Callable[[], Awaitable[int]], *, pause_seconds: float) -> None:
    """Work in rounds until cancelled: on and on while there is something to do, then after a pause.

    A round that fails is counted (but for outages, which pass by themselves), logged and tried again.

    Args:
        name: What metrics and logs call the loop.
        work_once: Does one round and returns how much there was to do.
        pause_seconds: Real time from a round with nothing to do, or one that failed, to the next.
    """
    failures = 0
    while True:
        seconds = pause_seconds
        try:
            found = await work_once()
            failures = 0
            if found:
                continue
        except Exception as error:  # noqa: BLE001 - what broke one round must not stop the next
            retry.raise_if_cancelled(error)
            failures += 1
            seconds = max(pause_seconds, retry.compute_delay(failures, LONGEST_PAUSE_SECONDS))
            if not retry.is_transient(error):
                metrics.TASK_FAILURES.labels(name).inc()
            if retry.is_attempt_logged(failures):
                log.warning("round_failed", task=name, **retry.describe_retry(error, failures, seconds))
        await asyncio.sleep(seconds)


async def keep_measuring_lag() -> None:
    """Keep the metric of how late the event loop is."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + 1.0
        await asyncio.sleep(1.0)
        metrics.LOOP_LAG.set(max(0.0, loop.time() - due))
