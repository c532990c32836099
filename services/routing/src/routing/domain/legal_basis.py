"""Whether sales may contact a person: they asked for it, or nothing they answered since forbids it (D14).

Preferences reach routing apart from leads, so either may come first. They are compared by the time of the answer: a
request is a basis until it is withdrawn, and a new request after a withdrawal is a basis again.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple, Self, TypeVar
from uuid import UUID

from events.contacts import ContactPostponed, ContactPreferenceEvent, ContactScheduled
from events.leads import LeadFacts
from events.parts import Instant, Part
from routing.playbook import LegalBasisRule

T = TypeVar("T")

ASKED_LEAD_TYPES = ("hand_raiser", "fast_track", "customer")
ASKING_PREFERENCES = ("book", "call_me")
NEVER = datetime.min.replace(tzinfo=UTC)
NO_BASIS = "no_basis"
NOT_NOW = "not_now"


class Objection(NamedTuple):
    """The reason for which a lead is released, and the sentence that is recorded."""

    reason: str
    why: str
    until: datetime | None = None
    """When they asked to be spoken to, if they said when."""


class ContactPreferences(Part, frozen=True, kw_only=True):
    """What a contact answered, as far as it may keep a lead from sales."""

    revision: int = -1
    granted: dict[str, bool] = {}
    """The answer to each purpose, for all channels."""
    refused_at: dict[str, Instant] = {}
    """When each purpose was refused, of those that are."""
    closed_at: dict[str, Instant] = {}
    """Since when each channel is closed."""
    postponed_at: Instant | None = None
    postponed_by: UUID | None = None
    """The engagement in which they answered "not now"."""
    postponed_until: Instant | None = None
    """When they asked to be spoken to instead, if they said when."""
    scheduled: ContactScheduled | None = None
    """The last time at which they asked to be called or to meet."""

    @property
    def requested_schedule(self) -> ContactScheduled | None:
        """When they want to be called or to meet; None where they never said, or said not now since."""
        asked, put_off = self.scheduled, self.postponed_at
        return None if asked is None or (put_off is not None and put_off >= asked.occurred_at) else asked

    def apply_schedule(self, facts: LeadFacts, since: datetime) -> LeadFacts:
        """Return a lead's facts with what its contact asked for after them; `since` is when the lead began."""
        asked = self.requested_schedule
        if asked is None or asked.engagement_id == facts.engagement_id:
            return facts
        if asked.occurred_at < (facts.captured_at if facts.preference else since):
            return facts
        return facts.changed(preference=asked.preference, preferred_at=asked.preferred_at)

    def with_event(self, event: ContactPreferenceEvent) -> Self:
        """Return the preferences after an event; an event older than what is known changes nothing."""
        if isinstance(event, ContactScheduled):
            known = self.scheduled
            return (
                self
                if known is not None and _schedule_sort_key(event) <= _schedule_sort_key(known)
                else self.changed(scheduled=event)
            )
        if isinstance(event, ContactPostponed):
            if self.postponed_at is not None and event.occurred_at <= self.postponed_at:
                return self
            return self.changed(
                postponed_at=event.occurred_at,
                postponed_by=event.engagement_id,
                postponed_until=event.preferred_at,
            )
        if event.revision <= self.revision:
            return self
        answers = [each for each in event.consents if each.channel is None and each.state != "pending"]
        return self.changed(
            revision=event.revision,
            granted={each.purpose: each.granted for each in answers},
            refused_at={each.purpose: min(each.at, event.occurred_at) for each in answers if not each.granted},
            closed_at={channel: self.closed_at.get(channel, event.occurred_at) for channel in event.suppressed},
        )


NONE = ContactPreferences()


def missing_basis_objection(
    facts: LeadFacts, preferences: ContactPreferences, rules: LegalBasisRule
) -> Objection | None:
    """Return why sales may not contact a person; None where they asked for it, or there is a basis."""
    refused = [*_values_of(preferences.refused_at, rules.purposes), *_values_of(preferences.closed_at, rules.channels)]
    if facts.lead_type in ASKED_LEAD_TYPES or facts.preference in ASKING_PREFERENCES:
        asked = preferences.requested_schedule
        if refused and max(refused) > max(facts.captured_at, asked.occurred_at if asked else facts.captured_at):
            return Objection(NO_BASIS, "contact by sales was refused after they asked for it")
        return None
    answers = _values_of({**facts.consents, **preferences.granted}, rules.purposes)
    if refused or False in answers:
        return Objection(NO_BASIS, "contact by sales was refused")
    if rules.required and not answers:
        return Objection(NO_BASIS, "nobody granted contact by sales")
    return None


def postponement_objection(facts: LeadFacts, preferences: ContactPreferences) -> Objection | None:
    """Return the objection of a contact who postponed; None where they did not, or asked again since."""
    if facts.preference == NOT_NOW:
        return Objection(NOT_NOW, "they said not now", facts.preferred_at)
    at, by = preferences.postponed_at, preferences.postponed_by
    if at is None or at < facts.captured_at or by == facts.engagement_id or preferences.requested_schedule is not None:
        return None
    return Objection(NOT_NOW, "they said not now", preferences.postponed_until)


def find_objection(facts: LeadFacts, preferences: ContactPreferences, rules: LegalBasisRule) -> Objection | None:
    """Return what a contact has against their lead being assigned, if anything."""
    return missing_basis_objection(facts, preferences, rules) or postponement_objection(facts, preferences)


def latest_schedule(person: Iterable[ContactPreferences]) -> ContactPreferences:
    """Return, of what the contacts of one person said, what says last when they want to be called or to meet.

    Whichever of them said not now last takes back what was asked for before.
    """
    known = list(person)
    latest = max(known, key=lambda each: _schedule_sort_key(each.scheduled) if each.scheduled else (NEVER, NEVER))
    last = max(known, key=lambda each: each.postponed_at or NEVER)
    if last.postponed_at == latest.postponed_at:
        return latest
    return latest.changed(
        postponed_at=last.postponed_at, postponed_by=last.postponed_by, postponed_until=last.postponed_until
    )


def _schedule_sort_key(event: ContactScheduled) -> tuple[datetime, datetime]:
    return event.occurred_at, event.preferred_at or event.occurred_at


def _values_of(found: Mapping[str, T], names: tuple[str, ...]) -> list[T]:
    return [found[name] for name in names if name in found]
