"""A client that says exactly the bytes it is given, and reads any answer to its end."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from http import HTTPStatus

ANSWER_SECONDS = 20.0
LONGEST_ANSWER = 16_777_216


@dataclass(frozen=True)
class Shot:
    """One request: where to, as what, and its body."""

    path: str
    kind: str
    body: bytes


@dataclass
class Findings:
    """What came of all of them."""

    statuses: Counter[int] = field(default_factory=Counter)
    broken: list[tuple[int | str, Shot]] = field(default_factory=list)
    slowest: float = 0.0


class Line:
    """One keep-alive connection."""

    def __init__(self, port: int, key: str) -> None:
        self._port = port
        self._key = key
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, shot: Shot) -> int:
        """Send one request; gives the status of the whole answer."""
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port, limit=LONGEST_ANSWER)
        reader, writer = self._streams
        head = (
            f"POST {shot.path} HTTP/1.1\r\nHost: fuzz\r\nAuthorization: Bearer {self._key}\r\n"
            f"Content-Type: {shot.kind}\r\nContent-Length: {len(shot.body)}\r\n\r\n"
        )
        writer.write(head.encode() + shot.body)
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower().splitlines()
        headers = dict(line.split(": ", 1) for line in lines if ": " in line)
        if headers.get("transfer-encoding") == "chunked":
            await reader.readuntil(b"0\r\n\r\n")
        else:
            await reader.readexactly(int(headers.get("content-length", "0")))
        if headers.get("connection") == "close":
            self.hang_up()
        return int(first.split()[1])

    def hang_up(self) -> None:
        """End the connection."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


async def fire(port: int, key: str, shots: Iterator[Shot], findings: Findings) -> None:
    """Send one shot after the other; no answer is a finding like a 5xx; a busy machine may say 503."""
    line = Line(port, key)
    loop = asyncio.get_running_loop()
    for shot in shots:
        started = loop.time()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                status = await line.post(shot)
        except (TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
            findings.broken.append((type(error).__name__, shot))
            line.hang_up()
            continue
        findings.statuses[status] += 1
        findings.slowest = max(findings.slowest, loop.time() - started)
        if status >= 500 and status != HTTPStatus.SERVICE_UNAVAILABLE:
            findings.broken.append((status, shot))
    line.hang_up()
