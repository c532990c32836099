"""The room of scoring: its database, migrated once and rolled back after each test."""

from collections.abc import AsyncIterator

import pytest

from events.runtime.testing import Room
from scoring.app import service
from tests.conftest import Databases
from tests.scoring.stories import ROOT


@pytest.fixture
async def room(databases: Databases) -> AsyncIterator[Room]:
    """Give scoring on a real PostgreSQL, with a clock that stands until it is advanced."""
    async with Room.open(service, await databases("scoring")) as opened:
        async with opened.transaction() as tx:
            default = service.playbooks.read(ROOT / "deploy" / "playbook")
            await service.playbooks.activate(tx, default, by="default", approvals=[])
        yield opened
