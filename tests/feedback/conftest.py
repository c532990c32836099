"""Feedback on a real PostgreSQL, under the default playbook."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from events.runtime.testing import ServiceHarness
from feedback.api.commands import intake
from feedback.app import service
from tests.feedback.domain_harness import FOLDER


@pytest.fixture(autouse=True)
def _single_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """A harness has one connection, so commands take turns on it."""
    monkeypatch.setattr(intake, "LANES", 1)


@pytest.fixture
async def harness(databases: Callable[[str], Awaitable[str]]) -> AsyncIterator[ServiceHarness]:
    async with ServiceHarness.open(service, await databases("feedback")) as opened:
        async with opened.transaction() as tx:
            await service.playbooks.activate(tx, service.playbooks.read(FOLDER), by="default", approvals=[])
        yield opened
