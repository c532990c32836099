"""Create keys that are bound to what they may send."""

from capture.handlers.errors import HoldsNoMore
from capture.store import key_bindings as store
from capture.store.key_bindings import SenderKeyBinding
from events.runtime import Transaction, audit_log
from events.runtime.security import Caller


async def create_sender_key(  # noqa: PLR0917 - a key, what it is bound to, and who asked for it
    tx: Transaction, caller: Caller, key_id: str, digest: str, wanted: SenderKeyBinding, by: str | None = None
) -> None:
    """Save a key with what it is bound to; `by` is who asked for it where a program did for them."""
    await store.create_key(tx.raw, key_id, digest, wanted)
    await audit_log.record_action(tx.raw, caller, "key.created", key_id, f"by {by}" if by else "done")


async def check_sender_key_holds(tx: Transaction, key_id: str) -> None:
    """Check that a key that was made before can be shown again.

    Raises:
        HoldsNoMore: It was revoked, or has expired.
    """
    if not await store.is_in_force(tx.raw, key_id):
        raise HoldsNoMore
