"""Take up what people did since the backup: feedback's own topics know, its restored database does not."""

from collections.abc import Sequence

from events.leads import (
    CustomerChanged,
    Ended,
    FeedbackAnswered,
    FeedbackGiven,
    LeadLifecycle,
    LeadWoken,
    Worked,
)
from events.runtime import Transaction
from events.runtime.recovery import Recovered
from feedback import store
from feedback.domain.from_own_events import (
    apply_own_customer_change,
    apply_own_end,
    apply_own_wake,
    apply_own_work,
)
from feedback.domain.lead import Lead
from feedback.handlers.contact_changes import ContactChanges
from feedback.store.facts import new_feedback
from feedback.store.proposals import NewAnswer


async def adopt(batch: Sequence[Recovered], tx: Transaction) -> None:
    """Bring feedback's state up to what it had published. Notes are on no topic: they are lost with the database."""
    contacts = {record.contact_id for record in batch if record.contact_id is not None}
    await tx.lock(contacts)
    changes = await ContactChanges.load(tx, contacts)
    for event in (record.event for record in batch):
        if isinstance(event, FeedbackGiven):
            await _keep_feedback(event, tx)
        elif isinstance(event, FeedbackAnswered):
            await _keep_answer(event, tx)
        elif isinstance(event, LeadLifecycle) and event.contact_id in changes:
            contact = changes.contact(event.contact_id)
            changes.put(contact.having(revision=max(contact.revision, event.revision)))
        elif isinstance(event, CustomerChanged) and event.contact_id in changes:
            await _change_customer(event, changes)
        elif isinstance(event, Worked | Ended | LeadWoken) and event.contact_id in changes:
            changes.put_lead(_applied(changes.lead_of(event), event, changes))
    await changes.save()


def _applied(lead: Lead, event: Worked | Ended | LeadWoken, changes: ContactChanges) -> Lead:
    if isinstance(event, Worked):
        return apply_own_work(lead, event, changes.context)
    return apply_own_end(lead, event, changes.context) if isinstance(event, Ended) else apply_own_wake(lead, event)


async def _change_customer(event: CustomerChanged, changes: ContactChanges) -> None:
    lead = changes.contact(event.contact_id).leads.get(event.lead_id) if event.lead_id else None
    if lead is not None:
        changes.put_lead(apply_own_customer_change(lead, event))
        changes.add_line(store.customer_line(event, changes.tx.now))
    await store.keep_customer_change(changes.tx, event)


async def _keep_feedback(event: FeedbackGiven, tx: Transaction) -> None:
    if event.contact_id is None or not await store.erased_people(tx, [event.contact_id]):
        await store.keep_feedback(tx, new_feedback(event, None))


async def _keep_answer(event: FeedbackAnswered, tx: Transaction) -> None:
    rows = await store.lock_feedback(tx, [event.feedback_id])
    if event.answer is not None and rows:
        answer = NewAnswer(event.feedback_id, event.occurred_at, event.by, event.answer, event.content, None)
        await store.save_answers(tx, [answer])
