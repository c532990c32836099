"""Two teams agree on exactly these files, or nothing comes in force (D4)."""

import shutil
from pathlib import Path

import pytest

from baton.cli import run
from baton.exit_codes import DONE, FOUND_WRONG, WRONG_USAGE
from baton.parts import playbook_directory

MARKETING, SALES = "marketing:head_of_demand_generation", "sales:head_of_sales_development"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(playbook_directory(), tmp_path / "playbook"))


def say(tmp_path: Path, verb: str, folder: Path, by: str, *more: str) -> int:
    return run(["playbook", verb, str(folder), "--by", by, "--data", str(tmp_path / "data"), *more])


def test_only_those_named_in_the_definitions_approve_and_each_counts_once(
    tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert say(tmp_path, "approve", folder, "ada") == FOUND_WRONG
    assert MARKETING in capsys.readouterr().err
    assert say(tmp_path, "approve", folder, MARKETING) == DONE
    assert f"still to approve: {SALES}" in " ".join(capsys.readouterr().err.split())
    assert say(tmp_path, "approve", folder, MARKETING) == DONE
    assert "had been approved" in capsys.readouterr().err


def test_nothing_is_activated_until_both_have_approved_these_very_files(
    tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert say(tmp_path, "approve", folder, MARKETING) == DONE
    assert say(tmp_path, "activate", folder, "ada") == FOUND_WRONG
    assert f"not approved yet by {SALES}" in capsys.readouterr().err
    assert say(tmp_path, "approve", folder, SALES) == DONE
    assert say(tmp_path, "activate", folder, "ada") == WRONG_USAGE
    assert "nothing is up" in capsys.readouterr().err, "only the stack is missing now"
    rules = folder / "scoring.yaml"
    rules.write_text(rules.read_text() + "\n")
    assert say(tmp_path, "activate", folder, "ada") == FOUND_WRONG
    assert MARKETING in capsys.readouterr().err


def test_a_playbook_that_one_person_alone_agrees_to_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    definitions = folder / "definitions.yaml"
    definitions.write_text(definitions.read_text().replace(f'"{SALES}"', f'"{MARKETING}"'))
    assert run(["playbook", "check", str(folder)]) == FOUND_WRONG
    assert "names fewer than two" in capsys.readouterr().err
