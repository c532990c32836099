"""An open-loop client: posts are due at a steady rate whatever the answers take, and each one's fate is counted.

The connections are kept alive and used in no order, so some rest for long, as those of proxies do. With Kafka's
address, each contact's way from its 202 to `lead.assigned` in a consumer's hands is measured too.

Usage: python -m tests.bench.steady PORT KEY SECONDS CONNECTIONS RATE SEED [KAFKA]; prints one JSON document.
"""

import asyncio
import json
import random
import sys
from collections import Counter
from collections.abc import Sequence
from typing import Self

import uvloop
from aiokafka import AIOKafkaConsumer

from events.topics import LEADS_ASSIGNED
from tests.bench.posting import BODY

FIRMS, RUN_APART = 1_000_000, 7_919
"""Each run's visitors are of other companies than those of the runs before: a colleague costs an event more."""
LAST_SECONDS = 5.0
"""How long answers are waited for after the last post."""
ASSIGNED_SECONDS = 30.0
"""How long the last assignment is waited for, at most, after the last answer."""
Figures = dict[str, float]


ID = b'"contact_id":"'


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
        if status == "202":
            self.run.taken[rest[rest.index(ID) + len(ID) :][:36]] = asyncio.get_running_loop().time()
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
        self.run.seconds.setdefault(outcome, []).append(seconds)
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
        self.seed = seed
        """Different runs on one database are different people."""
        self.chance = random.Random(seed)  # noqa: S311 - played load
        self.free: list[Connection] = []
        self.outcomes: Counter[str] = Counter()
        self.seconds: dict[str, list[float]] = {}
        """How long the answers took, counted from when each was due, by outcome."""
        self.taken: dict[bytes, float] = {}
        """When the 202 of each contact came."""
        self._ending = False
        self._opening: set[asyncio.Task[object]] = set()

    def connect(self) -> None:
        """Open one more connection, unless the run is ending."""
        if not self._ending:
            loop = asyncio.get_running_loop()
            opening = loop.create_task(loop.create_connection(lambda: Connection(self), "127.0.0.1", self.port))
            self._opening.add(opening)
            opening.add_done_callback(self._opening.discard)

    async def measure(self, seconds: float, connections: int) -> Figures:
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
        return {"posts": posts, **self.outcomes, **self._spread()}

    def _spread(self) -> Figures:
        found = {f"slowest {name}": round(max(values), 3) for name, values in self.seconds.items()}
        return found | percentiles("answered", self.seconds.get("202", ()))

    async def _post(self, number: int, due: float) -> None:
        while not self.free:  # noqa: ASYNC110 - an answer wakes nobody here
            await asyncio.sleep(0.001)
        chosen = self.free.pop(self.chance.randrange(len(self.free)))
        firm = (number + self.seed * RUN_APART) % FIRMS
        body = (BODY % (self.seed, number, firm, number, self.seed, number)).encode()
        head = (
            f"POST /v1/contacts HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {self.key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        chosen.post(due, head.encode() + body)


def percentiles(name: str, seconds: Sequence[float]) -> Figures:
    """Return the median and the 99th of a hundred, in milliseconds; nothing of nothing."""
    ordered = sorted(seconds)
    places = (("p50", 0.5), ("p99", 0.99)) if ordered else ()
    return {f"{name}_ms_{label}": round(1000 * ordered[int(len(ordered) * place)], 1) for label, place in places}


class Assignments:
    """An ordinary consumer of `lead.assigned`, and when it had each contact's."""

    def __init__(self, servers: str) -> None:
        self.client = AIOKafkaConsumer(LEADS_ASSIGNED.name, bootstrap_servers=servers, auto_offset_reset="latest")
        self.at: dict[bytes, float] = {}
        self._reading: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self.client.start()
        await self.client.seek_to_end()
        self._reading = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._reading is not None
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)
        await self.client.stop()

    async def _read(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            for records in (await self.client.getmany(timeout_ms=1_000)).values():
                for record in records:
                    self.at.setdefault(record.key, loop.time())

    async def after(self, taken: dict[bytes, float]) -> Figures:
        """Wait for all that were taken; return how long after its 202 each was assigned."""
        loop = asyncio.get_running_loop()
        ended = loop.time()
        while not taken.keys() <= self.at.keys() and loop.time() < ended + ASSIGNED_SECONDS:  # noqa: ASYNC110 - a record wakes nobody
            await asyncio.sleep(0.05)
        waits = [self.at[key] - at for key, at in taken.items() if key in self.at]
        late = max(self.at.values(), default=ended) - ended
        return {
            **percentiles("assigned", waits),
            "assigned_seconds_after_the_end": round(max(0.0, late), 3),
            "never_assigned": len(taken) - len(waits),
        }


async def main(run: Run, seconds: float, connections: int, servers: Sequence[str]) -> Figures:
    """Measure a run, and with Kafka's address what became of its leads."""
    if not servers:
        return await run.measure(seconds, connections)
    async with Assignments(servers[0]) as assignments:
        return await run.measure(seconds, connections) | await assignments.after(run.taken)


if __name__ == "__main__":
    PORT, KEY, FOR, CONNECTIONS, RATE, SEED, *KAFKA = sys.argv[1:]
    STARTED = Run(int(PORT), KEY, float(RATE), int(SEED))
    FOUND = uvloop.run(main(STARTED, float(FOR), int(CONNECTIONS), KAFKA))
    sys.stdout.write(json.dumps(FOUND) + "\n")
