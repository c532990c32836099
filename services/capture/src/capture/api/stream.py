"""Contacts as a stream of lines: taken in while they arrive, answered line by line, in flat memory.

Reading, committing and answering overlap. Many clients send their whole stream before they read an answer; so answers
may wait, up to a bound, and only beyond it does the reading stop until the client listens.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any, NamedTuple

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from capture.api.intake import ItemAnswer, ItemKind, SubmissionGatherer, UnreadableLine
from capture.handlers.commands.submissions import Claim
from events.runtime.bodies import NDJSON, parse_json
from events.runtime.problems import Problem

IN_FLIGHT = 4
"""Groups of lines that are validated and committed while the next is read."""

Groups = asyncio.Queue[asyncio.Task[list[ItemAnswer]] | None]

TOO_LONG = UnreadableLine(413, "line_too_long")


async def parse_line_groups(chunks: AsyncIterator[bytes], limit: int) -> AsyncIterator[list[Any]]:
    """Split a stream into groups of parsed lines; a line beyond `limit` bytes is passed over in flat memory."""
    rest, too_long = b"", False
    async for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        group = []
        for line in whole:
            if too_long:
                group.append(TOO_LONG)
                too_long = False
            elif line := line.strip():
                group.append(_parse_line_or_fault(line, limit))
        if len(rest) > limit:
            rest, too_long = b"", True
        if group:
            yield group
    if too_long:
        yield [TOO_LONG]
    elif rest.strip():
        yield [_parse_line_or_fault(rest, limit)]


def _parse_line_or_fault(line: bytes, limit: int) -> Any:
    if len(line) > limit:
        return TOO_LONG
    try:
        return parse_json(line)
    except Problem as unreadable:
        return UnreadableLine(unreadable.status, unreadable.code)


class _AnswerQueue:
    """Answers on their way to the client, at most `limit` bytes of them."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._queued_bytes = 0
        self._queue: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._has_space = asyncio.Event()
        self._has_space.set()

    def put(self, text: bytes | None) -> None:
        self._queued_bytes += len(text or b"")
        if self._queued_bytes > self._limit:
            self._has_space.clear()
        self._queue.put_nowait(text)

    async def wait_for_space(self) -> None:
        await self._has_space.wait()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while (text := await self._queue.get()) is not None:
            yield text
            self._queued_bytes -= len(text)
            if self._queued_bytes <= self._limit:
                self._has_space.set()


class VerifiedBody(NamedTuple):
    """A body whose signature was checked, and the claim of the message that it is."""

    body: bytes
    claim: Claim | None


class StreamedAnswersResponse(Response):
    """Answers each line of the request, then the counts. Nothing else reads the request, unless it was `signed`."""

    media_type = NDJSON

    def __init__(
        self,
        intake: SubmissionGatherer,
        kind: ItemKind,
        line_limit: int,
        answers_limit: int,
        signed: VerifiedBody | None = None,
    ) -> None:
        super().__init__()
        del self.headers["content-length"]
        self._intake = intake
        self._kind = kind
        self._line_limit = line_limit
        self._signed = signed
        self._answers = _AnswerQueue(answers_limit)
        self._counts = Counter(accepted=0, duplicate=0, rejected=0)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        await send(start)
        reading = asyncio.create_task(self._accept_lines_until_end(Request(scope, receive)))
        try:
            async for text in self._answers:
                await send({"type": "http.response.body", "body": text, "more_body": True})
            await reading
        finally:
            reading.cancel()
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _accept_lines_until_end(self, request: Request) -> None:
        """Take the lines in, group by group; ends the answers whatever happens."""
        groups: Groups = asyncio.Queue(IN_FLIGHT)
        writing = asyncio.create_task(self._write_answers(groups))
        try:
            with suppress(ClientDisconnect):  # the whole lines that arrived are taken in all the same
                await self._accept_line_groups(request, groups)
            await groups.put(None)
            await writing
        finally:
            writing.cancel()
            self._answers.put(None)

    async def _accept_line_groups(self, request: Request, groups: Groups) -> None:
        index = 0
        chunks = request.stream() if self._signed is None else _body_as_stream(self._signed.body)
        message = self._signed and self._signed.claim
        async for group in parse_line_groups(chunks, self._line_limit):
            await self._answers.wait_for_space()
            await groups.put(asyncio.create_task(self._intake.take_many_or_report(group, self._kind, index, message)))
            index += len(group)

    async def _write_answers(self, groups: Groups) -> None:
        """Write the answers of each group in the order of the lines, then the counts."""
        while (taking := await groups.get()) is not None:
            items = await taking
            self._counts.update(item["status"] for item in items)
            self._answers.put(b"".join(orjson.dumps(item) + b"\n" for item in items))
        self._answers.put(orjson.dumps(name_counts_for_answer(self._counts)) + b"\n")


async def _body_as_stream(body: bytes) -> AsyncIterator[bytes]:
    yield body


def name_counts_for_answer(of: "Counter[str]") -> dict[str, int]:
    """Return the counts under the names of the answer."""
    return {
        "accepted": of["accepted"],
        "duplicates": of["duplicate"],
        "rejected": of["rejected"],
    }
