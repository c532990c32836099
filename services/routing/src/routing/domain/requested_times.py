"""The time that a contact asked for after their lead qualified: in its facts, and published once."""

from events.leads import LeadFacts
from routing.domain.context import Decision
from routing.domain.leads import Lead
from routing.domain.legal_basis import ContactPreferences
from routing.domain.to_events import scheduled_event


def lead_with_requested_time(lead: Lead, preferences: ContactPreferences) -> Lead:
    """Return a lead whose facts have the time that its contact asked for since it began."""
    return lead._replace(preferences=preferences).with_facts(lead.known_facts)


def decision_with_requested_time(decision: Decision, before: LeadFacts) -> Decision:
    """Return a decision that publishes the time that the contact asked for, if these facts did not have it."""
    lead, asked = decision.lead, decision.lead.preferences.requested_schedule
    facts = lead.known_facts
    is_news = (facts.preference, facts.preferred_at) != (before.preference, before.preferred_at)
    if asked is None or lead.is_ended or not is_news:
        return decision
    return decision._replace(scheduled=scheduled_event(lead, asked))
