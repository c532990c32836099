"""Which contacts are one person: merges as capture tells them, for every service that must know.

Each record comes under both contacts' keys, so the two partitions may tell of a merge and of its undoing in any order.
An undone merge stays undone; everything else follows from the rows that are in force.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from events.contacts import ContactMerged, ContactUnmerged
from events.runtime.schema import MigrationOperations
from events.runtime.transaction import Transaction

_DDL = (
    """create table merges (
        merge_id uuid primary key, loser_id uuid not null, survivor_id uuid not null,
        merged_at timestamptz not null, undone boolean not null default false
    )""",
    "create index merges_loser on merges (loser_id)",
    "create index merges_survivor on merges (survivor_id)",
)

_KEEP = """
insert into merges
select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::timestamptz[], $5::boolean[])
on conflict (merge_id) do update set undone = true where excluded.undone and not merges.undone
returning loser_id, survivor_id
"""

_CONCERNED = """
select loser_id, survivor_id from merges where loser_id = any($1) and not undone
union
select loser_id, survivor_id from merges where survivor_id = any($1) and not undone
"""


@dataclass(frozen=True, slots=True)
class MergedPerson:
    """The contacts that are one person, and the one of them that speaks for all."""

    survivor_id: UUID
    contact_ids: tuple[UUID, ...]
    """All of them, the survivor first, then in key order."""

    @property
    def is_merged(self) -> bool:
        """Return whether there is more than one."""
        return len(self.contact_ids) > 1


def create_merges(op: MigrationOperations) -> None:
    """Create the table; called by a migration of each service that keeps merges."""
    for statement in _DDL:
        op.execute(statement)


Erased = Callable[[Transaction, Collection[UUID]], Awaitable[set[UUID]]]
"""Returns those of some contacts whom a service has erased."""


async def record_merges(
    tx: Transaction, batch: Sequence[ContactMerged | ContactUnmerged], erased: Erased | None = None
) -> dict[UUID, MergedPerson]:
    """Keep merges and their undoing; give the people as they are now, by each contact that this batch moved.

    The contacts are held to the end of the transaction, those who were one person before included. A merge that arrives
    after the erasure of one of them, by another topic, is not kept: nothing would ever delete it.
    """
    named = {contact_id for event in batch for contact_id in (event.loser_id, event.survivor_id)}
    await load_people_of_contacts(tx, named, lock=True)
    gone = await erased(tx, named) if erased else set()
    batch = [event for event in batch if gone.isdisjoint((event.loser_id, event.survivor_id))]
    rows = {event.merge_id: event for event in sorted(batch, key=lambda e: isinstance(e, ContactUnmerged))}.values()
    moved = await tx.raw.fetch(
        _KEEP,
        [event.merge_id for event in rows],
        [event.loser_id for event in rows],
        [event.survivor_id for event in rows],
        [event.occurred_at for event in rows],
        [isinstance(event, ContactUnmerged) for event in rows],
    )
    return await load_people_of_contacts(
        tx, {contact_id for row in moved for contact_id in (row["loser_id"], row["survivor_id"])}, lock=True
    )


async def load_people_of_contacts(
    tx: Transaction, contact_ids: Iterable[UUID], *, lock: bool = False
) -> dict[UUID, MergedPerson]:
    """Return the person behind each contact; with `lock`, hold all of that person's contacts, so that it stays true."""
    asked = set(contact_ids)
    known: set[UUID] = set()
    edges: set[tuple[UUID, UUID]] = set()
    more = asked
    while more:
        if lock:
            await tx.lock_contacts(more)
        rows = await tx.raw.fetch(_CONCERNED, list(more))
        edges |= {(row["loser_id"], row["survivor_id"]) for row in rows}
        known |= more
        more = {contact_id for edge in edges for contact_id in edge} - known
    return _group_into_people(asked, edges)


async def load_merged_people_of_contacts(
    tx: Transaction, contact_ids: Iterable[UUID], *, lock: bool = False
) -> dict[UUID, MergedPerson]:
    """Return the person behind each of these contacts that is merged with another; few are, so one query tells most."""
    asked = list(contact_ids)
    if not await tx.raw.fetch(_CONCERNED, asked):
        return {}
    found = await load_people_of_contacts(tx, asked, lock=lock)
    return {contact_id: person for contact_id, person in found.items() if person.is_merged}


async def delete_merges(tx: Transaction, contact_ids: Iterable[UUID]) -> int:
    """Delete what is kept of these contacts' merges; give the rows deleted."""
    done = await tx.raw.execute(
        "delete from merges where loser_id = any($1) or survivor_id = any($1)", list(contact_ids)
    )
    return int(done.rsplit(" ", 1)[-1])


def _group_into_people(asked: Iterable[UUID], edges: set[tuple[UUID, UUID]]) -> dict[UUID, MergedPerson]:
    neighbours: dict[UUID, set[UUID]] = {}
    for loser, survivor in edges:
        neighbours.setdefault(loser, set()).add(survivor)
        neighbours.setdefault(survivor, set()).add(loser)
    losers = {loser for loser, _ in edges}
    found: dict[UUID, MergedPerson] = {}
    for contact_id in asked:
        if contact_id not in found:
            person = _build_merged_person(_connected_contacts(contact_id, neighbours), losers)
            found |= dict.fromkeys(person.contact_ids, person)
    return {contact_id: found[contact_id] for contact_id in asked}


def _connected_contacts(start: UUID, neighbours: dict[UUID, set[UUID]]) -> set[UUID]:
    reached, ahead = {start}, [start]
    while ahead:
        fresh = neighbours.get(ahead.pop(), set()) - reached
        reached |= fresh
        ahead += fresh
    return reached


def _build_merged_person(contact_ids: set[UUID], losers: set[UUID]) -> MergedPerson:
    survivor = min(contact_ids - losers or contact_ids)
    return MergedPerson(survivor, (survivor, *sorted(contact_ids - {survivor})))
