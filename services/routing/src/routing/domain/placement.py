"""Where a lead goes: to the rep best placed to follow it up, or into a queue where nobody can take it now."""

from datetime import datetime

from events.leads import LeadAssigned, LeadFacts, LeadQualified, LeadQueued
from routing.domain.accounts import Claim, find_account, find_account_kind, find_claims
from routing.domain.booking import choose_rep_for_preferred_time, choose_rep_for_slot, find_reps_not_free_at
from routing.domain.context import Decision, RoutingContext
from routing.domain.leads import DecisionRecord, Lead
from routing.domain.legal_basis import Objection, find_objection
from routing.domain.rep_choice import RepChoice, choose_rep
from routing.domain.requested_times import decision_with_requested_time
from routing.domain.rules import RuleRoute, choose_queue_by_rules, make_tried_candidate, with_account_kind
from routing.domain.to_events import assigned_event, queued_event, released_event
from routing.domain.waiting_for_rep import WAITS, find_wait


def place_lead(
    lead: Lead, facts: LeadFacts, context: RoutingContext, now: datetime, *, may_wait: bool = False
) -> Decision:
    """Decide on a lead that scoring qualified or upgraded.

    A new lead is assigned, queued, or released where its contact objects; where it `may_wait`, it is kept until the rep
    who knows its contact is at work. An assigned lead with a stronger type may
    move to the team that should have it; an ended lead stays as it is.
    """
    account = find_account(facts, context.directory, context.playbook.account_first.similar_name)
    facts = with_account_kind(facts, find_account_kind(account, context.directory))
    known = lead.with_facts(facts, account)
    decision = _place_new_lead(lead, known, context, now, may_wait=may_wait)
    first = decision.event is not None and decision.lead.placement == 1
    return decision_with_requested_time(decision, facts) if first else decision


def _place_new_lead(lead: Lead, known: Lead, context: RoutingContext, now: datetime, *, may_wait: bool) -> Decision:
    facts = known.known_facts
    if lead.is_ended:
        ended_unseen = DecisionRecord("not_placed", now, "ended_before_qualified")
        placed = lead.lead_type or lead.placement
        return Decision(known, context) if placed else record_decision(known, context, ended_unseen)
    if _is_placed_by_these_facts(facts, lead):
        return Decision(known._replace(lead_type=lead.lead_type), context.with_grade(lead, facts.fit))
    if lead.state == "assigned":
        return _place_upgraded(known, context, now)
    if (against := find_objection(facts, lead.preferences, context.playbook.basis)) is not None:
        return release_on_objection(known, context.without_queued_lead(lead), now, against)
    if may_wait and lead.state == "unplaced":
        wait = find_wait(
            known, choose_queue_by_rules(facts, context.playbook), find_claims_on_lead(known, context), context, now
        )
        if wait is not None:
            line = make_tried_candidate("working day", "waits", f"{wait.why}; until {wait.until:%Y-%m-%d %H:%M} UTC")
            return record_decision(known, context, DecisionRecord("kept", now, WAITS, (line,), until=wait.until))
    return assign_or_queue(known, context.without_queued_lead(lead), now)


def _is_placed_by_these_facts(facts: LeadFacts, lead: Lead) -> bool:
    """Whether the lead is where these facts put it: they are read again after routing's database was put back."""
    return lead.placement > 0 and (isinstance(facts, LeadQualified) or facts.lead_type == lead.lead_type)


def release_on_objection(lead: Lead, context: RoutingContext, now: datetime, against: Objection) -> Decision:
    """Release a lead that nobody in sales has had; the hand-over is recorded all the same."""
    released = lead._replace(
        state="released",
        placement=lead.placement + 1,
        decisions=lead.decisions + 1,
        handed_over_at=lead.handed_over_at or now,
        ended_at=now,
    )
    line = make_tried_candidate("basis", "lost", against.why)
    record = DecisionRecord(
        "released", now, against.reason, (line,), number=released.decisions, placement=released.placement
    )
    event = released_event(released, context, now, against.reason, team=lead.team, wake_at=against.until)
    return Decision(released, context, event, record)


