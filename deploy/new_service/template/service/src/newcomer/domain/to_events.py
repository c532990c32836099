"""The only events that newcomer publishes of its own: that it has erased what it had of a contact."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from events.contacts import ContactErased, ErasureReceipt


def receipts(
    events: Iterable[ContactErased], rows: Mapping[UUID, int], service: str, now: datetime
) -> list[ErasureReceipt]:
    """Return a receipt for each erasure, with how many rows about its contact were deleted."""
    return [
        ErasureReceipt(
            occurred_at=now,
            contact_id=event.contact_id,
            erasure_id=event.erasure_id,
            service=service,
            rows=rows[event.contact_id],
        )
        for event in events
    ]
