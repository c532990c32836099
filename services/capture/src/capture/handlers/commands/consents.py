"""Grant and withdraw consent, by one command."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from capture.domain import arrival
from capture.domain.profile import joined, latest_consents
from capture.domain.submission import ConsentGiven
from capture.handlers.errors import ContactUnknown, refusal
from capture.playbook import CapturePlaybook
from capture.store import contacts as store
from events.contacts import Consent
from events.runtime import Transaction, merges

SOURCE = "preferences"
"""Where an answer came from that no submission brought."""


async def record_consents(contact_id: UUID, given: Sequence[ConsentGiven], tx: Transaction) -> tuple[Consent, ...]:
    """Keep a contact's answers; returns the current one of each purpose. The same answer again changes nothing."""
    rules = tx.playbook(CapturePlaybook)
    fault = arrival.consent_fault(given, rules.latest(tx.now))
    if fault is not None:
        raise refusal(fault)
    person = (await merges.people(tx, [contact_id], lock=True))[contact_id]
    profiles = await store.load_profiles(tx, person.contact_ids)
    if contact_id not in profiles:
        raise ContactUnknown
    rows = [profiles[member] for member in person.contact_ids]
    answers = arrival.consents_of(given, tx.now, rules.double_opt_in)
    await store.save_consents(tx, [(person.survivor_id, SOURCE, answer) for answer in answers], tx.now)
    before = joined(rows)
    if latest_consents(before.consents, answers) != before.consents:
        consents = latest_consents(rows[0].consents, answers)
        rows[0] = replace(rows[0], consents=consents, revision=rows[0].revision + 1)
        await store.save_profiles(tx, rows[:1])
        tx.emit(joined(rows).event(tx.now))
        tx.emit(joined(rows).allows(tx.now))
    return joined(rows).consents
