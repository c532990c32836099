"""Commands that are about no lead: what became of a customer, and feedback to marketing."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from events.leads import FeedbackAnswered, FeedbackGiven
from events.parts import JsonObject
from events.runtime import Transaction
from events.runtime.commands import KeyClaim, carry_out_once
from events.runtime.security import LeadReach
from feedback import store
from feedback.domain.commands import CustomerChange
from feedback.domain.contact import Contact
from feedback.domain.customer import apply_customer_change
from feedback.domain.decisions import compute_occurrence_time
from feedback.domain.sales_feedback import FeedbackAnswer, SalesFeedback
from feedback.handlers.commands.leads import CommandResult
from feedback.handlers.contact_changes import ContactChanges
from feedback.handlers.errors import (
    ContactErased,
    FeedbackAnsweredBefore,
    FeedbackUnknown,
    OutOfReach,
    translate_refusals,
)
from feedback.store.facts import make_new_feedback
from feedback.store.proposals import NewFeedbackAnswer


@dataclass(frozen=True, slots=True)
class ActionOrigin:
    """Who did it, as which action, and under which idempotency key."""

    by: str
    action_id: UUID
    key: str | None = None
    scope: str = ""
    digest: str = ""
    reach: LeadReach | None = None


async def report_customer_change(
    tx: Transaction, action: ActionOrigin, contact_id: UUID, asked: CustomerChange
) -> CommandResult:
    """Record what became of a customer."""

    async def act() -> JsonObject:
        await tx.lock_contacts([contact_id])
        changes = await ContactChanges.load(tx, [contact_id])
        if contact_id not in changes:
            raise ContactErased(field="contact_id")
        _refuse_contact_out_of_reach(action.reach, changes.get_contact(contact_id))
        with translate_refusals():
            found = apply_customer_change(
                changes.get_contact(contact_id), asked, action.by, action.action_id, changes.context
            )
        tx.emit(found.event)
        if found.lead is not None:
            changes.put_lead(found.lead)
            changes.add_history_line(store.make_customer_change_line(found.event, tx.now))
        await changes.save()
        await store.save_customer_change(tx, found.event)
        return found.event.as_json() | {"stage": found.lead and found.lead.stage(changes.context.stages)}

    return await _run_once_under_key(tx, action, act)


async def save_and_publish_feedback(tx: Transaction, action: ActionOrigin, asked: SalesFeedback) -> CommandResult:
    """Record feedback for marketing; the note stays here, the event has `has_note` alone."""

    async def act() -> JsonObject:
        if asked.contact_id is not None:
            await tx.lock_contacts([asked.contact_id])
            if await store.find_erased_contacts(tx, [asked.contact_id]):
                raise ContactErased(field="contact_id")
            if action.reach is not None:
                _refuse_contact_out_of_reach(
                    action.reach, (await store.load_contacts(tx, [asked.contact_id])).get(asked.contact_id)
                )
        changes = await ContactChanges.load(tx, [])
        with translate_refusals():
            at = compute_occurrence_time(asked.at, changes.context)
        event = FeedbackGiven(
            feedback_id=action.action_id,
            occurred_at=at,
            about=asked.about,
            campaign=asked.campaign,
            topic=asked.topic,
            content=asked.content,
            contact_id=asked.contact_id,
            by=action.by,
            has_note=asked.note is not None,
        )
        tx.emit(event)
        changes.funnel.count_occurrences(
            f"told:{asked.about}", asked.campaign or "", at.date(), asked.topic or asked.content or ""
        )
        await store.add_to_funnel(tx, changes.funnel)
        await store.save_feedback(tx, make_new_feedback(event, asked.note))
        return event.as_json()

    return await _run_once_under_key(tx, action, act)


async def answer_feedback(tx: Transaction, action: ActionOrigin, asked: FeedbackAnswer) -> CommandResult:
    """Record what marketing answers to feedback: each rep whose feedback it is learns it once."""

    async def act() -> JsonObject:
        rows = await store.lock_feedback(tx, asked.feedback_ids)
        if len(rows) < len(set(asked.feedback_ids)):
            raise FeedbackUnknown(field="feedback_ids")
        if any(row.answered_at is not None for row in rows):
            raise FeedbackAnsweredBefore(field="feedback_ids")
        await store.save_answers(
            tx,
            [
                NewFeedbackAnswer(row.feedback_id, tx.now, action.by, asked.answer, asked.content, asked.note)
                for row in rows
            ],
        )
        for row in rows:
            tx.emit(
                FeedbackAnswered(
                    occurred_at=tx.now,
                    feedback_id=row.feedback_id,
                    by=action.by,
                    contact_id=row.contact_id,
                    campaign=row.campaign,
                    rep_id=row.by,
                    answer=asked.answer,
                    content=asked.content,
                    has_note=asked.note is not None,
                )
            )
        return {"feedback_ids": [str(row.feedback_id) for row in rows], "answer": asked.answer}

    return await _run_once_under_key(tx, action, act)


def _refuse_contact_out_of_reach(reach: LeadReach | None, contact: Contact | None) -> None:
    """Refuse a contact none of whose leads the key is for."""
    leads = contact.leads.values() if contact else ()
    if reach is not None and not any(reach.covers(lead.rep_id, lead.team) for lead in leads):
        raise OutOfReach(field="contact_id")


async def _run_once_under_key(
    tx: Transaction, action: ActionOrigin, act: Callable[[], Awaitable[JsonObject]]
) -> CommandResult:
    """Act, or return the answer that this key had."""
    claim = KeyClaim(action.scope, action.key, action.digest)
    return CommandResult(*await carry_out_once(tx, claim, act, field="key"))
