"""Migrations are written by hand; what they make is what the models say."""

import importlib
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, MetaData
from sqlmodel import SQLModel

from events.runtime import migrate
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
    engine = migrate.engine(await databases(service.name))
    try:
        async with engine.connect() as connection:
            assert await connection.run_sync(differences, metadata_of(service)) == []
    finally:
        await engine.dispose()
