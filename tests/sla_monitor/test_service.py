"""The service on a real PostgreSQL: clocks are rows, timers are rows, and what is said is in the journal."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from events.contacts import ContactErased, ErasureReceipt
from events.envelope import Event
from events.leads import CustomerChanged, LeadWoken
from events.runtime import clock
from events.runtime.testing import START, ServiceHarness
from events.sla import (
    ClockBreached,
    ClockEscalated,
    ClockEvent,
    ClockMet,
    ClockRescinded,
    ClockWarned,
    ReviewOpened,
)
from sla_monitor.app import service
from tests.sla_monitor.domain_harness import FOLDER
from tests.sla_monitor.lead_story import Story, days, hours, minutes

KINDS: tuple[type[ClockEvent], ...] = (
    ClockWarned,
    ClockBreached,
    ClockMet,
    ClockRescinded,
    ClockEscalated,
    ReviewOpened,
)


async def clocks(harness: ServiceHarness, **filters: Any) -> dict[str, dict[str, Any]]:
    answer = await harness.http.get("/v1/clocks", params={"limit": 1000, **filters})
    assert answer.status_code == 200, answer.text
    return {f"{item['clock']}/{item['run']}": item for item in answer.json()["items"]}


async def states(harness: ServiceHarness) -> dict[str, str]:
    return {name: clock["state"] for name, clock in (await clocks(harness)).items()}


async def published_events(harness: ServiceHarness) -> list[tuple[timedelta, str, str]]:
    """What was said since the start, in order: when, what, of which clock."""
    found: list[Event] = [event for kind in KINDS for event in await harness.emitted(kind)]
    events = [event for event in found if isinstance(event, ClockEvent)]
    return sorted((event.occurred_at - START, type(event).__name__, event.clock) for event in events)


async def residual(harness: ServiceHarness) -> list[dict[str, Any]]:
    return await harness.service.audit_now()


async def test_ninety_days_of_a_lead_that_nobody_works(harness: ServiceHarness) -> None:
    """L1, L2, L9, L10: each level once, at its exact instant."""
    await harness.deliver(Story().qualified(), Story().assigned())
    await harness.advance(days(120))
    assert await published_events(harness) == [
        (hours(6), "ClockWarned", "acceptance"),
        (hours(8), "ClockBreached", "acceptance"),
        (hours(8), "ClockEscalated", "acceptance"),
        (hours(36), "ClockWarned", "first_touch"),
        (hours(48), "ClockBreached", "first_touch"),
        (hours(48), "ClockEscalated", "first_touch"),
        (days(22.5), "ClockWarned", "second_touch"),
        (days(30), "ClockBreached", "second_touch"),
        (days(60), "ReviewOpened", "review"),
        (days(90), "ClockBreached", "review"),
        (days(90), "ClockEscalated", "review"),
    ]
    (recycle,) = [event for event in await harness.emitted(ClockEscalated) if event.clock == "review"]
    assert (recycle.action, recycle.reason) == ("recycle", "not_followed_up")
    assert all(event.overdue_seconds == 0 for event in await harness.emitted(ClockBreached))
    assert await residual(harness) == []


async def test_the_life_of_a_lead_that_is_worked_well(harness: ServiceHarness) -> None:
    lead = Story(lead_type="hand_raiser")
    await harness.deliver(lead.qualified(), lead.assigned())
    await harness.advance(minutes(4))
    await harness.deliver(lead.accepted(START + minutes(4)))
    await harness.advance(minutes(6))
    await harness.deliver(lead.touched(START + minutes(10)))
    await harness.advance(days(2))
    await harness.deliver(lead.touched(START + days(2)), lead.meeting(START + days(2), "booked"))
    await harness.advance(days(100))
    assert await published_events(harness) == [
        (minutes(3.75), "ClockWarned", "acceptance"),
        (minutes(4), "ClockMet", "acceptance"),
        (minutes(10), "ClockMet", "first_touch"),
        (minutes(10), "ClockMet", "speed_to_lead"),
        (days(2) + minutes(10), "ClockMet", "review"),
        (days(2) + minutes(10), "ClockMet", "second_touch"),
    ]
    assert set((await states(harness)).values()) == {"met"}
    assert not await harness.raw.fetch("select from timers")
    assert await residual(harness) == []


async def test_a_batch_of_many_leads_takes_as_many_statements_as_one_of_few(harness: ServiceHarness) -> None:
    """The hot path is set-based."""
    counts = []
    for size in (2, 1, 50):
        leads = [Story(name=f"{nth} of {size}") for nth in range(size)]
        asked: list[str] = []
        with harness.raw.query_logger(lambda record, asked=asked: asked.append(record.query)):  # type: ignore[attr-defined]
            await harness.deliver(*(lead.assigned() for lead in leads))
            await harness.deliver(*(lead.touched(START) for lead in leads))
        counts.append(len(asked))
    assert counts[1] == counts[2] <= 26


async def test_a_touch_before_its_assignment_counts_all_the_same(harness: ServiceHarness) -> None:
    lead = Story()
    await harness.deliver(lead.touched(START + hours(1)))
    assert await clocks(harness) == {}
    await harness.deliver(lead.assigned())
    assert (await states(harness))["first_touch/1"] == "met"
    await harness.deliver(lead.assigned(), lead.assigned())
    assert len(await harness.emitted(ClockMet)) == 3


async def test_a_miss_is_published_once_whatever_is_delivered_again(harness: ServiceHarness) -> None:
    """I7, X27: replays and restarts never notify again."""
    lead = Story()
    await harness.deliver(lead.assigned())
    await harness.advance(days(3))
    before = await published_events(harness)
    await harness.deliver(lead.assigned(), lead.qualified())
    await harness.advance(minutes(1))
    assert await published_events(harness) == before


async def test_a_touch_at_the_due_instant_that_arrives_after_it_rescinds(harness: ServiceHarness) -> None:
    lead = Story()
    await harness.deliver(lead.assigned())
    await harness.advance(hours(48))
    assert (await states(harness))["first_touch/1"] == "breached"
    await harness.deliver(lead.touched(START + hours(48)))
    assert (await states(harness))["first_touch/1"] == "rescinded"
    assert [event.met_at for event in await harness.emitted(ClockRescinded)] == [START + hours(48)]
    assert (await harness.http.get("/v1/breaches?clock=first_touch")).json()["items"] == []


async def test_another_rep_restarts_the_acceptance_clock_alone(harness: ServiceHarness) -> None:
    lead = Story()
    await harness.deliver(lead.assigned("ann"))
    await harness.advance(hours(8))
    (escalated,) = await harness.emitted(ClockEscalated)
    assert (escalated.action, escalated.rep_id) == ("reassign", "ann")
    await harness.deliver(lead.assigned("bob", START + hours(8), 2))
    found = await clocks(harness)
    assert found["acceptance/2"]["rep_id"] == found["first_touch/1"]["rep_id"] == "bob"
    assert found["acceptance/1"]["rep_id"] == "ann"
    assert found["first_touch/1"]["started_at"] == "2026-03-02T09:00:00Z"


async def test_a_placement_that_arrives_out_of_order_takes_a_running_back_that_never_was(
    harness: ServiceHarness,
) -> None:
    """A parked record that is replayed corrects whose clock ran."""
    lead = Story()
    await harness.deliver(lead.assigned("bob", START + minutes(2), 3))
    await harness.advance(hours(9))
    await harness.deliver(lead.assigned("bob", START, 2))
    found = await clocks(harness, clock="acceptance")
    assert {name: clock["state"] for name, clock in found.items()} == {
        "acceptance/2": "running",
        "acceptance/3": "cancelled",
    }
    assert [event.clock_id for event in await harness.emitted(ClockRescinded)] == [lead.clock_id("acceptance", 3)]
    await harness.advance(minutes(1))
    assert (await clocks(harness, clock="acceptance"))["acceptance/2"]["state"] == "breached"
    assert await residual(harness) == []


async def test_a_running_that_never_was_and_was_not_published_leaves_no_trace(harness: ServiceHarness) -> None:
    lead = Story()
    await harness.deliver(lead.assigned("bob", START + minutes(2), 3), lead.assigned("bob", START, 2))
    assert set(await clocks(harness, clock="acceptance")) == {"acceptance/2"}


async def test_a_lead_that_returns_has_no_timer_left(harness: ServiceHarness) -> None:
    lead = Story()
    await harness.deliver(lead.assigned(), lead.recycled(START + hours(1)))
    await harness.advance(timedelta(0))
    assert set((await states(harness)).values()) == {"cancelled"}
    assert not await harness.raw.fetch("select from timers")


async def test_an_erased_contact_leaves_nothing_behind_and_starts_no_clock_again(harness: ServiceHarness) -> None:
    """The receipt counts the rows; what is heard of the contact later is dropped."""
    lead, other = Story(), Story(name="other")
    await harness.deliver(lead.assigned(), other.assigned())
    await harness.advance(days(3))
    erasure = ContactErased(contact_id=lead.contact_id, occurred_at=START, erasure_id=uuid4())
    await harness.deliver(erasure)
    (receipt,) = await harness.emitted(ErasureReceipt)
    assert (receipt.service, receipt.erasure_id) == ("sla-monitor", erasure.erasure_id)
    assert receipt.rows > 6
    await harness.deliver(lead.touched(START + days(3)))
    for table in ("leads", "clocks", "timers"):
        rows = await harness.raw.fetch(f"select contact_id from {table}")  # noqa: S608 - names of our own
        assert {row["contact_id"] for row in rows} == {other.contact_id}
    again = ContactErased(contact_id=lead.contact_id, occurred_at=START, erasure_id=uuid4())
    await harness.deliver(again)
    assert (await harness.emitted(ErasureReceipt))[-1].erasure_id == again.erasure_id


async def test_events_that_start_and_stop_nothing_are_taken_in_peace(harness: ServiceHarness) -> None:
    lead = Story()
    woken = LeadWoken(**lead.who, occurred_at=START, playbook_version="v", reason="not_ready")
    sold = CustomerChanged(contact_id=lead.contact_id, occurred_at=START, action_id=uuid4(), change="renewed", by="ann")
    await harness.deliver(woken, sold)
    assert not await harness.raw.fetch("select from leads")


async def test_a_clock_keeps_the_agreement_that_was_in_force_when_it_started(harness: ServiceHarness) -> None:
    lead = Story()
    await harness.deliver(lead.assigned("ann"))
    first = (await clocks(harness))["first_touch/1"]
    source = service.playbooks.read(FOLDER)
    stricter = type(source)(source.definitions, source.body.replace("first_touch: 48h", "first_touch: 1h"))
    await harness.advance(hours(1))
    async with harness.transaction() as tx:
        await service.playbooks.activate(tx, stricter, by="both", approvals=[])
    await harness.deliver(lead.assigned("bob", START + hours(1), 2), Story(name="new").assigned(at=START + hours(1)))
    mine = await clocks(harness, lead_id=str(lead.lead_id))
    assert mine["first_touch/1"]["due_at"] == first["due_at"]
    assert mine["acceptance/2"]["playbook_version"] == stricter.version
    new = await clocks(harness, lead_id=str(Story(name="new").lead_id))
    assert new["first_touch/1"]["due_at"] == "2026-03-02T10:00:00Z"


async def test_an_end_that_overtakes_its_touches_flags_nothing_that_was_kept(harness: ServiceHarness) -> None:
    """The end and the touches before it travel on two topics, and nothing orders those; timers wait for both."""
    lead = Story()
    await harness.deliver(lead.assigned())
    await clock.set_business_time(harness.raw, START + hours(60))
    await harness.deliver(lead.recycled(START + hours(60)))
    await harness.deliver(lead.touched(START + hours(1)))
    await harness.advance(timedelta(0))
    missed = {event.clock for event in await harness.emitted(ClockBreached)}
    assert "first_touch" not in missed
    assert await harness.emitted(ClockRescinded) == []
    assert (await states(harness))["first_touch/1"] == "met"


async def test_another_calendar_moves_the_timers_of_running_clocks(harness: ServiceHarness) -> None:
    """Nobody says anything of the lead: the agreement alone has changed, and what remains of its clocks with it."""
    lead = Story(lead_type="hand_raiser")
    await harness.deliver(lead.assigned(), Story(name="over").assigned(), Story(name="over").recycled(START))
    await harness.advance(minutes(10))
    source = service.playbooks.read(FOLDER)
    holiday = source.body.replace("holidays: []", "holidays: [2026-03-02]")
    async with harness.transaction() as tx:
        await service.playbooks.activate(tx, type(source)(source.definitions, holiday), by="both", approvals=[])
    await harness.advance(timedelta(0))
    touch = (await clocks(harness, lead_id=str(lead.lead_id)))["first_touch/1"]
    assert touch["due_at"] == "2026-03-03T09:05:00Z"
    assert await residual(harness) == []
    await harness.advance(days(2))
    missed = [event.occurred_at for event in await harness.emitted(ClockBreached) if event.clock == "first_touch"]
    assert missed == [START + days(1) + minutes(5)]
