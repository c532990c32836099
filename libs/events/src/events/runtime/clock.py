"""The two times, and the stepped clock that moves one of them.

Business time (`tx.now`, due dates) is the database's: its system clock, or a stepped one that stands still until it is
advanced. Real time (leases, limits, back-off) is never stepped.

The database tells both through `business_now()` and `timer_horizon()`; a step first moves `instant`, so that what is
dated inside it can be posted, and only then `released`, which lets the timers up to it fire.
"""

from datetime import UTC, datetime
from typing import Literal

from events.runtime.transaction import DriverConnection

CHANNEL = "clock"
"""A change of the stepped clock is notified here."""


async def choose_clock(
    connection: DriverConnection, clock: Literal["system", "stepped"], start: datetime | None
) -> None:
    """Put the service's database on this clock; a stepped one that already runs is left where it stands."""
    if clock == "system":
        await connection.execute("update clock set stepped = false where stepped")
        return
    await connection.execute(
        "update clock set stepped = true, instant = coalesce(instant, $1), released = coalesce(released, $1)",
        start or datetime.now(UTC),
    )


async def set_business_time(connection: DriverConnection, instant: datetime) -> None:
    """Move business time; timers wait until `release_timers`."""
    await connection.execute("update clock set instant = $1 where stepped", instant)


async def release_timers(connection: DriverConnection, instant: datetime) -> None:
    """Let the timers up to this instant fire."""
    await connection.execute("update clock set released = $1 where stepped", instant)
    await connection.execute(f"notify {CHANNEL}")
