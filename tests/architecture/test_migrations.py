"""Migrations are written by hand; what they make is what the models say."""

import importlib
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, MetaData
from sqlmodel import SQLModel

from events.runtime import migrate
from tests.architecture.code import ROOMS, Room
from tests.conftest import Databases

every_room = pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)

KEPT_BY_MIGRATIONS_ALONE = ("index", "constraint", "fk")
"""Indexes and checks serve the database; models say nothing of them."""


def metadata_of(room: Room) -> MetaData:
    models = importlib.import_module(f"{room.module}.models")
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
    flat = [one for each in found for one in (each if isinstance(each, list) else [each])]
    return [one for one in flat if not str(one[0]).endswith(KEPT_BY_MIGRATIONS_ALONE)]


@every_room
async def test_the_migrated_database_is_what_the_models_say(room: Room, databases: Databases) -> None:
    engine = migrate.engine(await databases(room.name))
    try:
        async with engine.connect() as connection:
            assert await connection.run_sync(differences, metadata_of(room)) == []
    finally:
        await engine.dispose()
