"""What sla-monitor is sent. Written by `make docs`."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict


class CommentBody(TypedDict):
    """A comment on a lead under review."""

    by: str
    comment: str


class WebhookBody(TypedDict):
    """Where to send messages, and which; an empty list means all."""

    url: str
    events: NotRequired[list[Literal["clock.warned", "clock.breached", "clock.met", "clock.rescinded", "clock.escalated", "review.opened"]]]
    teams: NotRequired[list[str]]
    clocks: NotRequired[list[str]]
    each_hour: NotRequired[int]
