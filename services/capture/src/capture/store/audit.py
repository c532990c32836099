"""What must never be found in capture's tables."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from capture.models import Engagements, KeyOwners, Profiles
from events.runtime import Transaction
from events.runtime.bulk import get_table
from events.runtime.rows import Row

engagements, identities, profiles = get_table(Engagements), get_table(KeyOwners), get_table(Profiles)

MOST = 100
RECENT = timedelta(days=1)


class RuleViolation(Row):
    """Whose row breaks a rule."""

    rule: str
    contact_id: UUID


async def find_violations(tx: Transaction) -> list[RuleViolation]:
    """List engagements and keys without a profile, and profiles without a key: at most `MOST` of each."""
    profile = sa.select(profiles.c.contact_id)
    rows = [
        await _select_violations(
            tx,
            "engagement_without_contact",
            sa.select(engagements.c.contact_id).where(
                engagements.c.received_at > tx.now - RECENT,
                ~profile.where(profiles.c.contact_id == engagements.c.contact_id).exists(),
            ),
        ),
        await _select_violations(
            tx,
            "identity_without_contact",
            sa.select(identities.c.contact_id).where(
                identities.c.contact_id.is_not(None),
                ~profile.where(profiles.c.contact_id == identities.c.contact_id).exists(),
            ),
        ),
        await _select_violations(
            tx,
            "contact_without_identity",
            sa.select(profiles.c.contact_id).where(
                ~sa.select(identities.c.key).where(identities.c.contact_id == profiles.c.contact_id).exists()
            ),
        ),
    ]
    return [row for broken in rows for row in broken]


async def _select_violations(tx: Transaction, rule: str, statement: sa.Select[Any]) -> list[RuleViolation]:
    return [RuleViolation(rule, row["contact_id"]) for row in await tx.fetch(statement.limit(MOST))]
