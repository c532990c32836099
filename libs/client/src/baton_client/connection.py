"""A connection to one service that waits for each answer: what generated operations are carried out with."""

import time
from collections.abc import Iterator
from typing import Any

import httpx

from baton_client import messages
from baton_client.errors import NotReached

RETRY_SECONDS = 1.0


class Connection:
    """One service behind one address."""

    def __init__(self, http: httpx.Client, url: str, patience: float) -> None:
        self._http = http
        self._url = url.rstrip("/")
        self._patience = patience

    def send(self, method: str, path: str, **what: Any) -> httpx.Response:
        """Send a request and return the answer, which is a success.

        A service that is busy with a fault answers 503 and did nothing: it is asked again while patience lasts.

        Raises:
            NotReached: Nobody answers.
            Refused: The service answered with a problem.
        """
        given_up_at = time.monotonic() + self._patience
        while True:
            try:
                answer = self._http.request(method, f"{self._url}{path}", **what)
            except httpx.HTTPError as error:
                raise NotReached(f"{self._url} does not answer: {error or type(error).__name__}") from error
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE or time.monotonic() >= given_up_at:
                return messages.raise_unless_success(answer)
            time.sleep(RETRY_SECONDS)

    def request_as(self, kind: Any, method: str, path: str, **what: Any) -> Any:
        """Send a request and return the answer's body as `kind`."""
        return messages.read_body_as(self.send(method, path, **what), kind)

    def stream_as(self, kind: Any, method: str, path: str, **what: Any) -> Iterator[Any]:
        """Send a request and yield each line of the answer as `kind`."""
        try:
            with self._http.stream(method, f"{self._url}{path}", **what) as answer:
                if not answer.is_success:
                    answer.read()
                    messages.raise_unless_success(answer)
                for line in answer.iter_lines():
                    yield messages.read_line_as(line, kind)
        except httpx.HTTPError as error:
            raise NotReached(f"{self._url} does not answer: {error or type(error).__name__}") from error


class Operations:
    """The operations of a service, carried out over a connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
