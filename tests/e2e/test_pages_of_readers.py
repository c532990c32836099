"""The pages for the marketer, for who agrees on rules and for the integrator: their commands, on a running stack.

Each page's lines that begin with `$ ` are run in order by a shell, as a reader would type them.
"""

import asyncio
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from baton.stack import Stack
from tests.docs.pages import DOCS, ROOT, commands_of

pytestmark = pytest.mark.e2e

ELSEWHERE = tuple(f"baton playbook {verb}" for verb in ("propose", "approve", "activate", "shadow"))
"""What changes the rules of the stack that other tests use too; `test_both_sides_approve.py` runs these."""


@pytest.mark.parametrize(
    ("page", "says"),
    [
        ("connect-your-form.md", ["303", "/f/contact/thanks", "contact.captured.v1", "bk_", "?form_link="]),
        ("change-a-rule.md", ["sla.yaml", "would have gone to sales"]),
        ("read-the-funnel.md", ["web_form", "items"]),
    ],
)
async def test_the_commands_of_a_page_do_what_it_says(stack: Stack, tmp_path: Path, page: str, says: list[str]) -> None:
    for name in ("deploy", "docs"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "local", "adr"))
    environment = {
        **os.environ, **stack.environment_variables(), "BATON_DATA": str(stack.data_dir.directory),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }  # fmt: skip
    commands = commands_of((DOCS / page).read_text(encoding="utf-8"))
    assert len(commands) > 2
    typed = "\n".join(["set -ex", *(each for each in commands if not each.startswith(ELSEWHERE))])
    done = await asyncio.to_thread(
        subprocess.run,
        ("bash", "-c", typed),
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"
    printed = done.stdout
    assert [each for each in says if each not in printed] == []