def assign_or_queue(lead: Lead, context: RoutingContext, now: datetime) -> Decision:
    """Assign a new lead, or queue it where nobody can take it or others wait in front.

    Args:
        lead: In no queue: it is new, or `context` was taken after it left its queue.
        context: Rules, rotations and waiting leads.
        now: Business time.

    Returns:
        No event where the lead goes back into the queue it came from.
    """
    facts = lead.known_facts
    route = choose_queue_by_rules(facts, context.playbook)
    slot = choose_rep_for_preferred_time(lead, route, find_claims_on_lead(lead, context), context, now)
    if slot.rep_id is not None:
        return assign_to_rep(lead, route, slot, context, now)
    without = frozenset(lead.had_by)
    choice = choose_rep(facts, route, find_claims_on_lead(lead, context), context, without=without, respect_queue=True)
    if choice.rep_id is not None:
        return assign_to_rep(lead, route, choice, context, now)
    if lead.state == "queued" and (route.name, route.queue.team) == (lead.queue, lead.team):
        return Decision(lead, context.with_waiting_leads(route.queue.team, route.name, facts.fit))
    return enqueue_lead(lead, route, choice, context, now)


def serve_from_queue(lead: Lead, context: RoutingContext, now: datetime) -> Decision:
    """Assign the first lead of a queue; where nobody can take it, it stays there without an event.

    A lead whose rules changed while it waited goes to the queue where it belongs now.
    """
    route = choose_queue_by_rules(lead.known_facts, context.playbook)
    choice = _choose_rep_free_at_meeting(lead, route, context, now, without=frozenset(lead.had_by))
    if choice.rep_id is not None:
        line = make_tried_candidate(f"queue:{lead.queue}", "drawn", "first in line")
        served = choice._replace(tried=(line, *choice.tried))
        return assign_to_rep(lead, route, served, context.without_queued_lead(lead), now)
    if (route.name, route.queue.team) == (lead.queue, lead.team):
        return Decision(lead, context)
    return enqueue_lead(lead, route, choice, context.without_queued_lead(lead), now)


def move_upgraded(lead: Lead, route: RuleRoute, context: RoutingContext, now: datetime) -> Decision:
    """Assign an upgraded lead to the team that should have it; where nobody there can take it, it stays."""
    choice = choose_another_rep(lead, route, context, now)
    if choice.rep_id is None:
        stays = DecisionRecord("kept", now, "upgraded_but_nobody_else", choice.tried, inputs=choice.inputs)
        return record_decision(lead, context, stays)
    return assign_to_rep(lead, route, with_transfer_reason(choice, lead, "upgraded"), context, now)


def choose_another_rep(
    lead: Lead, route: RuleRoute, context: RoutingContext, now: datetime, team: str | None = None
) -> RepChoice:
    """Choose a rep who has not had the lead in this cycle; `team` replaces the route's team."""
    return _choose_rep_free_at_meeting(
        lead, route, context, now, without=frozenset({*lead.had_by, lead.rep_id or ""}), team=team
    )


def _choose_rep_free_at_meeting(
    lead: Lead,
    route: RuleRoute,
    context: RoutingContext,
    now: datetime,
    *,
    without: frozenset[str],
    team: str | None = None,
) -> RepChoice:
    """Choose a rep who is free at the lead's meeting, if it has one ahead; where nobody is, any who can take it."""
    facts, claims = lead.known_facts, find_claims_on_lead(lead, context)
    busy = find_reps_not_free_at(lead.meeting_at, context, now)
    if busy:
        free = tuple(claim for claim in claims if claim.rep_id not in busy)
        choice = choose_rep(facts, route, free, context, without=without | busy, team=team)
        if choice.rep_id is not None:
            line = make_tried_candidate(
                "meeting", "chosen", f"{choice.rep_id} is free at {lead.meeting_at:%Y-%m-%d %H:%M} UTC"
            )
            return choice._replace(tried=(*choice.tried, line))
    return choose_rep(facts, route, claims, context, without=without, team=team)


def with_transfer_reason(
    choice: RepChoice, lead: Lead, reason: str, *, by: str | None = None, note: str | None = None
) -> RepChoice:
    """Return the choice with why the lead leaves the rep who had it as its reason and its first line."""
    first = make_tried_candidate(f"rep:{lead.rep_id}", "lost", reason.replace("_", " "))
    return choice._replace(reason=reason, tried=(first, *choice.tried), by=by, note=note)


def assign_to_named_rep(
    lead: Lead, rep_id: str, context: RoutingContext, now: datetime, *, by: str, note: str
) -> Decision:
    """Assign a queued or assigned lead to the rep whom a person named; `context` has that rep's team."""
    route = choose_queue_by_rules(lead.known_facts, context.playbook)
    named = (make_tried_candidate(f"rep:{rep_id}", "chosen", "named by hand"),)
    counts = context.playbook.fairness.manual_counts
    choice = RepChoice(rep_id, "reassigned", named, in_turn=counts, by=by, note=note)
    return assign_to_rep(lead, route, choice, context.without_queued_lead(lead), now)


