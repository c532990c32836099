"""CSV imports: a file in one request, taken in while it arrives; what is rejected is there to download and repair."""

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Annotated, Literal, TypeVar
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Query, Request
from pydantic import JsonValue
from starlette.responses import Response

from capture import handlers
from capture.api import answers
from capture.api.gate import gate_of, sender_of_many
from capture.api.import_files import File, ImportOptions, encoding_of, import_options
from capture.api.import_previews import previewed
from capture.api.import_rows import counted, fit_rows
from capture.api.intake import Item, SubmissionIntake, intake_of
from capture.domain.arrival import Fault
from capture.domain.cells import FittedRow
from capture.domain.scan import badge_key
from capture.domain.sheet import Columns
from capture.domain.submission import Submission
from capture.handlers import Incoming
from capture.handlers.commands.imports import ReadRow
from capture.settings import CaptureSettings
from capture.store.imports import ImportRow, RejectedRow
from events.runtime import Service, retry
from events.runtime.bodies import Responses, media_type
from events.runtime.json_answers import json_answer
from events.runtime.logging import logger
from events.runtime.problems import RETRY_LATER, Problem, document
from events.runtime.security import Caller
from events.runtime.web import ServiceDep
from filereader import Row

log = logger()
router = APIRouter()
T = TypeVar("T")

CSV = "text/csv"
TAKEN = (CSV, "text/tab-separated-values")
IN_FLIGHT = 4
TRIES, LONGEST_PAUSE = 10, 5.0
"""How often a part of a list is tried while the database is away, and the seconds between: half a minute in all."""
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
        self._counts: Counter[str] = Counter()
        """What became of the rows so far: whole numbers, so that one more try to write them down counts none twice."""

    async def take(self, file: File, sent_by: str) -> ImportRow:
        """Take a file in, to its end.

        Raises:
            Problem: 503 `import_broken_off`, the database was away for too long. Sent again, the file goes on: who was
                taken in is a duplicate then.
        """
        async with self._service.transaction() as tx:
            await handlers.begin_import(self.import_id, self._columns, self._per_day, sent_by, tx)
        try:
            return await self._take_all(file)
        except Exception as error:
            if not retry.is_transient(error):
                raise
            raise self._broken_off() from error

    def _broken_off(self) -> Problem:
        title = "The database was away: part of the list is in; send it again whole, and it goes on"
        headers = {**RETRY_LATER, "Location": f"/v1/imports/{self.import_id}"}
        where: dict[str, JsonValue] = {"import_id": str(self.import_id), "rows": self._counts["rows"]}
        return Problem(503, "import_broken_off", field="body", title=title, headers=headers, where=where)

    async def _take_all(self, file: File) -> ImportRow:
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
            await persistently(self._mark_broken_off)
            raise

        async def end() -> ImportRow:
            async with self._service.transaction() as tx:
                return await handlers.end_import(self.import_id, file.facts(), counted(self._put_aside), tx)

        return await persistently(end)

    async def _mark_broken_off(self) -> None:
        async with self._service.transaction() as tx:
            await handlers.mark_broken_off(self.import_id, tx)

    async def _take(self, group: list[Row], file: File) -> list[Item]:
        fitted = await persistently(partial(fit_rows, self._intake, file.columns_of, group))
        self._put_aside.update(note for each in fitted if each.submission for note in each.notes)
        good = [(n, each, each.submission) for n, each in enumerate(fitted) if each.submission is not None]
        items = [_rejected(each) for each in fitted]
        if self._per_day is None:
            batch = [self._incoming(each, submission) for _, each, submission in good]
            taken = await persistently(partial(self._intake.take_read, batch))
            for (number, _, _), item in zip(good, taken, strict=True):
                items[number] = item
            return items
        waiting: list[ReadRow] = []
        for number, each, submission in good:
            items[number] = {"status": "waiting"}
            waiting.append(ReadRow(group[number].line, submission, each.values | {"phone": submission.phone}))

        async def save() -> None:
            async with self._service.transaction() as tx:
                await handlers.save_for_release(self._intake.keyring, self.import_id, waiting, tx)

        await persistently(save)
        return items

    def _incoming(self, row: FittedRow, submission: Submission) -> Incoming:
        return Incoming(submission, badge=badge_key(self._event, row.badge) if self._event else None)

    async def _note(self, group: list[Row], items: Sequence[Item]) -> None:
        self._counts["rows"] += len(items)
        rejected = []
        for row, item in zip(group, items, strict=True):
            if counted_as := _COUNTED.get(item["status"]):
                self._counts[counted_as] += 1
            if item["status"] == "rejected":
                cells = (
                    row.cells if row.cells is not None else [row.raw.decode("utf-8", "replace").replace("\0", "\ufffd")]
                )
                error = item["problem"]["errors"][0]
                rejected.append(RejectedRow(row.line, cells, str(error["field"]), str(error["code"]), row.line))

        async def note() -> None:
            async with self._service.transaction() as tx:
                await handlers.note_rows(self.import_id, self._counts, rejected, tx)

        await persistently(note)


async def persistently(work: Callable[[], Awaitable[T]]) -> T:
    """Return what `work` does, tried again while the database is away; raises what it did the last time."""
    for attempt in range(1, TRIES):
        try:
            return await work()
        except Exception as error:
            if not retry.is_transient(error):
                raise
            seconds = retry.delay(attempt, LONGEST_PAUSE)
            log.warning("import_deferred", **retry.facts(error, attempt, seconds))
            await asyncio.sleep(seconds)
    return await work()


def _rejected(fitted: FittedRow) -> Item:
    fault = fitted.fault or Fault("body", "row_unreadable")
    return {"status": "rejected", "problem": document(422, [{"field": fault.field, "code": fault.code}])}


_COUNTED = {"accepted": "accepted", "duplicate": "duplicates", "rejected": "rejected"}
"""What is counted while a file is read; rows that wait are counted at its end, as some may be released by then."""


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
        return json_answer(await previewed(intake_of(request), file))
    run = Run(service, intake_of(request), import_id or uuid4(), columns, wanted)
    found = await run.take(file, caller.key_id)
    headers = {"Location": f"/v1/imports/{run.import_id}"}
    return json_answer(found, 202, headers)
