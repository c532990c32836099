"""Durable intake beside the same application with validation only, at 64 connections; then at half its rate."""

import asyncio
import json
import statistics
import sys

import asyncpg

from events.runtime import security
from tests.bench.parts import ROOT, Parts
from tests.bench.processes import service

SECONDS, CONNECTIONS, ROUNDS = 6.0, 64, 2


async def post(
    base: str, url: str, run: str, seconds: float, *, connections: int = CONNECTIONS, rate: float = 0.0
) -> dict[str, float]:
    """Post for so long from so many connections, with a key of its own; gives the client's figures."""
    key_id, key, digest = security.draw_key()
    raw = await asyncpg.connect(url)
    try:
        await security.insert_key(raw, key_id=key_id, digest=digest, scopes=list(security.SCOPES))
    finally:
        await raw.close()
    port = base.rsplit(":", 1)[-1]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.posting", port, key, str(seconds), str(connections), run, str(rate),
        cwd=ROOT, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, _ = await process.communicate()
    found: dict[str, float] = json.loads(out)
    return found


async def _post_all(base: str, url: str, run: str, seconds: float, rate: float = 0.0) -> dict[str, float]:
    found = await post(base, url, run, seconds, rate=rate)
    if found["refused"]:
        message = f"{found['refused']} submissions were refused"
        raise RuntimeError(message)
    return found


async def _measure(up: Parts, module: str, database: str) -> dict[str, float]:
    async with service(up, "capture", module=module, database=database) as (base, url):
        await _post_all(base, url, "warm", 2.0)
        found = await _post_all(base, url, "main", SECONDS)
        calm = await _post_all(base, url, "half", SECONDS, rate=found["per_second"] / 2)
        return found | {"p99_ms_at_half_load": calm["p99_ms"]}


async def measure(up: Parts) -> dict[str, float]:
    """Measure both in turns; gives the medians."""
    await up.new_topics()
    durable, checked = [], []
    for number in range(ROUNDS):
        checked.append(await _measure(up, "tests.bench.validating", f"checked_{number}"))
        durable.append(await _measure(up, "capture", f"durable_{number}"))
    rate = statistics.median(run["per_second"] for run in durable)
    ceiling = statistics.median(run["per_second"] for run in checked)
    return {
        "intake_durable_per_second": rate,
        "intake_validation_only_per_second": ceiling,
        "intake_of_ceiling": rate / ceiling,
        "intake_durable_p50_ms": statistics.median(run["p50_ms"] for run in durable),
        "intake_durable_p99_ms": statistics.median(run["p99_ms"] for run in durable),
        "intake_durable_p99_ms_at_half_load": statistics.median(run["p99_ms_at_half_load"] for run in durable),
    }
