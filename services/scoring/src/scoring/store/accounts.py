"""Accounts: what companies are, who is known at them, and who has their product lead."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from events.contacts import AccountChanged
from events.runtime import Transaction
from events.runtime.bulk import get_table
from scoring.domain import Colleague
from scoring.models import AccountRow
from scoring.store.histories import engagements, leads
from scoring.store.sql import build_equals_any

accounts = get_table(AccountRow)

_SELECT_COMPANIES = """
select domain, account, kind from accounts where domain = any($1) union all
select d.domain, null, null from unnest($1::text[]) as d(domain) where exists (
    select from leads l where l.email_domain = d.domain and l.ended_at is null and l.cooled_at is null
)
"""
_SELECT_REVISIONS = sa.select(accounts.c.account, accounts.c.revision).where(
    build_equals_any(accounts.c.account, sa.Text)
)
_SELECT_DOMAINS = sa.select(accounts.c.domain).where(build_equals_any(accounts.c.account, sa.Text))
_SELECT_CONTACTS = (
    sa.select(engagements.c.contact_id).distinct().where(build_equals_any(engagements.c.email_domain, sa.Text))
)
_SELECT_PRODUCT_LEADS = sa.select(
    leads.c.email_domain, leads.c.lead_id, leads.c.contact_id, leads.c.opened_at, leads.c.ended_at
).where(build_equals_any(leads.c.email_domain, sa.Text), leads.c.opened_as == "product")
_DELETE_ACCOUNTS = sa.delete(accounts).where(build_equals_any(accounts.c.account, sa.Text))
_LOCK = """
select pg_advisory_xact_lock(number) from
(select hashtextextended(domain, 0) as number from unnest($1::text[]) as d(domain) order by 1) as ordered
"""


async def load_companies_and_open_leads(tx: Transaction, domains: Collection[str]) -> tuple[dict[str, str], set[str]]:
    """Load the kind of company behind each of these domains that is known, and which of them have an open lead.

    Its own entry counts before an alias.
    """
    if not domains:
        return {}, set()
    rows = await tx.raw.fetch(_SELECT_COMPANIES, sorted(domains))
    known = [row for row in rows if row["account"] is not None]
    known.sort(key=lambda row: (row["domain"] == row["account"], row["account"]))
    return {row["domain"]: row["kind"] for row in known}, {row["domain"] for row in rows if row["account"] is None}


async def load_company_kinds(tx: Transaction, domains: Collection[str]) -> dict[str, str]:
    """Load the kind of company behind each of these domains that is known."""
    return (await load_companies_and_open_leads(tx, domains))[0]


async def load_product_leads(
    tx: Transaction, domains: Collection[str], *, lock: bool
) -> dict[str, dict[UUID, Colleague]]:
    """Load the product leads of these accounts; with `lock`, no other transaction makes one before this one ends."""
    found: dict[str, dict[UUID, Colleague]] = {domain: {} for domain in domains}
    if found:
        if lock:
            await tx.raw.execute(_LOCK, sorted(found))
        for row in await tx.fetch(_SELECT_PRODUCT_LEADS, {"among": sorted(found)}):
            found[row["email_domain"]][row["lead_id"]] = (row["contact_id"], row["opened_at"], row["ended_at"])
    return found


async def select_newer_accounts(tx: Transaction, events: Iterable[AccountChanged]) -> list[AccountChanged]:
    """Return the newest revision of each account, where it is newer than the saved revision."""
    newest: dict[str, AccountChanged] = {}
    for event in sorted(events, key=lambda event: event.revision):
        newest[event.domain] = event
    rows = await tx.fetch(_SELECT_REVISIONS, {"among": list(newest)})
    kept = {row["account"]: row["revision"] for row in rows}
    return [event for event in newest.values() if event.revision > kept.get(event.domain, -1)]


async def load_account_domains(tx: Transaction, names: Collection[str]) -> set[str]:
    """Return the saved domains and aliases of these accounts."""
    return {row["domain"] for row in await tx.fetch(_SELECT_DOMAINS, {"among": list(names)})}


async def replace_accounts(tx: Transaction, changed: Iterable[AccountChanged]) -> None:
    """Save these revisions in place of the older ones."""
    given = list(changed)
    await tx.execute(_DELETE_ACCOUNTS, {"among": [event.domain for event in given]})
    rows: list[Mapping[str, Any]] = [
        {"domain": domain, "account": event.domain, "kind": event.kind, "revision": event.revision}
        for event in given
        for domain in sorted({event.domain, *event.aliases})
    ]
    await tx.insert(AccountRow, rows)


async def load_contacts_at_domains(tx: Transaction, domains: Collection[str]) -> list[UUID]:
    """Return the contacts that were ever seen with one of these e-mail domains."""
    return [row["contact_id"] for row in await tx.fetch(_SELECT_CONTACTS, {"among": sorted(domains)})]
