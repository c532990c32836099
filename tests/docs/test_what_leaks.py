"""The commands of docs/what-leaks.md do what the page says, on the examples that it names.

`tests/e2e/test_newcomer.py` goes on to the stack.
"""

import re
import shlex
import shutil
from pathlib import Path

import pytest

from baton.cli import run

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "what-leaks.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\$ baton (.+)$", PAGE.partition("\n## 5.")[0], re.MULTILINE)


def test_the_commands_of_the_page_run_as_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in (DOCS / "exports").glob("*.csv"):
        shutil.copy(path, tmp_path)
    monkeypatch.chdir(tmp_path)
    for command in COMMANDS:
        assert run(shlex.split(command)) == 0, command
    assert len(COMMANDS) == 7
    for name in ("leaks/index.html", "leaks/leaks.json", "columns.yaml", "agreement.html", "what-if/what-if.csv"):
        assert (tmp_path / name).is_file(), name
    for name in re.findall(r"`(\w+\.csv)`", PAGE):
        assert (tmp_path / "candidate" / name).is_file(), name


def test_the_files_of_the_page_are_there() -> None:
    links = [link for link in re.findall(r"\]\(([^)]+)\)", PAGE) if "://" not in link]
    assert all((DOCS / link).exists() for link in links)
    assert len(links) == 23
