"""What scoring knows of a person: what it did, what became of its leads, which leads were told.

A history is complete in itself. Nothing here remembers the order in which its parts became known, so whoever decides
from it decides the same under any order of arrival. Merged contacts are one person: their histories are put together
under the survivor, and every part keeps the contact that it came from, so that a merge can be undone.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
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
ASKED = "talk_to_sales"
"""A wish for a later talk, at the instant from which it counts."""
LIFTED = "exclusion_lifted"
PUSHED = "pushed_by_hand"
ACCOUNT_USE = "account_use"
"""Several people of the account use the product; of the one who speaks for it."""

IS_LIFTED = "override.exclusion_lifted"
WOKEN_BY = "woken.reason"
WOKEN_FROM = "woken.cycle"
STAGE = "content_stage"
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

TurnKind = Literal[
    "recycled", "disqualified", "won", "worked", "customer", "churned", "confirmed", "opportunity", "lost"
]
ENDS: frozenset[TurnKind] = frozenset(("recycled", "disqualified", "won"))


@dataclass(slots=True)
class Engagement:
    """Something the contact did, with the facts that were learned by it (known ones only). Never changed."""

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
    def woken_from(self) -> int:
        """The cycle whose end this wake-up follows; 0 of everything else."""
        cycle = self.facts.get(WOKEN_FROM)
        return cycle if isinstance(cycle, int) else 0

    @property
    def place(self) -> tuple[datetime, int, UUID]:
        """Where it stands in the contact's history; of one instant a wake-up comes last, and then the id settles it."""
        return self.occurred_at, self.woken_from, self.engagement_id


@dataclass(frozen=True, slots=True)
class Turn:
    """Something that became of a contact or of one of its leads (`cycle`), at an instant of business time."""

    turn_id: UUID
    contact_id: UUID
    kind: TurnKind
    at: datetime
    cycle: int | None = None
    reason: str | None = None
    """Why it ended; of a confirmation the four answers, as in `BA-T` (no need)."""


@dataclass(slots=True)
class Lead:
    """One cycle as it was told, and as it is known now. Never changed."""

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
    opened_as: LeadType | None = None
    """What it was told as at first; an upgrade changes `told_type`."""
    told_fit: Grade | None = None
    """The cell in which it was told, the points, and by which playbook: what outcomes are counted by."""
    told_level: int | None = None
    told_points: float | None = None
    playbook_version: str | None = None
    email_domain: str | None = None


Colleague = tuple[UUID, datetime, datetime | None]
"""A product lead at the same account: whose, from when, until when."""


