"""What happens on the topics, in any order: each event is applied to the lead it names, known before or not."""

from collections.abc import Callable, Sequence

from events.contacts import (
    AccountChanged,
    CampaignAnnounced,
    ContactCaptured,
    ContactErased,
    ContactMerged,
    ContactProfile,
    ContactUnmerged,
    PlaybookActivated,
)
from events.leads import (
    LeadAssigned,
    LeadCooled,
    LeadFacts,
    LeadQualified,
    LeadQueued,
    LeadRegraded,
    LeadReleased,
    LeadScheduled,
    LeadUpgraded,
)
from events.runtime import Transaction, merges
from events.sla import ClockEscalated, ClockEvent
from events.topics import LEADS_LIFECYCLE
from feedback import store
from feedback.domain import decisions
from feedback.domain.activities import PersonHasher
from feedback.domain.from_events import (
    apply_capture,
    apply_placement,
    apply_qualification,
    apply_review_clock,
    count_promise,
    is_hand_raise,
)
from feedback.domain.lead import apply_requested_time
from feedback.domain.lifecycle import TAKEN_BACK
from feedback.domain.merged_leads import wake_after_unmerge
from feedback.handlers.commands.proposals import publish_proposal_answers
from feedback.handlers.contact_changes import ContactChanges
from feedback.store.facts import Engagement
from feedback.store.reports import ActivatedVersion


async def on_contacts_captured(batch: Sequence[ContactCaptured], tx: Transaction) -> None:
    """Save what a contact did: its origin for the funnel, its hand-raises because they wake."""
    changes = await ContactChanges.load(tx, (event.contact_id for event in batch))
    events = [event for event in batch if event.contact_id in changes]
    signals, rules = [], changes.context.rules
    for event in events:
        raised = is_hand_raise(event, rules)
        is_sign = event.engagement not in rules.no_signs
        contact = apply_capture(changes.get_contact(event.contact_id), event, raised=raised, is_sign=is_sign)
        if event.source not in rules.fills_gaps:
            contact = contact.with_company_size(event.employees, event.occurred_at)
        changes.put_contact(contact)
        signals.append(
            Engagement(event.engagement_id, event.contact_id, event.occurred_at, raised, event.source, event.campaign)
        )
        for dimension, group in (("all", ""), ("source", event.source), ("campaign", event.campaign or "")):
            changes.funnel.count_occurrences(dimension, group, event.occurred_at.date())
    await store.save_signals(tx, signals)
    await changes.save()


async def on_leads_qualified(
    batch: Sequence[LeadQualified | LeadUpgraded | LeadRegraded | LeadCooled], tx: Transaction
) -> None:
    """Open a lead, or add to what is known of it; the newest evidence is kept."""
    changes = await ContactChanges.load(tx, (event.contact_id for event in batch))
    evidence: list[LeadFacts] = []
    for event in batch:
        if event.contact_id not in changes:
            continue
        lead = changes.add_event_to_lead(event)
        if isinstance(event, LeadFacts):
            lead = apply_qualification(lead, event)
            if lead.typed_at == event.occurred_at:
                evidence.append(event)
        elif isinstance(event, LeadRegraded):
            lead = lead.with_facts(fit=event.fit)
        changes.put_lead(lead)
    await store.save_evidence(tx, evidence)
    await changes.save()


async def on_leads_assigned(
    batch: Sequence[LeadQueued | LeadAssigned | LeadReleased | LeadScheduled], tx: Transaction
) -> None:
    """Save who has the lead and when its contact wants to be called; what routing took back goes back to nurture."""
    changes = await ContactChanges.load(tx, (event.contact_id for event in batch))
    for event in batch:
        if event.contact_id not in changes:
            continue
        if isinstance(event, LeadScheduled):
            until = event.preferred_at or event.occurred_at
            changes.put_lead(apply_requested_time(changes.add_event_to_lead(event), event.occurred_at, until))
            continue
        lead = apply_placement(changes.add_event_to_lead(event), event)
        if isinstance(event, LeadReleased) and event.reason in TAKEN_BACK:
            lead = decisions.return_released_lead(lead, event, changes.context)
        changes.put_lead(lead)
    await changes.save()


