"""The ledger finds what was planted in real databases, between every pair of services, and nothing where all is well.

Each violation is planted inside a transaction on the connection that the ledger reads by, and rolled back after it.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import combinations
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from baton import auditing, ledger
from baton.cli import run
from baton.database import Connection, connect
from baton.exit_codes import FOUND_WRONG
from baton.ledger import EVERYTHING, Finding, LedgerCheck, Scope, Watermark, scope_of_contacts, scope_of_id_byte
from events.topics import SERVICES
from tests.e2e.plants import LEFT_OVER, NEW, PLANTED
from tests.e2e.world import NUMBERS, World

pytestmark = pytest.mark.e2e


@dataclass
class Story:
    """What happened before anything was planted: the databases, and the ids of what the plants are about."""

    databases: Mapping[str, Connection]
    client: Mapping[str, Any]
    ids: dict[str, str]

    async def look(self, scope: Scope = EVERYTHING, *, topics: bool = False) -> list[LedgerCheck]:
        return await ledger.run_all_checks(self.databases, (scope,), self.client if topics else None)

    @asynccontextmanager
    async def planted(self, service: str, statement: str) -> AsyncIterator[None]:
        database = self.databases[service]
        await database.execute("begin")
        try:
            done = await database.execute(statement)
            assert int(done.rsplit(" ", 1)[-1]), f"nothing was planted: {done}"
            yield
        finally:
            await database.execute("rollback")


def found_by(checks: list[LedgerCheck], rule: str) -> list[Finding]:
    return [finding for check in checks for finding in check.findings if finding.rule == rule]


@pytest.fixture(scope="module")
async def story(world: World) -> AsyncIterator[Story]:
    """A lead that is worked too late, one that came back, a customer who bought more, a merged and an erased person."""
    ids = await _happen(world)
    async with AsyncExitStack() as opened:
        databases: dict[str, Connection] = {}
        for name, url in world.stack.databases.items():
            databases[name] = await connect(url)
            opened.push_async_callback(databases[name].close)
        found = Story(databases, {"bootstrap_servers": world.stack.state.bootstrap}, ids)
        ids |= await _more_ids(found)
        yield found


async def _happen(world: World) -> dict[str, str]:
    """Have it all happen; gives the contacts and leads by their parts in it."""
    number = next(NUMBERS)
    names = {"phone": f"+49302234{number:04}", "email": f"same.person@ledger-{number}.example"}
    contact = await world.somebody_submits()
    returned_contact = await world.somebody_submits()
    customer = await world.somebody_submits()
    nurtured = await world.somebody_submits("content_download")
    erased = await world.somebody_submits()
    loser = await world.somebody_submits(email=None, phone=names["phone"])
    survivor = await world.somebody_submits("contact_sales", email=names["email"])
    assigned = await world.reads("lead.assigned.v1", contact)
    returned = await world.reads("lead.assigned.v1", returned_contact)
    won = await world.reads("lead.assigned.v1", customer)
    await world.reads("lead.assigned.v1", loser)
    assert await world.somebody_submits("social", **names) == survivor
    await world.the_rep_says(returned, "recycle", reason="not_ready")
    await world.the_rep_says(won, "won", amount=900)
    grown = {"by": "cleo", "change": "upsold", "amount": 40}
    await world.post("feedback", f"/v1/contacts/{customer}/customer", grown)
    domain, campaign = f"ledger-{number}.example", f"ledger-{number}"
    for path, body in (
        (f"accounts/{domain}", {"name": "Ledger", "kind": "prospect"}),
        (f"campaigns/{campaign}", {"name": "Ledger"}),
    ):
        assert (await world.http.put(f"{world.stack.urls['capture']}/v1/{path}", json=body)).is_success
    rep = f"ledger-{number}"
    await world.put_rep(rep, team="am", status="paused", works={"zone": "Asia/Tokyo"})
    assert (await world.http.delete(f"{world.stack.urls['capture']}/v1/contacts/{erased}")).is_success
    await world.time_passes("6d")
    await world.settled()
    return {
        "new": NEW, "partition": "contacts.captured.v1 3",
        "contact": contact, "lead": assigned.value["lead_id"], "returned_contact": returned_contact,
        "returned": returned.value["lead_id"], "nurtured": nurtured, "erased": erased, "loser": loser,
        "survivor": survivor, "domain": domain, "campaign": campaign, "rep": rep,
        "assigned": f"leads.assigned.v1 {contact}", "lifecycle": f"leads.lifecycle.v1 {returned_contact}",
    }  # fmt: skip


async def _more_ids(story: Story) -> dict[str, str]:
    """Look up what has no id that an outsider reads."""
    ids, at = story.ids, story.databases
    lead, returned = UUID(ids["lead"]), UUID(ids["returned"])
    asked = {
        "engagement": ("capture", "select engagement_id from engagements where contact_id = $1", UUID(ids["contact"])),
        "merge": ("capture", "select merge_id from merges where loser_id = $1", UUID(ids["loser"])),
        "erasure": ("capture", "select erasure_id from erasures where contact_id = $1", UUID(ids["erased"])),
        "return": ("feedback", "select entry_id from history where lead_id = $1 and kind = 'lead.recycled'", returned),
        "missed": ("sla-monitor", "select clock_id from clocks where lead_id = $1 and clock = 'first_touch'", lead),
        "ended_clock": ("sla-monitor", "select clock_id from clocks where lead_id = $1 and clock = 'review'", returned),
        "losers": ("feedback", "select lead_id from leads where contact_id = $1", UUID(ids["loser"])),
        "assignment": (
            "routing",
            "select topic || ' ' || key || ' ' || sequence from journal where contact_id = $1 order by id limit 1",
            UUID(ids["contact"]),
        ),
    }
    return {name: str(await at[service].fetchval(sql, value)) for name, (service, sql, value) in asked.items()}


async def test_where_all_is_well_nothing_is_found(story: Story) -> None:
    report = await ledger.examine_until_settled(story.databases, story.client)
    assert report.findings == []
    assert report.residual == 0


@pytest.mark.parametrize("name", PLANTED)
async def test_what_is_planted_is_found(story: Story, name: str) -> None:
    plant = PLANTED[name]
    async with story.planted(plant.service, plant.statement.format(**story.ids)):
        checks = await story.look(topics=plant.rule == "mirror")
    finding = next(finding for finding in found_by(checks, plant.rule) if finding.id == story.ids[plant.about])
    assert finding.next
    assert story.ids[plant.about] in finding.what
    for service in plant.between or ():
        assert service in finding.where


def test_something_is_planted_between_every_two_services() -> None:
    """Directly where two services keep the same thing; the others keep nothing that only they know."""
    direct = {frozenset(plant.between) for plant in PLANTED.values() if plant.between}
    assert direct == {frozenset(two) for two in combinations(SERVICES, 2)}


@pytest.mark.parametrize("service", LEFT_OVER)
async def test_what_is_left_of_the_erased_is_found(story: Story, service: str) -> None:
    table, erased = LEFT_OVER[service], story.ids["erased"]
    statement = f"update {table} set contact_id = '{erased}' where ctid = (select ctid from {table} limit 1)"  # noqa: S608 - ours
    async with story.planted(service, statement):
        checks = await story.look()
    assert [finding.contact_id for finding in found_by(checks, "left_over")] == [story.ids["erased"]]


async def test_people_unknown_to_capture_are_all_listed(story: Story) -> None:
    """A restore of capture to an older instant: reps have the leads of people whom it does not know."""
    of_leads = {
        str(row["contact_id"]) for row in await story.databases["routing"].fetch("select contact_id from leads")
    }
    async with story.planted("capture", "delete from profiles"):
        found = {finding.contact_id for finding in found_by(await story.look(), "person")}
    assert of_leads <= found


async def test_a_slice_and_a_list_of_contacts_find_the_same(story: Story) -> None:
    contact = UUID(story.ids["contact"])
    plant = PLANTED["feedback lost a lead"]
    async with story.planted(plant.service, plant.statement.format(**story.ids)):
        for scope in (scope_of_id_byte(contact.int >> 120), scope_of_contacts([contact])):
            assert [finding.id for finding in found_by(await story.look(scope), "lead")] == [story.ids["lead"]]
        assert found_by(await story.look(scope_of_contacts([UUID(story.ids["nurtured"])])), "lead") == []


async def test_what_changed_since_the_last_time_is_examined_and_a_slice_of_the_rest(story: Story) -> None:
    """A watermark covers who changed since, who had findings, and each time another slice of everybody."""
    contact = UUID(story.ids["contact"])
    before = await Watermark.begin_now(story.databases)
    assert contact in ((await before.choose_scopes(story.databases))[0].contacts or ())  # all of this is minutes old
    quiet = Watermark({name: at + timedelta(days=1) for name, at in before.seen.items()}, contact.int >> 120)
    assert await quiet.choose_scopes(story.databases) == [scope_of_id_byte(contact.int >> 120)]
    plant = PLANTED["feedback lost a lead"]
    async with story.planted(plant.service, plant.statement.format(**story.ids)):
        report = await ledger.examine_until_settled(
            story.databases, story.client, await quiet.choose_scopes(story.databases), topics=False, settle_seconds=5
        )
    assert {found.id for found in report.findings if found.rule == "lead"} == {story.ids["lead"]}
    after = Watermark.from_json(json.loads(json.dumps(quiet.next_watermark(report, before).as_dict())))
    assert after == quiet.next_watermark(report, before)
    assert (after.slice, after.suspects) == ((quiet.slice + 1) % 256, frozenset({contact}))
    assert (await after.choose_scopes(story.databases))[-1] == scope_of_id_byte(after.slice)


async def test_what_is_on_its_way_is_no_finding(story: Story, world: World) -> None:
    """Contacts come in while the ledger looks: what differs for a moment does not count."""
    contacts = [await world.somebody_submits() for _ in range(5)]
    report = await ledger.examine_until_settled(story.databases, story.client, topics=False)
    assert report.findings == []
    assert len(set(contacts)) == 5


async def test_the_command_names_what_differs_where_and_what_to_do(
    story: Story, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    feedback, lead = story.databases["feedback"], UUID(story.ids["lead"])
    command = ["audit", "--data", str(world.stack.data_dir.directory)]
    rep = await feedback.fetchval("select rep_id from leads where lead_id = $1", lead)
    await feedback.execute("update leads set rep_id = 'somebody.else' where lead_id = $1", lead)
    try:
        assert await asyncio.to_thread(run, command) == FOUND_WRONG
        shown = capsys.readouterr().out
        assert await asyncio.to_thread(run, [*command, "--json"]) == FOUND_WRONG
        document = json.loads(capsys.readouterr().out)
    finally:
        await feedback.execute("update leads set rep_id = $2 where lead_id = $1", lead, rep)
    assert f"owner {lead}: rep {rep}" in shown
    assert "rep somebody.else" in shown
    assert f"next: `baton trace {story.ids['contact']}`" in shown
    (check,) = [check for check in document["checks"] if check["residual"]]
    assert (document["residual"], check["service"], check["residual"]) == (1, "flow", 1)
    assert check["rows"][0]["where"]["feedback"].startswith("rep somebody.else")


async def test_an_installation_elsewhere_is_examined_by_its_addresses(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in world.stack.environment_variables().items():
        monkeypatch.setenv(name, value)
    await world.settled()

    found = await auditing.audit(auditing.AuditSources.find(tmp_path), full=False)

    assert [check for check in found["checks"] if check["residual"]] == []
    assert (tmp_path / auditing.WATERMARK).stat().st_mode & 0o777 == 0o600
