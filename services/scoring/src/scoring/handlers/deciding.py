"""What every topic, timer and command ends in: load, add, decide, save, publish.

Whatever becomes known about a person, the whole history is decided upon again, so no order of arrival between topics
can make a difference.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from events.envelope import LeadEvent
from events.ids import derive_id
from events.runtime import Transaction
from scoring import domain, store
from scoring.domain import Engagement, History, Lead, LifecycleFact, ReevaluationLimit, Verdict
from scoring.domain.history import ASKED
from scoring.handlers.asking import save_questions_about
from scoring.handlers.shadowing import save_shadow_decisions
from scoring.playbook import ScoringPlaybook

COOL = "cool"
RECONSIDER = "reconsider"
ACCOUNT = "account"
"""Timers: a lead cools; a contact is to be decided upon again; an account's use of the product is to be weighed."""
STRENGTHEN = "strengthen"
"""A timer too: the people of an account with an open lead are to be looked at again."""
REEVALUATE = ScoringPlaybook.timer_on_activation
"""A timer too: the rules changed, and everybody near the line is to be evaluated again."""


async def decide_and_publish(
    tx: Transaction,
    contact_ids: set[UUID],
    *,
    engagements: Iterable[Engagement] = (),
    lifecycle: Iterable[LifecycleFact] = (),
    fired: Collection[UUID] = (),
    since: Mapping[UUID, datetime] = MappingProxyType({}),
    allowance: ReevaluationLimit | None = None,
) -> list[LeadEvent]:
    """Decide about these contacts again, with what is new of them; return what was published.

    `fired` are the leads whose timer is gone; `since` says when the rules or a company changed, which is why some of
    the contacts are decided upon again; `allowance` limits how many leads that publishes.
    """
    erased, shadow_id = await store.load_erased_and_shadow(tx, contact_ids)
    contact_ids -= erased
    if not contact_ids:
        return []
    histories = await store.load_histories(tx, contact_ids, lock=True)
    fresh = [
        engagement
        for engagement in engagements
        if (own := histories.get(engagement.contact_id)) and own.add_engagement(engagement)
    ]
    new_turns = [
        engagement
        for engagement in lifecycle
        if (own := histories.get(engagement.contact_id)) and own.add_lifecycle_fact(engagement)
    ]
    people = {history.contact_id: history for history in histories.values()}
    with_leads = await load_companies_of_people(tx, people.values(), lock=True)
    _schedule_future_requests_and_account_checks(tx, fresh)
    if shadow_id is not None:
        await save_shadow_decisions(tx, shadow_id, people.values())
    waiting = await save_questions_about(tx, people.values(), fresh)
    playbook, leads, blocked, published = tx.playbook(ScoringPlaybook), [], [], list[LeadEvent]()
    for history in people.values():
        history.clear_fired_timers(fired)
        if history.contact_id in waiting:
            continue
        their_ids = history.contact_ids or (history.contact_id,)
        changed_at = max((since[contact_id] for contact_id in their_ids if contact_id in since), default=None)
        verdict = domain.decide_contact(history, playbook, now=tx.now, version=tx.playbook_version, since=changed_at)
        if allowance is not None and not allowance.admit_or_list(verdict):
            continue
        leads += verdict.leads
        blocked += verdict.blocked
        if verdict.leads:
            published += _publish_verdict(tx, verdict)
            _note_product_leads(history, verdict.leads)
    await store.save_histories(tx, fresh, new_turns, leads, blocked)
    _schedule_account_checks(tx, people.values(), {engagement.contact_id for engagement in fresh}, leads, with_leads)
    return published


def _schedule_account_checks(
    tx: Transaction, people: Iterable[History], active: Collection[UUID], leads: Sequence[Lead], with_leads: set[str]
) -> None:
    """Set a timer for each account with an open lead of which somebody did something or became a lead."""
    if tx.playbook(ScoringPlaybook).buying_group is None:
        return
    changed = {*active, *(lead.contact_id for lead in leads)}
    with_leads |= {lead.email_domain for lead in leads if lead.email_domain is not None}
    for history in people:
        if not changed.isdisjoint(history.contact_ids or (history.contact_id,)):
            for account in with_leads & domain.find_company_domains(history):
                tx.schedule(STRENGTHEN, derive_id(STRENGTHEN, account), history.contact_id, tx.now)


def _publish_verdict(tx: Transaction, verdict: Verdict) -> list[LeadEvent]:
    owner = {lead.lead_id: lead.contact_id for lead in verdict.leads}
    for event in verdict.events:
        tx.emit(event)
    for lead_id, cools_at in verdict.timers:
        if cools_at is None:
            tx.unschedule(COOL, lead_id)
        else:
            tx.schedule(COOL, lead_id, owner[lead_id], cools_at)
    return verdict.events


async def load_companies_of_people(tx: Transaction, people: Collection[History], *, lock: bool) -> set[str]:
    """Add what is known of the companies behind these people: what they are, and their product leads.

    Returns:
        The e-mail domains of those that have an open lead.
    """
    domains: set[str] = set()
    used: set[str] = set()
    playbook = tx.playbook(ScoringPlaybook)
    for history in people:
        for engagement in history.engagements.values():
            name = engagement.facts.get("email_domain")
            if name is not None:
                domains.add(str(name))
                if (
                    playbook.is_about_product(engagement.engagement, engagement.source)
                    and domain.find_company_domain(engagement) is not None
                ):
                    used.add(str(name))
    accounts, with_leads = await store.load_companies_and_open_leads(tx, domains)
    colleagues = await store.load_product_leads(tx, used, lock=lock)
    for history in people:
        history.accounts = accounts
        history.colleagues = colleagues
    return with_leads


def _note_product_leads(history: History, leads: Iterable[Lead]) -> None:
    """Add new product leads of accounts to what the rest of the batch knows."""
    for lead in leads:
        at_account = history.colleagues.get(lead.email_domain or "")
        if at_account is not None and lead.opened_as == "product":
            at_account[lead.lead_id] = (lead.contact_id, lead.opened_at, lead.ended_at)  # type: ignore[index]  # ours


def _schedule_future_requests_and_account_checks(tx: Transaction, fresh: Iterable[Engagement]) -> None:
    """Set timers for requests that count later, and for accounts whose use of the product grew."""
    playbook = tx.playbook(ScoringPlaybook)
    for engagement in fresh:
        if engagement.engagement == ASKED and engagement.occurred_at > tx.now:
            tx.schedule(RECONSIDER, engagement.engagement_id, engagement.contact_id, engagement.occurred_at)
        elif playbook.account_use is not None and playbook.is_about_product(engagement.engagement, engagement.source):
            account = domain.find_company_domain(engagement)
            if account is not None and domain.is_product_use(engagement, playbook):
                tx.schedule(ACCOUNT, derive_id(ACCOUNT, account), engagement.contact_id, tx.now)
