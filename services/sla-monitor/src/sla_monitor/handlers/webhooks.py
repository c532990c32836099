"""Who wants to be told, where, and with which secret."""

import base64
import hashlib
import hmac
from ipaddress import ip_address
from typing import TYPE_CHECKING
from uuid import UUID

import httpx

from events.runtime import Transaction
from events.runtime.errors import DomainError
from sla_monitor import store
from sla_monitor.domain.telling import Webhook
from sla_monitor.handlers.sending import AddressRefused, admitted, networks

if TYPE_CHECKING:
    from events.runtime import Service


class WebhookUnknown(DomainError):
    """No such webhook."""

    code = "webhook_unknown"
    status = 404


class DeliveryNotGivenUp(DomainError):
    """No message of this id was given up."""

    code = "delivery_not_given_up"
    status = 404


class UrlRefused(DomainError):
    """A webhook is an https address on the public internet, without a user and a password."""

    code = "url_refused"
    status = 422


def secret_of(service: "Service", name: str, generation: int) -> str:
    """Derive a webhook's secret from the installation's, so that none lies in the database."""
    key = service.settings.secret.get_secret_value().encode()
    digest = hmac.new(key, f"webhook|{name}|{generation}".encode(), hashlib.sha256).digest()
    return f"whsec_{base64.b64encode(digest).decode()}"


def check_url(url: str, allowed: str) -> None:
    """Refuse what could never be told; names are looked up when there is something to tell."""
    try:
        target = httpx.URL(url)
        literal = [ip_address(target.host)] if target.host and _is_literal(target.host) else None
        if target.scheme not in ("https", "http") or not target.host or target.userinfo or target.fragment:
            raise UrlRefused(field="url")
        if literal is not None:
            admitted(literal, target.scheme, networks(allowed))
        elif target.scheme == "http" and not allowed:
            raise UrlRefused(field="url")
    except (httpx.InvalidURL, AddressRefused, ValueError):
        raise UrlRefused(field="url") from None


def _is_literal(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


async def put_webhook(service: "Service", webhook: Webhook, tx: Transaction) -> str | None:
    """Keep a webhook; gives its secret if it is new."""
    check_url(webhook.url, service.settings.webhook_networks)  # type: ignore[attr-defined]  # this room's settings
    generation, made = await store.put_webhook(tx, webhook)
    return secret_of(service, webhook.name, generation) if made else None


async def rotate(service: "Service", name: str, tx: Transaction) -> str:
    """Give a webhook another secret; what is sent from now on is signed with it."""
    generation = await store.rotate(tx, name)
    if generation is None:
        raise WebhookUnknown
    return secret_of(service, name, generation)


async def drop_webhook(name: str, tx: Transaction) -> None:
    """Forget a webhook."""
    if not await store.drop_webhook(tx, name):
        raise WebhookUnknown


async def again(delivery_id: UUID, tx: Transaction) -> None:
    """Send a message that was given up once more."""
    if not await store.retry(tx, delivery_id):
        raise DeliveryNotGivenUp
