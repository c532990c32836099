"""Drives the stepped clock: from each due instant to the next, everything drained in between.

A step has two halves. First time moves (`instant`) and what is dated inside the step is posted and
drained; then timers may fire (`released`) and what they say is drained. So a touch made an hour
before its deadline is applied before the deadline passes, as in life.
"""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from baton.backlog import BacklogObserver, BacklogSnapshot
from baton.database import Connection
from baton.exit_codes import FoundWrongError, WrongUsageError

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOVE = "update clock set instant = $1"
RELEASE = "update clock set released = $1 returning pg_notify('clock', '')"
BOTH = "update clock set instant = $1, released = $1 returning pg_notify('clock', '')"
READ = "select stepped, instant, released from clock"
DRAIN_SECONDS = 300.0
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class OutsideWorld(Protocol):
    """What the outside world does at instants of its own, while time is driven."""

    def next_at(self) -> datetime | None:
        """Return when the next thing happens, or None if nothing will."""
        ...

    async def post(self, until: datetime) -> None:
        """Do all that happens up to and including `until`, and return when it was accepted."""
        ...


class EmptyWorld:
    """A world in which nothing happens but time."""

    def next_at(self) -> datetime | None:
        """Return that nothing will happen."""
        return None

    async def post(self, until: datetime) -> None:
        """Do nothing."""


@dataclass
class ClockDriver:
    """Moves the clocks of all six services together."""

    observer: BacklogObserver
    steps: int = 0

    async def align_clocks(self) -> datetime:
        """Return the business time all services agree on, catching up one that crashed behind."""
        rows = [await connection.fetchrow(READ) for connection in self._connections()]
        clocks = [row for row in rows if row is not None]
        if not all(row["stepped"] and row["instant"] for row in clocks):
            raise WrongUsageError("this stack runs on the system clock (`up --clock stepped`)")
        instants: set[datetime] = {row["instant"] for row in clocks}
        if len(instants) > 1 or any(row["released"] != row["instant"] for row in clocks):
            await self._execute_in_all(MOVE, max(instants))
            await self.observer.wait_until_drained(DRAIN_SECONDS, passes=1)
            await self._execute_in_all(RELEASE, max(instants))
        return max(instants)

    async def advance(
        self,
        delta: timedelta,
        tick: timedelta | None = None,
        world: OutsideWorld | None = None,
    ) -> datetime:
        """Move on by `delta` and return the new now, when all that fell due has been done.

        With a `tick`, instants are rounded up to a multiple of it: fewer and coarser steps.
        """
        world = world or EmptyWorld()
        now = await self.align_clocks()
        target = now + delta
        found = await self._wait_until_drained()
        while now < target:
            now = self._next_instant(now, target, tick, found.next_due, world.next_at())
            found = await self._step_to(now, found, world)
        return now

    def _next_instant(
        self,
        now: datetime,
        target: datetime,
        tick: timedelta | None,
        *candidates: datetime | None,
    ) -> datetime:
        least = min((at for at in candidates if at is not None), default=target)
        if tick is not None:
            least = round_up_to_tick(least, tick)
        if least <= now:
            least = now + (tick or timedelta(microseconds=1))
        return min(least, target)

    async def _step_to(self, now: datetime, before: BacklogSnapshot, world: OutsideWorld) -> BacklogSnapshot:
        self.steps += 1
        happening = world.next_at()
        if happening is None or happening > now:
            if before.next_due is None or before.next_due > now:
                await self._execute_in_all(BOTH, now)
                return before
            # No timer may fire before every clock has moved: what it publishes would be older in the next service.
            await self._execute_in_all(MOVE, now)
            await self._execute_in_all(RELEASE, now)
            return await self._wait_until_drained()
        await self._execute_in_all(MOVE, now)
        await world.post(now)
        await self._wait_until_drained()
        await self._execute_in_all(RELEASE, now)
        return await self._wait_until_drained()

    async def _wait_until_drained(self) -> BacklogSnapshot:
        return await self.observer.wait_until_drained(DRAIN_SECONDS, passes=1)

    async def _execute_in_all(self, sql: str, instant: datetime) -> None:
        await asyncio.gather(*(c.execute(sql, instant) for c in self._connections()))

    def _connections(self) -> list[Connection]:
        return list(self.observer.connections.values())


def round_up_to_tick(instant: datetime, tick: timedelta) -> datetime:
    """Return the first multiple of `tick` since the epoch that is not before `instant`."""
    return EPOCH + -((EPOCH - instant) // tick) * tick


def parse_time_span(text: str) -> timedelta:
    """Read a duration such as `48h`, `30m`, `90d`, `1d12h`."""
    total, number = timedelta(), ""
    for character in text.strip().lower():
        if character.isdigit():
            number += character
        elif character in UNITS and number:
            total += timedelta(**{UNITS[character]: int(number)})
            number = ""
        else:
            break
    else:
        if total and not number:
            return total
    raise WrongUsageError(f"'{text}' is no duration; write 30m, 48h, 7d or 1d12h")


async def step_stack_forward(
    observer: BacklogObserver,
    delta: timedelta,
    tick: timedelta | None = None,
    world: OutsideWorld | None = None,
) -> datetime:
    """Drive the clocks of a stack by `delta`; see `ClockDriver.advance`."""
    if delta <= timedelta():
        raise FoundWrongError("time only goes forward")
    return await ClockDriver(observer).advance(delta, tick, world)
