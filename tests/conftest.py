"""What every test may ask for: a real PostgreSQL with a migrated database a service, started once a session."""

import asyncio
import importlib
import os
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

from baton import kafka, postgres
from events.runtime import migrate
from events.runtime.testing import ServiceHarness
from tests import containers, documented
from tests.containers import Broker, Server

Databases = Callable[[str], Awaitable[str]]

settings.register_profile(
    "steady", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)  # nothing depends on how busy the machine is
settings.register_profile("explicit", phases=[Phase.explicit])  # what is covered without anything drawn
ServiceHarness.checks.append(documented.check)

settings.load_profile("steady")  # a run is the same everywhere; `pytest --hypothesis-profile default` searches anew


def pytest_configure(config: pytest.Config) -> None:
    """Choose a temporary folder of its own for this run.

    pytest's common one is closed to other users whenever another run begins, also one that a test starts: that
    ends a PostgreSQL that works in it as a user of its own.
    """
    if config.option.basetemp is None and not hasattr(config, "workerinput"):
        config.option.basetemp = tempfile.mkdtemp(prefix="baton-tests-")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Remove what a green run has left."""
    folder = Path(str(session.config.option.basetemp or ""))
    if exitstatus == pytest.ExitCode.OK and folder.name.startswith("baton-tests-"):
        shutil.rmtree(folder, ignore_errors=True)


def pytest_report_header() -> str:
    """Return the versions and servers that the tests run on."""
    version = containers.engine()
    if version:
        return f"parts: PostgreSQL and Kafka from containers (Docker engine {version})"
    return "parts: the embedded PostgreSQL and the highest rung of the Kafka ladder (no Docker engine answers)"


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A PostgreSQL for this session alone: from a container where a Docker engine answers, else the embedded one."""
    folder = tmp_path_factory.mktemp("baton") / "postgres"
    started: Server = containers.postgres() if containers.engine() else postgres.start_postgres(folder, durable=False)
    yield started
    started.stop()


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """The highest rung of the Kafka ladder that this machine has; one that was given or a container before ours."""
    folder = tmp_path_factory.mktemp("baton") / "kafka"
    from_container = containers.engine() and not os.environ.get("KAFKA_BOOTSTRAP_SERVERS")
    started: Broker = containers.kafka() if from_container else kafka.start_kafka(folder)
    yield started
    started.stop()


@pytest.fixture(scope="session")
def databases(server: Server) -> Databases:
    """Return `find(service)`, whose answer is the URL of that service's migrated database, made once a session."""
    made: dict[str, asyncio.Task[str]] = {}

    async def make(service: str) -> str:
        name = service.replace("-", "_")
        url = await asyncio.to_thread(server.create_database, name)
        module = importlib.import_module(name)
        await migrate.apply_migrations(url, Path(str(module.__file__)).parent / "migrations")
        return url

    async def find(service: str) -> str:
        if service not in made:
            made[service] = asyncio.get_running_loop().create_task(make(service))
        return await made[service]

    return find
