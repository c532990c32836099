"""What must never be found in capture's tables."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from capture.models import Engagements, Identities, Profiles
from events.runtime import Transaction
from events.runtime.bulk import table_of
from events.runtime.rows import Row

engagements, identities, profiles = table_of(Engagements), table_of(Identities), table_of(Profiles)

MOST = 100
RECENT = timedelta(days=1)


class Broken(Row):
    """Whose row breaks a rule."""

    rule: str
    contact_id: UUID


async def audit(tx: Transaction) -> list[Broken]:
    """List (at most a hundred each) the engagements of nobody, the names of nobody and the people without a name."""
    profile = sa.select(profiles.c.contact_id)
    rows = [
        await _broken(
            tx,
            "engagement_without_contact",
            sa.select(engagements.c.contact_id).where(
                engagements.c.received_at > tx.now - RECENT,
                ~profile.where(profiles.c.contact_id == engagements.c.contact_id).exists(),
            ),
        ),
        await _broken(
            tx,
            "identity_without_contact",
            sa.select(identities.c.contact_id).where(
                identities.c.contact_id.is_not(None),
                ~profile.where(profiles.c.contact_id == identities.c.contact_id).exists(),
            ),
        ),
        await _broken(
            tx,
            "contact_without_identity",
            sa.select(profiles.c.contact_id).where(
                ~sa.select(identities.c.key).where(identities.c.contact_id == profiles.c.contact_id).exists()
            ),
        ),
    ]
    return [row for broken in rows for row in broken]


async def _broken(tx: Transaction, rule: str, statement: sa.Select[Any]) -> list[Broken]:
    return [Broken(rule, row["contact_id"]) for row in await tx.fetch(statement.limit(MOST))]
