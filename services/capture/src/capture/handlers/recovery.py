"""Take up the people whom capture's own topics know and its restored database does not.

The profiles' topic keeps the last state of everybody who was not erased; engagements are on their topic for a month.
Erasures come first: nobody who asked to be forgotten is brought back.
"""

from collections.abc import Iterable, Sequence
from typing import TypeVar
from uuid import UUID

from sqlmodel import SQLModel

from capture.domain.from_events import find_incarnation, read_engagement, read_profile
from capture.domain.identity import IdentityHasher, read_email
from capture.models import Accounts, Campaigns
from capture.playbook import CapturePlaybook
from capture.store import contacts as people
from capture.store import erasure, registers
from capture.store import recovery as store
from capture.store.registers import AccountRow, CampaignRow
from events.contacts import (
    AccountChanged,
    CampaignAnnounced,
    ContactCaptured,
    ContactErased,
    ContactMerged,
    ContactProfile,
    ContactUnmerged,
)
from events.envelope import Event
from events.ids import derive_id
from events.runtime import Transaction, merges
from events.runtime.recovery import RecoveredRecord

E = TypeVar("E", bound=Event)
SOURCE = "recovered"


async def restore_people(hasher: IdentityHasher, batch: Sequence[RecoveredRecord], tx: Transaction) -> None:
    """Bring capture's state up to what it had published."""
    await tx.lock_contacts({record.contact_id for record in batch if record.contact_id is not None})
    erased = _events_of_kind(ContactErased, batch)
    for event in erased:
        await _replay_erasure(event, tx)
    gone = await store.find_erased_contacts(
        tx, {record.contact_id for record in batch if record.contact_id is not None}
    )
    if gone:
        await tx.erase(gone)
    kept = [record for record in batch if record.contact_id not in gone]
    await _restore_profiles(hasher, _events_of_kind(ContactProfile, kept), tx)
    await store.save_engagements(tx, map(read_engagement, _events_of_kind(ContactCaptured, kept)))
    moved: list[ContactMerged | ContactUnmerged] = [
        *_events_of_kind(ContactMerged, kept),
        *_events_of_kind(ContactUnmerged, kept),
    ]
    if moved:
        await merges.record_merges(tx, moved)
    await _restore_register_rows(Accounts, _events_of_kind(AccountChanged, kept), tx)
    await _restore_register_rows(Campaigns, _events_of_kind(CampaignAnnounced, kept), tx)


def _events_of_kind(kind: type[E], batch: Iterable[RecoveredRecord]) -> list[E]:
    return [record.event for record in batch if isinstance(record.event, kind)]


async def _replay_erasure(event: ContactErased, tx: Transaction) -> None:
    await erasure.forget_contact(tx, event.contact_id)
    await tx.erase([event.contact_id])
    await merges.delete_merges(tx, [event.contact_id])
    erasure_id = derive_id("erasure", event.contact_id)
    asked = erasure.RequestedErasure(erasure_id, event.contact_id, event.occurred_at, SOURCE)
    await erasure.save_erasure(tx, asked)


async def _restore_profiles(hasher: IdentityHasher, events: Sequence[ContactProfile], tx: Transaction) -> None:
    last = {event.contact_id: event for event in sorted(events, key=lambda event: event.revision)}
    known = await people.load_profiles(tx, last)
    newer = [event for record, event in last.items() if record not in known or known[record].revision < event.revision]
    if not newer:
        return
    await people.save_profiles(tx, [read_profile(event, known.get(event.contact_id)) for event in newer])
    plus_tags = tx.playbook(CapturePlaybook).email.plus_tags
    identities: dict[UUID, tuple[UUID, UUID, int]] = {}
    for event in newer:
        email = read_email(event.email) if event.email else None
        keys = [hasher.email_key(email, plus_tags=plus_tags)] if email else []
        keys += [hasher.phone_key(event.phone)] if event.phone else []
        for key in keys:
            identities.setdefault(key, (key, event.contact_id, find_incarnation(hasher, keys[0], event.contact_id)))
    await store.restore_identities(tx, list(identities.values()), last)
    given = [(event.contact_id, SOURCE, record) for event in newer for record in event.consents]
    await people.save_consents(tx, given, tx.now)


async def _restore_register_rows(
    table: type[SQLModel], events: Iterable[AccountChanged | CampaignAnnounced], tx: Transaction
) -> None:
    """Save the last state of each account or campaign that is behind the topic."""
    ordered: list[AccountChanged | CampaignAnnounced] = sorted(events, key=lambda event: event.revision)
    last = {event.key: event for event in ordered}
    behind = await store.load_register_revisions(tx, table, sorted(last)) if last else {}
    for key, event in last.items():
        if behind[key] < event.revision:
            kind = AccountRow if isinstance(event, AccountChanged) else CampaignRow
            await registers.save_register_row(
                tx, table, kind(**event.as_dict(without={"occurred_at", "content_titles"}))
            )
