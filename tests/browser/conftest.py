"""A real browser before a real capture: its own process, its own database, no Kafka, which intake does without."""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from playwright.async_api import Browser, async_playwright, expect

from baton import keys
from baton.database import fetch
from baton.ports import free_port
from tests.browser.site import Site
from tests.containers import Server

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PLAYBOOKS = Path(__file__).parents[2] / "deploy" / "playbook"
SECRET = "a secret for browser tests alone"  # noqa: S105
PATIENCE_SECONDS = 60.0
LOOK_SECONDS = 0.05
expect.set_options(timeout=PATIENCE_SECONDS * 1000)


@dataclass
class Capture:
    """The service as a process that can be ended and started again."""

    url: str
    database_url: str
    environment: dict[str, str] = field(repr=False)
    log: Path
    process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        """Start it and wait until it answers."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: ASYNC220 - it starts at once, and waiting is below
                (sys.executable, "-m", "capture"), env=self.environment, stdout=log, stderr=log
            )
        async with httpx.AsyncClient() as http, asyncio.timeout(PATIENCE_SECONDS):
            while not await self._answers(http):
                assert self.process.poll() is None, self.log.read_text()
                await asyncio.sleep(LOOK_SECONDS)

    async def _answers(self, http: httpx.AsyncClient) -> bool:
        try:
            return (await http.get(f"{self.url}/readyz")).status_code == 200
        except httpx.TransportError:
            return False

    def stop(self) -> None:
        """End it, as a machine ends that loses its power."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    async def rows(self, sql: str) -> list[dict[str, Any]]:
        """Ask its database."""
        return await fetch(self.database_url, sql)


@pytest.fixture(scope="session")
async def capture(server: Server, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Capture]:
    """Capture under the default playbook, but for the time that filling in a form takes a person."""
    folder = tmp_path_factory.mktemp("browser")
    for file in PLAYBOOKS.glob("*.yaml"):
        shutil.copy(file, folder)
    rules = yaml.safe_load((folder / "capture.yaml").read_text())
    for form in rules["forms"].values():
        form["minimum_seconds"] = 0
    (folder / "capture.yaml").write_text(yaml.safe_dump(rules, sort_keys=False))
    database_url = await asyncio.to_thread(server.create_database, "capture_browser")
    port = free_port()
    environment = {
        **os.environ,
        "BATON_DATABASE_URL": database_url,
        "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
        "BATON_SECRET": SECRET,
        "BATON_PORT": str(port),
        "BATON_PLAYBOOK_DIR": str(folder),
        "BATON_FORM_RATE": "10000/minute",
    }
    started = Capture(f"http://127.0.0.1:{port}", database_url, environment, folder / "capture.log")
    await started.start()
    yield started
    started.stop()


@pytest.fixture(scope="session")
def chromium() -> str:
    """The machine's own browser."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip(f"no browser on the PATH ({', '.join(BROWSERS)}): `make browser` installs one where apt can")
    return found


@pytest.fixture(scope="session")
def badge_video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the camera sees: a badge's code."""
    return tmp_path_factory.mktemp("camera") / "badge.y4m"


@pytest.fixture(scope="session")
async def browser(chromium: str, badge_video: Path) -> AsyncIterator[Browser]:
    """One browser for all; each test has a profile of its own."""
    flags = [
        "--no-sandbox",
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={badge_video}",
    ]
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=chromium, args=flags)
        yield started
        await started.close()


@pytest.fixture(scope="session")
async def api_key(capture: Capture) -> str:
    """A key for servers and scanners."""
    databases = {"capture": capture.database_url}
    _, key = await keys.create_key(databases, SECRET, label="scanner", scopes=["capture:write", "leads:read"])
    return key


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Site]:
    """Another site, on another origin."""
    with Site.serving(tmp_path) as site:
        yield site
