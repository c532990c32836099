"""The service of scoring: its database, migrated once and rolled back after each test."""

from collections.abc import AsyncIterator

import pytest

from events.runtime.testing import ServiceHarness
from scoring.app import service
from tests.conftest import Databases
from tests.scoring.builders import ROOT


@pytest.fixture
async def harness(databases: Databases) -> AsyncIterator[ServiceHarness]:
    """Return scoring on a real PostgreSQL, with a clock that stands until it is advanced."""
    async with ServiceHarness.open(service, await databases("scoring")) as opened:
        async with opened.transaction() as tx:
            default = service.playbooks.read(ROOT / "deploy" / "playbook")
            await service.playbooks.activate(tx, default, by="default", approvals=[])
        yield opened
