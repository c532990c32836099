"""Who is told of what is flagged, and what became of the messages."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from starlette.responses import Response

from events.runtime.bodies import body_of, described
from events.runtime.queries import Cursor, Limit, Word, position_in, written
from events.runtime.web import ServiceDep, requires
from sla_monitor import handlers, store
from sla_monitor.api.answers import Answer
from sla_monitor.domain.telling import Webhook

router = APIRouter(prefix="/v1", dependencies=[requires("admin")])

Kind = Literal["clock.warned", "clock.breached", "clock.met", "clock.rescinded", "clock.escalated", "review.opened"]
Name = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,49}$")]
Words = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]
Url = Annotated[str, StringConstraints(min_length=8, max_length=2000, pattern=r"^https?://[\x21-\x7e]+$")]


class PutWebhook(BaseModel):
    """Where to tell, and of what; an empty list means everything."""

    model_config = ConfigDict(extra="forbid", strict=True)

    url: Url
    events: Annotated[list[Kind], Field(max_length=10)] = ["clock.breached", "clock.escalated", "review.opened"]
    teams: Annotated[list[Words], Field(max_length=100)] = []
    clocks: Annotated[list[Words], Field(max_length=100)] = []
    each_hour: Annotated[int, Field(ge=0, le=10_000)] = 20


class WebhookView(Answer):
    """A webhook. The secret (Standard Webhooks) is shown when it is made, and never again."""

    name: str
    url: str
    events: list[str]
    teams: list[str]
    clocks: list[str]
    each_hour: int
    secret: str | None = None


class Webhooks(Answer):
    """All webhooks."""

    items: list[WebhookView]
    next: None = None


class DeliveryView(Answer):
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


class Deliveries(Answer):
    """A page of messages, the latest first."""

    items: list[DeliveryView]
    next: str | None


@router.get("/webhooks")
async def list_webhooks(service: ServiceDep) -> Webhooks:
    """List who is told of what."""
    async with service.transaction() as tx:
        found = await store.webhooks(tx)
    return Webhooks(items=[_shown(webhook) for webhook in found])


@router.put("/webhooks/{name}", openapi_extra=described(PutWebhook))
async def put_webhook(service: ServiceDep, request: Request, name: Name) -> WebhookView:
    """Tell an address of what is flagged. A new one is answered with its secret."""
    body = await body_of(request, PutWebhook)
    webhook = Webhook(name=name, generation=1, **body.model_dump())
    async with service.transaction() as tx:
        secret = await handlers.put_webhook(service, webhook, tx)
    return _shown(webhook, secret)


@router.post("/webhooks/{name}/rotate")
async def rotate(service: ServiceDep, name: Name) -> dict[str, str]:
    """Give a webhook another secret."""
    async with service.transaction() as tx:
        return {"secret": await handlers.rotate(service, name, tx)}


@router.delete("/webhooks/{name}", status_code=204)
async def drop_webhook(service: ServiceDep, name: Name) -> Response:
    """Tell an address nothing more."""
    async with service.transaction() as tx:
        await handlers.drop_webhook(name, tx)
    return Response(status_code=204)


@router.get("/deliveries")
async def list_deliveries(
    service: ServiceDep,
    *,
    webhook: Word | None = None,
    state: Literal["waiting", "sent", "failed", "digested"] | None = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Deliveries:
    """List messages of the last month, and what became of them."""
    after = position_in(cursor, datetime, UUID)
    async with service.transaction() as tx:
        rows = await store.list_deliveries(tx, webhook, state, after=after, limit=limit + 1)
    items = [DeliveryView.model_validate(row) for row in rows[:limit]]
    last = items[-1] if len(rows) > limit else None
    return Deliveries(items=items, next=written(last.made_at, last.delivery_id) if last else None)


@router.post("/deliveries/{delivery_id}/retry", status_code=202)
async def retry(service: ServiceDep, delivery_id: UUID) -> Response:
    """Send a message that was given up once more."""
    async with service.transaction() as tx:
        await handlers.again(delivery_id, tx)
    return Response(status_code=202)


def _shown(webhook: Webhook, secret: str | None = None) -> WebhookView:
    named = {name: getattr(webhook, name) for name in ("name", "url", "events", "teams", "clocks", "each_hour")}
    return WebhookView(**named, secret=secret)
