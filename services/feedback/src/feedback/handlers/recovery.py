"""Take up what people did since the backup: feedback's own topics know, its restored database does not."""

from collections.abc import Sequence

from events.leads import (
    CustomerChanged,
    CycleEndEvent,
    FeedbackAnswered,
    FeedbackGiven,
    LeadLifecycle,
    LeadTouched,
    LeadWoken,
    LeadWorkEvent,
)
from events.runtime import Transaction
from events.runtime.recovery import RecoveredRecord
from feedback import store
from feedback.domain.from_own_events import (
    apply_own_customer_change,
    apply_own_end,
    apply_own_wake,
    apply_own_work,
)
from feedback.domain.lead import Lead
from feedback.handlers.contact_changes import ContactChanges
from feedback.store.facts import make_new_feedback
from feedback.store.proposals import NewFeedbackAnswer


async def restore_published_state(batch: Sequence[RecoveredRecord], tx: Transaction) -> None:
    """Bring feedback's state up to what it had published. Notes are on no topic: they are lost with the database."""
    contacts = {record.contact_id for record in batch if record.contact_id is not None}
    await tx.lock_contacts(contacts)
    changes = await ContactChanges.load(tx, contacts)
    for event in (record.event for record in batch):
        if isinstance(event, FeedbackGiven):
            await _restore_feedback(event, tx)
        elif isinstance(event, FeedbackAnswered):
            await _restore_feedback_answer(event, tx)
        elif isinstance(event, LeadLifecycle) and event.contact_id in changes:
            contact = changes.get_contact(event.contact_id)
            changes.put_contact(contact.with_facts(revision=max(contact.revision, event.revision)))
        elif isinstance(event, CustomerChanged) and event.contact_id in changes:
            await _restore_customer_change(event, changes)
        elif isinstance(event, LeadWorkEvent | CycleEndEvent | LeadWoken) and event.contact_id in changes:
            changes.put_lead(_apply_recovered_event(changes.add_event_to_lead(event), event, changes))
            if isinstance(event, LeadTouched):
                changes.funnel.count_topics(event.topics, event.occurred_at.date(), event.outcome)
    await changes.save()


def _apply_recovered_event(
    lead: Lead, event: LeadWorkEvent | CycleEndEvent | LeadWoken, changes: ContactChanges
) -> Lead:
    if isinstance(event, LeadWorkEvent):
        return apply_own_work(lead, event, changes.context)
    return (
        apply_own_end(lead, event, changes.context) if isinstance(event, CycleEndEvent) else apply_own_wake(lead, event)
    )


async def _restore_customer_change(event: CustomerChanged, changes: ContactChanges) -> None:
    lead = changes.get_contact(event.contact_id).leads.get(event.lead_id) if event.lead_id else None
    if lead is not None:
        changes.put_lead(apply_own_customer_change(lead, event))
        changes.add_history_line(store.make_customer_change_line(event, changes.tx.now))
    await store.save_customer_change(changes.tx, event)


async def _restore_feedback(event: FeedbackGiven, tx: Transaction) -> None:
    if event.contact_id is None or not await store.find_erased_contacts(tx, [event.contact_id]):
        await store.save_feedback(tx, make_new_feedback(event, None))


async def _restore_feedback_answer(event: FeedbackAnswered, tx: Transaction) -> None:
    rows = await store.lock_feedback(tx, [event.feedback_id])
    if event.answer is not None and rows:
        answer = NewFeedbackAnswer(event.feedback_id, event.occurred_at, event.by, event.answer, event.content, None)
        await store.save_answers(tx, [answer])
