"""Asking services that are started again."""

import pytest

from baton import service_client
from baton.service_client import wait_for_restart
from baton_client import NotReached


class Service:
    """A service that is away when it is asked, so many times."""

    def __init__(self, away: int) -> None:
        self.away = away

    async def audit(self) -> str:
        self.away -= 1
        if self.away >= 0:
            raise NotReached("http://routing/audit does not answer: refused")
        return "clean"


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service_client, "RETRY_SECONDS", 0.0)


async def test_a_service_that_somebody_starts_again_is_waited_for() -> None:
    """The demonstration's end met a service that had just been killed, and called its own audit wrong."""
    assert await wait_for_restart(Service(away=2).audit) == "clean"


async def test_a_service_that_never_comes_back_is_named_in_the_end() -> None:
    service = Service(away=10_000)
    with pytest.raises(NotReached, match="routing"):
        await wait_for_restart(service.audit)
    assert service.away == 10_000 - service_client.MOST_TRIES
