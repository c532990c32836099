"""Commands: webhooks and their secrets, messages to send again, comments on reviews."""

import base64
import hashlib
import hmac
from typing import TYPE_CHECKING
from uuid import UUID

from events.ids import derive_id
from events.runtime import Transaction
from events.runtime.outgoing import check_url, parse_allowed_targets
from events.runtime.security import LeadReach
from sla_monitor import store
from sla_monitor.domain.webhook_messages import Webhook
from sla_monitor.handlers.errors import DeliveryNotGivenUp, LeadUnknown, WebhookUnknown
from sla_monitor.store.reviews import NewComment

if TYPE_CHECKING:
    from events.runtime import Service
    from sla_monitor.settings import SlaSettings


def derive_secret(service: "Service", name: str, generation: int) -> str:
    """Derive a webhook's secret from the installation's, so that none lies in the database."""
    key = service.settings.secret.get_secret_value().encode()
    digest = hmac.new(key, f"webhook|{name}|{generation}".encode(), hashlib.sha256).digest()
    return f"whsec_{base64.b64encode(digest).decode()}"


async def save_webhook(service: "Service[SlaSettings]", webhook: Webhook, tx: Transaction) -> str | None:
    """Save a webhook; return its secret if it is new."""
    check_url(webhook.url, parse_allowed_targets(service.settings.webhook_networks))
    generation, made = await store.save_webhook(tx, webhook)
    return derive_secret(service, webhook.name, generation) if made else None


async def rotate_secret(service: "Service", name: str, tx: Transaction) -> str:
    """Replace a webhook's secret and return it; messages from now on are signed with it."""
    generation = await store.raise_secret_generation(tx, name)
    if generation is None:
        raise WebhookUnknown
    return derive_secret(service, name, generation)


async def delete_webhook(name: str, tx: Transaction) -> None:
    """Delete a webhook."""
    if not await store.delete_webhook(tx, name):
        raise WebhookUnknown


async def retry_delivery(delivery_id: UUID, tx: Transaction) -> None:
    """Send a message again that was given up."""
    if not await store.retry_message(tx, delivery_id):
        raise DeliveryNotGivenUp


async def save_comment(lead_id: UUID, by: str, text: str, tx: Transaction, *, reach: LeadReach | None = None) -> None:
    """Save a comment on a lead, for its review.

    Raises:
        LeadUnknown: There is no such lead.
        OutOfReach: It is not one that the caller's key is for.
    """
    contact_id = await store.load_contact_of_lead(tx, lead_id)
    if contact_id is None:
        raise LeadUnknown
    await tx.lock_contacts([contact_id])
    if reach is not None:
        reach.check_lead(*await store.load_owner_of_lead(tx, lead_id))
    comment_id = derive_id("comment", lead_id, by, text)
    await store.save_comment(tx, NewComment(comment_id, lead_id, contact_id, tx.now, by, text))
