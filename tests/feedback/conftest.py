"""Feedback on a real PostgreSQL, under the default playbook."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from events.runtime.testing import Room
from feedback.api import intake
from feedback.app import service
from tests.feedback.bench import FOLDER


@pytest.fixture(autouse=True)
def _one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """A room has one connection, so commands take turns on it."""
    monkeypatch.setattr(intake, "LANES", 1)


@pytest.fixture
async def room(databases: Callable[[str], Awaitable[str]]) -> AsyncIterator[Room]:
    async with Room.open(service, await databases("feedback")) as opened:
        async with opened.transaction() as tx:
            await service.playbooks.activate(tx, service.playbooks.read(FOLDER), by="default", approvals=[])
        yield opened
