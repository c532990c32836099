"""`baton` by the services' addresses and a key, as somebody without the machine uses it."""

import json
import subprocess
import sys

import pytest

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
    baton(elsewhere, "keys", "revoke", new["key"])
    baton(elsewhere, "trace", "0b0e6b7e-5d2f-4a53-9a44-0d6ad3a3b1c1", code=1)
    baton(elsewhere, "keys", "create", "site", "--kind", "form", "--form", "f", "--origin", "https://a.example", code=2)
