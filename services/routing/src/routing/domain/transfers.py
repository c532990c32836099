"""Transfers of a lead that nobody asked for by name: a meeting, its failure, a long wait."""

from datetime import datetime

from events.leads import MeetingChanged
from routing.domain.context import Decision, RoutingContext
from routing.domain.leads import DecisionRecord, Lead
from routing.domain.placement import assign_to_rep, choose_another_rep, record_decision, with_transfer_reason
from routing.domain.rep_choice import RepChoice, why_rep_unable
from routing.domain.rules import choose_queue_by_rules, make_tried_candidate
from routing.playbook import RoutingPlaybook

FELL_THROUGH = ("no_show", "cancelled")
BOOKED = "meeting_booked"


def next_team_after_booking(lead: Lead, playbook: RoutingPlaybook) -> str | None:
    """Return the team that gets an assigned lead when a meeting is booked; None where its rep goes on with it."""
    team = playbook.teams.get(lead.team or "")
    if team is None or lead.state != "assigned" or lead.origin_rep_id is not None:
        return None
    return team.hands_over_to


def apply_meeting(lead: Lead, event: MeetingChanged, context: RoutingContext, now: datetime) -> Decision:
    """Apply a meeting: a booked one hands the lead over to the next team, a no-show or cancelled one brings it back."""
    team = next_team_after_booking(lead, context.playbook)
    if event.outcome == "booked" and team is not None:
        booked = lead._replace(meeting_at=event.starts_at)
        handed = hand_to_next_team(booked, team, event.with_rep, context, now)
        return handed._replace(lead=handed.lead._replace(meeting_at=event.starts_at))
    if event.outcome in FELL_THROUGH and lead.origin_rep_id is not None:
        free = lead._replace(meeting_at=None)
        return return_to_origin(free, context, now, reason=f"meeting_{event.outcome}", by=event.by)
    return Decision(lead._replace(worked=True, meeting_at=_meeting_at(lead, event)), context)


def _meeting_at(lead: Lead, event: MeetingChanged) -> datetime | None:
    if event.outcome in ("booked", "rescheduled"):
        return event.starts_at
    return None if event.outcome in FELL_THROUGH else lead.meeting_at


def hand_to_next_team(lead: Lead, team: str, with_rep: str | None, context: RoutingContext, now: datetime) -> Decision:
    """Assign a lead to the rep the meeting is with, or else to the next in turn of `team`.

    The rep who booked it is recorded as `origin_rep_id`. Where nobody in `team` can take the lead now it stays, and a
    `kept` record is stored; a timer tries again.
    """
    route = choose_queue_by_rules(lead.known_facts, context.playbook)
    worked = lead._replace(worked=True)
    if with_rep and context.team_of.get(with_rep) == team and why_rep_unable(with_rep, context) is None:
        named = make_tried_candidate(f"rep:{with_rep}", "chosen", "the meeting is with them")
        choice = RepChoice(with_rep, BOOKED, (named,), in_turn=context.playbook.fairness.manual_counts)
    else:
        choice = choose_another_rep(lead, route, context, now, team)
    if choice.rep_id is None:
        stays = DecisionRecord("kept", now, f"{BOOKED}_but_nobody_there", choice.tried, inputs=choice.inputs)
        return record_decision(worked, context, stays)
    origin = worked._replace(origin_rep_id=lead.rep_id)
    return assign_to_rep(origin, route, with_transfer_reason(choice, lead, BOOKED), context, now)


def return_to_origin(
    lead: Lead, context: RoutingContext, now: datetime, *, reason: str, by: str | None = None, note: str | None = None
) -> Decision:
    """Assign a lead back to the rep who booked its meeting; where they can't take it, to the next of their team."""
    route, origin = choose_queue_by_rules(lead.known_facts, context.playbook), lead.origin_rep_id or ""
    origin_lead = lead._replace(origin_rep_id=None)
    why_not = why_rep_unable(origin, context)
    if why_not is None:
        lines = (make_tried_candidate(f"rep:{origin}", "chosen", "booked the meeting"),)
        choice = RepChoice(origin, reason, lines, in_turn=False)
    else:
        choice = choose_another_rep(origin_lead, route, context, now, context.team_of.get(origin))
        line = make_tried_candidate(f"rep:{origin}", "lost", f"booked the meeting; {why_not}")
        choice = choice._replace(tried=(line, *choice.tried))
    if choice.rep_id is None:
        stays = DecisionRecord(
            "kept", now, f"{reason}_but_nobody_else", choice.tried, by=by, note=note, inputs=choice.inputs
        )
        return record_decision(lead, context, stays)
    return assign_to_rep(origin_lead, route, with_transfer_reason(choice, lead, reason, by=by, note=note), context, now)


def assign_after_long_wait(lead: Lead, context: RoutingContext, now: datetime) -> Decision:
    """Assign a lead that waited too long to its team's manager, whatever their capacity; without one, escalate it."""
    if lead.state != "queued":
        return Decision(lead, context)
    manager = context.playbook.teams[lead.team or ""].manager if lead.team in context.playbook.teams else None
    team = context.team_of.get(manager or "")
    if manager is None or team is None or context.pools[team].seats[manager].rep.status == "left":
        return escalate_to_manager(lead, context, now, reason="waited_too_long")
    line = make_tried_candidate(f"queue:{lead.queue}", "expired", "nobody could take it in time")
    choice = RepChoice(manager, "waited_too_long", (line,), in_turn=False)
    return assign_to_rep(
        lead, choose_queue_by_rules(lead.known_facts, context.playbook), choice, context.without_queued_lead(lead), now
    )


def escalate_to_manager(lead: Lead, context: RoutingContext, now: datetime, *, reason: str) -> Decision:
    """Record that a lead needs its team's manager; `GET /v1/raised` lists these records."""
    return record_decision(lead, context, DecisionRecord("escalated", now, reason))
