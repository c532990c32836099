"""When a line is looked at again.

Each look is a timer of its own, never one that is moved: a transaction that holds a pool would wait for the look that
holds the timer and waits for the pool. Looks that fall due together are one. They lock under a contact that stands for
the pool, so that two looks at one line come one after the other.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID, uuid4

from events.ids import derive
from events.runtime import Transaction
from routing.domain import Lead

DRAIN = "drain"
EXPIRE = "expire"
HAND_OVER = "hand_over"
REDISTRIBUTE = "redistribute"


def contact_of_pool(team: str) -> UUID:
    """Name the contact that stands for a team's pool; no person has such an id."""
    return derive("pool", team)


def look_now(tx: Transaction, teams: Collection[str]) -> None:
    """Look at these teams' lines as soon as this transaction is done: somebody became able to take leads."""
    for team in teams:
        tx.schedule(DRAIN, uuid4(), contact_of_pool(team), tx.now)


def look_at(tx: Transaction, team: str, instant: datetime) -> None:
    """Look at a team's line at an instant, once however often it is said."""
    tx.schedule(DRAIN, derive(DRAIN, team, instant), contact_of_pool(team), instant)


def teams_of(contacts: Collection[UUID], teams: Collection[str]) -> list[str]:
    """Find the teams behind the timers that fell due."""
    return [team for team in teams if contact_of_pool(team) in contacts]


def expire_at(tx: Transaction, lead: Lead, instant: datetime) -> None:
    """Look then whether this lead still waits where it was put."""
    tx.schedule(EXPIRE, placing_of(lead), lead.contact_id, instant)


def hand_over_at(tx: Transaction, lead: Lead, instant: datetime) -> None:
    """Try then again to hand a lead with a booked meeting over."""
    tx.schedule(HAND_OVER, placing_of(lead), lead.contact_id, instant)


def placing_of(lead: Lead) -> UUID:
    """Name this placing of a lead: a timer that was set for an earlier one does nothing."""
    return derive("placing", lead.lead_id, lead.placement)


def redistribute_now(tx: Transaction, rep_id: str) -> None:
    """Give a leaver's leads to others as soon as this transaction is done."""
    tx.schedule(REDISTRIBUTE, uuid4(), contact_of_rep(rep_id), tx.now)


def contact_of_rep(rep_id: str) -> UUID:
    """Name the contact that stands for a rep's desk; no person has such an id."""
    return derive("rep", rep_id)
