"""What every test may ask for: a real PostgreSQL with a migrated database a service, started once a session."""

import asyncio
import importlib
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from baton import kafka, postgres
from events.runtime import migrate

Databases = Callable[[str], Awaitable[str]]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[postgres.Postgres]:
    """The embedded PostgreSQL, for this session alone."""
    started = postgres.start(tmp_path_factory.mktemp("baton") / "postgres", durable=False)
    yield started
    started.stop()


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[kafka.Kafka]:
    """The highest rung of the Kafka ladder that this machine has."""
    started = kafka.start(tmp_path_factory.mktemp("baton") / "kafka")
    yield started
    started.stop()


@pytest.fixture(scope="session")
def databases(server: postgres.Postgres) -> Databases:
    """Give `find(service)`, whose answer is the URL of that service's migrated database, made once a session."""
    made: dict[str, asyncio.Task[str]] = {}

    async def make(service: str) -> str:
        name = service.replace("-", "_")
        url = await asyncio.to_thread(server.create_database, name)
        module = importlib.import_module(name)
        await migrate.upgrade(url, Path(str(module.__file__)).parent / "migrations")
        return url

    async def find(service: str) -> str:
        if service not in made:
            made[service] = asyncio.get_running_loop().create_task(make(service))
        return await made[service]

    return find
