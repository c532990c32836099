"""Save accounts, campaigns and content as marketing and the CRM send them, and publish changes."""

from collections.abc import Mapping
from typing import Any, TypeVar

from capture.models import Accounts, Campaigns, ContentPieces
from capture.store import registers as store
from capture.store.registers import AccountRow, CampaignRow, ContentRow
from events.contacts import AccountChanged, CampaignAnnounced
from events.runtime import Transaction

Announced = TypeVar("Announced", AccountRow, CampaignRow)


async def put_account(domain: str, body: Mapping[str, Any], tx: Transaction) -> AccountRow:
    """Replace what is known of a company; announced where anything changed."""
    before = await store.put(tx, Accounts, AccountRow(domain))
    row = _next(before, body)
    if row != before:
        await store.save(tx, Accounts, row)
        tx.emit(AccountChanged(occurred_at=tx.now, **row.as_dict()))
    return row


async def put_campaign(campaign: str, body: Mapping[str, Any], tx: Transaction) -> CampaignRow:
    """Replace what is known of a campaign; announced where anything changed."""
    before = await store.put(tx, Campaigns, CampaignRow(campaign))
    row = _next(before, body)
    if row != before:
        await store.save(tx, Campaigns, row)
        tx.emit(CampaignAnnounced(occurred_at=tx.now, **row.as_dict()))
    return row


async def put_content(content: str, body: Mapping[str, Any], tx: Transaction) -> ContentRow:
    """Replace an entry of the content catalogue."""
    row = (await store.put(tx, ContentPieces, ContentRow(content))).having(**body)
    await store.save(tx, ContentPieces, row)
    return row


def _next(before: Announced, body: Mapping[str, Any]) -> Announced:
    """Return the next revision of a row, or the row unchanged where nothing is new; the first is always new."""
    row = before.having(**body)
    return row.having(revision=before.revision + 1) if before.revision == 0 or row != before else row
