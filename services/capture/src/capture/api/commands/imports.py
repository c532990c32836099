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
from capture.api.gate import get_sender_gate, verify_bulk_sender
from capture.api.import_files import ImportFile, ImportOptions, find_declared_encoding, read_import_options
from capture.api.import_previews import preview_file
from capture.api.import_rows import list_put_aside_counts, read_rows_as_submissions
from capture.api.intake import ItemAnswer, SubmissionGatherer, get_submission_intake
from capture.domain.arrival import SubmissionFault
from capture.domain.cells import FittedRow
from capture.domain.scan import badge_name_at_event
from capture.domain.sheet import ColumnMapping
from capture.domain.submission import Submission
from capture.handlers import IncomingSubmission
from capture.handlers.commands.imports import ReadImportRow
from capture.settings import CaptureSettings
from capture.store.imports import ImportRow, RejectedRow
from events.runtime import Service, retry
from events.runtime.bodies import Responses, check_media_type
from events.runtime.json_answers import json_answer
from events.runtime.logging import logger
from events.runtime.problems import RETRY_LATER, Problem, build_problem
from events.runtime.security import Caller
from events.runtime.web import ServiceDep
from filereader import FileRow

log = logger()
router = APIRouter()
T = TypeVar("T")

CSV = "text/csv"
TAKEN = (CSV, "text/tab-separated-values")
IN_FLIGHT = 4
TRIES, LONGEST_PAUSE = 10, 5.0
"""How often a part of a list is tried while the database is away, and the seconds between: half a minute in all."""
_BODY = {"requestBody": {"required": True, "content": {kind: {"schema": {"type": "string"}} for kind in TAKEN}}}
_PREVIEWED: Responses = {
    200: {"model": answers.ImportPreviewAnswer, "description": "A preview: what the file would become"}
}


