"""The way from `docker compose up` to the first lead, typed as `docs/operations.md` has it.

The services run on this machine instead of in containers, with the key that the page draws; nothing of `baton env`.
"""

import asyncio
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from baton import stack as stacks
from baton.services import SERVICES
from baton.stack import StartOptions
from tests.docs.pages import DOCS, ROOT, commands_of
from tests.e2e.conftest import A_MONDAY, free_base

pytestmark = pytest.mark.e2e

HEADING = "### From `docker compose up` to the first lead\n"
COMPOSE = "docker compose"
SECONDS = 300


def typed(commands: list[str], folder: Path) -> str:
    """Type commands into a shell in this folder, as far as no container is needed; return what they print."""
    script = "\n".join(["set -eo pipefail", *(each for each in commands if not each.startswith(COMPOSE))])
    path = f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin"
    done = subprocess.run(
        ("bash", "-c", script), cwd=folder, env={"PATH": path, "HOME": str(folder)}, capture_output=True, text=True,
        check=False, timeout=SECONDS,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


async def test_no_step_is_missing_between_the_first_command_and_the_first_lead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, _, section = (DOCS / "operations.md").read_text(encoding="utf-8").partition(HEADING)
    commands = commands_of(section.partition("\n### ")[0])
    started = next(place for place, each in enumerate(commands) if each.startswith(COMPOSE))
    shutil.copy(ROOT / ".env.example", tmp_path)
    typed(commands[:started], tmp_path)
    settings = dict(line.split("=", 1) for line in (tmp_path / ".env").read_text().splitlines())
    assert all(settings.values())
    first = settings["BATON_BOOTSTRAP_KEY"]
    assert settings["BATON_API_KEY"] == first

    for name in [each for each in os.environ if each.startswith(("BATON_", "KAFKA_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("BATON_BOOTSTRAP_KEY", first)
    base = free_base()
    await asyncio.to_thread(stacks.start_detached, StartOptions(str(tmp_path / "d"), base, "stepped", A_MONDAY))
    try:
        addresses = {f"http://127.0.0.1:{service.port(8000)}": service.url(base) for service in SERVICES}
        rest = commands[started:]
        for written, real in addresses.items():
            rest = [each.replace(written, real) for each in rest]
        printed = await asyncio.to_thread(typed, rest, tmp_path)
    finally:
        await asyncio.to_thread(stacks.stop_stack, tmp_path / "d")
    assert "sla-monitor" in printed
    assert '"status":"accepted"' in printed
    assert "lead.assigned" in printed
    assert "/in/" in printed.splitlines()[-1]
    kept = dict(line.split("=", 1) for line in (tmp_path / ".env").read_text().splitlines())
    assert kept["BATON_API_KEY"].startswith("bk_")
    assert kept["BATON_API_KEY"] != first
