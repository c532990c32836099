"""`python -m capture migrate`: the database at the newest revision, and nothing served; twice as well as once."""

import subprocess
import sys
from uuid import uuid4

import asyncpg

from tests.containers import Server


def migrate(url: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    environment = {"BATON_DATABASE_URL": url, "KAFKA_BOOTSTRAP_SERVERS": "nowhere:1", "BATON_SECRET": "x"}
    command = (sys.executable, "-m", "capture", *arguments)
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)


async def test_a_database_is_migrated_without_kafka_and_without_serving(server: Server) -> None:
    name = f"migrated_{uuid4().hex[:8]}"
    url = server.create_database(name)
    for _ in range(2):
        done = migrate(url, "migrate")
        assert done.returncode == 0, done.stderr
    raw = await asyncpg.connect(url)
    assert await raw.fetchval("select count(*) from engagements") == 0
    await raw.close()
    server.drop_database(name)


def test_another_argument_is_refused() -> None:
    done = migrate("postgresql://nobody@nowhere/nothing", "migrations")
    assert (done.returncode, done.stderr) == (2, "cannot start: the only argument is `migrate`\n")
