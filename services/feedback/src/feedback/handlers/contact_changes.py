"""The contacts that a transaction changes: loaded once, changed in memory, saved with all that follows."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Self
from uuid import UUID

from events.envelope import LeadEvent
from events.leads import LeadLifecycle
from events.runtime import Transaction, merges
from events.runtime.merges import MergedPerson
from events.runtime.yielding import yielding_to_others
from feedback import store
from feedback.domain.contact import Contact, find_leads_to_wake, settle_contact
from feedback.domain.credit import find_credit_end
from feedback.domain.decision_context import DecisionContext
from feedback.domain.decisions import end_as_duplicate
from feedback.domain.funnel import FunnelChanges, have_same_counts
from feedback.domain.lead import Lead, Touchpoint
from feedback.domain.merged_leads import NO_RELATED, RelatedContacts, find_superseded
from feedback.domain.to_events import build_unpublished_end_event
from feedback.playbook import Definitions, FeedbackPlaybook
from feedback.store.facts import HistoryLine


class ContactChanges:
    """Contacts as they were and as they are. Erased ones are not among them, and nothing of them is kept."""

    def __init__(self, tx: Transaction, before: dict[UUID, Contact], people: Mapping[UUID, MergedPerson]) -> None:
        self.tx = tx
        rules, definitions = tx.playbook(FeedbackPlaybook), tx.playbook(Definitions)
        self.context = DecisionContext(
            tx.now,
            rules,
            tx.playbook_version,
            definitions.return_days_by_stage,
            definitions.stage_names,
            definitions.prospect_from,
        )
        self.funnel = FunnelChanges(rules.funnel.half_life_days, definitions.stage_names)
        self._before = before
        self._now = dict(before)
        self._people = {each: person for each, person in people.items() if person.is_merged}
        self._anew: set[UUID] = set()
        self._changed: dict[UUID, None] = {}
        self._history: list[HistoryLine] = []

    @classmethod
    async def load(cls, tx: Transaction, contact_ids: Iterable[UUID]) -> Self:
        """Load contacts that this transaction has locked; lock and load those who are the same people."""
        wanted = set(contact_ids)
        people = await merges.load_people_of_contacts(tx, wanted)
        if any(person.is_merged for person in people.values()):
            people = await merges.load_people_of_contacts(tx, wanted, lock=True)
            people = {member: person for person in people.values() for member in person.contact_ids}
            wanted |= people.keys()
        return cls(tx, await store.load_contacts(tx, wanted), people)

    def __contains__(self, contact_id: UUID) -> bool:
        return contact_id in self._now

    def get_contact(self, contact_id: UUID) -> Contact:
        """Return a contact as it is now."""
        return self._now[contact_id]

    def get_related(self, contact_id: UUID) -> RelatedContacts:
        """Return the other contacts that are the same person, as they are now."""
        person = self._people.get(contact_id)
        if person is None:
            return NO_RELATED
        others = [other for other in person.contact_ids if other != contact_id and other in self._now]
        contacts = [self._now[other] for other in others]
        return RelatedContacts(
            tuple(others),
            tuple(lead for contact in contacts for lead in contact.leads.values()),
            tuple(lead for other in others for lead in self._before[other].leads.values()),
            max((contact.raised_at for contact in contacts if contact.raised_at), default=None),
            max((contact.engaged_at for contact in contacts if contact.engaged_at), default=None),
            is_survivor=person.survivor_id == contact_id,
        )

    def require_snapshot(self, contact_id: UUID) -> None:
        """Publish a contact's snapshot in any case: who belongs to the person changed."""
        self._anew.add(contact_id)
        self.put_contact(self._now[contact_id])

    def put_contact(self, contact: Contact) -> None:
        """Put a contact's new state."""
        self._now[contact.contact_id] = contact
        self._changed[contact.contact_id] = None

    def put_lead(self, lead: Lead) -> None:
        """Put a lead's new state."""
        self.put_contact(self._now[lead.contact_id].with_lead(lead))

    def add_event_to_lead(self, event: LeadEvent) -> Lead:
        """Add an event to the history of its lead, and return the lead to which it applies."""
        self.add_event_to_history(event)
        return self._now[event.contact_id].find_or_start_lead(event.lead_id, event.cycle, event.occurred_at)

    def add_event_to_history(self, event: LeadEvent) -> None:
        """Add an event to its lead's history."""
        self._history.append(store.make_history_line(event, self.tx.now))

    def add_history_line(self, line: HistoryLine) -> None:
        """Add a line to a lead's history that is no event."""
        self._history.append(line)

    def publish(self, event: LeadEvent) -> None:
        """Publish an event, and add it to the history of its lead."""
        self.tx.emit(event)
        self.add_event_to_history(event)

    async def save(self) -> None:
        """Compute what follows from all changes, and save."""
        if self._people:
            await self._end_duplicates()
        async for contact_id in yielding_to_others(self._changed):
            self._publish_cycle_ends(self._now[contact_id])
        changed = [self._now[contact_id] for contact_id in self._changed]
        signals = await store.load_first_signals(
            self.tx,
            [lead for contact in changed for lead in find_leads_to_wake(contact, self.get_related(contact.contact_id))],
        )
        async for contact in yielding_to_others(changed):
            self._settle_contact(contact, signals)
        await self._compute_deal_credit()
        async for contact_id in yielding_to_others(self._changed):
            _update_funnel_sums(self.funnel, self._before[contact_id], self._now[contact_id])
        await store.save_contacts(self.tx, ((self._before[each], self._now[each]) for each in self._changed))
        await store.save_history(self.tx, self._history)
        await store.add_to_funnel(self.tx, self.funnel)

    async def _end_duplicates(self) -> None:
        """End the second open lead of a person, and settle all contacts of the person together."""
        concerned = {
            self._people[each].survivor_id: self._people[each] for each in self._changed if each in self._people
        }
        merged_at = await store.load_merge_times(
            self.tx, [member for each in concerned.values() for member in each.contact_ids]
        )
        for survivor_id, person in concerned.items():
            members = [member for member in person.contact_ids if member in self._now]
            leads = [lead for member in members for lead in self._now[member].leads.values()]
            for lead in find_superseded(leads, survivor_id):
                self.put_lead(end_as_duplicate(lead, survivor_id, merged_at[lead.contact_id], self.context))
            for member in members:
                self.put_contact(self._now[member])

    async def count_as_erased(self, contact_ids: Iterable[UUID]) -> None:
        """Count contacts as erased: their past stays in the funnel, and nothing is open."""
        for contact in [self._now[each] for each in set(contact_ids) if each in self._now]:
            self.funnel.count_in_stage(contact.stage, -1)
            for lead in contact.leads.values():
                self.funnel.count_lead(lead, contact.origin, -1)
                self.funnel.count_lead(lead, contact.origin, erased=True)
        await store.add_to_funnel(self.tx, self.funnel)

    async def _compute_deal_credit(self) -> None:
        """Find the engagements that led to opportunities and wins; a late one may be among them."""
        leads = [lead for each in self._changed for lead in self._now[each].leads.values() if find_credit_end(lead)]
        if not leads:
            return
        paths = await store.load_touchpoints_before(
            self.tx,
            [
                (lead.lead_id, member, until)
                for lead in leads
                if (until := find_credit_end(lead))
                for member in (lead.contact_id, *self.get_related(lead.contact_id).contact_ids)
            ],
        )
        for lead in leads:
            path = paths.get(lead.lead_id) or (
                Touchpoint(find_credit_end(lead) or lead.heard_at, lead.source, lead.campaign),
            )
            if path != lead.path:
                contact = self._now[lead.contact_id]
                self._now[lead.contact_id] = contact.with_lead(lead.with_facts(path=path))

    def _publish_cycle_ends(self, contact: Contact) -> None:
        for lead in contact.leads.values():
            known, ended = build_unpublished_end_event(lead, self.context)
            if known is not lead:
                self.put_lead(known)
            for event in ended:
                self.publish(event)

    def _settle_contact(self, contact: Contact, signals: Mapping[UUID, datetime]) -> None:
        contact_id = contact.contact_id
        settled = settle_contact(
            self._before[contact_id],
            contact,
            signals,
            self.context,
            self.get_related(contact_id),
            anew=contact_id in self._anew,
        )
        for event in settled.events:
            if isinstance(event, LeadLifecycle):
                self.tx.emit(event)
            else:
                self.publish(event)
        for alarm in settled.alarms:
            if alarm.at is None:
                self.tx.unschedule(alarm.kind, alarm.lead_id)
            else:
                self.tx.schedule(alarm.kind, alarm.lead_id, contact.contact_id, alarm.at)
        self._now[contact.contact_id] = settled.contact


def _update_funnel_sums(funnel: FunnelChanges, before: Contact, after: Contact) -> None:
    """Take away what a contact's leads added to the funnel before, and add what they add now."""
    moved = before.origin != after.origin
    for lead in after.leads.values():
        known = before.leads.get(lead.lead_id)
        if known is not None and not moved and (known is lead or have_same_counts(known, lead)):
            continue
        if known is not None:
            funnel.count_lead(known, before.origin, -1)
        funnel.count_lead(lead, after.origin)
    if before.stage != after.stage:
        funnel.count_in_stage(before.stage, -1)
        funnel.count_in_stage(after.stage, 1)
