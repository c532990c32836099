"""Which webhooks get which message; more than a webhook's hourly limit become one digest."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from events.ids import derive_id
from events.sla import ClockEvent

FIRST_TRIES = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Seconds to wait after each failure, as Standard Webhooks recommends; after the last the message is given up."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where to send messages, and which. An empty list means all."""

    name: str
    url: str
    events: Sequence[str]
    teams: Sequence[str]
    clocks: Sequence[str]
    each_hour: int
    """Messages of their own an hour; what is more comes as one digest at the hour's end."""
    generation: int
    """Rises with each new secret."""

    def wants_event(self, event: ClockEvent) -> bool:
        """Whether this event is to be sent."""
        return (
            (not self.events or name_message_kind(event) in self.events)
            and (not self.teams or event.team in self.teams)
            and (not self.clocks or event.clock in self.clocks)
        )


class Message(NamedTuple):
    """A message to one webhook. Its id is made of the event's, so that it never changes."""

    delivery_id: UUID
    webhook: str
    contact_id: UUID | None
    kind: str
    body: str


class ExcessMessage(NamedTuple):
    """A message that was too many for its hour; `due_at` is the hour's end."""

    delivery_id: UUID
    body: str
    due_at: datetime


def name_message_kind(event: ClockEvent) -> str:
    """Return an event's type without its version, such as `clock.breached`."""
    return event.ce_type.rsplit(".", 1)[0]


def make_messages(events: Iterable[ClockEvent], webhooks: Sequence[Webhook]) -> list[Message]:
    """Return the messages of these events, for each webhook that wants them."""
    return [
        Message(
            derive_id("delivery", webhook.name, event.ce_id),
            webhook.name,
            event.contact_id,
            name_message_kind(event),
            body,
        )
        for event in events
        for webhook in webhooks
        if webhook.wants_event(event)
        for body in (_render_body(name_message_kind(event), event.occurred_at, event.encode().decode()),)
    ]


def make_digest(webhook: str, hour: datetime, waiting: Sequence[ExcessMessage], now: datetime) -> Message:
    """Return one message instead of many: how many of which kind, clock, policy and team."""
    counts = Counter(_digest_group_key(json.loads(row.body)) for row in waiting)
    groups = [dict(zip(_GROUP, group, strict=True)) | {"count": count} for group, count in sorted(counts.items())]
    data = json.dumps({"until": hour.astimezone(UTC).isoformat(), "count": len(waiting), "groups": groups})
    return Message(derive_id("digest", webhook, hour, now), webhook, None, "digest", _render_body("digest", now, data))


_GROUP = ("type", "clock", "policy", "team")


def _digest_group_key(body: Mapping[str, Any]) -> tuple[str, ...]:
    data = body["data"]
    return body["type"], data["clock"], data["policy"], data.get("team") or ""


def _render_body(kind: str, at: datetime, data: str) -> str:
    return f'{{"type":"{kind}","timestamp":"{at.isoformat()}","data":{data}}}'


def compute_retry_wait(attempts: int) -> timedelta | None:
    """Return how long to wait after so many failures; None: the message is given up."""
    return timedelta(seconds=FIRST_TRIES[attempts - 1]) if attempts <= len(FIRST_TRIES) else None
