"""Contacts that are one person: told in any order, by two partitions, and undone."""

import asyncio
from datetime import UTC, datetime
from itertools import permutations
from uuid import UUID, uuid4

from events.contacts import ContactMerged, ContactUnmerged
from events.runtime import merges
from events.runtime.merges import MergedPerson

from .conftest import Toy


def merged(loser: UUID, survivor: UUID, merge_id: UUID | None = None) -> ContactMerged:
    return ContactMerged(
        occurred_at=datetime.now(UTC),
        contact_id=loser,
        merge_id=merge_id or uuid4(),
        survivor_id=survivor,
        loser_id=loser,
    )


def undone(merge: ContactMerged) -> ContactUnmerged:
    return ContactUnmerged.read(merge.as_dict())


async def apply_merges(toy: Toy, *batches: ContactMerged | ContactUnmerged) -> list[dict[UUID, MergedPerson]]:
    found = []
    for event in batches:
        async with toy.service.transaction() as tx:
            found.append(await merges.record_merges(tx, [event]))
    return found


async def person(toy: Toy, contact_id: UUID) -> MergedPerson:
    async with toy.service.transaction() as tx:
        return (await merges.load_people_of_contacts(tx, [contact_id]))[contact_id]


async def test_a_contact_that_was_never_merged_is_a_person_of_its_own(toy: Toy) -> None:
    contact_id = uuid4()
    async with toy.running():
        found = await person(toy, contact_id)
    assert found == MergedPerson(contact_id, (contact_id,))
    assert not found.is_merged


async def test_a_chain_of_merges_is_one_person_whatever_comes_first(toy: Toy) -> None:
    first, second, third = sorted(uuid4() for _ in range(3))
    async with toy.running():
        for order in permutations([merged(first, second), merged(second, third)]):
            await apply_merges(toy, *order)
            for contact_id in (first, second, third):
                assert await person(toy, contact_id) == MergedPerson(third, (third, first, second))


async def test_a_merge_heard_under_its_second_key_moves_nobody(toy: Toy) -> None:
    merge = merged(uuid4(), uuid4())
    async with toy.running():
        first_result, again = await apply_merges(toy, merge, merge)
    assert set(first_result) == {merge.loser_id, merge.survivor_id}
    assert again == {}


async def test_an_undone_merge_stays_undone_in_any_order_and_however_often_it_is_received(toy: Toy) -> None:
    async with toy.running():
        for order in set(permutations(range(4))):
            merge = merged(uuid4(), uuid4())
            first_result: list[ContactMerged | ContactUnmerged] = [merge, merge, undone(merge), undone(merge)]
            await apply_merges(toy, *(first_result[place] for place in order))
            assert await person(toy, merge.loser_id) == MergedPerson(merge.loser_id, (merge.loser_id,))
            assert await person(toy, merge.survivor_id) == MergedPerson(merge.survivor_id, (merge.survivor_id,))


async def test_a_merge_and_its_undoing_in_one_batch_leave_two_people(toy: Toy) -> None:
    merge = merged(uuid4(), uuid4())
    async with toy.running():
        async with toy.service.transaction() as tx:
            found = await merges.record_merges(tx, [undone(merge), merge])
        assert not await _is_merged(toy, merge.loser_id)
    assert not any(each.is_merged for each in found.values())


async def _is_merged(toy: Toy, contact_id: UUID) -> bool:
    return (await person(toy, contact_id)).is_merged


async def test_whoever_holds_one_contact_of_a_person_keeps_a_merge_waiting(toy: Toy) -> None:
    """Two decisions on one person never see different members."""
    merge = merged(uuid4(), uuid4())
    async with toy.running():
        async with toy.service.transaction() as tx:
            locked = await merges.load_people_of_contacts(tx, [merge.survivor_id], lock=True)
            waiting = asyncio.ensure_future(apply_merges(toy, merge))
            again = await merges.load_people_of_contacts(tx, [merge.survivor_id], lock=True)
            assert locked == again
        [first_result] = await waiting
    assert first_result[merge.survivor_id].contact_ids == (merge.survivor_id, merge.loser_id)


async def test_erasing_a_contact_forgets_its_merges(toy: Toy) -> None:
    merge = merged(uuid4(), uuid4())
    async with toy.running():
        await apply_merges(toy, merge)
        async with toy.service.transaction() as tx:
            assert await merges.delete_merges(tx, [merge.loser_id]) == 1
        assert not await _is_merged(toy, merge.survivor_id)
