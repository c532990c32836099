"""The same request several times at one instant, as from a button that is pressed twice: never an error of ours."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from http import HTTPStatus
from pathlib import Path

import httpx
import pytest

from baton import postgres
from tests.bad_input.doors import JSON, NAMES, Door, doors_of
from tests.fuzz.__main__ import serving

TIMES, ROUNDS = 8, 4
"""Two requests of a round meet between a look and a write in most rounds, not in each."""


@pytest.fixture(scope="module")
async def database(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[postgres.Postgres]:
    started = await asyncio.to_thread(
        postgres.start_postgres, tmp_path_factory.mktemp("once") / "postgres", durable=False
    )
    yield started
    await asyncio.to_thread(started.stop)


async def statuses(http: httpx.AsyncClient, door: Door) -> Counter[int]:
    """Return how often each status came."""
    found: Counter[int] = Counter()
    for _ in range(ROUNDS):
        requests = [
            http.request(
                door.method, door.url() + door.needed(), content=door.content(), headers={"content-type": JSON}
            )
            for _ in range(TIMES)
        ]
        found.update(answer.status_code for answer in await asyncio.gather(*requests))
    return found


@pytest.mark.parametrize("service", NAMES)
async def test_the_same_request_eight_times_at_once_is_answered_each_time(
    service: str, database: postgres.Postgres, tmp_path: Path
) -> None:
    doors = [door for door in doors_of(service) if door.method != "GET" and JSON in door.bodies]
    async with (
        serving(service, database, tmp_path) as (port, key),
        httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {key}"}, timeout=60
        ) as http,
    ):
        found = {str(door): await statuses(http, door) for door in doors}
    broken = {
        door: counted
        for door, counted in found.items()
        if any(status >= 500 and status != HTTPStatus.SERVICE_UNAVAILABLE for status in counted)
    }
    assert not broken
    assert any(status < 300 for counted in found.values() for status in counted)
