"""CSV imports: a file in one request, taken in while it arrives; what is rejected is there to download and repair."""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from capture import handlers
from capture.api import answers
from capture.api.gate import gate_of, sender_of_many
from capture.api.import_files import File, ImportOptions, encoding_of, import_options
from capture.api.intake import Item, SubmissionIntake, intake_of
from capture.domain.arrival import Fault
from capture.domain.cells import FittedRow, fit
from capture.domain.scan import badge_key
from capture.domain.sheet import Columns
from capture.domain.submission import Submission
from capture.handlers import Incoming
from capture.handlers.commands.imports import ReadRow
from capture.handlers.errors import reason_of
from capture.settings import CaptureSettings
from capture.store.imports import ImportRow, RejectedRow
from events.runtime import Service
from events.runtime.bodies import Responses, media_type
from events.runtime.json_answers import json_answer
from events.runtime.problems import Problem
from events.runtime.security import Caller
from events.runtime.web import ServiceDep
from filereader import Row

router = APIRouter()

CSV = "text/csv"
TAKEN = (CSV, "text/tab-separated-values")
IN_FLIGHT = 4
SHOWN = 20
"""Rows of a preview."""
BETWEEN_OTHERS = 25
"""Rows that are read before whatever else the process does has its turn: a group would keep it for seconds."""
SAMPLES = 3
"""Values of each column that a preview shows."""
"""What makes a spreadsheet read our CSV as UTF-8."""
_BODY = {"requestBody": {"required": True, "content": {kind: {"schema": {"type": "string"}} for kind in TAKEN}}}
_PREVIEWED: Responses = {200: {"model": answers.PreviewAnswer, "description": "A preview: what the file would become"}}


class Run:
    """One import: reading, taking in and noting overlap, in the order of the rows."""

    def __init__(
        self,
        service: Service[CaptureSettings],
        intake: SubmissionIntake,
        import_id: UUID,
        columns: Columns,
        wanted: ImportOptions,
    ) -> None:
        self.import_id = import_id
        self._service = service
        self._intake = intake
        self._columns = columns
        self._per_day, self._event = wanted.per_day, wanted.event
        self._put_aside: Counter[tuple[str, str]] = Counter()

    async def take(self, file: File, sent_by: str) -> ImportRow:
        """Take a file in, to its end."""
        async with self._service.transaction() as tx:
            await handlers.begin_import(self.import_id, self._columns, self._per_day, sent_by, tx)
        running: deque[asyncio.Task[list[Item]]] = deque()
        groups: deque[list[Row]] = deque()
        try:
            async for group in file.groups():
                groups.append(group)
                running.append(asyncio.create_task(self._take(group, file)))
                if len(running) >= IN_FLIGHT:
                    await self._note(groups.popleft(), await running.popleft())
            while running:
                await self._note(groups.popleft(), await running.popleft())
        except BaseException:
            for task in running:
                task.cancel()
            async with self._service.transaction() as tx:
                await handlers.mark_broken_off(self.import_id, tx)
            raise
        async with self._service.transaction() as tx:
            return await handlers.end_import(self.import_id, file.facts(), counted(self._put_aside), tx)

    async def _take(self, group: list[Row], file: File) -> list[Item]:
        fitted = await fit_rows(self._intake, file.columns_of, group)
        self._put_aside.update(note for each in fitted if each.submission for note in each.notes)
        good = [(n, each, each.submission) for n, each in enumerate(fitted) if each.submission is not None]
        items = [_rejected(each) for each in fitted]
        if self._per_day is None:
            taken = await self._intake.take_read([self._incoming(each, submission) for _, each, submission in good])
            for (number, _, _), item in zip(good, taken, strict=True):
                items[number] = item
            return items
        waiting: list[ReadRow] = []
        for number, each, submission in good:
            items[number] = {"status": "waiting"}
            waiting.append(ReadRow(group[number].line, submission, each.values | {"phone": submission.phone}))
        async with self._service.transaction() as tx:
            await handlers.save_for_release(self._intake.keyring, self.import_id, waiting, tx)
        return items

    def _incoming(self, row: FittedRow, submission: Submission) -> Incoming:
        return Incoming(submission, badge=badge_key(self._event, row.badge) if self._event else None)

    async def _note(self, group: list[Row], items: Sequence[Item]) -> None:
        found = Counter[str](rows=len(items))
        rejected = []
        for row, item in zip(group, items, strict=True):
            found[_COUNTED[item["status"]]] += 1
            if item["status"] == "rejected":
                cells = (
                    row.cells if row.cells is not None else [row.raw.decode("utf-8", "replace").replace("\0", "\ufffd")]
                )
                error = item["problem"]["errors"][0]
                rejected.append(RejectedRow(row.line, cells, error["field"], error["code"], row.line))
        async with self._service.transaction() as tx:
            await handlers.note_rows(self.import_id, found, rejected, tx)


