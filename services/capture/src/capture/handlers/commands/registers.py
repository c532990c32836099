"""Save accounts, campaigns and content as marketing and the CRM send them, and publish changes."""

from collections.abc import Mapping
from typing import Any

from capture.models import Accounts, Campaigns, ContentPieces
from capture.store import registers as store
from events.contacts import AccountChanged, CampaignAnnounced
from events.runtime import Transaction

_NO_ACCOUNT: Mapping[str, Any] = {
    "revision": 0,
    "name": None,
    "kind": "prospect",
    "owner": None,
    "parent": None,
    "aliases": [],
    "open_opportunity": False,
}
_NO_CAMPAIGN: Mapping[str, Any] = {
    "revision": 0,
    "name": "",
    "starts_at": None,
    "ends_at": None,
    "brief": None,
    "content": [],
    "spend": None,
}
_NO_CONTENT: Mapping[str, Any] = {
    "title": "",
    "url": None,
    "stage": None,
    "topic": None,
    "persona": None,
}


async def put_account(domain: str, body: Mapping[str, Any], tx: Transaction) -> dict[str, Any]:
    """Replace what is known of a company; announced where anything changed."""
    before = await store.put(tx, Accounts, domain, _NO_ACCOUNT)
    row = _next(before, body)
    if row != before:
        await store.save(tx, Accounts, row)
        tx.emit(AccountChanged(occurred_at=tx.now, **row))
    return row


async def put_campaign(campaign: str, body: Mapping[str, Any], tx: Transaction) -> dict[str, Any]:
    """Replace what is known of a campaign; announced where anything changed."""
    before = await store.put(tx, Campaigns, campaign, _NO_CAMPAIGN)
    row = _next(before, body)
    if row != before:
        await store.save(tx, Campaigns, row)
        tx.emit(CampaignAnnounced(occurred_at=tx.now, **row))
    return row


async def put_content(content: str, body: Mapping[str, Any], tx: Transaction) -> dict[str, Any]:
    """Replace an entry of the content catalogue."""
    row = {**await store.put(tx, ContentPieces, content, _NO_CONTENT), **body}
    await store.save(tx, ContentPieces, row)
    return row


def _next(before: Mapping[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the next revision of a row, or the row unchanged where nothing is new; the first is always new."""
    row = {**before, **body}
    if before["revision"] == 0 or row != before:
        row["revision"] = before["revision"] + 1
    return row
