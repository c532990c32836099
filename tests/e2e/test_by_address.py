"""`baton` by the services' addresses and a key, as somebody without the machine uses it."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
import yaml

from baton.parts import playbook_directory
from baton.stack import Stack
from events.topics import SERVICES

pytestmark = pytest.mark.e2e


@pytest.fixture
def elsewhere(stack: Stack) -> dict[str, str]:
    """What an operator sets: addresses and a key, nothing of `baton env`."""
    named = stack.environment()
    wanted = ("_URL", "BATON_API_KEY")
    return {name: value for name, value in named.items() if name.endswith(wanted) and "DATABASE" not in name}


def baton(environment: dict[str, str], *arguments: str, code: int = 0) -> str:
    done = subprocess.run(
        (sys.executable, "-m", "baton", *arguments), env={"PATH": "/usr/bin:/bin", "HOME": "/nowhere"} | environment,
        capture_output=True, text=True, check=False, cwd="/",
    )  # fmt: skip
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


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
    named = yaml.safe_load((folder / "definitions.yaml").read_text())["approvers"]
    approved = [f"--approved-by={name}" for name in named]
    with (folder / "desk.yaml").open("a") as file:
        file.write("# tried by address\n")
    assert "+# tried by address" in baton(elsewhere, "playbook", "diff", str(folder))
    baton(elsewhere, "playbook", "activate", str(folder), "--by=job", approved[0], code=1)
    for changed in (True, False):
        out = baton(elsewhere, "playbook", "activate", str(folder), "--by=job", *approved, "--json")
        found = {name: done["changed"] for name, done in json.loads(out).items()}
        assert found == {name: changed and name == "desk" for name in SERVICES}
    assert baton(elsewhere, "playbook", "diff", str(folder)) == ""
    shown = json.loads(baton(elsewhere, "playbook", "show", "--json"))
    assert shown["desk"]["activated_by"] == "job"
    assert baton(elsewhere, "playbook", "show").startswith("# definitions")
    baton(elsewhere, "playbook", "activate", str(playbook_directory()), "--by=job", *approved)
