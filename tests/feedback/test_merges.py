"""Two contacts are one person, or are two again: on a real PostgreSQL, in whatever order it arrives."""

import itertools
from datetime import timedelta

import pytest

from events.envelope import Event
from events.leads import LeadLifecycle, LeadRecycled, LeadWoken
from events.runtime.testing import START, ServiceHarness
from tests.feedback.lead_story import LeadStory, days
from tests.feedback.test_service import does, given_a_lead, residual, show

ada, eda = LeadStory("ada", start=START), LeadStory("eda", start=START + timedelta(hours=1))


async def states(harness: ServiceHarness) -> dict[str, str]:
    rows = await harness.raw.fetch("select contact_id, state from leads")
    names = {story.contact_id: story.name for story in (ada, eda)}
    return {names[row["contact_id"]]: row["state"] for row in rows}


async def shown(harness: ServiceHarness, story: LeadStory) -> list[tuple[str, str]]:
    """The cycles of the contact's last snapshot."""
    (*_, last) = [event for event in await harness.emitted(LeadLifecycle) if event.contact_id == story.contact_id]
    names = {each.contact_id: each.name for each in (ada, eda)}
    return [(names[cycle.contact_id], cycle.state) for cycle in last.cycles if cycle.contact_id]


EVENTS: list[tuple[Event, ...]] = [(ada.qualified(),), (eda.qualified(),), eda.merged(ada, START + days(1))]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
async def test_of_two_open_leads_the_losers_ends_as_duplicate(harness: ServiceHarness, order: tuple[int, ...]) -> None:
    """Whatever is heard first; ids never change, and the survivor shows both."""
    await harness.advance(days(2))
    for n in order:
        await harness.deliver(*EVENTS[n])
    assert await states(harness) == {"ada": "mql", "eda": "recycled"}
    (ended,) = await harness.emitted(LeadRecycled)
    assert (ended.reason, ended.track, ended.occurred_at) == ("duplicate", "merge", START + days(1))
    assert (ended.contact_id, ended.lead_id) == (eda.contact_id, eda.lead_id)
    assert sorted(await shown(harness, ada)) == [("ada", "mql"), ("eda", "recycled")]
    assert await shown(harness, eda) == [("eda", "recycled")]
    await harness.deliver(ada.captured(START + days(2), "demo_request"))
    assert await harness.emitted(LeadWoken) == []
    assert await residual(harness) == []


async def test_a_lead_that_only_the_loser_has_goes_on(harness: ServiceHarness) -> None:
    await given_a_lead(harness, eda)
    await harness.deliver(*eda.merged(ada, START))
    assert await states(harness) == {"eda": "mql"}
    assert await shown(harness, ada) == [("eda", "mql")]
    await does(harness, "accept", story=eda)
    assert await shown(harness, ada) == [("eda", "accepted")]


async def test_the_lead_with_a_deal_goes_on(harness: ServiceHarness) -> None:
    """What outcomes say wins over what was assumed."""
    await given_a_lead(harness, ada)
    await given_a_lead(harness, eda)
    await does(harness, "opportunity", story=eda, amount=5)
    await harness.deliver(*eda.merged(ada, START))
    assert await states(harness) == {"ada": "recycled", "eda": "opportunity"}


async def test_a_mistaken_merge_wakes_what_it_had_ended(harness: ServiceHarness) -> None:
    """Whichever partition tells first, and once."""
    await given_a_lead(harness, ada)
    await given_a_lead(harness, eda)
    await harness.deliver(*eda.merged(ada, START))
    await harness.advance(days(3))
    await harness.deliver(*eda.unmerged(ada, START + days(3)), *eda.merged(ada, START))
    (woken,) = await harness.emitted(LeadWoken)
    assert (woken.lead_id, woken.reason, woken.occurred_at) == (eda.lead_id, "unmerged", START + days(3))
    assert await shown(harness, ada) == [("ada", "mql")]
    assert await residual(harness) == []


