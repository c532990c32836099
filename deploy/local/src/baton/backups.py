"""Backups of the six databases: one dump each, with a manifest that says at which positions each was taken.

A dump and what the manifest says of it come from one snapshot of the database. The six need not be of one instant: a
restored service reads the topics from its own stored positions, and takes up what it had published since from its own
topics before it sends anything.
"""

import asyncio
import hashlib
import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, TypedDict
from urllib.parse import unquote, urlsplit

from baton.access import load_stack_unless_remote
from baton.data_dir import make_private_folder
from baton.database import connect
from baton.exit_codes import BatonError, FoundWrongError, WrongUsageError
from baton.postgres import BINARIES
from baton.processes import PRIVATE
from baton.services import BY_NAME, SERVICES
from events.parts import JsonObject

FORMAT = 1
MANIFEST = "manifest.json"
NEEDED = "dumps are of databases: set all of BATON_*_DATABASE_URL"
PROGRAMS = "BATON_PG_BINDIR"
"""The folder of PostgreSQL's programs to use instead of the embedded ones, which have no TLS."""
BEFORE = timedelta(minutes=5)
"""So long before a backup the records begin that are sent again after a restore."""

POSITIONS = "select topic, partition, next_offset, last_ce_id from positions order by topic, partition"
STATE = """
select now() as taken_at, current_setting('server_version') as server_version,
    (select version_num from alembic_version) as revision,
    (select count(*) from outbox) as outbox,
    (select max(id) from journal) as journal_max,
    (select count(*) from streams) as streams,
    (select version from playbooks order by nth desc limit 1) as playbook_version
"""
OTHERS = """
select count(*) from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
"""


class Dump(TypedDict):
    """What a manifest says of one database: its file, and where it stood when it was dumped."""

    taken_at: str
    server_version: str
    revision: str
    outbox: int
    journal_max: int | None
    streams: int
    playbook_version: str | None
    file: str
    bytes: int
    sha256: str
    positions: list[JsonObject]


class Manifest(TypedDict):
    """What a backup is of."""

    format: int
    created_at: str
    services: dict[str, Dump]


@dataclass(frozen=True)
class Backup:
    """A backup that was read and whose files are whole."""

    directory: Path
    services: Mapping[str, Dump]

    @classmethod
    def read(cls, directory: Path, names: list[str]) -> "Backup":
        """Return the backup in `directory`; raises where a file of one of these services is missing or damaged."""
        try:
            found = json.loads((directory / MANIFEST).read_text())
        except FileNotFoundError:
            raise WrongUsageError(f"{directory} holds no backup (no {MANIFEST})") from None
        except ValueError:
            raise FoundWrongError(f"{directory / MANIFEST} cannot be read") from None
        if found.get("format") != FORMAT:
            raise WrongUsageError(f"{directory} is of a format that this version does not know")
        for name in names:
            part = found["services"].get(name)
            if part is None:
                raise WrongUsageError(f"{directory} has no dump of {name}")
            file = directory / part["file"]
            if not file.is_file() or _sha256_of_file(file) != part["sha256"]:
                raise FoundWrongError(f"{file} is missing or is not the file that was written")
        return cls(directory, {name: found["services"][name] for name in names})

    def dump_file_of(self, name: str) -> Path:
        """Return the file of a service."""
        return self.directory / str(self.services[name]["file"])

    @property
    def resend_from(self) -> datetime:
        """From when on records are to be sent again (real time, UTC)."""
        taken = min(datetime.fromisoformat(part["taken_at"]) for part in self.services.values())
        return taken.astimezone(UTC) - BEFORE


def database_urls_from_environment(names: list[str]) -> dict[str, str]:
    """Return the URLs of these services' databases, where the environment names them.

    Raises `WrongUsageError` where it names some of them, for then nobody knows which are meant.
    """
    variables = {name: f"BATON_{BY_NAME[name].short}_DATABASE_URL" for name in names}
    named = {name: url for name, variable in variables.items() if (url := os.environ.get(variable))}
    if missing := [variable for name, variable in variables.items() if named and name not in named]:
        raise WrongUsageError(f"set {', '.join(missing)} as well, or none of them")
    return named


def find_database_urls(data: Path) -> dict[str, str]:
    """Return each service's database URL: from the environment where it names them, else of the stack in `data`."""
    return database_urls_from_environment(choose_services(None)) or load_stack_unless_remote(data, NEEDED).databases


