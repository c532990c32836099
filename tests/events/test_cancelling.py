"""Work that is stopped while a driver is within a statement: the driver may say something else than "cancelled"."""

import asyncio

import asyncpg
import pytest

from events.runtime import retry


async def test_an_error_that_hides_a_cancellation_ends_the_work_instead_of_being_retried() -> None:
    """Else a service that is told to stop under load would go on with its next batch, and never end."""
    begun = asyncio.Event()

    async def work() -> None:
        while True:
            try:
                begun.set()
                await _statement()
            except asyncpg.InterfaceError as error:
                retry.raise_if_cancelled(error)

    task = asyncio.create_task(work())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 5)


async def test_an_error_of_work_that_goes_on_is_left_to_the_retry_table() -> None:
    """Nothing is raised where nobody was cancelled."""
    retry.raise_if_cancelled(asyncpg.InterfaceError("the connection is closed"))


async def _statement() -> None:
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        raise asyncpg.InterfaceError("cannot perform operation: another operation is in progress") from None
