"""Parse calendar files in a process of its own: `python -m routing.domain.calendar_process`.

What a stranger's file makes of the libraries ends with the process, and no request or event waits for it. Each request
is a line of JSON and then the file's bytes; each answer is a line of JSON. The process ends with its input, and in the
middle of a file that takes more than the seconds that the request gives it.
"""

import json
import signal
import sys
import traceback
from contextlib import suppress
from datetime import datetime
from typing import BinaryIO, Literal, NamedTuple
from zoneinfo import ZoneInfo

from events.parts import JsonObject
from routing.domain.absence_calendar import NotACalendarError, parse_absences
from routing.domain.recurrence_rules import TooMuchInCalendarError
from routing.playbook import Absence

Refusal = Literal["not_a_calendar", "calendar_refused", "calendar_not_understood", "calendar_too_complex"]

_REFUSALS: dict[type[Exception], Refusal] = {
    NotACalendarError: "not_a_calendar",
    TooMuchInCalendarError: "calendar_refused",
}


class CalendarFile(NamedTuple):
    """A file to parse: its bytes, the rep's zone, the time, and how far ahead recurring events are computed."""

    text: bytes
    zone: ZoneInfo
    now: datetime
    until: datetime


class Bounds(NamedTuple):
    """What a file may take: seconds of the processor, and bytes of memory, with the process's own."""

    seconds: float
    memory: int


class RefusedFile(NamedTuple):
    """Why a file has no absences; `error` says where the code stumbled over it, if it did, and nothing of the file."""

    reason: Refusal
    error: str | None = None


def write_request(file: CalendarFile, bounds: Bounds) -> bytes:
    """Return what to send to the process."""
    times = {"now": file.now.isoformat(), "until": file.until.isoformat()}
    head = {"length": len(file.text), "zone": file.zone.key, **bounds._asdict(), **times}
    return json.dumps(head).encode() + b"\n" + file.text


def read_answer(line: bytes) -> tuple[Absence, ...] | RefusedFile:
    """Return the absences of a file, or why it has none.

    Raises:
        ValueError: The line is no whole answer.
    """
    answer = json.loads(line)
    if "refused" in answer:
        return RefusedFile(answer["refused"], answer["error"])
    return tuple(Absence.model_validate_json(json.dumps(each)) for each in answer["absences"])


def answer_requests(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer until there are no more requests."""
    for line in iter(requests.readline, b""):
        head = json.loads(line)
        now, until = (datetime.fromisoformat(head[name]) for name in ("now", "until"))
        file = CalendarFile(requests.read(head["length"]), ZoneInfo(head["zone"]), now, until)
        signal.setitimer(signal.ITIMER_PROF, head["seconds"])  # whose signal nobody handles: it ends the process
        _bound_memory(head["memory"])
        answer = _parse(file)
        _bound_memory(-1)
        signal.setitimer(signal.ITIMER_PROF, 0)
        answers.write(json.dumps(answer).encode() + b"\n")
        answers.flush()


def _bound_memory(most: int) -> None:
    """Let an allocation fail that needs more in all, where the system has such a bound; below zero: end the bound."""
    with suppress(ImportError, ValueError, OSError):
        import resource  # noqa: PLC0415 - not on each system

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        known = [bound for bound in (most, hard) if bound >= 0]
        resource.setrlimit(resource.RLIMIT_AS, (min(known, default=resource.RLIM_INFINITY), hard))


def _parse(file: CalendarFile) -> JsonObject:
    try:
        found = parse_absences(*file)
    except Exception as error:  # noqa: BLE001 - whatever a stranger's file makes of a library
        refused = _describe_refusal(error)
        return {"refused": refused.reason, "error": refused.error}
    return {"absences": [absence.as_json() for absence in found]}


def _describe_refusal(error: Exception) -> RefusedFile:
    chain = [error]
    while isinstance(before := chain[-1].__cause__ or chain[-1].__context__, Exception):
        chain.append(before)
    if any(isinstance(each, MemoryError) for each in chain):
        return RefusedFile("calendar_too_complex")
    reason = _REFUSALS.get(type(error), "calendar_not_understood")
    stumbled = error if error.__cause__ is None else error.__cause__
    return RefusedFile(reason, None if isinstance(stumbled, ValueError) else _describe_place(stumbled))


def _describe_place(error: BaseException) -> str:
    """Name an error and where it arose without its message, which quotes the file."""
    places = [f"{frame.f_code.co_qualname}:{line}" for frame, line in traceback.walk_tb(error.__traceback__)]
    return f"{type(error).__name__} at {' < '.join(reversed(places[-4:]))}"


if __name__ == "__main__":
    answer_requests(sys.stdin.buffer, sys.stdout.buffer)