def choose_services(service: str | None) -> list[str]:
    """Return the names of the services that are meant: one, or all."""
    if service is None:
        return [each.name for each in SERVICES]
    if service not in BY_NAME:
        raise WrongUsageError(f"'{service}' is none of {', '.join(BY_NAME)}")
    return [service]


def make_backup_folder(directory: Path) -> None:
    """Make the folder of a new backup; raises where it holds something already."""
    if directory.exists() and any(directory.iterdir()):
        raise WrongUsageError(f"{directory} is not empty")
    make_private_folder(directory)


async def back_up(urls: Mapping[str, str], directory: Path) -> Manifest:
    """Write a dump of each database and the manifest into a prepared folder, and return the manifest."""
    services = {name: await _dump_database(name, url, directory) for name, url in urls.items()}
    found: Manifest = {"format": FORMAT, "created_at": datetime.now(UTC).isoformat(), "services": services}
    file = directory / MANIFEST
    file.touch(mode=0o600)
    file.write_text(json.dumps(found, indent=2) + "\n")
    return found


async def _dump_database(name: str, url: str, directory: Path) -> Dump:
    connection = await connect(url)
    try:
        await connection.execute("begin isolation level repeatable read, read only")
        snapshot = await connection.fetchval("select pg_export_snapshot()")
        state = dict(await connection.fetchrow(STATE))
        positions = [dict(row) for row in await connection.fetch(POSITIONS)]
        file = directory / f"{BY_NAME[name].module}.dump"
        options = ("--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={file}")
        await asyncio.to_thread(run_postgres_tool, "pg_dump", url, *options)
    finally:
        await connection.close()
    file.chmod(0o600)
    return {
        "taken_at": state["taken_at"].isoformat(),
        "server_version": state["server_version"],
        "revision": state["revision"],
        "outbox": state["outbox"],
        "journal_max": state["journal_max"],
        "streams": state["streams"],
        "playbook_version": state["playbook_version"],
        "file": file.name,
        "bytes": file.stat().st_size,
        "sha256": _sha256_of_file(file),
        "positions": positions,
    }


async def count_other_sessions(url: str) -> int:
    """Return how many other sessions the database has."""
    connection = await connect(url)
    try:
        return int(await connection.fetchval(OTHERS))
    finally:
        await connection.close()


def restore_dump(dump: Path, url: str) -> None:
    """Replace what a database holds by a dump, in one transaction: it is all of it or as it was."""
    options = ("--no-psqlrc", "--quiet", "--output=/dev/null", "--set=ON_ERROR_STOP=1", "--single-transaction")
    anew = ("--command=drop schema public cascade", "--command=create schema public", "--file=-")
    with subprocess.Popen(  # noqa: S603 - the program is ours
        (
            _find_postgres_program("pg_restore"),
            "--no-owner",
            "--no-privileges",
            "--exit-on-error",
            "--file=-",
            str(dump),
        ),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as script:
        try:
            run_postgres_tool("psql", url, *options, *anew, stdin=script.stdout)
        except BatonError:
            script.kill()
            raise
    if script.returncode:
        raise FoundWrongError(f"{dump} could not be read to its end")


def run_postgres_tool(tool: str, url: str, *options: str, stdin: IO[bytes] | None = None) -> None:
    """Run one of PostgreSQL's programs on a database; the password goes by the environment, so none shows in `ps`."""
    parts = urlsplit(url)
    plain = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    secret = {"PGUSER": unquote(parts.username or ""), "PGPASSWORD": unquote(parts.password or "")}
    done = subprocess.run(  # noqa: S603 - the program is ours
        (_find_postgres_program(tool), "--no-password", f"--dbname={plain}", *options),
        env={**os.environ, **{name: value for name, value in secret.items() if value}},
        stdin=stdin or subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        umask=PRIVATE,
    )
    if done.returncode:
        why = (done.stderr.strip().splitlines() or ["no reason given"])[0]
        raise FoundWrongError(f"{tool} failed: {why}")


def _find_postgres_program(tool: str) -> str:
    """Return the path of one of PostgreSQL's programs."""
    found = Path(os.environ.get(PROGRAMS) or BINARIES) / tool
    if not found.is_file():
        raise WrongUsageError(f"{PROGRAMS}: there is no {found}")
    return str(found)


def _sha256_of_file(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
