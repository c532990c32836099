"""How long a request may wait for its answer: one deadline, counted from its first byte, wherever it waits."""

import asyncio
from contextvars import ContextVar

PATIENCE_SECONDS = 1.5
"""Two are promised until the answer is there, and the way there and back takes its time."""

_since: ContextVar[float] = ContextVar("waits_since")


def begin(instant: float) -> None:
    """Count from this instant (the loop's time) on, for the rest of the task that answers the request."""
    _since.set(instant)


def patience() -> asyncio.Timeout:
    """Return a timeout that ends with the request's patience; work that no request asked for has it from now on."""
    since = _since.get(None) or asyncio.get_running_loop().time()
    return asyncio.timeout_at(since + PATIENCE_SECONDS)
