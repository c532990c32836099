"""The same connection for programs that do other things while a service thinks."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx

from baton_client import messages
from baton_client.connection import RETRY_SECONDS
from baton_client.errors import NotReached


class AsyncConnection:
    """One service behind one address."""

    def __init__(self, http: httpx.AsyncClient, url: str, patience: float) -> None:
        self._http = http
        self._url = url.rstrip("/")
        self._patience = patience

    async def send(self, method: str, path: str, **what: Any) -> httpx.Response:
        """Send a request and return the answer, which is a success.

        A service that is busy with a fault answers 503 and did nothing: it is asked again while patience lasts.

        Raises:
            NotReached: Nobody answers.
            Refused: The service answered with a problem.
        """
        given_up_at = time.monotonic() + self._patience
        while True:
            try:
                answer = await self._http.request(method, f"{self._url}{path}", **what)
            except httpx.HTTPError as error:
                raise NotReached(f"{self._url} does not answer: {error or type(error).__name__}") from error
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE or time.monotonic() >= given_up_at:
                return messages.raise_unless_success(answer)
            await asyncio.sleep(RETRY_SECONDS)

    async def request_as(self, kind: Any, method: str, path: str, **what: Any) -> Any:
        """Send a request and return the answer's body as `kind`."""
        return messages.read_body_as(await self.send(method, path, **what), kind)

    async def stream_as(self, kind: Any, method: str, path: str, **what: Any) -> AsyncIterator[Any]:
        """Send a request and yield each line of the answer as `kind`."""
        try:
            async with self._http.stream(method, f"{self._url}{path}", **what) as answer:
                if not answer.is_success:
                    await answer.aread()
                    messages.raise_unless_success(answer)
                async for line in answer.aiter_lines():
                    yield messages.read_line_as(line, kind)
        except httpx.HTTPError as error:
            raise NotReached(f"{self._url} does not answer: {error or type(error).__name__}") from error


class AsyncOperations:
    """The operations of a service, carried out over a connection."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
