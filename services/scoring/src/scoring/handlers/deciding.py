"""One way in for every topic, timer and command: load, add, decide, save, emit.

Whatever becomes known about a person, the whole history is decided upon again, so no order of arrival between topics
can make a difference.
"""

from collections.abc import Collection, Iterable
from uuid import UUID

from events.ids import derive
from events.runtime import Transaction
from scoring import domain, store
from scoring.domain import Engagement, History, Lead, Turn, Verdict
from scoring.domain.history import ASKED
from scoring.handlers.shadowing import shadow
from scoring.playbook import ScoringPlaybook

COOL = "cool"
RECONSIDER = "reconsider"
ACCOUNT = "account"
"""Timers: a lead cools; a contact is to be decided upon again; an account's use of the product is to be weighed."""


async def decide(
    tx: Transaction,
    contact_ids: set[UUID],
    *,
    engagements: Iterable[Engagement] = (),
    turns: Iterable[Turn] = (),
    fired: Collection[UUID] = (),
) -> None:
    """Decide about these contacts anew, with what is new of them. `fired` are the leads whose timer is gone."""
    erased, shadow_id = await store.load_standing(tx, contact_ids)
    contact_ids -= erased
    if not contact_ids:
        return
    histories = await store.load_histories(tx, contact_ids, lock=True)
    fresh = [one for one in engagements if (own := histories.get(one.contact_id)) and own.engaged(one)]
    new_turns = [one for one in turns if (own := histories.get(one.contact_id)) and own.turned(one)]
    people = {history.contact_id: history for history in histories.values()}
    await surround(tx, people.values(), lock=True)
    _watch(tx, fresh)
    if shadow_id is not None:
        await shadow(tx, shadow_id, people.values())
    book, leads, held = tx.playbook(ScoringPlaybook), [], []
    for history in people.values():
        history.forget_timers(fired)
        verdict = domain.decide(history, book, now=tx.now, version=tx.playbook_version)
        leads += verdict.leads
        held += verdict.held
        if verdict.leads:
            _say(tx, verdict)
            _tell_colleagues(history, verdict.leads)
    await store.save_engagements(tx, fresh)
    await store.save_turns(tx, new_turns)
    await store.save_leads(tx, leads)
    await store.save_held(tx, held)


def _say(tx: Transaction, verdict: Verdict) -> None:
    owner = {lead.lead_id: lead.contact_id for lead in verdict.leads}
    for event in verdict.events:
        tx.emit(event)
    for lead_id, cools_at in verdict.timers:
        if cools_at is None:
            tx.unschedule(COOL, lead_id)
        else:
            tx.schedule(COOL, lead_id, owner[lead_id], cools_at)


async def surround(tx: Transaction, people: Collection[History], *, lock: bool) -> None:
    """Add what is known of the companies behind these people: what they are, and their product leads."""
    domains: set[str] = set()
    used: set[str] = set()
    book = tx.playbook(ScoringPlaybook)
    for history in people:
        for one in history.engagements.values():
            name = one.facts.get("email_domain")
            if name is not None:
                domains.add(str(name))
                if book.makes_product_leads(one.engagement, one.source) and domain.account_of(one) is not None:
                    used.add(str(name))
    accounts = await store.load_accounts(tx, domains)
    colleagues = await store.hold_product_leads(tx, used, lock=lock)
    for history in people:
        history.accounts = accounts
        history.colleagues = colleagues


def _tell_colleagues(history: History, leads: Iterable[Lead]) -> None:
    """Let the others of the same batch know who has the account's product lead."""
    for lead in leads:
        at_account = history.colleagues.get(lead.email_domain or "")
        if at_account is not None and lead.opened_as == "product":
            at_account[lead.lead_id] = (lead.contact_id, lead.opened_at, lead.ended_at)  # type: ignore[index]  # ours


def _watch(tx: Transaction, fresh: Iterable[Engagement]) -> None:
    """Set timers for wishes that count later, and for accounts whose use of the product grew."""
    book = tx.playbook(ScoringPlaybook)
    for one in fresh:
        if one.engagement == ASKED and one.occurred_at > tx.now:
            tx.schedule(RECONSIDER, one.engagement_id, one.contact_id, one.occurred_at)
        elif book.account_use is not None and book.makes_product_leads(one.engagement, one.source):
            account = domain.account_of(one)
            if account is not None and domain.is_product_use(one, book):
                tx.schedule(ACCOUNT, derive(ACCOUNT, account), one.contact_id, tx.now)
