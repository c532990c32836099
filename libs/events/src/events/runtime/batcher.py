"""Requests that arrive together share one transaction: while one commits, the next ones gather.

Who waited too long is told to come back: nobody waits for an answer that will come too late, and nothing is begun
for somebody who has gone. That the line grows no longer than that is the door's work (`protocol.py`).
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Generic, TypeVar

from events.runtime import locks, metrics, retry, traces
from events.runtime.deadlines import copy_context_without_request, timeout_at_request_deadline
from events.runtime.errors import DomainError, InternalError, Unavailable
from events.runtime.logging import describe_error, logger
from events.runtime.problems import RETRY_LATER, Problem
from events.runtime.transaction import Transaction

if TYPE_CHECKING:
    from events.runtime.service import Service

log = logger()

LOCK_MILLISECONDS, LOCK_MILLISECONDS_ALONE = 400, 50
"""How long requests that go together wait for a lock, and then each alone: whoever does not need it waits no longer."""

I = TypeVar("I")  # noqa: E741 - what goes in
O = TypeVar("O")  # noqa: E741 - what comes out


@dataclass(eq=False, slots=True)
class _RequestGroup(Generic[I, O]):
    """Requests that came together, and the answers they wait for: one future for all, since each costs a turn."""

    items: Sequence[I]
    answers: "asyncio.Future[list[O | DomainError]]"
    caller: traces.TraceParent | None
    is_taken: bool = False
    """Whether it is in a batch, and will be carried out whoever still waits for it."""


class Batcher(Generic[I, O]):
    """Carries out single requests in common transactions; each gets its own answer or its own error."""

    def __init__(
        self,
        service_of: "Callable[[], Service]",
        act: Callable[[Sequence[I], Transaction], Awaitable[Sequence[O | DomainError]]],
        most: int = 500,
        at_once: int = 1,
        *,
        is_stream: bool = False,
    ) -> None:
        """Take at most `most` requests together; where as many wait still, up to `at_once` transactions overlap.

        A stream (`is_stream`) waits for locked rows as long as its session does, and then fails as a whole: whoever
        sends it tries again, and nothing of it was left out.

        The next one begins when the one before has called `tx.locks_taken()`: whoever waits for a lock waits in order.
        """
        self._service_of = service_of
        self._act = act
        self._most = most
        self._at_once = at_once
        self._lock_milliseconds = None if is_stream else LOCK_MILLISECONDS
        self._locks_taken = asyncio.Event()
        self._locks_taken.set()
        self._waiting: deque[_RequestGroup[I, O]] = deque()
        self._length = 0
        """Of the line, in requests."""
        self._workers: set[asyncio.Task[None]] = set()

    async def submit(self, item: I, before: Sequence[I] = ()) -> O:
        """Carry out one request, and what comes `before` it in the same transaction; return the request's answer.

        Raises:
            DomainError: The error that was its answer.
            Problem: 503 `overloaded`, nothing of it was begun; 503 `answer_late`, it is being carried out.
        """
        asked: _RequestGroup[I, O] = _make_group([*before, item], traces.current_caller())
        try:
            async with timeout_at_request_deadline():
                *_, answer = await self._enqueue(asked)
        except TimeoutError:
            metrics.SHED.inc()
            raise Problem(503, "answer_late" if asked.is_taken else "overloaded", headers=RETRY_LATER) from None
        if isinstance(answer, DomainError):
            raise answer
        return answer

    async def submit_many(self, items: Sequence[I]) -> list[O | DomainError]:
        """Carry out several requests, in their order, and give an answer to each, also to what failed: `InternalError`.

        They are in their sender's trace where one is named; otherwise each begins its own, as many may come.
        """
        caller = traces.current_caller()
        named = caller if caller is not None and caller.named else None
        starts = range(0, len(items), self._most)
        parts = [self._enqueue(_make_group(items[start : start + self._most], named)) for start in starts]
        return [answer for part in await asyncio.gather(*parts) for answer in part]

    def _enqueue(self, asked: _RequestGroup[I, O]) -> "asyncio.Future[list[O | DomainError]]":
        self._waiting.append(asked)
        self._length += len(asked.items)
        if not self._workers or (self._length >= self._most and len(self._workers) < self._at_once):
            work = asyncio.get_running_loop().create_task
            self._workers.add(work(self._process_waiting(), context=copy_context_without_request()))
        return asked.answers

    def _take_next_batch(self) -> list[_RequestGroup[I, O]]:
        """Take as many requests as go together; the others have given up."""
        batch: list[_RequestGroup[I, O]] = []
        capacity = self._most
        while self._waiting and len(self._waiting[0].items) <= capacity:
            asked = self._waiting.popleft()
            self._length -= len(asked.items)
            if not asked.answers.done():
                asked.is_taken = True
                batch.append(asked)
                capacity -= len(asked.items)
        return batch

    async def _process_waiting(self) -> None:
        service = self._service_of()
        try:
            while self._waiting:
                batch = self._take_next_batch()
                number = sum(len(asked.items) for asked in batch)
                before, locks_taken = self._locks_taken, asyncio.Event()
                self._locks_taken = locks_taken
                service.open_commands += number
                try:
                    await before.wait()
                    await self._process_together(service, batch, locks_taken.set, self._lock_milliseconds)
                finally:
                    locks_taken.set()
                    service.open_commands -= number
        finally:
            self._workers.remove(asyncio.current_task())  # type: ignore[arg-type]  # a worker is a task

    async def _process_together(
        self,
        service: "Service",
        batch: Sequence[_RequestGroup[I, O]],
        locks_taken: Callable[[], None],
        lock_milliseconds: int | None,
    ) -> None:
        try:
            async with service.transaction(lock_milliseconds=lock_milliseconds) as tx:
                tx.locks_taken = locks_taken
                if any(asked.caller for asked in batch):
                    tx.callers = [asked.caller for asked in batch for _ in asked.items]
                answers = iter(await self._act([item for asked in batch for item in asked.items], tx))
        except Exception as error:  # noqa: BLE001 - each request learns its own fate
            waited = lock_milliseconds is not None and len(batch) > 1 and locks.is_lock_timeout(error)
            for asked in batch:
                if waited and not asked.answers.done():
                    await self._process_together(service, [asked], _ignore_locks_taken, LOCK_MILLISECONDS_ALONE)
                elif len(batch) == len(asked.items) == 1 or retry.is_transient(error):
                    _fail_group(asked, error)
                else:
                    await self._process_singly(service, asked, locks_taken, lock_milliseconds)
            return
        for asked in batch:
            given = list(islice(answers, len(asked.items)))
            if not asked.answers.done():
                asked.answers.set_result(given)

    async def _process_singly(
        self,
        service: "Service",
        asked: _RequestGroup[I, O],
        locks_taken: Callable[[], None],
        lock_milliseconds: int | None,
    ) -> None:
        alone: list[_RequestGroup[I, O]] = [_make_group([item], asked.caller) for item in asked.items]
        for single in alone:
            await self._process_together(service, [single], locks_taken, lock_milliseconds)
        failures = [single.answers.exception() for single in alone]
        if len(failures) == 1 and failures[0] is not None:
            _fail_group(asked, failures[0])
        elif not asked.answers.done():
            asked.answers.set_result(
                [
                    single.answers.result()[0] if failure is None else _error_as_answer(failure)
                    for single, failure in zip(alone, failures, strict=True)
                ]
            )


def _make_group(items: Sequence[I], caller: traces.TraceParent | None) -> _RequestGroup[I, O]:
    return _RequestGroup(items, asyncio.get_running_loop().create_future(), caller)


def _ignore_locks_taken() -> None:
    pass


def _error_as_answer(error: BaseException) -> DomainError:
    """Return the answer to one of many that failed, while others were carried out."""
    if retry.is_transient(error):
        return Unavailable()
    log.error("item_failed", error=describe_error(error))
    return InternalError()


def _fail_group(asked: _RequestGroup[I, O], error: BaseException) -> None:
    if not asked.answers.done():
        asked.answers.set_exception(error)
