"""The accounts that a batch's leads may belong to, and the reps who work there."""

from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from uuid import UUID

from events.leads import LeadFacts, SameAccountLead
from events.runtime import Transaction, merges
from events.runtime.rows import Row, read_rows
from routing.domain import (
    NO_ACCOUNTS,
    Account,
    AccountDirectory,
    LastCycle,
    find_account,
    find_company_domain,
    similar_name_key,
)
from routing.playbook import RoutingPlaybook

COLLEAGUES_SHOWN = 10


class AccountRow(Row):
    """A company; `block` is the key by which similar names are found."""

    domain: str
    kind: str
    owner: str | None
    name: str | None
    block: str | None
    parent: str | None
    aliases: list[str]
    open_opportunity: bool


_NAMED = """
with recursive asked as (
    select a.* from accounts a where a.domain = any($1::text[])
    union select a.* from accounts a where a.aliases && $1::text[]
    union select a.* from accounts a where a.block = any($2::text[])
), line as (
    select asked.*, 1 as generation from asked
    union all select a.*, line.generation + 1 from line
    join accounts a on (a.domain = line.parent or line.parent = any(a.aliases)) where line.generation < 5
) select distinct domain, kind, owner, name, block, parent, aliases, open_opportunity from line
"""
_WORKS = (
    "select a.account, w.* from unnest($1::text[]) as a(account) cross join lateral ("
    " select l.contact_id, l.lead_id, l.lead_type, l.rep_id, l.team from leads l"
    " where l.account = a.account and l.state = 'assigned' order by l.placed_at desc limit $2) as w"
)
_LAST_CYCLES = (
    "select l.contact_id, l.rep_id, l.ended_at,"
    " (select d.reason from decisions d where d.lead_id = l.lead_id and d.kind = 'released'"
    "  order by d.number desc limit 1) as reason"
    " from leads l where l.contact_id = any($1::uuid[]) and l.rep_id is not null and l.state in ('closed', 'released')"
    " order by l.cycle, l.placed_at"
)


async def load_directory(tx: Transaction, playbook: RoutingPlaybook, leads: Collection[LeadFacts]) -> AccountDirectory:
    """Return the accounts that these leads may belong to, with everybody who may have a claim on a lead."""
    if not leads:
        return NO_ACCOUNTS
    directory = await _load_accounts(tx, playbook, leads)
    similar = playbook.account_first.similar_name
    of_lead = [found for lead in leads if (found := find_account(lead, directory, similar)) is not None]
    counts = Counter(of_lead)
    there, last_cycles = await _load_open_leads_by_account(tx, counts), await _load_last_cycles(tx, leads)
    shared = frozenset(account for account, leads_there in counts.items() if leads_there > 1)
    works = {account: str(found[0].rep_id) for account, found in there.items()}
    return replace(directory, works=works, last_cycles=last_cycles, shared=shared, colleagues=there)


async def _load_accounts(tx: Transaction, playbook: RoutingPlaybook, leads: Collection[LeadFacts]) -> AccountDirectory:
    domains = {domain for lead in leads if (domain := find_company_domain(lead)) is not None}
    by_name = playbook.account_first.similar_name is not None
    blocks = {
        block
        for lead in leads
        if find_company_domain(lead) is None or by_name
        if (block := similar_name_key(lead.company))
    }
    if not domains and not blocks:
        return NO_ACCOUNTS
    rows = await read_rows(tx, AccountRow, _NAMED, list(domains), list(blocks) if by_name else [])
    named: dict[str, list[Account]] = {}
    for row in rows:
        if row.block:
            named.setdefault(row.block, []).append(_row_to_account(row))
    return AccountDirectory(
        accounts={row.domain: _row_to_account(row) for row in rows},
        aliases={alias: row.domain for row in rows for alias in row.aliases},
        named=named,
        works={},
        last_cycles={},
        roles={},
    )


def _row_to_account(row: AccountRow) -> Account:
    return Account(row.domain, row.kind, row.owner, row.name, row.parent, open_opportunity=row.open_opportunity)


async def _load_open_leads_by_account(
    tx: Transaction, accounts: Collection[str]
) -> dict[str, tuple[SameAccountLead, ...]]:
    """Return the open leads of each account with their reps, the newest first."""
    if not accounts:
        return {}
    there: dict[str, list[SameAccountLead]] = {}
    for row in await tx.raw.fetch(_WORKS, sorted(accounts), COLLEAGUES_SHOWN):
        values = dict(row)
        there.setdefault(values.pop("account"), []).append(SameAccountLead(**values))
    return {account: tuple(found) for account, found in there.items()}


async def _load_last_cycles(tx: Transaction, leads: Collection[LeadFacts]) -> dict[UUID, LastCycle]:
    again = {lead.contact_id for lead in leads if lead.cycle > 1}
    if not again:
        return {}
    people = await merges.load_people_of_contacts(tx, again)
    members = {member: contact_id for contact_id, person in people.items() for member in person.contact_ids}
    rows = await tx.raw.fetch(_LAST_CYCLES, list(members))
    return {members[row["contact_id"]]: LastCycle(row["rep_id"], row["reason"], row["ended_at"]) for row in rows}
