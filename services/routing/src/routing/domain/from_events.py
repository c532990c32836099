"""What an event of another service means for a lead: worked, rejected, escalated, cooled, released or closed."""

from datetime import datetime

from events.contacts import ConsentChanged, ContactPostponed
from events.leads import (
    LeadAccepted,
    LeadConfirmed,
    LeadLost,
    LeadRegraded,
    LeadRejected,
    LeadStrengthened,
    LeadTouched,
    LeadWon,
    LeadWorkEvent,
    MeetingChanged,
    OpportunityOpened,
    TriedCandidate,
)
from events.sla import ClockEscalated
from routing.domain.booking import choose_rep_for_preferred_time
from routing.domain.context import Decision, RoutingContext
from routing.domain.leads import DecisionRecord, Lead
from routing.domain.legal_basis import ContactPreferences, Objection, missing_basis_objection, postponement_objection
from routing.domain.placement import (
    assign_to_rep,
    find_claims_on_lead,
    place_lead,
    record_decision,
    release_on_objection,
)
from routing.domain.reassignment import pass_lead_on
from routing.domain.requested_times import decision_with_requested_time, lead_with_requested_time
from routing.domain.rules import choose_queue_by_rules, make_tried_candidate
from routing.domain.to_events import released_event, scheduled_event
from routing.domain.transfers import apply_meeting, escalate_to_manager, return_to_origin
from routing.playbook import RoutingPlaybook

ACCEPTANCE = "acceptance"
ROUTE_AGAIN = "mql"
"""The state in which feedback leaves a rejected lead that is to be given to somebody else."""


def apply_work(lead: Lead, event: LeadWorkEvent, context: RoutingContext, now: datetime) -> Decision:
    """Apply what people did with a lead.

    Outcomes (won, lost) count at any time; work counts where it happened after the lead came to its present rep.
    An acceptance is no work: whoever accepts and does nothing may lose the lead.

    Args:
        lead: In any state; `event` is about it.
        event: A touch, a meeting, an acceptance, a rejection, an opportunity or an outcome.
        context: With the team's rotation where `may_reassign` is true of the event.
        now: Business time.
    """
    if isinstance(event, LeadWon | LeadLost):
        return Decision(close_lead(lead, now), context)
    if isinstance(event, LeadRejected):
        return _apply_rejection(lead, event, context, now)
    if isinstance(event, MeetingChanged) and lead.state == "assigned" and event.occurred_at >= (lead.placed_at or now):
        return apply_meeting(lead, event, context, now)
    if isinstance(event, LeadAccepted) and lead.state == "assigned" and event.occurred_at >= (lead.placed_at or now):
        return Decision(lead._replace(accepted=True), context)
    if lead.state == "assigned" and _is_work_by_person(event) and event.occurred_at >= (lead.placed_at or now):
        return Decision(lead._replace(worked=True), context)
    return Decision(lead, context)


def asks_for_rerouting(event: LeadWorkEvent) -> bool:
    """Whether a rejection asks for another rep instead of ending the lead."""
    return isinstance(event, LeadRejected) and event.state == ROUTE_AGAIN


def may_reassign(event: LeadWorkEvent, playbook: RoutingPlaybook) -> bool:
    """Whether a lead with this event may go to another rep, so that its pool must be locked first."""
    if isinstance(event, MeetingChanged):
        return any(team.hands_over_to for team in playbook.teams.values())
    return asks_for_rerouting(event)


def apply_escalation(lead: Lead, clock: ClockEscalated, context: RoutingContext, now: datetime) -> Decision:
    """Apply an escalated clock (`reassign`, `manager`); a clock of a rep who no longer has the lead changes nothing."""
    if clock.action == "manager" and lead.state in ("queued", "assigned"):
        return escalate_to_manager(lead, context, now, reason=f"{clock.clock}_missed")
    stale = clock.rep_id is not None and clock.rep_id != lead.rep_id
    if clock.action != "reassign" or lead.state != "assigned" or stale:
        return Decision(lead, context)
    if lead.worked or (lead.accepted and clock.clock == ACCEPTANCE):
        done = "worked" if lead.worked else "accepted"
        return record_decision(lead, context, DecisionRecord("kept", now, f"{clock.clock}_missed_but_{done}"))
    return pass_lead_on(lead, context, now, reason=f"{clock.clock}_missed")


