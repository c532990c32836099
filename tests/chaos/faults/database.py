"""PostgreSQL that ends sessions, restarts, freezes, refuses to write, closes a database, or waits for a lock."""

import asyncio
import random
import signal
from contextlib import suppress

import asyncpg

from baton.exit_codes import CannotStartError
from baton.services import SERVICES
from tests.chaos.fault import fault
from tests.chaos.rig import Rig

ROUNDS = 6
SESSIONS = "from pg_stat_activity where datname = '{database}' and pid <> pg_backend_pid()"


async def _execute(rig: Rig, sql: str) -> str:
    return await asyncio.to_thread(rig.postgres.execute, sql)


def _database(dice: random.Random) -> str:
    return dice.choice(SERVICES).module


@fault("backends-terminated", "X21", short=True)
async def backends_terminated(rig: Rig, dice: random.Random) -> str:
    """End the database sessions of every service, again and again, whatever they are at."""
    for _ in range(ROUNDS):
        await _execute(rig, f"select pg_terminate_backend(pid) {SESSIONS.format(database=_database(dice))};")
        await asyncio.sleep(dice.uniform(0.1, 0.8))
    return f"{ROUNDS} rounds"


@fault("queries-cancelled", "X21", short=True)
async def queries_cancelled(rig: Rig, dice: random.Random) -> str:
    """Cancel whatever the services' sessions are running, many times a second."""
    for _ in range(ROUNDS * 5):
        where = SESSIONS.format(database=_database(dice))
        await _execute(rig, f"select pg_cancel_backend(pid) {where} and state = 'active';")
        await asyncio.sleep(dice.uniform(0.02, 0.2))
    return f"{ROUNDS * 5} rounds"


@fault("backend-killed", "X21", "X17")
async def backend_killed(rig: Rig, dice: random.Random) -> str:
    """Kill one backend with SIGKILL: PostgreSQL ends all sessions and recovers from its log."""
    database = _database(dice)
    try:
        await _execute(
            rig,
            f"copy (select pid {SESSIONS.format(database=database)} limit 1) to program 'xargs -r kill -9';",
        )
    except CannotStartError as error:  # the session that asks for it ends with all others
        if "connection to server was lost" not in str(error):
            raise
    await _up_again(rig)
    return database


@fault("postgres-restart", "X17", short=True)
async def postgres_restart(rig: Rig, dice: random.Random) -> str:
    """Stop PostgreSQL at once (immediate) under load, and start it again some seconds later."""
    await rig.stop_postgres()
    seconds = dice.uniform(0, 6)
    await asyncio.sleep(seconds)
    await rig.start_postgres()
    return f"away for {seconds:.0f} s"


@fault("postgres-frozen", "X46")
async def postgres_frozen(rig: Rig, dice: random.Random) -> str:
    """Freeze PostgreSQL and all its backends (SIGSTOP), then let them go on."""
    seconds = dice.uniform(10, 30)
    await asyncio.to_thread(_signal_all, rig, signal.SIGSTOP)
    await asyncio.sleep(seconds)
    await asyncio.to_thread(_signal_all, rig, signal.SIGCONT)
    return f"for {seconds:.0f} s"


@fault("database-closed", "X46", short=True)
async def database_closed(rig: Rig, dice: random.Random) -> str:
    """Close the database of one service to connections and end its sessions, for some seconds."""
    database, seconds = _database(dice), dice.uniform(4, 12)
    await _execute(
        rig,
        f"alter database {database} allow_connections false;"
        f"select pg_terminate_backend(pid) {SESSIONS.format(database=database)};",
    )
    await asyncio.sleep(seconds)
    await _execute(rig, f"alter database {database} allow_connections true;")
    return f"{database} for {seconds:.0f} s"


@fault("database-read-only", "X20", short=True)
async def database_read_only(rig: Rig, dice: random.Random) -> str:
    """Make the database of one service read-only, for sessions that are there and for new ones."""
    database, seconds = _database(dice), dice.uniform(3, 10)
    await _execute(
        rig,
        f"alter database {database} set default_transaction_read_only = on;"
        f"select pg_terminate_backend(pid) {SESSIONS.format(database=database)};",
    )
    await asyncio.sleep(seconds)
    await _execute(
        rig,
        f"alter database {database} reset default_transaction_read_only;"
        f"select pg_terminate_backend(pid) {SESSIONS.format(database=database)};",
    )
    return f"{database} for {seconds:.0f} s"


@fault("contact-locked", "X22")
async def contact_locked(rig: Rig, dice: random.Random) -> str:
    """Let a foreign session keep some contacts' rows locked."""
    service, seconds = dice.choice(SERVICES), dice.uniform(5, 20)
    raw = await asyncpg.connect(rig.stack.databases[service.name])
    try:
        async with raw.transaction():
            await raw.execute("set local idle_in_transaction_session_timeout = 0")
            rows = await raw.fetch("select 1 from contacts order by contact_id desc limit 5 for update skip locked")
            await asyncio.sleep(seconds)
    finally:
        await raw.close()
    return f"{len(rows)} contacts of {service.name} for {seconds:.0f} s"


@fault("connections-taken", "X19")
async def connections_taken(rig: Rig, dice: random.Random) -> str:
    """Leave a service hardly any connection to its database."""
    database, seconds = _database(dice), dice.uniform(4, 10)
    await _execute(
        rig,
        f"alter role {database} connection limit 2; "
        f"select pg_terminate_backend(pid) {SESSIONS.format(database=database)};",
    )
    await asyncio.sleep(seconds)
    await _execute(rig, f"alter role {database} connection limit -1;")
    return f"{database} for {seconds:.0f} s"


def _signal_all(rig: Rig, number: signal.Signals) -> None:
    import psutil  # noqa: PLC0415 - only here

    server = psutil.Process(rig.postgres.running.pid)
    for process in (server, *server.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):  # a backend may end meanwhile
            process.send_signal(number)


async def _up_again(rig: Rig) -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + 30
    while not await asyncio.to_thread(rig.postgres.is_ready):
        assert loop.time() < deadline, "PostgreSQL did not recover"
        await asyncio.sleep(0.1)
