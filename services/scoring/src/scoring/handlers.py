"""What scoring does with what it hears: add it to the contacts' histories, decide anew, save and say what follows.

One way in for every topic. Whatever becomes known about a contact, the whole history is decided upon again, so no
order of arrival between topics can make a difference.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from events.contacts import AccountChanged, ContactCaptured, ContactErased, ErasureReceipt
from events.envelope import Event
from events.leads import LeadWoken
from events.runtime import DomainError, Due, Transaction
from scoring import domain, store
from scoring.domain import Engagement, History, Score, Turn
from scoring.playbook import ScoringPlaybook

COOL = "cool"
RECONSIDER = "reconsider"


class ContactUnknown(DomainError):
    """Scoring has not heard of this contact."""

    code = "contact_unknown"
    status = 404


async def on_contacts_captured(batch: Sequence[ContactCaptured], tx: Transaction) -> None:
    """Keep what contacts did; qualify or upgrade those who crossed the line by it."""
    await _decide(tx, {event.contact_id for event in batch}, engagements=map(domain.engagement_of, batch))


async def on_leads_worked(batch: Sequence[Event], tx: Transaction) -> None:
    """Note which leads somebody works, so that they do not cool, and which were won."""
    turns = [turn for event in batch if (turn := domain.turn_of(event)) is not None]
    await _decide(tx, {turn.contact_id for turn in turns}, turns=turns)


async def on_leads_recycled(batch: Sequence[Event], tx: Transaction) -> None:
    """End cycles, and let wake-ups count; an end that came late may find that the next cycle has long begun."""
    turns = [turn for event in batch if (turn := domain.turn_of(event)) is not None]
    woken = [domain.wake_up_of(event) for event in batch if isinstance(event, LeadWoken)]
    told_of = {turn.contact_id for turn in turns} | {one.contact_id for one in woken}
    await _decide(tx, told_of, engagements=woken, turns=turns)


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
    ids = list(dict.fromkeys(event.contact_id for event in batch))
    rows = await store.erase(tx, ids, tx.now) + await tx.erase(ids)
    for event in batch:
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
    await _decide(tx, {due.contact_id for due in batch}, fired={due.key for due in batch})


async def reconsider(batch: Sequence[Due], tx: Transaction) -> None:
    """Decide again about contacts whose company turned out to be something else."""
    await _decide(tx, {due.contact_id for due in batch})


async def explain(tx: Transaction, contact_id: UUID, at: datetime | None) -> Score:
    """Score a contact as of an instant (None: now); raises `ContactUnknown`."""
    history = (await store.load_histories(tx, [contact_id]))[contact_id]
    if not history.engagements:
        raise ContactUnknown
    history.accounts = await store.load_accounts(tx, _domains([history]))
    return domain.score(history, tx.playbook(ScoringPlaybook), at or tx.now)


async def _decide(
    tx: Transaction,
    contact_ids: set[UUID],
    *,
    engagements: Iterable[Engagement] = (),
    turns: Iterable[Turn] = (),
    fired: frozenset[UUID] | set[UUID] = frozenset(),
) -> None:
    """Load, add, decide, save, emit. `fired` are the leads whose timer is gone."""
    contact_ids -= await store.load_erased(tx, contact_ids)
    if not contact_ids:
        return
    histories = await store.load_histories(tx, contact_ids)
    new_engagements = [one for one in engagements if (own := histories.get(one.contact_id)) and own.engaged(one)]
    new_turns = [one for one in turns if (own := histories.get(one.contact_id)) and own.turned(one)]
    accounts = await store.load_accounts(tx, _domains(histories.values()))
    book, leads = tx.playbook(ScoringPlaybook), []
    for contact_id, history in histories.items():
        history.accounts = accounts
        history.forget_timers(fired)
        verdict = domain.decide(history, book, now=tx.now, version=tx.playbook_version)
        leads += verdict.leads
        for event in verdict.events:
            tx.emit(event)
        for lead_id, cools_at in verdict.timers:
            if cools_at is None:
                tx.unschedule(COOL, lead_id)
            else:
                tx.schedule(COOL, lead_id, contact_id, cools_at)
    await store.save_engagements(tx, new_engagements)
    await store.save_turns(tx, new_turns)
    await store.save_leads(tx, leads)


def _domains(histories: Iterable[History]) -> set[str]:
    return {
        str(found)
        for history in histories
        for one in history.engagements.values()
        if (found := one.facts.get("email_domain")) is not None
    }
