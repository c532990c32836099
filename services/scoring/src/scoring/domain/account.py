"""Product use by several people of one account: one lead for the account, and whose it is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from events.ids import derive_id
from events.parts import Scalar
from scoring.domain.history import ACCOUNT_USE, Engagement, History
from scoring.domain.knowledge import choose_best_facts
from scoring.playbook import ScoringPlaybook
from scoring.playbook.titles import TitleTable

NOT_OF_A_COMPANY = frozenset(("free", "disposable"))
WISH, USERS, SEATS = "account.wish", "account.users", "account.seats"
MEET_LEADERSHIP = "meet_leadership"


def is_product_use(engagement: Engagement, playbook: ScoringPlaybook) -> bool:
    """Return whether an engagement is the use of the product."""
    return engagement.engagement != ACCOUNT_USE and playbook.is_about_product(engagement.engagement, engagement.source)


def find_company_domain(engagement: Engagement) -> str | None:
    """Return the company's e-mail domain; a free or disposable address belongs to none."""
    domain = engagement.facts.get("email_domain")
    return None if domain is None or engagement.facts.get("email_kind") in NOT_OF_A_COMPANY else str(domain)


@dataclass(frozen=True, slots=True)
class _AccountMember:
    """A person of the account: how senior (0 the most), and what they used."""

    person: History
    rank: int | None
    uses: list[Engagement]


def make_account_use(
    domain: str, people: Iterable[History], playbook: ScoringPlaybook, now: datetime
) -> Engagement | None:
    """Return the engagement that stands for an account with enough users; None where it exists or is not due."""
    rules = playbook.account_use
    if rules is None:
        return None
    table = playbook.titles[rules.seniority]
    members = [_build_member(engagement, domain, rules.senior, table, playbook) for engagement in people]
    uses = [use for member in members for use in member.uses if use.occurred_at <= now]
    if not uses:
        return None
    last = max(uses, key=lambda use: use.sort_key)
    since = last.occurred_at - timedelta(days=rules.within_days)
    users = sum(any(since < use.occurred_at <= last.occurred_at for use in member.uses) for member in members)
    given = any(
        engagement.engagement == ACCOUNT_USE
        and since < engagement.occurred_at
        and find_company_domain(engagement) == domain
        for member in members
        for engagement in member.person.engagements.values()
    )
    if users < rules.users or given:
        return None
    return _build_account_use_engagement(domain, _choose_account_contact(members), last, uses, users)


def _build_member(
    person: History, domain: str, senior: tuple[str, ...], table: TitleTable, playbook: ScoringPlaybook
) -> _AccountMember:
    ordered = person.engagements_in_order()
    level = table.find_level(str(choose_best_facts(ordered, playbook).get("job_title") or ""))
    rank = senior.index(level) if level in senior else None
    return _AccountMember(
        person,
        rank,
        [
            engagement
            for engagement in ordered
            if find_company_domain(engagement) == domain and is_product_use(engagement, playbook)
        ],
    )


def _choose_account_contact(members: Iterable[_AccountMember]) -> _AccountMember:
    """Return the most senior known contact, else the most active user."""
    return min(
        members,
        key=lambda member: (
            member.rank is None,
            member.rank or 0,
            -len(member.uses),
            member.person.contact_id,
        ),
    )


def _build_account_use_engagement(
    domain: str, speaker: _AccountMember, last: Engagement, uses: list[Engagement], users: int
) -> Engagement:
    seats = [seats for use in uses if isinstance(seats := use.facts.get("facts.seats"), int | float)]
    facts: dict[str, Scalar] = {"email_domain": domain, USERS: users}
    if seats:
        facts[SEATS] = max(seats)
    if speaker.rank is None:
        facts[WISH] = MEET_LEADERSHIP
    return Engagement(
        engagement_id=derive_id(ACCOUNT_USE, domain, last.engagement_id),
        contact_id=speaker.person.contact_id,
        engagement=ACCOUNT_USE,
        source="product",
        occurred_at=last.occurred_at,
        received_at=last.received_at,
        content=None,
        campaign=last.campaign,
        talk_to_sales=False,
        preference=None,
        preferred_at=None,
        facts=facts,
    )
