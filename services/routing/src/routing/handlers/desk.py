"""What a batch works on: its leads and the floor. Decisions are taken one by one and saved together."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from events.runtime import Transaction
from routing import store
from routing.domain import Decision, Floor, Lead, Record, next_chance
from routing.playbook import RoutingPlaybook


@dataclass(slots=True)
class Desk:
    """Leads by id, and the floor as the last decision left it."""

    leads: dict[UUID, Lead]
    floor: Floor
    changed: set[UUID] = field(default_factory=set)
    learnt: set[UUID] = field(default_factory=set)
    """Leads of which scoring said something new."""
    rid: Counter[str] = field(default_factory=Counter)
    """Open leads that each rep has less."""
    records: list[tuple[Lead, Record]] = field(default_factory=list)

    @classmethod
    def without_floor(cls, leads: Mapping[UUID, Lead], playbook: RoutingPlaybook, version: str) -> "Desk":
        """Work where nothing is to be given to anybody: no pool is held."""
        return cls(dict(leads), Floor(playbook, version, {}, {}, {}, {}, {}, {}))

    def take(self, decision: Decision, tx: Transaction) -> bool:
        """Take a decision on; tells whether it had something to say."""
        lead, self.floor = decision.lead, decision.floor
        before = self.leads[lead.lead_id]
        if lead is not before:
            self.leads[lead.lead_id] = lead
            self.changed.add(lead.lead_id)
        if lead.facts is not None and lead.facts is not before.facts:
            self.learnt.add(lead.lead_id)
        if before.state == "assigned" and before.rep_id and (lead.state, lead.rep_id) != ("assigned", before.rep_id):
            self.rid[before.rep_id] += 1
        if decision.record is not None:
            self.records.append((lead, decision.record))
        if decision.event is not None:
            tx.emit(decision.event)
        return decision.event is not None

    async def save(self, tx: Transaction) -> None:
        """Write leads, decisions and seats; have the lines looked at in which somebody may now be served."""
        await store.leads.save(tx, [self.leads[lead_id] for lead_id in self.changed], self.learnt)
        await store.leads.keep(tx, self.records)
        await store.save_floor(tx, self.floor)
        store.timers.look_now(tx, await store.free(tx, self.rid))
        for team, line in self.floor.waiting.items():
            if any(line.values()):
                self._look_again(team, tx)

    def _look_again(self, team: str, tx: Transaction) -> None:
        """Somebody waits: where somebody could serve them look at once, else when a new day begins."""
        pool, rules = self.floor.pools.get(team), self.floor.playbook.teams.get(team)
        if pool is not None and pool.weight:
            store.timers.look_now(tx, [team])
        if rules is not None:
            store.timers.look_at(tx, team, next_chance(tx.now, rules.tz))
