"""What a batch works on: its leads and the floor. Decisions are taken one by one and saved together."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from events.runtime import Transaction
from routing import store
from routing.domain import BOOKED, EMPTY_BOOK, Decision, Floor, Lead, Record, Rotation, next_chance, next_team
from routing.playbook import RoutingPlaybook

A_DAY = timedelta(days=1)


@dataclass(slots=True)
class Desk:
    """Leads by id, and the floor as the last decision left it."""

    leads: dict[UUID, Lead]
    floor: Floor
    changed: set[UUID] = field(default_factory=set)
    learnt: set[UUID] = field(default_factory=set)
    """Leads of which scoring said something new."""
    again: set[UUID] = field(default_factory=set)
    """Those of them of which it had said something before."""
    rid: Counter[str] = field(default_factory=Counter)
    """Open leads that each rep has less."""
    records: list[tuple[Lead, Record]] = field(default_factory=list)
    found: Mapping[str, Rotation] = field(default_factory=dict)
    """The rotations as the first decision found them, where any was asked."""
    given: list[tuple[str, bool]] = field(default_factory=list)
    """To whom leads were given, in order, and whether in turn."""

    @classmethod
    def without_floor(cls, leads: Mapping[UUID, Lead], playbook: RoutingPlaybook, version: str) -> "Desk":
        """Work where nothing is to be given to anybody: no pool is held."""
        return cls(dict(leads), Floor(playbook, version, {}, {}, EMPTY_BOOK, {}, {}, {}))

    def take(self, decision: Decision, tx: Transaction) -> bool:
        """Take a decision on; tells whether it had something to say."""
        lead, before = decision.lead, self.leads[decision.lead.lead_id]
        if not self.found:
            self.found = self.floor.pools
        if decision.floor.turn > self.floor.turn:
            self.given.append((lead.rep_id or "", lead.in_turn))
        self.floor = decision.floor
        if lead is not before:
            self.leads[lead.lead_id] = lead
            self.changed.add(lead.lead_id)
        if lead.facts is not None and lead.facts is not before.facts:
            self.learnt.add(lead.lead_id)
            if before.lead_type is not None:
                self.again.add(lead.lead_id)
        if before.state == "assigned" and before.rep_id and (lead.state, lead.rep_id) != ("assigned", before.rep_id):
            self.rid[before.rep_id] += 1
        if decision.record is not None:
            self._keep(lead, decision.record, tx)
        if decision.event is not None:
            tx.emit(decision.event)
        return decision.event is not None

    def _keep(self, lead: Lead, record: Record, tx: Transaction) -> None:
        self.records.append((lead, record))
        team = self.floor.playbook.teams.get(lead.team or "")
        if record.kind == "queued" and team is not None and team.queue_expires is not None:
            store.timers.expire_at(tx, lead, tx.now + team.queue_expires.length)
        if record.kind == "kept" and record.reason.startswith(BOOKED):
            pool = self.floor.pools.get(next_team(lead, self.floor.playbook) or "")
            chance = next_chance(pool.seats.values(), tx.now) if pool else None
            store.timers.hand_over_at(tx, lead, max(chance or tx.now, tx.now + timedelta(hours=1)))

    async def save(self, tx: Transaction) -> None:
        """Write leads, decisions and seats; have the lines looked at in which somebody may now be served."""
        await store.leads.save(tx, [self.leads[lead_id] for lead_id in self.changed], self.learnt, self.again)
        chose = any(record.grounds for _, record in self.records)
        scene_id = await store.scenes.keep(tx, self.found, self.given) if chose else None
        await store.leads.keep(tx, self.records, scene_id)
        await store.save_floor(tx, self.floor)
        store.timers.look_now(tx, await store.free(tx, self.rid))
        for team, line in self.floor.waiting.items():
            if any(line.values()):
                self._look_again(team, tx)

    def _look_again(self, team: str, tx: Transaction) -> None:
        """Somebody waits: where somebody could serve them look at once, else when somebody's time comes.

        Whoever becomes able because of what is said wakes the line then; a look a day later is a net below that.
        """
        pool = self.floor.pools.get(team)
        if pool is None:
            return
        if pool.weight:
            store.timers.look_now(tx, [team])
        else:
            chance = next_chance(pool.seats.values(), tx.now)
            store.timers.look_at(tx, team, chance or tx.now.replace(hour=0, minute=0, second=0, microsecond=0) + A_DAY)
