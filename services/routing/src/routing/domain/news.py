"""What news from the other services means for a lead: it is worked, rejected, escalated, cooled, returned or closed."""

from datetime import datetime

from events.contacts import ConsentChanged, ContactPostponed
from events.leads import (
    LeadAccepted,
    LeadConfirmed,
    LeadLost,
    LeadRejected,
    LeadReleased,
    LeadTouched,
    LeadWon,
    MeetingChanged,
    OpportunityOpened,
    Tried,
    Worked,
)
from events.sla import ClockEscalated
from routing.domain.basis import Wishes, no_basis, not_now
from routing.domain.handing import give_back, hear_of_meeting, raise_to_manager
from routing.domain.leads import Decision, Floor, Lead, Record
from routing.domain.placing import decided, pass_on
from routing.domain.rules import tried
from routing.playbook import RoutingPlaybook

ROUTE_AGAIN = "mql"
"""The state in which feedback leaves a rejected lead that is to be given to somebody else."""


def hear(lead: Lead, news: Worked, floor: Floor, now: datetime) -> Decision:
    """Take what people did with a lead. Outcomes count whenever they are told."""
    if isinstance(news, LeadWon | LeadLost):
        return Decision(close(lead, now), floor)
    if isinstance(news, LeadRejected):
        return _rejected(lead, news, floor, now)
    if isinstance(news, MeetingChanged) and lead.state == "assigned" and news.occurred_at >= (lead.placed_at or now):
        return hear_of_meeting(lead, news, floor, now)
    if lead.state == "assigned" and _is_work(news) and news.occurred_at >= (lead.placed_at or now):
        return Decision(lead._replace(worked=True), floor)
    return Decision(lead, floor)


def is_to_be_routed_again(news: Worked) -> bool:
    """Whether a rejection asks for another rep rather than for an end."""
    return isinstance(news, LeadRejected) and news.state == ROUTE_AGAIN


def may_change_hands(news: Worked, playbook: RoutingPlaybook) -> bool:
    """Whether a lead of which this is told may go to somebody else."""
    if isinstance(news, MeetingChanged):
        return any(team.hands_over_to for team in playbook.teams.values())
    return is_to_be_routed_again(news)


def escalate(lead: Lead, clock: ClockEscalated, floor: Floor, now: datetime) -> Decision:
    """Carry out what a missed promise asks of routing. A clock of a rep who no longer has the lead asks nothing."""
    if clock.action == "manager" and lead.state in ("queued", "assigned"):
        return raise_to_manager(lead, floor, now, reason=f"{clock.clock}_missed")
    stale = clock.rep_id is not None and clock.rep_id != lead.rep_id
    if clock.action != "reassign" or lead.state != "assigned" or stale:
        return Decision(lead, floor)
    if lead.worked:
        return decided(lead, floor, Record("kept", now, f"{clock.clock}_missed_but_worked"))
    return pass_on(lead, floor, now, reason=f"{clock.clock}_missed")


def close(lead: Lead, now: datetime) -> Lead:
    """Close a lead that was won or lost: it is nobody's load and waits in no line any more."""
    return lead if lead.ended else lead._replace(state="closed", ended_at=now)


def cool(lead: Lead, floor: Floor, now: datetime) -> Decision:
    """Take a lead whose score fell below the line out of the queue; one that a rep has stays with the rep."""
    if lead.state != "queued":
        return Decision(lead, floor)
    return release(lead, floor.leave_line(lead), now, reason="cooled")


def heed(lead: Lead, news: ConsentChanged | ContactPostponed, wishes: Wishes, floor: Floor, now: datetime) -> Decision:
    """Take a lead off sales' hands whose contact refuses to be spoken to, or puts it off before anybody worked it."""
    facts, rules = lead.known_facts, floor.playbook.basis
    put_off = isinstance(news, ContactPostponed)
    against = not_now(facts, wishes) if put_off else no_basis(facts, wishes, rules)
    if against is None or lead.state not in ("queued", "assigned"):
        return Decision(lead, floor)
    line = tried("basis", "lost", against.why)
    if put_off and lead.worked:
        return decided(lead, floor, Record("kept", now, f"{against.reason}_but_worked", (line,)))
    return release(lead, floor.leave_line(lead), now, reason=against.reason, because=(line,))


def release(lead: Lead, floor: Floor, now: datetime, *, reason: str, because: tuple[Tried, ...] = ()) -> Decision:
    """Release a lead: marketing may speak to the contact again. One that was never placed is only remembered."""
    if lead.state == "released":
        return Decision(lead, floor)
    if lead.placement == 0:
        return Decision(lead._replace(state="released", ended_at=now), floor)
    if gives_turn_back(lead, reason, floor.playbook):
        floor = floor.credit(lead.rep_id)
    number = lead.decisions + 1
    after = lead._replace(
        state="released",
        placement=lead.placement + 1,
        decisions=number,
        placed_at=now,
        ended_at=lead.ended_at or now,
    )
    event = LeadReleased(
        contact_id=lead.contact_id,
        lead_id=lead.lead_id,
        cycle=lead.cycle,
        occurred_at=now,
        playbook_version=floor.version,
        placement=after.placement,
        reason=reason,
        rep_id=lead.rep_id,
        team=lead.team,
    )
    record = Record(
        "released", now, reason, because, number=number, placement=after.placement, team=lead.team, queue=lead.queue,
        previous_rep_id=lead.rep_id,
    )  # fmt: skip
    return Decision(after, floor, event, record)


def gives_turn_back(lead: Lead, reason: str, playbook: RoutingPlaybook) -> bool:
    """Whether a lead that ends for this reason was junk that cost its rep a turn."""
    return lead.in_turn and lead.rep_id is not None and reason in playbook.fairness.junk


def _rejected(lead: Lead, news: LeadRejected, floor: Floor, now: datetime) -> Decision:
    """A rejection that was recorded before the lead came to its present rep speaks of another one."""
    told_late = lead.placed_at is not None and news.recorded_at < lead.placed_at
    if lead.state != "assigned" or told_late or not is_to_be_routed_again(news):
        return Decision(lead, floor)
    if lead.origin_rep_id is not None:
        return give_back(lead, floor, now, reason="returned", by=news.by, note=news.reason)
    return pass_on(lead, floor, now, reason="rejected", by=news.by, note=news.reason)


def _is_work(news: Worked) -> bool:
    if isinstance(news, LeadTouched):
        return not news.automated
    return isinstance(news, LeadAccepted | LeadConfirmed | MeetingChanged | OpportunityOpened)