async def test_an_undoing_that_is_heard_first_leaves_two_people(harness: ServiceHarness) -> None:
    await given_a_lead(harness, ada)
    await given_a_lead(harness, eda)
    await harness.deliver(*eda.unmerged(ada, START + days(1)), *eda.merged(ada, START))
    assert await states(harness) == {"ada": "mql", "eda": "mql"}
    assert await harness.emitted(LeadRecycled) == []


async def test_what_either_does_wakes_the_persons_last_lead(harness: ServiceHarness) -> None:
    """And the next cycle, under the survivor's id, takes over from the loser's."""
    await given_a_lead(harness, eda)
    await does(harness, "recycle", story=eda, reason="not_ready")
    await harness.deliver(*eda.merged(ada, START))
    await harness.deliver(ada.captured(START + days(5), "contact_sales"))
    (woken,) = await harness.emitted(LeadWoken)
    assert (woken.lead_id, woken.early) == (eda.lead_id, True)
    second = LeadStory("ada", 2, START + days(5))
    await harness.deliver(second.qualified())
    await harness.advance(days(100))
    assert len(await harness.emitted(LeadWoken)) == 1
    assert await shown(harness, ada) == [("eda", "recycled"), ("ada", "mql")]


@pytest.mark.parametrize(("kept", "ended"), [(ada, eda), (eda, ada)], ids=["known first", "known last"])
async def test_a_lead_that_a_merge_ended_keeps_nobody_asleep(
    harness: ServiceHarness, kept: LeadStory, ended: LeadStory
) -> None:
    """The duplicate counted as the next cycle: the person's real lead was returned with a date, and never woken."""
    await given_a_lead(harness, ada)
    await given_a_lead(harness, eda)
    await harness.deliver(*ended.merged(kept, START + days(1)))
    await does(harness, "recycle", story=kept, reason="not_ready")
    assert await residual(harness) == []
    await harness.advance(days(100))
    assert [event.lead_id for event in await harness.emitted(LeadWoken)] == [kept.lead_id]
    assert await residual(harness) == []


async def test_the_persons_next_cycle_takes_over_under_either_contact(harness: ServiceHarness) -> None:
    """The wake-up of the earlier cycle is dropped, and the audit knows why."""
    await given_a_lead(harness, eda)
    await does(harness, "recycle", story=eda, reason="not_ready")
    await harness.deliver(*eda.merged(ada, START))
    await harness.deliver(LeadStory("ada", 2, START + days(5)).qualified())
    assert await residual(harness) == []
    await harness.advance(days(100))
    assert await harness.emitted(LeadWoken) == []


async def test_touches_of_both_contacts_share_the_credit(harness: ServiceHarness) -> None:
    await harness.deliver(
        ada.captured(START - days(2), source="webinar"), eda.captured(START - days(1), source="social")
    )
    await given_a_lead(harness, eda)
    await harness.deliver(*eda.merged(ada, START))
    await harness.advance(days(1))
    await does(harness, "won", story=eda, amount=9)
    items = (await harness.http.get("/v1/attribution?by=source")).json()["items"]
    assert {item["group"]: item["won"] for item in items} == {"webinar": 0.3333, "social": 0.3333, "web_form": 0.3333}


async def test_who_is_erased_leaves_the_person_behind(harness: ServiceHarness) -> None:
    await given_a_lead(harness, ada)
    await given_a_lead(harness, eda)
    await harness.deliver(*eda.merged(ada, START))
    await harness.deliver(eda.erased(START))
    await does(harness, "accept", story=ada)
    assert await states(harness) == {"ada": "accepted"}
    assert (await show(harness, ada))["state"] == "accepted"
    assert await harness.raw.fetch("select from merges") == []
    stages = (await harness.http.get("/v1/stages")).json()["items"]
    assert {stage["stage"]: stage["leads"] for stage in stages if stage["leads"]} == {"accepted": 1, "erased": 1}


async def test_a_merge_that_arrives_after_the_erasure_is_not_kept(harness: ServiceHarness) -> None:
    """X8: nothing orders the topics, and nothing would delete it any more."""
    await harness.deliver(ada.qualified(), eda.qualified())
    await harness.deliver(eda.erased(START))
    await harness.deliver(*eda.merged(ada, START))
    async with harness.transaction() as tx:
        assert await tx.raw.fetch("select from merges") == []