@dataclass(slots=True)
class History:
    """One person: the contact, or all contacts merged into it. `accounts` tells what company is behind a domain."""

    contact_id: UUID
    engagements: dict[UUID, Engagement] = field(default_factory=dict)
    turns: dict[UUID, Turn] = field(default_factory=dict)
    leads: dict[int, Lead] = field(default_factory=dict)
    """The survivor's own, by cycle."""
    accounts: Mapping[str, str] = field(default_factory=dict)
    merged: dict[UUID, Lead] = field(default_factory=dict)
    """The leads of the contacts that were merged into it."""
    colleagues: Mapping[str, Mapping[UUID, Colleague]] = field(default_factory=dict)
    """The product leads at each e-mail domain, by their ids."""
    contact_ids: tuple[UUID, ...] = ()
    """All contacts that are this person; empty where nothing was merged."""

    def engaged(self, engagement: Engagement) -> bool:
        """Add an engagement; False where it is known already."""
        return self.engagements.setdefault(engagement.engagement_id, engagement) is engagement

    def turned(self, turn: Turn) -> bool:
        """Add a turn; False where it is known already."""
        return self.turns.setdefault(turn.turn_id, turn) is turn

    def told(self, lead: Lead) -> None:
        """Add a lead, or put it in the place of what was known of it."""
        if lead.contact_id == self.contact_id:
            self.leads[lead.cycle] = lead
        else:
            self.merged[lead.lead_id] = lead

    def every_lead(self) -> list[Lead]:
        """Give the leads of all its contacts."""
        return [*self.leads.values(), *self.merged.values()]

    def forget_timers(self, fired: Collection[UUID]) -> None:
        """Note that the timers of these leads have fired and are gone."""
        for lead in self.every_lead():
            if lead.lead_id in fired:
                self.told(replace(lead, cools_at=None))

    def ordered(self) -> list[Engagement]:
        """Give the engagements in the order they happened."""
        if len(self.engagements) == 1:
            return list(self.engagements.values())
        return sorted(self.engagements.values(), key=lambda one: one.place)

    def ends(self, contact_id: UUID, cycle: int) -> Iterator[Turn]:
        """Give all that ended a cycle."""
        for turn in self.turns.values():
            if turn.cycle == cycle and turn.kind in ENDS and turn.contact_id == contact_id:
                yield turn

    def end_of(self, contact_id: UUID, cycle: int) -> Turn | None:
        """Give what ended a cycle: the earliest of its ends."""
        if not self.turns:
            return None
        return min(self.ends(contact_id, cycle), key=lambda turn: (turn.at, turn.turn_id), default=None)

    def is_closed_for(self, contact_id: UUID, cycle: int) -> bool:
        """Tell whether the last word about a cycle was a disqualification, so that only a hand-raise opens another."""
        last = max(self.ends(contact_id, cycle), key=lambda turn: (turn.at, turn.turn_id), default=None)
        return last is not None and last.kind == "disqualified"

    def is_worked(self, lead: Lead) -> bool:
        """Tell whether somebody has worked a lead."""
        return any(
            turn.kind == "worked" and turn.cycle == lead.cycle and turn.contact_id == lead.contact_id
            for turn in self.turns.values()
        )

    def is_customer(self, at: datetime, contact_id: UUID, cycle: int) -> bool:
        """Tell whether the person had bought by then. A lead's own win does not make it a customer's wish."""
        said = [turn for turn in self.turns.values() if turn.at <= at and _bought(turn, contact_id, cycle)]
        last = max(said, key=lambda turn: (turn.at, turn.turn_id), default=None)
        return last is not None and last.kind != "churned"

    def account(self, facts: Mapping[str, Scalar], at: datetime, contact_id: UUID, cycle: int) -> str | None:
        """Tell what kind of company the contact belongs to, if anything is known."""
        if self.turns and self.is_customer(at, contact_id, cycle):
            return "customer"
        return self.accounts.get(str(facts.get("email_domain")))

    def is_taken(self, facts: Mapping[str, Scalar], at: datetime) -> bool:
        """Tell whether a colleague has the account's product lead at an instant."""
        own = self.contact_ids or (self.contact_id,)
        return any(
            whose not in own and since <= at and (until is None or at < until)
            for whose, since, until in self.colleagues.get(str(facts.get("email_domain")), {}).values()
        )

    def until(self, at: datetime) -> "History":
        """Give the part that had happened by an instant."""
        return replace(
            self,
            engagements={name: one for name, one in self.engagements.items() if one.occurred_at <= at},
            turns={name: turn for name, turn in self.turns.items() if turn.at <= at},
            leads={cycle: lead for cycle, lead in self.leads.items() if lead.opened_at <= at},
            merged={name: lead for name, lead in self.merged.items() if lead.opened_at <= at},
        )


def _bought(turn: Turn, contact_id: UUID, cycle: int) -> bool:
    """Tell whether a turn says something of who is a customer to this lead."""
    if turn.kind == "won" and turn.cycle is not None:
        return turn.contact_id != contact_id or turn.cycle < cycle
    return turn.kind in {"customer", "churned"}


def learn(engagements: Iterable[Engagement]) -> dict[str, Scalar]:
    """Put facts together: what was said later counts. `engagements` come in the order they happened."""
    facts: dict[str, Scalar] = {}
    for engagement in engagements:
        facts.update(engagement.facts)
    return facts
