"""From an export to the first lead at its rep, by docs/what-leaks.md alone: each of its commands, typed into a shell.

The stack has ports of its own and the time of a Monday morning; all else is as the page has it.
"""

import asyncio
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from baton import stack as stacks
from tests.docs.pages import DOCS, commands_of
from tests.e2e.conftest import A_MONDAY, free_base

pytestmark = pytest.mark.e2e

UP = "baton up "
SECONDS = 900


async def test_the_page_leads_from_the_export_to_a_lead_at_its_rep(tmp_path: Path) -> None:
    shutil.copytree(DOCS / "exports", tmp_path / "baton" / "docs" / "exports")
    options = f"{UP}--port-base {free_base()} --clock stepped --start {A_MONDAY} "
    commands = [each.replace(UP, options) for each in commands_of((DOCS / "what-leaks.md").read_text(encoding="utf-8"))]
    assert any(each.startswith(options) for each in commands)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("BATON_", "KAFKA_"))}
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    script = "\n".join(["set -eo pipefail", *commands])
    try:
        done = await asyncio.to_thread(
            subprocess.run, ("bash", "-c", script), cwd=tmp_path / "baton", env=environment, capture_output=True,
            text=True, check=False, timeout=SECONDS,
        )  # fmt: skip
    finally:
        await asyncio.to_thread(stacks.stop_stack, tmp_path / "my-leads" / ".baton")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "303" in done.stdout
    assigned = next(line for line in done.stdout.splitlines() if "lead.assigned.v1" in line)
    reps = (tmp_path / "my-leads" / "candidate" / "reps.csv").read_text()
    assert assigned.partition("rep_id=")[2].split()[0] in {line.partition(",")[0] for line in reps.splitlines()[1:]}
    assert "/in/" in done.stdout.splitlines()[-1]
