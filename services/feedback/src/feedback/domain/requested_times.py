"""When a contact asked to be called or to meet: every time that was named, and which one holds at an instant.

It was asked for, booked as a slot, or called off. All are kept as a set, so that neither their order nor a repetition
matters.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

MOST_REQUESTED_TIMES = 50
"""Requests that a lead keeps, the latest ones; each is in its history."""


class RequestedTime(NamedTuple):
    """A time that was asked for or booked, or that was called off."""

    asked_at: datetime
    called_off: bool
    until: datetime
    """The time that was named."""


def find_requested_time(
    requests: Iterable[RequestedTime], before: datetime | None = None
) -> tuple[datetime, datetime] | None:
    """Return when to call or to meet by the last request: when it was made, and until when the contact waits by it.

    A slot that is called off is waited for until then, and no longer; another time that was named since stays.

    Args:
        requests: In any order.
        before: What was asked for after this instant does not count; None: all counts.
    """
    last: tuple[datetime, datetime] | None = None
    for request in sorted(requests):
        if before is not None and request.asked_at > before:
            break
        if not request.called_off:
            last = (request.asked_at, request.until)
        elif last is not None and last[1] == request.until:
            last = (request.asked_at, request.asked_at)
    return last


def add_requested_times(known: Iterable[RequestedTime], *requests: RequestedTime) -> tuple[RequestedTime, ...]:
    """Return those known with some more, in order, each once."""
    return tuple(sorted({*known, *requests})[-MOST_REQUESTED_TIMES:])
