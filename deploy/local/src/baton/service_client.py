"""Asking services over HTTP with a key that opens them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Protocol, TypeVar

from baton.exit_codes import FoundWrongError
from baton_client import AsyncBaton, ClientError, NotReached, Refused

if TYPE_CHECKING:
    from baton_client.generated.async_operations.common import AsyncCommon

T = TypeVar("T")

PATIENCE_SECONDS = 30.0
RETRY_SECONDS, MOST_TRIES = 1.0, 30


class ReachableServices(Protocol):
    """Six services that can be asked: those of a stack on this machine, or those that the environment names."""

    @property
    def urls(self) -> Mapping[str, str]:
        """Each service's HTTP address, by name."""
        ...

    @property
    def api_key(self) -> str:
        """A key for all of them."""
        ...


@asynccontextmanager
async def open_service_clients(
    services: ReachableServices, patience: float = PATIENCE_SECONDS
) -> AsyncIterator[AsyncBaton]:
    """Yield the operations of all services; what a service refuses, or does not answer, is a `FoundWrongError`.

    A service that is busy with a fault (503) is asked again for so many seconds: it did nothing yet.
    """
    async with AsyncBaton(services.urls, services.api_key, patience=patience) as baton:
        try:
            yield baton
        except ClientError as error:
            raise FoundWrongError(str(error)) from error


async def wait_for_restart(ask: Callable[[], Awaitable[T]]) -> T:
    """Return what a service answers; one that is not there is asked again for half a minute: somebody starts it again.

    Raises:
        NotReached: Nobody did.
    """
    for _ in range(MOST_TRIES - 1):
        with suppress(NotReached):
            return await ask()
        await asyncio.sleep(RETRY_SECONDS)
    return await ask()


async def list_obstacles(service: "AsyncCommon") -> list[str]:
    """Return what keeps a service from doing its work, as it says itself; raises `NotReached` where it says nothing."""
    try:
        await service.readyz()
    except Refused as error:
        named = error.problem.get("missing")
        return [str(each) for each in named] if isinstance(named, list) else [str(error)]
    return []
