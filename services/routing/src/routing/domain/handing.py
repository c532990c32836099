"""Leads that change hands for reasons of their own: a meeting, one that did not happen, a leaver, a long wait."""

from datetime import datetime

from events.leads import MeetingChanged
from routing.domain.choosing import Choice, why_unable
from routing.domain.leads import Decision, Floor, Lead, Record
from routing.domain.placing import decided, give, instead, queue, somebody_else
from routing.domain.rules import route, tried
from routing.playbook import RoutingPlaybook

FELL_THROUGH = ("no_show", "cancelled")
BOOKED = "meeting_booked"


def next_team(lead: Lead, playbook: RoutingPlaybook) -> str | None:
    """Give the team that gets an assigned lead when a meeting is booked; None where the same rep goes on."""
    team = playbook.teams.get(lead.team or "")
    if team is None or lead.state != "assigned" or lead.origin_rep_id is not None:
        return None
    return team.hands_over_to


def hear_of_meeting(lead: Lead, news: MeetingChanged, floor: Floor, now: datetime) -> Decision:
    """A booked meeting hands an assigned lead over to the next team; one that fell through brings it back."""
    team = next_team(lead, floor.playbook)
    if news.outcome == "booked" and team is not None:
        return hand_over(lead, team, news.with_rep, floor, now)
    if news.outcome in FELL_THROUGH and lead.origin_rep_id is not None:
        return give_back(lead, floor, now, reason=f"meeting_{news.outcome}", by=news.by)
    return Decision(lead._replace(worked=True), floor)


def hand_over(lead: Lead, team: str, with_rep: str | None, floor: Floor, now: datetime) -> Decision:
    """Give a lead to the rep the meeting is with, or whoever's turn it is in the next team; the BDR stays on record.

    Where nobody there can take it now it stays with the BDR, and is tried again when somebody can.
    """
    way = route(lead.known_facts, floor.playbook)
    worked = lead._replace(worked=True)
    if with_rep and floor.team_of.get(with_rep) == team and why_unable(with_rep, floor) is None:
        named = tried(f"rep:{with_rep}", "chosen", "the meeting is with them")
        choice = Choice(with_rep, BOOKED, (named,), in_turn=floor.playbook.fairness.manual_counts)
    else:
        choice = somebody_else(lead, way, floor, team)
    if choice.rep_id is None:
        stays = Record("kept", now, f"{BOOKED}_but_nobody_there", choice.tried, grounds=choice.grounds)
        return decided(worked, floor, stays)
    origin = worked._replace(origin_rep_id=lead.rep_id)
    return give(origin, way, instead(choice, lead, BOOKED), floor, now)


def give_back(
    lead: Lead, floor: Floor, now: datetime, *, reason: str, by: str | None = None, note: str | None = None
) -> Decision:
    """Give a lead back to the rep who booked its meeting; where they can't take it, to the next of their team."""
    way, origin = route(lead.known_facts, floor.playbook), lead.origin_rep_id or ""
    home = lead._replace(origin_rep_id=None)
    why_not = why_unable(origin, floor)
    if why_not is None:
        lines = (tried(f"rep:{origin}", "chosen", "booked the meeting"),)
        choice = Choice(origin, reason, lines, in_turn=False)
    else:
        choice = somebody_else(home, way, floor, floor.team_of.get(origin))
        line = tried(f"rep:{origin}", "lost", f"booked the meeting; {why_not}")
        choice = choice._replace(tried=(line, *choice.tried))
    if choice.rep_id is None:
        stays = Record("kept", now, f"{reason}_but_nobody_else", choice.tried, by=by, note=note, grounds=choice.grounds)
        return decided(lead, floor, stays)
    return give(home, way, instead(choice, lead, reason, by=by, note=note), floor, now)


def redistribute(lead: Lead, floor: Floor, now: datetime) -> Decision:
    """Give a leaver's open lead to somebody else, or let it wait in its line; its clocks run on from the hand-over."""
    way = route(lead.known_facts, floor.playbook)
    choice = instead(somebody_else(lead, way, floor), lead, "rep_left")
    return (give if choice.rep_id is not None else queue)(lead, way, choice, floor, now)


def expire(lead: Lead, floor: Floor, now: datetime) -> Decision:
    """A lead waited too long: it goes to the team's manager, whatever they have already; without one it is raised."""
    if lead.state != "queued":
        return Decision(lead, floor)
    manager = floor.playbook.teams[lead.team or ""].manager if lead.team in floor.playbook.teams else None
    team = floor.team_of.get(manager or "")
    if manager is None or team is None or floor.pools[team].seats[manager].rep.status == "left":
        return raise_to_manager(lead, floor, now, reason="waited_too_long")
    line = tried(f"queue:{lead.queue}", "expired", "nobody could take it in time")
    choice = Choice(manager, "waited_too_long", (line,), in_turn=False)
    return give(lead, route(lead.known_facts, floor.playbook), choice, floor.leave_line(lead), now)


def raise_to_manager(lead: Lead, floor: Floor, now: datetime, *, reason: str) -> Decision:
    """Keep a word to the manager beside the lead, where `GET /v1/raised` shows it."""
    return decided(lead, floor, Record("escalated", now, reason))
