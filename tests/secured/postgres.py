"""A PostgreSQL that takes encrypted connections alone, from the system's package: the embedded one has no TLS."""

import os
import secrets
import shutil
import subprocess
from pathlib import Path

from baton import postgres, processes
from baton.ports import LOOPBACK, free_port
from baton.processes import Program, Running
from events.runtime import dsn
from tests.secured.certificates import Authority

SETTINGS = """\
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
fsync = off
ssl = on
ssl_cert_file = 'server.crt'
ssl_key_file = 'server.key'
"""
HBA = "hostssl all all 127.0.0.1/32 scram-sha-256\n"
ADMIN = "postgres"


def binaries() -> Path | None:
    """Return the folder of the newest PostgreSQL that the system has; None without any."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    return found[-1] if found and (found[-1] / "initdb").exists() else None


class SecuredPostgres:
    """One cluster whose only entry in pg_hba.conf is `hostssl`."""

    def __init__(self, folder: Path, authority: Authority) -> None:
        found = binaries()
        assert found is not None
        self.binaries = found
        self.folder = folder
        self.authority = authority
        self.port = free_port()
        self.password = secrets.token_urlsafe(12)
        self._running: Running | None = None

    def start(self) -> None:
        owner = postgres._choose_file_owner()
        user, group = (None, None) if owner is None else (owner.pw_uid, owner.pw_gid)
        self.folder.mkdir(parents=True)
        (self.folder / "password").write_text(self.password)
        self._own()
        postgres._make_folders_traversable(self.folder)
        subprocess.run(
            (
                str(self.binaries / "initdb"), f"--pgdata={self.folder / 'data'}", f"--username={ADMIN}",
                f"--pwfile={self.folder / 'password'}", "--auth=scram-sha-256", "--locale=C", "--encoding=UTF8",
                "--no-sync",
            ),
            check=True, capture_output=True, cwd=self.folder, user=user, group=group,
        )  # fmt: skip
        data = self.folder / "data"
        with (data / "postgresql.conf").open("a") as configuration:
            configuration.write(SETTINGS)
        (data / "pg_hba.conf").write_text(HBA)
        for source, name in zip(self.authority.sign("postgres"), ("server.crt", "server.key"), strict=True):
            shutil.copy(source, data / name)
            (data / name).chmod(0o600)
        self._own()
        program = Program(
            name="PostgreSQL", argv=(str(self.binaries / "postgres"), "-D", str(data), "-p", str(self.port)),
            log=self.folder.with_name("postgres.log"), directory=self.folder, user=user, group=group,
        )  # fmt: skip
        self._running = processes.start_program(program, self._is_ready, 60.0)

    def stop(self) -> None:
        if self._running is not None:
            self._running.process.terminate()
            self._running.wait_stopped(20.0)

    def url(self, role: str, password: str, database: str, **parameters: str) -> str:
        query = "&".join(f"{name}={value}" for name, value in parameters.items())
        return f"postgresql://{role}:{password}@{LOOPBACK}:{self.port}/{database}?{query}"

    async def create_database(self, name: str) -> str:
        """Create a database and its role; return the role's password."""
        password = secrets.token_urlsafe(12)
        await self.execute(f"create role {name} login password '{password}'")
        await self.execute(f"create database {name} owner {name}")
        return password

    async def execute(self, statement: str) -> None:
        """Carry out a statement as the superuser."""
        raw = await dsn.connect(self.url(ADMIN, self.password, ADMIN, sslmode="require"))
        try:
            await raw.execute(statement)
        finally:
            await raw.close()

    def _own(self) -> None:
        owner = postgres._choose_file_owner()
        if owner is not None:
            for path in (self.folder, *self.folder.rglob("*")):
                os.chown(path, owner.pw_uid, owner.pw_gid)

    def _is_ready(self) -> bool:
        command = (str(self.binaries / "pg_isready"), "-q", "-h", LOOPBACK, "-p", str(self.port))
        return subprocess.run(command, check=False).returncode == 0
