"""From a form's post to a rep's open page: name, words and all, on a stack at rest. `python -m tests.bench open-page`.

The page is followed as its browser follows it: `/events` says that something changed, then the list is asked for.
Twenty visitors come one after the other; a browser needs some milliseconds more to draw what it got.
"""

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Mapping
from urllib.parse import urlsplit
from uuid import uuid4

import httpx

from tests.bench.latency import stack

VISITORS = 20
WARM = 3
LONGEST = 60.0
REP = "inbound-1"


async def measure() -> dict[str, float]:
    """Return milliseconds: the median and the most of them."""
    async with stack() as (_, env):
        key = {"Authorization": f"Bearer {env['BATON_API_KEY']}"}
        async with (
            httpx.AsyncClient(headers=key, timeout=LONGEST) as server,
            httpx.AsyncClient(base_url=env["BATON_DESK_URL"], timeout=LONGEST) as page,
        ):
            await _leave_rep_alone(server, env)
            invitation = {"user_id": "mia", "rep_id": REP}
            made = await server.post(f"{env['BATON_DESK_URL']}/v1/invitations", json=invitation)
            await page.post(urlsplit(made.raise_for_status().json()["url"]).path)
            async with page.stream("GET", "/events") as events:
                lines = events.aiter_lines()
                times = [await _seen(server, page, lines, env) for _ in range(WARM + VISITORS)][WARM:]
    return {"open_page_median_ms": statistics.median(times), "open_page_most_ms": max(times)}


async def _leave_rep_alone(server: httpx.AsyncClient, env: Mapping[str, str]) -> None:
    reps = (await server.get(f"{env['BATON_ROUTING_URL']}/v1/reps?limit=1000")).raise_for_status().json()["items"]
    for rep in reps:
        if rep["rep_id"] != REP:
            change = {"status": "paused"}
            (await server.put(f"{env['BATON_ROUTING_URL']}/v1/reps/{rep['rep_id']}", json=change)).raise_for_status()
    more = {"capacity": {"open": 1000, "per_day": 1000, "per_week": 1000}}
    (await server.put(f"{env['BATON_ROUTING_URL']}/v1/reps/{REP}", json=more)).raise_for_status()


async def _seen(
    server: httpx.AsyncClient, page: httpx.AsyncClient, lines: AsyncIterator[str], env: Mapping[str, str]
) -> float:
    """Have a visitor write, and return how many milliseconds later their name and words were on the page."""
    name = f"N{uuid4().hex[:12]}"
    sent = {
        "email": f"{name}@firm-{name}.example", "last_name": name, "company": "Firm", "country": "DE",
        "source": "web_form", "engagement": "contact_sales", "facts": {"message": f"Words of {name}"},
    }  # fmt: skip
    begun = time.perf_counter()
    (await server.post(f"{env['BATON_CAPTURE_URL']}/v1/contacts", json=sent)).raise_for_status()
    async with asyncio.timeout(LONGEST):
        async for line in lines:
            if line.startswith("event:") and name in (await page.get("/leads/list")).text:
                break
    return (time.perf_counter() - begun) * 1000
