"""Says things to capture and feedback over HTTP, as a web form and a CRM would.

Everything carries a key of its own (`event_id`, `key`), so saying it again after a
connection broke changes nothing.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import httpx
import orjson

from baton.exit_codes import FoundWrongError
from baton.stack import Stack

MOST_ITEMS = 500
NDJSON = {"Content-Type": "application/x-ndjson"}
TIMEOUT_SECONDS = 60.0
SETTLED = {"accepted", "duplicate"}
LATER = {"lead_unknown", "unavailable"}
"""Refusals of commands that are taken a moment later: the lead is on its way, or PostgreSQL is away."""


class RefusedError(FoundWrongError):
    """A service refused what it was asked; asking again would not help."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command to feedback; `key` makes saying it twice the same as once."""

    lead_id: str
    key: str
    body: dict[str, Any]


@dataclass
class FrontDoor:
    """Kept-alive connections to the services of a stack, and what they answered."""

    stack: Stack
    engagements: set[str] = field(default_factory=set)
    """What capture took: each must come out as a `contact.captured.v1`."""
    rejected: list[str] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    """Commands that feedback refused, by the problem's code."""

    _http: httpx.AsyncClient | None = None

    async def __aenter__(self) -> Self:
        headers = {"Authorization": f"Bearer {self.stack.secrets.api_key}"}
        self._http = httpx.AsyncClient(headers=headers, timeout=TIMEOUT_SECONDS)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._http is not None:
            await self._http.aclose()

    @property
    def http(self) -> httpx.AsyncClient:
        """The open client."""
        assert self._http is not None  # noqa: S101 - opened by `async with`
        return self._http

    async def submit(self, submissions: Sequence[dict[str, Any]]) -> None:
        """Post submissions to capture; return when all are on disk."""
        url = f"{self.stack.urls['capture']}/v1/contacts/batch"
        for start in range(0, len(submissions), MOST_ITEMS):
            part = submissions[start : start + MOST_ITEMS]
            headers = {"Content-Type": "application/json"}
            answer = await self._post(url, orjson.dumps(part), headers)
            for submitted, item in zip(part, orjson.loads(answer)["items"], strict=True):
                if item["status"] in SETTLED:
                    self.engagements.add(item["engagement_id"])
                else:
                    self.rejected.append(submitted["event_id"])

    async def command(self, commands: Sequence[Command]) -> list[Command]:
        """Send commands to feedback and return those that it cannot take yet."""
        if not commands:
            return []
        url = f"{self.stack.urls['feedback']}/v1/leads/commands"
        lines = (orjson.dumps({"lead_id": command.lead_id, "key": command.key, **command.body}) for command in commands)
        answer = await self._post(url, b"\n".join(lines), NDJSON)
        items = [orjson.loads(line) for line in answer.splitlines()]
        later = []
        for command, item in zip(commands, items[:-1], strict=True):
            if item["status"] == "refused":
                code = item["problem"]["errors"][0]["code"]
                if code in LATER:
                    later.append(command)
                else:
                    self.refused[f"{command.body['command']}: {code}"] += 1
        return later

    async def put(self, service: str, things: Iterable[tuple[str, dict[str, Any]]]) -> None:
        """PUT things to their paths, a few at a time."""
        at_once = asyncio.Semaphore(8)

        async def post(path: str, body: dict[str, Any]) -> None:
            async with at_once:
                _check(await self.http.put(f"{self.stack.urls[service]}{path}", json=body))

        await asyncio.gather(*(post(path, body) for path, body in things))

    async def get(self, service: str, path: str) -> Any:
        """Return the JSON that a service answers."""
        return _check(await self.http.get(f"{self.stack.urls[service]}{path}")).json()

    async def _post(self, url: str, content: bytes, headers: dict[str, str]) -> bytes:
        return _check(await self.http.post(url, content=content, headers=headers)).content


def _check(answer: httpx.Response) -> httpx.Response:
    if answer.is_client_error and answer.status_code != httpx.codes.TOO_MANY_REQUESTS:
        raise RefusedError(f"{answer.request.url} said {answer.status_code}: {answer.text[:500]}")
    return answer.raise_for_status()
