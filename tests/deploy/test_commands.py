"""Exit codes are a contract: 0 done, 1 found something wrong, 2 wrong usage, 3 could not start."""

import fcntl
import json
import os
import socket
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from cyclopts import App

from baton.cli import app, output, run
from baton.cli import stack as stack_commands
from baton.cli.output import PipedConsole
from baton.data_dir import DataDir
from baton.exit_codes import CANNOT_START, DONE, FOUND_WRONG, WRONG_USAGE
from baton.services import SERVICES

ID = "0b0e6b7e-5d2f-4a53-9a44-0d6ad3a3b1c1"
RULES = "deploy/playbook"
BY_ADDRESS = {
    "status": (), "trace": (ID,), "access": (ID,), "audit": (), "republish": (),
    "dead-letters list": (), "dead-letters show": (ID,), "dead-letters replay": (ID,), "dead-letters discard": (ID,),
    "dead-letters replay-refused": (), "dead-letters resume": (),
    "gaps list": (), "gaps show": (ID,), "gaps heal": (ID,), "gaps accept": (ID,),
    "keys create": ("ops", "--role=admin"), "keys list": (), "keys rotate": ("ab",), "keys revoke": ("ab",),
    "playbook show": (), "playbook diff": (RULES,), "playbook propose": (RULES, "--by=ola"),
    "playbook approve": (RULES, "--by=eva"), "playbook activate": (RULES, "--by=ola"),
    "playbook simulate": (f"--playbook={RULES}",),
    "playbook shadow start": (RULES, "--by=ola"), "playbook shadow stop": ("--by=ola",), "playbook shadow report": (),
    "playbook calibrate": ("--from-history", "--report=out"),
    "desk invite": ("ola", "--role=operator"),
}  # fmt: skip
"""Commands that need no more than the services' addresses and a key, each with what it cannot do without."""
REFUSED = {
    "clock show": (), "clock advance": ("1h",), "wait": (), "backup": ("out",), "restore": ("in",),
    "playbook simulate-routing": (),
}  # fmt: skip
"""Commands that need more, and say what."""
HERE = {
    "up", "down", "env", "demo", "leaks", "playbook check", "playbook score", "route",
}  # fmt: skip
"""Commands about this machine or about files; `route` reads its file first, and asks by address then."""


