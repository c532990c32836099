"""CSV imports: a file in one request, taken in while it arrives; what is rejected is there to download and repair."""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

import orjson
from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field, TypeAdapter, ValidationError
from starlette.requests import ClientDisconnect
from starlette.responses import Response, StreamingResponse

from capture import handlers
from capture.api.door import Door, Item, Refusal, door_of
from capture.api.gate import gate_of, sender_of_many
from capture.domain.sheet import Columns, MappingRefused, Records, write
from capture.domain.submission import Submission
from capture.handlers import Incoming
from capture.settings import CaptureSettings
from events.runtime import Service
from events.runtime.bodies import JSON, media_type
from events.runtime.problems import Problem
from events.runtime.queries import Word
from events.runtime.security import Caller
from events.runtime.web import ServiceDep, requires

router = APIRouter()

CSV = "text/csv"
IN_FLIGHT = 4
SHOWN = 20
"""Rows of a preview."""
PAGE = 500
_BODY = {"requestBody": {"required": True, "content": {CSV: {"schema": {"type": "string"}}}}}
_UNREADABLE = Refusal(400, "row_unreadable")
_MAPPING = TypeAdapter(dict[Annotated[str, Field(max_length=100)], Annotated[str, Field(max_length=300)] | None])

Numbered = tuple[int, list[str] | None]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a file beside its rows."""

    mapping: dict[str, str | None]
    defaults: dict[str, str]
    per_day: int | None


def _asked(  # noqa: PLR0917 - a query has no order
    mapping: Annotated[str | None, Query(max_length=6_000, description="JSON: field to column")] = None,
    source: Word | None = None,
    engagement: Word | None = None,
    campaign: Annotated[str | None, Query(max_length=200)] = None,
    country: Annotated[str | None, Query(pattern="^[A-Z]{2}$")] = None,
    per_day: Annotated[int | None, Query(ge=1, le=1_000_000)] = None,
) -> Asked:
    try:
        columns = _MAPPING.validate_json(mapping or "{}")
    except ValidationError:
        raise Problem(422, "mapping_invalid", field="mapping") from None
    given = {"source": source or "import", "engagement": engagement, "campaign": campaign, "country": country}
    return Asked(columns, {name: value for name, value in given.items() if value is not None}, per_day)


class File:
    """The rows of a request's body, in groups, numbered as a spreadsheet numbers them."""

    def __init__(self, request: Request, limit: int) -> None:
        self._chunks = request.stream()
        self._records = Records(limit)
        self._read = 0
        self._ahead: list[Numbered] = []

    async def columns(self, asked: Asked) -> Columns:
        """Read the header."""
        async for group in self.groups():
            header, *self._ahead = group
            if header[1] is None:
                raise Problem(422, "header_invalid", field="body")
            try:
                return Columns.of(header[1], asked.mapping, asked.defaults)
            except MappingRefused as refused:
                raise Problem(422, refused.code, field="mapping") from None
        raise Problem(400, "body_empty", field="body")

    async def groups(self) -> AsyncIterator[list[Numbered]]:
        """Give the rows as they arrive."""
        if self._ahead:
            ahead, self._ahead = self._ahead, []
            yield ahead
        try:
            async for chunk in self._chunks:
                if group := self._number(list(self._records.feed(chunk))):
                    yield group
        except ClientDisconnect:
            raise Problem(400, "body_incomplete", field="body") from None
        if group := self._number(list(self._records.end())):
            yield group

    def _number(self, rows: Sequence[list[str] | None]) -> list[Numbered]:
        first, self._read = self._read + 1, self._read + len(rows)
        return list(enumerate(rows, first))


def _settings(service: Service) -> CaptureSettings:
    if not isinstance(service.settings, CaptureSettings):
        raise TypeError(service.settings)
    return service.settings


class Run:
    """One import: reading, taking in and noting overlap, in the order of the rows."""

    def __init__(self, service: Service, door: Door, import_id: UUID, columns: Columns, per_day: int | None) -> None:
        self.import_id = import_id
        self._service = service
        self._door = door
        self._columns = columns
        self._per_day = per_day

    async def take(self, file: File, sent_by: str) -> dict[str, Any]:
        """Take a file in, to its end."""
        async with self._service.transaction() as tx:
            await handlers.begin_import(self.import_id, self._columns, self._per_day, sent_by, tx)
        running: deque[asyncio.Task[list[Item]]] = deque()
        groups: deque[list[Numbered]] = deque()
        try:
            async for group in file.groups():
                groups.append(group)
                running.append(asyncio.create_task(self._take(group)))
                if len(running) >= IN_FLIGHT:
                    await self._note(groups.popleft(), await running.popleft())
            while running:
                await self._note(groups.popleft(), await running.popleft())
        except BaseException:
            for task in running:
                task.cancel()
            async with self._service.transaction() as tx:
                await handlers.break_off(self.import_id, tx)
            raise
        async with self._service.transaction() as tx:
            return await handlers.end_import(self.import_id, tx)

    def _told(self, cells: list[str] | None) -> Any:
        return _UNREADABLE if cells is None else self._columns.told(cells)

    async def _take(self, group: list[Numbered]) -> list[Item]:
        if self._per_day is None:
            return await self._door.take_many([self._told(cells) for _, cells in group])
        good: list[tuple[int, Submission, dict[str, Any]]] = []
        items: list[Item] = []
        rows = [self._told(cells) for _, cells in group]
        for (number, _), told, found in zip(group, rows, await self._door.read_many(rows), strict=True):
            if isinstance(found, Incoming):
                good.append((number, found.submission, told | {"phone": found.submission.phone}))
                items.append({"status": "waiting"})
            else:
                items.append({"status": "rejected", "problem": found})
        async with self._service.transaction() as tx:
            await handlers.keep_for_release(self._door.keyring, self.import_id, good, tx)
        return items

    async def _note(self, group: list[Numbered], items: Sequence[Item]) -> None:
        found = Counter[str](rows=len(items))
        rejected = []
        for (number, cells), item in zip(group, items, strict=True):
            found[_COUNTED[item["status"]]] += 1
            if item["status"] == "rejected":
                rejected.append({"row": number, "cells": cells, **item["problem"]["errors"][0]})
        async with self._service.transaction() as tx:
            await handlers.note_rows(self.import_id, found, rejected, tx)


