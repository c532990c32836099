"""Take up the people whom capture's own topics know and its restored database does not.

The profiles' topic keeps the last state of everybody who was not erased; engagements are on their topic for a month.
Erasures come first: nobody who asked to be forgotten is brought back.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TypeVar
from uuid import UUID

from sqlmodel import SQLModel

from capture.domain.identity import Keyring, read_email
from capture.domain.profile import TOLD, Profile
from capture.models import Accounts, Campaigns
from capture.playbook import CapturePlaybook
from capture.store import erasure, registers
from capture.store import intake as people
from capture.store import recovery as store
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
from events.ids import derive
from events.runtime import Transaction, merges
from events.runtime.recovery import Recovered

E = TypeVar("E", bound=Event)
SOURCE = "recovered"
MOST_INCARNATIONS = 100


async def adopt(keyring: Keyring, batch: Sequence[Recovered], tx: Transaction) -> None:
    """Bring capture's state up to what it had published."""
    await tx.lock({one.contact_id for one in batch if one.contact_id is not None})
    erased = _of(ContactErased, batch)
    for event in erased:
        await _forget(event, tx)
    gone = await store.erased_among(tx, {one.contact_id for one in batch if one.contact_id is not None})
    if gone:
        await tx.erase(gone)
    kept = [one for one in batch if one.contact_id not in gone]
    await _profiles(keyring, _of(ContactProfile, kept), tx)
    await store.save_engagements(tx, map(_engagement, _of(ContactCaptured, kept)))
    moved: list[ContactMerged | ContactUnmerged] = [*_of(ContactMerged, kept), *_of(ContactUnmerged, kept)]
    if moved:
        await merges.record(tx, moved)
    await _register(Accounts, _of(AccountChanged, kept), tx)
    await _register(Campaigns, _of(CampaignAnnounced, kept), tx)


def _of(kind: type[E], batch: Iterable[Recovered]) -> list[E]:
    return [one.event for one in batch if isinstance(one.event, kind)]


async def _forget(event: ContactErased, tx: Transaction) -> None:
    await erasure.forget(tx, event.contact_id)
    await tx.erase([event.contact_id])
    await merges.forget(tx, [event.contact_id])
    await erasure.save_erasure(
        tx,
        {
            "erasure_id": derive("erasure", event.contact_id),
            "contact_id": event.contact_id,
            "requested_at": event.occurred_at,
            "requested_by": SOURCE,
        },
    )


async def _profiles(keyring: Keyring, events: Sequence[ContactProfile], tx: Transaction) -> None:
    last = {event.contact_id: event for event in sorted(events, key=lambda event: event.revision)}
    known = await people.load_profiles(tx, last)
    newer = [event for one, event in last.items() if one not in known or known[one].revision < event.revision]
    if not newer:
        return
    await people.save_profiles(tx, [_profile(event, known.get(event.contact_id)) for event in newer])
    plus_tags = tx.playbook(CapturePlaybook).email.plus_tags
    names: dict[UUID, tuple[UUID, UUID, int]] = {}
    for event in newer:
        email = read_email(event.email) if event.email else None
        keys = [keyring.email(email, plus_tags=plus_tags)] if email else []
        keys += [keyring.phone(event.phone)] if event.phone else []
        for key in keys:
            names.setdefault(key, (key, event.contact_id, _incarnation(keyring, keys[0], event.contact_id)))
    await store.save_names(tx, list(names.values()), last)
    given = [(event.contact_id, SOURCE, one) for event in newer for one in event.consents]
    await people.save_consents(tx, given, tx.now)


def _incarnation(keyring: Keyring, key: UUID, contact_id: UUID) -> int:
    """Return how often whoever bore the key before was forgotten; 0 where the contact has its id from another key."""
    ids = (number for number in range(MOST_INCARNATIONS) if keyring.contact(key, number) == contact_id)
    return next(ids, 0)


def _profile(event: ContactProfile, known: Profile | None) -> Profile:
    """Return the profile that an event shows; a fact is dated by it unless it was known before."""
    email = read_email(event.email) if event.email else None
    before = known or Profile(event.contact_id, 0, event.occurred_at)
    facts = {name: getattr(event, name) for name in TOLD}
    times = {
        name: before.told.get(name, event.occurred_at) if value == getattr(before, name) else event.occurred_at
        for name, value in facts.items()
        if value is not None
    }
    return replace(
        before,
        revision=event.revision,
        first_seen_at=event.first_seen_at or before.first_seen_at,
        told=times,
        engagements=event.engagements,
        email=email.address if email else None,
        email_ascii=email.ascii if email else None,
        email_domain=email.registrable if email else None,
        email_kind=event.email_kind,
        consents=tuple(event.consents),
        suppressed=tuple(event.suppressed),
        **facts,
    )


def _engagement(event: ContactCaptured) -> dict[str, object]:
    return {
        "engagement_id": event.engagement_id,
        "contact_id": event.contact_id,
        "engagement": event.engagement,
        "source": event.source,
        "occurred_at": event.occurred_at,
        "received_at": event.received_at,
        "event_id": None,
        "repeat_key": None,
        "content": event.content,
        "campaign": event.campaign,
        "utm": event.utm.model_dump(exclude_none=True) if event.utm else None,
        "referrer": None,
        "talk_to_sales": event.talk_to_sales,
        "talk_to_sales_when": event.talk_to_sales_when,
        "preference": event.preference,
        "preferred_at": event.preferred_at,
        "facts": event.facts,
        "out_of_audience": event.out_of_audience,
    }


async def _register(
    table: type[SQLModel], events: Iterable[AccountChanged | CampaignAnnounced], tx: Transaction
) -> None:
    """Save the last state of each account or campaign that is behind the topic."""
    ordered: list[AccountChanged | CampaignAnnounced] = sorted(events, key=lambda event: event.revision)
    last = {event.key: event for event in ordered}
    behind = await store.revisions(tx, table, sorted(last)) if last else {}
    for key, event in last.items():
        if behind[key] < event.revision:
            await registers.save(tx, table, event.model_dump(exclude={"occurred_at"}))
