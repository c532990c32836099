"""The whole stack by its own commands: up, look, kill something, go on, down."""

import json
import os
import re
import signal
import stat
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from standardwebhooks import Webhook

from baton.cli import run
from baton.data_dir import DataDir
from baton.exit_codes import DONE, FOUND_WRONG
from events.topics import SERVICES

pytestmark = pytest.mark.e2e

PROMISED = {
    "KAFKA_BOOTSTRAP_SERVERS",
    "BATON_ENV_DATA",
    "BATON_ENV_KAFKA",
    "BATON_API_KEY",
    "BATON_FORM_KEY",
    *(f"BATON_{name}_URL" for name in ("CAPTURE", "SCORING", "ROUTING", "SLA", "FEEDBACK", "DESK")),
    *(f"BATON_{name}_DATABASE_URL" for name in ("CAPTURE", "SCORING", "ROUTING", "SLA", "FEEDBACK", "DESK")),
}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory, port_base: int) -> Iterator[str]:
    """A stack on the stepped clock, and its folder."""
    folder = str(tmp_path_factory.mktemp("stack") / "d")
    arguments = ["--data", folder, "--clock", "stepped", "--start", "2026-03-02T09:00:00Z"]
    assert run(["up", "--detach", "--port-base", str(port_base), *arguments]) == DONE
    yield folder
    assert run(["down", "--data", folder]) == DONE


@pytest.fixture
def status(data: str, capsys: pytest.CaptureFixture[str]) -> Callable[[], dict[str, Any]]:
    """Ask `baton status --json`; gives each part by name, and the exit code as `code`."""

    def ask() -> dict[str, Any]:
        capsys.readouterr()
        code = run(["status", "--json", "--data", data])
        document = json.loads(capsys.readouterr().out)
        return {"code": code, **{part["part"]: part for part in document["parts"]}}

    return ask


SENT_SECONDS = 60
"""What a start announces has left after so long, at most."""


def test_all_parts_are_ready(status: Callable[[], dict[str, Any]]) -> None:
    names = {"postgres", "kafka", *SERVICES}
    found, until = status(), time.monotonic() + SENT_SECONDS
    while (
        any(found[name]["outbox"] for name in names & set(found) - {"postgres", "kafka"}) and time.monotonic() < until
    ):
        found = status()
    assert found["code"] == DONE
    assert names < set(found)
    for name in names - {"postgres", "kafka"}:
        assert found[name] | {"ready": True, "lag": 0, "outbox": 0, "parked": 0} == found[name]


def test_env_has_every_promised_name(data: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["env", "--data", data]) == DONE
    lines = capsys.readouterr().out.splitlines()
    assert {line.partition("=")[0] for line in lines} == PROMISED
    assert all(line.partition("=")[2] for line in lines)


def test_a_second_up_finds_it_up(data: str) -> None:
    before = DataDir.of_folder(Path(data)).read_state().supervisor
    assert run(["up", "--detach", "--data", data]) == DONE
    assert DataDir.of_folder(Path(data)).read_state().supervisor == before


def test_time_is_advanced(data: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["clock", "advance", "48h", "--data", data]) == DONE
    assert capsys.readouterr().out.strip() == "2026-03-04T09:00:00+00:00"


def test_nothing_is_left_and_nothing_is_wrong(data: str) -> None:
    assert run(["wait", "--data", data]) == DONE
    assert run(["audit", "--data", data]) == DONE


def test_tracing_somebody_unknown_finds_nothing(data: str) -> None:
    nobody = "00000000-0000-4000-8000-000000000000"
    assert run(["trace", nobody, "--data", data]) == FOUND_WRONG


def test_a_key_is_shown_once_and_can_be_revoked(data: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["keys", "create", "a test", "--scope", "leads:read", "--data", data]) == DONE
    key = capsys.readouterr().out.strip()
    assert run(["keys", "list", "--json", "--data", data]) == DONE
    listing = capsys.readouterr().out
    key_id, secret = key.split("_")[1:3]
    assert key_id in listing
    assert secret not in listing
    assert run(["keys", "revoke", key_id, "--data", data]) == DONE
    assert run(["keys", "revoke", key_id, "--data", data]) == FOUND_WRONG


