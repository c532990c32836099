"""The labelled history of leads for whoever models it: what was known when a lead qualified, and what became of it."""

import csv
import io
from collections.abc import AsyncIterator
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from fastapi import APIRouter, Query
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from events.runtime import Service
from events.runtime.bodies import NDJSON, describe_lines
from events.runtime.web import ServiceDep
from events.spreadsheets import neutralize_cell
from feedback import store
from feedback.api.answers import ExportedLead
from feedback.api.queries.readers import Day, Reader

router = APIRouter(tags=["reports"])

PAGE = 2_000
_WRITTEN = describe_lines(ExportedLead, "text/csv", says="A line a lead")


class ExportFilter(BaseModel):
    """Which leads, by the day they qualified on, and in which form."""

    model_config = ConfigDict(extra="forbid")

    format: Annotated[Literal["csv", "json"], Field(description="`json` is a line of JSON a lead (NDJSON)")] = "csv"
    first: Day = date(2000, 1, 1)
    last: Day = date(2099, 12, 31)


@router.get("/v1/exports/leads", response_class=Response, responses=_WRITTEN)
async def export_leads(service: ServiceDep, _: Reader, asked: Annotated[ExportFilter, Query()]) -> StreamingResponse:
    """Export leads with their evidence and what became of them, as CSV or as NDJSON. It names nobody."""
    kind = "text/csv; charset=utf-8" if asked.format == "csv" else NDJSON
    headers = {"content-disposition": f'attachment; filename="leads.{"csv" if asked.format == "csv" else "ndjson"}"'}
    return StreamingResponse(_stream_export(service, asked), media_type=kind, headers=headers)


async def _stream_export(service: Service, asked: ExportFilter) -> AsyncIterator[bytes]:
    after: UUID | None = None
    if asked.format == "csv":
        yield _csv_line(store.ExportedLead.names())
    while True:
        async with service.transaction() as tx:
            rows = await store.list_exported_leads(tx, asked.first, asked.last, after, PAGE)
        if rows:
            yield b"".join(_lead_as_csv_line(row) if asked.format == "csv" else _lead_as_json_line(row) for row in rows)
        if len(rows) < PAGE:
            return
        after = rows[-1].lead_id


def _lead_as_json_line(row: store.ExportedLead) -> bytes:
    return orjson.dumps(row.as_dict(), default=str, option=orjson.OPT_APPEND_NEWLINE)


def _lead_as_csv_line(row: store.ExportedLead) -> bytes:
    return _csv_line(map(format_csv_cell, row.as_dict().values()))


def format_csv_cell(value: Any) -> str:
    """Return a value as a cell that no spreadsheet runs as a formula; a number stays one."""
    if value is None:
        return ""
    if isinstance(value, dict | list):
        return orjson.dumps(value).decode()
    text = value.isoformat() if hasattr(value, "isoformat") else str(value)
    return text if isinstance(value, int | float) else neutralize_cell(text)


def _csv_line(cells: Any) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(cells)
    return buffer.getvalue().encode()
