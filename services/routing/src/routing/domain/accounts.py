"""Which account a lead belongs to, and who has a claim on the lead for that.

An account is found by registrable domain, by an alias, or by a company name that is nearly the account's. A free or
disposable e-mail domain belongs to no account, and a company name typed beside it matches nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from rapidfuzz import fuzz

from events.leads import LeadFacts, Role, SameAccountLead
from events.names import normalize_company_name
from routing.playbook import RoutingPlaybook

SHARED_EMAIL_KINDS = ("free", "disposable")
"""Kinds of e-mail whose domain does not identify the account."""

CUSTOMER_CARE: tuple[Role, ...] = ("am", "cs")
"""Roles that may get a customer's request because they know somebody there."""

PARENT_LEVELS = 5
"""How many levels of an account's parents are searched, itself included."""


@dataclass(frozen=True, slots=True)
class Account:
    """What is known of a company, by its registrable domain."""

    domain: str
    kind: str = "prospect"
    owner: str | None = None
    name: str | None = None
    parent: str | None = None
    open_opportunity: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """A rep who is to have a lead before the rotation is asked, and why."""

    rep_id: str
    reason: str
    why: str


@dataclass(frozen=True, slots=True)
class LastCycle:
    """How a contact's cycle before this one ended: whose it was, why it ended, and when."""

    rep_id: str
    reason: str | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AccountDirectory:
    """The accounts that a batch's leads may belong to, and the reps who work there."""

    accounts: Mapping[str, Account]
    """By domain; parents of those asked for are here too."""
    aliases: Mapping[str, str]
    """Domain by alias."""
    named: Mapping[str, Sequence[Account]]
    """Accounts by the first token of their key."""
    works: Mapping[str, str]
    """The rep who works somebody at an account, by its domain."""
    last_cycles: Mapping[UUID, LastCycle]
    """How the last cycle of each returning contact ended that a rep had."""
    roles: Mapping[str, Role]
    """Role of each rep who may have a claim."""
    colleagues: Mapping[str, Sequence[SameAccountLead]] = field(default_factory=dict)
    """The open leads of an account, by its domain."""
    shared: frozenset[str] = frozenset()
    """The accounts to which several of the batch's leads belong."""

    def claiming_rep_ids(self) -> set[str]:
        """Return every rep who may have a claim."""
        owners = {account.owner for account in self.accounts.values() if account.owner}
        return owners | set(self.works.values()) | {last.rep_id for last in self.last_cycles.values()}

    def with_working_rep(self, account: str | None, rep_id: str) -> "AccountDirectory":
        """Return the directory after a rep got a lead of `account` (a domain).

        Unchanged where no other lead of the batch belongs to that account.
        """
        if account is None or account not in self.shared:
            return self
        return replace(self, works={**self.works, account: rep_id})


EMPTY = AccountDirectory({}, {}, {}, {}, {}, {})


def similar_name_key(name: str | None) -> str:
    """Return the key by which similar names are looked up: the first token of the company's key, or an empty text."""
    return (normalize_company_name(name) or "").partition(" ")[0]


def find_company_domain(facts: LeadFacts) -> str | None:
    """Return the e-mail domain that identifies the lead's company; None for free and disposable e-mail."""
    return None if facts.email_kind in SHARED_EMAIL_KINDS else facts.email_domain or None


def find_account(facts: LeadFacts, directory: AccountDirectory, similar: int | None) -> str | None:
    """Return the domain of the lead's account.

    Args:
        facts: The lead, as scoring published it.
        directory: The accounts that come into question.
        similar: How alike (of 100) a name must be to match where no domain does; None: names are not compared.

    Returns:
        The account's domain; the e-mail's domain where no account is known; None for free e-mail.
    """
    domain = find_company_domain(facts)
    if domain is not None and (domain in directory.accounts or domain in directory.aliases):
        return directory.aliases.get(domain, domain)
    if facts.email_kind in SHARED_EMAIL_KINDS:
        return None
    return _find_account_by_similar_name(facts, directory, similar) or domain


def _find_account_by_similar_name(facts: LeadFacts, directory: AccountDirectory, similar: int | None) -> str | None:
    if similar is None or not facts.company or not directory.named:
        return None
    wanted = normalize_company_name(facts.company) or ""
    alike = [
        (fuzz.ratio(wanted, normalize_company_name(account.name) or ""), account)
        for account in directory.named.get(similar_name_key(wanted), ())
    ]
    best = max((score for score, _ in alike), default=0.0)
    if best < similar:
        return None
    country = f".{(facts.country or '').lower()}"
    found = sorted(
        (account for score, account in alike if score == best),
        key=lambda account: (not account.domain.endswith(country), account.domain),
    )
    return found[0].domain


def find_account_kind(account: str | None, directory: AccountDirectory) -> str | None:
    """Return what the register of accounts says an account is; None where it does not have it."""
    known = directory.accounts.get(account or "")
    return known.kind if known else None


def find_claims(
    facts: LeadFacts, account: str | None, directory: AccountDirectory, playbook: RoutingPlaybook
) -> tuple[Claim, ...]:
    """Return the claims on a lead, the strongest first, at most one for each rep."""
    found = [*_owner_claims(account, directory)] if playbook.account_owner_first else []
    first = playbook.account_first
    colleague = directory.works.get(account or "")
    if first.colleague and colleague and _may_claim_customer_request(colleague, facts, directory):
        found.append(Claim(colleague, "account_colleague", f"{colleague} works somebody else there"))
    last = directory.last_cycles.get(facts.contact_id)
    if first.returning and last and _may_claim_customer_request(last.rep_id, facts, directory):
        found.append(Claim(last.rep_id, "knows_them", f"{last.rep_id} has had them before"))
    strongest: dict[str, Claim] = {}
    for claim in found:
        strongest.setdefault(claim.rep_id, claim)
    return tuple(strongest.values())


def _may_claim_customer_request(rep_id: str, facts: LeadFacts, directory: AccountDirectory) -> bool:
    return facts.lead_type != "customer" or directory.roles.get(rep_id) in CUSTOMER_CARE


def _owner_claims(account: str | None, directory: AccountDirectory) -> Iterator[Claim]:
    family = list(_with_parents(account, directory))
    for each in family:
        if each.open_opportunity and each.owner:
            yield Claim(each.owner, "open_opportunity", f"{each.owner} has a deal open at {each.domain}")
    for each in family:
        if each.kind == "customer" and each.owner:
            yield Claim(each.owner, "customer_owner", f"{each.owner} looks after the customer {each.domain}")
    for each in family:
        if each.owner:
            yield Claim(each.owner, "account_owner", f"{each.owner} owns the account {each.domain}")


def _with_parents(account: str | None, directory: AccountDirectory) -> Iterator[Account]:
    """Yield an account and its parents, nearest first."""
    for _ in range(PARENT_LEVELS):
        found = directory.accounts.get(account or "")
        if found is None:
            return
        yield found
        account = found.parent and directory.aliases.get(found.parent, found.parent)
