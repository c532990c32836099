"""The secret address under which a rep's own calendar subscribes to their meetings."""

import secrets

from events.runtime import Transaction
from routing import store


async def replace_calendar_secret(rep_id: str, tx: Transaction) -> str:
    """Return the secret of a new link to a rep's calendar; it is shown once, and the link before stops working."""
    secret = secrets.token_urlsafe(32)
    await store.calendar_links.save_link(tx, rep_id, secret)
    return secret


async def revoke_calendar_link(rep_id: str, tx: Transaction) -> bool:
    """Take back the link to a rep's calendar; return whether there was one."""
    return await store.calendar_links.delete_link(tx, rep_id)
