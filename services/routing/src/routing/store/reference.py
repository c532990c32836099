"""What others announce: accounts with their owners, campaigns with their briefs."""

from collections.abc import Sequence

from sqlalchemy import text

from events.contacts import AccountChanged, CampaignAnnounced
from events.runtime import Transaction
from routing.domain import block_of
from routing.models import Accounts, Campaigns

_ACCOUNTS = text("select domain as key, revision from accounts where domain = any(cast(:keys as text[]))")
_CAMPAIGNS = text("select campaign as key, revision from campaigns where campaign = any(cast(:keys as text[]))")


async def put_accounts(tx: Transaction, news: Sequence[AccountChanged]) -> None:
    """Keep the newest revision of each account."""
    known = {row["key"]: row["revision"] for row in await tx.fetch(_ACCOUNTS, {"keys": [one.domain for one in news]})}
    newer = sorted((one for one in news if one.revision > known.get(one.domain, -1)), key=lambda one: one.revision)
    await tx.upsert(
        Accounts,
        [
            {
                "domain": one.domain,
                "revision": one.revision,
                "kind": one.kind,
                "owner": one.owner,
                "name": one.name,
                "block": block_of(one.name) or None,
                "parent": one.parent,
                "aliases": one.aliases,
                "open_opportunity": one.open_opportunity,
            }
            for one in newer
        ],
    )


async def put_campaigns(tx: Transaction, news: Sequence[CampaignAnnounced]) -> None:
    """Keep the newest revision of each campaign."""
    found = await tx.fetch(_CAMPAIGNS, {"keys": [one.campaign for one in news]})
    known = {row["key"]: row["revision"] for row in found}
    newer = sorted((one for one in news if one.revision > known.get(one.campaign, -1)), key=lambda one: one.revision)
    await tx.upsert(
        Campaigns,
        [
            {"campaign": one.campaign, "revision": one.revision, "brief": one.brief, "content": one.content}
            for one in newer
        ],
    )
