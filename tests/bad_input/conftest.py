"""Each service with one contact and one lead in it, and an eye on every row of its database."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from desk.handlers.upstream import UPSTREAM
from events.runtime import security
from events.runtime.testing import ServiceHarness
from events.topics import TOPIC_OF
from tests.bad_input.doors import LEAD, Door, doors_of, service_of
from tests.conftest import Databases

PLAYBOOKS = Path(__file__).parents[2] / "deploy" / "playbook"

TABLES = (
    "select relname as name from pg_class c join pg_namespace n on n.oid = relnamespace"
    " where nspname = 'public' and relkind in ('r', 'p') and not relispartition order by 1"
)

LOOK = "(select count(*) || coalesce(md5(string_agg(t::text, ',' order by t::text)), '') from \"{}\" t)"


@dataclass
class Target:
    """A service under attack."""

    harness: ServiceHarness
    doors: tuple[Door, ...]
    known: Mapping[str, str]
    stranger: str
    """A key without any scope."""
    look: str
    untouched: str = ""
    """The fingerprint before the first attack."""

    async def rows(self) -> str:
        """A fingerprint of every row of every table."""
        found: str = (await self.harness.raw.fetch(self.look))[0]["rows"]
        return found

    def url(self, door: Door, **changed: str) -> str:
        asked = door.asked("path")
        return door.url(**{name: text for name, text in self.known.items() if name in asked} | changed)

    @contextmanager
    def nobody(self) -> Iterator[None]:
        """Send requests without any key."""
        key = self.harness.http.headers.pop("Authorization")
        try:
            yield
        finally:
            self.harness.http.headers["Authorization"] = key

    async def send(self, method: str, url: str, **parts: Any) -> httpx.Response:
        """Send bytes as they are, with no header but the key and what the attack says; undo what was not refused."""
        answer = await self.harness.http.request(method, url, **parts)
        if answer.status_code < 400 and method != "GET":
            await self.harness.raw.execute("rollback to savepoint attack")
        return answer


async def _deliver_lead(harness: ServiceHarness) -> dict[str, str]:
    """Let a service know of the contact and the lead, each by its own way in."""
    if harness.service.name == "capture":
        body = {"email": "ada@customer.example", "source": "web_form"}
        return {"contact_id": (await harness.http.post("/v1/contacts", json=body)).json()["contact_id"]}
    events = (LEAD.captured(), LEAD.qualified(lead_type="hand_raiser"), LEAD.assigned())
    await harness.deliver(*(event for event in events if TOPIC_OF[type(event)] in harness.service.on))
    return {}


ALONE = {
    **{f"{name}_url": "http://127.0.0.1:9" for name in ("capture", "scoring", "routing", "sla", "feedback")},
    "api_key": SecretStr("bk_0123456789ab_of_the_pages"),
}
"""Of the desk, whose neighbours are away."""


@pytest.fixture(scope="module")
async def target(request: pytest.FixtureRequest, databases: Databases) -> AsyncIterator[Target]:
    """The service that the test names; one for all attacks, for none may leave a trace."""
    name: str = request.param
    service = service_of(name)
    async with ServiceHarness.open(service, await databases(service.name)) as harness:
        if name == "capture":
            service.settings = service.settings.model_copy(update={"form_rate": "1000000/second"})
        if name == "desk":
            service.settings = service.settings.model_copy(update=ALONE)
        async with harness.transaction() as tx:
            await service.playbooks.activate(tx, service.playbooks.read(PLAYBOOKS), by="tests", approvals=[])
        known = await _deliver_lead(harness)
        key_id, stranger, digest = security.draw_key()
        await security.insert_key(harness.raw, key_id=key_id, digest=digest, scopes=[])
        look = " || ".join(LOOK.format(row["name"]) for row in await harness.raw.fetch(TABLES))
        target = Target(harness, doors_of(name), known, stranger, f"select {look} as rows")
        target.untouched = await target.rows()
        await harness.raw.execute("savepoint attack")
        yield target
        await UPSTREAM.close()
