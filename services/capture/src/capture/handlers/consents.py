"""Give and withdraw consent: withdrawing is as easy as giving."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from capture.domain import intake
from capture.domain.profile import current
from capture.domain.submission import ConsentGiven
from capture.handlers.errors import ContactUnknown, refusal
from capture.playbook import CapturePlaybook
from capture.store import intake as store
from events.contacts import Consent
from events.runtime import Transaction

SOURCE = "preferences"
"""Where an answer came from that no submission brought."""


async def record_consents(contact_id: UUID, given: Sequence[ConsentGiven], tx: Transaction) -> tuple[Consent, ...]:
    """Keep a contact's answers; gives the current one of each purpose. The same answer again changes nothing."""
    fault = intake.consent_fault(given, tx.playbook(CapturePlaybook).latest(tx.now))
    if fault is not None:
        raise refusal(fault)
    await tx.lock([contact_id])
    profile = (await store.load_profiles(tx, [contact_id])).get(contact_id)
    if profile is None:
        raise ContactUnknown
    answers = intake.consents_of(given, tx.now)
    await store.save_consents(tx, [(contact_id, SOURCE, answer) for answer in answers], tx.now)
    consents = current(profile.consents, answers)
    if consents != profile.consents:
        changed = replace(profile, consents=consents, revision=profile.revision + 1)
        await store.save_profiles(tx, [changed])
        tx.emit(changed.event(tx.now))
    return consents
