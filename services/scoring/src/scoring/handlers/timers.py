"""Timers: leads that cool, contacts to decide upon again, accounts whose use of the product grew, new rules."""

from collections.abc import Sequence
from datetime import timedelta

from events.leads import LeadStrengthened
from events.runtime import DueTimer, Transaction
from scoring import domain, store
from scoring.handlers.deciding import REEVALUATE, decide_and_publish, load_companies_of_people
from scoring.playbook import ScoringPlaybook

AT_ONCE = 200
"""So many contacts are looked at in one transaction of a reevaluation."""
NEAR = timedelta(days=180)
"""Who did something within this time, or has an open lead, may be near the line."""
DAY = timedelta(days=1)


async def publish_cooled_leads(batch: Sequence[DueTimer], tx: Transaction) -> None:
    """Publish which leads fell below the line; a lead that rose meanwhile gets a new timer."""
    await decide_and_publish(tx, {due.contact_id for due in batch}, fired={due.key for due in batch})


async def decide_contacts_again(batch: Sequence[DueTimer], tx: Transaction) -> None:
    """Decide again about contacts whose company is of another kind now, or whose request counts from now on."""
    await decide_and_publish(tx, {due.contact_id for due in batch}, since={due.contact_id: due.due_at for due in batch})


async def add_account_uses(batch: Sequence[DueTimer], tx: Transaction) -> None:
    """Make the engagement `account_use` for each account of which enough people use the product."""
    playbook = tx.playbook(ScoringPlaybook)
    users = await store.load_histories(tx, {due.contact_id for due in batch})
    used = [engagement for history in users.values() for engagement in history.engagements.values()]
    accounts = {
        name
        for engagement in used
        if domain.is_product_use(engagement, playbook) and (name := domain.find_company_domain(engagement))
    }
    spoken = []
    for account in sorted(accounts):
        known = await store.load_histories(tx, await store.load_contacts_at_domains(tx, [account]))
        people = {history.contact_id: history for history in known.values()}
        found = domain.make_account_use(account, people.values(), playbook, tx.now)
        if found is not None:
            spoken.append(found)
    speakers = {engagement.contact_id for engagement in spoken}
    await tx.lock_contacts(speakers)
    await decide_and_publish(tx, speakers, engagements=spoken)


async def publish_strengthened_leads(batch: Sequence[DueTimer], tx: Transaction) -> None:
    """Publish with each open lead of these contacts' companies who of the company shows interest, where that is new."""
    playbook = tx.playbook(ScoringPlaybook)
    rules = playbook.buying_group
    if rules is None:
        return
    active = await store.load_histories(tx, {due.contact_id for due in batch})
    accounts = {name for history in active.values() for name in domain.find_company_domains(history)}
    events = list[LeadStrengthened]()
    for account in await store.load_changed_companies(tx, accounts):
        leads = await store.load_open_leads_at(tx, account, rules.most_leads)
        ids = await store.load_active_contacts_at(tx, account, rules.most_people)
        known = await store.load_histories(tx, {*ids, *(lead.contact_id for lead in leads)})
        people = list({history.contact_id: history for history in known.values()}.values())
        await load_companies_of_people(tx, people, lock=False)
        shown = domain.build_account_picture(account, people, playbook, tx.now)
        if shown is None:
            continue
        before = await store.load_published_people(tx, [lead.lead_id for lead in leads])
        for lead in leads:
            whose = known[lead.contact_id].contact_id
            event = domain.strengthened_event(
                lead, whose, shown, before[lead.lead_id], now=tx.now, version=tx.playbook_version
            )
            events += [event] if event is not None else []
    for event in events:
        tx.emit(event)
    await store.save_published_people(tx, events)


async def run_reevaluation(batch: Sequence[DueTimer], tx: Transaction) -> None:
    """Evaluate everybody near the line again under new rules, some hundred at a time, until all were looked at.

    Beyond what the run admits, leads are listed and nothing is published about their contacts; beyond what it admits
    for a day, it goes on with the same contacts on the next. A run whose rules are no longer in force ends: the run of
    the later ones evaluates everybody again.
    """
    for due in batch:
        rules = tx.playbook(ScoringPlaybook).reevaluation
        run = await store.start_or_load_run(tx, due.key, due.due_at, rules)
        if run.version != tx.playbook_version:
            await store.save_progress(tx, due.key, None, 0, [], is_finished=True)
            continue
        near, last = await store.load_next_contacts(tx, run.last_contact_id, tx.now - NEAR, AT_ONCE)
        await tx.lock_contacts(near)
        today = run.activated_at + (tx.now - run.activated_at) // DAY * DAY
        done = await store.count_changes(tx, due.key, today)
        allowance = domain.ReevaluationLimit(*store.with_limits_of_run(run, rules).remaining_leads(**done))
        changes = await decide_and_publish(tx, set(near), since=dict.fromkeys(near, today), allowance=allowance)
        if allowance.is_postponed:
            await store.save_progress(tx, due.key, run.last_contact_id, 0, changes, is_finished=False)
            tx.schedule(REEVALUATE, due.key, due.key, today + DAY)
            continue
        await store.save_progress(
            tx, due.key, last, len(near), changes, listed=allowance.listed, is_finished=last is None
        )
        if last is not None:
            tx.schedule(REEVALUATE, due.key, due.key, tx.now)
