"""How the leads of a candidate playbook differ from those that were published meanwhile (Q16)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

Difference = Literal[
    "the same", "a lead in force alone", "a lead by the candidate alone", "another lead type", "another grade"
]
SHOWN = 20
"""So many who differ are listed."""


@dataclass(frozen=True, slots=True)
class ComparedLead:
    """A contact's first lead as published and as the candidate makes it; a side that makes none has None."""

    contact_id: UUID
    in_force: str | None
    candidate: str | None
    fit_in_force: str | None
    fit_candidate: str | None
    opened_at: datetime
    """The earlier of both."""
    won: bool

    @property
    def difference(self) -> Difference:
        """How the two sides differ."""
        if self.candidate is None:
            return "a lead in force alone"
        if self.in_force is None:
            return "a lead by the candidate alone"
        if self.in_force != self.candidate:
            return "another lead type"
        return "the same" if self.fit_in_force == self.fit_candidate else "another grade"


@dataclass(frozen=True, slots=True)
class ShadowComparison:
    """Who is a lead for both, for one alone, or of another type; the first who differ are listed."""

    leads_in_force: int
    leads_candidate: int
    won_in_force: int
    won_candidate: int
    contacts: dict[Difference, int]
    differing: list[ComparedLead]


def compare_leads(leads: Sequence[ComparedLead]) -> ShadowComparison:
    """Count leads on both sides and how they differ."""
    published = [lead for lead in leads if lead.in_force is not None]
    made = [lead for lead in leads if lead.candidate is not None]
    return ShadowComparison(
        leads_in_force=len(published),
        leads_candidate=len(made),
        won_in_force=sum(lead.won for lead in published),
        won_candidate=sum(lead.won for lead in made),
        contacts=dict(Counter(lead.difference for lead in leads).most_common()),
        differing=[lead for lead in leads if lead.difference != "the same"][:SHOWN],
    )
