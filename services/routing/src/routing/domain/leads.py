"""A lead as routing sees it, and the record of each decision about it.

Values that are made anew for each lead are tuples: they cost a quarter of a frozen dataclass.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

from events.leads import ContactCorrections, Grade, LeadFacts, LeadType, TriedCandidate
from events.parts import JsonObject
from routing.domain.accounts import Claim
from routing.domain.legal_basis import NONE, ContactPreferences

State = Literal["unplaced", "queued", "assigned", "closed", "released"]
"""`closed`: won or lost, no load any more; `released`: back with marketing. A lead is in exactly one state."""

ContactIds = tuple[UUID, ...]
"""The contacts that are one person."""

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
    accepted: bool = False
    """Whether its rep accepted it; that answers their acceptance clock and nothing else."""
    account: str | None = None
    """The account it belongs to, by domain, as far as that is known."""
    origin_rep_id: str | None = None
    """The rep who booked the meeting for which another rep has the lead now."""
    in_turn: bool = False
    """Whether it cost its rep a turn of the rotation."""
    ended_at: datetime | None = None
    had_by: tuple[str, ...] = ()
    """Every rep to whom it was assigned in this cycle: it comes to none of them again unless a person names them."""
    meeting_at: datetime | None = None
    """When its rep meets the contact; while the lead is assigned, that slot is theirs."""
    corrected: JsonObject | None = None
    """What a rep found to be otherwise than scoring knows; it outranks the facts."""
    facts: LeadFacts | None = None
    preferences: ContactPreferences = NONE
    """What its contact said that may keep it from sales; loaded where a decision needs it."""

    @property
    def is_ended(self) -> bool:
        """Whether nothing more is to be decided about it."""
        return self.state in ("closed", "released")

    @property
    def known_facts(self) -> LeadFacts:
        """The facts that scoring published.

        Raises:
            ValueError: Scoring has not published the lead yet; such a lead is never assigned to anybody.
        """
        if self.facts is None:
            msg = f"lead {self.lead_id} has no facts"
            raise ValueError(msg)
        return self.facts

    def with_facts(self, facts: LeadFacts, account: str | None = None) -> "Lead":
        """Return the lead with newer facts; `account` (a domain) replaces the account where it is known.

        A time that its contact asked for since is part of them.
        """
        known = account or self.account
        facts = self.preferences.apply_schedule(facts, min(facts.captured_at, self.handed_over_at or facts.captured_at))
        facts = facts.changed(**self.corrected) if self.corrected else facts
        if facts.main_contact_id is None and self.facts is not None:
            facts = facts.changed(main_contact_id=self.facts.main_contact_id)
        return self._replace(facts=facts, lead_type=facts.lead_type, fit=facts.fit, account=known)

    def with_corrections(self, corrected: ContactCorrections | None) -> "Lead":
        """Return the lead with facts that a rep corrected."""
        found = corrected.as_dict(filled=True) if corrected else {}
        if not found:
            return self
        return self._replace(corrected={**(self.corrected or {}), **found}).with_facts(self.known_facts)


class ChoiceInputs(NamedTuple):
    """What a choice depended on beside the rules and the lead: enough to replay it and get the same rep."""

    turn: int
    """How many leads the transaction had assigned before; the rotations are the snapshot's after those."""
    claims: tuple[Claim, ...]
    without: tuple[str, ...]
    """Reps who were excluded."""
    ahead: bool
    """Whether other leads waited in front."""
    team: str | None = None
    """The team that was asked, where it is not the one that the rules name."""


class DecisionRecord(NamedTuple):
    """One decision as it is stored: what was decided, why, what else was tried, and where the lead was after it."""

    kind: Kind
    at: datetime
    reason: str
    tried: tuple[TriedCandidate, ...] = ()
    number: int = 0
    placement: int = 0
    team: str | None = None
    queue: str | None = None
    rep_id: str | None = None
    previous_rep_id: str | None = None
    by: str | None = None
    note: str | None = None
    """What the person who asked for it wrote; it never leaves this service."""
    inputs: ChoiceInputs | None = None
    until: datetime | None = None
    """Until when a lead waits that is not placed yet."""
    playbook_version: str | None = None
    """Under which rules it was decided, where that is not those in force."""


def group_leads_by_person(leads: Iterable[Lead], people: Iterable[ContactIds]) -> dict[ContactIds, list[Lead]]:
    """Return the leads of each person, in their order; people without any are left out.

    Args:
        leads: Leads of contacts that `people` name.
        people: The contacts of each person; no contact is two people's.
    """
    person_of = {contact_id: person for person in people for contact_id in person}
    grouped: dict[ContactIds, list[Lead]] = {}
    for lead in leads:
        grouped.setdefault(person_of[lead.contact_id], []).append(lead)
    return grouped
