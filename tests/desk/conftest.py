"""The pages on a real PostgreSQL, under the default agreement, with people of ours who are signed in."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from desk import handlers
from desk.api.forms import COOKIE
from desk.app import service
from desk.domain import Viewer
from events.runtime.testing import ServiceHarness
from tests.conftest import Databases

PLAYBOOKS = Path(__file__).parents[2] / "deploy" / "playbook"
MIA = Viewer("mia", "rep", rep_id="ann")
BEN = Viewer("ben", "rep", rep_id="bob")
LEA = Viewer("lea", "manager", team="inbound")
TOM = Viewer("tom", "manager", team="elsewhere")
MAX = Viewer("max", "marketing")
OLA = Viewer("ola", "operator")
NOWHERE = "http://127.0.0.1:1"


@pytest.fixture
async def harness(databases: Databases) -> AsyncIterator[ServiceHarness]:
    async with ServiceHarness.open(service, await databases("desk")) as opened:
        more = {"api_key": SecretStr("none"), "routing_url": NOWHERE, "feedback_url": NOWHERE}
        service.settings = service.settings.model_copy(update=more)
        async with opened.transaction() as tx:
            await service.playbooks.activate(tx, service.playbooks.read(PLAYBOOKS), by="default", approvals=[])
        yield opened


class Browser:
    """A browser of somebody of ours: their cookie, and the token that their forms carry."""

    def __init__(self, http: httpx.AsyncClient, cookie: str, token: str) -> None:
        self._http = http
        self.headers = {"Cookie": f"{COOKIE}={cookie}", "Accept": "text/html", "Authorization": ""}
        self.token = token

    async def get(self, path: str) -> httpx.Response:
        return await self._http.get(path, headers=self.headers)

    async def post(self, path: str, **fields: str) -> httpx.Response:
        return await self._http.post(path, data={"token": self.token, **fields}, headers=self.headers)


async def signed_in(harness: ServiceHarness, viewer: Viewer) -> Browser:
    """Invite somebody, follow the link, and return their browser."""
    cookie, _ = await handlers.sign_in(service, await handlers.invite(service, viewer))
    return Browser(harness.http, cookie, handlers.form_token(service, cookie))
