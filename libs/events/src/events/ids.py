"""Identities that come out the same wherever and however often they are computed.

A lead, a clock or an event is named by what it is about, never by when or where it was first seen: a redelivered,
replayed or re-decided fact meets its earlier self.
"""

from uuid import UUID, uuid5

NAMESPACE = UUID("6f0d0f5e-4f8b-5a53-9d2c-2f3b6f0a7c11")


def derive(*parts: object) -> UUID:
    """Name a thing by its parts: the same parts, the same UUID (version 5)."""
    return uuid5(NAMESPACE, "|".join(str(part) for part in parts))


def lead_id(contact_id: UUID, cycle: int) -> UUID:
    """Name the `cycle`-th (from 1) qualification episode of a contact."""
    return uuid5(contact_id, str(cycle))


def clock_id(lead: UUID, clock: str, run: int = 1) -> UUID:
    """Name the `run`-th (from 1) running of a lead's clock; only `acceptance` runs more than once."""
    return derive("clock", lead, clock, run)
