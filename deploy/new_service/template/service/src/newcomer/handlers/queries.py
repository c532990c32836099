"""Queries: which cases are open."""

from datetime import datetime
from uuid import UUID

from events.runtime import Transaction
from newcomer import store
from newcomer.domain import Case
from newcomer.playbook import NewcomerPlaybook


async def list_open(tx: Transaction, after: tuple[datetime, UUID] | None, limit: int) -> list[Case]:
    """Return the cases that are open by the rules in force, those that wait longest first."""
    return await store.list_open(tx, tx.playbook(NewcomerPlaybook).states, after, limit)
