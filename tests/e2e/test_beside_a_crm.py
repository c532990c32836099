"""Beside a CRM: the recipes of docs/beside-your-crm.md against stubs that speak each tool's documented API."""

import ast
import asyncio
import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from aiokafka import ConsumerRecord

from tests.e2e import crms
from tests.e2e.world import Record, World

pytestmark = pytest.mark.e2e

CONSUMER_LINES = 40
RECIPES = Path(__file__).parents[2] / "deploy" / "crm"
OWN = {"hubspot": "lastname", "salesforce": "LastName", "pipedrive": "name", "odoo": "contact_name"}


class Recipe:
    """The two programs with one mapping, as cron runs them."""

    def __init__(self, name: str, world: World, url: str, folder: Path) -> None:
        self.name, self.world, self.memory = name, world, folder / f"{name}.db"
        given = {"CRM_URL": url, "CRM_TOKEN": crms.TOKEN, "ODOO_DB": "works"}
        self.environment = {**os.environ, **world.stack.environment_variables(), **given}

    async def run(self, program: str, *more: str) -> str:
        """Run one of the programs to its end; returns what it printed."""
        given = (str(RECIPES / f"{self.name}.yaml"), "--memory", self.memory)
        command = (sys.executable, str(RECIPES / program), *(given if program != "consumer.py" else ()))
        done = await asyncio.to_thread(
            subprocess.run,
            (*map(str, command), *more),
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    async def write(self) -> str:
        await self.world.settled()
        return await self.run("to_crm.py", "--once")


def calls_of(name: str, email: str, person: Any, at: str) -> list[dict[str, Any]]:
    """A connected call or its like with somebody, and another activity, as the tool writes them."""
    plain = at[:19].replace("T", " ")
    seen = {"hs_timestamp": at, "hubspot_owner_id": "51234"}
    mail = {"hs_email_to_email": email, **seen}
    connected = "f240bbac-87c9-4f6e-bf70-924b57d47db7"
    return {
        "hubspot": [
            {"of": "calls", "id": "9", "properties": {"hs_call_disposition": connected, **mail}},
            {"of": "emails", "id": "10", "properties": mail},
        ],
        "salesforce": [
            {"Id": f"00T{n}", "TaskSubtype": kind, "CompletedDateTime": at.replace("+00:00", ".000+0000"),
             "OwnerId": "0055", "WhoId": person, "Who": {"Email": email}, "CallDisposition": how}
            for n, kind, how in ((1, "Call", "Connected"), (2, "Email", None))
        ],
        "pipedrive": [
            {"id": n, "type": kind, "owner_id": 8877, "marked_as_done_time": plain, "person_id": person, "done": True}
            for n, kind in ((1, "call"), (2, "email"))
        ],
        "odoo": [
            {"id": n, "date": plain, "author_id": [7, "Mia"], "res_id": person, "mail_activity_type_id": [n, kind]}
            for n, kind in ((1, "Call"), (2, "Email"))
        ],
    }[name]  # fmt: skip


def record_of(tool: crms.Tool, name: str, contact: str) -> tuple[Any, dict[str, Any]]:
    """Return the id of a contact's record as the tool writes it, and the record."""
    number, record = next(
        (key, crms.flat(each)) for key, each in tool.records.items() if contact in crms.flat(each).values()
    )
    return (number if name in {"hubspot", "salesforce"} else int(number)), record


@pytest.mark.parametrize("name", crms.TOOLS)
async def test_the_crm_has_what_baton_says_and_baton_what_reps_did_there(
    name: str, world: World, tmp_path: Path
) -> None:
    await world.a_working_morning()
    tool = crms.TOOLS[name](busy=1)
    with crms.served(tool) as url:
        recipe = Recipe(name, world, url, tmp_path)
        contact = await world.somebody_submits(last_name="O'Brien", email=f"o'brien.{name}@crm-{name}.example")
        assigned = await world.reads("lead.assigned.v1", contact)
        assert "refused" not in await recipe.write()
        number, record = record_of(tool, name, contact)
        assert "O'Brien" in record[OWN[name]]
        (*_, lifecycle) = await world.read("lead.lifecycle.v1", contact)
        assert lifecycle.value["cycles"][-1]["state"] in record.values()
        assert assigned.value["rep_id"] in record.values()

        await _they_call(recipe, tool, name, number, assigned)
        await _a_person_has_a_single_record(recipe, tool, name, contact)
        await _who_is_erased_is_gone(recipe, tool, contact)


async def _they_call(recipe: Recipe, tool: crms.Tool, name: str, number: Any, lead: Record) -> None:
    """Activities come back as touches, and those that were sent before count once."""
    world, email = recipe.world, f"o'brien.{name}@crm-{name}.example"
    tool.activities = calls_of(name, email, number, (await world.now()).isoformat())
    assert "2 done" in await recipe.run("from_crm.py")
    again = await recipe.run("from_crm.py")
    assert "0 done, 2 replayed" in again
    found = await world.get("feedback", f"/v1/leads/{lead.value['lead_id']}")
    assert sum(entry["kind"].startswith("lead.touched") for entry in found["history"]) == 2


async def _a_person_has_a_single_record(recipe: Recipe, tool: crms.Tool, name: str, contact: str) -> None:
    """What was written is not written again; with nothing remembered the same record is found by e-mail or id."""
    await recipe.write()
    writes, before = tool.writes, tool.of(contact)
    await recipe.write()
    assert tool.writes == writes
    recipe.memory = recipe.memory.with_name(f"{name}-forgot.db")
    await recipe.write()
    assert tool.writes > writes
    (after,) = (crms.flat(each) for each in tool.records.values() if contact in crms.flat(each).values())
    assert without_event(after) == without_event(before)


def without_event(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record without the id of its last event: which topic was read last is chance."""
    flat = {key: value for key, value in record.items() if key != "custom_fields"}
    kept = {key: value for key, value in flat.items() if "event" not in key.lower()}
    assert len(flat) - len(kept) == 1
    return kept


async def _who_is_erased_is_gone(recipe: Recipe, tool: crms.Tool, contact: str) -> None:
    world = recipe.world
    answer = await world.http.delete(f"{world.stack.urls['capture']}/v1/contacts/{contact}")
    assert answer.is_success
    await recipe.write()
    assert tool.of(contact) == {}


async def test_what_a_crm_refuses_is_printed_and_the_others_are_written(world: World, tmp_path: Path) -> None:
    tool = crms.HubSpot()
    tool.known = tool.known - {"jobtitle"}
    with crms.served(tool) as url:
        recipe = Recipe("hubspot", world, url, tmp_path)
        refused = await world.somebody_submits(job_title="Head of Sales")
        taken = await world.somebody_submits(job_title=None)
        await world.reads("lead.assigned.v1", taken)
        printed = await recipe.write()
        assert f"of {refused}: POST" in printed
        assert "does not exist" in printed
        assert not tool.of(refused)
        assert tool.of(taken)["baton_state"]


async def test_forty_lines_write_the_same_however_often_they_are_started(world: World, tmp_path: Path) -> None:
    """They keep nothing: each start reads the topics anew, and an event that was written before changes nothing."""
    await world.a_working_morning()
    tool = crms.HubSpot()
    with crms.served(tool) as url:
        recipe = Recipe("hubspot", world, url, tmp_path)
        contact = await world.somebody_submits()
        assigned = await world.reads("lead.assigned.v1", contact)
        await world.settled()
        await recipe.run("consumer.py", "--once")
        (*_, lifecycle) = await world.read("lead.lifecycle.v1", contact)
        before, people = tool.of(contact), len(tool.records)
        assert before["baton_rep"] == assigned.value["rep_id"]
        assert before["baton_state"] == lifecycle.value["cycles"][-1]["state"]
        await recipe.run("consumer.py", "--once")
        assert without_event(tool.of(contact)) == without_event(before)
        assert len(tool.records) == people
        answer = await world.http.delete(f"{world.stack.urls['capture']}/v1/contacts/{contact}")
        assert answer.is_success
        await world.settled()
        await recipe.run("consumer.py", "--once")
        assert tool.of(contact) == {}


def test_forty_lines_are_forty() -> None:
    source = (RECIPES / "consumer.py").read_text(encoding="utf-8")
    documented = (
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Module | ast.AsyncFunctionDef | ast.FunctionDef)
    )
    prose = {line for node in documented for line in range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1)}
    code = [line for number, line in enumerate(source.splitlines(), 1) if line.strip() and number not in prose]
    assert len(code) <= CONSUMER_LINES


@pytest.mark.parametrize("value", [b"\xff", b"[]", b"null", b"5", b'{"cycles": 5}', b'{"cycles": {}, "email": 5}'])
def test_forty_lines_pass_over_what_is_none_of_batons(value: bytes) -> None:
    """Whoever may write to the topics ends no start: each reads them anew."""
    spec = importlib.util.spec_from_file_location("consumer", RECIPES / "consumer.py")
    assert spec is not None
    assert spec.loader is not None
    consumer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(consumer)
    for key in (b"\xff", b"somebody", None):
        consumer.note(ConsumerRecord("t", 0, 0, 0, 0, key, value, None, 0, len(value), [("ce_type", b"\xff")]))
    assert all("email" not in person for person in consumer.people.values())
