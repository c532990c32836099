"""Sla-monitor on a real PostgreSQL, under the default agreement."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from events.runtime.testing import ServiceHarness
from sla_monitor.app import service
from tests.sla_monitor.domain_harness import FOLDER


@pytest.fixture
async def harness(databases: Callable[[str], Awaitable[str]]) -> AsyncIterator[ServiceHarness]:
    async with ServiceHarness.open(service, await databases("sla-monitor")) as opened:
        async with opened.transaction() as tx:
            await service.playbooks.activate(tx, service.playbooks.read(FOLDER), by="default", approvals=[])
        yield opened
