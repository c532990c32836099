"""The harness of capture: the service on a real PostgreSQL, rolled back after each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from capture.app import service
from events.runtime.testing import ServiceHarness
from tests.capture.browsers import stranger
from tests.conftest import Databases

PLAYBOOKS = Path(__file__).parents[2] / "deploy" / "playbook"


@pytest.fixture
async def harness(databases: Databases) -> AsyncIterator[ServiceHarness]:
    async with ServiceHarness.open(service, await databases("capture")) as opened:
        async with opened.transaction() as tx:
            if not tx.playbook_version:
                source = service.playbooks.read(PLAYBOOKS)
                await service.playbooks.activate(tx, source, by="tests", approvals=[])
        await opened.raw.execute("delete from outbox")  # the playbook's own announcement
        yield opened


@pytest.fixture
async def browser(harness: ServiceHarness) -> AsyncIterator[httpx.AsyncClient]:
    """A browser, which has no key."""
    async with await stranger(harness) as http:
        yield http
