"""What people tell that is no command on a lead: of customers after the win, and of marketing's work."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from events.leads import FeedbackGiven
from events.runtime import Transaction
from events.runtime.commands import recall, release, remember
from events.runtime.security import Reach
from feedback import store
from feedback.domain.commands import CustomerChange, Told
from feedback.domain.contact import Contact
from feedback.domain.customer import change
from feedback.domain.refusals import ContactErased, KeyReused, OutOfReach, Refusal
from feedback.domain.work import happened
from feedback.handlers.book import Book
from feedback.handlers.orders import OK, Answer


@dataclass(frozen=True, slots=True)
class Telling:
    """Who tells it, as which action, and under which idempotency key."""

    by: str
    action_id: UUID
    key: str | None = None
    scope: str = ""
    digest: str = ""
    reach: Reach | None = None


async def change_customer(tx: Transaction, told: Telling, contact_id: UUID, asked: CustomerChange) -> Answer:
    """Take in what became of a customer; raises a `Refusal`."""

    async def act() -> dict[str, Any]:
        await tx.lock([contact_id])
        book = await Book.open(tx, [contact_id])
        if contact_id not in book:
            raise ContactErased("contact_id")
        _check(told.reach, book.contact(contact_id))
        found = change(book.contact(contact_id), asked, told.by, told.action_id, book.desk)
        tx.emit(found.event)
        if found.lead is not None:
            book.put_lead(found.lead)
            book.add(store.customer_line(found.event, tx.now))
        await book.close()
        await store.keep_customer_change(tx, found.event)
        return found.event.model_dump(mode="json") | {"stage": found.lead and found.lead.stage(book.desk.stages)}

    return await _once(tx, told, act)


async def tell(tx: Transaction, told: Telling, asked: Told) -> Answer:
    """Take in what sales tells marketing; the words stay here, the event says that there are some."""

    async def act() -> dict[str, Any]:
        if asked.contact_id is not None:
            await tx.lock([asked.contact_id])
            if await store.erased_people(tx, [asked.contact_id]):
                raise ContactErased("contact_id")
            if told.reach is not None:
                _check(told.reach, (await store.load(tx, [asked.contact_id])).get(asked.contact_id))
        book = await Book.open(tx, [])
        at = happened(asked.at, book.desk)
        given = asked.model_dump(include={"about", "campaign", "topic", "content", "contact_id"})
        event = FeedbackGiven(
            **given, feedback_id=told.action_id, occurred_at=at, by=told.by, has_note=asked.note is not None
        )
        tx.emit(event)
        book.sheet.count(f"told:{asked.about}", asked.campaign or "", at.date(), asked.topic or asked.content or "")
        await store.add_to_funnel(tx, book.sheet)
        row = {"feedback_id": event.feedback_id, "note": asked.note, "at": at, "by": told.by}
        await store.keep_feedback(tx, given | row)
        return event.model_dump(mode="json")

    return await _once(tx, told, act)


def _check(reach: Reach | None, contact: Contact | None) -> None:
    """Refuse a contact none of whose leads the key is for."""
    leads = contact.leads.values() if contact else ()
    if reach is not None and not any(reach.covers(lead.rep_id, lead.team) for lead in leads):
        raise OutOfReach("contact_id")


async def _once(tx: Transaction, told: Telling, act: Callable[[], Awaitable[dict[str, Any]]]) -> Answer:
    """Act, or give the answer that this key had."""
    name = (told.scope, told.key or "")
    if told.key is not None:
        found = (await recall(tx, [(*name, told.digest)])).get(name)
        if found is not None:
            if not found.same:
                raise KeyReused("key")
            return Answer(found.status, found.body, replayed=True)
    try:
        body = orjson.dumps(await act())
    except Refusal:
        await release(tx, [name])
        raise
    if told.key is not None:
        await remember(tx, [(*name, told.digest, OK, body)])
    return Answer(OK, body)