def reserve_meeting(lead: Lead, at: datetime, context: RoutingContext, now: datetime, *, by: str) -> Decision:
    """Assign a queued or assigned lead to a rep who is free at `at`; without an event where nobody is."""
    route = choose_queue_by_rules(lead.known_facts, context.playbook)
    choice = choose_rep_for_slot(lead, route, find_claims_on_lead(lead, context), context, (now, at))
    if choice.rep_id is None:
        return Decision(lead, context)
    return assign_to_rep(lead, route, choice._replace(by=by), context.without_queued_lead(lead), now)


def find_claims_on_lead(lead: Lead, context: RoutingContext) -> tuple[Claim, ...]:
    """Return the claims on a lead, the strongest first."""
    return find_claims(lead.known_facts, lead.account, context.directory, context.playbook)


def record_decision(
    lead: Lead, context: RoutingContext, record: DecisionRecord, event: LeadAssigned | LeadQueued | None = None
) -> Decision:
    """Return a decision whose record has the next number and where the lead is after it."""
    number = lead.decisions + 1
    numbered = record._replace(
        number=number, placement=lead.placement, team=lead.team, queue=lead.queue, rep_id=lead.rep_id
    )
    return Decision(lead._replace(decisions=number), context, event, numbered)


def _place_upgraded(lead: Lead, context: RoutingContext, now: datetime) -> Decision:
    """Book the slot that came with an upgrade; else move the lead to the team that should have it.

    It stays where its rep works it already, has a claim on it or is in that team.
    """
    route = choose_queue_by_rules(lead.known_facts, context.playbook)
    slot = choose_rep_for_preferred_time(lead, route, find_claims_on_lead(lead, context), context, now)
    if slot.rep_id is not None:
        return assign_to_rep(lead, route, slot, context, now)
    claimed = any(claim.rep_id == lead.rep_id for claim in find_claims_on_lead(lead, context))
    if lead.worked or lead.origin_rep_id or claimed or route.queue.team == lead.team:
        stays = lead._replace(queue=route.name)
        return record_decision(stays, context, DecisionRecord("kept", now, "upgraded", route.tried))
    return move_upgraded(lead, route, context, now)


def assign_to_rep(lead: Lead, route: RuleRoute, choice: RepChoice, context: RoutingContext, now: datetime) -> Decision:
    """Assign a lead to the chosen rep and publish it.

    Args:
        lead: Queued leads have left their queue in `context`.
        route: The queue that the rules name.
        choice: Names a rep of a loaded team.
        context: Rotations before the assignment.
        now: Business time; the hand-over, where it is the first.
    """
    rep_id = choice.rep_id or ""
    previous = lead.rep_id if lead.state == "assigned" else None
    assigned = lead._replace(
        state="assigned",
        placement=lead.placement + 1,
        decisions=lead.decisions + 1,
        team=context.pools[context.team_of[rep_id]].seats[rep_id].rep.team,
        queue=route.name,
        rep_id=rep_id,
        handed_over_at=lead.handed_over_at or now,
        placed_at=now,
        worked=False,
        accepted=False,
        in_turn=choice.in_turn,
        meeting_at=choice.meeting_at or (lead.meeting_at if lead.meeting_at and lead.meeting_at > now else None),
        had_by=lead.had_by if rep_id in lead.had_by else (*lead.had_by, rep_id),
    )
    record = DecisionRecord(
        "assigned",
        now,
        choice.reason,
        choice.tried,
        number=assigned.decisions,
        placement=assigned.placement,
        team=assigned.team,
        queue=assigned.queue,
        rep_id=rep_id,
        previous_rep_id=previous,
        by=choice.by,
        note=choice.note,
        inputs=choice.inputs,
    )
    event = assigned_event(assigned, choice, context, now, previous)
    after = context.with_assignment(rep_id, in_turn=choice.in_turn, lead=assigned).with_booked_slot(
        rep_id, assigned.meeting_at
    )
    return Decision(assigned, after, event, record)


def enqueue_lead(lead: Lead, route: RuleRoute, choice: RepChoice, context: RoutingContext, now: datetime) -> Decision:
    """Put a lead into the route's queue and publish it; the hand-over is now, where it is the first."""
    team, fit = route.queue.team, lead.known_facts.fit
    queued = lead._replace(
        state="queued",
        placement=lead.placement + 1,
        team=team,
        queue=route.name,
        rep_id=None,
        handed_over_at=lead.handed_over_at or now,
        placed_at=now,
    )
    previous = lead.rep_id if lead.state == "assigned" else None
    record = DecisionRecord(
        "queued", now, choice.reason, choice.tried, previous_rep_id=previous, by=choice.by, inputs=choice.inputs
    )
    event = queued_event(queued, choice, context, now)
    return record_decision(queued, context.with_waiting_leads(team, route.name, fit), record, event)
