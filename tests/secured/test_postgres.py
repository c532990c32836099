"""A PostgreSQL with TLS alone: one URL for pool, relay, migrations and `baton`; what is wrong is named."""

import asyncio
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from baton import database as commands
from baton.ports import free_port
from events.runtime import database, dsn, migrate
from events.runtime.starting import NotConfigured
from tests.secured.certificates import Authority
from tests.secured.postgres import SecuredPostgres, binaries

needs_postgres = pytest.mark.skipif(
    binaries() is None or shutil.which("openssl") is None, reason="needs a PostgreSQL of the system's and openssl"
)
MIGRATIONS = Path(__file__).parents[2] / "services" / "scoring" / "src" / "scoring" / "migrations"


@pytest.fixture(scope="module")
async def secured(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SecuredPostgres]:
    folder = tmp_path_factory.mktemp("postgres")
    server = SecuredPostgres(folder / "server", Authority.make(folder / "certificates"))
    try:
        await asyncio.to_thread(server.start)
        yield server
    finally:
        await asyncio.to_thread(server.stop)


@needs_postgres
async def test_one_url_opens_pool_relay_migrations_and_commands(secured: SecuredPostgres) -> None:
    password = await secured.create_database("scoring")
    ca = str(secured.authority.certificate)
    url = secured.url("scoring", password, "scoring", sslmode="verify-full", sslrootcert=ca, channel_binding="prefer")
    await database.refuse_shared_sessions(url)
    await migrate.apply_migrations(url, MIGRATIONS)
    pool = database.create_pool(url, 1)
    async with database.begin_transaction(pool) as connection:
        raw: Any = (await connection.get_raw_connection()).driver_connection
        assert await raw.fetchval("select ssl from pg_stat_ssl where pid = pg_backend_pid()")
    await pool.dispose()
    relay = await database.connect_with_timeouts(url)
    assert await relay.fetchval("select count(*) from outbox") == 0
    await relay.close()
    assert await commands.fetch(url, "select count(*) as n from outbox") == [{"n": 0}]


@needs_postgres
async def test_what_is_wrong_is_named(secured: SecuredPostgres, tmp_path: Path) -> None:
    password = await secured.create_database("routing")
    other = Authority.make(tmp_path / "other")
    (no_pem := tmp_path / "no.pem").write_text("none")
    right = {"sslmode": "verify-full", "sslrootcert": str(secured.authority.certificate)}

    async def reason(url: str) -> str | None:
        with pytest.raises((OSError, Exception)) as refused:
            await dsn.connect(url, timeout=5)
        return dsn.describe_connection_error(refused.value)

    by_name = secured.url("routing", password, "routing", **right).replace("@127.0.0.1:", "@localhost:")
    for url, expected in (
        (secured.url("routing", password, "routing", sslmode="verify-full", sslrootcert=str(other.certificate)),
         "the certificate is not accepted"),
        (by_name, "the certificate is not accepted"),
        (secured.url("routing", "wrong", "routing", **right), "the role or its password is refused"),
        (secured.url("routing", password, "routing", sslmode="disable"), "wants TLS"),
        (secured.url("routing", password, "none", **right), "there is no such database"),
        (secured.url("nobody", password, "routing", **right), "the role or its password is refused"),
        ("postgresql://a:b@127.0.0.1:9/a", "nobody listens there"),
        ("postgresql://a:b@no-such-host.invalid/a", "the host's name cannot be resolved"),
        (secured.url("routing", password, "routing", sslmode="require", sslrootcert=str(no_pem)), "is no PEM"),
        (secured.url("routing", password, "routing", sslmode="require", sslcert=str(no_pem), sslkey=str(no_pem)),
         "is no PEM"),
    ):  # fmt: skip
        found = await reason(url)
        assert found is not None, url
        assert expected in found


