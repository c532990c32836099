"""From the 202 of a form post to `lead.assigned` in an ordinary consumer's hands, through the whole stack."""

import asyncio
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import httpx
import orjson
from aiokafka import AIOKafkaConsumer

from baton.stack import Stack
from events.topics import LEADS_ASSIGNED
from tests.bench.parts import ROOT

RATES = ((10, 20.0), (100, 15.0))
"""Contacts a second, and for how many seconds."""


@asynccontextmanager
async def stack() -> AsyncIterator[tuple[Stack, dict[str, str]]]:
    """Bring a stack up with `baton up`, as a person would; yield it and its `baton env`."""
    with tempfile.TemporaryDirectory(prefix="baton-bench-") as folder:
        data = str(Path(folder) / "data")
        await _baton("up", "--detach", "--port-base", "18700", "--data", data)
        try:
            lines = (await _baton("env", "--data", data)).splitlines()
            yield Stack.load(Path(data)), dict(line.split("=", 1) for line in lines if "=" in line)
        finally:
            await _baton("down", "--data", data)


async def _baton(*arguments: str) -> str:
    process = await asyncio.create_subprocess_exec(
        str(ROOT / ".venv" / "bin" / "baton"), *arguments, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    if process.returncode:
        message = f"baton {arguments[0]} ended with {process.returncode}"
        raise RuntimeError(message)
    return out.decode()


class Watch:
    """When each contact's answer came, and when its assignment could be read."""

    def __init__(self, env: dict[str, str]) -> None:
        self.env = env
        self.answered: dict[str, float] = {}
        self.assigned: dict[str, float] = {}

    async def listen(self, ready: asyncio.Event) -> None:
        """Read the topic as anybody would."""
        consumer = AIOKafkaConsumer(
            LEADS_ASSIGNED.name, bootstrap_servers=self.env["KAFKA_BOOTSTRAP_SERVERS"], auto_offset_reset="latest"
        )
        await consumer.start()
        await consumer.seek_to_end()
        ready.set()
        try:
            async for record in consumer:
                self.assigned.setdefault(record.key.decode(), time.perf_counter())
        finally:
            await consumer.stop()

    async def post(self, client: httpx.AsyncClient) -> None:
        """Fill in the form once."""
        body = {
            "email": f"{uuid4().hex[:12]}@firm-{uuid4().hex[:8]}.com",
            "company": "Firm",
            "job_title": "Head of Sales",
            "country": "DE",
            "employees": 200,
            "industry": "software",
            "source": "web_form",
            "engagement": "contact_sales",
        }
        answer = await client.post("/v1/contacts", content=orjson.dumps(body))
        answer.raise_for_status()
        self.answered[answer.json()["contact_id"]] = time.perf_counter()

    async def at_rate(self, client: httpx.AsyncClient, rate: int, seconds: float) -> list[float]:
        """Post at a steady rate, whatever the answers take; gives milliseconds from 202 to assigned, sorted."""
        self.answered.clear()
        self.assigned.clear()
        start = time.perf_counter()
        posts = []
        for number in range(int(rate * seconds)):
            await asyncio.sleep(max(0.0, start + number / rate - time.perf_counter()))
            posts.append(asyncio.create_task(self.post(client)))
        await asyncio.gather(*posts)
        async with asyncio.timeout(60):
            while len(self.assigned) < len(self.answered):  # noqa: ASYNC110 - the last record is the signal
                await asyncio.sleep(0.05)
        return sorted(1000 * (self.assigned[key] - at) for key, at in self.answered.items())


async def measure() -> dict[str, float]:
    """Measure at each rate, after a warm-up."""
    figures: dict[str, float] = {}
    async with stack() as (_, env):
        watch, ready = Watch(env), asyncio.Event()
        listener = asyncio.create_task(watch.listen(ready))
        await ready.wait()
        headers = {"Authorization": f"Bearer {env['BATON_API_KEY']}", "Content-Type": "application/json"}
        async with httpx.AsyncClient(base_url=env["BATON_CAPTURE_URL"], headers=headers) as client:
            await watch.at_rate(client, 20, 3.0)
            for rate, seconds in RATES:
                taken = await watch.at_rate(client, rate, seconds)
                figures[f"assigned_after_ms_p50_at_{rate}"] = statistics.median(taken)
                figures[f"assigned_after_ms_p99_at_{rate}"] = taken[int(len(taken) * 0.99)]
        listener.cancel()
    return figures
