"""What arrives: events become engagements and lifecycle facts."""

from dataclasses import replace

from events.contacts import ContactCaptured
from events.envelope import Event
from events.ids import derive_id
from events.leads import (
    CustomerChanged,
    LeadAccepted,
    LeadConfirmed,
    LeadCorrected,
    LeadDisqualified,
    LeadLost,
    LeadRecycled,
    LeadTouched,
    LeadWoken,
    LeadWon,
    MeetingChanged,
    OpportunityOpened,
)
from events.parts import Scalar
from scoring.domain.history import (
    ASKED,
    LEARNED_AT_END,
    LEARNED_BY,
    PROFILE_FACTS,
    REACHABLE,
    STAGE,
    TITLE,
    UNREACHABLE,
    UTM,
    WAKE_UP,
    WOKEN_BY,
    WOKEN_FROM,
    Engagement,
    LifecycleFact,
    LifecycleKind,
)
from scoring.domain.override import learned_facts_as_engagement

ENDED = frozenset({"recycled", "disqualified"})
"""States of a lead with which its cycle is over."""
NO_LONGER = frozenset({"churned", "handed_back"})
"""Changes that make a customer a prospect again: they left, or customer success returned them to marketing."""


def capture_as_engagement(event: ContactCaptured) -> Engagement:
    """Return what scoring keeps of a captured contact; `later_request_as_engagement` has a request to talk later."""
    facts: dict[str, Scalar] = {name: value for name in PROFILE_FACTS if (value := getattr(event, name)) is not None}
    for name, value in event.facts.items():
        if value is not None:
            facts[f"facts.{name}"] = value
    for name, value in (event.utm.as_dict(filled=True) if event.utm else {}).items():
        facts[f"{UTM}{name}"] = value
    for consent in event.consents:
        facts[f"consents.{consent.purpose}"] = consent.granted
    if event.content_stage is not None:
        facts[STAGE] = event.content_stage
    if event.content_title is not None:
        facts[TITLE] = event.content_title
    if event.reachable is False:
        facts[UNREACHABLE] = True
    elif event.reachable and event.email_kind is None:
        facts[REACHABLE] = True
    return Engagement(
        engagement_id=event.engagement_id,
        contact_id=event.contact_id,
        engagement=event.engagement,
        source=event.source,
        occurred_at=event.occurred_at,
        received_at=event.received_at,
        content=event.content,
        campaign=event.campaign,
        talk_to_sales=event.talk_to_sales and event.talk_to_sales_at is None,
        preference=event.preference,
        preferred_at=event.preferred_at,
        facts=facts,
    )


def later_request_as_engagement(event: ContactCaptured) -> Engagement | None:
    """Return a request to talk later (after the event, after reading) as an engagement at that instant (C3)."""
    if not event.talk_to_sales or event.talk_to_sales_at is None:
        return None
    return replace(
        capture_as_engagement(event),
        engagement_id=derive_id(ASKED, event.engagement_id),
        engagement=ASKED,
        occurred_at=event.talk_to_sales_at,
        received_at=event.talk_to_sales_at,
        talk_to_sales=True,
        facts={},
    )


def wake_up_as_engagement(event: LeadWoken) -> Engagement:
    """Return a wake-up as an engagement: its points are in the playbook, and they fade like any other."""
    return Engagement(
        engagement_id=derive_id(WAKE_UP, event.lead_id, event.occurred_at.isoformat()),
        contact_id=event.contact_id,
        engagement=WAKE_UP,
        source="nurture",
        occurred_at=event.occurred_at,
        received_at=event.occurred_at,
        content=None,
        campaign=None,
        talk_to_sales=False,
        preference=None,
        preferred_at=None,
        facts={WOKEN_BY: event.reason, WOKEN_FROM: event.cycle},
    )


def findings_as_engagement(event: LeadCorrected) -> Engagement:
    """Return what sales found out as learned facts: they outrank what forms and imports said."""
    found = event.found.as_json(filled=True)
    facts = {name if name in PROFILE_FACTS else f"facts.{name}": value for name, value in found.items()}
    facts[LEARNED_BY] = event.by
    if event.state in ENDED:
        facts[LEARNED_AT_END] = event.cycle
    learned_id = derive_id("found", event.action_id)
    return learned_facts_as_engagement(learned_id, event.contact_id, "sales", event.occurred_at, facts)


def read_lifecycle_facts(event: Event) -> list[LifecycleFact]:
    """Return all lifecycle facts of an event of feedback: what decides about cycles, and what outcomes count."""
    found = find_deciding_fact(event)
    lifecycle = [] if found is None else [found]
    if isinstance(event, LeadConfirmed):
        bant = event.bant
        answers = zip("BANT", (bant.budget, bant.authority, bant.need, bant.timing), strict=True)
        letters = "".join(letter if yes else "-" for letter, yes in answers)
        lifecycle.append(
            LifecycleFact(event.ce_id, event.contact_id, "confirmed", event.occurred_at, event.cycle, letters)
        )
    elif isinstance(event, OpportunityOpened):
        lifecycle.append(LifecycleFact(event.ce_id, event.contact_id, "opportunity", event.occurred_at, event.cycle))
    elif isinstance(event, LeadLost):
        lifecycle.append(
            LifecycleFact(event.ce_id, event.contact_id, "lost", event.occurred_at, event.cycle, event.reason)
        )
    return lifecycle


def find_deciding_fact(event: Event) -> LifecycleFact | None:
    """Return the lifecycle fact of an event of feedback that decides about cycles; None if there is none."""
    if isinstance(event, LeadWon):
        return LifecycleFact(event.ce_id, event.contact_id, "won", event.occurred_at, event.cycle)
    if isinstance(event, LeadRecycled | LeadDisqualified):
        kind: LifecycleKind = "recycled" if isinstance(event, LeadRecycled) else "disqualified"
        return LifecycleFact(event.ce_id, event.contact_id, kind, event.occurred_at, event.cycle, event.reason)
    if isinstance(event, CustomerChanged):
        kind = "churned" if event.change in NO_LONGER else "customer"
        return LifecycleFact(event.ce_id, event.contact_id, kind, event.occurred_at)
    if isinstance(event, LeadTouched | LeadAccepted | LeadConfirmed | MeetingChanged | OpportunityOpened):
        if isinstance(event, LeadTouched) and event.automated:
            return None
        once = derive_id("worked", event.lead_id)
        return LifecycleFact(once, event.contact_id, "worked", event.occurred_at, event.cycle)
    return None
