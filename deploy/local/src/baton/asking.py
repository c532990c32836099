"""Asking services over HTTP with the stack's own key."""

from typing import Any

import httpx

from baton.outcome import FoundWrongError
from baton.stack import Stack

TIMEOUT_SECONDS = 30.0


def client(stack: Stack) -> httpx.AsyncClient:
    """Return a client that may do everything in this stack."""
    return httpx.AsyncClient(headers={"Authorization": f"Bearer {stack.secrets.api_key}"}, timeout=TIMEOUT_SECONDS)


async def ask(http: httpx.AsyncClient, method: str, url: str, **what: Any) -> Any:
    """Return the JSON answer, or raise with the title of the problem the service reports."""
    try:
        answer = await http.request(method, url, **what)
    except httpx.HTTPError as error:
        raise FoundWrongError(f"{url} does not answer: {error or type(error).__name__}") from error
    if answer.is_error:
        raise FoundWrongError(f"{url}: {answer.status_code} {_title(answer)}")
    return answer.json() if answer.content else None


def _title(answer: httpx.Response) -> str:
    try:
        problem = answer.json()
    except ValueError:
        return answer.reason_phrase
    return str(problem.get("detail") or problem.get("title") or answer.reason_phrase)
