"""Which account a lead belongs to, and who has a claim on it for that: account first, then territory, then pool.

By registrable domain, by an alias, or by a company name that is nearly an account's. Free mail is nobody's domain, and
the name beside it is what somebody typed: it matches nothing.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from uuid import UUID

from rapidfuzz import fuzz

from events.leads import Colleague, LeadFacts, Role
from routing.playbook import RoutingPlaybook

NOBODYS_DOMAIN = ("free", "disposable")
"""Kinds of e-mail whose domain says nothing about the account."""

CUSTOMER_CARE: tuple[Role, ...] = ("am", "cs")
"""Who may have a customer's wish because they know somebody there."""

GENERATIONS = 5
"""So far up a subsidiary's parents are looked at."""

LEGAL_FORMS = frozenset(
    word
    for words in (
        "ab ag as asa bv co company corp corporation cie gmbh group holding inc incorporated kg kgaa limited llc llp",
        "ltd nv oy oyj plc pte pty sa sarl sas se sl spa srl sro",
    )
    for word in words.split()
)


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
    """Somebody who is to have a lead before the rotation is asked, and why."""

    rep_id: str
    reason: str
    why: str


@dataclass(frozen=True, slots=True)
class Book:
    """The accounts that a batch's leads may belong to, and who works whom there."""

    accounts: Mapping[str, Account]
    """By domain; parents of those asked for are here too."""
    aliases: Mapping[str, str]
    """Domain by alias."""
    named: Mapping[str, Sequence[Account]]
    """Accounts by the first word of their plain name."""
    works: Mapping[str, str]
    """The rep who works somebody at an account, by its domain."""
    knew: Mapping[UUID, str]
    """The rep who had this person in an earlier cycle, by contact."""
    roles: Mapping[str, Role]
    """Role of each rep who may have a claim."""
    colleagues: Mapping[str, Sequence[Colleague]] = field(default_factory=dict)
    """The open leads of an account, by its domain."""
    shared: frozenset[str] = frozenset()
    """The accounts to which several of the batch's leads belong."""

    def people(self) -> set[str]:
        """Name everybody who may have a claim."""
        owners = {account.owner for account in self.accounts.values() if account.owner}
        return owners | set(self.works.values()) | set(self.knew.values())

    def working(self, account: str | None, rep_id: str) -> "Book":
        """Note that a rep works somebody at an account, where that matters to a later lead of the batch."""
        if account is None or account not in self.shared:
            return self
        return replace(self, works={**self.works, account: rep_id})


EMPTY = Book({}, {}, {}, {}, {}, {})


@lru_cache(maxsize=8192)
def plain(name: str) -> str:
    """Give a company's name as it is compared: plain letters, no punctuation, no legal form."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    words = re.sub(r"[^\w\s]|_", " ", "".join(one for one in letters if not unicodedata.combining(one))).split()
    return " ".join(word for word in words if word not in LEGAL_FORMS) or " ".join(words)


def block_of(name: str | None) -> str:
    """Give the word by which similar names are looked up: the first of the plain name."""
    return plain(name).partition(" ")[0] if name else ""


def domain_of(facts: LeadFacts) -> str | None:
    """Give the domain that speaks for the lead's company."""
    return None if facts.email_kind in NOBODYS_DOMAIN else facts.email_domain or None


def account_of(facts: LeadFacts, book: Book, similar: int | None) -> str | None:
    """Name the lead's account by its domain; one that nobody has told us of goes by the e-mail's domain."""
    domain = domain_of(facts)
    if domain is not None and (domain in book.accounts or domain in book.aliases):
        return book.aliases.get(domain, domain)
    if facts.email_kind in NOBODYS_DOMAIN:
        return None
    return _by_name(facts, book, similar) or domain


def _by_name(facts: LeadFacts, book: Book, similar: int | None) -> str | None:
    if similar is None or not facts.company or not book.named:
        return None
    wanted = plain(facts.company)
    alike = [
        (fuzz.ratio(wanted, plain(account.name or "")), account) for account in book.named.get(block_of(wanted), ())
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


def claims(facts: LeadFacts, account: str | None, book: Book, playbook: RoutingPlaybook) -> tuple[Claim, ...]:
    """Give who has a claim on a lead, the strongest first; nobody twice."""
    found = [*_owners(account, book)] if playbook.account_owner_first else []
    first = playbook.account_first
    colleague = book.works.get(account or "")
    if first.colleague and colleague and _may_know(colleague, facts, book):
        found.append(Claim(colleague, "account_colleague", f"{colleague} works somebody else there"))
    returning = book.knew.get(facts.contact_id)
    if first.returning and returning and _may_know(returning, facts, book):
        found.append(Claim(returning, "knows_them", f"{returning} has had them before"))
    strongest: dict[str, Claim] = {}
    for claim in found:
        strongest.setdefault(claim.rep_id, claim)
    return tuple(strongest.values())


def _may_know(rep_id: str, facts: LeadFacts, book: Book) -> bool:
    return facts.lead_type != "customer" or book.roles.get(rep_id) in CUSTOMER_CARE


def _owners(account: str | None, book: Book) -> Iterator[Claim]:
    line = list(_line(account, book))
    for one in line:
        if one.open_opportunity and one.owner:
            yield Claim(one.owner, "open_opportunity", f"{one.owner} has a deal open at {one.domain}")
    for one in line:
        if one.kind == "customer" and one.owner:
            yield Claim(one.owner, "customer_owner", f"{one.owner} looks after the customer {one.domain}")
    for one in line:
        if one.owner:
            yield Claim(one.owner, "account_owner", f"{one.owner} owns the account {one.domain}")


def _line(account: str | None, book: Book) -> Iterator[Account]:
    """Give an account and its parents, nearest first."""
    for _ in range(GENERATIONS):
        found = book.accounts.get(account or "")
        if found is None:
            return
        yield found
        account = found.parent and book.aliases.get(found.parent, found.parent)