async def on_sla_flagged(batch: Sequence[ClockEvent], tx: Transaction) -> None:
    """Add flags to the history, show open reviews, and carry out day 90's decision."""
    changes = await ContactChanges.load(tx, (event.contact_id for event in batch))
    for event in batch:
        if event.contact_id not in changes:
            continue
        lead = apply_review_clock(changes.add_event_to_lead(event), event)
        day, promise = (event.due_at or event.occurred_at).date(), f"{event.policy}|{event.team or ''}"
        for kind, number in count_promise(event).items():
            changes.funnel.count_occurrences(f"promise:{event.clock}", promise, day, kind, number)
        if isinstance(event, ClockEscalated) and event.action == "recycle":
            lead = decisions.return_lead_after_review(lead, event, changes.context)
        changes.put_lead(lead)
    await changes.save()


async def on_contacts_erased(batch: Sequence[ContactErased], tx: Transaction) -> None:
    """Erase a contact, here and on the compacted topic, and publish the receipt. Its counts in the funnel stay."""
    changes = await ContactChanges.load(tx, (event.contact_id for event in batch))
    await changes.count_as_erased(event.contact_id for event in batch)
    for event in batch:
        rows = await store.erase(tx, event.contact_id) + await tx.erase([event.contact_id])
        rows += await merges.delete_merges(tx, [event.contact_id])
        tx.emit_tombstone(LEADS_LIFECYCLE, event.contact_id)
        tx.emit(event.build_receipt(tx.service, rows, tx.now))


async def on_contacts_merged(batch: Sequence[ContactMerged | ContactUnmerged], tx: Transaction) -> None:
    """Treat contacts as the same person, or as two again: of two open leads one ends, and after a mistake it wakes."""
    moved = await merges.record_merges(tx, batch, store.find_erased_contacts)
    changes = await ContactChanges.load(tx, moved)
    for event in batch:
        if isinstance(event, ContactUnmerged):
            for contact_id in (event.loser_id, event.survivor_id):
                if contact_id in moved and contact_id in changes:
                    for lead in changes.get_contact(contact_id).leads_in_cycle_order:
                        changes.put_lead(wake_after_unmerge(lead, event.occurred_at, changes.get_related(contact_id)))
    for contact_id in moved:
        if contact_id in changes:
            changes.require_snapshot(contact_id)
    await changes.save()


async def on_campaigns_announced(batch: Sequence[CampaignAnnounced], tx: Transaction) -> None:
    """Save names and spend, for the funnel by campaign."""
    await store.save_campaigns(tx, batch)


async def on_accounts_changed(batch: Sequence[AccountChanged], tx: Transaction) -> None:
    """Save what is known of companies, to show it beside their leads."""
    await store.save_accounts(tx, batch)


async def on_playbooks_activated(batch: Sequence[PlaybookActivated], tx: Transaction) -> None:
    """Save which rules are in force and what they promise, and answer those whose feedback asked for them."""
    await store.save_activations(
        tx,
        [
            ActivatedVersion(event.service, event.version, event.occurred_at)
            for event in sorted(batch, key=lambda event: event.occurred_at)
        ],
    )
    await store.save_promised_shares(tx, batch)
    await publish_proposal_answers(tx)


class ProfileHandler:
    """Saves whose the keyed hashes are; the secret is read when it is needed."""

    def __init__(self, secret: Callable[[], bytes]) -> None:
        self._secret = secret

    async def on_contacts_profiles(self, batch: Sequence[ContactProfile], tx: Transaction) -> None:
        """Save keyed hashes of e-mail and phone, and nothing else of a profile."""
        keys, latest = PersonHasher(self._secret()), {event.contact_id: event for event in batch}
        gone = await store.find_erased_contacts(tx, latest)
        await store.save_identities(
            tx,
            {
                contact_id: keys.hash_profile(event.email, event.phone)
                for contact_id, event in latest.items()
                if contact_id not in gone
            },
        )
