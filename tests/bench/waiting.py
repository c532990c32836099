"""What people wait for, through a whole stack: the answer to a post, and the assignment of the lead behind it.

Posts are due at a steady rate whatever the answers take, and each is counted from when it was due; what the stack's
processes used of the processor and how often PostgreSQL committed is counted over the same seconds, the wait for the
last record included.

Usage, for a stack that is up: python -m tests.bench.waiting DATA RATE:SECONDS...
"""

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import asyncpg
import psutil

from baton.services import BY_NAME
from baton.stack import Stack
from tests.bench.latency import stack
from tests.bench.parts import ROOT

RATES = ((10, 20.0), (50, 10.0), (100, 10.0), (300, 10.0))
"""Posts a second, and for how many seconds."""
CONNECTIONS = 100
WARM_UP_SECONDS = 5.0
Figures = dict[str, float]


async def measure() -> Figures:
    """Measure at each rate, after a warm-up, on a stack of its own."""
    async with stack() as (up, _):
        return await at_rates(up, RATES)


async def at_rates(up: Stack, rates: Sequence[tuple[int, float]]) -> Figures:
    """Measure a stack that is up."""
    figures: Figures = {}
    run = int(time.time()) * 10
    await _posting(up, 20, WARM_UP_SECONDS, run)
    for number, (rate, seconds) in enumerate(rates, start=1):
        found = await at_rate(up, rate, seconds, run + number)
        figures |= {f"{name}_at_{rate}": round(value, 2) for name, value in found.items()}
    return figures


async def at_rate(up: Stack, rate: int, seconds: float, run: int) -> Figures:
    """Measure one rate; milliseconds but for counts."""
    before, committed = cpu(up), await commits(up)
    began = time.perf_counter()
    found = await _posting(up, rate, seconds, run)
    await _at_rest(up)
    after = cpu(up)
    posts = found.pop("posts")
    used = {name: 1000 * (after[name] - before[name]) / posts for name in after}
    used["all"] = sum(used.values())
    return {
        **found,
        "seconds": time.perf_counter() - began,
        "commits_each": (await commits(up) - committed) / posts,
        **{f"cpu_ms_each_{name}": value for name, value in used.items()},
    }


async def _posting(up: Stack, rate: int, seconds: float, run: int) -> Figures:
    port = BY_NAME["capture"].port(up.state.port_base)
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.steady", str(port), up.secrets.api_key, str(seconds),
        str(CONNECTIONS), str(rate), str(run), up.state.bootstrap, cwd=ROOT, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, _ = await child.communicate()
    found: Figures = json.loads(out)
    return found


def cpu(up: Stack) -> Figures:
    """Return the processor's seconds that each part has used since it began, its children included."""
    found = {}
    for name, part in [*up.state.parts.items(), ("supervisor", up.state.supervisor)]:
        if part is not None:
            process = psutil.Process(part.pid)
            family = [process, *(process.children(recursive=True) if name != "supervisor" else ())]
            found[name] = sum(_seconds(each) for each in family)
    return found


def _seconds(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system + times.children_user + times.children_system)


async def commits(up: Stack) -> int:
    """Count the transactions that PostgreSQL has committed in the five databases."""
    return sum([int(await _ask(url, "select xact_commit from pg_stat_database where datname = current_database()"))
                for url in up.databases.values()])  # fmt: skip


async def _at_rest(up: Stack) -> None:
    """Wait until no service has anything to send: what the posts set going is at its end, but for the last records."""
    async with asyncio.timeout(60):
        while any([await _ask(url, "select exists (select from outbox)") for url in up.databases.values()]):  # noqa: ASYNC110 - in other processes
            await asyncio.sleep(0.2)


async def _ask(url: str, query: str) -> Any:
    raw = await asyncpg.connect(url)
    try:
        return await raw.fetchval(query)
    finally:
        await raw.close()


if __name__ == "__main__":
    FOLDER, *GIVEN = sys.argv[1:]
    WANTED = [(int(rate), float(seconds)) for rate, _, seconds in (each.partition(":") for each in GIVEN)]
    sys.stdout.write(json.dumps(asyncio.run(at_rates(Stack.load(Path(FOLDER)), WANTED)), indent=2) + "\n")
