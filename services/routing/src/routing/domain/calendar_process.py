"""Parse calendar files in a process of its own: `python -m routing.domain.calendar_process`.

What a stranger's file makes of the libraries ends with the process, and no request or event waits for it. Each request
is a line of JSON and then the file's bytes; each answer is a line of JSON. The process ends with its input, and in the
middle of a file that takes more than the seconds that the request gives it.
"""

import json
import signal
import sys
from datetime import datetime
from typing import BinaryIO, Literal, NamedTuple, cast
from zoneinfo import ZoneInfo

from events.parts import JsonObject
from routing.domain.absence_calendar import parse_absences
from routing.domain.recurrence_rules import TooMuchInCalendarError
from routing.playbook import Absence

Refusal = Literal["not_a_calendar", "calendar_refused"]


class CalendarFile(NamedTuple):
    """A file to parse: its bytes, the rep's zone, the time, and how far ahead recurring events are computed."""

    text: bytes
    zone: ZoneInfo
    now: datetime
    until: datetime


def write_request(file: CalendarFile, seconds: float) -> bytes:
    """Return what to send to the process, which may take so many seconds of the processor."""
    times = {"now": file.now.isoformat(), "until": file.until.isoformat()}
    head = {"length": len(file.text), "zone": file.zone.key, "seconds": seconds, **times}
    return json.dumps(head).encode() + b"\n" + file.text


def read_answer(line: bytes) -> tuple[Absence, ...] | Refusal:
    """Return the absences of a file, or why it has none."""
    answer = json.loads(line)
    if "refused" in answer:
        return cast("Refusal", answer["refused"])
    return tuple(Absence.model_validate_json(json.dumps(each)) for each in answer["absences"])


def answer_requests(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer until there are no more requests."""
    for line in iter(requests.readline, b""):
        head = json.loads(line)
        now, until = (datetime.fromisoformat(head[name]) for name in ("now", "until"))
        file = CalendarFile(requests.read(head["length"]), ZoneInfo(head["zone"]), now, until)
        signal.setitimer(signal.ITIMER_PROF, head["seconds"])  # whose signal nobody handles: it ends the process
        answer = _parse(file)
        signal.setitimer(signal.ITIMER_PROF, 0)
        answers.write(json.dumps(answer).encode() + b"\n")
        answers.flush()


def _parse(file: CalendarFile) -> JsonObject:
    try:
        found = parse_absences(*file)
    except TooMuchInCalendarError:
        return {"refused": "calendar_refused"}
    except Exception:  # noqa: BLE001 - whatever a stranger's file makes of a library
        return {"refused": "not_a_calendar"}
    return {"absences": [absence.as_json() for absence in found]}


if __name__ == "__main__":
    answer_requests(sys.stdin.buffer, sys.stdout.buffer)
