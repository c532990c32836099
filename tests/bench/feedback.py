"""Feedback under load: commands as a stream and one by one. `python -m tests.bench feedback`."""

import asyncio
import gc
import statistics
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import orjson
from pydantic import SecretStr

from events.runtime import Service, security
from feedback import handlers
from feedback.settings import FeedbackSettings
from tests.bench.parts import ROOT, Parts
from tests.bench.processes import service
from tests.feedback.lead_story import LeadStory

LEADS = 12_000
STREAMED = ("accept", "touches", "confirm", "recycle")
FIELDS: dict[str, dict[str, Any]] = {
    "accept": {"role": "ae"},
    "touches": {"kind": "call", "outcome": "welcomed", "topics": ["price"]},
    "confirm": {"bant": {"budget": True, "authority": True, "need": True, "timing": True}},
    "won": {"amount": 1000},
    "recycle": {"reason": "not_ready"},
}
CONNECTIONS = 32
SECONDS = 8.0
CALM = 50.0
"""Single commands a second beside a stream."""


@asynccontextmanager
async def running_feedback(up: Parts, database: str) -> AsyncIterator[tuple[str, str, str]]:
    """Run the service; gives its URL, its database's and a key."""
    await up.new_topics()
    async with service(up, "feedback", database=database) as (base, url):
        key_id, key, digest = security.draw_key()
        raw = await asyncpg.connect(url)
        try:
            await security.insert_key(raw, key_id=key_id, digest=digest, scopes=list(security.SCOPES))
        finally:
            await raw.close()
        yield base, url, key


async def _qualify(url: str, servers: str, stories: Sequence[LeadStory]) -> None:
    """Let the service hear of leads, by its own handlers."""
    from feedback.app import service as feedback  # noqa: PLC0415 - one process holds one service

    feedback.settings = FeedbackSettings(
        database_url=SecretStr(url), kafka_bootstrap_servers=servers, secret=SecretStr("only for benches"),
        playbook_dir=ROOT / "deploy" / "playbook",
    )  # fmt: skip
    for start in range(0, len(stories), 1000):
        part = stories[start : start + 1000]
        await _deliver(feedback, part)
    await feedback.stop()


async def _deliver(feedback: Service, part: Sequence[LeadStory]) -> None:
    async with feedback.transaction() as tx:
        await tx.lock_contacts(story.contact_id for story in part)
        await handlers.on_leads_qualified([story.qualified() for story in part], tx)
        await handlers.on_leads_assigned([story.assigned() for story in part], tx)


def _lines(stories: Sequence[LeadStory], commands: Sequence[str], run: str) -> bytes:
    """Every lead takes every step, all leads the first one first."""
    return b"\n".join(
        orjson.dumps(
            {"lead_id": story.lead_id, "command": name, "by": "ann", "key": f"{run}-{name}-{n}", **FIELDS[name]}
        )
        for name in commands
        for n, story in enumerate(stories)
    )


async def _streamed(base: str, key: str, stories: Sequence[LeadStory], commands: Sequence[str]) -> float:
    """Commands a second in one NDJSON stream."""
    body = _lines(stories, commands, f"{time.monotonic_ns()}")
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/x-ndjson"}
    async with httpx.AsyncClient(base_url=base, headers=headers, timeout=120) as client:
        began = time.perf_counter()
        answer = await client.post("/v1/leads/commands", content=body)
        took = time.perf_counter() - began
    counts = orjson.loads(answer.content.splitlines()[-1])
    if counts["done"] != len(stories) * len(commands):
        message = f"not all were carried out: {counts}"
        raise RuntimeError(message)
    return float(counts["done"]) / took


