"""Processes under measurement: each in its own interpreter, as it would run in production."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx

from baton.ports import free_port
from tests.bench.parts import ROOT, Parts

STOP_SECONDS = 25.0
START_SECONDS = 240.0
"""On a machine with much else to do, starting an interpreter alone takes a minute."""


@asynccontextmanager
async def running(*command: str, env: Mapping[str, str] | None = None) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run `python -m command…` from the project's root, and stop it afterwards."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", *command, cwd=ROOT, env={**os.environ, **(env or {})},
        stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            async with asyncio.timeout(STOP_SECONDS):
                await process.wait()


def environment(parts: Parts, url: str, port: int) -> dict[str, str]:
    """Return a service's environment."""
    return {
        "BATON_DATABASE_URL": url,
        "KAFKA_BOOTSTRAP_SERVERS": parts.servers,
        "BATON_PORT": str(port),
        "BATON_SECRET": "only for benches",
        "BATON_API_KEY": "only for benches",
        "BATON_PLAYBOOK_DIR": str(ROOT / "deploy" / "playbook"),
        "BATON_LOG_LEVEL": "WARNING",
    }


@asynccontextmanager
async def service(
    parts: Parts, name: str, *, module: str | None = None, database: str | None = None, url: str | None = None
) -> AsyncIterator[tuple[str, str]]:
    """Run one of the five (or a variant, `module`) on an empty database, or on that of `url`.

    Gives both URLs when it is ready.
    """
    url = url or await parts.new_database(database or name.replace("-", "_"))
    port = free_port()
    async with running(module or name.replace("-", "_"), env=environment(parts, url, port)) as process:
        base = f"http://127.0.0.1:{port}"
        async with httpx.AsyncClient(base_url=base) as client, asyncio.timeout(START_SECONDS):
            while not await _ready(client):
                if process.returncode is not None:
                    message = f"{name} ended with {process.returncode}"
                    raise RuntimeError(message)
                await asyncio.sleep(0.05)
        yield base, url


async def _ready(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/readyz")).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
