"""A client that streams contacts in one request, as fast as they are taken, and reads every answer.

Usage: python -m tests.bench.streaming PORT KEY PATH TYPE CONTACTS PADDING RUN; prints one JSON document. `PADDING` is
the number of further bytes in each line.
"""

import asyncio
import json
import sys
import time
from collections.abc import Iterator

import orjson
import uvloop

FIRMS = 5000
HEADER = (
    "email,first_name,last_name,company,country,job_title,industry,employees,source,engagement,campaign,facts.seats"
)
AT_ONCE = 200
"""Lines a chunk."""


def _json_line(run: str, number: int, padding: dict[str, str]) -> bytes:
    firm = number % FIRMS
    return orjson.dumps(
        {
            "email": f"{run}-{number}@firm-{firm}.com", "first_name": "Ana", "last_name": "Souza",
            "company": f"Firm {firm}", "country": "DE", "job_title": "Head of Marketing", "industry": "software",
            "employees": 300, "source": "import", "engagement": "demo_request", "campaign": "spring",
            "facts": {"seats": 25, **padding}, "event_id": f"{run}-{number}",
        },
        option=orjson.OPT_APPEND_NEWLINE,
    )  # fmt: skip


def _csv_line(run: str, number: int, padding: dict[str, str]) -> bytes:
    firm = number % FIRMS
    cells = ",".join(padding.values())
    return (
        f"{run}-{number}@firm-{firm}.com,Ana,Souza,Firm {firm},DE,Head of Marketing,software,300,import,demo_request,"
        f"spring,25{cells and ','}{cells}\n"
    ).encode()


def chunks(kind: str, run: str, contacts: int, padding: int) -> Iterator[bytes]:
    """Return the body, piece by piece."""
    extra = {f"note{n}": "x" * 1000 for n in range(padding // 1000)}
    line = _csv_line if kind == "text/csv" else _json_line
    if kind == "text/csv":
        yield (",".join([HEADER, *(f"facts.{name}" for name in extra)]) + "\n").encode()
    for first in range(0, contacts, AT_ONCE):
        yield b"".join(line(run, number, extra) for number in range(first, min(first + AT_ONCE, contacts)))


async def _send(writer: asyncio.StreamWriter, body: Iterator[bytes]) -> int:
    total = 0
    for chunk in body:
        writer.write(b"%x\r\n%b\r\n" % (len(chunk), chunk))
        total += len(chunk)
        await writer.drain()
    writer.write(b"0\r\n\r\n")
    await writer.drain()
    return total


async def stream(port: int, key: str, path: str, kind: str, body: Iterator[bytes]) -> dict[str, float]:
    """Send one stream; gives its figures and the last line of the answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 24)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {key}\r\nContent-Type: {kind}\r\n"
        "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    )
    started = time.perf_counter()
    writer.write(head.encode())
    sending = asyncio.create_task(_send(writer, body))
    tail = b""
    while part := await reader.read(1 << 18):
        tail = (tail + part)[-4096:]
    seconds = time.perf_counter() - started
    sent = await sending
    writer.close()
    last = next(line for line in reversed(tail.splitlines()) if line.startswith(b"{"))
    return {"seconds": seconds, "bytes": sent, "answer": json.loads(last)}


if __name__ == "__main__":
    port, key, path, kind, contacts, padding, run = sys.argv[1:]
    body = chunks(kind, run, int(contacts), int(padding))
    figures = uvloop.run(stream(int(port), key, path, kind, body))
    sys.stdout.write(json.dumps(figures))
