"""Requests that arrive together share one transaction: while one commits, the next ones gather.

Too many in the line, or too long in it, and a request is told to come back: nobody waits for an answer that will come
too late, and nothing is done for somebody who has gone.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Generic, TypeVar

from events.runtime import metrics, retry
from events.runtime.errors import DomainError
from events.runtime.problems import RETRY_LATER, Problem
from events.runtime.transaction import Transaction

if TYPE_CHECKING:
    from events.runtime.service import Service

PATIENCE_SECONDS = 2.0
"""How long a single request may wait for its answer."""
LONGEST_LINE = 2_000
"""Requests that wait; the next one is shed."""

I = TypeVar("I")  # noqa: E741 - what goes in
O = TypeVar("O")  # noqa: E741 - what comes out


def _overloaded() -> Problem:
    metrics.SHED.inc()
    return Problem(503, "overloaded", headers=RETRY_LATER)


class Gather(Generic[I, O]):
    """Carries out single requests in common transactions; each gets its own answer or its own error."""

    def __init__(
        self,
        service_of: "Callable[[], Service]",
        act: Callable[[Sequence[I], Transaction], Awaitable[Sequence[O | DomainError]]],
        most: int = 500,
        at_once: int = 1,
    ) -> None:
        """Take at most `most` requests together; where as many wait still, up to `at_once` transactions overlap.

        The next one begins when the one before has called `tx.held()`: whoever waits for a lock waits in order.
        """
        self._service_of = service_of
        self._act = act
        self._most = most
        self._at_once = at_once
        self._held = asyncio.Event()
        self._held.set()
        self._waiting: list[tuple[I, asyncio.Future[O | DomainError]]] = []
        self._workers: set[asyncio.Task[None]] = set()

    async def submit(self, item: I) -> O:
        """Carry out one request; raises the domain error that was its answer."""
        if len(self._waiting) >= LONGEST_LINE:
            raise _overloaded()
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                answer = await self._put(item)
        except TimeoutError:
            raise _overloaded() from None
        if isinstance(answer, DomainError):
            raise answer
        return answer

    async def submit_many(self, items: Sequence[I]) -> list[O | DomainError]:
        """Carry out several requests, in their order, and give an answer to each."""
        futures = [self._put(item) for item in items]
        return list(await asyncio.gather(*futures))

    def _put(self, item: I) -> "asyncio.Future[O | DomainError]":
        future: asyncio.Future[O | DomainError] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if not self._workers or (len(self._waiting) >= self._most and len(self._workers) < self._at_once):
            worker = asyncio.get_running_loop().create_task(self._work())
            self._workers.add(worker)
        return future

    async def _work(self) -> None:
        service = self._service_of()
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
                batch = [(item, future) for item, future in batch if not future.done()]  # the others have given up
                before, held = self._held, asyncio.Event()
                self._held = held
                service.open_commands += len(batch)
                try:
                    await before.wait()
                    await self._carry_out(service, batch, held.set)
                finally:
                    held.set()
                    service.open_commands -= len(batch)
        finally:
            self._workers.remove(asyncio.current_task())  # type: ignore[arg-type]  # a worker is a task

    async def _carry_out(
        self,
        service: "Service",
        batch: Sequence[tuple[I, "asyncio.Future[O | DomainError]"]],
        held: Callable[[], None],
    ) -> None:
        try:
            async with service.transaction() as tx:
                tx.held = held
                answers = await self._act([item for item, _ in batch], tx)
        except Exception as error:  # noqa: BLE001 - each request learns its own fate
            if len(batch) > 1 and not retry.is_transient(error):
                for one in batch:
                    await self._carry_out(service, [one], held)
                return
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
            return
        for (_, future), answer in zip(batch, answers, strict=True):
            if not future.done():
                future.set_result(answer)
