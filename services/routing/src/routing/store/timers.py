"""Timers: when a queue is drained, a wait expires, a hand-over is tried again, a former rep's leads are shared out.

Each drain is a timer of its own and is never moved: a transaction that has locked a pool would wait for the drain that
has locked the timer and waits for the pool. Drains that fall due together are one. They lock a contact id that stands
for the pool, so that two drains of one team run one after the other.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID, uuid4

from events.ids import derive_id
from events.runtime import Transaction
from routing.domain import Lead

DRAIN = "drain"
EXPIRE = "expire"
NEXT_TEAM = "hand_over"
REDISTRIBUTE = "redistribute"
PLACE = "place"
CALENDARS = "calendars"
"""Set by the database when another version of the playbook is put in force: its roster may work at other hours."""


def derive_contact_id_of_pool(team: str) -> UUID:
    """Return the contact id that stands for a team's pool; no person has such an id."""
    return derive_id("pool", team)


def schedule_drain_now(tx: Transaction, teams: Collection[str]) -> None:
    """Drain these teams' queues as soon as this transaction is committed: a rep became able to take leads."""
    for team in teams:
        tx.schedule(DRAIN, uuid4(), derive_contact_id_of_pool(team), tx.now)


def schedule_drain_at(tx: Transaction, team: str, instant: datetime) -> None:
    """Drain a team's queues at an instant; repeated calls set one timer."""
    tx.schedule(DRAIN, derive_id(DRAIN, team, instant), derive_contact_id_of_pool(team), instant)


def find_teams_to_drain(contacts: Collection[UUID], teams: Collection[str]) -> list[str]:
    """Return the teams whose timers fell due."""
    return [team for team in teams if derive_contact_id_of_pool(team) in contacts]


def schedule_wait_end(tx: Transaction, lead: Lead, instant: datetime) -> None:
    """Check at an instant whether this lead still waits where it is now."""
    tx.schedule(EXPIRE, derive_placement_key(lead), lead.contact_id, instant)


def schedule_hand_over(tx: Transaction, lead: Lead, instant: datetime) -> None:
    """Try at an instant again to hand over a lead with a booked meeting."""
    tx.schedule(NEXT_TEAM, derive_placement_key(lead), lead.contact_id, instant)


def schedule_placement(tx: Transaction, lead: Lead, instant: datetime) -> None:
    """Place a lead at an instant that waits for the working day of whoever should have it."""
    tx.schedule(PLACE, derive_placement_key(lead), lead.contact_id, instant)


def derive_placement_key(lead: Lead) -> UUID:
    """Return the key of this placement of a lead: a timer set for an earlier placement does nothing."""
    return derive_id("placing", lead.lead_id, lead.placement)


def schedule_redistribution(tx: Transaction, rep_id: str) -> None:
    """Share out a former rep's leads as soon as this transaction is committed."""
    tx.schedule(REDISTRIBUTE, uuid4(), derive_contact_id_of_rep(rep_id), tx.now)


def derive_contact_id_of_rep(rep_id: str) -> UUID:
    """Return the contact id that stands for a rep's leads; no person has such an id."""
    return derive_id("rep", rep_id)
