"""A lead as routing sees it: where it is, who has it, and each decision that brought it there.

What is made anew for each lead are tuples: they cost a quarter of a frozen dataclass.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

from events.leads import Grade, LeadAssigned, LeadFacts, LeadQueued, LeadReleased, LeadType, Tried
from routing.domain.accounts import Book, Claim
from routing.domain.basis import NONE, Wishes
from routing.domain.reps import Seat
from routing.domain.rotation import Rotation
from routing.playbook import RoutingPlaybook

State = Literal["unplaced", "queued", "assigned", "closed", "released"]
"""`closed`: won or lost, no load any more; `released`: sales has it no more. Only one holds at a time."""

Kind = Literal["assigned", "queued", "released", "kept", "escalated", "not_placed"]


class Lead(NamedTuple):
    """One lead. `placement` and `decisions` count from 1 up; `handed_over_at` never changes once it is set."""

    lead_id: UUID
    contact_id: UUID
    cycle: int
    state: State = "unplaced"
    lead_type: LeadType | None = None
    fit: Grade | None = None
    placement: int = 0
    decisions: int = 0
    team: str | None = None
    queue: str | None = None
    rep_id: str | None = None
    handed_over_at: datetime | None = None
    placed_at: datetime | None = None
    worked: bool = False
    """Whether a person worked it since it was assigned."""
    account: str | None = None
    """The account it belongs to, by domain, as far as that is known."""
    origin_rep_id: str | None = None
    """The rep who booked the meeting for which another one has the lead now."""
    in_turn: bool = False
    """Whether it cost its rep a turn."""
    ended_at: datetime | None = None
    facts: LeadFacts | None = None
    wishes: Wishes = NONE
    """What its contact said that may keep it from sales, as far as it was looked for."""

    @property
    def ended(self) -> bool:
        """Whether nothing more is to be decided about it."""
        return self.state in ("closed", "released")

    @property
    def known_facts(self) -> LeadFacts:
        """What scoring says of it. Only leads that scoring told us of are ever given to anybody."""
        if self.facts is None:
            msg = f"lead {self.lead_id} has no facts"
            raise ValueError(msg)
        return self.facts

    def knowing(self, facts: LeadFacts, account: str | None = None) -> "Lead":
        """Take what scoring says of it, and the account that it belongs to."""
        known = account or self.account
        return self._replace(facts=facts, lead_type=facts.lead_type, fit=facts.fit, account=known)


class Grounds(NamedTuple):
    """What a choice stood on, beside the rules and the lead itself: enough to choose again, and choose the same."""

    turn: int
    """So many leads this batch had given before; the rotations were as the scene says after those."""
    claims: tuple[Claim, ...]
    without: tuple[str, ...]
    ahead: bool
    """Whether others waited in front."""
    team: str | None = None
    """The team that was to have it, where that is not the rules' choice."""


class Record(NamedTuple):
    """One decision, kept: what was decided, why, what else was tried, and where the lead was after it."""

    kind: Kind
    at: datetime
    reason: str
    tried: tuple[Tried, ...] = ()
    number: int = 0
    placement: int = 0
    team: str | None = None
    queue: str | None = None
    rep_id: str | None = None
    previous_rep_id: str | None = None
    by: str | None = None
    note: str | None = None
    """What the person wrote who asked for it; it never leaves this service."""
    grounds: Grounds | None = None


class Campaign(NamedTuple):
    """What marketing announced of a campaign."""

    brief: str | None = None
    content: tuple[str, ...] = ()


class Floor(NamedTuple):
    """What a batch decides on: the rules, the rotations, who waits, and whose account is whose.

    It is never changed; a decision gives the floor that follows it.
    """

    playbook: RoutingPlaybook
    version: str
    pools: Mapping[str, Rotation]
    waiting: Mapping[str, Mapping[tuple[str, Grade], int]]
    """How many wait for each team, by (queue, grade)."""
    book: Book
    """The accounts that these leads may belong to, and who works whom there."""
    campaigns: Mapping[str, Campaign]
    team_of: Mapping[str, str]
    """Team of each rep on this floor."""
    stored: Mapping[str, Seat]
    """The seats as they were before anything was decided."""
    levels: Mapping[str, float] = {}
    """The levels as they were stored."""
    turn: int = 0
    """So many leads were given on this floor."""

    def give(self, rep_id: str, *, in_turn: bool, lead: Lead | None = None) -> "Floor":
        """Give a rep one more lead, and note that they work somebody at its account."""
        team = self.team_of[rep_id]
        rotation = self.pools[team].give(rep_id, in_turn=in_turn)
        return self._replace(
            pools={**self.pools, team: rotation},
            book=self.book if lead is None else self.book.working(lead.account, rep_id),
            turn=self.turn + 1,
        )

    def credit(self, rep_id: str | None) -> "Floor":
        """Give a rep of this floor a turn back."""
        team = self.team_of.get(rep_id or "")
        if rep_id is None or team is None:
            return self
        return self._replace(pools={**self.pools, team: self.pools[team].credit(rep_id)})

    def settled(self) -> dict[str, Rotation]:
        """Give the rotations as they are to be written."""
        return {team: pool.rebased() for team, pool in self.pools.items()}

    def moved(self) -> list[Seat]:
        """Give the seats that are no longer as they were stored."""
        seats = (seat for pool in self.settled().values() for seat in pool.seats.values())
        return [seat for seat in seats if seat != self.stored.get(seat.rep.rep_id)]

    def wait(self, team: str, queue: str, fit: Grade, by: int = 1) -> "Floor":
        """Let one more lead wait, or `by` -1 one less."""
        before = self.waiting.get(team, {})
        count = max(0, before.get((queue, fit), 0) + by)
        return self._replace(waiting={**self.waiting, team: {**before, (queue, fit): count}})

    def leave_line(self, lead: Lead) -> "Floor":
        """Take a queued lead out of the line."""
        if lead.state != "queued" or lead.team is None or lead.queue is None or lead.fit is None:
            return self
        return self.wait(lead.team, lead.queue, lead.fit, by=-1)

    def is_ahead(self, team: str, priority: int, fit: Grade) -> bool:
        """Whether somebody waits for the team who is served before a newcomer of this priority and grade."""
        queues = self.playbook.queues
        return any(
            count and ((queues[queue].priority if queue in queues else 0), grade) <= (priority, fit)
            for (queue, grade), count in self.waiting.get(team, {}).items()
        )

    def place_in_line(self, team: str, queue: str, fit: Grade) -> int:
        """Give the place of a newcomer in the queue, from 1: behind the better grades and its own."""
        line = self.waiting.get(team, {})
        return 1 + sum(count for (name, grade), count in line.items() if name == queue and grade <= fit)


class Decision(NamedTuple):
    """What was decided: the lead and the floor after it, what to say, and what to keep.

    The floor counts what reps are given; what they got rid of is counted when the decision is saved.
    """

    lead: Lead
    floor: Floor
    event: LeadAssigned | LeadQueued | LeadReleased | None = None
    record: Record | None = None
