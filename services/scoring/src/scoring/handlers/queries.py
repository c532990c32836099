"""Queries: why a contact is a lead, what became of leads, and how many each setting of strictness would make."""

import asyncio
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from events.contacts import ContactCaptured
from events.leads import InterestedAccount
from events.runtime import Transaction
from scoring import domain, store
from scoring.domain import History, Outcomes, Score, VolumeComparison
from scoring.handlers.asking import load_ends_of_waits
from scoring.handlers.deciding import load_companies_of_people
from scoring.handlers.errors import ContactUnknown
from scoring.playbook import ScoringPlaybook

MOST_CONTACTS = 20_000
"""How many contacts the settings of strictness are compared on, at most."""
MOST_COMPARED = 5_000
"""How many contacts a candidate is compared on, at most: somebody waits for the answer."""


async def explain_score(
    tx: Transaction, contact_id: UUID, at: datetime | None
) -> tuple[Score, str, InterestedAccount | None]:
    """Return a contact's score as of an instant (None: now), the playbook's version in force then, and their account.

    The account is None where no company is known or nobody of it shows interest.

    Raises:
        ContactUnknown: scoring has no engagement of this contact.
    """
    history = (await store.load_histories(tx, [contact_id]))[contact_id]
    if not history.engagements:
        raise ContactUnknown
    await load_companies_of_people(tx, [history], lock=False)
    version, playbook = tx.playbook_version, tx.playbook(ScoringPlaybook)
    if at is not None and at < tx.now:
        version, playbook = await tx.playbook_at(at, ScoringPlaybook)
    account = await _account(tx, history, playbook, at or tx.now)
    found = domain.compute_score(history, playbook, at or tx.now)
    if at is None and (until := (await load_ends_of_waits(tx, [history])).get(history.contact_id)):
        found = found.with_enrichment_wait(until)
    return found, version, account


async def try_engagement(tx: Transaction, event: ContactCaptured) -> tuple[Score, str]:
    """Return what somebody new would be scored for one engagement, and the version of the rules that say so."""
    engagement = domain.capture_as_engagement(event)
    history = History(event.contact_id, {engagement.engagement_id: engagement})
    await load_companies_of_people(tx, [history], lock=False)
    return domain.compute_score(history, tx.playbook(ScoringPlaybook), tx.now), tx.playbook_version


async def _account(
    tx: Transaction, history: History, playbook: ScoringPlaybook, at: datetime
) -> InterestedAccount | None:
    """Return the people of the company that a person belonged to last."""
    rules, ordered = playbook.buying_group, history.engagements_in_order()
    account = next((name for each in reversed(ordered) if (name := domain.find_company_domain(each)) is not None), None)
    if rules is None or account is None:
        return None
    known = await store.load_histories(tx, await store.load_active_contacts_at(tx, account, rules.most_people))
    people = list({history.contact_id: history for history in known.values()}.values())
    await load_companies_of_people(tx, people, lock=False)
    return domain.build_account_picture(account, people, playbook, at)


async def load_people_after(tx: Transaction, after: UUID | None, most: int) -> tuple[list[History], UUID | None]:
    """Return a page of people's histories in the order of their contact ids, and the id to go on after (None: no more).

    A page covers `most` contacts; of several contacts that are one person, the first that did something brings it.
    """
    page = await store.load_contacts_after(tx, after, most)
    known = await store.load_histories(tx, page)
    people = [known[each] for each in page if each == _first_contact(known[each])]
    kinds = await store.load_company_kinds(tx, {name for history in people for name in _domains_of(history)})
    for history in people:
        history.accounts = {name: kinds[name] for name in _domains_of(history) if name in kinds}
    return people, page[-1] if len(page) == most else None


def _first_contact(history: History) -> UUID:
    return min(engagement.contact_id for engagement in history.engagements.values())


def _domains_of(history: History) -> set[str]:
    return {str(each.facts["email_domain"]) for each in history.engagements.values() if "email_domain" in each.facts}


async def load_outcomes(tx: Transaction, since: datetime, until: datetime, version: str | None) -> tuple[Outcomes, int]:
    """Count what became of the leads published from `since` to `until`, and how many crossings made no lead."""
    published = await store.load_published_outcomes(tx, since, until, version)
    blocked = await store.count_blocked_crossings(tx, since, until)
    return domain.evaluate_outcomes(published, tx.playbook(ScoringPlaybook).outcomes), blocked


async def count_leads_by_strictness(tx: Transaction, days: float) -> tuple[str, dict[str, dict[str, int]]]:
    """Count the leads that each setting of strictness would have made of those who were active lately (Q17)."""
    playbook, since = tx.playbook(ScoringPlaybook), tx.now - timedelta(days=days)
    people = await _active(tx, since, MOST_CONTACTS)
    return playbook.strictness.setting, await asyncio.to_thread(_volumes, people, playbook, since, tx.now)


def _volumes(
    people: list[History], playbook: ScoringPlaybook, since: datetime, now: datetime
) -> dict[str, dict[str, int]]:
    """Count in a thread of its own: a second of work must not keep events waiting."""
    return {
        setting: domain.count_hypothetical_leads(people, playbook.with_strictness(setting), since=since, now=now)
        for setting in playbook.strictness.adds
    }


async def compare_rules(tx: Transaction, candidate: ScoringPlaybook, days: float) -> tuple[int, VolumeComparison]:
    """Return how many people were active lately, and which of them are leads by these rules or by those in force."""
    since = tx.now - timedelta(days=days)
    people = await _active(tx, since, MOST_COMPARED)
    compare = partial(domain.compare_volumes, since=since, now=tx.now)
    return len(people), await asyncio.to_thread(compare, people, tx.playbook(ScoringPlaybook), candidate)


async def _active(tx: Transaction, since: datetime, most: int) -> list[History]:
    """Return what is known of the people who did something since an instant, of `most` contacts at most."""
    known = await store.load_histories(tx, await store.load_active_contacts(tx, since, tx.now, most))
    people = list({history.contact_id: history for history in known.values()}.values())
    await load_companies_of_people(tx, people, lock=False)
    return people
