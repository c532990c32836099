"""At which revision a service's database is, and how it comes to the newest: one process at a time.

Alembic is loaded where there is something to migrate (`alembic_upgrade.py`), not in every process that serves.
"""

from pathlib import Path

from sqlalchemy import Connection, text

from events.runtime.engines import create_engine

LONGEST_LOCK_WAIT = "2s"
"""For a table: whoever serves it queues behind a migration that waits. The start tries again."""
_LOCK = 0x0BA7_0002


def _upgrade_under_lock(connection: Connection, migrations: Path) -> None:
    connection.execute(text("set lock_timeout = '30s'"))
    connection.execute(text(f"select pg_advisory_xact_lock({_LOCK})"))
    connection.execute(text(f"set lock_timeout = '{LONGEST_LOCK_WAIT}'"))
    if not is_database_behind(load_revision(connection), migrations):
        return
    from events.runtime import alembic_upgrade  # noqa: PLC0415 - a process that only serves never needs it

    alembic_upgrade.upgrade(connection, migrations)


async def apply_migrations(database_url: str, migrations: Path) -> None:
    """Apply what is missing, in one transaction; a database that a later version has migrated stays as it is."""
    made = create_engine(database_url)
    try:
        async with made.begin() as connection:
            await connection.run_sync(_upgrade_under_lock, migrations)
    finally:
        await made.dispose()


def list_revisions(migrations: Path) -> list[str]:
    """Return the revisions that the code knows, the newest last: the name of each file begins with its own."""
    return sorted(path.name.partition("_")[0] for path in (migrations / "versions").glob("*_*.py"))


def is_database_behind(at: str | None, migrations: Path) -> bool:
    """Return whether a database at a revision lacks what the code needs.

    A revision that the code does not know is a later version's: migrations are additive, so it lacks nothing.
    """
    return at is None or at in list_revisions(migrations)[:-1]


def load_revision(connection: Connection) -> str | None:
    """Return the revision that the database is at; None for one that was never migrated."""
    if not connection.scalar(text("select to_regclass('alembic_version') is not null")):
        return None
    revision: str | None = connection.scalar(text("select version_num from alembic_version"))
    return revision
