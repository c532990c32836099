"""An open-loop client: posts are due at a steady rate whatever the answers take, and each one's fate is counted.

The connections are kept alive and used in no order, so some rest for long, as those of proxies do.

Usage: python -m tests.bench.steady PORT KEY SECONDS CONNECTIONS RATE SEED; prints one JSON document.
"""

import asyncio
import json
import random
import sys
from collections import Counter

from tests.bench.posting import BODY, FIRMS

LAST_SECONDS = 5.0
"""How long answers are waited for after the last post."""


class Connection(asyncio.Protocol):
    """One kept connection, with at most one post under way."""

    def __init__(self, run: "Run") -> None:
        self.run = run
        self.transport: asyncio.Transport | None = None
        self.due: float | None = None
        """When the post under way was due; None where none is."""
        self.received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for a post."""
        self.transport = transport  # type: ignore[assignment]  # TCP transports write
        self.run.free.append(self)

    def post(self, due: float, sent: bytes) -> None:
        """Send a post."""
        self.due = due
        assert self.transport is not None
        self.transport.write(sent)

    def data_received(self, data: bytes) -> None:
        """Count a whole answer."""
        self.received += data
        head, found, rest = self.received.partition(b"\r\n\r\n")
        lines = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
        if not found or len(rest) < int(lines[b"content-length"]):
            return
        self.received = b""
        status = head[9:12].decode()
        if status == "503" and b"retry-after" not in lines:
            status = "503 without Retry-After"
        self._answered(status)
        if lines.get(b"connection") == b"close":
            assert self.transport is not None
            self.transport.close()
        else:
            self.run.free.append(self)

    def _answered(self, outcome: str) -> None:
        assert self.due is not None
        seconds = asyncio.get_running_loop().time() - self.due
        self.run.outcomes[outcome] += 1
        self.run.slowest[outcome] = max(self.run.slowest.get(outcome, 0.0), seconds)
        self.due = None

    def connection_lost(self, exc: Exception | None) -> None:
        """Count a post that was cut, and connect again."""
        del exc
        if self in self.run.free:
            self.run.free.remove(self)
        if self.due is not None:
            self._answered("cut")
        self.run.connect()


class Run:
    """One run: its connections, and what became of the posts."""

    def __init__(self, port: int, key: str, rate: float, seed: int) -> None:
        self.port, self.key, self.rate = port, key, rate
        self.chance = random.Random(seed)  # noqa: S311 - played load
        self.free: list[Connection] = []
        self.outcomes: Counter[str] = Counter()
        self.slowest: dict[str, float] = {}
        self._ending = False
        self._opening: set[asyncio.Task[object]] = set()

    def connect(self) -> None:
        """Open one more connection, unless the run is ending."""
        if not self._ending:
            loop = asyncio.get_running_loop()
            opening = loop.create_task(loop.create_connection(lambda: Connection(self), "127.0.0.1", self.port))
            self._opening.add(opening)
            opening.add_done_callback(self._opening.discard)

    async def measure(self, seconds: float, connections: int) -> dict[str, float]:
        """Post for so long on so many connections; return counts and the slowest answer (seconds) by outcome."""
        for _ in range(connections):
            self.connect()
        await asyncio.gather(*self._opening)
        loop = asyncio.get_running_loop()
        begins, posts = loop.time(), round(seconds * self.rate)
        for number in range(posts):
            due = begins + number / self.rate
            if (wait := due - loop.time()) > 0:
                await asyncio.sleep(wait)
            await self._post(number, due)
        self._ending = True
        async with asyncio.timeout(LAST_SECONDS):
            while self.outcomes.total() < posts:  # noqa: ASYNC110 - an answer wakes nobody here
                await asyncio.sleep(0.01)
        slowest = {f"slowest {name}": round(value, 3) for name, value in self.slowest.items()}
        return {"posts": posts, **self.outcomes, **slowest}

    async def _post(self, number: int, due: float) -> None:
        while not self.free:  # noqa: ASYNC110 - an answer wakes nobody here
            await asyncio.sleep(0.001)
        chosen = self.free.pop(self.chance.randrange(len(self.free)))
        body = (BODY % ("steady", number, number % FIRMS, number, "steady", number)).encode()
        head = (
            f"POST /v1/contacts HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {self.key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        chosen.post(due, head.encode() + body)


if __name__ == "__main__":
    PORT, KEY, FOR, CONNECTIONS, RATE, SEED = sys.argv[1:]
    FOUND = asyncio.run(Run(int(PORT), KEY, float(RATE), int(SEED)).measure(float(FOR), int(CONNECTIONS)))
    sys.stdout.write(json.dumps(FOUND) + "\n")
