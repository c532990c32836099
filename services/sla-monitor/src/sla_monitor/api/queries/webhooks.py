"""List webhooks, and their messages."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query

from events.runtime.answers import EMPTY, EXAMPLE_ID, example
from events.runtime.queries import Cursor, Limit, ShortText, read_cursor, write_cursor
from events.runtime.web import ServiceDep, requires
from sla_monitor import store
from sla_monitor.api.pages import ResponseModel
from sla_monitor.domain.webhook_messages import Webhook

router = APIRouter(prefix="/v1", dependencies=[requires("admin")])

Kind = Literal["clock.warned", "clock.breached", "clock.met", "clock.rescinded", "clock.escalated", "review.opened"]

EXAMPLE_SECRET = "whsec_..."  # noqa: S105 - nobody's


class WebhookView(ResponseModel):
    """A webhook. The secret (Standard Webhooks) is shown when it is made, and never again."""

    model_config = example(
        {"events": [], "teams": ["inbound"], "secret": None},
        name="crm",
        url="https://crm.example/hook",
        events=["clock.breached"],
        teams=[],
        clocks=[],
        each_hour=20,
        secret=EXAMPLE_SECRET,
    )

    name: str
    url: str
    events: list[str]
    teams: list[str]
    clocks: list[str]
    each_hour: int
    secret: str | None = None


class WebhookSecret(ResponseModel):
    """A webhook's new secret, shown this once."""

    model_config = example({"secret": "whsec_…"}, secret=EXAMPLE_SECRET)

    secret: str


class WebhooksAnswer(ResponseModel):
    """All webhooks."""

    model_config = example(
        EMPTY,
        items=[
            {
                "name": "crm",
                "url": "https://crm.example/hook",
                "events": ["clock.breached"],
                "teams": [],
                "clocks": [],
                "each_hour": 20,
                "secret": None,
            }
        ],
        next=None,
    )

    items: list[WebhookView]
    next: None = None


class DeliveryView(ResponseModel):
    """A message and what became of it. `digested` ones came as part of the digest `digest_id`."""

    delivery_id: UUID
    webhook: str
    kind: str
    state: Literal["waiting", "sent", "failed", "digested"]
    made_at: datetime
    attempts: int
    due_at: datetime | None
    sent_at: datetime | None
    failed_at: datetime | None
    last_error: str | None
    digest_id: UUID | None


class DeliveriesAnswer(ResponseModel):
    """A page of messages, the latest first."""

    model_config = example(
        EMPTY,
        items=[
            {
                "delivery_id": EXAMPLE_ID,
                "webhook": "crm",
                "kind": "clock.breached",
                "state": "sent",
                "made_at": "2026-03-02T09:00:00Z",
                "attempts": 1,
                "due_at": None,
                "sent_at": "2026-03-02T09:00:00Z",
                "failed_at": None,
                "last_error": None,
                "digest_id": None,
            }
        ],
        next=None,
    )

    items: list[DeliveryView]
    next: str | None


@router.get("/webhooks")
async def list_webhooks(service: ServiceDep) -> WebhooksAnswer:
    """List the webhooks."""
    async with service.transaction() as tx:
        found = await store.load_webhooks(tx)
    return WebhooksAnswer(items=[make_webhook_view(webhook) for webhook in found])


@router.get("/deliveries")
async def list_deliveries(
    service: ServiceDep,
    *,
    webhook: Annotated[ShortText | None, Query(description="Only those of this webhook")] = None,
    state: Literal["waiting", "sent", "failed", "digested"] | None = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> DeliveriesAnswer:
    """List messages of the last month, and what became of them."""
    after = read_cursor(cursor, datetime, UUID)
    async with service.transaction() as tx:
        rows = await store.list_deliveries(tx, webhook, state, after=after, limit=limit + 1)
    items = [DeliveryView.model_validate(row, from_attributes=True) for row in rows[:limit]]
    last = items[-1] if len(rows) > limit else None
    return DeliveriesAnswer(items=items, next=write_cursor(last.made_at, last.delivery_id) if last else None)


def make_webhook_view(webhook: Webhook, secret: str | None = None) -> WebhookView:
    """Return a webhook as it is shown; `secret` only when it was just made or changed."""
    named = {name: getattr(webhook, name) for name in ("name", "url", "events", "teams", "clocks", "each_hour")}
    return WebhookView(**named, secret=secret)
