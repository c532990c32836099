"""The read model on PostgreSQL: the same rows whatever the order, erased with a receipt, audited."""

import re
from random import Random
from typing import Any

import pytest

from events.contacts import CampaignAnnounced, ContactErased, ContactMerged, ErasureReceipt
from events.envelope import Event
from events.ids import derive_id
from events.leads import LeadCycle, LeadLifecycle
from events.runtime.testing import ServiceHarness
from events.sla import ClockBreached, ClockMet
from tests.desk.test_pages import ADA, profile, promised
from tests.sla_monitor.lead_story import MONDAY, Story, days, minutes

BACK = Story(name="back")


def clock(kind: Any, **more: Any) -> Any:
    return kind(
        **ADA.who, occurred_at=MONDAY + minutes(20), playbook_version="v", clock_id=ADA.clock_id("first_touch"),
        clock="first_touch", policy="p", started_at=MONDAY, due_at=MONDAY + minutes(15), rep_id="ann", **more,
    )  # fmt: skip


def life(of: Story = ADA) -> LeadLifecycle:
    cycle = LeadCycle(lead_id=of.lead_id, cycle=1, state="accepted", side="sales", since=MONDAY, touches=1)
    return LeadLifecycle(contact_id=of.contact_id, occurred_at=MONDAY + minutes(9), revision=3, cycles=[cycle])


EVENTS: list[Event] = [
    profile(ADA), profile(ADA, revision=2, first_name="Augusta"), ADA.qualified(), ADA.upgraded(MONDAY + minutes(1)),
    ADA.queued(), ADA.assigned("ann", number=2), promised(ADA, 1), promised(ADA, 2, rep_id="bob"), life(),
    ADA.touched(MONDAY + minutes(5)), ADA.accepted(MONDAY + minutes(6)), clock(ClockBreached),
    clock(ClockMet, met_at=MONDAY + minutes(30), overdue_seconds=900.0),
    BACK.qualified(), BACK.assigned("bob"), BACK.recycled(MONDAY + days(1)), BACK.released(MONDAY + days(1)),
    CampaignAnnounced(occurred_at=MONDAY, campaign="spring", revision=1, name="Spring"),
    CampaignAnnounced(occurred_at=MONDAY, campaign="spring", revision=2, name="Spring fair"),
    ContactMerged(occurred_at=MONDAY, contact_id=ADA.contact_id, merge_id=derive_id("m"), survivor_id=ADA.contact_id,
                  loser_id=BACK.contact_id),
]  # fmt: skip
TABLES = ("people", "leads", "entries", "promises", "campaigns", "merges")


async def rows(harness: ServiceHarness) -> dict[str, list[str]]:
    return {
        table: sorted(row["row"] for row in await harness.raw.fetch(f"select to_jsonb(t)::text as row from {table} t"))  # noqa: S608
        for table in TABLES
    }


async def test_any_order_and_any_duplicates_make_the_same_rows(harness: ServiceHarness) -> None:
    found = []
    for seed in range(4):
        random = Random(seed)  # noqa: S311 - reproducible
        events = random.sample(EVENTS, len(EVENTS)) + random.choices(EVENTS, k=4) if seed else EVENTS
        await harness.deliver(*events)
        found.append(await rows(harness))
        for table in TABLES:
            await harness.raw.execute(f"delete from {table}")  # noqa: S608
    assert found[1:] == found[:1] * 3
    assert len(found[0]["leads"]) == 2
    assert len(found[0]["promises"]) == 1


async def test_erasure_deletes_every_row_and_counts_them(harness: ServiceHarness) -> None:
    await harness.deliver(*EVENTS)
    event = ContactErased(occurred_at=MONDAY, contact_id=ADA.contact_id, erasure_id=derive_id("erasure", 1))
    await harness.deliver(event)
    (receipt,) = await harness.emitted(ErasureReceipt)
    assert receipt.rows >= 10
    for table in ("people", "leads", "entries", "promises"):
        left = await harness.raw.fetch(f"select from {table} where contact_id = $1", ADA.contact_id)
        assert left == [], table
    assert await harness.service.audit_now() == []


OF_EVERY_TRANSACTION = re.compile(r"savepoint| contacts |business_now", re.IGNORECASE)


async def test_a_batch_is_one_load_and_one_write_however_large(harness: ServiceHarness) -> None:
    counts = []
    for size in (1, 2, 60):
        of_size = [Story(name=f"{nth} of {size}") for nth in range(size)]
        for batch in (
            [profile(each) for each in of_size],
            [each.assigned("ann") for each in of_size],
            [promised(each, 1) for each in of_size],
            [life(each) for each in of_size],
        ):
            asked: list[str] = []
            with harness.raw.query_logger(lambda record, asked=asked: asked.append(record.query)):  # type: ignore[attr-defined]
                await harness.deliver(*batch)
            own = [text for text in asked if not OF_EVERY_TRANSACTION.search(text)]
            counts.append(len(own))
            assert "pg_notify" in own[-1] or batch[0].ce_type == "contact.profile.v1"
    assert set(counts[4:]) == {2}  # the first time, the driver asks for types


async def test_leads_of_the_erased_stay_away_whoever_publishes_their_lives(harness: ServiceHarness) -> None:
    erased = ContactErased(occurred_at=MONDAY, contact_id=ADA.contact_id, erasure_id=derive_id("erasure", 2))
    await harness.deliver(erased, profile(ADA), ADA.assigned("ann"), life())
    cycle = life().cycles[0].changed(contact_id=ADA.contact_id)
    await harness.deliver(life(BACK), life(BACK).changed(cycles=[cycle], revision=4))
    found = await harness.raw.fetch("select contact_id from leads")
    assert [row["contact_id"] for row in found] == [BACK.contact_id]
    assert await harness.raw.fetch("select from people") == []


async def test_facts_of_one_clock_in_one_batch_are_put_together(harness: ServiceHarness) -> None:
    await harness.deliver(clock(ClockBreached), clock(ClockMet, met_at=MONDAY + minutes(30), overdue_seconds=900.0))
    [row] = await harness.raw.fetch("select breached_at, met_at, late_seconds from promises")
    assert tuple(row) == (MONDAY + minutes(20), MONDAY + minutes(30), 900.0)


UNSENT = """
insert into messages select gen_random_uuid(), 'mia', 'email', 'assigned', lead_id, contact_id, now(),
now() - interval '2 hours', 0 from leads limit 1
"""


@pytest.mark.parametrize(
    ("plant", "rule"),
    [
        ("insert into erasures select contact_id, now() from leads limit 1", "kept_of_the_erased"),
        ("insert into erasures select contact_id, now() from people limit 1", "person_erased"),
        ("update leads set state = 'mql', ended_at = now() where ended_at is not null", "open_and_ended"),
        (UNSENT, "unsent"),
    ],
)  # fmt: skip
async def test_the_audit_finds_what_must_not_be(harness: ServiceHarness, plant: str, rule: str) -> None:
    await harness.deliver(*EVENTS)
    assert await harness.service.audit_now() == []
    await harness.raw.execute(plant)
    assert rule in {row["rule"] for row in await harness.service.audit_now()}