_COUNTED = {"accepted": "accepted", "duplicate": "duplicates", "rejected": "rejected", "waiting": "waiting"}


@router.post("/imports", status_code=202, openapi_extra=_BODY)
async def post_import(  # noqa: PLR0917 - FastAPI fills them in by name
    request: Request,
    service: ServiceDep,
    caller: Annotated[Caller, Depends(sender_of_many)],
    asked: Annotated[Asked, Depends(_asked)],
    import_id: UUID | None = None,
    preview: Literal["true", "false"] = "false",
) -> Response:
    """Take a CSV file in. A 202 means that every row is on disk or among the rejects; a preview keeps nothing."""
    media_type(request, CSV)
    if await gate_of(request).source_of(caller) not in (None, asked.defaults["source"]):
        raise Problem(403, "source_refused", field="source")
    file = File(request, _settings(service).line_limit)
    columns = await file.columns(asked)
    if preview == "true":
        return Response(orjson.dumps(await _previewed(door_of(request), file, columns)), 200, media_type=JSON)
    run = Run(service, door_of(request), import_id or uuid4(), columns, asked.per_day)
    found = await run.take(file, caller.key_id)
    headers = {"Location": f"/v1/imports/{run.import_id}"}
    return Response(orjson.dumps(found, default=str), 202, headers, JSON)


async def _previewed(door: Door, file: File, columns: Columns) -> dict[str, Any]:
    """Read all rows and keep none: what the columns mean, what would be taken, and why not."""
    counts: Counter[str] = Counter(good=0, bad=0)
    sample: list[dict[str, Any]] = []
    rejected: list[dict[str, Any]] = []
    async for group in file.groups():
        rows = [_UNREADABLE if cells is None else columns.told(cells) for _, cells in group]
        for (number, _), told, found in zip(group, rows, await door.read_many(rows), strict=True):
            counts["good" if isinstance(found, Incoming) else "bad"] += 1
            if isinstance(found, Incoming):
                sample += [{"row": number, "told": told}] if len(sample) < SHOWN else []
            elif len(rejected) < SHOWN:
                rejected.append({"row": number, **found["errors"][0]})
    places = {field: columns.header[place] for field, place in columns.places}
    unmapped = [column for column in columns.header if column not in places.values()]
    return {**counts, "mapping": places, "unmapped": unmapped, "sample": sample, "rejected": rejected}


@router.get("/imports/{import_id}")
async def show_import(service: ServiceDep, _: Annotated[Caller, requires("leads:read")], import_id: UUID) -> Response:
    """Give an import's progress: rows read, accepted, duplicates, rejected, and those that wait for their day."""
    async with service.transaction() as tx:
        found = await handlers.show_import(import_id, tx)
    return Response(orjson.dumps(found, default=str), media_type=JSON)


@router.get("/imports/{import_id}/rejects")
async def download_rejects(
    service: ServiceDep, _: Annotated[Caller, requires("capture:write")], import_id: UUID
) -> Response:
    """Give the rows that were not taken as CSV, each with its field and code, to be repaired and sent again."""
    async with service.transaction() as tx:
        found = await handlers.show_import(import_id, tx)
    headers = {"Content-Disposition": f'attachment; filename="rejects-{import_id}.csv"'}
    return StreamingResponse(_written(service, import_id, found["header"]), headers=headers, media_type=CSV)


async def _written(service: Service, import_id: UUID, header: list[str]) -> AsyncIterator[bytes]:
    yield write([[*header, "row", "field", "code"]])
    after = 0
    while True:
        async with service.transaction() as tx:
            rows = await handlers.show_rejects(import_id, after, PAGE, tx)
        if not rows:
            return
        width = len(header)
        cells = ([*(row["cells"] or []), *[""] * width][:width] for row in rows)
        told = ([str(row["row"]), row["field"], row["code"]] for row in rows)
        yield write([*one, *other] for one, other in zip(cells, told, strict=True))
        after = rows[-1]["row"]
