"""How long `GET …/score` takes for a contact with 200 engagements, over HTTP, one request after another."""

import asyncio
import statistics
import time
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import httpx

from events.contacts import ContactCaptured
from events.runtime import security
from tests.bench import parts
from tests.bench.parts import Parts
from tests.bench.processes import service

ENGAGEMENTS = 200
REQUESTS = 500
CONTACT = UUID(int=1, version=4)
KINDS = ("content_download", "webinar_attended", "pricing_view", "email_click", "social", "event_scan")


def history() -> list[ContactCaptured]:
    """Return two hundred engagements over half a year, each with a form's answers."""
    now = datetime.now(UTC)
    return [
        ContactCaptured(
            contact_id=CONTACT,
            engagement_id=UUID(int=number + 10, version=4),
            engagement=KINDS[number % len(KINDS)],
            source="web_form",
            occurred_at=now - timedelta(days=180 * (ENGAGEMENTS - number) / ENGAGEMENTS),
            received_at=now,
            email_domain="firm.example",
            email_kind="corporate",
            country="DE",
            industry="software",
            employees=300,
            job_title="Head of Sales",
            facts={"origin": "organic search"},
        )
        for number in range(ENGAGEMENTS)
    ]


async def measure(up: Parts) -> dict[str, float]:
    """Measure after a warm-up."""
    await up.new_topics()
    await parts.fill(up.servers, history())
    async with service(up, "scoring", database="scoring_score") as (base, url):
        raw = await asyncpg.connect(url)
        key_id, key, digest = security.draw_key()
        await security.insert_key(raw, key_id=key_id, digest=digest, scopes=["leads:read"])
        while await parts.count(raw, "select count(*) from engagements") < ENGAGEMENTS:  # noqa: ASYNC110 - it works
            await asyncio.sleep(0.05)
        await raw.close()
        headers = {"Authorization": f"Bearer {key}"}
        async with httpx.AsyncClient(base_url=base, headers=headers) as client:
            taken = [await _time_request(client) for _ in range(REQUESTS + 50)][50:]
    taken.sort()
    return {"score_ms_p50": statistics.median(taken), "score_ms_p99": taken[int(len(taken) * 0.99)]}


async def _time_request(client: httpx.AsyncClient) -> float:
    started = time.perf_counter()
    answer = await client.get(f"/v1/contacts/{CONTACT}/score")
    answer.raise_for_status()
    return 1000 * (time.perf_counter() - started)