def test_a_form_key_is_bound_and_the_stack_has_one_for_local_pages(
    data: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever form, from a page on this machine; a key for a site names its form and its origins."""
    assert run(["keys", "create", "site", "--kind", "form", "--data", data]) != DONE
    site = ["--kind", "form", "--form", "demo", "--origin", "https://www.example.org", "--data", data]
    assert run(["keys", "create", "site", *site]) == DONE
    assert run(["env", "--data", data]) == DONE
    variables = dict(line.split("=", 1) for line in capsys.readouterr().out.splitlines() if "=" in line)
    filled = {"last_name": "Long", "email": "ada@form.example", "form_key": variables["BATON_FORM_KEY"]}
    answers = [
        httpx.post(f"{variables['BATON_CAPTURE_URL']}/f/contact", data=filled, headers={"Origin": origin}).status_code
        for origin in ("http://localhost:3000", "https://www.example.org")
    ]
    assert answers == [303, 403]


def test_a_signing_key_is_rotated_and_both_work_for_a_while(data: str, capsys: pytest.CaptureFixture[str]) -> None:
    create = ["keys", "create", "tool", "--kind", "webhook", "--source", "webinar", "--json", "--data", data]
    assert run(create) == DONE
    old = json.loads(capsys.readouterr().out)
    assert run(["keys", "rotate", old["key_id"], "--overlap", "1", "--json", "--data", data]) == DONE
    new = json.loads(capsys.readouterr().out)
    assert run(["keys", "rotate", "000000000000", "--data", data]) == FOUND_WRONG
    assert run(["env", "--data", data]) == DONE
    variables = dict(line.split("=", 1) for line in capsys.readouterr().out.splitlines() if "=" in line)
    for number, key in enumerate((old, new)):
        body = json.dumps({"email": f"a{number}@signed.example"})
        now = datetime.now(UTC)
        headers = {
            "webhook-id": f"msg_{number}",
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(key["key"]).sign(f"msg_{number}", now, body),
            "Content-Type": "application/json",
        }
        answer = httpx.post(f"{variables['BATON_CAPTURE_URL']}/v1/contacts", content=body, headers=headers)
        assert answer.status_code == 202, answer.text
    assert run(["keys", "list", "--json", "--data", data]) == DONE
    known = {key["key_id"]: key for key in json.loads(capsys.readouterr().out)}
    assert known[old["key_id"]]["expires_at"]
    assert known[new["key_id"]]["source"] == "webinar"


@pytest.mark.parametrize("part", ["routing", "postgres"])
def test_a_killed_part_comes_back(part: str, status: Callable[[], dict[str, Any]]) -> None:
    before = status()[part]["pid"]
    os.kill(before, signal.SIGKILL)
    deadline = time.monotonic() + 60
    while True:
        found = status()
        if found["code"] == DONE and found[part]["pid"] != before:
            break
        assert time.monotonic() < deadline, found
    assert found[part]["restarts"] == 1


def test_after_everything_was_killed_up_goes_on_where_it_was(data: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["clock", "show", "--data", data]) == DONE
    now = re.findall(r"^\d{4}-.*$", capsys.readouterr().out, re.MULTILINE)
    state = DataDir.of_folder(Path(data)).read_state()
    assert state.supervisor is not None
    killed = [psutil.Process(process.pid) for process in (state.supervisor, *state.parts.values())]
    for process in killed:
        process.kill()
    psutil.wait_procs(killed, 10)
    assert run(["up", "--detach", "--data", data]) == DONE
    capsys.readouterr()
    assert run(["clock", "show", "--data", data]) == DONE
    assert capsys.readouterr().out.splitlines() == now
    after = DataDir.of_folder(Path(data)).read_state()
    assert (after.port_base, after.postgres_port, after.bootstrap) == (
        state.port_base,
        state.postgres_port,
        state.bootstrap,
    )


def test_nobody_else_can_read_what_the_stack_keeps(data: str) -> None:
    """Names and addresses are in PostgreSQL's files, in Kafka's and in logs. Others may pass a folder, at most."""
    for path in (Path(data), *Path(data).rglob("*")):
        mode = path.lstat().st_mode
        if path.is_symlink() or stat.S_ISSOCK(mode):
            continue
        allowed = 0o711 if path.is_dir() else 0o700
        assert not mode & 0o777 & ~allowed, f"{path} has mode {mode & 0o777:o}"
