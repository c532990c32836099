"""Save accounts, campaigns and content as marketing and the CRM send them, and publish changes."""

from typing import TypeVar

from capture.models import Accounts, Campaigns, ContentPieces
from capture.store import registers as store
from capture.store.contacts import load_catalogue_entries
from capture.store.registers import AccountRow, CampaignRow, ContentRow
from events.contacts import AccountChanged, CampaignAnnounced
from events.runtime import Transaction

Announced = TypeVar("Announced", AccountRow, CampaignRow)


async def put_account(asked: AccountRow, tx: Transaction) -> AccountRow:
    """Replace what is known of a company; announced where anything changed."""
    before = await store.lock_row_or_begin(tx, Accounts, AccountRow(asked.domain))
    row = _next_revision(before, asked)
    if row != before:
        await store.save_register_row(tx, Accounts, row)
        tx.emit(AccountChanged(occurred_at=tx.now, **row.as_dict()))
    return row


async def put_campaign(asked: CampaignRow, tx: Transaction) -> CampaignRow:
    """Replace what is known of a campaign; announced where anything changed."""
    before = await store.lock_row_or_begin(tx, Campaigns, CampaignRow(asked.campaign))
    row = _next_revision(before, asked)
    if row != before:
        await _save_and_announce_campaign(row, tx)
    return row


async def _save_and_announce_campaign(campaign: CampaignRow, tx: Transaction) -> None:
    await store.save_register_row(tx, Campaigns, campaign)
    entries = await load_catalogue_entries(tx, campaign.content)
    titles = {content: entry.title for content, entry in entries.items() if entry.title is not None}
    tx.emit(CampaignAnnounced(occurred_at=tx.now, content_titles=titles, **campaign.as_dict()))


async def put_content(asked: ContentRow, tx: Transaction) -> ContentRow:
    """Replace an entry of the content catalogue; campaigns with it are announced again where its title is new."""
    before = await store.lock_row_or_begin(tx, ContentPieces, ContentRow(asked.content))
    await store.save_register_row(tx, ContentPieces, asked)
    if asked.title != before.title:
        for campaign in await store.lock_campaigns_with(tx, asked.content):
            await _save_and_announce_campaign(campaign.with_values(revision=campaign.revision + 1), tx)
    return asked


def _next_revision(before: Announced, asked: Announced) -> Announced:
    """Return the next revision of a row, or the row unchanged where nothing is new; the first is always new."""
    row = asked.with_values(revision=before.revision)
    return row.with_values(revision=before.revision + 1) if before.revision == 0 or row != before else row
