"""What was last published about when each rep works."""

from collections.abc import Sequence

from events.reps import RepChanged
from events.runtime import Transaction
from routing.models import PublishedCalendars

_OF = "select content from published_calendars where rep_id = any($1::text[])"


async def load_published(tx: Transaction, rep_ids: Sequence[str]) -> dict[str, RepChanged]:
    """Return what was last published about these reps."""
    found = [RepChanged.decode(content.encode()) for (content,) in await tx.raw.fetch(_OF, list(rep_ids))]
    return {event.rep_id: event for event in found}


async def save_published(tx: Transaction, events: Sequence[RepChanged]) -> None:
    """Save these events as the last that were published of their reps."""
    await tx.upsert(
        PublishedCalendars,
        [{"rep_id": event.rep_id, "revision": event.revision, "content": event.encode().decode()} for event in events],
    )
