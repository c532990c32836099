"""Capture on a machine whose clock is an hour off: what counts is PostgreSQL's, and whoever must know hears it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from standardwebhooks import Webhook

from baton import keys, postgres
from tests.chaos.faults import clocks
from tests.faults.conftest import Answers, Site

pytestmark = pytest.mark.skipif(clocks.library() is None, reason="needs libfaketime (Debian's package of this name)")

HOUR = 3600


@pytest.fixture(params=[HOUR, -HOUR], ids=["fast", "slow"])
def shift(request: pytest.FixtureRequest) -> int:
    seconds: int = request.param
    return seconds


@pytest.fixture
def site(tmp_path_factory: pytest.TempPathFactory, shift: int) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("clock")
    with postgres.start_postgres(folder / "postgres", durable=False) as server:
        made = Site(server, folder)
        server.create_database("capture", "first")
        made.allow("first")
        made.start(LD_PRELOAD=str(clocks.library()), FAKETIME=f"{shift:+d}", FAKETIME_DONT_FAKE_MONOTONIC="1")
        yield made
        assert made.process is not None
        made.process.terminate()
        made.process.wait(30)


async def signed(http: httpx.AsyncClient, secret: str, at: datetime) -> httpx.Response:
    body = json.dumps({"email": "ada@works.example", "source": "webinar"})
    headers = {
        "webhook-id": f"msg_{at.timestamp()}",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(f"msg_{at.timestamp()}", at, body),
        "Content-Type": "application/json",
    }
    return await http.post("/v1/contacts", content=body, headers=headers)


async def test_a_clock_an_hour_off_moves_no_record_and_shows(site: Site, shift: int) -> None:
    """X35: posts are taken as of PostgreSQL's clock, a signature is refused by its time, the metric says why."""
    await site.ready()
    await keys.store_key({"capture": site.server.url("capture", "first", "capture")}, site.key, label="faults")
    before, answers = datetime.now(UTC), Answers()
    async with site.client() as http:
        assert await site.post(http, answers) == 202
        made = (await http.post("/v1/sender-keys", json={"kind": "webhook", "label": "Webinars"})).json()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{site.port}") as sender:
        here = await signed(sender, made["key"], datetime.now(UTC))
        assert (here.status_code, here.json()["errors"][0]["code"]) == (401, "timestamp_out_of_tolerance")
        there = await signed(sender, made["key"], datetime.now(UTC) + timedelta(seconds=shift))
        assert there.status_code == 202
    await site.measures(1)
    assert await site.metric("baton_clock_skew_seconds") == pytest.approx(shift, abs=60)
    async with site.superuser() as raw:
        times = await raw.fetchrow("select min(received_at) as first, max(received_at) as last from engagements")
    assert before - timedelta(minutes=1) <= times["first"] <= times["last"] <= datetime.now(UTC) + timedelta(minutes=1)
