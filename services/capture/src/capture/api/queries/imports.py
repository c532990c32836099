"""How far an import is, and its rejected rows as a file to repair."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response, StreamingResponse

from capture import handlers
from capture.api import answers
from capture.api.gate import requires_right_to_change
from capture.domain.sheet import write_csv
from capture.handlers.errors import find_reason_text
from events.runtime import Service
from events.runtime.bodies import describe_answer
from events.runtime.json_answers import json_answer
from events.runtime.queries import Cursor, Limit, read_cursor, write_cursor
from events.runtime.security import Caller
from events.runtime.web import ServiceDep, requires

router = APIRouter()

CSV = "text/csv"
PAGE = 500
_REJECTED = describe_answer(CSV, says="The rejected rows")
BOM = b"\xef\xbb\xbf"
"""What makes a spreadsheet read our CSV as UTF-8."""


@router.get("/mappings", response_model=answers.SavedMappingsAnswer)
async def show_mappings(service: ServiceDep, _: Annotated[Caller, requires_right_to_change()]) -> Response:
    """Return all saved mappings, by name."""
    async with service.transaction() as tx:
        items = await handlers.show_mappings(tx)
    return json_answer({"items": [{"name": item.name, **item.asked} for item in items]})


@router.get("/imports", response_model=answers.ImportsPage)
async def list_imports(
    service: ServiceDep, _: Annotated[Caller, requires("leads:read")], limit: Limit = 100, cursor: Cursor = None
) -> Response:
    """List imports with their progress, the latest first."""
    after: Any = read_cursor(cursor, datetime, UUID)
    async with service.transaction() as tx:
        items = await handlers.show_imports(limit, after, tx)
    last = items[-1] if len(items) == limit else None
    return json_answer({"items": items, "next": write_cursor(last.begun_at, last.import_id) if last else None})


@router.get("/imports/{import_id}", response_model=answers.ImportProgressAnswer)
async def show_import(service: ServiceDep, _: Annotated[Caller, requires("leads:read")], import_id: UUID) -> Response:
    """Return an import's progress: rows read, accepted, duplicates, rejected, and those that wait for their day."""
    async with service.transaction() as tx:
        found = await handlers.show_import(import_id, tx)
    return json_answer(found)


@router.get("/imports/{import_id}/rejects", response_class=StreamingResponse, responses=_REJECTED)
async def download_rejects(
    service: ServiceDep, _: Annotated[Caller, requires_right_to_change()], import_id: UUID
) -> Response:
    """Return the rows that were not taken as CSV, each with its field and code, to be repaired and sent again."""
    async with service.transaction() as tx:
        found = await handlers.show_import(import_id, tx)
    headers = {"Content-Disposition": f'attachment; filename="rejects-{import_id}.csv"'}
    return StreamingResponse(_rejects_as_csv(service, import_id, found.header), headers=headers, media_type=CSV)


async def _rejects_as_csv(service: Service, import_id: UUID, header: list[str]) -> AsyncIterator[bytes]:
    async with service.transaction() as tx:
        width = max(len(header), await handlers.count_cells_of_widest_reject(import_id, tx))
    more = [f"more cells {number}" for number in range(1, width - len(header) + 1)]
    yield BOM + write_csv([[*header, *more, "row", "field", "code", "reason"]])
    after = 0
    while True:
        async with service.transaction() as tx:
            rows = await handlers.show_rejects(import_id, after, PAGE, tx)
        if not rows:
            return
        cells = ([*(row.cells or []), *[""] * width][:width] for row in rows)
        why = ([str(row.row), row.field, row.code, find_reason_text(row.code)] for row in rows)
        yield write_csv([*row, *reasons] for row, reasons in zip(cells, why, strict=True))
        after = rows[-1].row
