"""SQL of the suppression list: keyed names and the channels that are closed to them."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import sqlalchemy as sa

from capture.models import KeyOwners, Suppressions
from events.runtime import Transaction
from events.runtime.bulk import get_table

suppressions, identities = get_table(Suppressions), get_table(KeyOwners)


async def save_suppressions(tx: Transaction, keys: Iterable[UUID], channels: Iterable[str], reason: str) -> None:
    """Close channels to whoever bears these keys; the first reason stays."""
    wanted = sorted((key, channel) for key in keys for channel in set(channels))
    await tx.insert(
        Suppressions,
        [{"key": key, "channel": channel, "reason": reason, "since": tx.now} for key, channel in wanted],
    )


async def delete_suppressions(tx: Transaction, keys: Sequence[UUID], channels: Sequence[str]) -> None:
    """Open channels again."""
    await tx.execute(
        sa.delete(suppressions).where(suppressions.c.key.in_(keys), suppressions.c.channel.in_(list(channels)))
    )


async def load_closed_channels(tx: Transaction, keys: Sequence[UUID]) -> list[str]:
    """Return the channels that are closed to whoever bears one of these keys."""
    found = sa.select(suppressions.c.channel).where(suppressions.c.key.in_(keys))
    return [row["channel"] for row in await tx.fetch(found.distinct().order_by(suppressions.c.channel))]


async def load_all_keys_of_contacts(tx: Transaction, contact_ids: Sequence[UUID]) -> list[UUID]:
    """Return the keys of contacts."""
    rows = await tx.fetch(sa.select(identities.c.key).where(identities.c.contact_id.in_(list(contact_ids))))
    return [row["key"] for row in rows]


async def load_closed_channels_of_contacts(tx: Transaction, contact_ids: Sequence[UUID]) -> list[str]:
    """Return the channels that are closed to any of these contacts."""
    return await load_closed_channels(tx, await load_all_keys_of_contacts(tx, contact_ids))
