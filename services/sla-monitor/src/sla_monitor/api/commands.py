"""Comment on a lead under review; put, rotate, delete a webhook; send a message again."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from starlette.responses import Response

from events.runtime.answers import examples
from events.runtime.audit_log import record_action
from events.runtime.bodies import describe_body, read_body_as
from events.runtime.security import RESTRICTED_ROLES, Caller
from events.runtime.web import ServiceDep, requires
from sla_monitor import handlers
from sla_monitor.api.pages import ShortText
from sla_monitor.api.queries.webhooks import Kind, WebhookSecret, WebhookView, make_webhook_view
from sla_monitor.domain.webhook_messages import Webhook
from sla_monitor.settings import SlaSettings

reviews = APIRouter(prefix="/v1")
router = APIRouter(prefix="/v1")

Worker = Annotated[Caller, requires("leads:work", *RESTRICTED_ROLES)]
Admin = Annotated[Caller, requires("admin")]
WebhookName = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,49}$", description="The webhook's name")]
ShortName = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]
Url = Annotated[str, StringConstraints(min_length=8, max_length=2000, pattern=r"^https?://[\x21-\x7e]+$")]


class CommentBody(BaseModel):
    """A comment on a lead under review."""

    model_config = ConfigDict(extra="forbid", strict=True) | examples(
        {"by": "lea", "comment": "Try the office number."}, {"by": "max", "comment": "They asked to wait until May."}
    )

    by: ShortText
    comment: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]


class WebhookBody(BaseModel):
    """Where to send messages, and which; an empty list means all."""

    model_config = ConfigDict(extra="forbid", strict=True) | examples(
        {"url": "https://crm.example/hook", "events": ["clock.breached"]},
        {"url": "https://chat.example/hook", "teams": ["inbound"], "clocks": ["first_touch"], "each_hour": 5},
    )

    url: Url
    events: Annotated[list[Kind], Field(max_length=10)] = ["clock.breached", "clock.escalated", "review.opened"]
    teams: Annotated[list[ShortName], Field(max_length=100)] = []
    clocks: Annotated[list[ShortName], Field(max_length=100)] = []
    each_hour: Annotated[int, Field(ge=0, le=10_000)] = 20


@reviews.post("/reviews/{lead_id}/comments", name="comment", status_code=204, openapi_extra=describe_body(CommentBody))
async def comment_on_review(service: ServiceDep, caller: Worker, request: Request, lead_id: UUID) -> Response:
    """Comment on a lead under review. The same comment again changes nothing."""
    body = await read_body_as(request, CommentBody)
    async with service.transaction() as tx:
        await handlers.save_comment(lead_id, caller.rep_id or body.by, body.comment, tx, reach=caller.reach)
    return Response(status_code=204)


@router.put("/webhooks/{name}", openapi_extra=describe_body(WebhookBody))
async def put_webhook(
    service: ServiceDep[SlaSettings], caller: Admin, request: Request, name: WebhookName
) -> WebhookView:
    """Add or change a webhook. A new one is answered with its secret."""
    body = await read_body_as(request, WebhookBody)
    webhook = Webhook(name=name, generation=1, **body.model_dump())
    async with service.transaction() as tx:
        secret = await handlers.save_webhook(service, webhook, tx)
        await record_action(tx.raw, caller, "webhook.changed", name)
    return make_webhook_view(webhook, secret)


@router.post("/webhooks/{name}/rotate", name="rotate")
async def rotate_webhook_secret(service: ServiceDep, caller: Admin, name: WebhookName) -> WebhookSecret:
    """Replace a webhook's secret."""
    async with service.transaction() as tx:
        secret = await handlers.rotate_secret(service, name, tx)
        await record_action(tx.raw, caller, "webhook.rotated", name)
    return WebhookSecret(secret=secret)


@router.delete("/webhooks/{name}", status_code=204)
async def drop_webhook(service: ServiceDep, caller: Admin, name: WebhookName) -> Response:
    """Delete a webhook; nothing more is sent to it."""
    async with service.transaction() as tx:
        await handlers.delete_webhook(name, tx)
        await record_action(tx.raw, caller, "webhook.dropped", name)
    return Response(status_code=204)


@router.post("/deliveries/{delivery_id}/retry", name="retry", status_code=202, response_class=Response)
async def retry_delivery(service: ServiceDep, caller: Admin, delivery_id: UUID) -> Response:
    """Send a message again that was given up."""
    async with service.transaction() as tx:
        await handlers.retry_delivery(delivery_id, tx)
        await record_action(tx.raw, caller, "delivery.retried", delivery_id)
    return Response(status_code=202)
