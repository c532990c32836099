"""Grant and withdraw consent, by one command."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from capture.domain import arrival
from capture.domain.profile import join_profiles, merge_consents
from capture.domain.submission import ConsentBody
from capture.handlers.errors import ContactUnknown, error_for_fault
from capture.playbook import CapturePlaybook
from capture.store import contacts as store
from events.contacts import Consent
from events.runtime import Transaction, merges

SOURCE = "preferences"
"""Where an answer came from that no submission brought."""


async def record_consents(contact_id: UUID, given: Sequence[ConsentBody], tx: Transaction) -> tuple[Consent, ...]:
    """Keep a contact's answers; returns the current one of each purpose. The same answer again changes nothing."""
    rules = tx.playbook(CapturePlaybook)
    fault = arrival.find_consent_fault(given, rules.latest_allowed_time(tx.now))
    if fault is not None:
        raise error_for_fault(fault)
    person = (await merges.load_people_of_contacts(tx, [contact_id], lock=True))[contact_id]
    profiles = await store.load_profiles(tx, person.contact_ids)
    if contact_id not in profiles:
        raise ContactUnknown
    rows = [profiles[member] for member in person.contact_ids]
    answers = arrival.date_consents(given, tx.now, rules.double_opt_in)
    await store.save_consents(tx, [(person.survivor_id, SOURCE, answer) for answer in answers], tx.now)
    before = join_profiles(rows)
    if merge_consents(before.consents, answers) != before.consents:
        consents = merge_consents(rows[0].consents, answers)
        rows[0] = replace(rows[0], consents=consents, revision=rows[0].revision + 1)
        await store.save_profiles(tx, rows[:1])
        tx.emit(join_profiles(rows).profile_event(tx.now))
        tx.emit(join_profiles(rows).consent_event(tx.now))
    return join_profiles(rows).consents
