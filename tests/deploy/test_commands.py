"""Exit codes are a contract: 0 done, 1 found something wrong, 2 wrong usage, 3 could not start."""

import fcntl
import json
import socket
from pathlib import Path

import pytest

from baton.cli import run
from baton.data_dir import DataDir
from baton.exit_codes import CANNOT_START, DONE, FOUND_WRONG, WRONG_USAGE


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
    data_dir = DataDir.at(tmp_path / "d")
    data_dir.create()
    with data_dir.lock.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert run(["up", "--data", str(tmp_path / "d")]) == CANNOT_START
    assert "already up" in capsys.readouterr().err


def test_purging_asks_first(tmp_path: Path) -> None:
    """Where nobody can answer, silence is no consent."""
    data_dir = DataDir.at(tmp_path / "d")
    data_dir.create()
    data_dir.write_state(data_dir.read_state())
    assert run(["down", "--purge", "--data", str(tmp_path / "d")]) == WRONG_USAGE
    assert data_dir.exists()
    assert run(["down", "--purge", "--yes", "--data", str(tmp_path / "d")]) == DONE
    assert not data_dir.exists()


def test_secrets_are_for_their_owner_only(tmp_path: Path) -> None:
    data_dir = DataDir.at(tmp_path / "d")
    data_dir.create()
    secrets = data_dir.ensure_secrets()
    assert (data_dir.directory / "secrets.json").stat().st_mode & 0o077 == 0
    assert data_dir.ensure_secrets() == secrets
