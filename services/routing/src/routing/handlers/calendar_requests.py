"""Ask a calendar's host for the file: over https, at addresses that were checked, of a bounded size and duration."""

import asyncio
import ssl
from http import HTTPStatus
from typing import NamedTuple

import httpx

from events.runtime import outgoing
from events.runtime.outgoing import AddressRefused, AllowedTargets
from routing.handlers.errors import CalendarUnreadable

SECONDS = 20.0
"""For all of it, redirects included."""
MOST_BYTES = 4 * 1024 * 1024
"""An address brings a calendar of many years, where somebody who uploads a file chooses what is in it."""
MOST_REDIRECTS = 3
LONGEST_VALIDATOR = 200

_BY_STATUS: dict[int, str] = {
    HTTPStatus.UNAUTHORIZED: "access_denied",
    HTTPStatus.FORBIDDEN: "access_denied",
    HTTPStatus.NOT_FOUND: "calendar_gone",
    HTTPStatus.GONE: "calendar_gone",
}


class Validators(NamedTuple):
    """By what a host recognises a file that did not change."""

    etag: str | None = None
    last_modified: str | None = None

    def as_headers(self) -> dict[str, str]:
        """Return the headers of a request that wants a file only if it changed."""
        named = {"if-none-match": self.etag, "if-modified-since": self.last_modified}
        return {name: value for name, value in named.items() if value is not None}


class FetchedFile(NamedTuple):
    """What a host answered with."""

    content: bytes
    validators: Validators


def make_client(authorities: str | None) -> httpx.AsyncClient:
    """Return a client that trusts the usual authorities, and those of a file (PEM) where one is named."""
    context = httpx.create_ssl_context(trust_env=False)
    if authorities is not None:
        context.load_verify_locations(authorities)
    return outgoing.make_client(SECONDS, context)


async def fetch_calendar(
    client: httpx.AsyncClient, address: str, known: Validators, allowed: AllowedTargets
) -> FetchedFile | None:
    """Return the file at an address; None where the host says that it is as it was.

    Raises:
        CalendarUnreadable: There is none, or none that may be read.
    """
    try:
        async with asyncio.timeout(SECONDS):
            return await _follow(client, httpx.URL(address), known, allowed)
    except (TimeoutError, httpx.TimeoutException):
        raise CalendarUnreadable("too_slow") from None
    except AddressRefused:
        raise CalendarUnreadable("address_refused") from None
    except httpx.ConnectError as error:
        problem = "certificate_invalid" if _is_about_certificate(error) else "host_unreachable"
        raise CalendarUnreadable(problem) from None
    except httpx.InvalidURL:
        raise CalendarUnreadable("redirect_refused") from None
    except (httpx.HTTPError, OSError, UnicodeError):  # a label of a name that is too long fails as Unicode
        raise CalendarUnreadable("host_unreachable") from None


async def _follow(
    client: httpx.AsyncClient, target: httpx.URL, known: Validators, allowed: AllowedTargets
) -> FetchedFile | None:
    headers = {"accept": "text/calendar, */*;q=0.1", "accept-encoding": "identity", **known.as_headers()}
    for _ in range(MOST_REDIRECTS + 1):
        if target.scheme != "https" or target.userinfo:
            raise CalendarUnreadable("redirect_refused")
        request = await outgoing.build_checked_request(client, "GET", target, allowed, headers=headers)
        answer = await client.send(request, stream=True)
        try:
            if answer.has_redirect_location:
                # the request went to a number: its own address says nothing of the host
                target = target.join(answer.headers["location"])
                continue
            if answer.status_code == HTTPStatus.NOT_MODIFIED and known.as_headers():
                return None
            if answer.status_code != HTTPStatus.OK:
                raise CalendarUnreadable(_BY_STATUS.get(answer.status_code, "host_failing"))
            return FetchedFile(await _read(answer), _validators_of(answer))
        finally:
            await answer.aclose()
    raise CalendarUnreadable("too_many_redirects")


async def _read(answer: httpx.Response) -> bytes:
    if answer.headers.get("content-encoding", "identity") != "identity":
        raise CalendarUnreadable("not_a_calendar")  # not asked for: a small answer could become a large one
    content = bytearray()
    async for chunk in answer.aiter_raw():
        content += chunk
        if len(content) > MOST_BYTES:
            raise CalendarUnreadable("too_large")
    return bytes(content)


def _validators_of(answer: httpx.Response) -> Validators:
    kept = [answer.headers.get(name) for name in ("etag", "last-modified")]
    return Validators(*(value if value and _can_be_sent(value) else None for value in kept))


def _can_be_sent(validator: str) -> bool:
    """Return whether a request may carry what an answer had, where the library reads more than it writes."""
    return len(validator) <= LONGEST_VALIDATOR and validator.isascii() and validator.isprintable()


def _is_about_certificate(error: httpx.ConnectError) -> bool:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return True
        cause = cause.__cause__ or cause.__context__
    return False