def names_of(group: App, before: str = "") -> set[str]:
    """The names of all commands below a group."""
    found: set[str] = set()
    for name in group:
        if not name.startswith("-"):
            below = names_of(group[name], f"{before}{name} ")
            found |= below or {f"{before}{name}"}
    return found


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["up", "--clock", "sundial"],
        ["up", "--port-base", "many"],
        ["clock", "advance"],
        ["wait", "--timeout", "soon"],
        ["dead-letters", "show", "not-an-id"],
    ],
)
def test_what_cannot_be_understood_is_wrong_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == WRONG_USAGE
    output = capsys.readouterr()
    assert output.out == ""
    assert "baton --help" in output.err


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["up", "--clock", "stepped", "--start", "yesterday"], "--start yesterday"),
        (["up", "--clock", "stepped", "--start", "2026-03-02T09:00:00"], "zone"),
        (["republish", "--topic", "nope"], "there is no topic nope"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_starts(
    arguments: list[str], reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "d"
    assert run([*arguments, "--data", str(data)]) == WRONG_USAGE
    assert reason in capsys.readouterr().err
    assert not data.exists()


@pytest.mark.parametrize("command", ["env", "wait", "audit", "republish"])
def test_asking_a_stack_that_is_not_up_is_wrong_usage(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([command, "--data", str(tmp_path / "none")]) == WRONG_USAGE
    assert "baton up" in capsys.readouterr().err


def test_the_status_of_nothing_is_one_document(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["status", "--json", "--data", str(tmp_path / "none")]) == FOUND_WRONG
    assert json.loads(capsys.readouterr().out)["parts"] == []


@pytest.mark.parametrize("columns", [80, 160])
@pytest.mark.parametrize("leading", [("part", "pid", "url"), ("part", "url")])
def test_the_status_of_a_stack_fits_the_terminal(
    columns: int, leading: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line for each part, with what it is called, where it is and what it has to do; below, what is wrong with it."""
    shown = StringIO()
    console = PipedConsole(width=columns, file=shown)
    for module in (stack_commands, output):
        monkeypatch.setattr(module, "console", console)
    numbers = {"ready": False, "lag": 10_234, "outbox": 2_000, "parked": 12, "residual": 0, "gaps": 2, "restarts": 0}
    parts: list[Any] = [
        {"part": service.name, "pid": 4_194_304, "url": service.url(21_000), "why": "kafka: it is away", **numbers}
        for service in SERVICES
    ]
    stack_commands._print_parts("Baton in .baton", (*leading, *stack_commands.STATE), parts)
    lines = shown.getvalue().splitlines()
    assert max(len(line.rstrip()) for line in lines) <= columns
    for part in parts:
        (row,) = [line for line in lines if part["url"] in line]
        assert {part["part"], "False", "10234", "2000", "12", "0"} <= set(row.split())
        assert f"{part['part']}: kafka: it is away, 2 gaps" in lines


def test_stopping_what_is_not_up_is_done(tmp_path: Path) -> None:
    assert run(["down", "--data", str(tmp_path / "none")]) == DONE


def test_help_teaches_by_example(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["clock", "advance", "--help"]) == DONE
    assert "baton clock advance 48h" in capsys.readouterr().out


@pytest.mark.parametrize("detach", [[], ["--detach"]])
def test_a_taken_port_is_named(
    detach: list[str], tmp_path: Path, port_base: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", port_base + 3)):
        code = run(["up", "--data", str(tmp_path / "d"), "--port-base", str(port_base), *detach])
    assert code == CANNOT_START
    assert f"routing: port {port_base + 3} is taken" in capsys.readouterr().err


def test_two_stacks_do_not_fight_over_one_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data_dir = DataDir.of_folder(tmp_path / "d")
    data_dir.create_folders()
    with data_dir.lock_file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert run(["up", "--data", str(tmp_path / "d")]) == CANNOT_START
    assert "already up" in capsys.readouterr().err


def test_purging_asks_first(tmp_path: Path) -> None:
    """Where nobody can answer, silence is no consent."""
    data_dir = DataDir.of_folder(tmp_path / "d")
    data_dir.create_folders()
    data_dir.write_state(data_dir.read_state())
    assert run(["down", "--purge", "--data", str(tmp_path / "d")]) == WRONG_USAGE
    assert data_dir.was_started()
    assert run(["down", "--purge", "--yes", "--data", str(tmp_path / "d")]) == DONE
    assert not data_dir.was_started()


def test_secrets_are_for_their_owner_only(tmp_path: Path) -> None:
    data_dir = DataDir.of_folder(tmp_path / "d")
    data_dir.create_folders()
    secrets = data_dir.ensure_secrets()
    assert (data_dir.directory / "secrets.json").stat().st_mode & 0o077 == 0
    assert data_dir.ensure_secrets() == secrets


@pytest.fixture
def nobody_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Addresses at which nobody listens, and a key, as an operator would set them."""
    for service in SERVICES:
        monkeypatch.setenv(f"BATON_{service.short}_URL", "http://127.0.0.1:1")
        monkeypatch.delenv(f"BATON_{service.short}_DATABASE_URL", raising=False)
    monkeypatch.setenv("BATON_API_KEY", "bk_0123456789ab_nobodys")
    monkeypatch.delenv("BATON_ENV_DATA", raising=False)
    monkeypatch.setattr("baton.service_client.PATIENCE_SECONDS", 0.0)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "manifest.json").write_text('{"format": 1, "services": {}}')


def test_every_command_is_known_to_work_by_address_or_to_say_why_not() -> None:
    assert names_of(app) == BY_ADDRESS.keys() | REFUSED.keys() | HERE


@pytest.mark.usefixtures("nobody_there")
@pytest.mark.parametrize("name", REFUSED)
def test_what_addresses_are_not_enough_for_says_in_a_line_what_is(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run([*name.split(), *REFUSED[name]]) == WRONG_USAGE
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith("BATON_*_URL and BATON_API_KEY name services elsewhere")
    assert output.err.count("\n") == 1


@pytest.mark.usefixtures("nobody_there")
@pytest.mark.parametrize("name", BY_ADDRESS)
def test_what_works_by_address_asks_there_and_looks_for_no_folder(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody answers, and that is what each of them says."""
    folder = tmp_path / "none"
    arguments = [each.replace("out", str(tmp_path / "out")) for each in BY_ADDRESS[name]]
    code = run([*name.split(), *arguments, "--data", str(folder)])
    assert code == FOUND_WRONG
    output = capsys.readouterr()
    assert "127.0.0.1:1" in output.err + output.out
    assert not folder.exists()


@pytest.mark.parametrize(
    "arguments", [["playbook", "check"], ["playbook", "check", "--json"], ["playbook", "show"], ["keys", "--help"]]
)
def test_a_reader_who_has_seen_enough_is_no_error(arguments: list[str]) -> None:
    """`baton env | head`: here nobody reads from the first byte on."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            (sys.executable, "-m", "baton", *arguments), stdout=writing, stderr=subprocess.PIPE, text=True, check=False
        )
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (DONE, "")


def test_a_page_for_a_folder_that_is_not_there_is_wrong_usage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "none" / "agreement.html"
    assert run(["playbook", "show", RULES, "--html", str(file)]) == WRONG_USAGE
    assert capsys.readouterr().err == f"{file}: No such file or directory\n"
