"""A ticket lets a visitor on to one page, for a day, and nothing else makes one."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from events.runtime.visitor_tickets import TICKET_AGE, read_ticket, write_ticket

SECRET, ADA = b"an installation's own", UUID(int=7)
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TICKET = write_ticket(SECRET, "booking", ADA, AT)


def test_a_ticket_names_its_contact_for_a_day() -> None:
    assert read_ticket(SECRET, "booking", TICKET, AT + TICKET_AGE) == ADA
    assert read_ticket(SECRET, "booking", TICKET, AT + TICKET_AGE + timedelta(seconds=1)) is None


@pytest.mark.parametrize(
    ("secret", "purpose", "text"),
    [
        (b"another", "booking", TICKET),
        (SECRET, "calendar", TICKET),
        (SECRET, "booking", TICKET.replace(ADA.hex, UUID(int=8).hex)),
        (SECRET, "booking", f"9{TICKET}"),
        (SECRET, "booking", TICKET[:-1]),
        (SECRET, "booking", ""),
        (SECRET, "booking", "../.."),
    ],
)
def test_what_we_did_not_write_opens_nothing(secret: bytes, purpose: str, text: str) -> None:
    assert read_ticket(secret, purpose, text, AT) is None
