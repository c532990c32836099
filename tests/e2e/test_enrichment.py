"""A company's own enrichment service beside the six services: what it knows is in the lead, and nobody waits long."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import yaml

from baton import auditing
from baton import stack as stacks
from baton.stack import StartOptions
from baton.stack_processes import playbook_directory
from tests.e2e.conftest import A_MONDAY, free_base
from tests.e2e.heads import activate
from tests.e2e.world import World
from tests.scoring.enricher import Enricher, answering

pytestmark = pytest.mark.e2e

LARGE = {"facts": {"employees": 250, "industry": "software"}}


@pytest.fixture
async def enricher() -> AsyncIterator[Enricher]:
    """It knows one company, and says of all others that it will send what it finds."""
    async with answering((200, LARGE), (202, None)) as listening:
        yield listening


@pytest.fixture
async def world(tmp_path: Path, enricher: Enricher, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """A stack of its own that knows the service, under rules that ask it."""
    monkeypatch.setenv("BATON_ENRICHER_URL", enricher.url)
    data, folder = tmp_path / "d", tmp_path / "playbook"
    folder.mkdir()
    for source in playbook_directory().glob("*.yaml"):
        (folder / source.name).write_text(source.read_text())
    rules = yaml.safe_load((folder / "scoring.yaml").read_text())
    rules["enrichment"] = {"facts": ["employees", "industry"], "waits_seconds": 60}
    (folder / "scoring.yaml").write_text(yaml.safe_dump(rules))
    stack = stacks.start_detached(StartOptions(str(data), free_base(), "stepped", A_MONDAY))
    try:
        await asyncio.to_thread(activate, data, folder)
        async with World(stack) as world:
            await world.time_passes("1m")
            yield world
    finally:
        stacks.stop_stack(data)


async def test_what_the_service_knows_is_in_the_lead_and_who_asks_for_sales_does_not_wait(
    world: World, enricher: Enricher
) -> None:
    """15.9: asked without a name or an address; a reader's lead waits for the answer, at most a minute."""
    little = {"employees": None, "industry": None, "source": "product"}
    known = await world.somebody_submits("colleagues_invited", **little)
    lead = await world.reads("lead.qualified.v1", known)
    assert (lead.value["fit"], lead.value["employees"]) == ("A", 250)
    (question,) = enricher.questions
    assert set(question) == {"contact_id", "email_domain", "company", "country", "missing"}
    assert (question["contact_id"], question["missing"]) == (known, ["employees", "industry"])

    reader = await world.somebody_submits("colleagues_invited", **little)
    asks = await world.somebody_submits("demo_request", **little)
    at_once = await world.reads("lead.qualified.v1", asks)
    await world.until(lambda: _asked(enricher, reader))
    await world.settled()
    assert await world.read("lead.qualified.v1", reader) == []
    await world.time_passes("1m")
    await world.reads("lead.qualified.v1", reader)

    learned = {"source": "enrichment", **LARGE}
    answer = await world.http.put(f"{world.stack.urls['scoring']}/v1/contacts/{asks}/facts", json=learned)
    assert answer.is_success, answer.text
    regraded = await world.reads("lead.regraded.v1", asks)
    assert (regraded.value["previous_fit"], regraded.value["fit"]) == (at_once.value["fit"], "A")
    await world.settled()
    found = await auditing.audit(world.stack)
    assert [check for check in found["checks"] if check["residual"]] == []


async def _asked(enricher: Enricher, contact: str) -> bool:
    return contact in {question["contact_id"] for question in enricher.questions}
