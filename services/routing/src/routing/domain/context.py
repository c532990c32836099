"""What the decisions of one transaction share: rules, rotations, waiting leads, accounts and campaigns."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from events.leads import Grade, LeadAssigned, LeadQueued, LeadReleased, LeadScheduled
from routing.domain.accounts import AccountDirectory
from routing.domain.campaigns import Campaign
from routing.domain.leads import DecisionRecord, Lead
from routing.domain.reps import Seat
from routing.domain.rotation import Rotation
from routing.playbook import RoutingPlaybook


class RoutingContext(NamedTuple):
    """What a transaction decides on. It is immutable; each decision returns the context that follows it."""

    playbook: RoutingPlaybook
    version: str
    """The playbook's version, which every event carries."""
    pools: Mapping[str, Rotation]
    """The rotation of each team that was loaded."""
    waiting: Mapping[str, Mapping[tuple[str, Grade], int]]
    """How many leads wait for each team, by (queue, grade)."""
    directory: AccountDirectory
    campaigns: Mapping[str, Campaign]
    team_of: Mapping[str, str]
    """The team of each rep who was loaded."""
    stored: Mapping[str, Seat]
    """The seats as they are in the database."""
    levels: Mapping[str, float] = {}
    """The rotations' levels as they are in the database."""
    booked: Mapping[str, tuple[datetime, ...]] = {}
    """When the meetings of each loaded rep begin, those ahead of now; loaded where a slot is asked for."""
    turn: int = 0
    """How many leads were assigned since the context was loaded."""

    def with_assignment(self, rep_id: str, *, in_turn: bool, lead: Lead | None = None) -> "RoutingContext":
        """Return the context after `rep_id` got one more lead.

        Args:
            rep_id: A rep of a loaded team.
            in_turn: Whether the rotation moves on.
            lead: The lead, so that later leads of the same account find its rep.
        """
        team = self.team_of[rep_id]
        rotation = self.pools[team].with_assignment(rep_id, in_turn=in_turn)
        return self._replace(
            pools={**self.pools, team: rotation},
            directory=self.directory if lead is None else self.directory.with_working_rep(lead.account, rep_id),
            turn=self.turn + 1,
        )

    def with_booked_slot(self, rep_id: str, at: datetime | None) -> "RoutingContext":
        """Return the context after a slot of a rep was booked; unchanged without a time."""
        if at is None:
            return self
        return self._replace(booked={**self.booked, rep_id: (*self.booked.get(rep_id, ()), at)})

    def with_refunded_turn(self, rep_id: str | None) -> "RoutingContext":
        """Return the context after a rep got a turn back; unchanged where the rep's team is not loaded."""
        team = self.team_of.get(rep_id or "")
        if rep_id is None or team is None:
            return self
        return self._replace(pools={**self.pools, team: self.pools[team].with_refunded_turn(rep_id)})

    def rotations_to_save(self) -> dict[str, Rotation]:
        """Return the rotations as they are to be saved."""
        return {team: pool.with_rebased_level() for team, pool in self.pools.items()}

    def seats_to_save(self) -> list[Seat]:
        """Return the seats that differ from the database."""
        seats = (seat for pool in self.rotations_to_save().values() for seat in pool.seats.values())
        return [seat for seat in seats if seat != self.stored.get(seat.rep.rep_id)]

    def with_waiting_leads(self, team: str, queue: str, fit: Grade, by: int = 1) -> "RoutingContext":
        """Return the context with `by` more leads in a queue (-1: one less)."""
        before = self.waiting.get(team, {})
        count = max(0, before.get((queue, fit), 0) + by)
        return self._replace(waiting={**self.waiting, team: {**before, (queue, fit): count}})

    def without_queued_lead(self, lead: Lead) -> "RoutingContext":
        """Return the context after a lead left its queue; unchanged where it is in none."""
        if lead.state != "queued" or lead.team is None or lead.queue is None or lead.fit is None:
            return self
        return self.with_waiting_leads(lead.team, lead.queue, lead.fit, by=-1)

    def with_grade(self, lead: Lead, fit: Grade) -> "RoutingContext":
        """Return the context after a lead got another grade; unchanged where it is in no queue."""
        if lead.state != "queued" or lead.team is None or lead.queue is None:
            return self
        return self.without_queued_lead(lead).with_waiting_leads(lead.team, lead.queue, fit)

    def has_others_ahead(self, team: str, priority: int, fit: Grade) -> bool:
        """Whether a lead waits for the team that is served before a new one of this priority and grade."""
        queues = self.playbook.queues
        return any(
            count and ((queues[queue].priority if queue in queues else 0), grade) <= (priority, fit)
            for (queue, grade), count in self.waiting.get(team, {}).items()
        )

    def queue_position(self, team: str, queue: str, fit: Grade) -> int:
        """Return the position of a new lead in a queue, from 1: after the better grades and its own."""
        waiting = self.waiting.get(team, {})
        return 1 + sum(count for (name, grade), count in waiting.items() if name == queue and grade <= fit)


class Decision(NamedTuple):
    """The lead and the context after a decision, the event to publish and the record to store.

    The context counts the leads that reps got; those that they lost are counted when the decision is saved.
    """

    lead: Lead
    context: RoutingContext
    event: LeadAssigned | LeadQueued | LeadReleased | None = None
    record: DecisionRecord | None = None
    scheduled: LeadScheduled | None = None
    """What its contact asked for since the lead qualified, where that is news."""
