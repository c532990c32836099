"""The simulation and production agree lead by lead: the same people, lived through by the service and decided again."""

import random
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import yaml

from baton.simulation.comparison import QueueChooser
from baton.simulation.past import read_past_from_database
from baton.simulation.published_leads import PublishedMatch, compare_with_published
from baton.simulation.replay import simulate_leads
from events.contacts import AccountChanged, ContactCaptured, Utm
from events.ids import derive_lead_id
from events.leads import (
    LeadFacts,
    LeadQualified,
    LeadRecycled,
    LeadTouched,
    LeadUpgraded,
    LeadWoken,
    LeadWon,
)
from events.runtime.testing import ServiceHarness
from routing.domain.rules import choose_queue_by_rules, with_account_kind
from routing.playbook import RoutingPlaybook
from scoring.app import service
from tests.conftest import Databases
from tests.scoring.builders import (
    FAIR,
    IDEAL,
    MODEST,
    PLAYBOOK,
    POOR,
    ROOT,
    captured,
    day,
    recycled,
    touched,
    woken,
    won,
)
from tests.simulation.conftest import Database

PEOPLE, DAYS = 60, 120
DID = ("content_download", "pricing_view", "webinar_attended", "event_scan", "social", "demo_request", "contact_sales")


@pytest.fixture
async def harness(databases: Databases) -> AsyncIterator[ServiceHarness]:
    async with ServiceHarness.open(service, await databases("scoring")) as opened:
        async with opened.transaction() as tx:
            default = service.playbooks.read(ROOT / "deploy" / "playbook")
            await service.playbooks.activate(tx, default, by="default", approvals=[])
        yield opened


async def has_lead(harness: ServiceHarness, contact_id: UUID) -> bool:
    """Return whether something can become of a contact's lead."""
    return bool(await harness.raw.fetch("select from leads where contact_id = $1", contact_id))


def year(seed: int) -> Iterator[tuple[float, ContactCaptured | LeadTouched | LeadRecycled | LeadWon | LeadWoken]]:
    """Yield what people did and what may become of their leads, each with the day on which scoring learns it."""
    chance = random.Random(seed)  # noqa: S311 - lives, no secret
    for number in range(PEOPLE):
        contact = UUID(int=1_000 + number)
        facts: dict[str, Any] = chance.choice([IDEAL, MODEST, FAIR, POOR]) | {"email_domain": f"firm-{number}.example"}
        for nth in range(chance.randint(1, 8)):
            at = chance.uniform(0, DAYS)
            late = at + chance.choice([0, 0, 0, 5])
            yield late, captured(chance.choice(DID), at, contact=contact, name=str(nth), received_at=day(late), **facts)
        end = chance.uniform(20, DAYS)
        became = chance.choice([None, touched, recycled, won])
        if became is not None:
            yield end, became(end, contact=contact)
        if became is recycled:
            yield end + 40, woken(end + 40, contact=contact)


async def matched(url: str) -> PublishedMatch:
    """Make the leads of everybody again and compare."""
    return await compare_with_published(url, PLAYBOOK)


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
async def test_the_rules_in_force_make_the_leads_that_were_published(
    harness: ServiceHarness, database: Database, seed: int
) -> None:
    """Late scans, returns, wake-ups and wins among them; then a lead that nobody made is found."""
    for at, event in sorted(year(seed), key=lambda each: each[0]):
        ahead = day(at) - await harness.now
        if ahead > timedelta(0):
            await harness.advance(ahead)
        if isinstance(event, ContactCaptured) or await has_lead(harness, event.contact_id):
            await harness.deliver(event)
    await copy_tables(harness, database)
    found = await matched(database.url)
    assert found.differing == ()
    assert found.is_whole
    assert found.agreeing == found.published > PEOPLE / 4
    changes = {"min": "cycle = cycle + 7", "max": "told_type = 'product'"}
    for which, change in changes.items():
        chosen = f"(select {which}(lead_id::text)::uuid from leads)"  # noqa: S608 - ours
        await database.raw.execute(f"update leads set {change} where lead_id = {chosen}")  # noqa: S608 - ours
    wrong = (await matched(database.url)).as_json()
    assert (wrong["published"], wrong["agreeing"]) == (found.published, found.published - 2)
    sentences = " ".join(wrong["differing"])
    assert "production alone" in sentences
    assert "the simulation alone" in sentences
    assert "published product" in sentences
    await database.raw.execute("truncate leads")


