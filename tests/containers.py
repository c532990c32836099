"""PostgreSQL and Kafka from containers, for machines where a Docker engine answers; elsewhere the embedded stack."""

import asyncio
import gc
import secrets
import warnings
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol, TypeVar

import asyncpg
import docker
from docker.errors import DockerException

T = TypeVar("T")

POSTGRES_IMAGE = "postgres:18"
KAFKA_IMAGE = "confluentinc/cp-kafka:8.0.0"
ENGINE_SECONDS = 2


class Server(Protocol):
    """A PostgreSQL that gives each test databases of its own."""

    @property
    def port(self) -> int:
        """Where it listens on this machine."""

    def create_database(self, name: str, password: str | None = None) -> str:
        """Create a database and its owner of the same name; give its URL."""

    def drop_database(self, name: str) -> None:
        """Drop both."""

    def stop(self) -> object:
        """Stop the server."""


class Broker(Protocol):
    """A Kafka."""

    @property
    def bootstrap(self) -> str:
        """Where clients begin."""

    def stop(self) -> None:
        """Stop the broker."""


@cache
def engine() -> str:
    """Return the version of the Docker engine that answers, or an empty text."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        found = _ask_engine()
        gc.collect()  # the client leaves its socket open where nobody answers
    return found


def _ask_engine() -> str:
    try:
        client = docker.from_env(timeout=ENGINE_SECONDS)
        try:
            return str(client.version()["Version"])
        finally:
            client.close()
    except (DockerException, OSError):
        return ""


@dataclass
class ContainerPostgres:
    """PostgreSQL from a container."""

    port: int
    password: str
    container: Any = field(repr=False)

    def create_database(self, name: str, password: str | None = None) -> str:
        """Create a database and its owner of the same name; give its URL. Kept if they exist."""
        password = password or secrets.token_urlsafe(24)
        _run(self._create(name, password))
        return f"postgresql://{name}:{password}@127.0.0.1:{self.port}/{name}"

    def drop_database(self, name: str) -> None:
        """Drop both, whoever is still connected."""
        _run(self._execute(f'drop database if exists "{name}" with (force)', f'drop role if exists "{name}"'))

    def stop(self) -> None:
        """Stop the container."""
        self.container.stop()

    async def _create(self, name: str, password: str) -> None:
        raw = await self._connect()
        try:
            if not await raw.fetchval("select true from pg_roles where rolname = $1", name):
                await raw.execute(f'create role "{name}" login')
            await raw.execute(f"alter role \"{name}\" with login password '{password}'")
            if not await raw.fetchval("select true from pg_database where datname = $1", name):
                await raw.execute(f'create database "{name}" owner "{name}"')
        finally:
            await raw.close()

    async def _execute(self, *statements: str) -> None:
        raw = await self._connect()
        try:
            for statement in statements:
                await raw.execute(statement)
        finally:
            await raw.close()

    async def _connect(self) -> Any:
        return await asyncpg.connect(
            host="127.0.0.1", port=self.port, user="postgres", password=self.password, database="postgres"
        )


@dataclass
class ContainerKafka:
    """Kafka from a container."""

    bootstrap: str
    container: Any = field(repr=False)

    def stop(self) -> None:
        """Stop the container."""
        self.container.stop()


def postgres() -> ContainerPostgres:
    """Start PostgreSQL; tests throw its data away, so it need not reach the disk."""
    from testcontainers.community.postgres import PostgresContainer  # noqa: PLC0415 - only where an engine answers

    password = secrets.token_urlsafe(24)
    container = PostgresContainer(POSTGRES_IMAGE, username="postgres", password=password, dbname="postgres")
    container.with_command("-c fsync=off -c full_page_writes=off -c max_connections=300").start()
    return ContainerPostgres(int(container.get_exposed_port(5432)), password, container)


def kafka() -> ContainerKafka:
    """Start Kafka (KRaft, one node)."""
    from testcontainers.community.kafka import KafkaContainer  # noqa: PLC0415 - only where an engine answers

    container = KafkaContainer(KAFKA_IMAGE).with_kraft()
    container.start()
    return ContainerKafka(container.get_bootstrap_server(), container)


def _run(work: Coroutine[Any, Any, T]) -> T:
    """Wait for a coroutine from wherever a fixture stands, inside a running loop or not."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()
