"""Two contacts are one person, or are two again: on a real PostgreSQL, in whatever order it is told."""

import itertools
from datetime import timedelta

import pytest

from events.envelope import Event
from events.leads import LeadLifecycle, LeadRecycled, LeadWoken
from events.runtime.testing import START, Room
from tests.feedback.story import Story, days
from tests.feedback.test_service import does, given_a_lead, residual, show

ada, eda = Story("ada", start=START), Story("eda", start=START + timedelta(hours=1))


async def states(room: Room) -> dict[str, str]:
    rows = await room.raw.fetch("select contact_id, state from leads")
    names = {story.contact_id: story.name for story in (ada, eda)}
    return {names[row["contact_id"]]: row["state"] for row in rows}


async def shown(room: Room, story: Story) -> list[tuple[str, str]]:
    """The cycles of the contact's last snapshot."""
    (*_, last) = [one for one in await room.emitted(LeadLifecycle) if one.contact_id == story.contact_id]
    names = {each.contact_id: each.name for each in (ada, eda)}
    return [(names[cycle.contact_id], cycle.state) for cycle in last.cycles if cycle.contact_id]


TOLD: list[tuple[Event, ...]] = [(ada.qualified(),), (eda.qualified(),), eda.merged(ada, START + days(1))]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
async def test_of_two_open_leads_the_losers_ends_as_duplicate(room: Room, order: tuple[int, ...]) -> None:
    """Whatever is heard first; ids never change, and the survivor shows both."""
    await room.advance(days(2))
    for n in order:
        await room.deliver(*TOLD[n])
    assert await states(room) == {"ada": "mql", "eda": "recycled"}
    (ended,) = await room.emitted(LeadRecycled)
    assert (ended.reason, ended.track, ended.occurred_at) == ("duplicate", "merge", START + days(1))
    assert (ended.contact_id, ended.lead_id) == (eda.contact_id, eda.lead_id)
    assert sorted(await shown(room, ada)) == [("ada", "mql"), ("eda", "recycled")]
    assert await shown(room, eda) == [("eda", "recycled")]
    await room.deliver(ada.captured(START + days(2), "demo_request"))
    assert await room.emitted(LeadWoken) == []
    assert await residual(room) == []


async def test_a_lead_that_only_the_loser_has_goes_on(room: Room) -> None:
    await given_a_lead(room, eda)
    await room.deliver(*eda.merged(ada, START))
    assert await states(room) == {"eda": "mql"}
    assert await shown(room, ada) == [("eda", "mql")]
    await does(room, "accept", story=eda)
    assert await shown(room, ada) == [("eda", "accepted")]


async def test_the_lead_with_a_deal_goes_on(room: Room) -> None:
    """What outcomes say wins over what was assumed."""
    await given_a_lead(room, ada)
    await given_a_lead(room, eda)
    await does(room, "opportunity", story=eda, amount=5)
    await room.deliver(*eda.merged(ada, START))
    assert await states(room) == {"ada": "recycled", "eda": "opportunity"}


async def test_a_mistaken_merge_wakes_what_it_had_ended(room: Room) -> None:
    """Whichever partition tells first, and once."""
    await given_a_lead(room, ada)
    await given_a_lead(room, eda)
    await room.deliver(*eda.merged(ada, START))
    await room.advance(days(3))
    await room.deliver(*eda.unmerged(ada, START + days(3)), *eda.merged(ada, START))
    (woken,) = await room.emitted(LeadWoken)
    assert (woken.lead_id, woken.reason, woken.occurred_at) == (eda.lead_id, "unmerged", START + days(3))
    assert await shown(room, ada) == [("ada", "mql")]
    assert await residual(room) == []


async def test_an_undoing_that_is_heard_first_leaves_two_people(room: Room) -> None:
    await given_a_lead(room, ada)
    await given_a_lead(room, eda)
    await room.deliver(*eda.unmerged(ada, START + days(1)), *eda.merged(ada, START))
    assert await states(room) == {"ada": "mql", "eda": "mql"}
    assert await room.emitted(LeadRecycled) == []


async def test_what_either_does_wakes_the_persons_last_lead(room: Room) -> None:
    """And the next cycle, under the survivor's id, takes over from the loser's."""
    await given_a_lead(room, eda)
    await does(room, "recycle", story=eda, reason="not_ready")
    await room.deliver(*eda.merged(ada, START))
    await room.deliver(ada.captured(START + days(5), "contact_sales"))
    (woken,) = await room.emitted(LeadWoken)
    assert (woken.lead_id, woken.early) == (eda.lead_id, True)
    second = Story("ada", 2, START + days(5))
    await room.deliver(second.qualified())
    await room.advance(days(100))
    assert len(await room.emitted(LeadWoken)) == 1
    assert await shown(room, ada) == [("eda", "recycled"), ("ada", "mql")]


async def test_touches_of_both_contacts_share_the_credit(room: Room) -> None:
    await room.deliver(ada.captured(START - days(2), source="webinar"), eda.captured(START - days(1), source="social"))
    await given_a_lead(room, eda)
    await room.deliver(*eda.merged(ada, START))
    await room.advance(days(1))
    await does(room, "won", story=eda, amount=9)
    items = (await room.http.get("/v1/attribution?by=source")).json()["items"]
    assert {item["group"]: item["won"] for item in items} == {"webinar": 0.3333, "social": 0.3333, "web_form": 0.3333}


async def test_who_is_erased_leaves_the_person_behind(room: Room) -> None:
    await given_a_lead(room, ada)
    await given_a_lead(room, eda)
    await room.deliver(*eda.merged(ada, START))
    await room.deliver(eda.erased(START))
    await does(room, "accept", story=ada)
    assert await states(room) == {"ada": "accepted"}
    assert (await show(room, ada))["state"] == "accepted"
    assert await room.raw.fetch("select from merges") == []
    stages = (await room.http.get("/v1/stages")).json()["items"]
    assert {one["stage"]: one["leads"] for one in stages if one["leads"]} == {"accepted": 1, "erased": 1}


async def test_a_merge_that_arrives_after_the_erasure_is_not_kept(room: Room) -> None:
    """X8: nothing orders the topics, and nothing would delete it any more."""
    await room.deliver(ada.qualified(), eda.qualified())
    await room.deliver(eda.erased(START))
    await room.deliver(*eda.merged(ada, START))
    async with room.transaction() as tx:
        assert await tx.raw.fetch("select from merges") == []
