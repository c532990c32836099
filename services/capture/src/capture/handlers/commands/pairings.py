"""Make a phone a scanner by a link that works once: the phone draws its key, and only its hash comes here."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID, uuid4

from capture.domain.pairing import OPEN_FOR, hash_pairing_code
from capture.domain.scan import SOURCE
from capture.handlers.errors import HoldsNoMore, KeyIdTaken, PairingOver, PairingUnknown
from capture.store import pairings as store
from capture.store.pairings import LockedPairing, WantedPairing
from events.runtime import Transaction, audit_log
from events.runtime.security import Caller


class NewPairing(NamedTuple):
    """A link that was made: its code is kept nowhere."""

    pairing_id: UUID
    expires_at: datetime


async def create_pairing(
    tx: Transaction, caller: Caller, wanted: WantedPairing, code_of: Callable[[UUID], str]
) -> NewPairing:
    """Save a link that makes one device a scanner within the next minutes; its id has a code."""
    pairing_id = uuid4()
    expires_at = await store.create_pairing(
        tx.raw, pairing_id, hash_pairing_code(code_of(pairing_id)), wanted, OPEN_FOR
    )
    await audit_log.record_action(tx.raw, caller, "scanner.invited", pairing_id, f"by {wanted.by}")
    return NewPairing(pairing_id, expires_at)


async def check_pairing_holds(tx: Transaction, pairing_id: UUID) -> None:
    """Check that a link that was made before can be shown again.

    Raises:
        HoldsNoMore: It was used, was ended, or is too old.
    """
    if not await store.is_unused(tx.raw, pairing_id):
        raise HoldsNoMore


async def pair_device(tx: Transaction, code: str, key_id: str, digest: str) -> LockedPairing:
    """Accept the key that a device drew, which takes scans alone. Sent again by the same device it changes nothing.

    Raises:
        PairingOver: The link was used by another device, was ended, or is too old; or there is none.
        KeyIdTaken: Another key has this id.
    """
    found = await store.lock_pairing(tx.raw, hash_pairing_code(code))
    if found is None or not found.is_open:
        raise PairingOver
    if found.key_id is not None:
        if (found.key_id, found.key_hash) != (key_id, digest):
            raise PairingOver
        return found
    if not await store.save_device_key(tx.raw, found, key_id, digest, SOURCE):
        raise KeyIdTaken
    await audit_log.record_action(tx.raw, None, "scanner.paired", found.pairing_id, key_id, by=found.created_by)
    return found


async def end_pairing(tx: Transaction, caller: Caller, pairing_id: UUID, by: str) -> datetime:
    """End a link, or a device with its key; return since when. A second time changes nothing.

    Raises:
        PairingUnknown: There is none.
    """
    ended_at = await store.end_pairing(tx.raw, pairing_id, by)
    if ended_at is None:
        raise PairingUnknown
    await audit_log.record_action(tx.raw, caller, "scanner.ended", pairing_id, f"by {by}")
    return ended_at
