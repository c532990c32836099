"""Two teams agree on exactly these files, or nothing comes in force (D4)."""

import shutil
from pathlib import Path

import pytest

from baton.cli import run
from baton.exit_codes import FOUND_WRONG, WRONG_USAGE
from baton.stack_processes import playbook_directory

MARKETING, SALES = "marketing:head_of_demand_generation", "sales:head_of_sales_development"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(playbook_directory(), tmp_path / "playbook"))


def say(tmp_path: Path, verb: str, folder: Path, by: str, *more: str) -> int:
    return run(["playbook", verb, str(folder), "--by", by, "--data", str(tmp_path / "data"), *more])


def test_a_person_approves_and_not_what_they_sign_as(
    tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert say(tmp_path, "approve", folder, MARKETING) == FOUND_WRONG
    assert f"baton desk invite NAME --signs-as {MARKETING}" in capsys.readouterr().err
    assert say(tmp_path, "activate", folder, "ada", f"--approved-by={SALES}") == FOUND_WRONG
    assert f"baton desk invite NAME --signs-as {SALES}" in capsys.readouterr().err


def test_approvals_are_kept_where_the_rules_are_in_force_and_nowhere_else(
    tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where nothing is up, nobody can approve; 14.14."""
    for verb in ("propose", "approve", "activate"):
        assert say(tmp_path, verb, folder, "eva") == WRONG_USAGE
        assert "nothing is up" in capsys.readouterr().err
    assert not (tmp_path / "data").exists()


def test_a_playbook_that_one_person_alone_agrees_to_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    definitions = folder / "definitions.yaml"
    definitions.write_text(definitions.read_text().replace(f'"{SALES}"', f'"{MARKETING}"'))
    assert run(["playbook", "check", str(folder)]) == FOUND_WRONG
    assert "names fewer than two" in capsys.readouterr().err
