"""SQL of the way in: who is known by these names, was this said before, and keep what is new."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert

from capture.domain.intake import Captured, Engagement, Identity
from capture.domain.profile import Profile
from capture.models import Consents, Engagements, Identities, Profiles
from events.contacts import Consent
from events.ids import derive
from events.runtime import Transaction
from events.runtime.bulk import table_of

_people, _profiles, _done = table_of(Identities), table_of(Profiles), table_of(Engagements)
_COLUMNS = [name for name in Profiles.model_fields if name != "consents"]


def _ids(name: str) -> Any:
    return sa.bindparam(name, type_=ARRAY(sa.Uuid))


_WAIT = sa.select(sa.func.pg_advisory_xact_lock(sa.func.unnest(sa.bindparam("numbers", type_=ARRAY(sa.BigInteger)))))
_CLAIM = (
    insert(_people)
    .from_select(["key", "contact_id"], sa.select(sa.func.unnest(_ids("keys")), sa.func.unnest(_ids("ids"))))
    .on_conflict_do_nothing()
    .returning(_people.c.key)
)
_HOLD = (
    sa.select(_people.c.key, _people.c.contact_id, _people.c.incarnation)
    .where(_people.c.key == sa.any_(_ids("keys")))
    .order_by(_people.c.key)
    .with_for_update()
)
_PROFILES = sa.select(_profiles).where(_profiles.c.contact_id == sa.any_(_ids("ids")))
_REPEATS = sa.union_all(
    sa.select(_done.c.repeat_key, _done.c.contact_id, _done.c.engagement_id).where(
        _done.c.event_id.is_not(None),
        _done.c.repeat_key == sa.any_(_ids("events")),
    ),
    sa.select(_done.c.repeat_key, _done.c.contact_id, _done.c.engagement_id).where(
        _done.c.event_id.is_(None),
        _done.c.repeat_key == sa.any_(_ids("words")),
        _done.c.received_at > sa.bindparam("since", type_=sa.DateTime(timezone=True)),
    ),
)
_moved = sa.select(
    sa.func.unnest(_ids("keys")).label("key"), sa.func.unnest(_ids("ids")).label("contact_id")
).subquery()
_MOVE = sa.update(_people).where(_people.c.key == _moved.c.key).values(contact_id=_moved.c.contact_id)
_FORGET = sa.delete(_people).where(_people.c.key == sa.any_(_ids("keys")))


async def wait_for(tx: Transaction, names: Iterable[UUID]) -> None:
    """Let nobody else take in the same `event_id` meanwhile: it may come with another address."""
    numbers = sorted({(name.int >> 64) - (1 << 63) for name in names})
    if numbers:
        await tx.fetch(_WAIT, {"numbers": numbers})


async def hold_identities(tx: Transaction, proposed: Mapping[UUID, UUID]) -> tuple[dict[UUID, Identity], set[UUID]]:
    """Hold every key to the end of the transaction, in key order; new ones get their proposed contact.

    Gives what is on record about each key (a new one has nobody yet), and which are new. Whoever brings the same new
    key at the same instant waits here, and then finds it.
    """
    keys = sorted(proposed)
    rows = await tx.fetch(_CLAIM, {"keys": keys, "ids": [proposed[key] for key in keys]})
    new = {row["key"] for row in rows}
    found = {key: Identity() for key in new}
    if len(new) < len(keys):
        known = [key for key in keys if key not in new]
        for row in await tx.fetch(_HOLD, {"keys": known}):
            found[row["key"]] = Identity(row["contact_id"], row["incarnation"])
    return found, new


async def load_profiles(tx: Transaction, contact_ids: Iterable[UUID]) -> dict[UUID, Profile]:
    """Load the profiles of those who have one."""
    ids = sorted(contact_ids)
    rows = await tx.fetch(_PROFILES, {"ids": ids}) if ids else []
    return {row["contact_id"]: _profile(row) for row in rows}


def _profile(row: Mapping[str, Any]) -> Profile:
    consents = tuple(Consent.model_validate(consent) for consent in row["consents"])
    told = {name: datetime.fromisoformat(at) for name, at in row["told"].items()}
    return Profile(**{**row, "consents": consents, "told": told})


async def load_repeats(
    tx: Transaction, events: Sequence[UUID], words: Sequence[UUID], since: datetime
) -> dict[UUID, Captured]:
    """Find what was said before: an event of the client's at any time, the same words after `since`."""
    if not events and not words:
        return {}
    rows = await tx.fetch(_REPEATS, {"events": events, "words": words, "since": since})
    return {row["repeat_key"]: Captured(row["contact_id"], row["engagement_id"], "duplicate") for row in rows}


async def save_identities(tx: Transaction, moved: Mapping[UUID, UUID], unused: Iterable[UUID]) -> None:
    """Give keys to whom they turned out to belong; drop those that nobody was taken in under."""
    if moved:
        keys = sorted(moved)
        await tx.execute(_MOVE, {"keys": keys, "ids": [moved[key] for key in keys]})
    dropped = sorted(unused)
    if dropped:
        await tx.execute(_FORGET, {"keys": dropped})


async def save_profiles(tx: Transaction, profiles: Iterable[Profile]) -> None:
    """Write profiles whole."""
    await tx.upsert(Profiles, [_profile_row(profile) for profile in profiles])


def _profile_row(profile: Profile) -> dict[str, Any]:
    row = {name: getattr(profile, name) for name in _COLUMNS}
    row["consents"] = [consent.model_dump(mode="json") for consent in profile.consents]
    return row


async def save_engagements(tx: Transaction, engagements: Sequence[Engagement]) -> int:
    """Write new engagements; gives their number."""
    return await tx.insert(Engagements, [_engagement_row(one) for one in engagements])


def _engagement_row(one: Engagement) -> dict[str, Any]:
    told, event = one.arrival.submission, one.event
    return {
        "engagement_id": event.engagement_id,
        "contact_id": event.contact_id,
        "engagement": event.engagement,
        "source": event.source,
        "occurred_at": event.occurred_at,
        "received_at": event.received_at,
        "event_id": told.event_id,
        "repeat_key": one.arrival.repeat_key,
        "content": told.content,
        "campaign": told.campaign,
        "utm": told.utm.model_dump(exclude_none=True) if told.utm else None,
        "referrer": told.referrer,
        "talk_to_sales": told.talk_to_sales,
        "talk_to_sales_when": told.talk_to_sales_when,
        "preference": told.preference,
        "preferred_at": told.preferred_at,
        "facts": told.facts,
    }


async def save_consents(
    tx: Transaction,
    given: Iterable[tuple[UUID, str, Consent]],
    received_at: datetime,
) -> None:
    """Keep each answer (contact, source, consent) once."""
    await tx.insert(
        Consents,
        [
            {
                "consent_id": derive(
                    "consent",
                    contact_id,
                    consent.purpose,
                    consent.granted,
                    consent.wording_version,
                    consent.at,
                ),
                "contact_id": contact_id,
                "source": source,
                "received_at": received_at,
                **{name: getattr(consent, name) for name in Consent.model_fields},
            }
            for contact_id, source, consent in given
        ],
    )
