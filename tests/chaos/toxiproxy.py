"""Toxiproxy: the network between the services and what they depend on, and everything that can be wrong with it.

The program is Shopify's, built once by Go's own installer into the user's cache, or found on the PATH.
"""

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from baton import processes
from baton.exit_codes import CannotStartError
from baton.ports import LOOPBACK, free_port
from baton.processes import Program, Running

VERSION = "2.12.0"
PACKAGE = f"github.com/Shopify/toxiproxy/v2/cmd/server@v{VERSION}"
BUILD_SECONDS = 600
START_SECONDS, STOP_SECONDS = 20.0, 5.0
ASK_SECONDS = 60.0


def program() -> Path | None:
    """Return Toxiproxy's server, built if need be; None where it is not there and cannot be built."""
    found = shutil.which("toxiproxy-server")
    if found is not None:
        return Path(found)
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "baton" / f"toxiproxy-{VERSION}"
    server = cache / "server"
    go = shutil.which("go")
    if server.exists() or go is None:
        return server if server.exists() else None
    environment = {**os.environ, "GOBIN": str(cache)}
    done = subprocess.run(
        (go, "install", PACKAGE), env=environment, capture_output=True, check=False, timeout=BUILD_SECONDS
    )
    return server if done.returncode == 0 else None


@dataclass
class Link:
    """One way through the proxy: where clients connect, and what stands behind it."""

    name: str
    port: int
    upstream: int
    server: "Toxiproxy | None" = field(default=None, repr=False)

    async def cut(self) -> None:
        """Close all connections and refuse new ones."""
        await self._ask("POST", f"/proxies/{self.name}", {"enabled": False})

    async def spoil(self, kind: str, stream: str, **attributes: float) -> None:
        """Add a toxic: `kind` and `attributes` as Toxiproxy names them, `stream` is upstream or downstream."""
        toxic = {"name": f"{kind}-{stream}", "type": kind, "stream": stream, "attributes": attributes}
        await self._ask("POST", f"/proxies/{self.name}/toxics", toxic)

    async def _ask(self, method: str, path: str, body: dict[str, Any]) -> None:
        if self.server is not None:
            await self.server.ask(method, path, body)


@dataclass
class Toxiproxy:
    """The proxy while it runs."""

    running: Running
    port: int

    async def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> None:
        """Send one request to its interface; raise on anything but success."""
        async with httpx.AsyncClient(base_url=f"http://{LOOPBACK}:{self.port}", timeout=ASK_SECONDS) as http:
            (await http.request(method, path, json=body)).raise_for_status()

    async def link(self, name: str, port: int, upstream: int) -> Link:
        """Open a way to a port of this machine."""
        body = {"name": name, "listen": f"{LOOPBACK}:{port}", "upstream": f"{LOOPBACK}:{upstream}", "enabled": True}
        await self.ask("POST", "/proxies", body)
        return Link(name, port, upstream, self)

    async def heal(self) -> None:
        """Take away every toxic and open every way."""
        await self.ask("POST", "/reset")

    def stop(self) -> None:
        """Stop it."""
        self.running.stop(STOP_SECONDS)


def start(server: Path, log: Path) -> Toxiproxy:
    """Start the proxy and return when it answers."""
    port = free_port()
    running = processes.start_program(
        Program(
            "Toxiproxy",
            (str(server), "-host", LOOPBACK, "-port", str(port)),
            log,
            environment={**os.environ, "LOG_LEVEL": "error"},
        ),
        lambda: _answers(port),
        START_SECONDS,
    )
    return Toxiproxy(running, port)


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://{LOOPBACK}:{port}/version", timeout=ASK_SECONDS).is_success
    except httpx.HTTPError:
        return False


def needed() -> Path:
    """Return Toxiproxy's server, or raise with what is missing."""
    found = program()
    if found is None:
        raise CannotStartError("neither toxiproxy-server nor Go to build it with is on the PATH")
    return found
