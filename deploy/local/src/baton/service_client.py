"""Asking services over HTTP with a key that opens them."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Protocol

import httpx

from baton.exit_codes import FoundWrongError
from baton_client import AsyncBaton, ClientError

TIMEOUT_SECONDS = 30.0
RETRY_SECONDS, MOST_TRIES = 1.0, 30


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


def client(services: Reachable) -> httpx.AsyncClient:
    """Return a client that may do all that the key allows."""
    return httpx.AsyncClient(headers={"Authorization": f"Bearer {services.api_key}"}, timeout=TIMEOUT_SECONDS)


@asynccontextmanager
async def operations(services: Reachable) -> AsyncIterator[AsyncBaton]:
    """Yield the operations of all services; what a service refuses, or does not answer, is a `FoundWrongError`."""
    async with AsyncBaton(services.urls, services.api_key, timeout=TIMEOUT_SECONDS) as baton:
        try:
            yield baton
        except ClientError as error:
            raise FoundWrongError(str(error)) from error


async def ask(http: httpx.AsyncClient, method: str, url: str, **what: Any) -> Any:
    """Return the JSON answer, or raise with the title of the problem the service reports.

    A service that is busy with a fault answers 503: it is asked again for half a minute, for it did nothing yet.
    """
    tries = 0
    while True:
        tries += 1
        try:
            answer = await http.request(method, url, **what)
        except httpx.HTTPError as error:
            raise FoundWrongError(f"{url} does not answer: {error or type(error).__name__}") from error
        if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE or tries == MOST_TRIES:
            break
        await asyncio.sleep(RETRY_SECONDS)
    if answer.is_error:
        raise FoundWrongError(f"{url}: {answer.status_code} {_title(answer)}")
    return answer.json() if answer.content else None


def _title(answer: httpx.Response) -> str:
    try:
        problem = answer.json()
    except ValueError:
        return answer.reason_phrase
    return str(problem.get("detail") or problem.get("title") or answer.reason_phrase)
