"""X47: routing's database is put back to before all this; where leads were placed comes from its own topic."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from events.contacts import ContactErased
from events.envelope import Event
from events.ids import derive_id, derive_lead_id
from events.leads import (
    ContactCorrections,
    LeadAccepted,
    LeadAssigned,
    LeadQueued,
    LeadRejected,
    LeadReleased,
    LeadTouched,
    LeadWon,
)
from events.runtime.testing import START, ServiceHarness
from routing import handlers
from routing.domain import Lead, apply_own_placement
from routing.models import Leads
from tests.put_back import delete_rows, published
from tests.routing.builders import (
    MONDAY,
    TWO_REPS,
    contact,
    context,
    cooled,
    escalated,
    event_of,
    placed,
    qualified,
    recycled,
    rep,
    upgraded,
    worked,
)
from tests.routing.test_service import assert_sound, only, put

Story = Callable[[ServiceHarness], Awaitable[None]]
CALL: dict[str, Any] = {"kind": "call", "outcome": "welcomed"}
FRANCE = ContactCorrections(country="FR")
PLACED = (LeadAssigned, LeadQueued, LeadReleased)


async def command(harness: ServiceHarness, verb: str, **body: Any) -> None:
    answer = await harness.http.post(f"/v1/leads/{derive_lead_id(contact('ada'), 1)}/{verb}", json=body)
    assert answer.status_code == 200, answer.text


async def is_called(harness: ServiceHarness) -> None:
    await harness.deliver(qualified("ada"))
    await harness.deliver(worked(LeadTouched, "ada", at=START, **CALL))


async def is_accepted(harness: ServiceHarness) -> None:
    await harness.deliver(qualified("ada"))
    await harness.deliver(worked(LeadAccepted, "ada", at=START))


async def waits_in_line(harness: ServiceHarness) -> None:
    await only(harness)
    await harness.deliver(qualified("ada"))


async def waited_and_was_served(harness: ServiceHarness) -> None:
    await waits_in_line(harness)
    await put(harness, "inbound-2", status="active")
    await harness.advance(timedelta(minutes=1))


async def is_passed_on(harness: ServiceHarness) -> None:
    await harness.deliver(qualified("ada"))
    await harness.advance(timedelta(minutes=1))
    await command(harness, "pass", by="inbound-2", reason="I know nothing of it")


async def is_reassigned_by_hand(harness: ServiceHarness) -> None:
    await harness.deliver(qualified("ada"))
    await command(harness, "reassign", rep_id="ae-2", by="mara", reason="she asked", force=True)


async def is_taken_back(harness: ServiceHarness) -> None:
    await harness.deliver(qualified("ada"))
    await only(harness, "inbound-1")
    await command(harness, "unassign", by="mara", reason="too slow")


async def grows_stronger_and_moves(harness: ServiceHarness) -> None:
    await harness.deliver(qualified("ada", lead_type="content", engagement="content_download", fit="C"))
    await harness.deliver(upgraded("ada"))


async def is_missed_and_reassigned(harness: ServiceHarness) -> None:
    await harness.deliver(qualified("ada"))
    await harness.advance(timedelta(hours=1))
    await harness.deliver(escalated("ada", rep_id="inbound-2", at=START + timedelta(hours=1)))


async def is_rejected_for_another(harness: ServiceHarness) -> None:
    await harness.deliver(qualified("ada"))
    await harness.advance(timedelta(minutes=2))
    at = START + timedelta(minutes=1)
    await harness.deliver(worked(LeadRejected, "ada", at=at, reason="wrong_territory", state="mql", corrected=FRANCE))


async def is_returned(harness: ServiceHarness) -> None:
    await is_called(harness)
    await harness.deliver(recycled("ada"))


async def cools_in_line(harness: ServiceHarness) -> None:
    await waits_in_line(harness)
    await harness.deliver(cooled("ada"))


async def is_won(harness: ServiceHarness) -> None:
    await is_called(harness)
    await harness.deliver(worked(LeadWon, "ada"))


STORIES: list[Story] = [
    is_called, is_accepted, waits_in_line, waited_and_was_served, is_passed_on, is_reassigned_by_hand, is_taken_back,
    grows_stronger_and_moves, is_missed_and_reassigned, is_rejected_for_another, is_returned, cools_in_line, is_won,
]  # fmt: skip


async def put_back(harness: ServiceHarness, inputs: list[Event]) -> None:
    """Empty routing's tables but those of its reps, take up what it had published, and read again what others publish.

    In between the audit is clean and every lead is where it was: others may ask before all is read.
    """
    records = await published(harness)
    tables = [table.name for table in Leads.metadata.sorted_tables if table.name != "reps"]
    await delete_rows(harness, [*tables, "timers"])
    async with harness.transaction() as tx:
        await handlers.restore_published_state(records, tx)
    await assert_sound(harness)
    await harness.deliver(*inputs)


async def rows(harness: ServiceHarness) -> list[dict[str, Any]]:
    """Return what is known of the leads, without the number of records, and of ended ones without the work."""
    found = [dict(row) | {"decisions": None} for row in await harness.raw.fetch("select * from leads order by lead_id")]
    return [row | ({"worked": None, "accepted": None} if row["ended_at"] else {}) for row in found]


async def names(harness: ServiceHarness) -> set[UUID]:
    return {event.ce_id for kind in PLACED for event in await harness.emitted(kind)}


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
async def test_a_lead_is_where_it_was_after_a_restore(harness: ServiceHarness, story: Story) -> None:
    """The same rep, team, place, work and facts; nothing is assigned, queued or released anew."""
    inputs: list[Event] = []
    deliver = harness.deliver

    async def delivered(*events: Event) -> None:
        inputs.extend(events)
        await deliver(*events)

    harness.deliver = delivered  # type: ignore[method-assign]  # notes what others published
    await harness.deliver(qualified("bob"))
    await story(harness)
    harness.deliver = deliver  # type: ignore[method-assign]
    before, published_before = await rows(harness), await names(harness)

    await put_back(harness, inputs)

    assert await rows(harness) == before
    assert await names(harness) == published_before
    await assert_sound(harness)
    for number in range(4):
        await put(harness, f"inbound-{number + 1}", status="active")
    await harness.advance(timedelta(days=1))
    await assert_sound(harness)
    assert [row for row in await rows(harness) if row["state"] == "queued"] == []


async def test_a_rep_whom_the_restored_database_does_not_know_keeps_the_lead(harness: ServiceHarness) -> None:
    """Who was added by the API since the backup is gone with it; their leads are theirs, and counted when they return.

    A lead that they passed on within the same records is not theirs any more.
    """
    await put(harness, "zoe", team="inbound", role="bdr")
    await harness.deliver(qualified("ada"), qualified("bob"))
    for name in ("ada", "bob"):
        order = {"rep_id": "zoe", "by": "mara", "reason": "hers"}
        answer = await harness.http.post(f"/v1/leads/{derive_lead_id(contact(name), 1)}/reassign", json=order)
        assert answer.status_code == 200, answer.text
    passed = await harness.http.post(
        f"/v1/leads/{derive_lead_id(contact('bob'), 1)}/pass", json={"by": "zoe", "reason": "not mine"}
    )
    assert passed.status_code == 200, passed.text
    await harness.raw.execute("delete from reps where rep_id = 'zoe'")
    await put_back(harness, [qualified("ada"), qualified("bob")])
    await assert_sound(harness)
    await put(harness, "zoe", team="inbound", role="bdr")
    teams = (await harness.http.get("/v1/reps")).json()["items"]
    assert {each["rep_id"]: each["open"] for each in teams}["zoe"] == 1


async def test_who_was_erased_does_not_come_back(harness: ServiceHarness) -> None:
    """What routing published of them is still on its topic when it starts."""
    await harness.deliver(qualified("ada"))
    records = await published(harness)
    await harness.deliver(
        ContactErased(contact_id=contact("ada"), occurred_at=START, erasure_id=derive_id("erasure", "ada"))
    )
    async with harness.transaction() as tx:
        await handlers.restore_published_state(records, tx)
        await handlers.restore_published_state([], tx)
    assert await rows(harness) == []


class TestPlacements:
    """What a placement says of a lead, of its rep's load, and of the rotation."""

    def test_a_placement_that_is_known_changes_nothing(self) -> None:
        decision = placed()
        event = event_of(decision, LeadAssigned)
        assert apply_own_placement(decision.lead, event, decision.context).lead is decision.lead

    def test_a_rep_is_charged_for_the_day_on_which_they_got_the_lead(self) -> None:
        """Who got leads last week is not full today."""
        monday = MONDAY + timedelta(days=7)
        event = event_of(placed(), LeadAssigned)
        for days, today, this_week in ((7, 0, 0), (1, 0, 1), (0, 1, 1)):
            at = monday + timedelta(days=1)
            seats = context(*TWO_REPS, now=at)
            lead = Lead(event.lead_id, event.contact_id, 1)
            after = apply_own_placement(lead, event.changed(occurred_at=at - timedelta(days=days)), seats).context
            seat = after.pools["inbound"].seats["inbound-1"]
            assert (seat.open, seat.today, seat.this_week) == (1, today, this_week)

    def test_a_turn_counts_and_a_claim_does_not(self) -> None:
        event = event_of(placed(), LeadAssigned)
        for by_turn in (True, False):
            counted = event if by_turn else event.changed(tried=[])
            lead = Lead(event.lead_id, event.contact_id, 1)
            decision = apply_own_placement(lead, counted, context(*TWO_REPS))
            assert decision.lead.in_turn is by_turn
            assert (decision.context.pools["inbound"].level > 0) is by_turn

    def test_whoever_is_not_loaded_has_the_lead_all_the_same(self) -> None:
        event = event_of(placed(on=context(rep("inbound-9"))), LeadAssigned)
        decision = apply_own_placement(Lead(event.lead_id, event.contact_id, 1), event, context(*TWO_REPS))
        assert (decision.lead.state, decision.lead.rep_id) == ("assigned", "inbound-9")
        assert decision.context.turn == 0

    def test_a_lead_that_comes_back_to_a_rep_was_had_once(self) -> None:
        event = event_of(placed(), LeadAssigned)
        lead = Lead(event.lead_id, event.contact_id, 1, had_by=("inbound-1",))
        assert apply_own_placement(lead, event, context(*TWO_REPS)).lead.had_by == ("inbound-1",)

    def test_a_queue_of_no_team_is_no_queue(self) -> None:
        event = event_of(placed(on=context()), LeadQueued).changed(team=None)
        assert apply_own_placement(Lead(event.lead_id, event.contact_id, 1), event, context()).context.waiting == {}
