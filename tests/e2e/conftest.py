"""One stack for all end-to-end tests: the six services, a real PostgreSQL, the best Kafka that can run here."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from baton import stack as stacks
from baton.ports import free_port, is_free
from baton.services import SERVICES
from baton.stack import Stack, StartOptions
from tests.e2e.world import World

A_MONDAY = "2026-03-02T09:00:00+00:00"


def free_base() -> int:
    """Find a base whose five ports nobody listens on."""
    while True:
        base = free_port()
        if all(is_free(service.port(base)) for service in SERVICES):
            return base


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The stack, on the stepped clock at a Monday morning."""
    data = tmp_path_factory.mktemp("e2e") / "d"
    yield stacks.start_detached(StartOptions(str(data), free_base(), "stepped", A_MONDAY))
    stacks.stop_stack(Path(data))


@pytest.fixture(scope="session")
async def world(stack: Stack) -> AsyncIterator[World]:
    """The world around that stack."""
    async with World(stack) as world:
        yield world
