"""Reference data that capture announces: accounts with their owners, campaigns with their briefs."""

from collections.abc import Sequence

from events.contacts import AccountChanged, CampaignAnnounced
from events.runtime import Transaction
from routing.domain import similar_name_key
from routing.models import Accounts, Campaigns

_ACCOUNTS = "select domain as key, revision from accounts where domain = any($1::text[])"
_CAMPAIGNS = "select campaign as key, revision from campaigns where campaign = any($1::text[])"


async def save_accounts(tx: Transaction, events: Sequence[AccountChanged]) -> None:
    """Save the newest revision of each account."""
    known = {row["key"]: row["revision"] for row in await tx.raw.fetch(_ACCOUNTS, [event.domain for event in events])}
    newer = sorted(
        (event for event in events if event.revision > known.get(event.domain, -1)), key=lambda event: event.revision
    )
    await tx.upsert(
        Accounts,
        [
            {
                "domain": event.domain,
                "revision": event.revision,
                "kind": event.kind,
                "owner": event.owner,
                "name": event.name,
                "block": similar_name_key(event.name) or None,
                "parent": event.parent,
                "aliases": event.aliases,
                "open_opportunity": event.open_opportunity,
            }
            for event in newer
        ],
    )


async def save_campaigns(tx: Transaction, events: Sequence[CampaignAnnounced]) -> None:
    """Save the newest revision of each campaign."""
    found = await tx.raw.fetch(_CAMPAIGNS, [event.campaign for event in events])
    known = {row["key"]: row["revision"] for row in found}
    newer = sorted(
        (event for event in events if event.revision > known.get(event.campaign, -1)), key=lambda event: event.revision
    )
    await tx.upsert(
        Campaigns,
        [
            {
                "campaign": event.campaign,
                "revision": event.revision,
                "name": event.name,
                "brief": event.brief,
                "content": event.content,
                "titles": event.content_titles,
            }
            for event in newer
        ],
    )
