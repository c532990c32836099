"""Commands: what a person decides against the rules, and facts that somebody learned."""

from uuid import UUID

from events.runtime import Transaction
from scoring import domain, store
from scoring.domain import Engagement, OverrideKind
from scoring.handlers.deciding import decide_and_publish
from scoring.handlers.errors import ContactUnknown, FactsDatedInFuture, IdempotencyKeyReused
from scoring.store.reports import SavedOverride


async def override_rules(
    tx: Transaction, override_id: UUID, contact_id: UUID, kind: OverrideKind, *, by: str, reason: str
) -> SavedOverride:
    """Save an override (lift an exclusion, or push a lead by hand) and decide again; return the saved override.

    The same `override_id` returns the same row.

    Raises:
        ContactUnknown: scoring has no engagement of this contact.
        IdempotencyKeyReused: the id was used for another override.
    """
    await tx.lock_contacts([contact_id])
    history = (await store.load_histories(tx, [contact_id]))[contact_id]
    if not history.engagements:
        raise ContactUnknown
    wanted = SavedOverride(override_id, contact_id, kind, by, reason, tx.now)
    saved = await store.save_override(tx, wanted)
    if saved != wanted.with_values(at=saved.at):
        raise IdempotencyKeyReused
    engagement = domain.override_as_engagement(kind, override_id, contact_id, saved.at, by, reason)
    await decide_and_publish(tx, {contact_id}, engagements=[engagement])
    return saved


async def record_learned_facts(tx: Transaction, learned: Engagement) -> Engagement:
    """Save facts that somebody learned about a contact and decide again; return what is saved under their id.

    Raises:
        ContactUnknown: scoring has no engagement of this contact.
        FactsDatedInFuture: they are dated after the present.
        IdempotencyKeyReused: the id was used for other facts.
    """
    contact_id = learned.contact_id
    if learned.occurred_at > tx.now:
        raise FactsDatedInFuture(field="at")
    await tx.lock_contacts([contact_id])
    history = (await store.load_histories(tx, [contact_id]))[contact_id]
    if not history.engagements:
        raise ContactUnknown
    saved = history.engagements.get(learned.engagement_id)
    if saved is None:
        await decide_and_publish(tx, {contact_id}, engagements=[learned])
        return learned
    if (saved.source, saved.facts) != (learned.source, learned.facts):
        raise IdempotencyKeyReused
    return saved
