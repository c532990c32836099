"""The harness of routing: the service on a real PostgreSQL, rolled back after each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from events.runtime.testing import ServiceHarness
from routing.app import service
from tests.conftest import Databases

PLAYBOOKS = Path(__file__).parents[2] / "deploy" / "playbook"


@pytest.fixture
async def harness(databases: Databases) -> AsyncIterator[ServiceHarness]:
    async with ServiceHarness.open(service, await databases("routing")) as opened:
        async with opened.transaction() as tx:
            if not tx.playbook_version:
                source = service.playbooks.read(PLAYBOOKS)
                await service.playbooks.activate(tx, source, by="tests", approvals=[])
        yield opened