RULES: list[dict[str, Any]] = [
    {"name": "partners", "when": {"account_kind": ["partner"]}, "queue": "customers"},
    {"name": "with-budget", "when": {"fact": {"budget_approved": ["yes"]}}, "queue": "fast-track"},
    {
        "name": "searched",
        "when": {"fact": {"utm.medium": ["cpc"]}, "not": {"campaign": ["brand"]}},
        "queue": "event-qualified",
    },
    {
        "name": "by-day",
        "when": {"hours": {"zone": "UTC", "mon": ["00:00-12:00"], "wed": ["12:00-24:00"]}},
        "queue": "referrals",
    },
    {"name": "webinars", "when": {"engagement": ["webinar_attended"]}, "queue": "product"},
    {"name": "callers", "when": {"preference": ["call_me"]}, "queue": "booked"},
]
"""One rule for each kind of question that a rule can ask."""
PARTNERS = frozenset(f"firm-{number}.example" for number in range(10))


@pytest.mark.parametrize("seed", [5, 6, 7, 8])
async def test_each_lead_comes_into_the_queue_into_which_routing_put_it(
    harness: ServiceHarness, database: Database, seed: int
) -> None:
    """By facts, campaign links, the account's kind, the hour, what they did and chose (issue 14, 17)."""
    text = yaml.safe_load((ROOT / "deploy" / "playbook" / "routing.yaml").read_text())
    routing = RoutingPlaybook.model_validate(text | {"rules": [*RULES, *text["rules"]]})
    chance = random.Random(seed)  # noqa: S311 - lives, no secret
    for domain in PARTNERS:
        await harness.deliver(AccountChanged(occurred_at=day(0), domain=domain, kind="partner", revision=1))
    for at, event in sorted(year(seed), key=lambda each: each[0]):
        ahead = day(at) - await harness.now
        if ahead > timedelta(0):
            await harness.advance(ahead)
        if isinstance(event, ContactCaptured):
            await harness.deliver(event.changed(**answers(chance)))
        elif await has_lead(harness, event.contact_id):
            await harness.deliver(event)
    put = {event.lead_id: queue_of(event, routing) for event in await raised(harness)}
    await copy_tables(harness, database)
    teams = QueueChooser(routing)
    made = {}
    _, histories = await read_past_from_database(database.url)
    async for history in histories:
        for lead in simulate_leads(history, PLAYBOOK):
            made[derive_lead_id(lead.contact_id, lead.cycle)] = teams.choose_queue(lead)
    assert made == put
    assert len({rule["queue"] for rule in RULES} & set(put.values())) >= 4, "rules of each kind took leads"
    await database.raw.execute("truncate leads")


def answers(chance: random.Random) -> dict[str, Any]:
    """Return what somebody answered with an engagement, and the campaign and link that brought them."""
    utm = chance.choice([None, Utm(medium="cpc"), Utm(medium="email", source="letter")])
    return {
        "facts": chance.choice([{}, {}, {"budget_approved": chance.choice(["yes", "no"])}]),
        "utm": utm,
        "campaign": chance.choice([None, "brand", "spring"]),
        "preference": chance.choice([None, None, "call_me"]),
    }


async def raised(harness: ServiceHarness) -> list[LeadFacts]:
    """Return what scoring published of its leads, a stronger one after the first."""
    return [*await harness.emitted(LeadQualified), *await harness.emitted(LeadUpgraded)]


def queue_of(event: LeadFacts, routing: RoutingPlaybook) -> str:
    """Return the queue into which routing puts a lead as it was published."""
    kind = "partner" if event.email_domain in PARTNERS else None
    return choose_queue_by_rules(with_account_kind(event, kind), routing).name


async def copy_tables(harness: ServiceHarness, database: Database) -> None:
    """Copy what scoring knows to where the simulation reads it."""
    for table in ("engagements", "turns", "leads", "accounts"):
        rows = await harness.raw.fetch(f"select to_jsonb(found)::text as row from {table} found")  # noqa: S608 - ours
        await database.raw.execute(f"truncate {table}")
        await database.raw.executemany(
            f"insert into {table} select * from jsonb_populate_record(null::{table}, $1::jsonb)",  # noqa: S608 - ours
            [(row["row"],) for row in rows],
        )
