"""The read model on PostgreSQL: the same rows whatever the order, erased with a receipt, audited."""

from random import Random
from typing import Any

import pytest

from events.contacts import CampaignAnnounced, ContactErased, ContactMerged, ErasureReceipt
from events.envelope import Event
from events.ids import derive
from events.leads import Cycle, LeadLifecycle
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


def life() -> LeadLifecycle:
    cycle = Cycle(lead_id=ADA.lead_id, cycle=1, state="accepted", side="sales", since=MONDAY, touches=1)
    return LeadLifecycle(contact_id=ADA.contact_id, occurred_at=MONDAY + minutes(9), revision=3, cycles=[cycle])


EVENTS: list[Event] = [
    profile(ADA), profile(ADA, revision=2, first_name="Augusta"), ADA.qualified(), ADA.upgraded(MONDAY + minutes(1)),
    ADA.queued(), ADA.assigned("ann", number=2), promised(ADA, 1), promised(ADA, 2, rep_id="bob"), life(),
    ADA.touched(MONDAY + minutes(5)), ADA.accepted(MONDAY + minutes(6)), clock(ClockBreached),
    clock(ClockMet, met_at=MONDAY + minutes(30), overdue_seconds=900.0),
    BACK.qualified(), BACK.assigned("bob"), BACK.recycled(MONDAY + days(1)), BACK.released(MONDAY + days(1)),
    CampaignAnnounced(occurred_at=MONDAY, campaign="spring", revision=1, name="Spring"),
    CampaignAnnounced(occurred_at=MONDAY, campaign="spring", revision=2, name="Spring fair"),
    ContactMerged(occurred_at=MONDAY, contact_id=ADA.contact_id, merge_id=derive("m"), survivor_id=ADA.contact_id,
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
    event = ContactErased(occurred_at=MONDAY, contact_id=ADA.contact_id, erasure_id=derive("erasure", 1))
    await harness.deliver(event)
    (receipt,) = await harness.emitted(ErasureReceipt)
    assert receipt.rows >= 10
    for table in ("people", "leads", "entries", "promises"):
        left = await harness.raw.fetch(f"select from {table} where contact_id = $1", ADA.contact_id)
        assert left == [], table
    assert await harness.service.audit_now() == []


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
