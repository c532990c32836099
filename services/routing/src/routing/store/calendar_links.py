"""Secret addresses of the reps' calendars; of the secret only its SHA-256 is kept."""

import hashlib

from events.runtime import Transaction
from routing.models import CalendarLinks

_OF = "select rep_id from calendar_links where fingerprint = $1"
_REVOKE = "delete from calendar_links where rep_id = $1 returning rep_id"


async def save_link(tx: Transaction, rep_id: str, secret: str) -> None:
    """Save a rep's link; the one before stops working."""
    await tx.upsert(CalendarLinks, [{"rep_id": rep_id, "fingerprint": _sha256_of_secret(secret), "made_at": tx.now}])


async def delete_link(tx: Transaction, rep_id: str) -> bool:
    """Delete a rep's link; return whether there was one."""
    return bool(await tx.raw.fetch(_REVOKE, rep_id))


async def find_rep_by_secret(tx: Transaction, secret: str) -> str | None:
    """Return whose calendar a secret opens; None: nobody's."""
    rows = await tx.raw.fetch(_OF, _sha256_of_secret(secret))
    return str(rows[0]["rep_id"]) if rows else None


def _sha256_of_secret(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
