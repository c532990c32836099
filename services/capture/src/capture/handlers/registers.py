"""Keep what marketing and the CRM tell of accounts, campaigns and content, and announce what changed."""

from collections.abc import Mapping
from typing import Any

from capture.handlers.errors import AccountUnknown
from capture.models import Accounts, Campaigns, ContentPieces
from capture.playbook import CapturePlaybook
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


async def put_account(domain: str, told: Mapping[str, Any], tx: Transaction) -> dict[str, Any]:
    """Replace what is known of a company; announced where anything changed."""
    held = await store.put(tx, Accounts, domain, _NO_ACCOUNT)
    row = _next(held, told)
    if row != held:
        await store.save(tx, Accounts, row)
        tx.emit(AccountChanged(occurred_at=tx.now, **row))
    return row


async def show_account(domain: str, tx: Transaction) -> dict[str, Any]:
    """Give an account by its domain or an alias, with its subsidiaries and its users of each month."""
    family = await store.load_family(tx, domain)
    if not family:
        raise AccountUnknown
    domains = {name for row in family for name in (row["domain"], *row["aliases"])}
    users = await store.count_users(tx, sorted(domains), tx.playbook(CapturePlaybook).product_use)
    return {**family[0], "subsidiaries": [row["domain"] for row in family[1:]], "users": users}


async def put_campaign(campaign: str, told: Mapping[str, Any], tx: Transaction) -> dict[str, Any]:
    """Replace what is known of a campaign; announced where anything changed."""
    held = await store.put(tx, Campaigns, campaign, _NO_CAMPAIGN)
    row = _next(held, told)
    if row != held:
        await store.save(tx, Campaigns, row)
        tx.emit(CampaignAnnounced(occurred_at=tx.now, **row))
    return row


async def put_content(content: str, told: Mapping[str, Any], tx: Transaction) -> dict[str, Any]:
    """Replace an entry of the content catalogue."""
    row = {**await store.put(tx, ContentPieces, content, _NO_CONTENT), **told}
    await store.save(tx, ContentPieces, row)
    return row


def _next(held: Mapping[str, Any], told: Mapping[str, Any]) -> dict[str, Any]:
    """Give the row's next revision, or the row as it is where nothing new is told; the first is always new."""
    row = {**held, **told}
    if held["revision"] == 0 or row != held:
        row["revision"] = held["revision"] + 1
    return row
