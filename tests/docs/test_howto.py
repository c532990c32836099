"""The recipes of docs/howto.md: their YAML is accepted where it says, and what they name exists."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from baton import playbook
from baton.cli import run

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/howto.md").read_text()
BLOCKS = [re.sub(r"(?m)^   ", "", block) for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)]
PATHS = sorted(path for path in re.findall(r"`([\w.-]+(?:/[\w.-]+)+)`", PAGE) if "<" not in path)
COMMANDS = sorted(set(re.findall(r"`baton ((?:[a-z]+ ?)+)", PAGE)))


def _insert(document: Any, place: list[str], what: Any) -> None:
    """Put a block at its place: a list's new rows come first, a mapping's keys are added."""
    for name in place[:-1]:
        document = document[name]
    there = document[place[-1]]
    document[place[-1]] = what + there if isinstance(there, list) else {**there, **what}


def test_the_rules_of_the_recipes_are_accepted_together(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "deploy/playbook", tmp_path, dirs_exist_ok=True)
    for block in BLOCKS:
        found = re.match(r"# ([a-z]+\.yaml): ([\w.]+)\n", block)
        assert found, "the first line says where"
        path = tmp_path / found[1]
        document = yaml.safe_load(path.read_text())
        _insert(document, found[2].split("."), yaml.safe_load(block))
        path.write_text(yaml.safe_dump(document, sort_keys=False))
    sources, faults = playbook.check_folder(tmp_path)
    assert (faults, list(playbook.list_warnings(sources))) == ([], [])
    assert len(BLOCKS) == 7


def test_a_recipe_with_a_misspelt_word_is_refused(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "deploy/playbook", tmp_path, dirs_exist_ok=True)
    path = tmp_path / "sla.yaml"
    path.write_text(path.read_text().replace("clocks: {}", "clocks: {demo_held: {begins: meeting_booked}}"))
    _, faults = playbook.check_folder(tmp_path)
    assert any("demo_held" in fault.field for fault in faults)


@pytest.mark.parametrize("path", PATHS)
def test_what_a_recipe_names_is_there(path: str) -> None:
    """Relative ones stand in each service, as a folder or a module."""
    places = [ROOT / path, *ROOT.glob(f"services/*/src/*/{path}"), *ROOT.glob(f"services/*/src/*/{path}.py")]
    assert any(place.exists() for place in places)


@pytest.mark.parametrize(("name", "path"), re.findall(r"`(\w+)` (?:in|of)\s+`([\w./-]+\.py)`", PAGE))
def test_a_name_of_a_recipe_stands_in_its_file(name: str, path: str) -> None:
    assert re.search(rf"\b{name}\b", (ROOT / path).read_text())


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_a_recipe_is_there(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    parts = command.split()
    assert run([*parts[:2], "--help"] if parts[0] in {"playbook", "clock"} else [parts[0], "--help"]) == 0
    assert parts[0] in capsys.readouterr().out
