"""Parse calendar files in another process, which is ended where one takes too long."""

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress
from typing import Self

from routing.domain.calendar_process import CalendarFile, Refusal, read_answer, write_request
from routing.handlers.errors import CalendarUnreadable
from routing.playbook import Absence

SECONDS = 5.0
"""Of the processor, for a file: ten thousand events that are ahead take three."""
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

    async def parse(self, file: CalendarFile) -> tuple[Absence, ...] | Refusal:
        """Return the absences of a file, or why it has none.

        Raises:
            CalendarUnreadable: It takes too long.
        """
        answer = b""
        try:
            async with asyncio.timeout(LONGEST_WAIT):
                answer = await self._ask(write_request(file, SECONDS))
        except (TimeoutError, ConnectionError):
            pass  # as if it had ended without an answer
        finally:
            if not answer:
                await self._stop()
        if not answer:
            raise CalendarUnreadable("takes_too_long")
        return read_answer(answer)

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
        return await receiving.readline()

    async def _stop(self) -> None:
        if self._process is None:
            return
        process, self._process = self._process, None
        with suppress(ProcessLookupError):
            process.kill()
        await process.communicate()
