"""Contacts that turned out to be one person: their cycles in one order, and which of two open leads goes on.

Ids never change: each lead stays with the contact it began with, and an undone merge parts them again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from feedback.domain.lead import Lead
from feedback.domain.lifecycle import Move

DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True)
class RelatedContacts:
    """The other contacts that are the same person, with their leads."""

    contact_ids: tuple[UUID, ...] = ()
    leads: tuple[Lead, ...] = ()
    before: tuple[Lead, ...] = ()
    """The leads as they were before this transaction."""
    raised_at: datetime | None = None
    engaged_at: datetime | None = None
    is_survivor: bool = True
    """Whether the contact itself is the one that stands for all, and shows all their cycles."""


NO_RELATED = RelatedContacts()


def sort_by_cycle(leads: Iterable[Lead]) -> list[Lead]:
    """Return leads in the order of their cycles; of the same number the one that was known first comes first."""
    return sorted(leads, key=lambda lead: (lead.cycle, lead.heard_at, lead.lead_id))


def find_successor(lead: Lead, ordered: Sequence[Lead], related: RelatedContacts) -> Lead | None:
    """Return the lead that took over from an ended one: the next cycle, or one of the same person that is open.

    A lead that a merge ended took over nothing, whenever it was known.
    """
    later = ordered[next(n for n, each in enumerate(ordered) if each is lead) + 1 :]
    opened_since = (each for each in later if not _ended_by_merge(each))
    return next(opened_since, None) or next((other for other in related.leads if other.is_open), None)


def _ended_by_merge(lead: Lead) -> bool:
    return lead.standing.end is not None and lead.standing.end.step == "merge"


def find_superseded(leads: Sequence[Lead], survivor_id: UUID) -> list[Lead]:
    """Return the open leads of a person that another open lead supersedes.

    The one with a deal goes on, else the survivor's, else the first that was known. Two deals are both real.
    """
    open_leads = [lead for lead in leads if lead.is_open]
    first = sorted(open_leads, key=lambda lead: (lead.contact_id != survivor_id, lead.heard_at, lead.lead_id))[:1]
    kept = [lead for lead in open_leads if lead.state == "opportunity"] or first
    return [lead for lead in open_leads if lead not in kept]


def make_duplicate_move(lead: Lead, survivor_id: UUID, merged_at: datetime, move_id: UUID) -> Move:
    """Return the move that ends a lead because its contact turned out to be somebody who has another one."""
    at = max(merged_at, lead.first_state_at, lead.standing.last_by_people or lead.first_state_at)
    return Move(move_id, "merge", at, f"merge:{survivor_id}", reason=DUPLICATE)


def wake_after_unmerge(lead: Lead, at: datetime, related: RelatedContacts) -> Lead:
    """Wake a lead that was ended as a duplicate, now that its contact is a person of its own again."""
    end = lead.standing.end
    if end is None or end.step != "merge" or lead.woken_at is not None or any(each.is_open for each in related.leads):
        return lead
    return lead.with_facts(rang_at=max(at, end.at), alarm_at=None)
