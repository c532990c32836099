"""What a form's page carries, signed: a stamp, a ticket, a link.

A stamp says when a form was given out; a ticket lets whoever submitted it choose a next step afterwards; a link says
who opens it. All are signed, hold no name, and are worth nothing elsewhere.
"""

import base64
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

TICKET_AGE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class FormStamp:
    """When a form was given out (UTC, real time), and the number of this copy."""

    at: datetime
    nonce: str


@dataclass(frozen=True, slots=True)
class FormTicket:
    """Who submitted a form and with which engagement, and when (UTC, real time)."""

    contact_id: UUID
    engagement_id: UUID
    at: datetime


class FormSigner:
    """Writes and reads stamps, tickets and links under the installation's secret."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def write_stamp(self, form: str, stamp: FormStamp) -> str:
        """Write a stamp of this form."""
        return self._sign_text("stamp", form, f"{int(stamp.at.timestamp() * 1000)}.{stamp.nonce}")

    def read_stamp(self, form: str, text: str) -> FormStamp | None:
        """Read a stamp of this form, or None where it is none of ours."""
        parts = self._verify_and_split("stamp", form, text)
        return FormStamp(_milliseconds_to_utc(parts[0]), parts[1]) if parts else None

    def write_ticket(self, form: str, ticket: FormTicket) -> str:
        """Write a ticket of this form."""
        at = int(ticket.at.timestamp() * 1000)
        return self._sign_text("ticket", form, f"{at}.{ticket.contact_id.hex}.{ticket.engagement_id.hex}")

    def read_ticket(self, form: str, text: str, now: datetime) -> FormTicket | None:
        """Read a ticket of this form, or None where it is none of ours or too old."""
        parts = self._verify_and_split("ticket", form, text)
        if not parts or now - _milliseconds_to_utc(parts[0]) > TICKET_AGE:
            return None
        return FormTicket(UUID(parts[1]), UUID(parts[2]), _milliseconds_to_utc(parts[0]))

    def write_link(self, form: str, contact_id: UUID, until: datetime) -> str:
        """Write a link's part that says to this form who opens it, `until` then."""
        return self._sign_text("link", form, f"{int(until.timestamp() * 1000)}.{contact_id.hex}")

    def read_link(self, form: str, text: str, now: datetime) -> UUID | None:
        """Read whose link this is, or None where it is none of ours, of another form, or no longer good."""
        parts = self._verify_and_split("link", form, text)
        return UUID(parts[1]) if parts and now < _milliseconds_to_utc(parts[0]) else None

    def _sign_text(self, kind: str, form: str, text: str) -> str:
        return f"{text}.{self._compute_signature(kind, form, text)}"

    def _verify_and_split(self, kind: str, form: str, text: str) -> list[str] | None:
        content, _, signature = text.rpartition(".")
        if not _SIGNATURE.fullmatch(signature) or not hmac.compare_digest(
            self._compute_signature(kind, form, content), signature
        ):
            return None
        return content.split(".")

    def _compute_signature(self, kind: str, form: str, text: str) -> str:
        digest = hmac.digest(self._secret, f"{kind}|{form}|{text}".encode(), "sha256")
        return base64.urlsafe_b64encode(digest[:24]).decode()


_SIGNATURE = re.compile(r"[A-Za-z0-9_-]{32}", re.ASCII)


def _milliseconds_to_utc(milliseconds: str) -> datetime:
    return datetime.fromtimestamp(int(milliseconds) / 1000, UTC)