class Caller:
    """One keep-alive connection that sends one command at a time."""

    def __init__(self, base: str, key: str) -> None:
        self.port = int(base.rsplit(":", 1)[-1])
        self.key = key

    async def open(self) -> "Caller":
        """Connect."""
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        return self

    async def touch(self, lead_id: UUID) -> float:
        """Record a touch; gives the milliseconds to its answer."""
        body = orjson.dumps({"by": "ann", **FIELDS["touches"]})
        head = (
            f"POST /v1/leads/{lead_id}/touches HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {self.key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        began = time.perf_counter()
        self.writer.write(head.encode() + body)
        answer = await self.reader.readuntil(b"\r\n\r\n")
        if not answer.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(answer)
        length = answer.lower().split(b"content-length: ")[1].split(b"\r\n")[0]
        await self.reader.readexactly(int(length))
        return 1000 * (time.perf_counter() - began)


async def _as_fast_as_answered(callers: Sequence[Caller], ids: Sequence[UUID]) -> float:
    """Single commands a second, each connection waiting for its answer."""
    end = time.perf_counter() + SECONDS
    done = 0

    async def call(caller: Caller, mine: Sequence[UUID]) -> None:
        nonlocal done
        n = 0
        while time.perf_counter() < end:
            await caller.touch(mine[n % len(mine)])
            n, done = n + 1, done + 1

    await asyncio.gather(*(call(caller, ids[n :: len(callers)]) for n, caller in enumerate(callers)))
    return done / SECONDS


async def _at_rate(callers: Sequence[Caller], ids: Sequence[UUID], rate: float) -> list[float]:
    """Single commands at a steady rate, whatever the answers take; gives their milliseconds, sorted."""
    free: asyncio.Queue[Caller] = asyncio.Queue()
    for caller in callers:
        free.put_nowait(caller)
    taken: list[float] = []

    async def call(lead_id: UUID, due: float) -> None:
        caller = await free.get()
        try:
            await caller.touch(lead_id)
            taken.append(1000 * (time.perf_counter() - due))
        finally:
            free.put_nowait(caller)

    start = time.perf_counter()
    tasks = []
    for n in range(int(rate * SECONDS)):
        due = start + n / rate
        if (wait := due - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        tasks.append(asyncio.create_task(call(ids[n % len(ids)], due)))
    await asyncio.gather(*tasks)
    return sorted(taken)


async def _beside_a_stream(base: str, key: str, callers: Sequence[Caller], stories: Sequence[LeadStory]) -> list[float]:
    """Single commands at a calm rate while somebody streams without end; gives their milliseconds, sorted."""

    async def stream() -> None:
        while True:
            await _streamed(base, key, stories, ("touches",))

    streaming = asyncio.create_task(stream())
    taken = await _at_rate(callers, [story.lead_id for story in stories], CALM)
    streaming.cancel()
    return taken


async def measure(up: Parts) -> dict[str, float]:
    """Measure commands: as a stream, one by one as fast as they are answered, at half of that, and beside a stream."""
    start = datetime.now(UTC) - timedelta(days=1)
    stories = [LeadStory(f"bench {n}", start=start) for n in range(LEADS)]
    async with running_feedback(up, "feedback_commands") as (base, url, key):
        await _qualify(url, up.servers, stories)
        await _streamed(base, key, stories[:500], ("touches",))
        streamed = await _streamed(base, key, stories[:6000], STREAMED)
        won = await _streamed(base, key, stories[6000:], ("won",))
        callers = [await Caller(base, key).open() for _ in range(CONNECTIONS)]
        ids = [story.lead_id for story in stories]
        await callers[0].touch(ids[0])
        gc.collect()
        gc.freeze()  # the pauses of the callers' own collector are none of the service's
        most = await _as_fast_as_answered(callers, ids)
        taken = await _at_rate(callers, ids, most / 2)
        beside = await _beside_a_stream(base, key, callers, stories)
    return {
        "commands_streamed_per_second": streamed,
        "wins_streamed_per_second": won,
        "commands_single_per_second": most,
        "commands_single_p50_ms_at_half_load": statistics.median(taken),
        "commands_single_p99_ms_at_half_load": taken[int(len(taken) * 0.99)],
        "commands_single_p50_ms_beside_a_stream": statistics.median(beside),
        "commands_single_p99_ms_beside_a_stream": beside[int(len(beside) * 0.99)],
    }