@needs_postgres
async def test_what_a_server_lets_nobody_do_is_named(secured: SecuredPostgres) -> None:
    """By the same words for a migration, whose errors SQLAlchemy wraps."""
    password = await secured.create_database("feedback")
    right = {"sslmode": "verify-full", "sslrootcert": str(secured.authority.certificate)}
    owner = secured.url("feedback", password, "feedback", **right)
    await secured.execute("create role guest login password 'guest'")
    guest = secured.url("guest", "guest", "feedback", **right)

    async def reason(url: str) -> str | None:
        with pytest.raises(Exception) as refused:  # noqa: PT011 - whatever the driver or SQLAlchemy raises
            await migrate.apply_migrations(url, MIGRATIONS)
        return dsn.describe_connection_error(refused.value)

    assert "must own its database" in str(await reason(guest))
    for forbid, allow, expected in (
        ("alter role feedback set default_transaction_read_only = on",
         "alter role feedback reset default_transaction_read_only", "nothing can be written"),
        ("alter role feedback connection limit 0", "alter role feedback connection limit -1", "no connection is left"),
        ("alter database feedback allow_connections false", "alter database feedback allow_connections true",
         "takes no connections"),
    ):  # fmt: skip
        await secured.execute(forbid)
        assert expected in str(await reason(owner))
        await secured.execute(allow)
    await migrate.apply_migrations(owner, MIGRATIONS)


async def test_a_port_that_is_another_service_s_is_named() -> None:
    """It takes the connection and says nothing, as a server that waits for another protocol does."""
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(TimeoutError) as refused:
        await dsn.connect(f"postgresql://a:b@127.0.0.1:{silent.getsockname()[1]}/a", timeout=0.2)
    assert "is that PostgreSQL's port" in str(dsn.describe_connection_error(refused.value))


async def test_a_server_without_tls_is_named(databases: Callable[[str], Awaitable[str]]) -> None:
    with pytest.raises(ConnectionError) as refused:
        await dsn.connect(f"{await databases('scoring')}?sslmode=require")
    assert dsn.describe_connection_error(refused.value) == "the server speaks no TLS, and sslmode asks for it"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("mysql://a@b/c", "begins with postgresql://"),
        ("postgresql://a@b/c?sslmod=require", "no parameter sslmod"),
        ("postgresql://a@b/c?sslmode=always", "sslmode is one of"),
        ("postgresql://a@b/c?sslmode=verify-full&sslrootcert=/none", "sslrootcert: /none is no file"),
        ("postgresql://a@b/c?sslmode=require&sslrootcert=system", "needs sslmode=verify-full"),
    ],
)
def test_a_url_that_cannot_be_used_says_why(url: str, expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        dsn.parse_database_url(url)


def test_what_providers_write_into_their_urls_is_taken() -> None:
    url = "postgres://a:p%40ss@db.example/c?sslmode=require&channel_binding=require&connect_timeout=10"
    assert dsn.parse_database_url(url) == {"dsn": "postgresql://a:p%40ss@db.example/c?sslmode=require"}
    assert "ssl" in dsn.parse_database_url("postgresql://a@b/c?sslrootcert=system&sslmode=verify-full")


POOLER = """\
[databases]
* = host=127.0.0.1 port={port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {own}
auth_type = trust
auth_file = {users}
unix_socket_dir =
pool_mode = transaction
{more}
"""


@pytest.mark.skipif(shutil.which("pgbouncer") is None, reason="needs pgbouncer")
@pytest.mark.parametrize("more", ["", f"ignore_startup_parameters = {','.join(database.SESSION)}"])
async def test_a_pooler_that_shares_sessions_is_refused_with_the_reason(
    databases: Callable[[str], Awaitable[str]], tmp_path: Path, more: str
) -> None:
    url, own = await databases("scoring"), free_port()
    direct = dsn.parse_database_url(url)["dsn"]
    address = direct.rpartition("@")[2]
    role, _, password = direct.partition("://")[2].rpartition("@")[0].partition(":")
    users = tmp_path / "users"
    users.write_text(f'"{role}" "{password}"\n')
    configuration = tmp_path / "pgbouncer.ini"
    port = address.partition(":")[2].partition("/")[0]
    configuration.write_text(POOLER.format(port=port, own=own, users=users, more=more))
    for path in (tmp_path, users, configuration):
        path.chmod(0o755)
    pooler = _pooler(configuration)
    try:
        through = url.replace(f":{port}/", f":{own}/")
        with pytest.raises(NotConfigured, match="PgBouncer"):
            await _until_it_answers(through)
    finally:
        pooler.terminate()
        pooler.wait()


def _pooler(configuration: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(("pgbouncer", *AS_NOBODY, str(configuration)), stderr=subprocess.DEVNULL)


AS_NOBODY = ("-u", "nobody") if Path("/proc/self").stat().st_uid == 0 else ()


async def _until_it_answers(url: str) -> None:
    async with asyncio.timeout(10):
        while True:
            try:
                return await database.refuse_shared_sessions(url)
            except OSError:
                await asyncio.sleep(0.05)
