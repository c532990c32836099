"""Which contacts an examination covers: all, a slice of the key space, or those that changed.

Contact ids are spread evenly, so a slice by the first byte holds one 256th of everything; every question of the ledger
has a `contact_id`, which PostgreSQL finds by index.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

SLICES = 256


@dataclass(frozen=True)
class Scope:
    """Some contacts, as a condition on `contact_id` with its parameters."""

    name: str
    first: UUID | None = None
    last: UUID | None = None
    contacts: tuple[UUID, ...] | None = None

    @property
    def is_everything(self) -> bool:
        """Whether no contact is left out."""
        return self.first is None and self.contacts is None

    @property
    def is_empty(self) -> bool:
        """Whether it covers nobody."""
        return self.contacts == ()

    @property
    def condition(self) -> str:
        """Return the SQL condition; its parameters are `values`."""
        if self.contacts is not None:
            return "contact_id = any($1::uuid[])"
        if self.first is not None:
            return "contact_id between $1 and $2"
        return "true"

    @property
    def values(self) -> Sequence[Any]:
        """Return the parameters of `condition`."""
        if self.contacts is not None:
            return (list(self.contacts),)
        return () if self.first is None else (self.first, self.last)

    @property
    def text_values(self) -> Sequence[Any]:
        """Return the parameters as texts, for columns that hold contact ids as keys of topics."""
        if self.contacts is not None:
            return ([str(contact) for contact in self.contacts],)
        return () if self.first is None else (str(self.first), str(self.last))


EVERYTHING = Scope("everything")


def scope_of_id_byte(number: int) -> Scope:
    """Return the slice of the contacts whose id begins with this byte (0 to 255)."""
    first = UUID(int=number << 120)
    return Scope(f"slice {number + 1} of {SLICES}", first, UUID(int=first.int + (1 << 120) - 1))


def scope_of_contacts(contacts: Collection[UUID]) -> Scope:
    """Return a scope of just these contacts."""
    return Scope(f"{len(contacts)} contacts", contacts=tuple(sorted(contacts)))
