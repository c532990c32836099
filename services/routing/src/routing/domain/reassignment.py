"""Who follows a rep who missed, refused or left a lead: nobody who had it in this cycle.

First the others of the team, then the queues that follow by `then`, in order, and last the manager of one of these
teams, whatever their load. Where nobody is left, the lead stays and its manager finds it in `GET /v1/raised`.
"""

from datetime import datetime

from routing.domain.context import Decision, RoutingContext
from routing.domain.leads import DecisionRecord, Lead
from routing.domain.placement import (
    assign_to_rep,
    choose_another_rep,
    enqueue_lead,
    record_decision,
    with_transfer_reason,
)
from routing.domain.rep_choice import RepChoice
from routing.domain.rules import RuleRoute, choose_queue_by_rules, make_tried_candidate
from routing.playbook import RoutingPlaybook


def pass_lead_on(
    lead: Lead,
    context: RoutingContext,
    now: datetime,
    *,
    reason: str,
    by: str | None = None,
    note: str | None = None,
    elsewhere: bool = False,
) -> Decision:
    """Assign a lead to somebody who has not had it; where nobody is left it stays, and that is raised to its manager.

    Args:
        lead: An assigned lead.
        context: With the rotations of `find_following_teams` the lead.
        now: Business time.
        reason: The event's reason, such as `passed_on` or `acceptance_missed`.
        by: Who asked for it.
        note: What they wrote; stored, never published.
        elsewhere: Whether the lead does not belong to its present queue: it goes to another one.
    """
    route, choice = _find_successor_rep(lead, context, now, reason=note if elsewhere else None, elsewhere=elsewhere)
    if choice.rep_id is None:
        stays = DecisionRecord(
            "escalated", now, f"{reason}_but_nobody_else", choice.tried, by=by, note=note, inputs=choice.inputs
        )
        return record_decision(lead, context, stays)
    return assign_to_rep(lead, route, with_transfer_reason(choice, lead, reason, by=by, note=note), context, now)


def redistribute_lead(lead: Lead, context: RoutingContext, now: datetime) -> Decision:
    """Assign a former rep's open lead to somebody else, or queue it; its hand-over instant does not change."""
    route, choice = _find_successor_rep(lead, context, now)
    choice = with_transfer_reason(choice, lead, "rep_left")
    if choice.rep_id is None:
        return enqueue_lead(lead, choose_queue_by_rules(lead.known_facts, context.playbook), choice, context, now)
    return assign_to_rep(lead, route, choice, context, now)


def unassign_lead(lead: Lead, context: RoutingContext, now: datetime, *, by: str, note: str) -> Decision:
    """Take a lead from its rep and put it back into its queue, to be served to somebody who has not had it."""
    route = choose_queue_by_rules(lead.known_facts, context.playbook)
    line = make_tried_candidate(f"rep:{lead.rep_id}", "lost", "taken by hand")
    choice = RepChoice(None, "unassigned", (line, *route.tried), by=by, note=note)
    return enqueue_lead(lead, route, choice, context, now)


def find_following_queues(
    lead: Lead, playbook: RoutingPlaybook, *, reason: str | None = None, elsewhere: bool
) -> list[str]:
    """Return the queues that are asked, in order.

    Args:
        lead: With the facts by which it is routed.
        playbook: The rules.
        reason: Of a rejection: the playbook may name the queue for it.
        elsewhere: Whether the lead's present queue is left out.
    """
    route = choose_queue_by_rules(lead.known_facts, playbook)
    queues = playbook.queue_chain(playbook.rejected_to.get(reason or "", route.name))
    return [name for name in queues if not (elsewhere and name == lead.queue)]


def find_following_teams(lead: Lead, playbook: RoutingPlaybook, *, reason: str | None = None) -> set[str]:
    """Return every team whose reps may follow, the managers' own teams left out."""
    queues = find_following_queues(lead, playbook, reason=reason, elsewhere=False)
    return {playbook.queues[name].team for name in queues} | {team for team in (lead.team,) if team}


def find_managers(teams: set[str], playbook: RoutingPlaybook) -> set[str]:
    """Return the managers of these teams."""
    found = (playbook.teams[team].manager for team in teams if team in playbook.teams)
    return {manager for manager in found if manager is not None}


def _find_successor_rep(
    lead: Lead, context: RoutingContext, now: datetime, *, reason: str | None = None, elsewhere: bool = False
) -> tuple[RuleRoute, RepChoice]:
    playbook, route = context.playbook, choose_queue_by_rules(lead.known_facts, context.playbook)
    queues = find_following_queues(lead, playbook, reason=reason, elsewhere=elsewhere)
    lines, choice = route.tried, RepChoice(None, "nobody_eligible", route.tried)
    for name in queues:
        queue = playbook.queues[name]
        choice = choose_another_rep(lead, route, context, now, None if name == route.name else queue.team)
        lines = (*lines, *choice.tried[len(route.tried) :])
        if choice.rep_id is not None:
            return RuleRoute(name, queue, route.tried), choice._replace(tried=lines)
    teams = [*(playbook.queues[name].team for name in queues), lead.team or ""]
    manager = next(
        (found for team in teams if (found := _available_manager_of_team(team, lead, context)) is not None), None
    )
    if manager is None:
        return route, choice._replace(tried=lines)
    line = make_tried_candidate(f"manager:{manager}", "chosen", "everybody else has had it or can't take it")
    return route, RepChoice(manager, "manager", (*lines, line), in_turn=False)


def _available_manager_of_team(team: str, lead: Lead, context: RoutingContext) -> str | None:
    """Return a team's manager, who takes a lead whatever their load; None for who left or has had it."""
    manager = context.playbook.teams[team].manager if team in context.playbook.teams else None
    works_in = context.team_of.get(manager or "")
    if manager is None or works_in is None or manager in lead.had_by:
        return None
    return None if context.pools[works_in].seats[manager].rep.status == "left" else manager
