"""What arrives on topics, as capture stores it: receipts of erasures, and its own events after a restore."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from capture.domain.identity import IdentityHasher, read_email
from capture.domain.profile import PROFILE_FACTS, Profile
from events.contacts import ContactCaptured, ContactProfile, ErasureReceipt
from events.parts import Scalar

MOST_INCARNATIONS = 100


class ServiceReceipt(NamedTuple):
    """A service's receipt for an erasure: how many rows it deleted, and when."""

    erasure_id: UUID
    service: str
    rows: int
    erased_at: datetime


class StoredEngagement(NamedTuple):
    """An engagement as it is stored: what was sent, but for who sent it."""

    engagement_id: UUID
    contact_id: UUID
    engagement: str
    source: str
    occurred_at: datetime
    received_at: datetime
    content: str | None
    campaign: str | None
    utm: Mapping[str, str] | None
    talk_to_sales: bool
    talk_to_sales_when: str | None
    preference: str | None
    preferred_at: datetime | None
    facts: Mapping[str, Scalar]
    out_of_audience: Sequence[str]
    event_id: str | None = None
    repeat_key: UUID | None = None
    referrer: str | None = None


def read_receipt(event: ErasureReceipt) -> ServiceReceipt:
    """Return the receipt that an event is."""
    return ServiceReceipt(event.erasure_id, event.service, event.rows, event.occurred_at)


def read_profile(event: ContactProfile, known: Profile | None) -> Profile:
    """Return the profile that an event shows; a fact is dated by it unless it was known before."""
    email = read_email(event.email) if event.email else None
    before = known or Profile(event.contact_id, 0, event.occurred_at)
    facts = {name: getattr(event, name) for name in PROFILE_FACTS}
    times = {
        name: before.fact_times.get(name, event.occurred_at) if value == getattr(before, name) else event.occurred_at
        for name, value in facts.items()
        if value is not None
    }
    return replace(
        before,
        revision=event.revision,
        first_seen_at=event.first_seen_at or before.first_seen_at,
        fact_times=times,
        engagements=event.engagements,
        email=email.address if email else None,
        email_ascii=email.ascii if email else None,
        email_domain=email.registrable if email else None,
        email_kind=event.email_kind,
        consents=tuple(event.consents),
        suppressed=tuple(event.suppressed),
        **facts,
    )


def read_engagement(event: ContactCaptured) -> StoredEngagement:
    """Return a published engagement as it is stored; what was withheld from the event is lost."""
    return StoredEngagement(
        engagement_id=event.engagement_id,
        contact_id=event.contact_id,
        engagement=event.engagement,
        source=event.source,
        occurred_at=event.occurred_at,
        received_at=event.received_at,
        content=event.content,
        campaign=event.campaign,
        utm=event.utm.as_dict(filled=True) if event.utm else None,
        talk_to_sales=event.talk_to_sales,
        talk_to_sales_when=event.talk_to_sales_when,
        preference=event.preference,
        preferred_at=event.preferred_at,
        facts=event.facts,
        out_of_audience=event.out_of_audience,
    )


def find_incarnation(hasher: IdentityHasher, key: UUID, contact_id: UUID) -> int:
    """Return how often whoever bore the key before was forgotten; 0 where the contact has its id from another key."""
    ids = (number for number in range(MOST_INCARNATIONS) if hasher.contact_id(key, number) == contact_id)
    return next(ids, 0)