def close_lead(lead: Lead, now: datetime) -> Lead:
    """Close a lead that was won or lost: it no longer counts as load and waits in no queue."""
    return lead if lead.is_ended else lead._replace(state="closed", ended_at=now)


def apply_cooling(lead: Lead, context: RoutingContext, now: datetime) -> Decision:
    """Release a lead that nobody has yet and whose score fell below the threshold; an assigned one stays."""
    if lead.state == "unplaced" and lead.lead_type is not None:
        return release_on_objection(lead, context, now, Objection("cooled", "its score fell below the line"))
    if lead.state != "queued":
        return Decision(lead, context)
    return release_lead(lead, context.without_queued_lead(lead), now, reason="cooled")


_CORRECTED = ("fit", "fit_points", "fit_evidence", "outcome", "segment", "company", "country", "region", "postal_code",
              "employees", "industry", "job_title")  # fmt: skip


def apply_regrade(lead: Lead, event: LeadRegraded, context: RoutingContext) -> Decision:
    """Save the grade and the facts that scoring corrected; a queued lead keeps its queue, ordered by its new grade."""
    if lead.facts is None or lead.is_ended:
        return Decision(lead, context)
    values = {name: getattr(event, name) for name in _CORRECTED}
    return Decision(lead.with_facts(lead.facts.changed(**values)), context.with_grade(lead, event.fit))


def apply_strengthening(lead: Lead, event: LeadStrengthened, context: RoutingContext, now: datetime) -> Decision:
    """Save with whom of the account sales should speak; who has the lead keeps it, and its decisions say why."""
    if lead.facts is None or lead.is_ended:
        return Decision(lead, context)
    known = lead.with_facts(lead.facts.changed(main_contact_id=event.account.main_contact_id))
    reasons = tuple(make_tried_candidate("account", "strengthened", each.why) for each in event.because)
    return record_decision(known, context, DecisionRecord("kept", now, "strengthened", reasons))


def apply_contact_preference(
    lead: Lead,
    event: ConsentChanged | ContactPostponed,
    preferences: ContactPreferences,
    context: RoutingContext,
    now: datetime,
) -> Decision:
    """Release a lead whose contact refuses contact by sales, or postponed it before anybody worked the lead.

    Who works a lead that is postponed to a date keeps it, and that date is published; the time that was asked for
    before is no longer among its facts.

    Args:
        lead: In any state; an ended one stays as it is.
        event: The refusal or the postponement.
        preferences: All that the contact said, this event included.
        context: Rules; the queues, if the lead is in one.
        now: Business time.
    """
    facts, rules = lead.known_facts, context.playbook.basis
    put_off = event if isinstance(event, ContactPostponed) else None
    against = (
        postponement_objection(facts, preferences) if put_off else missing_basis_objection(facts, preferences, rules)
    )
    if against is None or lead.is_ended:
        return Decision(lead, context)
    if lead.state == "unplaced":
        return release_on_objection(lead, context, now, against)
    line = make_tried_candidate("basis", "lost", against.why)
    if put_off and lead.worked:
        stays = DecisionRecord("kept", now, f"{against.reason}_but_worked", (line,))
        free = lead._replace(preferences=preferences).with_facts(facts.changed(preference=None, preferred_at=None))
        decision = record_decision(free, context, stays)
        return decision if put_off.preferred_at is None else decision._replace(scheduled=scheduled_event(lead, put_off))
    return release_lead(
        lead, context.without_queued_lead(lead), now, reason=against.reason, because=(line,), wake_at=against.until
    )


