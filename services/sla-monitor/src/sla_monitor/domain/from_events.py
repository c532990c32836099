"""What an event adds to the facts of a lead."""

from dataclasses import replace

from events.leads import (
    LeadAccepted,
    LeadAssigned,
    LeadConfirmed,
    LeadDisqualified,
    LeadFacts,
    LeadLost,
    LeadPlacementEvent,
    LeadQualified,
    LeadQueued,
    LeadRecycled,
    LeadRejected,
    LeadReleased,
    LeadScheduled,
    LeadTouched,
    LeadUpgraded,
    LeadWon,
    LeadWorkEvent,
    MeetingChanged,
    OpportunityOpened,
)
from sla_monitor.domain.facts import CONTEXT, Act, CycleEnd, Deed, Facts, Placement, PreferredTime, Qualified


def add_event(facts: Facts, event: object) -> Facts:
    """Return the facts with those of an event; an event that concerns no clock changes nothing."""
    match event:
        case LeadQualified() | LeadUpgraded():
            upgrade = str(event.lead_type) if isinstance(event, LeadUpgraded) else ""
            return replace(facts, qualified={**facts.qualified, upgrade: _qualification_fact(event)})
        case LeadQueued() | LeadAssigned() | LeadReleased():
            return replace(facts, places={**facts.places, str(event.placement): _placement_fact(event)})
        case LeadScheduled():
            asked = PreferredTime(event.occurred_at, event.preferred_at or event.occurred_at)
            return replace(facts, preferred_times={**facts.preferred_times, str(event.engagement_id): asked})
        case LeadRecycled() | LeadDisqualified():
            key = f"{event.ce_type} {event.occurred_at.isoformat()}"
            return replace(facts, ends={**facts.ends, key: CycleEnd(event.occurred_at, event.by, event.reason)})
        case LeadWorkEvent() if type(event) in _DEEDS:
            return replace(facts, acts={**facts.acts, str(event.action_id): _act_fact(event)})
        case _:
            return facts


def _qualification_fact(event: LeadFacts) -> Qualified:
    at_once = event.captured_at if event.preference == "call_me" else None
    return Qualified(
        at=event.occurred_at,
        lead_type=event.lead_type,
        fit=event.fit,
        source=event.source,
        segment=event.segment,
        engagement=event.engagement,
        captured_at=event.captured_at,
        prefers_at=(event.preferred_at or at_once) if event.preference in ("book", "call_me", "not_now") else None,
        company=event.company,
        lacks=" ".join(name for name in CONTEXT if getattr(event, name) is None),
    )


def _placement_fact(event: LeadPlacementEvent | LeadReleased) -> Placement:
    if isinstance(event, LeadReleased):
        return Placement(event.placement, event.occurred_at, released=True, team=event.team)
    return Placement(
        number=event.placement,
        at=event.occurred_at,
        released=False,
        rep_id=event.rep_id if isinstance(event, LeadAssigned) else None,
        team=event.team,
        lead_type=event.lead_type,
        fit=event.fit,
        source=event.source,
        segment=event.segment,
        captured_at=event.captured_at,
        handed_over_at=event.handed_over_at,
        meets_at=event.meeting_at if isinstance(event, LeadAssigned) else None,
    )


_DEEDS: dict[type[LeadWorkEvent], Deed] = {
    LeadTouched: "touch",
    MeetingChanged: "meeting",
    LeadAccepted: "accept",
    LeadRejected: "reject",
    LeadConfirmed: "confirm",
    OpportunityOpened: "opportunity",
    LeadWon: "won",
    LeadLost: "lost",
}


def _act_fact(event: LeadWorkEvent) -> Act:
    outcome = event.outcome if isinstance(event, LeadTouched | MeetingChanged) else None
    touch = event if isinstance(event, LeadTouched) else None
    return Act(
        event.occurred_at,
        _DEEDS[type(event)],
        event.by,
        touch is not None and touch.automated,
        outcome,
        touch.seconds if touch else None,
        event.starts_at if isinstance(event, MeetingChanged) else None,
    )
