"""Announce that something changed on somebody's pages, so that those which are open show it at once.

A notice names reps and teams, never a lead, and leaves with the commit. It is a hint: a page that misses it shows the
same the next time it is asked for.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Collection
from functools import partial
from typing import TYPE_CHECKING

from events.runtime import Transaction, database, metrics, retry
from events.runtime.bulk import Write

if TYPE_CHECKING:
    from desk.settings import PageSettings
    from events.runtime import Service

CHANNEL = "pages_changed"
EVERYBODY = "*"
LONGEST = 7_000
"""Characters; PostgreSQL takes 8,000 bytes."""
LONGEST_PAUSE = 5.0
MOST_WAITING = 100


def make_announcement_writes(names: Collection[str]) -> list[Write]:
    """Return how to announce a change to the pages of these reps and teams; the last write of its transaction."""
    text = "\n".join(sorted(names))
    return [("select pg_notify($1, $2)", [CHANNEL, text if len(text) < LONGEST else EVERYBODY])] if names else []


async def announce_changes(tx: Transaction, names: Collection[str]) -> None:
    """Announce a change to the pages of these reps and teams when the transaction commits."""
    await tx.write_together(*make_announcement_writes(names))


class ChangeListener:
    """Those who wait for changes in this process, and the connection that is notified of them."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Queue[frozenset[str]]] = set()

    async def listen(self, service: "Service[PageSettings]") -> None:
        """Listen until cancelled; connect again where the connection is lost."""
        failures = 0
        while True:
            try:
                connection = await database.connect_with_timeouts(service.database_url)
                try:
                    lost = asyncio.Event()
                    connection.add_termination_listener(partial(_note, lost))
                    await connection.add_listener(CHANNEL, lambda *args: self.notify_waiting(str(args[3])))
                    failures = 0
                    await lost.wait()
                finally:
                    await connection.close(timeout=1)
            except Exception as error:  # noqa: BLE001 - whatever it was, open pages must be notified again
                retry.raise_if_cancelled(error)
                failures += 1
                if not retry.is_transient(error):
                    metrics.TASK_FAILURES.labels("changes").inc()
                await asyncio.sleep(retry.compute_delay(failures, LONGEST_PAUSE))

    def notify_waiting(self, text: str) -> None:
        """Pass the names of a notice on to whoever waits."""
        names = frozenset(text.split("\n"))
        for queue in self._waiting:
            with contextlib.suppress(asyncio.QueueFull):  # who is so far behind looks at everything anyway
                queue.put_nowait(names)

    @contextlib.asynccontextmanager
    async def subscribe(self) -> AsyncIterator[asyncio.Queue[frozenset[str]]]:
        """Return a queue of the names that changed from now on."""
        queue: asyncio.Queue[frozenset[str]] = asyncio.Queue(MOST_WAITING)
        self._waiting.add(queue)
        try:
            yield queue
        finally:
            self._waiting.discard(queue)


def _note(lost: asyncio.Event, _: object) -> None:
    lost.set()


def is_notice_for(names: frozenset[str], mine: Collection[str | None]) -> bool:
    """Whether a notice names one of these, or everybody."""
    return EVERYBODY in names or not names.isdisjoint(mine)


CHANGES = ChangeListener()
