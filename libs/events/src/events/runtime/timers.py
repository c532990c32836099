"""Timers are rows: found when they fall due without anybody saving anything, and carried out once.

A pass looks at what is due without locking it, locks the contacts (as everybody does first), and takes those timers
that are still there. Two processes that look at the same rows are serialised by the contact; the second finds nothing.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from events.ids import derive_id
from events.runtime import clock, database, locks, metrics, retry
from events.runtime.apply import TransactionOpener
from events.runtime.logging import describe_error, logger
from events.runtime.transaction import DueTimer, Transaction

log = logger()

TimerHandler = Callable[[Sequence[DueTimer], Transaction], Awaitable[None]]

AT_ONCE = 500
POLL_SECONDS = 2.0
"""Whoever sets a timer that falls due sooner wakes the timers of its process: only what a process left that ended, or
another one has set, is found so late."""
LONGEST_PAUSE = 5.0
"""Seconds before the next try, at most, when PostgreSQL is away."""
LOOK_SECONDS = 0.25
"""Before the next look at contacts that another session holds locked."""
LONGEST_HOLD = 60.0
"""Seconds for which timers wait for their own consumers to catch up: a touch on its way is applied first."""

_DUE = """
select kind, key, contact_id, due_at from timers
where due_at <= (select timer_horizon()) order by due_at limit $1 offset $2
"""
_TAKE = """
delete from timers t using unnest($1::text[], $2::uuid[]) as d(kind, key)
where t.kind = d.kind and t.key = d.key and t.due_at <= (select timer_horizon())
returning t.kind, t.key, t.contact_id, t.due_at
"""


class TimerRunner:
    """Carries out a service's timers by their kind."""

    def __init__(
        self,
        *,
        handlers: Mapping[str, TimerHandler],
        transaction: TransactionOpener,
        database_url: str,
        lagging: Callable[[], Awaitable[bool]],
    ) -> None:
        self.handlers = handlers
        self.transaction = transaction
        self.database_url = database_url
        self.lagging = lagging
        self._awake = asyncio.Event()
        self._failures: dict[Any, int] = {}
        self._locked: set[UUID] = set()
        """Contacts that another session held at the last look: their timers wait, and no others."""
        self._distance = 0
        """How many due timers are left to other processes, who are at work on them."""

    def wake(self) -> None:
        """Wake the timers: one was set, or the clock was moved."""
        self._awake.set()

    async def run(self) -> None:
        """Fire timers until cancelled."""
        failures = 0
        while True:
            try:
                async with contextlib.AsyncExitStack() as stack:
                    raw = await database.connect_with_timeouts(self.database_url)
                    stack.push_async_callback(raw.close, timeout=2.0)
                    await raw.add_listener(clock.CHANNEL, lambda *_: self.wake())
                    while True:
                        self._awake.clear()
                        if not await self._fire_due_timers(raw):
                            await self._wait_for_due_timer(raw)
                        failures = 0
            except Exception as error:  # noqa: BLE001 - what broke one round must not stop the next
                retry.raise_if_cancelled(error)
                failures += 1
                seconds = retry.compute_delay(failures, LONGEST_PAUSE)
                if not retry.is_transient(error):
                    metrics.TASK_FAILURES.labels("timers").inc()
                if retry.is_attempt_logged(failures):
                    log.warning("timers_restart", **retry.describe_retry(error, failures, seconds))
                await asyncio.sleep(seconds)

    async def _wait_for_due_timer(self, raw: Any) -> None:
        """Until something is said, the next timer is due, or the poll that finds what other processes set."""
        seconds = await raw.fetchval(
            "select extract(epoch from min(due_at) - timer_horizon())::double precision from timers"
        )
        pause = POLL_SECONDS if seconds is None else min(POLL_SECONDS, max(0.001, seconds))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await self._awake.wait()

    async def _fire_due_timers(self, raw: Any) -> int:
        rows = await raw.fetch(_DUE, AT_ONCE, self._distance)
        if not rows and self._distance:
            self._distance = 0
            rows = await raw.fetch(_DUE, AT_ONCE, 0)
        if not rows:
            return 0
        await self._wait_while_lagging()
        fired = 0
        free = await self._select_unlocked_timers(rows, self._locked)
        for kind in dict.fromkeys(row["kind"] for row in free):
            fired += await self._fire_timers([row for row in free if row["kind"] == kind])
        if not fired and self._locked:
            await asyncio.sleep(LOOK_SECONDS)
        if fired < len(rows) // 2:
            self._distance += AT_ONCE
        return len(rows)

    async def _wait_while_lagging(self) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + LONGEST_HOLD
        while loop.time() < until and await self.lagging():  # noqa: ASYNC110 - Kafka does not say when we have caught up
            await asyncio.sleep(0.02)

    async def _fire_timers(self, rows: Sequence[Any]) -> int:
        """Fire timers of one kind together, or one by one to find the culprit."""
        try:
            return await self.fire_together(rows)
        except Exception as error:
            if locks.is_lock_timeout(error):
                return await self._fire_unlocked(rows)
            if retry.is_transient(error):
                raise
            log.warning("timers_rolled_back", kind=rows[0]["kind"], rows=len(rows), error=describe_error(error))
            if len(rows) > 1:
                return sum([await self._fire_timers([row]) for row in rows])
            name = (rows[0]["kind"], rows[0]["key"])
            self._failures[name] = self._failures.get(name, 0) + 1
            if self._failures[name] >= retry.TRIES:
                await self._park_timer(rows[0], describe_error(error), self._failures.pop(name))
                return 1
            await asyncio.sleep(retry.compute_delay(self._failures[name]))
            return 0

    async def _select_unlocked_timers(self, rows: Sequence[Any], suspects: Collection[UUID]) -> list[Any]:
        """Return the timers of contacts that no other session holds, and remember those that one does."""
        if suspects:
            async with self.transaction() as tx:
                self._locked = await locks.find_locked_contacts(tx, suspects)
        return [row for row in rows if row["contact_id"] not in self._locked]

    async def _fire_unlocked(self, rows: Sequence[Any]) -> int:
        """Fire those of these timers that need no locked row, the others stay due; half by half if it is no contact."""
        free = await self._select_unlocked_timers(rows, self._locked | {row["contact_id"] for row in rows})
        if len(free) < len(rows):
            return await self._fire_timers(free) if free else 0
        middle = len(rows) // 2
        return sum([await self._fire_timers(part) for part in (rows[:middle], rows[middle:])]) if middle else 0

    async def fire_together(self, rows: Sequence[Any]) -> int:
        """Take those of these timers that are still due and carry them out, in one transaction."""
        kind = rows[0]["kind"]
        async with self.transaction() as tx:
            await locks.limit_lock_waits(tx)
            await tx.lock_contacts(row["contact_id"] for row in rows)
            taken = await tx.raw.fetch(_TAKE, [row["kind"] for row in rows], [row["key"] for row in rows])
            due = sorted(
                (DueTimer(row["kind"], row["key"], row["contact_id"], row["due_at"]) for row in taken),
                key=lambda timer: (timer.due_at, timer.key),
            )
            if due:
                await self.handlers[kind](due, tx)
            lateness = [(tx.now - timer.due_at).total_seconds() for timer in due]
        metrics.TIMERS.labels(kind).inc(len(due))
        for seconds in lateness:
            metrics.TIMER_LATENESS.labels(kind).observe(max(0.0, seconds))
        return len(due)

    async def _park_timer(self, row: Any, detail: str, attempts: int) -> None:
        parked_id = derive_id("parked-timer", row["kind"], row["key"], row["due_at"])
        async with self.transaction() as tx:
            await tx.lock_contacts([row["contact_id"]])
            if not await tx.raw.fetch(_TAKE, [row["kind"]], [row["key"]]):
                return
            await tx.raw.execute(
                "insert into parked (id, topic, ce_id, headers, contact_id, reason, detail, attempts)"
                " values ($1, $2, $3, $4::text::jsonb, $5, 'handler_bug', $6, $7) on conflict (id) do nothing",
                parked_id, f"timer:{row['kind']}", str(row["key"]), "[]", row["contact_id"], detail, attempts,
            )  # fmt: skip
            tx.emit_dead_letter(parked_id, f"timer:{row['kind']}", str(row["contact_id"]), "handler_bug")
        log.error("timer_parked", kind=row["kind"], error=detail)
