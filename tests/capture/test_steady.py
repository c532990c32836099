"""A running capture under a steady load on kept connections: every post is answered."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from baton import keys
from baton.ports import free_port
from tests.bench.steady import Run
from tests.browser.conftest import Capture
from tests.containers import Server

SECRET = "a secret for tests of connections alone"  # noqa: S105
PLAYBOOKS = Path(__file__).parents[2] / "deploy" / "playbook"


@pytest.fixture
async def capture(server: Server, tmp_path: Path) -> AsyncIterator[Capture]:
    """Capture as a process of its own; intake does without Kafka."""
    url = server.create_database("capture_steady")
    port = free_port()
    environment = {
        **os.environ,
        "BATON_DATABASE_URL": url,
        "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
        "BATON_SECRET": SECRET,
        "BATON_PORT": str(port),
        "BATON_PLAYBOOK_DIR": str(PLAYBOOKS),
    }
    started = Capture(f"http://127.0.0.1:{port}", url, environment, tmp_path / "capture.log")
    await started.start()
    yield started
    started.stop()


async def test_every_post_is_answered(capture: Capture) -> None:
    """Issue 20, 13: connections that rest for longer than others, each post counted from when it was due."""
    _, key = await keys.create_key({"capture": capture.database_url}, SECRET, label="load", scopes=["capture:write"])
    run = Run(int(capture.url.rsplit(":", 1)[1]), key, rate=60.0, seed=13)
    found = await run.measure(seconds=10.0, connections=100)
    assert set(run.outcomes) <= {"202", "503"}, found
    assert run.outcomes.total() == 600
    rows = await capture.rows("select count(*) as rows from engagements")
    assert rows[0]["rows"] >= run.outcomes["202"]
