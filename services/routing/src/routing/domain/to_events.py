"""The events that routing publishes, built from a lead and the context after the decision."""

from datetime import datetime
from typing import Any

from events.contacts import ContactPostponed, ContactScheduled
from events.leads import LeadAssigned, LeadQueued, LeadReleased, LeadScheduled, SilencedChannels
from routing.domain.campaigns import Campaign
from routing.domain.context import RoutingContext
from routing.domain.conversation_opener import OpenerMaterial, find_nameable_campaigns, suggest_content, write_opener
from routing.domain.first_sentences import write_first_sentences
from routing.domain.leads import Lead
from routing.domain.rep_choice import RepChoice


def assigned_event(
    lead: Lead, choice: RepChoice, context: RoutingContext, now: datetime, previous_rep_id: str | None
) -> LeadAssigned:
    """Return the event for an assigned lead, with all that its rep needs to follow it up."""
    rep_id, main = lead.rep_id or "", lead.known_facts.main_contact_id
    return LeadAssigned(
        **_placement_fields(lead, choice, context, now),
        **_briefing_fields(lead, context),
        rep_id=rep_id,
        role=context.pools[context.team_of[rep_id]].seats[rep_id].rep.role,
        previous_rep_id=previous_rep_id,
        origin_rep_id=lead.origin_rep_id,
        meeting_at=lead.meeting_at,
        main_contact_id=None if main == lead.contact_id else main,
    )


def queued_event(lead: Lead, choice: RepChoice, context: RoutingContext, now: datetime) -> LeadQueued:
    """Return the event for a queued lead; `context` is the one before it joined its queue."""
    position = context.queue_position(lead.team or "", lead.queue or "", lead.known_facts.fit)
    return LeadQueued(**_placement_fields(lead, choice, context, now), position=position)


def released_event(
    lead: Lead,
    context: RoutingContext,
    now: datetime,
    reason: str,
    *,
    rep_id: str | None = None,
    team: str | None = None,
    wake_at: datetime | None = None,
) -> LeadReleased:
    """Return the event for a released lead; `rep_id` and `team` are those that had it, if any.

    `wake_at` is when its contact asked to be spoken to.
    """
    return LeadReleased(
        contact_id=lead.contact_id,
        lead_id=lead.lead_id,
        cycle=lead.cycle,
        occurred_at=now,
        playbook_version=context.version,
        placement=lead.placement,
        reason=reason,
        rep_id=rep_id,
        team=team,
        wake_at=wake_at,
    )


def scheduled_event(lead: Lead, event: ContactPostponed | ContactScheduled) -> LeadScheduled:
    """Return the event for a lead whose contact asked for a time; it happened when they asked."""
    return LeadScheduled(
        contact_id=lead.contact_id,
        lead_id=lead.lead_id,
        cycle=lead.cycle,
        occurred_at=event.occurred_at,
        engagement_id=event.engagement_id,
        preference=event.preference if isinstance(event, ContactScheduled) else "not_now",
        preferred_at=event.preferred_at,
    )


def _placement_fields(lead: Lead, choice: RepChoice, context: RoutingContext, now: datetime) -> dict[str, Any]:
    facts = lead.known_facts
    return {
        "contact_id": lead.contact_id,
        "lead_id": lead.lead_id,
        "cycle": lead.cycle,
        "occurred_at": now,
        "playbook_version": context.version,
        "placement": lead.placement,
        "lead_type": facts.lead_type,
        "fit": facts.fit,
        "source": facts.source,
        "captured_at": facts.captured_at,
        "handed_over_at": lead.handed_over_at,
        "readiness": facts.readiness,
        "segment": facts.segment,
        "campaign": facts.campaign,
        "team": lead.team,
        "queue": lead.queue,
        "reason": choice.reason,
        "tried": list(choice.tried),
    }


def _briefing_fields(lead: Lead, context: RoutingContext) -> dict[str, Any]:
    facts, colleagues = lead.known_facts, context.directory.colleagues.get(lead.account or "", ())
    campaign = context.campaigns.get(facts.campaign or "", Campaign())
    known = OpenerMaterial(
        {
            name: each.name
            for name in find_nameable_campaigns(facts)
            if (each := context.campaigns.get(name)) and each.name
        },
        context.directory.last_cycles.get(facts.contact_id),
    )
    suggested = suggest_content(facts, context.campaigns, context.playbook.suggested_content)
    language, sentences = write_first_sentences(facts, context.playbook.first_sentences, known)
    return {
        "suppress": SilencedChannels(**context.playbook.silence_for(facts.lead_type).model_dump()),
        "opener": write_opener(facts, context.playbook.openers, known),
        "suggested_content": list(suggested),
        "suggested_titles": {content: title for content, title in suggested.items() if title},
        "first_sentences": sentences,
        "language": language,
        "fit_evidence": facts.fit_evidence,
        "readiness_evidence": facts.readiness_evidence,
        "timeline": facts.timeline,
        "company": facts.company,
        "country": facts.country,
        "email_domain": facts.email_domain,
        "job_title": facts.job_title,
        "brief": campaign.brief,
        "colleagues": [each for each in colleagues if each.contact_id != lead.contact_id],
    }
