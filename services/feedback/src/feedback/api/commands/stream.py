"""Commands as a stream: NDJSON in, an answer a line out while it still comes in; a bad line never spoils the others."""

import asyncio
import contextlib
from collections import Counter, deque
from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Request, Response
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from events.runtime import DomainError, Service, retry
from events.runtime.bodies import NDJSON, check_media_type, describe_lines, parse_json, validate_as
from events.runtime.commands import parse_idempotency_key
from events.runtime.problems import BodyInvalid, Problem, ProblemDocument, build_problem
from events.runtime.security import RESTRICTED_ROLES, Caller
from events.runtime.web import ServiceDep, requires
from events.runtime.yielding import yielding_to_others
from feedback.api.answers import StreamedCommandAnswer
from feedback.api.commands.intake import get_batcher, make_command_order, make_problem_document
from feedback.domain.commands import COMMANDS
from feedback.domain.orders import CommandOrder
from feedback.handlers import CommandResult

BULK_PATH = "/v1/leads/commands"

MOST = 500
"""Commands that share a transaction."""
LONGEST = 65_536
"""Bytes of a line."""
IN_FLIGHT = 3
"""Groups of commands that are read, carried out or answered at the same time."""
MOST_WAITING = 32 * 1024 * 1024
"""Bytes of answers that wait for a client who sends everything before it reads."""

router = APIRouter(tags=["commands"])

Item = dict[str, object]
"""An answer without its number."""