class ImportRun:
    """One import: reading, taking in and noting overlap, in the order of the rows."""

    def __init__(
        self,
        service: Service[CaptureSettings],
        intake: SubmissionGatherer,
        import_id: UUID,
        columns: ColumnMapping,
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

    async def take_file(self, file: ImportFile, sent_by: str) -> ImportRow:
        """Take a file in, to its end.

        Raises:
            Problem: 503 `import_broken_off`, the database was away for too long. Sent again, the file goes on: who was
                taken in is a duplicate then.
        """
        async with self._service.transaction() as tx:
            await handlers.begin_import(self.import_id, self._columns, self._per_day, sent_by, tx)
        try:
            return await self._import_all_groups(file)
        except Exception as error:
            if not retry.is_transient(error):
                raise
            raise self._broken_off_problem() from error

    def _broken_off_problem(self) -> Problem:
        title = "The database was away: part of the list is in; send it again whole, and it goes on"
        headers = {**RETRY_LATER, "Location": f"/v1/imports/{self.import_id}"}
        where: dict[str, JsonValue] = {"import_id": str(self.import_id), "rows": self._counts["rows"]}
        return Problem(503, "import_broken_off", field="body", title=title, headers=headers, where=where)

    async def _import_all_groups(self, file: ImportFile) -> ImportRow:
        running: deque[asyncio.Task[list[ItemAnswer]]] = deque()
        groups: deque[list[FileRow]] = deque()
        try:
            async for group in file.read_row_groups():
                groups.append(group)
                running.append(asyncio.create_task(self._import_group(group, file)))
                if len(running) >= IN_FLIGHT:
                    await self._count_results_and_save_rejects(groups.popleft(), await running.popleft())
            while running:
                await self._count_results_and_save_rejects(groups.popleft(), await running.popleft())
        except BaseException:
            for task in running:
                task.cancel()
            await retry_while_database_away(self._mark_broken_off)
            raise

        async def end() -> ImportRow:
            async with self._service.transaction() as tx:
                return await handlers.end_import(
                    self.import_id, file.file_facts(), list_put_aside_counts(self._put_aside), tx
                )

        return await retry_while_database_away(end)

    async def _mark_broken_off(self) -> None:
        async with self._service.transaction() as tx:
            await handlers.mark_broken_off(self.import_id, tx)

    async def _import_group(self, group: list[FileRow], file: ImportFile) -> list[ItemAnswer]:
        fitted = await retry_while_database_away(
            partial(read_rows_as_submissions, self._intake, file.columns_of, group)
        )
        self._put_aside.update(note for each in fitted if each.submission for note in each.notes)
        good = [(n, each, each.submission) for n, each in enumerate(fitted) if each.submission is not None]
        items = [_rejected_item_answer(each) for each in fitted]
        if self._per_day is None:
            batch = [self._row_to_incoming_submission(each, submission) for _, each, submission in good]
            taken = await retry_while_database_away(partial(self._intake.take_parsed, batch))
            for (number, _, _), item in zip(good, taken, strict=True):
                items[number] = item
            return items
        waiting: list[ReadImportRow] = []
        for number, each, submission in good:
            items[number] = {"status": "waiting"}
            waiting.append(ReadImportRow(group[number].line, submission, each.values | {"phone": submission.phone}))

        async def save() -> None:
            async with self._service.transaction() as tx:
                await handlers.save_rows_for_release(self._intake.hasher, self.import_id, waiting, tx)

        await retry_while_database_away(save)
        return items

    def _row_to_incoming_submission(self, row: FittedRow, submission: Submission) -> IncomingSubmission:
        badge = badge_name_at_event(self._event, row.badge) if self._event else None
        return IncomingSubmission(submission, badge=badge, is_listed=True)

    async def _count_results_and_save_rejects(self, group: list[FileRow], items: Sequence[ItemAnswer]) -> None:
        self._counts["rows"] += len(items)
        rejected = []
        for row, item in zip(group, items, strict=True):
            if counted_as := _COUNTED.get(item["status"]):
                self._counts[counted_as] += 1
            if item["status"] == "rejected":
                error = item["problem"]["errors"][0]
                rejected.append(RejectedRow(row.line, row.texts(), str(error["field"]), str(error["code"]), row.line))

        async def note() -> None:
            async with self._service.transaction() as tx:
                await handlers.save_row_counts(self.import_id, self._counts, rejected, tx)

        await retry_while_database_away(note)


async def retry_while_database_away(work: Callable[[], Awaitable[T]]) -> T:
    """Return what `work` does, tried again while the database is away; raises what it did the last time."""
    for attempt in range(1, TRIES):
        try:
            return await work()
        except Exception as error:
            if not retry.is_transient(error):
                raise
            seconds = retry.compute_delay(attempt, LONGEST_PAUSE)
            log.warning("import_deferred", **retry.describe_retry(error, attempt, seconds))
            await asyncio.sleep(seconds)
    return await work()


def _rejected_item_answer(fitted: FittedRow) -> ItemAnswer:
    fault = fitted.fault or SubmissionFault("body", "row_unreadable")
    return {"status": "rejected", "problem": build_problem(422, [{"field": fault.field, "code": fault.code}])}


_COUNTED = {"accepted": "accepted", "duplicate": "duplicates", "rejected": "rejected"}
"""What is counted while a file is read; rows that wait are counted at its end, as some may be released by then."""


@router.post(
    "/imports", response_model=answers.ImportProgressAnswer, status_code=202, responses=_PREVIEWED, openapi_extra=_BODY
)
async def post_import(  # noqa: PLR0917 - FastAPI fills them in by name
    request: Request,
    service: ServiceDep[CaptureSettings],
    caller: Annotated[Caller, Depends(verify_bulk_sender)],
    wanted: Annotated[ImportOptions, Depends(read_import_options)],
    import_id: Annotated[UUID | None, Query()] = None,
    preview: Annotated[
        Literal["true", "false"], Query(description="Store nothing, and answer what would become of it")
    ] = "false",
) -> Response:
    """Take a CSV file in. A 202 means that every row is on disk or among the rejects; a preview keeps nothing."""
    encoding = find_declared_encoding(request)
    check_media_type(request, *TAKEN, any_charset=True)
    if await get_sender_gate(request).bound_source_of(caller) not in (None, wanted.defaults["source"]):
        raise Problem(403, "source_refused", field="source")
    file = ImportFile(request, service.settings.line_limit, encoding)
    columns = await file.read_columns(wanted)
    if preview == "true":
        return json_answer(await preview_file(get_submission_intake(request), file))
    run = ImportRun(service, get_submission_intake(request), import_id or uuid4(), columns, wanted)
    found = await run.take_file(file, caller.key_id)
    headers = {"Location": f"/v1/imports/{run.import_id}"}
    return json_answer(found, 202, headers)
