"""The people of one account who show interest: who they are together, and what of it is news for an open lead."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from events.leads import AccountPerson, InterestedAccount, LeadStrengthened
from events.parts import Scalar
from scoring.domain import because
from scoring.domain.account import find_company_domain, is_product_use
from scoring.domain.crossings import find_hard_rule
from scoring.domain.cycles import split_into_episodes
from scoring.domain.fit import grade_fit
from scoring.domain.history import History
from scoring.playbook import BuyingGroupRules, ScoringPlaybook


@dataclass(frozen=True, slots=True)
class OpenLead:
    """An open lead of an account: whose, and which cycle."""

    lead_id: UUID
    contact_id: UUID
    cycle: int


@dataclass(frozen=True, slots=True)
class PublishedPerson:
    """A person of the account as published last with a lead: the roles, and whether they were the main contact."""

    person_id: UUID
    revision: int
    roles: tuple[str, ...]
    is_main: bool


def find_company_domains(history: History) -> set[str]:
    """Return the companies that a person belongs to by the addresses that were used."""
    return {name for each in history.engagements.values() if (name := find_company_domain(each)) is not None}


def build_account_picture(
    domain: str, people: Iterable[History], playbook: ScoringPlaybook, now: datetime
) -> InterestedAccount | None:
    """Return the people of an account who show interest by `now`, the most senior first; None: nobody does.

    Whom a hard rule excludes or calls poor fit is left out.
    """
    rules = playbook.buying_group
    if rules is None:
        return None
    found = [
        person
        for history in people
        if (person := _build_account_person(history.as_of(now), domain, rules, playbook, now)) is not None
    ]
    if not found:
        return None
    found.sort(key=lambda person: _person_sort_key(person, rules))
    present = {role for person in found for role in person.roles}
    return InterestedAccount(
        email_domain=domain,
        points=sum(person.readiness_points for person in found),
        fit=min(person.fit for person in found),
        main_contact_id=found[0].contact_id,
        people=found,
        missing_roles=[role.name for role in rules.roles if role.name not in present],
    )


def strengthened_event(
    lead: OpenLead,
    own_id: UUID,
    shown: InterestedAccount,
    before: Sequence[PublishedPerson],
    *,
    now: datetime,
    version: str,
) -> LeadStrengthened | None:
    """Return the event that the people behind a lead are others than were published; None: they are not.

    Args:
        lead: The open lead.
        own_id: Its person: its contact, or the survivor of a merge.
        shown: The account's people now.
        before: Those published last; empty where nothing was.
        now: Business time.
        version: The playbook's.
    """
    known = {person.person_id: person for person in before}
    others = [person for person in shown.people if person.contact_id != own_id]
    if not others and not known:
        return None
    news = [person for person in others if person.contact_id not in known]
    risen = [
        person for person in others if person not in news and known[person.contact_id].roles != tuple(person.roles)
    ]
    left = len(known.keys() - {person.contact_id for person in shown.people} - {own_id})
    main = next((person.person_id for person in before if person.is_main), own_id)
    if not news and not risen and not left and main == shown.main_contact_id:
        return None
    reasons = [because.describe_joined_person(person) for person in news] + [
        because.describe_new_roles(person) for person in risen
    ]
    if left:
        reasons.append(because.describe_people_who_left(left))
    if main != shown.main_contact_id:
        chosen = next(person for person in shown.people if person.contact_id == shown.main_contact_id)
        reasons.append(because.describe_new_main_contact(chosen))
    return LeadStrengthened(
        occurred_at=now,
        contact_id=lead.contact_id,
        lead_id=lead.lead_id,
        cycle=lead.cycle,
        playbook_version=version,
        revision=max((person.revision for person in before), default=0) + 1,
        account=shown,
        joined=[person.contact_id for person in news],
        because=reasons,
    )


def _build_account_person(
    history: History, domain: str, rules: BuyingGroupRules, playbook: ScoringPlaybook, now: datetime
) -> AccountPerson | None:
    """Return a person of the account; None where they show no interest or are nobody for sales."""
    if domain not in find_company_domains(history):
        return None
    episode = split_into_episodes(history, playbook, now)[-1]
    facts = episode.known | episode.facts
    account = history.account_kind(facts, now, episode.contact_id, episode.cycle)
    rule = find_hard_rule(facts, account, playbook, raised=episode.strongest is not None)
    readiness = episode.tally.readiness_at(max(now, episode.tally.last_at or now), playbook.thresholds_for(facts))
    uses = any(
        is_product_use(each, playbook) for each in history.engagements.values() if find_company_domain(each) == domain
    )
    if not (readiness.points or uses) or (rule is not None and rule.outcome != "customer"):
        return None
    seniority, department = (_title_level(table, facts, playbook) for table in (rules.seniority, rules.department))
    return AccountPerson(
        contact_id=history.contact_id,
        job_title=None if facts.get("job_title") is None else str(facts["job_title"]),
        seniority=seniority,
        department=department,
        roles=_buying_roles(facts, rules, playbook, uses=uses),
        uses_product=uses,
        fit=grade_fit(facts, playbook).grade,
        readiness=readiness.level,
        readiness_points=readiness.points,
    )


def _title_level(table: str, facts: Mapping[str, Scalar], playbook: ScoringPlaybook) -> str | None:
    return playbook.titles[table].find_level(str(facts.get("job_title") or ""))


def _buying_roles(
    facts: Mapping[str, Scalar], rules: BuyingGroupRules, playbook: ScoringPlaybook, *, uses: bool
) -> list[str]:
    return [
        role.name
        for role in rules.roles
        if (uses or not role.uses_product)
        and all(_title_level(table, facts, playbook) in levels for table, levels in role.titles.items())
    ]


def _person_sort_key(person: AccountPerson, rules: BuyingGroupRules) -> tuple[int, bool, float, UUID]:
    """Return where somebody stands: by level, by department, by interest; the id settles the rest."""
    level = rules.senior.index(person.seniority) if person.seniority in rules.senior else len(rules.senior)
    return level, person.department not in rules.leading, -person.readiness_points, person.contact_id
