"""Create keys that are bound to what they may send."""

from capture.store import key_bindings as store
from capture.store.key_bindings import SenderKeyBinding
from events.runtime import Transaction, audit_log
from events.runtime.security import Caller


async def create_sender_key(
    tx: Transaction, caller: Caller, key_id: str, digest: str, wanted: SenderKeyBinding
) -> None:
    """Save a key with what it is bound to."""
    await store.create_key(tx.raw, key_id, digest, wanted)
    await audit_log.record_action(tx.raw, caller, "key.created", key_id)
