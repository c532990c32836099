"""Commands: what a person decides against the rules, and facts that somebody learned."""

from typing import Any
from uuid import UUID

from events.runtime import Transaction
from scoring import domain, store
from scoring.domain import Engagement, OverrideKind
from scoring.handlers.deciding import decide
from scoring.handlers.errors import ContactUnknown, DatedAhead, KeyUsedBefore


async def override(
    tx: Transaction, override_id: UUID, contact_id: UUID, kind: OverrideKind, *, by: str, reason: str
) -> dict[str, Any]:
    """Save an override (lift an exclusion, or push a lead by hand) and decide again; return the saved override.

    The same `override_id` returns the same row.

    Raises:
        ContactUnknown: scoring has no engagement of this contact.
        KeyUsedBefore: the id was used for another override.
    """
    await tx.lock([contact_id])
    history = (await store.load_histories(tx, [contact_id]))[contact_id]
    if not history.engagements:
        raise ContactUnknown
    wanted = {"contact_id": contact_id, "kind": kind, "by": by, "reason": reason}
    saved = await store.save_override(tx, override_id=override_id, at=tx.now, **wanted)
    if any(saved[name] != value for name, value in wanted.items()):
        raise KeyUsedBefore
    engagement = domain.override_of(kind, override_id, contact_id, saved["at"], by, reason)
    await decide(tx, {contact_id}, engagements=[engagement])
    return {"override_id": override_id, **saved}


async def learn_facts(tx: Transaction, learned: Engagement) -> Engagement:
    """Save facts that somebody learned about a contact and decide again; return what is saved under their id.

    Raises:
        ContactUnknown: scoring has no engagement of this contact.
        DatedAhead: they are dated after the present.
        KeyUsedBefore: the id was used for other facts.
    """
    contact_id = learned.contact_id
    if learned.occurred_at > tx.now:
        raise DatedAhead(field="at")
    await tx.lock([contact_id])
    history = (await store.load_histories(tx, [contact_id]))[contact_id]
    if not history.engagements:
        raise ContactUnknown
    saved = history.engagements.get(learned.engagement_id)
    if saved is None:
        await decide(tx, {contact_id}, engagements=[learned])
        return learned
    if (saved.source, saved.facts) != (learned.source, learned.facts):
        raise KeyUsedBefore
    return saved
