"""Putting services back to a backup: writers stop, databases are replaced, services take up what happened since."""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from baton import backups, dead_letters, postgres, stack
from baton.backlog import BacklogObserver
from baton.backups import Backup
from baton.data_dir import DataDir
from baton.database import execute, fetch
from baton.exit_codes import BatonError, FoundWrongError, WrongUsageError
from baton.services import BY_NAME
from baton.stack import Stack, StartOptions

CATCH_UP_SECONDS = 600.0
PAUSE_SECONDS = 1.0

Say = Callable[[str], None]


def steps_after_restore(names: list[str], since: datetime) -> list[str]:
    """Return what is to be done after the databases of these services were replaced where nobody does it for you."""
    return [
        f"start {', '.join(names)} again: each takes up what it had published since, then reads on from its positions",
        f"baton republish --since {since:%Y-%m-%dT%H:%M:%SZ}",
        "baton wait --timeout 600",
        "baton audit --full",
    ]


def restore_by_url(backup: Backup, urls: dict[str, str], say: Say) -> None:
    """Replace databases somewhere else; their services must be stopped, and are started by whoever runs them."""
    names = list(backup.services)
    busy = {name: count for name in names if (count := asyncio.run(backups.count_other_sessions(urls[name])))}
    if busy:
        listed = ", ".join(f"{name} ({count} sessions)" for name, count in busy.items())
        raise FoundWrongError(f"stop these services first, their databases are in use: {listed}")
    for name in names:
        backups.restore_dump(backup.dump_file_of(name), urls[name])
        say(f"{name}: restored to {backup.services[name]['taken_at']}")
    say("what is left to do:")
    for step in steps_after_restore(names, backup.resend_from):
        say(f"  {step}")


def restore_on_this_machine(backup: Backup, data: Path, say: Say) -> None:
    """Stop the stack, replace databases, start it again, send again what others may lack, wait until all is applied."""
    data_dir = DataDir.of_folder(data)
    if not data_dir.was_started():
        raise WrongUsageError(f"no stack was ever started in {data} (`baton up` starts one)")
    say("stopping the stack: nobody writes meanwhile")
    stack.stop_stack(data)
    _replace_databases(backup, data_dir, say)
    say("starting the stack: the restored services take up what they had published since")
    running = stack.start_detached(StartOptions(str(data)))
    asyncio.run(_republish_and_wait(running, backup, say))


def _replace_databases(backup: Backup, data_dir: DataDir, say: Say) -> None:
    state, secrets = data_dir.read_state(), data_dir.read_secrets()
    with postgres.start_postgres(data_dir.postgres_folder, state.postgres_port, password=secrets.superuser) as cluster:
        urls = {}
        for name in backup.services:
            module = BY_NAME[name].module
            urls[name] = cluster.create_database(module, secrets.databases[module])
        before = Stack(data_dir, state, secrets)
        instants = asyncio.run(_load_clock_instants(before))
        asyncio.run(_log_lost_outbox_rows(before, backup, say))
        for name, url in urls.items():
            backups.restore_dump(backup.dump_file_of(name), url)
            say(f"{name}: restored to {backup.services[name]['taken_at']}")
            if instants:
                asyncio.run(_catch_up_clock(url, max(instants)))


async def _log_lost_outbox_rows(running: Stack, backup: Backup, say: Say) -> None:
    """Log what the databases still had to send: it is lost with them."""
    for name in backup.services:
        url = running.databases[name]
        if (await fetch(url, "select to_regclass('outbox') is not null as there"))[0]["there"]:
            unsent = (await fetch(url, "select count(*) as rows from outbox"))[0]["rows"]
            if unsent:
                say(f"{name}: {unsent} records were never sent to Kafka and go with the old database")


async def _load_clock_instants(running: Stack) -> list[datetime]:
    """Return where the stepped clocks of the six stand, before any is put back."""
    found: list[datetime] = []
    for url in running.databases.values():
        there = await fetch(url, "select to_regclass('clock') is not null as there")
        if there[0]["there"]:
            found += [row["instant"] for row in await fetch(url, "select instant from clock where stepped")]
    return found


async def _catch_up_clock(url: str, instant: datetime) -> None:
    """Let a restored service's business time be that of the others; its timers wait until all was read."""
    await execute(url, "update clock set instant = $1 where stepped", instant)


async def _republish_since(running: Stack, since: datetime) -> dict[str, int]:
    """Send again what was published since then; a service that is still busy with its start is asked again."""
    deadline = time.monotonic() + CATCH_UP_SECONDS
    while True:
        try:
            return await dead_letters.republish_journals(running, None, since)
        except BatonError:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(PAUSE_SECONDS)


async def _republish_and_wait(running: Stack, backup: Backup, say: Say) -> None:
    counts = await _republish_since(running, backup.resend_from)
    say(f"sent again since {backup.resend_from:%Y-%m-%dT%H:%M:%SZ}: {sum(counts.values())} records")
    async with BacklogObserver(running) as observer:
        await observer.wait_until_drained(CATCH_UP_SECONDS)
        for connection in observer.connections.values():
            await connection.execute(
                "update clock set released = instant where stepped and released is distinct from instant"
            )
            await connection.execute("notify clock")
        await observer.wait_until_drained(CATCH_UP_SECONDS)
    say("all has been read again; now check: baton audit --full")
