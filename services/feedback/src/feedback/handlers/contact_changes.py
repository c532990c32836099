"""The contacts that a transaction changes: loaded once, changed in memory, saved with all that follows."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Self
from uuid import UUID

from events.envelope import LeadEvent
from events.leads import LeadLifecycle
from events.runtime import Transaction, merges
from events.runtime.merges import Person
from events.runtime.turns import in_turns
from feedback import store
from feedback.domain.contact import Contact, settle, waiting
from feedback.domain.credit import credit_until
from feedback.domain.decision_context import DecisionContext
from feedback.domain.decisions import end_as_duplicate
from feedback.domain.funnel import FunnelChanges, count_the_same
from feedback.domain.lead import Lead, Touchpoint
from feedback.domain.merged_leads import NO_RELATED, RelatedContacts, superseded
from feedback.domain.to_events import take_end_event
from feedback.playbook import Definitions, FeedbackPlaybook
from feedback.store.facts import HistoryLine


class ContactChanges:
    """Contacts as they were and as they are. Erased ones are not among them, and nothing of them is kept."""

    def __init__(self, tx: Transaction, before: dict[UUID, Contact], people: Mapping[UUID, Person]) -> None:
        self.tx = tx
        rules, definitions = tx.playbook(FeedbackPlaybook), tx.playbook(Definitions)
        self.context = DecisionContext(
            tx.now, rules, tx.playbook_version, definitions.limits, definitions.names, definitions.prospect_from
        )
        self.funnel = FunnelChanges(rules.funnel.half_life_days, definitions.names)
        self._before = before
        self._now = dict(before)
        self._people = {each: person for each, person in people.items() if person.merged}
        self._anew: set[UUID] = set()
        self._changed: dict[UUID, None] = {}
        self._history: list[HistoryLine] = []

    @classmethod
    async def load(cls, tx: Transaction, contact_ids: Iterable[UUID]) -> Self:
        """Load contacts that this transaction has locked; lock and load those who are the same people."""
        wanted = set(contact_ids)
        people = await merges.people(tx, wanted)
        if any(person.merged for person in people.values()):
            people = await merges.people(tx, wanted, lock=True)
            people = {member: person for person in people.values() for member in person.contact_ids}
            wanted |= people.keys()
        return cls(tx, await store.load(tx, wanted), people)

    def __contains__(self, contact_id: UUID) -> bool:
        return contact_id in self._now

    def contact(self, contact_id: UUID) -> Contact:
        """Return a contact as it is now."""
        return self._now[contact_id]

    def related(self, contact_id: UUID) -> RelatedContacts:
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

    def show_anew(self, contact_id: UUID) -> None:
        """Publish a contact's snapshot in any case: who belongs to the person changed."""
        self._anew.add(contact_id)
        self.put(self._now[contact_id])

    def put(self, contact: Contact) -> None:
        """Put a contact's new state."""
        self._now[contact.contact_id] = contact
        self._changed[contact.contact_id] = None

    def put_lead(self, lead: Lead) -> None:
        """Put a lead's new state."""
        self.put(self._now[lead.contact_id].with_lead(lead))

    def lead_of(self, event: LeadEvent) -> Lead:
        """Add an event to the history of its lead, and return the lead to which it applies."""
        self.add_to_history(event)
        return self._now[event.contact_id].lead(event.lead_id, event.cycle, event.occurred_at)

    def add_to_history(self, event: LeadEvent) -> None:
        """Add an event to its lead's history."""
        self._history.append(store.history_line(event, self.tx.now))

    def add_line(self, line: HistoryLine) -> None:
        """Add a line to a lead's history that is no event."""
        self._history.append(line)

    def publish(self, event: LeadEvent) -> None:
        """Publish an event, and add it to the history of its lead."""
        self.tx.emit(event)
        self.add_to_history(event)

    async def save(self) -> None:
        """Compute what follows from all changes, and save."""
        if self._people:
            await self._end_duplicates()
        async for contact_id in in_turns(self._changed):
            self._end_cycles(self._now[contact_id])
        changed = [self._now[contact_id] for contact_id in self._changed]
        signals = await store.first_signals(
            self.tx, [lead for contact in changed for lead in waiting(contact, self.related(contact.contact_id))]
        )
        async for contact in in_turns(changed):
            self._settle(contact, signals)
        await self._credit()
        async for contact_id in in_turns(self._changed):
            _count(self.funnel, self._before[contact_id], self._now[contact_id])
        await store.save(self.tx, ((self._before[each], self._now[each]) for each in self._changed))
        await store.keep_history(self.tx, self._history)
        await store.add_to_funnel(self.tx, self.funnel)

    async def _end_duplicates(self) -> None:
        """End the second open lead of a person, and settle all contacts of the person together."""
        concerned = {
            self._people[each].survivor_id: self._people[each] for each in self._changed if each in self._people
        }
        merged_at = await store.merged_at(
            self.tx, [member for each in concerned.values() for member in each.contact_ids]
        )
        for survivor_id, person in concerned.items():
            members = [member for member in person.contact_ids if member in self._now]
            leads = [lead for member in members for lead in self._now[member].leads.values()]
            for lead in superseded(leads, survivor_id):
                self.put_lead(end_as_duplicate(lead, survivor_id, merged_at[lead.contact_id], self.context))
            for member in members:
                self.put(self._now[member])

    async def count_as_erased(self, contact_ids: Iterable[UUID]) -> None:
        """Count contacts as erased: their past stays in the funnel, and nothing is open."""
        for contact in [self._now[each] for each in set(contact_ids) if each in self._now]:
            self.funnel.stand(contact.stage, -1)
            for lead in contact.leads.values():
                self.funnel.add(lead, contact.origin, -1)
                self.funnel.add(lead, contact.origin, erased=True)
        await store.add_to_funnel(self.tx, self.funnel)

    async def _credit(self) -> None:
        """Find the engagements that led to opportunities and wins; a late one may be among them."""
        leads = [lead for each in self._changed for lead in self._now[each].leads.values() if credit_until(lead)]
        if not leads:
            return
        paths = await store.touchpoints_before(
            self.tx,
            [
                (lead.lead_id, member, until)
                for lead in leads
                if (until := credit_until(lead))
                for member in (lead.contact_id, *self.related(lead.contact_id).contact_ids)
            ],
        )
        for lead in leads:
            path = paths.get(lead.lead_id) or (
                Touchpoint(credit_until(lead) or lead.heard_at, lead.source, lead.campaign),
            )
            if path != lead.path:
                contact = self._now[lead.contact_id]
                self._now[lead.contact_id] = contact.with_lead(lead.having(path=path))

    def _end_cycles(self, contact: Contact) -> None:
        for lead in contact.leads.values():
            known, ended = take_end_event(lead)
            if known is not lead:
                self.put_lead(known)
            for event in ended:
                self.publish(event)

    def _settle(self, contact: Contact, signals: Mapping[UUID, datetime]) -> None:
        contact_id = contact.contact_id
        settled = settle(
            self._before[contact_id],
            contact,
            signals,
            self.context,
            self.related(contact_id),
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


def _count(funnel: FunnelChanges, before: Contact, after: Contact) -> None:
    """Take away what a contact's leads added to the funnel before, and add what they add now."""
    moved = before.origin != after.origin
    for lead in after.leads.values():
        known = before.leads.get(lead.lead_id)
        if known is not None and not moved and (known is lead or count_the_same(known, lead)):
            continue
        if known is not None:
            funnel.add(known, before.origin, -1)
        funnel.add(lead, after.origin)
    if before.stage != after.stage:
        funnel.stand(before.stage, -1)
        funnel.stand(after.stage, 1)
