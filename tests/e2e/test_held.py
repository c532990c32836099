"""Everything held about a person, from all six services, as one document."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from baton.cli import run
from baton.exit_codes import DONE, FOUND_WRONG
from events.topics import SERVICES
from tests.e2e.world import World

pytestmark = pytest.mark.e2e

NOTE = "wants to hear about the blue one"


async def asked(world: World, who: str, out: Path) -> tuple[int, dict[str, Any]]:
    """Run the command; give its exit code and the document it wrote."""
    return await asyncio.to_thread(_asked, world, who, out)


def _asked(world: World, who: str, out: Path) -> tuple[int, dict[str, Any]]:
    code = run(["access", who, "--out", str(out), "--data", str(world.stack.data_dir.directory)])
    return code, json.loads(out.read_text()) if out.exists() else {}


async def test_one_command_gives_all_that_five_services_hold_and_erasure_leaves_nothing_of_it(
    world: World, tmp_path: Path
) -> None:
    email = "access@asked.example"
    contact = await world.somebody_submits("demo_request", email=email, first_name="Adelheid")
    lead = await world.reads("lead.assigned.v1", contact)
    await world.the_rep_says(lead, "recycle", reason="not_ready", note=NOTE)
    await world.reads("lead.released.v1", contact)
    await world.settled()

    code, found = await asked(world, email, tmp_path / "a.json")
    assert (code, found["not_asked"], found["contact_ids"]) == (DONE, {}, [contact])
    assert found["document"]["first_name"] == "Adelheid"
    tables = {service: set(rows[contact]) for service, rows in found["held"].items()}
    assert tables["capture"] >= {"engagements", "profiles", "journal", "identities"}
    assert tables["scoring"] >= {"engagements", "leads", "turns"}
    assert tables["routing"] >= {"leads", "decisions"}
    assert tables["sla-monitor"] >= {"leads", "clocks"}
    assert tables["feedback"] >= {"leads", "history", "notes"}
    assert NOTE in json.dumps(found["held"]["feedback"][contact]["notes"])
    published = found["held"]["routing"][contact]["journal"]
    assert lead.value in [row["value"] for row in published]
    assert await asked(world, contact, tmp_path / "b.json") == (DONE, found)

    await world.http.delete(f"{world.stack.urls['capture']}/v1/contacts/{contact}")
    await world.settled()
    code, left = await asked(world, contact, tmp_path / "c.json")
    assert code == DONE
    for trace in (email, "Adelheid", NOTE, lead.value["lead_id"], "demo_request"):
        assert trace not in json.dumps(left)
    assert not {"leads", "notes", "history", "profiles", "engagements", "decisions", "clocks"} & {
        table for rows in left["held"].values() for table in rows[contact]
    }


async def test_a_service_that_cannot_be_asked_is_named(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A document that looks whole and is not would be worse than none."""
    contact = await world.somebody_submits("demo_request")
    await world.settled()
    monkeypatch.setenv("BATON_ROUTING_URL", "http://127.0.0.1:1")
    code, found = await asked(world, contact, tmp_path / "a.json")
    assert (code, set(found["not_asked"])) == (FOUND_WRONG, {"routing"})
    assert set(found["held"]) == set(SERVICES) - {"routing"}
    assert "routing could not be asked" in capsys.readouterr().err


@pytest.mark.parametrize("who", ["nobody", "nobody@asked.example", "00000000-0000-4000-8000-000000000000"])
async def test_of_somebody_unknown_nothing_is_held(world: World, tmp_path: Path, who: str) -> None:
    assert await asked(world, who, tmp_path / "a.json") == (FOUND_WRONG, {})