class StreamedResponse(Response):
    """A response that is written while the request is still read, and waits for a client who does not listen yet.

    Starlette's own streaming response listens for the client on the side, and would swallow the rest of the body.
    """

    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        super().__init__(media_type=NDJSON)
        del self.headers["content-length"]
        self._chunks = chunks
        self._ready: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._waiting_bytes = 0
        self._drained = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send each chunk as soon as the client takes it."""
        del scope, receive
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._buffer_chunks())
            while (chunk := await self._ready.get()) is not None:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
                self._waiting_bytes -= len(chunk)
                self._drained.set()
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _buffer_chunks(self) -> None:
        with contextlib.suppress(ClientDisconnect):
            async for chunk in self._chunks:
                self._waiting_bytes += len(chunk)
                self._ready.put_nowait(chunk)
                while self._waiting_bytes > MOST_WAITING:
                    self._drained.clear()
                    await self._drained.wait()
        self._ready.put_nowait(None)


@router.post(
    BULK_PATH,
    response_class=Response,
    responses=describe_lines(StreamedCommandAnswer, says="A line for each command, and the counts as the last line"),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {NDJSON: {"schema": {"type": "string", "description": "One command a line."}}},
        }
    },
)
async def carry_out_stream(
    request: Request, service: ServiceDep, caller: Annotated[Caller, requires("leads:work", *RESTRICTED_ROLES)]
) -> Response:
    """Carry out commands, one a line.

    A line holds `lead_id`, `command`, the command's own fields and optionally `key` (or `idempotency_key`). Answers a
    line each with its `index` and `status`: `done`, `replayed`, or `refused` with its `code` and the problem. The
    counts are the last line.
    """
    check_media_type(request, NDJSON)
    return StreamedResponse(_stream_answers(request, service, caller))


async def _stream_answers(request: Request, service: Service, caller: Caller) -> AsyncIterator[bytes]:
    counts: Counter[str] = Counter(done=0, replayed=0, refused=0)
    flight: deque[tuple[set[UUID], asyncio.Task[list[Item | CommandResult]]]] = deque()
    lane = 0
    async for lines in _read_line_batches(request):
        read = [_parse_line(line, caller) async for line in yielding_to_others(lines)]
        leads = {order.lead_id for order in read if isinstance(order, CommandOrder)}
        for others, task in flight:
            if not leads.isdisjoint(others):  # commands on one lead keep their order
                await asyncio.wait([task])
        lane += 1
        flight.append((leads, asyncio.create_task(_carry_out_orders(read, service, lane))))
        if len(flight) == IN_FLIGHT:
            yield _number_and_encode_items(await flight.popleft()[1], counts)
    while flight:
        yield _number_and_encode_items(await flight.popleft()[1], counts)
    yield orjson.dumps(counts, option=orjson.OPT_APPEND_NEWLINE)


def _number_and_encode_items(items: Sequence[Item | CommandResult], counts: Counter[str]) -> bytes:
    """Number the answers and write them as lines."""
    lines = []
    for index, item in enumerate(items, start=counts.total()):
        if isinstance(item, CommandResult):
            fate = "replayed" if item.replayed else "done"
            lines.append(b'{"index":%d,"status":"%s",%s\n' % (index, fate.encode(), item.body[1:]))
        else:
            fate = "refused"
            lines.append(orjson.dumps({"index": index, **item}, option=orjson.OPT_APPEND_NEWLINE))
        counts[fate] += 1
    return b"".join(lines)


async def _read_line_batches(request: Request) -> AsyncIterator[list[bytes]]:
    """Yield the lines as they arrive, so many at a time; for a line that is too long, a marker."""
    rest, skipping = b"", False
    ready: list[bytes] = []
    async for chunk in request.stream():
        *whole, rest = (rest + chunk).split(b"\n")
        if skipping and whole:
            whole, skipping = whole[1:], False
        ready += [line if len(line) <= LONGEST else _TOO_LONG for line in whole if line.strip()]
        if len(rest) > LONGEST and not skipping:
            ready.append(_TOO_LONG)
            skipping = True
        rest = b"" if skipping else rest
        while len(ready) >= MOST:
            yield ready[:MOST]
            ready = ready[MOST:]
    ready += [rest] if rest.strip() else []
    for start in range(0, len(ready), MOST):
        yield ready[start : start + MOST]


_TOO_LONG = bytes(2)


async def _carry_out_orders(
    read: Sequence[CommandOrder | Item], service: Service, lane: int
) -> list[Item | CommandResult]:
    orders = [order for order in read if isinstance(order, CommandOrder)]
    results: Sequence[CommandResult | Item | DomainError] = []
    if orders:
        try:
            results = await get_batcher(service, lane).submit_many(orders)
        except Exception as error:
            if not retry.is_transient(error):
                raise
            later = _refused_item(build_problem(503, [{"field": "", "code": "unavailable"}]))
            results = [later] * len(orders)
    answers = iter(results)
    return [_item_or_result(order, next(answers)) if isinstance(order, CommandOrder) else order for order in read]


def _parse_line(line: bytes, caller: Caller) -> CommandOrder | Item:
    """Read a line as an order, or return its problem."""
    try:
        return _parse_command_order(line, caller)
    except Problem as problem:
        found = build_problem(problem.status, [{"field": problem.field or "", "code": problem.code}])
    except BodyInvalid as invalid:
        found = build_problem(422, invalid.errors)
    except DomainError as error:
        found = make_problem_document(error)
    return _refused_item(found)


def _refused_item(problem: ProblemDocument) -> Item:
    return {"status": "refused", "code": problem["errors"][0]["code"], "problem": problem}


def _parse_command_order(line: bytes, caller: Caller) -> CommandOrder:
    if line is _TOO_LONG:
        raise Problem(413, "line_too_long", field="body")
    fields = parse_json(line)
    if not isinstance(fields, dict):
        raise Problem(422, "object_expected", field="body")
    name = fields.pop("command", None)
    model = COMMANDS.get(name) if isinstance(name, str) else None
    if model is None:
        raise Problem(422, "missing" if name is None else "command_unknown", field="command")
    lead_id, key = _parse_lead_id(fields.pop("lead_id", None)), fields.pop("key", fields.pop("idempotency_key", None))
    if key is not None and not isinstance(key, str):
        raise Problem(422, "idempotency_key_invalid", field="key")
    return make_command_order(caller, lead_id, str(name), validate_as(model, fields), parse_idempotency_key(key, "key"))


def _parse_lead_id(text: Any) -> UUID:
    try:
        return UUID(text)
    except (ValueError, TypeError, AttributeError):
        raise Problem(422, "missing" if text is None else "uuid_parsing", field="lead_id") from None


def _item_or_result(order: CommandOrder, result: CommandResult | Item | DomainError) -> CommandResult | Item:
    if isinstance(result, CommandResult):
        return result
    found = _refused_item(make_problem_document(result)) if isinstance(result, DomainError) else result
    return {"lead_id": order.lead_id, **found}
