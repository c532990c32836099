"""Timers: leads that cool, contacts to decide upon again, accounts whose use of the product grew."""

from collections.abc import Sequence

from events.runtime import Due, Transaction
from scoring import domain, store
from scoring.handlers.deciding import decide
from scoring.playbook import ScoringPlaybook


async def cool(batch: Sequence[Due], tx: Transaction) -> None:
    """Publish which leads fell below the line; a lead that rose meanwhile gets a new timer."""
    await decide(tx, {due.contact_id for due in batch}, fired={due.key for due in batch})


async def reconsider(batch: Sequence[Due], tx: Transaction) -> None:
    """Decide again about contacts whose company is of another kind now, or whose request counts from now on."""
    await decide(tx, {due.contact_id for due in batch}, since={due.contact_id: due.due_at for due in batch})


async def weigh_accounts(batch: Sequence[Due], tx: Transaction) -> None:
    """Make the engagement `account_use` for each account of which enough people use the product."""
    playbook = tx.playbook(ScoringPlaybook)
    users = await store.load_histories(tx, {due.contact_id for due in batch})
    used = [engagement for history in users.values() for engagement in history.engagements.values()]
    accounts = {
        name
        for engagement in used
        if domain.is_product_use(engagement, playbook) and (name := domain.account_of(engagement))
    }
    spoken = []
    for account in sorted(accounts):
        known = await store.load_histories(tx, await store.contacts_of(tx, [account]))
        people = {history.contact_id: history for history in known.values()}
        found = domain.account_use(account, people.values(), playbook, tx.now)
        if found is not None:
            spoken.append(found)
    speakers = {engagement.contact_id for engagement in spoken}
    await tx.lock(speakers)
    await decide(tx, speakers, engagements=spoken)
