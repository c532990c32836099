"""The decisions of a transaction: made one by one, saved together."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID, uuid4

from events.runtime import Transaction
from routing import domain, store
from routing.domain import (
    BOOKED,
    NO_ACCOUNTS,
    Decision,
    DecisionRecord,
    Lead,
    Rotation,
    RoutingContext,
    next_available_at,
    next_team_after_booking,
)
from routing.playbook import RoutingPlaybook

A_DAY = timedelta(days=1)


@dataclass(slots=True)
class PendingDecisions:
    """Leads by id, and the routing context after the last decision."""

    leads: dict[UUID, Lead]
    context: RoutingContext
    changed: set[UUID] = field(default_factory=set)
    with_new_facts: set[UUID] = field(default_factory=set)
    """Leads for which scoring published facts."""
    with_replaced_facts: set[UUID] = field(default_factory=set)
    """Those of them that had other facts before."""
    freed_by_rep: Counter[str] = field(default_factory=Counter)
    """How many open leads each rep lost."""
    records: list[tuple[Lead, DecisionRecord]] = field(default_factory=list)
    pools_before: Mapping[str, Rotation] = field(default_factory=dict)
    """The rotations before the first decision."""
    waiting_for_others: set[str] = field(default_factory=set)
    """Teams in whose queues only leads are left that all who are able now have had."""
    assignments: list[tuple[str, bool]] = field(default_factory=list)
    """The assignments in order: (rep, whether in turn)."""

    @classmethod
    def start_without_pools(
        cls, leads: Mapping[UUID, Lead], playbook: RoutingPlaybook, version: str
    ) -> "PendingDecisions":
        """Start where no lead can be assigned: no pool is locked."""
        return cls(dict(leads), RoutingContext(playbook, version, {}, {}, NO_ACCOUNTS, {}, {}, {}))

    def add_and_publish(self, decision: Decision, tx: Transaction) -> bool:
        """Add a decision and publish its events; return whether the lead was placed or released."""
        lead, before = decision.lead, self.leads[decision.lead.lead_id]
        if not self.pools_before:
            self.pools_before = self.context.pools
        if decision.context.turn > self.context.turn:
            self.assignments.append((lead.rep_id or "", lead.in_turn))
        self.context = decision.context
        if lead is not before:
            self.leads[lead.lead_id] = lead
            self.changed.add(lead.lead_id)
        if lead.facts is not None and lead.facts is not before.facts:
            self.with_new_facts.add(lead.lead_id)
            if before.lead_type is not None:
                self.with_replaced_facts.add(lead.lead_id)
        there = ("assigned", before.rep_id, before.placement)
        if before.state == "assigned" and before.rep_id and (lead.state, lead.rep_id, lead.placement) != there:
            self.freed_by_rep[before.rep_id] += 1
        if decision.record is not None:
            self._keep_record_and_set_timers(lead, decision.record, tx)
        if decision.event is not None:
            tx.emit(decision.event)
        if decision.scheduled is not None:
            tx.emit(decision.scheduled)
        return decision.event is not None

    def _keep_record_and_set_timers(self, lead: Lead, record: DecisionRecord, tx: Transaction) -> None:
        self.records.append((lead, record))
        if record.until is not None:
            store.timers.schedule_placement(tx, lead, record.until)
        team = self.context.playbook.teams.get(lead.team or "")
        if record.kind == "queued" and team is not None and team.queue_expires is not None:
            store.timers.schedule_wait_end(tx, lead, tx.now + team.queue_expires.length)
        if record.kind == "kept" and record.reason.startswith(BOOKED):
            pool = self.context.pools.get(next_team_after_booking(lead, self.context.playbook) or "")
            available = next_available_at(pool.seats.values(), tx.now) if pool else None
            store.timers.schedule_hand_over(tx, lead, max(available or tx.now, tx.now + timedelta(hours=1)))

    async def save(self, tx: Transaction) -> None:
        """Save leads, decisions and seats, and set timers for the queues that may now be served."""
        changed = [self.leads[lead_id] for lead_id in self.changed]
        snapshot_id = uuid4() if any(record.inputs for _, record in self.records) else None
        await tx.write_together(
            *store.leads.build_lead_writes(changed, self.with_new_facts, self.with_replaced_facts),
            *(
                [store.snapshots.build_snapshot_write(snapshot_id, self.pools_before, self.assignments)]
                if snapshot_id
                else ()
            ),
            *store.leads.build_decision_writes(self.records, tx.playbook_version, snapshot_id),
            *store.build_seat_and_level_writes(self.context),
        )
        store.timers.schedule_drain_now(tx, await store.reduce_open_lead_counts(tx, self.freed_by_rep))
        for team, line in self.context.waiting.items():
            if any(line.values()):
                self._schedule_queue_drain(team, tx)

    def _schedule_queue_drain(self, team: str, tx: Transaction) -> None:
        """Drain a team's queues at once where a rep can take a lead, else when the first rep becomes able by itself.

        A change that makes a rep able sets a timer of its own; a drain a day later is the safety net.
        """
        pool = self.context.pools.get(team)
        if pool is None:
            return
        if pool.weight and team not in self.waiting_for_others:
            store.timers.schedule_drain_now(tx, [team])
        else:
            unable = [seat for seat in pool.seats.values() if seat.why_not is not None]
            available = next_available_at(unable, tx.now)
            store.timers.schedule_drain_at(
                tx, team, available or tx.now.replace(hour=0, minute=0, second=0, microsecond=0) + A_DAY
            )


async def find_successor_teams(
    tx: Transaction, leads: Iterable[tuple[Lead, str | None]], reps: Iterable[str | None] = ()
) -> set[str]:
    """Return the teams of everybody who may follow.

    Args:
        tx: The transaction.
        leads: Assigned leads with their facts, each with the reason of its rejection, if it was rejected.
        reps: Further reps whose teams are wanted.
    """
    playbook = tx.playbook(RoutingPlaybook)
    teams: set[str] = set()
    for lead, reason in leads:
        teams |= domain.find_following_teams(lead, playbook, reason=reason)
    people = domain.find_managers(teams, playbook) | {rep_id for rep_id in reps if rep_id}
    if people:
        teams |= {rep.team for rep in (await store.load_all_reps(tx, playbook)).values() if rep.rep_id in people}
    return teams
