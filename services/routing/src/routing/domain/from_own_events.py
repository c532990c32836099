"""From the placements that routing published itself to where its leads are: for a database that was put back.

What other services publish is read again by itself and finds its leads where they were placed.
"""

from dataclasses import replace
from datetime import timedelta

from events.ids import derive_id
from events.leads import LeadAssigned, LeadQualified, LeadQueued, LeadReleased, Outcome
from routing.domain.context import Decision, RoutingContext
from routing.domain.leads import DecisionRecord, Kind, Lead

Placement = LeadAssigned | LeadQueued | LeadReleased
IN_TURN = "rotation:"
UNKNOWN = "unknown"


def apply_own_placement(lead: Lead, event: Placement, context: RoutingContext) -> Decision:
    """Return the lead where the event put it, with a record of that; unchanged where it stands there or later.

    Args:
        lead: As the restored database has it, or new.
        event: Published in a later state of the database; it is not published again.
        context: With the rotations of the event's team; of a rep who is not in it, only the lead is known.
    """
    if event.placement <= lead.placement:
        return Decision(lead, context)
    if isinstance(event, LeadReleased):
        return _apply_recovered_release(lead, event, context)
    placed = lead._replace(
        placement=event.placement,
        decisions=lead.decisions + 1,
        lead_type=event.lead_type,
        fit=event.fit,
        team=event.team,
        queue=event.queue,
        handed_over_at=event.handed_over_at,
        placed_at=event.occurred_at,
        facts=_facts_repeated_in_placement(event) if lead.lead_type is None else lead.facts,
    )
    context = context.without_queued_lead(lead)
    if isinstance(event, LeadQueued):
        queued = placed._replace(state="queued", rep_id=None)
        waiting = (
            context.with_waiting_leads(event.team, event.queue, event.fit) if event.team and event.queue else context
        )
        return Decision(queued, waiting, None, _build_placement_record("queued", lead, queued, event))
    assigned = placed._replace(
        state="assigned",
        rep_id=event.rep_id,
        worked=False,
        accepted=False,
        in_turn=any(line.rule.startswith(IN_TURN) and line.outcome == "chosen" for line in event.tried),
        origin_rep_id=event.origin_rep_id,
        meeting_at=event.meeting_at,
        had_by=lead.had_by if event.rep_id in lead.had_by else (*lead.had_by, event.rep_id),
    )
    return Decision(
        assigned,
        _context_after_recovered_assignment(assigned, context),
        None,
        _build_placement_record("assigned", lead, assigned, event),
    )


def _apply_recovered_release(lead: Lead, event: LeadReleased, context: RoutingContext) -> Decision:
    released = lead._replace(
        state="released",
        placement=event.placement,
        decisions=lead.decisions + 1,
        handed_over_at=lead.handed_over_at or event.occurred_at,
        placed_at=event.occurred_at,
        ended_at=lead.ended_at or event.occurred_at,
    )
    return Decision(
        released, context.without_queued_lead(lead), None, _build_placement_record("released", lead, released, event)
    )


def _build_placement_record(kind: Kind, before: Lead, after: Lead, event: Placement) -> DecisionRecord:
    """Return the record of a placement; what it was chosen from and what people wrote is on no topic."""
    return DecisionRecord(
        kind,
        event.occurred_at,
        event.reason,
        () if isinstance(event, LeadReleased) else tuple(event.tried),
        number=after.decisions,
        placement=event.placement,
        team=after.team,
        queue=after.queue,
        rep_id=None if kind == "released" else after.rep_id,
        previous_rep_id=before.rep_id if before.state == "assigned" else None,
        playbook_version=event.playbook_version,
    )


def _context_after_recovered_assignment(lead: Lead, context: RoutingContext) -> RoutingContext:
    """Return the context after the rep got the lead on the day on which they did."""
    rep_id = lead.rep_id or ""
    team, at = context.team_of.get(rep_id), lead.placed_at
    if team is None or at is None:
        return context
    after = context.with_assignment(rep_id, in_turn=lead.in_turn)
    rotation = after.pools[team]
    seat = rotation.seats[rep_id]
    if seat.day is None or (days := (seat.day - at.astimezone(seat.rep.zone).date()) // timedelta(days=1)) <= 0:
        return after
    this_week = seat.this_week if days <= seat.day.weekday() else seat.this_week - 1
    counted = replace(seat, today=seat.today - 1, this_week=this_week)
    return after._replace(pools={**after.pools, team: rotation._replace(seats={**rotation.seats, rep_id: counted})})


def _facts_repeated_in_placement(event: LeadAssigned | LeadQueued) -> LeadQualified:
    """Return what a placement repeats of a lead's facts, until scoring's own record is read again."""
    assigned = event if isinstance(event, LeadAssigned) else None
    timeline = assigned.timeline if assigned else []
    last = timeline[-1] if timeline else None
    outcomes: dict[str, Outcome] = {"hand_raiser": "hand_raiser", "customer": "customer"}
    return LeadQualified(
        contact_id=event.contact_id,
        lead_id=event.lead_id,
        cycle=event.cycle,
        occurred_at=event.occurred_at,
        playbook_version=event.playbook_version,
        lead_type=event.lead_type,
        outcome=outcomes.get(event.lead_type, "mql"),
        fit=event.fit,
        fit_points=0.0,
        fit_evidence=assigned.fit_evidence if assigned else [],
        readiness=event.readiness,
        readiness_points=0.0,
        readiness_evidence=assigned.readiness_evidence if assigned else [],
        captured_at=event.captured_at,
        source=event.source,
        engagement_id=last.engagement_id if last else derive_id(UNKNOWN, event.lead_id),
        engagement=last.engagement if last else UNKNOWN,
        campaign=event.campaign,
        segment=event.segment,
        timeline=timeline,
        email_domain=assigned.email_domain if assigned else None,
        company=assigned.company if assigned else None,
        country=assigned.country if assigned else None,
        job_title=assigned.job_title if assigned else None,
        main_contact_id=assigned.main_contact_id if assigned else None,
    )
