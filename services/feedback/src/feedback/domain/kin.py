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
UNMERGED = "unmerged"


@dataclass(frozen=True, slots=True)
class Kin:
    """The other contacts that are the same person as one, with their leads."""

    contact_ids: tuple[UUID, ...] = ()
    leads: tuple[Lead, ...] = ()
    before: tuple[Lead, ...] = ()
    """The leads as they were before this transaction."""
    raised_at: datetime | None = None
    engaged_at: datetime | None = None
    speaks: bool = True
    """Whether the contact itself is the one that speaks for all, and shows all their cycles."""


NOBODY = Kin()


def in_order(leads: Iterable[Lead]) -> list[Lead]:
    """Give leads in the order of their cycles; of one number the one that was heard of first comes first."""
    given = list(leads)
    return given if len(given) < 2 else sorted(given, key=lambda lead: (lead.cycle, lead.heard_at, lead.lead_id))  # noqa: PLR2004 - one is in order


def following(lead: Lead, ordered: Sequence[Lead], kin: Kin) -> Lead | None:
    """Give the lead that took over from an ended one: the next cycle, or one of the same person that is open."""
    if ordered[-1] is not lead:
        return ordered[next(n for n, each in enumerate(ordered) if each is lead) + 1]
    return next((other for other in kin.leads if other.is_open), None)


def spare(leads: Sequence[Lead], survivor_id: UUID) -> list[Lead]:
    """Name the open leads of one person that another open one makes needless.

    The one with a deal goes on, else the survivor's, else the first that was heard of. Two deals are both real.
    """
    open_leads = [lead for lead in leads if lead.is_open]
    first = sorted(open_leads, key=lambda lead: (lead.contact_id != survivor_id, lead.heard_at, lead.lead_id))[:1]
    kept = [lead for lead in open_leads if lead.state == "opportunity"] or first
    return [lead for lead in open_leads if lead not in kept]


def duplicate(lead: Lead, survivor_id: UUID, merged_at: datetime, move_id: UUID) -> Move:
    """Word the move that ends a lead because its contact turned out to be somebody who has another one."""
    at = max(merged_at, lead.begun_at, lead.standing.last_by_people or lead.begun_at)
    return Move(move_id, "merge", at, f"merge:{survivor_id}", reason=DUPLICATE)


def part(lead: Lead, at: datetime, kin: Kin) -> Lead:
    """Let a lead wake that was ended as a duplicate, now that its contact is a person of its own again."""
    end = lead.standing.end
    if end is None or end.step != "merge" or lead.woken_at is not None or any(each.is_open for each in kin.leads):
        return lead
    return lead.having(rang_at=max(at, end.at), alarm_at=None)