def apply_preferred_time(
    lead: Lead, preferences: ContactPreferences, context: RoutingContext, now: datetime
) -> Decision:
    """Apply that the contact of a lead asked to be called or to meet at a time.

    A lead that waits is placed; for one that is placed a slot is booked, where one was asked for and somebody is free.

    Args:
        lead: In any state; an ended one, and one that came with this request or a later one, stays as it is.
        preferences: All that the contact said.
        context: With the pools of the lead as it is after that, where a slot is asked for or the lead waits.
        now: Business time.
    """
    if lead.is_ended:
        return Decision(lead, context)
    facts, known = lead.known_facts, lead_with_requested_time(lead, preferences)
    if known.facts == facts:
        return Decision(lead, context)
    if lead.state == "unplaced":
        return place_lead(known, facts, context, now)
    route = choose_queue_by_rules(known.known_facts, context.playbook)
    slot = choose_rep_for_preferred_time(known, route, find_claims_on_lead(known, context), context, now)
    if slot.rep_id is not None:
        decision = assign_to_rep(known, route, slot, context.without_queued_lead(lead), now)
    else:
        decision = record_decision(known, context, DecisionRecord("kept", now, "scheduled", slot.tried))
    return decision_with_requested_time(decision, facts)


def release_lead(
    lead: Lead,
    context: RoutingContext,
    now: datetime,
    *,
    reason: str,
    because: tuple[TriedCandidate, ...] = (),
    wake_at: datetime | None = None,
) -> Decision:
    """Release a lead to marketing and publish it; a lead that was never placed is only remembered as released.

    A turn is refunded where `fairness.junk` lists the reason. `because` are the lines of the record, `wake_at`
    is when the contact asked to be spoken to.
    """
    if lead.state == "released":
        return Decision(lead, context)
    if lead.placement == 0:
        return Decision(lead._replace(state="released", ended_at=now), context)
    if refunds_turn(lead, reason, context.playbook):
        context = context.with_refunded_turn(lead.rep_id)
    released = lead._replace(
        state="released",
        placement=lead.placement + 1,
        decisions=lead.decisions + 1,
        placed_at=now,
        ended_at=lead.ended_at or now,
    )
    record = DecisionRecord(
        "released",
        now,
        reason,
        because,
        number=released.decisions,
        placement=released.placement,
        team=lead.team,
        queue=lead.queue,
        previous_rep_id=lead.rep_id,
    )
    event = released_event(released, context, now, reason, rep_id=lead.rep_id, team=lead.team, wake_at=wake_at)
    return Decision(released, context, event, record)


def refunds_turn(lead: Lead, reason: str, playbook: RoutingPlaybook) -> bool:
    """Whether a lead that ends for this reason was junk that cost its rep a turn."""
    return lead.in_turn and lead.rep_id is not None and reason in playbook.fairness.junk


def _apply_rejection(lead: Lead, event: LeadRejected, context: RoutingContext, now: datetime) -> Decision:
    """Apply a rejection; of what was recorded before the lead came to its present rep, the corrected facts alone."""
    if lead.state != "assigned" or not asks_for_rerouting(event):
        return Decision(lead, context)
    if lead.placed_at is not None and event.recorded_at < lead.placed_at:
        return Decision(lead.with_corrections(event.corrected), context)
    if lead.origin_rep_id is not None:
        return return_to_origin(lead, context, now, reason="returned", by=event.by, note=event.reason)
    corrected = lead.with_corrections(event.corrected)
    return pass_lead_on(corrected, context, now, reason="rejected", by=event.by, note=event.reason, elsewhere=True)


def _is_work_by_person(event: LeadWorkEvent) -> bool:
    """Whether a person worked the lead: a touch, a meeting or an outcome; to accept a lead is a promise, no work."""
    if isinstance(event, LeadTouched):
        return not event.automated
    return isinstance(event, LeadConfirmed | MeetingChanged | OpportunityOpened)