def counted(put_aside: "Counter[tuple[str, str]]") -> list[dict[str, str | int]]:
    """Return how many cells of each field were put aside, and why."""
    return [
        {"field": field, "code": code, "cells": cells, "reason": reason_of(code)}
        for (field, code), cells in sorted(put_aside.items())
    ]


async def fit_rows(
    intake: SubmissionIntake, columns_of: Callable[[Row], Columns], group: Sequence[Row]
) -> list[FittedRow]:
    """Read rows as submissions; the fault of each that is none says why."""
    rules, now = await intake.rules_now()
    found = []
    for number, row in enumerate(group):
        if number % BETWEEN_OTHERS == 0:
            await asyncio.sleep(0)
        if row.fault or row.cells is None:
            found.append(FittedRow(None, {}, [], Fault("body", row.fault)))
        else:
            columns = columns_of(row)
            found.append(fit(columns.values(row.cells), rules, now, columns.defaults))
    return found


def _rejected(fitted: FittedRow) -> Item:
    fault = fitted.fault or Fault("body", "row_unreadable")
    return {"status": "rejected", "problem": {"errors": [{"field": fault.field, "code": fault.code}]}}


_COUNTED = {"accepted": "accepted", "duplicate": "duplicates", "rejected": "rejected", "waiting": "waiting"}


@router.post(
    "/imports", response_model=answers.ImportAnswer, status_code=202, responses=_PREVIEWED, openapi_extra=_BODY
)
async def post_import(  # noqa: PLR0917 - FastAPI fills them in by name
    request: Request,
    service: ServiceDep[CaptureSettings],
    caller: Annotated[Caller, Depends(sender_of_many)],
    wanted: Annotated[ImportOptions, Depends(import_options)],
    import_id: Annotated[UUID | None, Query()] = None,
    preview: Annotated[
        Literal["true", "false"], Query(description="Store nothing, and answer what would become of it")
    ] = "false",
) -> Response:
    """Take a CSV file in. A 202 means that every row is on disk or among the rejects; a preview keeps nothing."""
    encoding = encoding_of(request)
    media_type(request, *TAKEN, any_charset=True)
    if await gate_of(request).source_of(caller) not in (None, wanted.defaults["source"]):
        raise Problem(403, "source_refused", field="source")
    file = File(request, service.settings.line_limit, encoding)
    columns = await file.columns(wanted)
    if preview == "true":
        return json_answer(await _previewed(intake_of(request), file, columns))
    run = Run(service, intake_of(request), import_id or uuid4(), columns, wanted)
    found = await run.take(file, caller.key_id)
    headers = {"Location": f"/v1/imports/{run.import_id}"}
    return json_answer(found, 202, headers)


async def _previewed(intake: SubmissionIntake, file: File, columns: Columns) -> dict[str, Any]:
    """Read all rows and keep none: what the columns mean, what would be taken, and why not."""
    counts: Counter[str] = Counter(good=0, bad=0)
    put_aside: Counter[tuple[str, str]] = Counter()
    sample: list[dict[str, Any]] = []
    rejected: list[dict[str, Any]] = []
    shown: dict[int, list[str]] = {}
    async for group in file.groups():
        for row, each in zip(group, await fit_rows(intake, file.columns_of, group), strict=True):
            counts["good" if each.submission else "bad"] += 1
            if each.submission:
                put_aside.update(each.notes)
                sample += [{"row": row.line, "values": each.values}] if len(sample) < SHOWN else []
            elif len(rejected) < SHOWN and each.fault:
                fault = each.fault
                rejected.append(
                    {"row": row.line, "field": fault.field, "code": fault.code, "reason": reason_of(fault.code)}
                )
            for number, cell in enumerate(row.cells or []):
                if cell.strip() and len(seen := shown.setdefault(number, [])) < SAMPLES and cell not in seen:
                    seen.append(cell)
    fields = {number: field for field, numbers in columns.places for number in numbers}
    return {
        **counts,
        "file": file.facts(),
        "mapping": columns.mapping(),
        "unmapped": columns.unmapped(),
        "dates": columns.style.order,
        "columns": [
            {
                "column": name,
                "field": fields.get(number),
                "samples": shown.get(number, []),
                "unfit": sum(n for (field, _), n in put_aside.items() if field == fields.get(number)),
            }
            for number, name in enumerate(columns.header)
        ],
        "put_aside": counted(put_aside),
        "sample": sample,
        "rejected": rejected,
    }
