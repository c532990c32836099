"""X47: `baton backup` and `baton restore` of a PostgreSQL that somebody else runs: six URLs, TLS alone, no folder."""

import asyncio
import importlib
import json
import shutil
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from baton import backups
from baton.cli import run
from baton.database import connect, execute, fetch
from baton.exit_codes import DONE, FOUND_WRONG, WRONG_USAGE
from baton.services import SERVICES
from events.runtime import migrate
from tests.secured.certificates import Authority
from tests.secured.postgres import SecuredPostgres, binaries

pytestmark = pytest.mark.skipif(
    binaries() is None or shutil.which("openssl") is None, reason="needs a PostgreSQL of the system's and openssl"
)
READ = "insert into positions (topic, partition, next_offset) values ('contacts.captured.v1', 0, $1)"


@pytest.fixture(scope="module")
async def databases(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[dict[str, str]]:
    """The six migrated databases of a server that takes encrypted sessions alone, as URLs."""
    folder = tmp_path_factory.mktemp("postgres")
    server = SecuredPostgres(folder / "server", Authority.make(folder / "certificates"))
    certificate = str(server.authority.certificate)
    try:
        await asyncio.to_thread(server.start)
        found = {}
        for service in SERVICES:
            password = await server.create_database(service.module)
            url = server.url(service.module, password, service.module, sslmode="verify-full", sslrootcert=certificate)
            module = importlib.import_module(service.module)
            await migrate.apply_migrations(url, Path(str(module.__file__)).parent / "migrations")
            found[service.name] = url
        yield found
    finally:
        await asyncio.to_thread(server.stop)


@pytest.fixture(autouse=True)
def named(databases: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Name them, and PostgreSQL's own programs, as an operator does."""
    for service in SERVICES:
        monkeypatch.setenv(f"BATON_{service.short}_DATABASE_URL", databases[service.name])
    monkeypatch.setenv(backups.PROGRAMS, str(binaries()))


async def baton(*arguments: str) -> int:
    return await asyncio.to_thread(run, arguments)


async def positions(url: str) -> list[int]:
    return [row["next_offset"] for row in await fetch(url, "select next_offset from positions")]


async def test_what_was_backed_up_by_url_is_put_back_by_url(
    databases: Mapping[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """All six, then one alone; the manifest says at which positions each stood, and nothing that opens them."""
    folder = tmp_path / "monday"
    for number, url in enumerate(databases.values()):
        await execute(url, READ, number)
    assert await baton("backup", str(folder)) == DONE
    manifest = (folder / "manifest.json").read_text()
    services = json.loads(manifest)["services"]
    assert [services[name]["positions"][0]["next_offset"] for name in databases] == list(range(len(databases)))
    for url in databases.values():
        assert url.partition("//")[2].partition(":")[2].partition("@")[0] not in manifest
        await execute(url, "update positions set next_offset = 99")
        await execute(url, "create table later (id int)")

    assert await baton("restore", str(folder), "--service", "routing") == DONE
    assert [await positions(url) for url in databases.values()] == [[99], [99], [2], [99], [99], [99]]
    capsys.readouterr()
    assert await baton("restore", str(folder)) == DONE
    assert [await positions(url) for url in databases.values()] == [[number] for number in range(len(databases))]
    for url in databases.values():
        assert await fetch(url, "select to_regclass('later') is null as gone") == [{"gone": True}]
    steps = [line.strip() for line in capsys.readouterr().err.splitlines() if line.startswith("  baton ")]
    assert [step.partition(" --")[0] for step in steps] == ["baton republish", "baton wait", "baton audit"]


async def test_a_service_that_still_runs_keeps_its_database(
    databases: Mapping[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And so do all the others: nothing is replaced."""
    assert await baton("backup", str(tmp_path / "b")) == DONE
    await execute(databases["capture"], "create table later (id int)")
    session = await connect(databases["scoring"])
    try:
        assert await baton("restore", str(tmp_path / "b")) == FOUND_WRONG
    finally:
        await session.close()
    assert "scoring (1 sessions)" in capsys.readouterr().err
    assert await fetch(databases["capture"], "select to_regclass('later') is not null as there") == [{"there": True}]


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        (("BATON_SLA_DATABASE_URL", ""), "set BATON_SLA_DATABASE_URL as well"),
        ((backups.PROGRAMS, "/nowhere"), "there is no /nowhere/pg_dump"),
    ],
)
async def test_what_is_missing_is_named(
    setting: tuple[str, str], expected: str, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv(*setting)
    assert await baton("backup", str(tmp_path / "b")) == WRONG_USAGE
    assert expected in capsys.readouterr().err
