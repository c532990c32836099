"""W3C Trace Context: the trace of whoever asks goes on in log lines and in what is published on their behalf."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from random import getrandbits
from typing import NamedTuple

from events.envelope import TRACEPARENT


class TraceParent(NamedTuple):
    """The span on whose behalf something is done."""

    traceparent: str
    named: bool
    """Whether the sender of the request named it; otherwise the request is the first span of its trace."""


UNRECORDED = "-00"
"""How a `traceparent` ends whose sender does not want it recorded."""

_caller: ContextVar[TraceParent | None] = ContextVar("caller", default=None)


def current_caller() -> TraceParent | None:
    """Return the caller of the request that this task answers, if there is one with a trace."""
    return _caller.get()


@contextmanager
def on_behalf_of(caller: TraceParent | None) -> Iterator[None]:
    """Answer a request on behalf of this caller."""
    token = _caller.set(caller)
    try:
        yield
    finally:
        _caller.reset(token)


def clear_caller() -> None:
    """Go on in this context on nobody's behalf."""
    _caller.set(None)


def find_traceparent(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """Return the `traceparent` among a request's headers; None where there is none, several or a malformed one."""
    found = [value for name, value in headers if name == b"traceparent"]
    return found[0].decode() if len(found) == 1 and TRACEPARENT.fullmatch(found[0]) else None


def make_traceparent(parent: str | None) -> str:
    """Return the `traceparent` of a new span: below `parent`, or the root of a new trace.

    Its numbers are random and no secret: asking the system for each takes as long as encoding the event.
    """
    trace, flags = (parent.split("-")[1], parent.split("-")[3]) if parent else (f"{getrandbits(128):032x}", "01")
    return f"00-{trace}-{getrandbits(64):016x}-{flags}"


def build_log_ids(traceparent: str | None) -> dict[str, str]:
    """Return the ids of a trace and a span as log lines have them."""
    if traceparent is None:
        return {}
    _, trace, span, _ = traceparent.split("-")
    return {"trace_id": trace, "span_id": span}


def build_exemplar(traceparent: str | None) -> dict[str, str] | None:
    """Return what leads from a measurement to its trace; None where there is none or nobody records it."""
    if traceparent is None or traceparent.endswith(UNRECORDED):
        return None
    return {"trace_id": traceparent.split("-")[1]}


def build_shared_log_ids(parents: Sequence[str | None]) -> dict[str, str]:
    """Return the ids of a batch's trace for its log lines; nothing where its records belong to several."""
    return (
        build_log_ids(parents[0])
        if parents and len({parent and parent.split("-")[1] for parent in parents}) == 1
        else {}
    )
