"""The connections to a stack, made anew whenever a part of it dies.

Whatever is done through a connection must be safe to do again: it is, after every breakdown.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from typing import TypeVar

from aiokafka.errors import KafkaError

from baton import dead_letters
from baton import stack as stacks
from baton.backlog import BacklogObserver
from baton.database import DATABASE_ERRORS
from baton.demo.demo_client import DemoClient
from baton.demo.listener import TopicListener
from baton.exit_codes import BatonError, CannotStartError, FoundWrongError
from baton.stack import Stack, StartOptions
from baton_client import AsyncBaton, ClientError, Refused

T = TypeVar("T")

MEND_SECONDS = 180.0
PAUSE_SECONDS = 0.3
MOST_CHARACTERS = 300
GOODBYE_SECONDS = 3.0
BROKEN = (
    *(BatonError, OSError, TimeoutError, KafkaError, ClientError),
    *DATABASE_ERRORS,
)
"""What it looks like from here when a part of the stack dies."""
OUR_MISTAKES = frozenset(range(400, 500)) - {429}
"""Answers to a request that will not be taken the second time either."""


@dataclass
class StackConnection:
    """One stack, whoever of it is up right now."""

    options: StartOptions
    stack: Stack
    listener: TopicListener
    client: DemoClient
    observer: BacklogObserver
    notify: Callable[[str], None]
    """Is told what broke, as it happens."""
    mended: int = 0
    """How often something had died and was there again."""
    troubled: str = ""
    """What broke last."""
    _lines: AsyncExitStack = field(default_factory=AsyncExitStack)

    @classmethod
    def make_unconnected(cls, options: StartOptions, stack: Stack, notify: Callable[[str], None]) -> "StackConnection":
        """Return a connection that is not connected yet."""
        listener = TopicListener(stack.state.bootstrap, stack.state.rung)
        return cls(options, stack, listener, DemoClient(stack), BacklogObserver(stack), notify)

    async def open(self) -> None:
        """Connect to databases, Kafka and services."""
        self.observer = BacklogObserver(self.stack)
        self.client.stack = self.stack
        self.listener.bootstrap = self.stack.state.bootstrap
        for part in (self.observer, self.listener, self.client):
            self._lines.push_async_exit(part)
            await part.__aenter__()

    async def close(self) -> None:
        """Hang up; on dead connections nobody waits for a goodbye."""
        lines, self._lines = self._lines, AsyncExitStack()
        with suppress(*BROKEN):
            async with asyncio.timeout(GOODBYE_SECONDS):
                await lines.aclose()

    async def retry_outages(self, work: Callable[[], Awaitable[T]]) -> T:
        """Return what `work` gives, after as many breakdowns as it takes.

        A request that was refused is a mistake of ours: trying again would not help it.
        """
        started = time.monotonic()
        while True:
            try:
                return await work()
            except BROKEN as error:
                if isinstance(error, Refused) and error.status in OUR_MISTAKES:
                    raise FoundWrongError(str(error)) from error
                if time.monotonic() - started > MEND_SECONDS:
                    raise CannotStartError(f"the stack does not work: {_describe_error(error)}") from error
                if self.troubled != str(error):
                    self.troubled = str(error)
                    self.notify(f"Something broke, waiting for it: {_describe_error(error)}")
                await self._restart_and_reconnect(started, error)

    async def _restart_and_reconnect(self, started: float, why: BaseException) -> None:
        """Wait until the stack is up again (start it if its supervisor died), and reconnect."""
        while True:
            await self.close()
            await asyncio.sleep(PAUSE_SECONDS)
            try:
                self.stack = await asyncio.to_thread(stacks.start_detached, self.options)
                await self._wait_until_services_ready()
                await self.open()
                await self._republish_to_empty_broker()
            except BROKEN as error:
                if time.monotonic() - started > MEND_SECONDS:
                    message = f"the stack did not come back: {_describe_error(error)}"
                    raise CannotStartError(message) from why
            else:
                self.mended += 1
                return

    async def _wait_until_services_ready(self) -> None:
        async with AsyncBaton(self.stack.urls, timeout=PAUSE_SECONDS * 10, patience=0) as baton:
            for name in self.stack.urls:
                await baton.service(name).readyz()

    async def _republish_to_empty_broker(self) -> None:
        """Have everything sent again to a broker that came back empty: it keeps all in memory."""
        if self.stack.state.rung == "memory" and await self.listener.has_lost_records():
            await dead_letters.republish_journals(self.stack, None, None)


def _describe_error(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:MOST_CHARACTERS]
