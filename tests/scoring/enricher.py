"""An enrichment service of a company's own: a real HTTP server that stores what it is asked, and answers as told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson


@dataclass
class Enricher:
    """What was asked, and what to answer: status and body; the last answer repeats."""

    port: int = 0
    answers: list[tuple[int, Any]] = field(default_factory=lambda: [(204, None)])
    asked: list[tuple[dict[str, str], dict[str, Any]]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/companies"

    @property
    def questions(self) -> list[dict[str, Any]]:
        return [body for _, body in self.asked]

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
        self.asked.append((headers, orjson.loads(await reader.readexactly(int(headers["content-length"])))))
        status, body = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        content = body if isinstance(body, bytes) else b"" if body is None else orjson.dumps(body)
        writer.write(f"HTTP/1.1 {status} x\r\ncontent-length: {len(content)}\r\nconnection: close\r\n\r\n".encode())
        writer.write(content)
        await writer.drain()
        writer.close()


@asynccontextmanager
async def answering(*answers: tuple[int, Any]) -> AsyncIterator[Enricher]:
    """Listen on this machine."""
    enricher = Enricher(answers=list(answers) or [(204, None)])
    server = await asyncio.start_server(enricher.take, "127.0.0.1", 0)
    enricher.port = server.sockets[0].getsockname()[1]
    async with server:
        yield enricher
