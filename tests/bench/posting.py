"""A client that posts as fast as it is answered, or at a steady rate; light enough that the server is what is measured.

Usage: python -m tests.bench.posting PORT KEY SECONDS CONNECTIONS RUN RATE; prints one JSON document. Rate 0: no pauses.
"""

import asyncio
import itertools
import json
import sys
import time

import uvloop

BODY = (
    '{"email":"p%s-%d@firm-%d.com","first_name":"Ana","last_name":"Souza","company":"Firm %d","country":"DE",'
    '"job_title":"Head of Marketing","industry":"software","employees":300,"source":"web_form",'
    '"engagement":"demo_request","campaign":"spring","utm":{"source":"google","medium":"cpc"},'
    '"facts":{"origin":"organic search","seats":25},"event_id":"%s-%d"}'
)
FIRMS = 5000


class Load:
    """What all connections share: the numbers, the end, the answers' times."""

    def __init__(self, key: str, run: str, end: float, pause: float) -> None:
        self.key = key
        self.run = run
        self.end = end
        self.pause = pause
        """Seconds between two posts of one connection; an answer that takes longer delays the next, and that counts."""
        self.numbers = itertools.count(1)
        self.taken: list[float] = []
        self.refused = 0
        self.port = 0
        self.calls: set[asyncio.Task[object]] = set()

    def again(self, poster: "Poster") -> None:
        """Connect once more."""
        loop = asyncio.get_running_loop()
        call = loop.create_task(loop.create_connection(lambda: poster, "127.0.0.1", self.port))
        self.calls.add(call)
        call.add_done_callback(self.calls.discard)


class Poster(asyncio.Protocol):
    """One keep-alive connection: post, wait for the answer, post again."""

    def __init__(self, load: Load, begins: float = 0.0) -> None:
        self.load = load
        self.due = time.perf_counter() + begins
        self.heard = b""
        self.sent_at = 0.0
        self.transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self.transport = transport  # type: ignore[assignment]  # TCP transports write
        self._post_in_time()

    def _post_in_time(self) -> None:
        wait = self.due - time.perf_counter()
        if self.load.pause and wait > 0:
            asyncio.get_running_loop().call_later(wait, self._post)
        else:
            self._post()

    def _post(self) -> None:
        load, number = self.load, next(self.load.numbers)
        body = (BODY % (load.run, number, number % FIRMS, number, load.run, number)).encode()
        head = (
            f"POST /v1/contacts HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {load.key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self.sent_at = self.due if load.pause else time.perf_counter()
        self.due += load.pause
        assert self.transport is not None
        self.transport.write(head.encode() + body)

    def data_received(self, data: bytes) -> None:
        """Note a whole answer and go on."""
        self.heard += data
        head, found, rest = self.heard.partition(b"\r\n\r\n")
        if not found or len(rest) < int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]):
            return
        now = time.perf_counter()
        self.load.taken.append(now - self.sent_at)
        self.load.refused += not head.startswith(b"HTTP/1.1 202")
        self.heard = b""
        if now < self.load.end and b"\r\nconnection: close" not in head.lower():
            self._post_in_time()
        elif self.transport is not None:
            self.transport.close()

    def connection_lost(self, _: Exception | None) -> None:
        """Come again at once, as impatient clients do."""
        if time.perf_counter() < self.load.end:
            self.load.again(self)


async def main(port: int, key: str, seconds: float, connections: int, *, run: str, rate: float) -> None:
    """Post from so many connections for so long, `rate` times a second in all (0: as fast as answered)."""
    load = Load(key, run, time.perf_counter() + seconds, connections / rate if rate else 0.0)
    load.port = port
    loop = asyncio.get_running_loop()
    for number in range(connections):
        poster = Poster(load, load.pause * number / connections)
        await loop.create_connection(lambda poster=poster: poster, "127.0.0.1", port)  # type: ignore[misc]
    await asyncio.sleep(seconds + 0.5)
    load.taken.sort()
    figures = {
        "per_second": len(load.taken) / seconds,
        "refused": load.refused,
        "slowest_ms": 1000 * load.taken[-1],
        "p50_ms": 1000 * load.taken[len(load.taken) // 2],
        "p99_ms": 1000 * load.taken[int(len(load.taken) * 0.99)],
    }
    sys.stdout.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    PORT, KEY, FOR, CONNECTIONS, RUN, RATE = sys.argv[1:]
    uvloop.run(main(int(PORT), KEY, float(FOR), int(CONNECTIONS), run=RUN, rate=float(RATE)))
