"""How long a request may wait for its answer: one deadline, counted from its first byte, wherever it waits."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import Context, ContextVar, copy_context

from events.runtime import traces

PATIENCE_SECONDS = 1.5
"""Two are promised until the answer is there, and the way there and back takes its time."""

OTHERS_SECONDS = 5.0
"""How long loops, streams and what goes on after a request wait for PostgreSQL's first answer, at most."""

_since: ContextVar[float] = ContextVar("waits_since")


_factor = 1.0


@contextmanager
def lengthen_deadlines(factor: float) -> Iterator[None]:
    """Make deadlines so many times as long within this context: tests on a busy machine need it."""
    global _factor  # noqa: PLW0603 - one process, one factor
    before, _factor = _factor, factor
    try:
        yield
    finally:
        _factor = before


def begin_request_deadline(instant: float) -> None:
    """Count from this instant (the loop's time) on, for the rest of the task that answers the request."""
    _since.set(instant)


def timeout_at_request_deadline() -> asyncio.Timeout:
    """Return a timeout that ends at the request's deadline; other work has as long from now on."""
    since = _since.get(None) or asyncio.get_running_loop().time()
    return asyncio.timeout_at(since + PATIENCE_SECONDS * _factor)


def copy_context_without_request() -> Context:
    """Return this context without the request's deadline and trace, for work that others wait for too."""
    context = copy_context()
    context.run(begin_request_deadline, 0.0)
    context.run(traces.clear_caller)
    return context


def compute_seconds_left() -> float:
    """Return the seconds for which PostgreSQL's first answer is awaited: what a request has left, else more."""
    since = _since.get(None)
    remaining = since + PATIENCE_SECONDS * _factor - asyncio.get_running_loop().time() if since else 0.0
    return remaining if remaining > 0 else OTHERS_SECONDS * _factor
