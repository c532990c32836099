"""Parse calendar files in another process, which is ended where one takes too long."""

import asyncio
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress
from typing import Self

from events.runtime import metrics
from events.runtime.deadlines import timeout_at_request_deadline
from events.runtime.logging import describe_error, logger
from events.runtime.problems import RETRY_LATER, Problem
from routing.domain.calendar_process import Bounds, CalendarFile, RefusedFile, read_answer, write_request
from routing.handlers.errors import CalendarUnreadable
from routing.playbook import Absence

log = logger()

TASK = "calendars"
"""What metrics and logs call the reading of calendars."""
BOUNDS = Bounds(seconds=5.0, memory=256 * 1024 * 1024)
"""For a file: ten thousand events that are ahead take three seconds, and the largest file of meetings 150 MB."""
LONGEST_WAIT = 60.0
"""In all, on a machine that is busy, with the start of the process."""
LONGEST_ANSWER = 1024 * 1024
UPLOADS = asyncio.Semaphore(2)
"""How many uploaded files are parsed at once."""


class CalendarParser:
    """A process that parses one file after another; it starts with the first, and anew where a file ended it."""

    def __init__(self) -> None:
        self._process: Process | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stop()

    async def parse(self, file: CalendarFile) -> tuple[Absence, ...]:
        """Return the absences of a file.

        Raises:
            CalendarUnreadable: It has none, takes too much, or the process failed.
        """
        found: tuple[Absence, ...] | RefusedFile | None = None
        failure: Exception | None = None
        ended: int | None = None
        try:
            async with asyncio.timeout(LONGEST_WAIT):
                found = read_answer(await self._ask(write_request(file, BOUNDS)))
        except (TimeoutError, OSError, ValueError) as error:
            failure = error
        finally:
            if found is None:
                ended = await self._stop()
        if failure is not None:
            raise CalendarUnreadable(_explain_failure(failure, ended))
        if isinstance(found, RefusedFile):
            raise CalendarUnreadable(await self._explain_refusal(found))
        return found or ()

    async def _explain_refusal(self, refused: RefusedFile) -> str:
        if refused.error is not None:
            metrics.TASK_FAILURES.labels(TASK).inc()
            log.warning("calendar_parser_stumbled", reason=refused.reason, error=refused.error)
        if refused.reason == "calendar_too_complex":
            await self._stop()  # and what is left of its memory is in pieces
        return refused.reason

    async def _ask(self, request: bytes) -> bytes:
        if self._process is None:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "routing.domain.calendar_process",
                stdin=PIPE, stdout=PIPE, stderr=DEVNULL, limit=LONGEST_ANSWER, start_new_session=True,
            )  # fmt: skip
        sending, receiving = self._process.stdin, self._process.stdout
        if sending is None or receiving is None:
            raise ConnectionError
        sending.write(request)
        await sending.drain()
        answer = await receiving.readline()
        if not answer:
            await self._process.wait()  # who kills what has just ended by itself may not learn how it did
        return answer

    async def _stop(self) -> int | None:
        """End the process; return how it ended, which may have been by itself."""
        if self._process is None:
            return None
        process, self._process = self._process, None
        with suppress(ProcessLookupError):
            process.kill()
        await process.communicate()
        return process.returncode


def _explain_failure(failure: Exception, ended: int | None) -> str:
    """Return what is wrong where the process gave no answer; all but its own end by its timer is ours."""
    if ended == -signal.SIGPROF:
        return "takes_too_long"
    metrics.TASK_FAILURES.labels(TASK).inc()
    log.warning("calendar_parser_failed", status=ended, error=describe_error(failure))
    return "takes_too_long" if isinstance(failure, TimeoutError) else "reading_failed"


async def parse_uploaded_file(file: CalendarFile) -> tuple[Absence, ...]:
    """Return the absences of a file that somebody sent, who waits for their turn no longer than for any answer.

    Raises:
        CalendarUnreadable: As `CalendarParser.parse`.
        Problem: 503 `overloaded`, others are being parsed.
    """
    try:
        async with timeout_at_request_deadline():
            await UPLOADS.acquire()
    except TimeoutError:
        metrics.SHED.inc()
        raise Problem(503, "overloaded", headers=RETRY_LATER) from None
    try:
        async with CalendarParser() as parser:
            return await parser.parse(file)
    finally:
        UPLOADS.release()
