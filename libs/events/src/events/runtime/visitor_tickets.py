"""Tickets that lead a visitor from the page of one service to the page of another, without a key and without a name.

A ticket names a contact by id and is signed under the installation's secret, which all services share; whoever holds
one may act for that contact on that page, for a day. Time is real time: a stepped clock does not move browsers.
"""

import base64
import hmac
import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

TICKET_AGE = timedelta(days=1)
_TICKET = re.compile(r"([0-9]{10,16})\.([0-9a-f]{32})\.([A-Za-z0-9_-]{32})", re.ASCII)


def write_ticket(secret: bytes, purpose: str, contact_id: UUID, at: datetime) -> str:
    """Return a ticket for a contact, good for one purpose, such as `booking`."""
    content = f"{int(at.timestamp() * 1000)}.{contact_id.hex}"
    return f"{content}.{_sign_ticket(secret, purpose, content)}"


def read_ticket(secret: bytes, purpose: str, text: str, now: datetime) -> UUID | None:
    """Return whose ticket this is; None where it is forged, for another purpose or older than a day."""
    found = _TICKET.fullmatch(text)
    if found is None:
        return None
    milliseconds, contact, signature = found.groups()
    if not hmac.compare_digest(_sign_ticket(secret, purpose, f"{milliseconds}.{contact}"), signature):
        return None
    at = datetime.fromtimestamp(int(milliseconds) / 1000, UTC)
    return UUID(contact) if now - at <= TICKET_AGE else None


def _sign_ticket(secret: bytes, purpose: str, content: str) -> str:
    digest = hmac.digest(secret, f"visitor|{purpose}|{content}".encode(), "sha256")
    return base64.urlsafe_b64encode(digest[:24]).decode()
