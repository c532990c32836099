"""What scoring knows of a contact: what it did, what became of its leads, which leads were told.

A history is complete in itself. Nothing here remembers the order in which its parts became known, so whoever decides
from it decides the same under any order of arrival.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from events.envelope import Scalar
from events.leads import (
    Grade,
    LeadType,
    Outcome,
)

WAKE_UP = "wake_up"
PROFILE_FACTS = (
    "company",
    "country",
    "region",
    "postal_code",
    "industry",
    "employees",
    "job_title",
    "email_domain",
    "email_kind",
)

TurnKind = Literal["recycled", "disqualified", "won", "worked", "customer", "churned"]
ENDS: frozenset[TurnKind] = frozenset(("recycled", "disqualified", "won"))


@dataclass(frozen=True, slots=True)
class Engagement:
    """Something the contact did, with the facts that were learned by it (known ones only)."""

    engagement_id: UUID
    contact_id: UUID
    engagement: str
    source: str
    occurred_at: datetime
    received_at: datetime
    content: str | None
    campaign: str | None
    talk_to_sales: bool
    preference: str | None
    preferred_at: datetime | None
    facts: dict[str, Scalar]

    @property
    def place(self) -> tuple[datetime, UUID]:
        """Where it stands in the contact's history; the id settles what happened at one instant."""
        return self.occurred_at, self.engagement_id


@dataclass(frozen=True, slots=True)
class Turn:
    """Something that became of a contact or of one of its leads (`cycle`), at an instant of business time."""

    turn_id: UUID
    contact_id: UUID
    kind: TurnKind
    at: datetime
    cycle: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Lead:
    """One cycle as it was told, and as it is known now."""

    lead_id: UUID
    contact_id: UUID
    cycle: int
    lead_type: LeadType
    """By all that is known now."""
    told_type: LeadType
    """The strongest that was published."""
    outcome: Outcome
    fit: Grade
    by_request: bool
    """Whether a hand-raise made it: such a lead does not cool."""
    engagement_id: UUID
    opened_at: datetime
    qualified_at: datetime
    ended_at: datetime | None = None
    cools_at: datetime | None = None
    """When the timer is set to."""
    cooled_at: datetime | None = None


@dataclass(slots=True)
class History:
    """One contact. `accounts` tells what kind of company stands behind an e-mail domain."""

    contact_id: UUID
    engagements: dict[UUID, Engagement] = field(default_factory=dict)
    turns: dict[UUID, Turn] = field(default_factory=dict)
    leads: dict[int, Lead] = field(default_factory=dict)
    accounts: Mapping[str, str] = field(default_factory=dict)

    def engaged(self, engagement: Engagement) -> bool:
        """Add an engagement; False where it is known already."""
        return self.engagements.setdefault(engagement.engagement_id, engagement) is engagement

    def turned(self, turn: Turn) -> bool:
        """Add a turn; False where it is known already."""
        return self.turns.setdefault(turn.turn_id, turn) is turn

    def forget_timers(self, fired: Collection[UUID]) -> None:
        """Note that the timers of these leads have fired and are gone."""
        for cycle, lead in self.leads.items():
            if lead.lead_id in fired:
                self.leads[cycle] = replace(lead, cools_at=None)

    def ordered(self) -> list[Engagement]:
        """Give the engagements in the order they happened."""
        return sorted(self.engagements.values(), key=lambda one: one.place)

    def end_of(self, cycle: int) -> Turn | None:
        """Give what ended a cycle: the earliest of its ends."""
        ends = [turn for turn in self.turns.values() if turn.cycle == cycle and turn.kind in ENDS]
        return min(ends, key=lambda turn: (turn.at, turn.turn_id), default=None)

    def is_closed_for(self, cycle: int) -> bool:
        """Tell whether the last word about a cycle was a disqualification, so that only a hand-raise opens another."""
        ends = [turn for turn in self.turns.values() if turn.cycle == cycle and turn.kind in ENDS]
        last = max(ends, key=lambda turn: (turn.at, turn.turn_id), default=None)
        return last is not None and last.kind == "disqualified"

    def is_worked(self, cycle: int) -> bool:
        """Tell whether somebody has worked the cycle's lead."""
        return any(turn.cycle == cycle and turn.kind == "worked" for turn in self.turns.values())

    def is_customer(self, at: datetime, cycle: int) -> bool:
        """Tell whether the contact had bought by then. A cycle's own win does not make its lead a customer's wish."""
        said = [
            turn
            for turn in self.turns.values()
            if turn.at <= at
            and (
                turn.kind in {"customer", "churned"}
                or (turn.kind == "won" and turn.cycle is not None and turn.cycle < cycle)
            )
        ]
        last = max(said, key=lambda turn: (turn.at, turn.turn_id), default=None)
        return last is not None and last.kind != "churned"

    def account(self, facts: Mapping[str, Scalar], at: datetime, cycle: int) -> str | None:
        """Tell what kind of company the contact belongs to, if anything is known."""
        if self.turns and self.is_customer(at, cycle):
            return "customer"
        return self.accounts.get(str(facts.get("email_domain")))

    def until(self, at: datetime) -> "History":
        """Give the part that had happened by an instant."""
        return History(
            self.contact_id,
            {name: one for name, one in self.engagements.items() if one.occurred_at <= at},
            {name: turn for name, turn in self.turns.items() if turn.at <= at},
            {cycle: lead for cycle, lead in self.leads.items() if lead.opened_at <= at},
            self.accounts,
        )


def learn(engagements: Iterable[Engagement]) -> dict[str, Scalar]:
    """Put facts together: what was said later counts. `engagements` come in the order they happened."""
    facts: dict[str, Scalar] = {}
    for engagement in engagements:
        facts.update(engagement.facts)
    return facts
