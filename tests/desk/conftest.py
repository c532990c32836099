"""The pages on a real PostgreSQL, under the default agreement, with people of ours who are signed in."""

import importlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from desk import handlers
from desk.api.forms import COOKIE
from desk.app import service
from desk.domain import Viewer
from events.runtime import Service
from events.runtime.testing import ServiceHarness
from tests.conftest import Databases

PLAYBOOKS = Path(__file__).parents[2] / "deploy" / "playbook"
MIA = Viewer("mia", "rep", rep_id="ann")
BEN = Viewer("ben", "rep", rep_id="bob")
LEA = Viewer("lea", "manager", team="inbound")
TOM = Viewer("tom", "manager", team="elsewhere")
MAX = Viewer("max", "marketing")
OLA = Viewer("ola", "operator")
EVA = replace(MAX, user_id="eva", signs_as="marketing:head_of_demand_generation")
SAM = replace(LEA, user_id="sam", signs_as="sales:head_of_sales_development")
PASSED_ON = {"content-type", "idempotency-key", "origin", "accept"}
HOSTS = {"capture": "capture", "scoring": "scoring", "routing": "routing", "sla_monitor": "sla", "feedback": "feedback"}


@pytest.fixture
async def harness(databases: Databases) -> AsyncIterator[ServiceHarness]:
    async with ServiceHarness.open(service, await databases("desk")) as opened:
        urls = {f"{name}_url": f"http://{name}.test" for name in ("capture", "scoring", "routing", "sla", "feedback")}
        more = {"api_key": SecretStr("bk_0123456789ab_of_the_pages"), **urls, "port": 1}
        service.settings = service.settings.model_copy(update=more)
        neighbours = Neighbours(opened)
        handlers.UPSTREAM._client = httpx.AsyncClient(transport=neighbours, headers={"Authorization": "Bearer ours"})
        async with opened.transaction() as tx:
            await service.playbooks.activate(tx, service.playbooks.read(PLAYBOOKS), by="default", approvals=[])
        yield opened
        await handlers.UPSTREAM.close()


@pytest.fixture
def neighbours(harness: ServiceHarness) -> "Neighbours":
    """The services that answer the pages: themselves at first, and whichever a test adds."""
    del harness
    client = handlers.UPSTREAM.client(service)
    assert isinstance(client._transport, Neighbours)
    return client._transport


@pytest.fixture
async def stack(
    harness: ServiceHarness, neighbours: "Neighbours", databases: Databases
) -> AsyncIterator[dict[str, ServiceHarness]]:
    """All six services in this process."""
    found = {"desk": harness}
    async with AsyncExitStack() as opened:
        for name, host in HOSTS.items():
            service: Service = importlib.import_module(f"{name}.app").service
            database_url = await databases(name.replace("_", "-"))
            each = await opened.enter_async_context(ServiceHarness.open(service, database_url))
            async with each.transaction() as tx:
                await service.playbooks.activate(tx, service.playbooks.read(PLAYBOOKS), by="default", approvals=[])
            neighbours.harnesses[f"{host}.test"] = found[name] = each
        yield found


class Neighbours(httpx.AsyncBaseTransport):
    """Leads requests to services in this process; all others are away."""

    def __init__(self, own: ServiceHarness) -> None:
        self.harnesses = {"127.0.0.1": own}
        self.silent: set[str] = set()
        """Paths of services that cannot be reached."""
        self.unanswered: set[str] = set()
        """Paths of which all is carried out, and the answer is lost."""
        self.failing: dict[str, tuple[int, str]] = {}
        """Paths, or method, host and path, that are answered with this status and code."""
        self.answers: dict[str, Any] = {}
        """Host and path that are answered with this."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        place = f"{request.url.host}{request.url.path}"
        if place in self.answers:
            return httpx.Response(200, json=self.answers[place])
        for name in {request.url.path, f"{request.method} {place}"} & self.failing.keys():
            status, code = self.failing[name]
            return httpx.Response(status, json={"errors": [{"field": "", "code": code}]})
        harness = self.harnesses.get(request.url.host)
        if harness is None or request.url.path in self.silent:
            raise httpx.ConnectError("away", request=request)
        path = request.url.raw_path.decode()
        headers = {name: text for name, text in request.headers.items() if name in PASSED_ON}
        if "authorization" not in request.headers:  # the harness has a key of its own
            headers["authorization"] = ""
        answer = await harness.http.request(request.method, path, content=await request.aread(), headers=headers)
        if request.url.path in self.unanswered:
            raise httpx.ReadTimeout("too late", request=request)
        return httpx.Response(answer.status_code, content=answer.content)


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
    cookie, _ = await handlers.sign_in_by_invitation(service, await handlers.invite_user(service, viewer))
    return Browser(harness.http, cookie, handlers.derive_form_token(service, cookie))
