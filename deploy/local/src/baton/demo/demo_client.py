"""The demonstration as a client of capture and feedback, over HTTP as a web form and a CRM are.

Everything carries a key of its own (`event_id`, `key`), so saying it again after a
connection broke changes nothing.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from baton.stack import Stack
from baton_client import AsyncBaton

MOST_ITEMS = 500
TIMEOUT_SECONDS = 60.0
SETTLED = {"accepted", "duplicate"}
LATER = {"lead_unknown", "unavailable"}
"""Refusals of commands that are taken a moment later: the lead is on its way, or PostgreSQL is away."""


@dataclass(frozen=True, slots=True)
class FeedbackCommand:
    """One command to feedback; `key` makes saying it twice the same as once."""

    lead_id: str
    key: str
    body: dict[str, Any]


@dataclass
class DemoClient:
    """Kept-alive connections to the services of a stack, and what they answered."""

    stack: Stack
    engagements: set[str] = field(default_factory=set)
    """What capture took: each must come out as a `contact.captured.v1`."""
    rejected: list[str] = field(default_factory=list)
    _refused: dict[str, str] = field(default_factory=dict)
    """What each command was and why feedback refused it, by the command's key: sent again it is refused again."""
    _baton: AsyncBaton | None = None

    async def __aenter__(self) -> Self:
        self._baton = AsyncBaton(self.stack.urls, self.stack.api_key, timeout=TIMEOUT_SECONDS, patience=0)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._baton is not None:
            await self._baton.close()

    @property
    def baton(self) -> AsyncBaton:
        """The open client."""
        assert self._baton is not None  # noqa: S101 - opened by `async with`
        return self._baton

    @property
    def count_refused(self) -> Counter[str]:
        """How many commands feedback refused, by the command and the problem's code."""
        return Counter(self._refused.values())

    async def submit(self, submissions: Sequence[Any]) -> None:
        """Post submissions to capture; return when all are on disk."""
        for start in range(0, len(submissions), MOST_ITEMS):
            part = submissions[start : start + MOST_ITEMS]
            for submitted, item in zip(part, (await self.baton.capture.post_contacts(part)).items, strict=True):
                if item.status in SETTLED:
                    self.engagements.add(str(item.engagement_id))
                else:
                    self.rejected.append(submitted["event_id"])

    async def send_commands(self, commands: Sequence[FeedbackCommand]) -> list[FeedbackCommand]:
        """Send commands to feedback and return those that it cannot take yet."""
        if not commands:
            return []
        lines = ({"lead_id": command.lead_id, "key": command.key, **command.body} for command in commands)
        items = [item async for item in self.baton.feedback.carry_out_stream(lines)]
        later = []
        for command, item in zip(commands, items[:-1], strict=True):
            if item.status == "refused":
                if item.code in LATER:
                    later.append(command)
                else:
                    self._refused[command.key] = f"{command.body['command']}: {item.code}"
        return later
