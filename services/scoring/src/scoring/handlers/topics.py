"""What scoring does with what it hears and with what falls due."""

from collections.abc import Sequence

from events.contacts import (
    AccountChanged,
    ContactCaptured,
    ContactErased,
    ContactMerged,
    ContactUnmerged,
    ErasureReceipt,
)
from events.envelope import Event
from events.leads import LeadWoken
from events.runtime import Due, Transaction, merges
from scoring import domain, store
from scoring.handlers.deciding import RECONSIDER, decide
from scoring.playbook import ScoringPlaybook


async def on_contacts_captured(batch: Sequence[ContactCaptured], tx: Transaction) -> None:
    """Keep what contacts did; qualify or upgrade those who crossed the line by it."""
    engaged = [domain.engagement_of(event) for event in batch]
    engaged += [asked for event in batch if (asked := domain.asked_of(event)) is not None]
    await decide(tx, {event.contact_id for event in batch}, engagements=engaged)


async def on_contacts_merged(batch: Sequence[ContactMerged | ContactUnmerged], tx: Transaction) -> None:
    """Decide about contacts that became one person, or are two again."""
    await decide(tx, set(await merges.record(tx, batch, store.erased)))


async def on_leads_worked(batch: Sequence[Event], tx: Transaction) -> None:
    """Note which leads somebody works, so that they do not cool, and what became of them."""
    turns = [turn for event in batch for turn in domain.turns_of(event)]
    await decide(tx, {turn.contact_id for turn in turns}, turns=turns)


async def on_leads_recycled(batch: Sequence[Event], tx: Transaction) -> None:
    """End cycles, and let wake-ups count; an end that came late may find that the next cycle has long begun."""
    turns = [turn for event in batch for turn in domain.turns_of(event)]
    woken = [domain.wake_up_of(event) for event in batch if isinstance(event, LeadWoken)]
    told_of = {turn.contact_id for turn in turns} | {one.contact_id for one in woken}
    await decide(tx, told_of, engagements=woken, turns=turns)


async def on_accounts_changed(batch: Sequence[AccountChanged], tx: Transaction) -> None:
    """Keep what companies are. Their contacts are decided upon again a few at a time, however many they are."""
    changed = await store.newer_accounts(tx, batch)
    if not changed:
        return
    domains = {name for event in changed for name in (event.domain, *event.aliases)}
    domains |= await store.domains_of(tx, [event.domain for event in changed])
    before = await store.load_accounts(tx, domains)
    await store.replace_accounts(tx, changed)
    after = await store.load_accounts(tx, domains)
    moved = {name for name in domains if before.get(name, "prospect") != after.get(name, "prospect")}
    if moved:
        for contact_id in await store.contacts_of(tx, moved):
            tx.schedule(RECONSIDER, contact_id, contact_id, tx.now)


async def on_contacts_erased(batch: Sequence[ContactErased], tx: Transaction) -> None:
    """Forget the contacts, and answer each request with its receipt."""
    for event in batch:
        rows = await store.erase(tx, event.contact_id, tx.now) + await tx.erase([event.contact_id])
        tx.emit(
            ErasureReceipt(
                occurred_at=tx.now,
                contact_id=event.contact_id,
                erasure_id=event.erasure_id,
                service=tx.service,
                rows=rows,
            )
        )


async def cool(batch: Sequence[Due], tx: Transaction) -> None:
    """Say which leads fell below the line; one that rose meanwhile gets a new timer."""
    await decide(tx, {due.contact_id for due in batch}, fired={due.key for due in batch})


async def reconsider(batch: Sequence[Due], tx: Transaction) -> None:
    """Decide again about contacts whose company turned out to be something else, or whose wish counts from now on."""
    await decide(tx, {due.contact_id for due in batch})


async def weigh_accounts(batch: Sequence[Due], tx: Transaction) -> None:
    """Let one contact speak for an account which enough people use."""
    book = tx.playbook(ScoringPlaybook)
    users = await store.load_histories(tx, {due.contact_id for due in batch})
    used = [one for history in users.values() for one in history.engagements.values()]
    accounts = {name for one in used if domain.is_product_use(one, book) and (name := domain.account_of(one))}
    spoken = []
    for account in sorted(accounts):
        known = await store.load_histories(tx, await store.contacts_of(tx, [account]))
        people = {history.contact_id: history for history in known.values()}
        found = domain.account_use(account, people.values(), book, tx.now)
        if found is not None:
            spoken.append(found)
    speakers = {one.contact_id for one in spoken}
    await tx.lock(speakers)
    await decide(tx, speakers, engagements=spoken)
