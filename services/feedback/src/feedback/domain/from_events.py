"""From an event to the facts that it adds: merged so that neither the order nor a repetition matters."""

from events.contacts import ContactCaptured
from events.leads import LeadAssigned, LeadQualified, LeadQueued, LeadReleased, LeadUpgraded
from events.sla import ClockBreached, ClockEvent, ClockMet, ClockRescinded, ReviewOpened
from feedback.domain.contact import Contact
from feedback.domain.lead import Lead, apply_requested_time
from feedback.playbook import FeedbackPlaybook

REVIEW = "review"

STATED_PREFERENCES = frozenset({"book", "call_me", "not_now"})
"""Preferences with which a contact may name a time."""

Placement = LeadQueued | LeadAssigned | LeadReleased


def is_hand_raise(fact: ContactCaptured, rules: FeedbackPlaybook) -> bool:
    """Check whether an engagement asks for sales: by what it is, by where it came in, or by a ticked box."""
    raises = rules.hand_raises
    return (
        fact.engagement in raises.engagements
        or fact.source in raises.sources
        or (raises.talk_to_sales and fact.talk_to_sales)
    )


def apply_capture(contact: Contact, fact: ContactCaptured, *, raised: bool, is_sign: bool = True) -> Contact:
    """Merge one engagement: the earliest origin stays, the latest signals count."""
    origin = fact.facts.get("origin")
    if isinstance(origin, str) and origin:
        named = (fact.occurred_at, fact.engagement_id)
        if contact.origin_at is None or contact.origin_from is None or named < (contact.origin_at, contact.origin_from):
            contact = contact.with_facts(origin=origin[:100], origin_at=named[0], origin_from=named[1])
    engaged_at = max(fact.occurred_at, contact.engaged_at or fact.occurred_at) if is_sign else contact.engaged_at
    raised_at = max(fact.occurred_at, contact.raised_at or fact.occurred_at) if raised else contact.raised_at
    return contact.with_facts(engaged_at=engaged_at, raised_at=raised_at, engagements=contact.engagements + 1)


def apply_qualification(lead: Lead, fact: LeadQualified | LeadUpgraded) -> Lead:
    """Apply a qualification or an upgrade: the lead type is the latest, the rest is as it was at the qualification."""
    if isinstance(fact, LeadQualified):
        lead = lead.with_facts(
            outcome=fact.outcome,
            source=fact.source,
            campaign=fact.campaign,
            segment=fact.segment,
            company=fact.company,
            playbook_version=fact.playbook_version,
            qualified_at=fact.occurred_at,
            captured_at=fact.captured_at,
        )
    elif lead.qualified_at is None:
        lead = lead.with_facts(
            source=lead.source or fact.source,
            campaign=lead.campaign or fact.campaign,
            segment=lead.segment or fact.segment,
            company=lead.company or fact.company,
        )
    if fact.preference in STATED_PREFERENCES:
        at_once = fact.captured_at if fact.preference == "call_me" else None
        lead = apply_requested_time(lead, fact.captured_at, fact.preferred_at or at_once)
    newer = lead.typed_at is None or fact.occurred_at > lead.typed_at
    if newer or (isinstance(fact, LeadUpgraded) and fact.occurred_at == lead.typed_at):
        lead = lead.with_facts(lead_type=fact.lead_type, fit=fact.fit, typed_at=fact.occurred_at)
    return lead


def apply_placement(lead: Lead, fact: Placement) -> Lead:
    """Merge where routing put the lead: the later placement is in force; each rep's role and each slot is kept."""
    if isinstance(fact, LeadAssigned):
        lead = lead.with_facts(roles={**lead.roles, fact.rep_id: fact.role})
        lead = apply_requested_time(lead, fact.occurred_at, fact.meeting_at)
    if not isinstance(fact, LeadReleased):
        handed = lead.handed_over_at
        lead = lead.with_facts(
            handed_over_at=fact.handed_over_at if handed is None else min(handed, fact.handed_over_at),
        )
        if lead.typed_at is None and fact.placement > lead.placement:
            lead = lead.with_facts(lead_type=fact.lead_type, fit=fact.fit)
        if lead.qualified_at is None:
            lead = lead.with_facts(
                source=lead.source or fact.source,
                campaign=lead.campaign or fact.campaign,
                segment=lead.segment or fact.segment,
                captured_at=lead.captured_at or fact.captured_at,
            )
    if fact.placement <= lead.placement:
        return lead
    if isinstance(fact, LeadReleased):
        placed, queue = "released", None
    else:
        placed, queue = ("assigned" if isinstance(fact, LeadAssigned) else "queued"), fact.queue
    rep_id = None if isinstance(fact, LeadQueued) else fact.rep_id
    return lead.with_facts(placement=fact.placement, placed=placed, queue=queue, rep_id=rep_id, team=fact.team)


def apply_review_clock(lead: Lead, fact: ClockEvent) -> Lead:
    """Merge what sla-monitor said of the review; the other clocks are history only."""
    if fact.clock != REVIEW:
        return lead
    if isinstance(fact, ReviewOpened):
        return lead.with_facts(review_opened_at=fact.occurred_at)
    if isinstance(fact, ClockMet | ClockBreached):
        return lead.with_facts(review_closed_at=fact.occurred_at)
    return lead


def count_promise(fact: ClockEvent) -> dict[str, int]:
    """Return what a clock's event adds to the counts of promises that were `kept`, `late` and `missed`.

    A promise that is kept late was missed first, and is counted in both; a miss that is taken back was kept, or nothing
    was due. A clock without a target is no promise.
    """
    if fact.due_at is None:
        return {}
    if isinstance(fact, ClockMet):
        return {"late" if fact.overdue_seconds > 0 else "kept": 1}
    if isinstance(fact, ClockRescinded):
        taken_back = {"missed": -1, "late": -1} if fact.was_late else {"missed": -1}
        return taken_back | {"kept": 1} if fact.kept else taken_back
    return {"missed": 1} if isinstance(fact, ClockBreached) else {}
