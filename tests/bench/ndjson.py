"""Contacts streamed in one request beside the same stream only validated, and the memory that a gigabyte takes."""

import asyncio
import json
import sys

import asyncpg
import psutil

from events.runtime import security
from tests.bench.parts import ROOT, Parts
from tests.bench.processes import service

CONTACTS = 60_000
PADDED, PADDING = 131_072, 8_000
"""As many lines of 8 KB are a gigabyte."""
KINDS = {"ndjson": ("/v1/contacts/batch", "application/x-ndjson"), "csv": ("/v1/imports", "text/csv")}


async def new_key(url: str) -> str:
    """Save a key with every scope in the database, and return it."""
    key_id, key, digest = security.draw_key()
    raw = await asyncpg.connect(url)
    try:
        await security.insert_key(raw, key_id=key_id, digest=digest, scopes=list(security.SCOPES))
    finally:
        await raw.close()
    return key


async def _stream(  # noqa: PLR0917 - one stream, told in full
    base: str, key: str, of: str, contacts: int, padding: int, run: str
) -> dict[str, float]:
    path, kind = KINDS[of]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.streaming", base.rsplit(":", 1)[-1], key, path, kind, str(contacts),
        str(padding), run, cwd=ROOT, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, _ = await process.communicate()
    found = json.loads(out)
    if found["answer"]["accepted"] != contacts:
        message = f"of {contacts} contacts the answer was {found['answer']}"
        raise RuntimeError(message)
    return {"per_second": contacts / found["seconds"], "megabytes": found["bytes"] / 1e6}


def memory_of(base: str) -> float:
    """Return the megabytes that the process at this address has."""
    port = int(base.rsplit(":", 1)[-1])
    for process in psutil.process_iter(["pid"]):
        try:
            if any(
                connection.laddr.port == port and connection.status == "LISTEN"
                for connection in process.net_connections("tcp")
            ):
                return float(process.memory_info().rss) / 1e6
        except psutil.Error:
            continue
    raise RuntimeError(base)


async def most_memory(base: str, until: asyncio.Event) -> float:
    """Return the most megabytes that the process at this address had until the event."""
    most = memory_of(base)
    while not until.is_set():
        most = max(most, memory_of(base))
        await asyncio.sleep(0.5)
    return most


async def _measure(up: Parts, module: str, database: str, of: str) -> float:
    async with service(up, "capture", module=module, database=database) as (base, url):
        key = await new_key(url)
        await _stream(base, key, of, 5_000, 0, "warm")
        return (await _stream(base, key, of, CONTACTS, 0, "main"))["per_second"]


async def measure(up: Parts, of: str = "ndjson") -> dict[str, float]:
    """Measure the rate of both."""
    await up.new_topics()
    checked = await _measure(up, "tests.bench.validating", f"checked_{of}", of)
    durable = await _measure(up, "capture", f"durable_{of}", of)
    return {
        f"{of}_durable_per_second": durable,
        f"{of}_validation_only_per_second": checked,
        f"{of}_of_ceiling": durable / checked,
    }


async def measure_memory(up: Parts, of: str = "ndjson") -> dict[str, float]:
    """Stream a gigabyte; gives the memory before it and the most while it ran."""
    await up.new_topics()
    async with service(up, "capture", database=f"memory_{of}") as (base, url):
        key, done = await new_key(url), asyncio.Event()
        await _stream(base, key, of, 5_000, PADDING, "warm")
        before = memory_of(base)
        watching = asyncio.create_task(most_memory(base, done))
        streamed = await _stream(base, key, of, PADDED, PADDING, "main")
        done.set()
        return {
            f"{of}_streamed_megabytes": streamed["megabytes"],
            f"{of}_memory_before_megabytes": before,
            f"{of}_memory_most_megabytes": await watching,
        }
