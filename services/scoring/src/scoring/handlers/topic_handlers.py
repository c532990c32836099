"""Topics: what scoring does with each event that it consumes."""

from collections.abc import Sequence

from events.contacts import (
    AccountChanged,
    ContactCaptured,
    ContactErased,
    ContactMerged,
    ContactUnmerged,
)
from events.envelope import Event
from events.ids import derive_id
from events.leads import LeadCorrected, LeadWoken
from events.runtime import Transaction, merges
from scoring import domain, store
from scoring.handlers.deciding import RECONSIDER, STRENGTHEN, decide_and_publish


async def on_contacts_captured(batch: Sequence[ContactCaptured], tx: Transaction) -> None:
    """Save what contacts did; qualify or upgrade those who crossed the line by it."""
    engagements = [domain.capture_as_engagement(event) for event in batch]
    engagements += [request for event in batch if (request := domain.later_request_as_engagement(event)) is not None]
    await decide_and_publish(tx, {event.contact_id for event in batch}, engagements=engagements)


async def on_contacts_merged(batch: Sequence[ContactMerged | ContactUnmerged], tx: Transaction) -> None:
    """Decide about contacts that became one person, or are two again."""
    await decide_and_publish(tx, set(await merges.record_merges(tx, batch, store.find_erased_contacts)))


async def on_leads_worked(batch: Sequence[Event], tx: Transaction) -> None:
    """Save which leads are worked, so that they do not cool, what became of them, and what sales found out."""
    lifecycle = [fact for event in batch for fact in domain.read_lifecycle_facts(event)]
    found = [domain.findings_as_engagement(event) for event in batch if isinstance(event, LeadCorrected)]
    contact_ids = {fact.contact_id for fact in lifecycle} | {engagement.contact_id for engagement in found}
    await decide_and_publish(tx, contact_ids, engagements=found, lifecycle=lifecycle)


async def on_leads_recycled(batch: Sequence[Event], tx: Transaction) -> None:
    """End cycles, and let wake-ups count; an end that came late may find that the next cycle has long begun."""
    lifecycle = [fact for event in batch for fact in domain.read_lifecycle_facts(event)]
    woken = [
        domain.wake_up_as_engagement(event)
        for event in batch
        if isinstance(event, LeadWoken) and event.starts_at == "sales"
    ]
    contact_ids = {fact.contact_id for fact in lifecycle} | {engagement.contact_id for engagement in woken}
    await decide_and_publish(tx, contact_ids, engagements=woken, lifecycle=lifecycle)


async def on_accounts_changed(batch: Sequence[AccountChanged], tx: Transaction) -> None:
    """Save what companies are. Their contacts are decided upon again a few at a time, however many they are."""
    changed = await store.select_newer_accounts(tx, batch)
    if not changed:
        return
    domains = {name for event in changed for name in (event.domain, *event.aliases)}
    domains |= await store.load_account_domains(tx, [event.domain for event in changed])
    before = await store.load_company_kinds(tx, domains)
    await store.replace_accounts(tx, changed)
    after = await store.load_company_kinds(tx, domains)
    moved = {name for name in domains if before.get(name, "prospect") != after.get(name, "prospect")}
    if moved:
        for contact_id in await store.load_contacts_at_domains(tx, moved):
            tx.schedule(RECONSIDER, contact_id, contact_id, tx.now)


async def on_contacts_erased(batch: Sequence[ContactErased], tx: Transaction) -> None:
    """Forget the contacts, and answer each request with its receipt."""
    for event in batch:
        for contact_id in await store.load_contacts_published_with(tx, event.contact_id):
            tx.schedule(STRENGTHEN, derive_id(STRENGTHEN, contact_id), contact_id, tx.now)
        rows = await store.erase(tx, event.contact_id, tx.now) + await tx.erase([event.contact_id])
        tx.emit(event.build_receipt(tx.service, rows, tx.now))
