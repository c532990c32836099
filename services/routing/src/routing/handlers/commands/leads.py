"""What people decide about leads by name: reassign one, pass one on, take one back, move many."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from events.runtime import DomainError, Transaction
from events.runtime.security import LeadReach
from routing import domain, store
from routing.domain import Lead
from routing.handlers.errors import (
    LeadEnded,
    LeadUnknown,
    NotAssigned,
    NotTheirLead,
    RepLeft,
    RepUnavailable,
    RepUnknown,
    SlotTaken,
)
from routing.handlers.pending_decisions import PendingDecisions, find_successor_teams
from routing.playbook import RoutingPlaybook

MOVED_AT_ONCE = 500
"""So many leads one command moves at most."""


@dataclass(frozen=True, slots=True)
class CommandResult:
    """Where a lead is after a command; `changed` is False where it stays with its rep."""

    lead: Lead
    previous_rep_id: str | None
    changed: bool


@dataclass(frozen=True, slots=True)
class MoveOrder:
    """Leads to be moved: those named, or all that `from_rep` has; to `to_rep`, or to whoever follows.

    `force` also assigns to a rep who is off shift, absent, paused or full.
    """

    lead_ids: tuple[UUID, ...]
    from_rep: str | None
    to_rep: str | None
    reason: str
    by: str
    force: bool


async def reassign(
    lead_id: UUID, rep_id: str, order: MoveOrder, tx: Transaction, *, reach: LeadReach | None = None
) -> CommandResult:
    """Assign a lead to a named rep, whoever had it before; a repeated command changes nothing.

    Raises:
        LeadUnknown: No such lead.
        RepUnknown: No such rep.
        LeadEnded: Sales no longer has the lead.
        RepLeft: The rep left.
        RepUnavailable: The rep can't take a lead now.
    """
    lead = await _lock_lead(lead_id, tx, reach)
    if (ended := _lead_ended_error(lead)) is not None:
        raise ended
    team = await _load_team_of_rep(rep_id, tx)
    if lead.rep_id == rep_id:
        return CommandResult(lead, None, changed=False)
    context = await store.load_context(tx, tx.playbook(RoutingPlaybook), [lead.known_facts], [lead.team, team])
    pending = PendingDecisions({lead_id: lead}, context)
    if (refused := _assign_to_named_rep(lead, rep_id, order, pending, tx)) is not None:
        raise refused
    await pending.save(tx)
    return CommandResult(pending.leads[lead_id], lead.rep_id, changed=True)


async def pass_on(
    lead_id: UUID, by: str, reason: str, tx: Transaction, *, reach: LeadReach | None = None
) -> CommandResult:
    """Pass a rep's lead on to who has not had it; where nobody is left, it stays and `changed` is False.

    Raises:
        LeadUnknown: No such lead.
        LeadEnded: Sales no longer has the lead.
        NotTheirLead: `by` is not the rep who has it.
    """
    lead = await _lock_lead(lead_id, tx, reach)
    if (ended := _lead_ended_error(lead)) is not None:
        raise ended
    if lead.state != "assigned" or lead.rep_id != by:
        raise NotTheirLead(field="by")
    pending = await _load_with_successor_teams([lead], tx)
    changed = pending.add_and_publish(
        domain.pass_lead_on(lead, pending.context, tx.now, reason="passed_on", by=by, note=reason), tx
    )
    await pending.save(tx)
    return CommandResult(pending.leads[lead_id], lead.rep_id if changed else None, changed)


async def unassign(
    lead_id: UUID, by: str, reason: str, tx: Transaction, *, reach: LeadReach | None = None
) -> CommandResult:
    """Take a lead from its rep: it waits in its queue for somebody who has not had it.

    Raises:
        LeadUnknown: No such lead.
        LeadEnded: Sales no longer has the lead.
        NotAssigned: Nobody has the lead.
    """
    lead = await _lock_lead(lead_id, tx, reach)
    if (ended := _lead_ended_error(lead)) is not None:
        raise ended
    if lead.state != "assigned":
        raise NotAssigned(state=lead.state)
    pending = await _load_with_successor_teams([lead], tx)
    pending.add_and_publish(domain.unassign_lead(lead, pending.context, tx.now, by=by, note=reason), tx)
    await pending.save(tx)
    return CommandResult(pending.leads[lead_id], lead.rep_id, changed=True)


async def reserve_slot(
    lead_id: UUID, at: datetime, by: str, tx: Transaction, *, reach: LeadReach | None = None
) -> CommandResult:
    """Book a slot for a lead: it is assigned to a rep who is free then, the present one first.

    Raises:
        LeadUnknown: No such lead.
        LeadEnded: Sales no longer has the lead.
        SlotTaken: Nobody is free then.
    """
    lead = await _lock_lead(lead_id, tx, reach)
    if (ended := _lead_ended_error(lead)) is not None:
        raise ended
    playbook, facts = tx.playbook(RoutingPlaybook), [lead.known_facts]
    context = await store.load_context(tx, playbook, facts, [lead.team])
    seats = [rep_id for pool in context.pools.values() for rep_id in pool.seats]
    pending = PendingDecisions(
        {lead_id: lead}, context._replace(booked=await store.load_booked_times(tx, seats, lead_id))
    )
    if not pending.add_and_publish(domain.reserve_meeting(lead, at, pending.context, tx.now, by=by), tx):
        raise SlotTaken(field="starts_at")
    await pending.save(tx)
    return CommandResult(pending.leads[lead_id], lead.rep_id, changed=True)


async def move_leads(
    order: MoveOrder, tx: Transaction, *, reach: LeadReach | None = None
) -> dict[UUID, CommandResult | DomainError]:
    """Move many leads, at most `MOVED_AT_ONCE`; return what became of each, and why one was not moved.

    Raises:
        RepUnknown: No such rep.
    """
    team = await _load_team_of_rep(order.to_rep, tx) if order.to_rep is not None else None
    found = await store.leads.load_open_leads(tx, [order.from_rep], MOVED_AT_ONCE) if order.from_rep else {}
    wanted = list(order.lead_ids) or list(found)
    await tx.lock_contacts((await store.leads.load_contact_ids_by_lead(tx, wanted)).values())
    leads = await store.leads.load_leads(tx, wanted)
    if not order.lead_ids and reach is not None:  # nobody is shown which leads a rep of another team has
        wanted = [lead_id for lead_id in wanted if reach.covers(leads[lead_id].rep_id, leads[lead_id].team)]
    results: dict[UUID, CommandResult | DomainError] = {
        lead_id: refused
        for lead_id in wanted
        if (refused := _find_refusal(leads.get(lead_id), reach, named=order.to_rep is not None)) is not None
    }
    moving = [leads[lead_id] for lead_id in wanted if lead_id not in results]
    pending = await _load_with_successor_teams(moving, tx, [team])
    for lead in moving:
        results[lead.lead_id] = _move_lead(lead, order, pending, tx)
    await pending.save(tx)
    return results


def _move_lead(lead: Lead, order: MoveOrder, pending: PendingDecisions, tx: Transaction) -> CommandResult | DomainError:
    if order.to_rep is None:
        passed = domain.pass_lead_on(lead, pending.context, tx.now, reason="moved", by=order.by, note=order.reason)
        changed = pending.add_and_publish(passed, tx)
        return CommandResult(pending.leads[lead.lead_id], lead.rep_id if changed else None, changed)
    if lead.rep_id == order.to_rep:
        return CommandResult(lead, None, changed=False)
    refused = _assign_to_named_rep(lead, order.to_rep, order, pending, tx)
    return refused or CommandResult(pending.leads[lead.lead_id], lead.rep_id, changed=True)


def _assign_to_named_rep(
    lead: Lead, rep_id: str, order: MoveOrder, pending: PendingDecisions, tx: Transaction
) -> DomainError | None:
    """Assign a lead to a named rep; return why that is refused, if it is."""
    context = pending.context
    seat = context.pools[context.team_of[rep_id]].seats[rep_id]
    if seat.why_not is not None and not order.force:
        return RepUnavailable(field="rep_id", why=seat.why_not)
    if seat.rep.status == "left":
        return RepLeft(field="rep_id")
    pending.add_and_publish(
        domain.assign_to_named_rep(lead, rep_id, context, tx.now, by=order.by, note=order.reason), tx
    )
    return None


def _find_refusal(lead: Lead | None, reach: LeadReach | None, *, named: bool) -> DomainError | None:
    if lead is None or (reach is not None and not reach.covers(lead.rep_id, lead.team)):
        return LeadUnknown()
    if lead.state != "assigned" and not named:
        return _lead_ended_error(lead) or NotAssigned(state=lead.state)
    return _lead_ended_error(lead)


def _lead_ended_error(lead: Lead) -> DomainError | None:
    return LeadEnded(state=lead.state) if lead.is_ended else None


async def _load_team_of_rep(rep_id: str, tx: Transaction) -> str:
    rep = (await store.load_all_reps(tx, tx.playbook(RoutingPlaybook))).get(rep_id)
    if rep is None:
        raise RepUnknown(field="rep_id")
    return rep.team


async def _load_with_successor_teams(
    leads: Iterable[Lead], tx: Transaction, teams: Iterable[str | None] = ()
) -> PendingDecisions:
    moving = list(leads)
    following = await find_successor_teams(tx, [(lead, None) for lead in moving])
    facts = [lead.known_facts for lead in moving]
    context = await store.load_context(tx, tx.playbook(RoutingPlaybook), facts, {*following, *teams})
    context = await store.context_with_booked_times(tx, context, [lead.meeting_at for lead in moving])
    return PendingDecisions({lead.lead_id: lead for lead in moving}, context)


async def _lock_lead(lead_id: UUID, tx: Transaction, reach: LeadReach | None) -> Lead:
    contact_id = (await store.leads.load_contact_ids_by_lead(tx, [lead_id])).get(lead_id)
    if contact_id is None:
        raise LeadUnknown
    await tx.lock_contacts([contact_id])
    found = await store.leads.load_leads(tx, [lead_id])
    if lead_id not in found:
        raise LeadUnknown
    if reach is not None:
        reach.check_lead(found[lead_id].rep_id, found[lead_id].team)
    return found[lead_id]
