"""Asking services over HTTP with a key that opens them."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Protocol

from baton.exit_codes import FoundWrongError
from baton_client import AsyncBaton, ClientError, Refused

if TYPE_CHECKING:
    from baton_client.generated.async_operations.common import AsyncCommon

PATIENCE_SECONDS = 30.0


class Reachable(Protocol):
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
async def operations(services: Reachable, patience: float = PATIENCE_SECONDS) -> AsyncIterator[AsyncBaton]:
    """Yield the operations of all services; what a service refuses, or does not answer, is a `FoundWrongError`.

    A service that is busy with a fault (503) is asked again for so many seconds: it did nothing yet.
    """
    async with AsyncBaton(services.urls, services.api_key, patience=patience) as baton:
        try:
            yield baton
        except ClientError as error:
            raise FoundWrongError(str(error)) from error


async def is_ready(service: "AsyncCommon") -> bool:
    """Return whether a service says that it can work; raises `NotReached` where it does not answer."""
    try:
        return (await service.readyz()).ready
    except Refused:
        return False
