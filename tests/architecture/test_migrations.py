"""Migrations are written by hand; what they make is what the models say."""

import importlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData
from sqlmodel import SQLModel

from events.runtime import migrate
from events.runtime.alembic_upgrade import config_of
from events.runtime.engines import create_engine
from tests.architecture.code import SERVICE_SOURCES, ServiceSource
from tests.conftest import Databases

every_service = pytest.mark.parametrize("service", SERVICE_SOURCES, ids=lambda service: service.name)

KEPT_BY_MIGRATIONS_ALONE = ("index", "constraint", "fk")
"""Indexes and checks serve the database; models say nothing of them."""


def metadata_of(service: ServiceSource) -> MetaData:
    models = importlib.import_module(f"{service.module}.models")
    (metadata,) = {
        id(each.metadata): each.metadata
        for each in vars(models).values()
        if isinstance(each, type) and issubclass(each, SQLModel) and hasattr(each, "__table__")
    }.values()
    return metadata


def differences(connection: Connection, metadata: MetaData) -> list[Any]:
    def ours(name: str | None, kind: str, _: object) -> bool:
        return kind != "table" or name in metadata.tables

    options = {"include_name": ours, "compare_type": True}
    found = compare_metadata(MigrationContext.configure(connection, opts=options), metadata)
    flat = [difference for each in found for difference in (each if isinstance(each, list) else [each])]
    return [difference for difference in flat if not str(difference[0]).endswith(KEPT_BY_MIGRATIONS_ALONE)]


@every_service
async def test_the_migrated_database_is_what_the_models_say(service: ServiceSource, databases: Databases) -> None:
    engine = create_engine(await databases(service.name))
    try:
        async with engine.connect() as connection:
            assert await connection.run_sync(differences, metadata_of(service)) == []
    finally:
        await engine.dispose()


@every_service
def test_the_names_of_the_files_are_the_revisions_that_alembic_finds(service: ServiceSource) -> None:
    migrations = Path(str(importlib.import_module(service.module).__file__)).parent / "migrations"
    found = ScriptDirectory.from_config(config_of(migrations))
    assert migrate.list_revisions(migrations) == [each.revision for each in found.walk_revisions()][::-1]
    assert migrate.list_revisions(migrations)[-1] == found.get_current_head()


def test_who_only_serves_loads_neither_what_migrates_nor_what_signs_in_elsewhere() -> None:
    """18 MB of each process that needs none of it."""
    services = ", ".join(f"{service.module}.app" for service in SERVICE_SOURCES)
    rare = {"alembic", "authlib", "cryptography", "joserfc", "mako"}
    asked = f"import sys, {services}; print(sorted({rare} & set(sys.modules)))"
    assert subprocess.run((sys.executable, "-c", asked), capture_output=True, text=True, check=True).stdout == "[]\n"


def test_a_service_loads_nothing_that_draws_on_consoles_not_even_to_migrate() -> None:
    """4 MB of each process, and 6 MB more of one that has migrated its database."""
    asked = f"""if True:
        import contextlib, runpy, sys
        for module in {[service.module for service in SERVICE_SOURCES]}:
            with contextlib.suppress(SystemExit):
                runpy.run_module(module, run_name="__main__")
        from events.runtime import alembic_upgrade
        print(sorted({{"alembic", "httpx", "mako", "pygments", "rich", "structlog"}} & set(sys.modules)))
    """
    ended = subprocess.run((sys.executable, "-c", asked, "no command"), capture_output=True, text=True, check=True)
    assert ended.stdout == "['alembic', 'httpx', 'mako', 'structlog']\n", ended.stderr
