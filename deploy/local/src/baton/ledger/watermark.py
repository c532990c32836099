"""Examine what changed since the last time, and a slice of the rest.

Every change that another service must know of leaves an event in a journal, so the contacts in the journals since the
last examination are the ones that may differ by now. What changes without an event (a row lost with a disk, a delete by
hand) is found by the slice: one 256th of all contacts is examined each time as well, so every contact has its turn.
Contacts with open findings are examined again until they are clean.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Self
from uuid import UUID

from baton.database import Connection
from baton.ledger.report import LedgerReport
from baton.ledger.scope import SLICES, Scope, scope_of_contacts, scope_of_id_byte
from events.parts import JsonObject

OVERLAP = timedelta(minutes=5)
"""An event's time is that of its transaction's begin; the longest transaction commits well within this."""
CONTACTS = 5_000
"""Contacts of one question: PostgreSQL finds so many by index."""

_CLOCK = "select clock_timestamp()"
_CHANGED = """
select distinct contact_id from journal
where day >= ($1::timestamptz at time zone 'utc')::date - 1 and time > $1 and contact_id is not null
"""


@dataclass(frozen=True)
class Watermark:
    """How far the journals were examined, whose turn it is, and who had findings."""

    seen: Mapping[str, datetime]
    """By service, in real time."""
    slice: int = 0
    suspects: frozenset[UUID] = field(default_factory=frozenset)

    @classmethod
    async def begin_now(cls, databases: Mapping[str, Connection]) -> Self:
        """Return the watermark of an examination of everything that begins now."""
        return cls({name: await database.fetchval(_CLOCK) - OVERLAP for name, database in databases.items()})

    async def choose_scopes(self, databases: Mapping[str, Connection]) -> list[Scope]:
        """Return what is to be examined now: who changed, who had findings, and the slice whose turn it is."""
        changed = await asyncio.gather(*(_load_changed_contacts(databases[name], at) for name, at in self.seen.items()))
        contacts = sorted(self.suspects.union(*changed))
        parts = [scope_of_contacts(contacts[at : at + CONTACTS]) for at in range(0, len(contacts), CONTACTS)]
        return [*parts, scope_of_id_byte(self.slice)]

    def next_watermark(self, report: LedgerReport, begun: "Watermark") -> "Watermark":
        """Return the next watermark, after an examination that began at `begun`."""
        suspects = frozenset(UUID(found.contact_id) for found in report.findings if found.contact_id)
        return Watermark(begun.seen, (self.slice + 1) % SLICES, suspects)

    def as_dict(self) -> JsonObject:
        """Return it as JSON values."""
        return {
            "seen": {name: at.isoformat() for name, at in self.seen.items()},
            "slice": self.slice,
            "suspects": [*sorted(map(str, self.suspects))],
        }

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> Self:
        """Read it from JSON values; raises `KeyError` or `ValueError` where they are none of a watermark."""
        return cls(
            {name: datetime.fromisoformat(at) for name, at in written["seen"].items()},
            int(written["slice"]),
            frozenset(map(UUID, written["suspects"])),
        )


async def _load_changed_contacts(database: Connection, since: datetime) -> set[UUID]:
    return {row["contact_id"] for row in await database.fetch(_CHANGED, since)}
