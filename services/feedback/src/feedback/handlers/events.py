"""What the other services say, in any order: each fact is merged into the lead it names, known before or not."""

from collections.abc import Sequence

from events.contacts import (
    AccountChanged,
    CampaignAnnounced,
    ContactCaptured,
    ContactErased,
    ContactMerged,
    ContactUnmerged,
    ErasureReceipt,
)
from events.leads import (
    LeadAssigned,
    LeadCooled,
    LeadFacts,
    LeadQualified,
    LeadQueued,
    LeadReleased,
    LeadUpgraded,
)
from events.runtime import Due, Transaction, merges
from events.sla import ClockEscalated, ClockEvent
from events.topics import LEADS_LIFECYCLE
from feedback import store
from feedback.domain import work
from feedback.domain.contact import capture, is_hand_raise, ring
from feedback.domain.kin import part
from feedback.domain.lead import flag, place, qualify
from feedback.domain.lifecycle import TAKEN_BACK
from feedback.handlers.book import Book


async def on_contacts_captured(batch: Sequence[ContactCaptured], tx: Transaction) -> None:
    """Keep what a contact did: its origin for the funnel, its hand-raises because they wake."""
    book = await Book.open(tx, (event.contact_id for event in batch))
    heard = [event for event in batch if event.contact_id in book]
    signals = []
    for event in heard:
        raised = is_hand_raise(event, book.desk.rules)
        book.put(capture(book.contact(event.contact_id), event, raised=raised))
        signals.append(
            {
                "engagement_id": event.engagement_id,
                "contact_id": event.contact_id,
                "at": event.occurred_at,
                "hand_raise": raised,
                "source": event.source,
                "campaign": event.campaign,
            }
        )
        for dimension, group in (("all", ""), ("source", event.source), ("campaign", event.campaign or "")):
            book.sheet.count(dimension, group, event.occurred_at.date())
    await store.keep_signals(tx, signals)
    await book.close()


async def on_leads_qualified(batch: Sequence[LeadQualified | LeadUpgraded | LeadCooled], tx: Transaction) -> None:
    """Open a lead, or learn more of one; the newest evidence is kept."""
    book = await Book.open(tx, (event.contact_id for event in batch))
    evidence: list[LeadFacts] = []
    for event in batch:
        if event.contact_id not in book:
            continue
        lead = book.hear(event)
        if isinstance(event, LeadFacts):
            lead = qualify(lead, event)
            if lead.typed_at == event.occurred_at:
                evidence.append(event)
        book.put_lead(lead)
    await store.keep_evidence(tx, evidence)
    await book.close()


async def on_leads_assigned(batch: Sequence[LeadQueued | LeadAssigned | LeadReleased], tx: Transaction) -> None:
    """Learn who has the lead; one that routing took back goes back to nurture."""
    book = await Book.open(tx, (event.contact_id for event in batch))
    for event in batch:
        if event.contact_id not in book:
            continue
        lead = place(book.hear(event), event)
        if isinstance(event, LeadReleased) and event.reason in TAKEN_BACK:
            lead = work.take_back(lead, event, book.desk)
        book.put_lead(lead)
    await book.close()


async def on_sla_flagged(batch: Sequence[ClockEvent], tx: Transaction) -> None:
    """Write flags into the history, show open reviews, and carry out day 90's decision."""
    book = await Book.open(tx, (event.contact_id for event in batch))
    for event in batch:
        if event.contact_id not in book:
            continue
        lead = flag(book.hear(event), event)
        if isinstance(event, ClockEscalated) and event.action == "recycle":
            lead = work.escalate(lead, event, book.desk)
        book.put_lead(lead)
    await book.close()


async def on_contacts_erased(batch: Sequence[ContactErased], tx: Transaction) -> None:
    """Forget a contact, here and on the compacted topic, and say so. What it counted in the funnel stays."""
    book = await Book.open(tx, (event.contact_id for event in batch))
    await book.forget(event.contact_id for event in batch)
    for event in batch:
        rows = await store.erase(tx, event.contact_id) + await tx.erase([event.contact_id])
        rows += await merges.forget(tx, [event.contact_id])
        tx.tombstone(LEADS_LIFECYCLE, event.contact_id)
        tx.emit(
            ErasureReceipt(
                occurred_at=tx.now,
                contact_id=event.contact_id,
                erasure_id=event.erasure_id,
                service=tx.service,
                rows=rows,
            )
        )


async def on_contacts_merged(batch: Sequence[ContactMerged | ContactUnmerged], tx: Transaction) -> None:
    """Take contacts as one person, or as two again: of two open leads one ends, and after a mistake it wakes."""
    moved = await merges.record(tx, batch, store.erased_people)
    book = await Book.open(tx, moved)
    for event in batch:
        if isinstance(event, ContactUnmerged):
            for contact_id in (event.loser_id, event.survivor_id):
                if contact_id in moved and contact_id in book:
                    for lead in book.contact(contact_id).cycles:
                        book.put_lead(part(lead, event.occurred_at, book.kin(contact_id)))
    for contact_id in moved:
        if contact_id in book:
            book.show_anew(contact_id)
    await book.close()


async def on_campaigns_announced(batch: Sequence[CampaignAnnounced], tx: Transaction) -> None:
    """Keep names and spend, for the funnel by campaign."""
    await store.keep_campaigns(tx, batch)


async def on_accounts_changed(batch: Sequence[AccountChanged], tx: Transaction) -> None:
    """Keep what is known of companies, to show it beside their leads."""
    await store.keep_accounts(tx, batch)


async def wake(batch: Sequence[Due], tx: Transaction) -> None:
    """Wake returned leads whose date has come; one that something else took on meanwhile sleeps on."""
    book = await Book.open(tx, (due.contact_id for due in batch))
    for due in batch:
        if due.contact_id in book and (lead := book.contact(due.contact_id).leads.get(due.key)) is not None:
            book.put_lead(ring(book.contact(due.contact_id), lead, tx.now, book.kin(due.contact_id)))
    await book.close()


async def stall(batch: Sequence[Due], tx: Transaction) -> None:
    """Return open leads that rested too long in their stage."""
    book = await Book.open(tx, (due.contact_id for due in batch))
    for due in batch:
        if due.contact_id in book and (lead := book.contact(due.contact_id).leads.get(due.key)) is not None:
            book.put_lead(work.stall(lead, book.desk))
    await book.close()
