"""`baton` by the services' addresses and a key, as somebody without the machine uses it."""

import asyncio
import json
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import httpx
import pytest
import yaml

from baton.stack import Stack
from baton.stack_processes import playbook_directory
from events.topics import SERVICES
from tests.e2e.heads import APPROVED, invite_heads
from tests.e2e.world import World

pytestmark = pytest.mark.e2e


@pytest.fixture
def elsewhere(stack: Stack) -> dict[str, str]:
    """What an operator sets: addresses and a key, nothing of `baton env`."""
    named = stack.environment_variables()
    wanted = ("_URL", "BATON_API_KEY")
    return {name: value for name, value in named.items() if name.endswith(wanted) and "DATABASE" not in name}


def run_baton(environment: dict[str, str], *arguments: str) -> tuple[int, str, str]:
    """Return the exit code of `baton`, and what it printed to either stream."""
    done = subprocess.run(
        (sys.executable, "-m", "baton", *arguments), env={"PATH": "/usr/bin:/bin", "HOME": "/nowhere"} | environment,
        capture_output=True, text=True, check=False, cwd="/",
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


def baton(environment: dict[str, str], *arguments: str, code: int = 0) -> str:
    found, printed, errors = run_baton(environment, *arguments)
    assert found == code, printed + errors
    return printed


def test_the_address_of_another_service_is_named(elsewhere: dict[str, str]) -> None:
    mistaken = elsewhere | {"BATON_CAPTURE_URL": elsewhere["BATON_SCORING_URL"]}
    parts = json.loads(baton(mistaken, "status", "--json", code=1))["parts"]
    assert [(part["part"], part["why"]) for part in parts if not part["ready"]] == [
        ("capture", "this is the address of scoring")
    ]


def test_an_operator_with_addresses_and_a_key_needs_no_folder(elsewhere: dict[str, str]) -> None:
    parts = json.loads(baton(elsewhere, "status", "--json"))["parts"]
    assert [part["part"] for part in parts] == list(SERVICES)
    assert all(part["ready"] for part in parts)
    made = json.loads(baton(elsewhere, "keys", "create", "Ops", "--role", "admin", "--json"))
    ops = elsewhere | {"BATON_API_KEY": made["key"]}
    listed = {key["key_id"]: key for key in json.loads(baton(ops, "keys", "list", "--json"))}
    assert len(listed[made["key_id"]]["services"]) == len(SERVICES)
    new = json.loads(baton(ops, "keys", "rotate", made["key_id"], "--json"))
    assert json.loads(baton(elsewhere | {"BATON_API_KEY": new["key"]}, "dead-letters", "list", "--json")) == []
    assert json.loads(baton(ops, "gaps", "list", "--json")) == []
    baton(ops, "republish", "--topic", "leads.assigned.v1")
    checks = json.loads(baton(ops, "audit", "--json"))["checks"]
    assert sorted(check["service"] for check in checks) == sorted(SERVICES)
    baton(ops, "dead-letters", "show", "0b0e6b7e-5d2f-4a53-9a44-0d6ad3a3b1c1", code=1)
    baton(elsewhere, "keys", "revoke", new["key"])
    baton(elsewhere, "trace", "0b0e6b7e-5d2f-4a53-9a44-0d6ad3a3b1c1", code=1)
    baton(elsewhere, "keys", "create", "CRM", "--scope", "leads:read", code=2)


def created(environment: dict[str, str], *arguments: str) -> dict[str, str]:
    found: dict[str, str] = json.loads(baton(environment, "keys", "create", *arguments, "--json"))
    return found


def test_forms_webhooks_and_scanners_get_their_keys(elsewhere: dict[str, str]) -> None:
    public = created(elsewhere, "website", "--kind=form", "--form=contact", "--origin=https://a.example")
    signing = created(elsewhere, "webinars", "--kind=webhook", "--source=webinar")
    assert signing["key"].startswith("whsec_")
    paired = created(elsewhere, "booth", "--scanner=expo", "--at=https://a.example")
    assert paired["link"].startswith("https://a.example/scan#event=expo&key=bk_")
    body = {"engagement": "event_scan", "email": "ada@keys.example", "source": "event_scan"}
    for source, status in (("event_scan", 202), ("webinar", 403)):
        answer = httpx.post(
            f"{elsewhere['BATON_CAPTURE_URL']}/v1/contacts", json=body | {"source": source},
            headers={"Authorization": f"Bearer {paired['key']}"},
        )  # fmt: skip
        assert answer.status_code == status, answer.text
    for key in (public, signing, paired):
        baton(elsewhere, "keys", "revoke", key["key_id"])


def test_rules_are_compared_and_put_in_force_by_addresses_and_a_key(elsewhere: dict[str, str], tmp_path: Path) -> None:
    """As a Job of the Helm chart does it; twice changes nothing the second time, and a missing approval all of it."""
    folder = tmp_path / "playbook"
    shutil.copytree(playbook_directory(), folder)
    invite_heads(partial(baton, elsewhere))
    with (folder / "desk.yaml").open("a") as file:
        file.write("# tried by address\n")
    assert "+# tried by address" in baton(elsewhere, "playbook", "diff", str(folder))
    baton(elsewhere, "playbook", "activate", str(folder), "--by=job", APPROVED[0], code=1)
    for changed in (True, False):
        out = baton(elsewhere, "playbook", "activate", str(folder), "--by=job", *APPROVED, "--json")
        found = {name: done["changed"] for name, done in json.loads(out).items()}
        assert found == {name: changed and name == "desk" for name in SERVICES}
    assert baton(elsewhere, "playbook", "diff", str(folder)) == ""
    shown = json.loads(baton(elsewhere, "playbook", "show", "--json"))
    assert shown["desk"]["activated_by"] == "job"
    assert baton(elsewhere, "playbook", "show").startswith("# definitions")
    baton(elsewhere, "playbook", "activate", str(playbook_directory()), "--by=job", *APPROVED)


@pytest.fixture
def stricter(tmp_path: Path) -> Path:
    """A folder with scoring rules under which fewer are ready."""
    rules = yaml.safe_load((playbook_directory() / "scoring.yaml").read_text())
    rules["readiness"]["levels"] = {1: 90, 2: 60, 3: 15}
    (tmp_path / "scoring.yaml").write_text(yaml.safe_dump(rules))
    return tmp_path


async def test_other_rules_are_tried_by_addresses_and_a_key_as_on_the_machine(
    world: World, elsewhere: dict[str, str], stricter: Path
) -> None:
    """Two contacts that are one person among those who are decided about."""
    first, second = [await world.somebody_submits("webinar_attended") for _ in range(2)]
    raised = await world.somebody_submits("contact_sales")
    lead = await world.reads("lead.assigned.v1", raised)
    await world.post("capture", f"/v1/contacts/{second}/merge", {"into": first})
    await world.the_rep_says(lead, "won", amount=9_000)
    await world.settled()
    here = {"BATON_DATA": str(world.stack.data_dir.directory)}
    wanted = ("playbook", "simulate", f"--playbook={stricter}", "--json")
    simulated = [json.loads(await asyncio.to_thread(baton, environment, *wanted)) for environment in (elsewhere, here)]
    for found in simulated:  # how fast it was, and who of many is listed, are not the same each time
        for name in ("seconds", "engagements_per_second", "moved"):
            del found[name]
    assert simulated[0] == simulated[1]
    assert simulated[0]["won"] > 0
    assert simulated[0]["agreement"]["published"] > 0
    learned = ("playbook", "calibrate", "--from-history", f"--report={stricter / 'report'}")
    refusals = [await asyncio.to_thread(run_baton, environment, *learned) for environment in (elsewhere, here)]
    assert refusals[0] == refusals[1]
    assert refusals[0][2], "what is missing to learn from them, or where the card is"


async def test_a_candidate_decides_beside_the_rules_in_force_by_addresses_and_a_key(
    world: World, elsewhere: dict[str, str], stricter: Path
) -> None:
    await asyncio.to_thread(baton, elsewhere, "playbook", "shadow", "start", str(stricter), "--by=ola")
    raised = await world.somebody_submits("contact_sales")
    await world.reads("lead.assigned.v1", raised)
    await world.settled()
    found = json.loads(await asyncio.to_thread(baton, elsewhere, "playbook", "shadow", "report", "--json"))
    assert (found["started_by"], found["stopped_at"]) == ("ola", None)
    assert found["leads_candidate"] > 0
    await asyncio.to_thread(baton, elsewhere, "playbook", "shadow", "stop", "--by=ola")
    await asyncio.to_thread(baton, elsewhere, "playbook", "shadow", "stop", "--by=ola", code=1)
    await asyncio.to_thread(baton, elsewhere, "playbook", "simulate", f"--playbook={stricter}", "--from=topics", code=2)
