"""The embedded PostgreSQL: separate databases, real durability settings, back after any death."""

import signal
from pathlib import Path

import asyncpg
import pytest

from baton import postgres
from baton.exit_codes import WrongUsageError
from baton.postgres import Postgres


async def test_a_role_gets_into_its_own_database_only(server: Postgres) -> None:
    ours = server.create_database("mine_alone")
    theirs = server.create_database("not_mine")
    connection = await asyncpg.connect(ours)
    assert await connection.fetchval("select current_user") == "mine_alone"
    await connection.close()
    trespass = ours.rpartition("/")[0] + "/not_mine"
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(trespass)
    for name in ("mine_alone", "not_mine"):
        server.drop_database(name)
    assert theirs


def test_a_name_that_is_no_identifier_is_refused(server: Postgres) -> None:
    with pytest.raises(WrongUsageError):
        server.create_database('x"; drop table leads; --')


async def test_a_killed_server_comes_back_with_its_data(tmp_path: Path) -> None:
    """The postmaster.pid of the killed one lies about; its port and its rows are as they were."""
    first = postgres.start_postgres(tmp_path / "cluster")
    url = first.create_database("kept")
    connection = await asyncpg.connect(url)
    assert await connection.fetchval("show fsync") == "on"
    assert await connection.fetchval("show synchronous_commit") == "on"
    await connection.execute("create table promises (kept boolean); insert into promises values (true)")
    first.running.process.send_signal(signal.SIGKILL)
    first.running.process.wait()
    connection.terminate()
    with postgres.start_postgres(tmp_path / "cluster", first.port, password=first.password) as second:
        assert second.port == first.port
        connection = await asyncpg.connect(url)
        assert await connection.fetchval("select kept from promises")
        await connection.close()


async def test_secrets_are_not_shown(server: Postgres) -> None:
    assert server.password not in repr(server)
