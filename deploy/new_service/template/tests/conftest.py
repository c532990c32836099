"""Newcomer on a real PostgreSQL, under the default rules."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from events.runtime.testing import ServiceHarness
from newcomer.app import service
from tests.conftest import Databases

PLAYBOOKS = Path(__file__).parents[2] / "deploy" / "playbook"


@pytest.fixture
async def harness(databases: Databases) -> AsyncIterator[ServiceHarness]:
    async with ServiceHarness.open(service, await databases("newcomer")) as opened:
        async with opened.transaction() as tx:
            await service.playbooks.activate(tx, service.playbooks.read(PLAYBOOKS), by="default", approvals=[])
        yield opened
