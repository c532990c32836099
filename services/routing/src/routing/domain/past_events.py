"""Leave out of a calendar file what is long over, before anything is parsed: years of meetings are most of a file."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

LONG_AGO = timedelta(days=10)
"""More than zones and a short `DURATION` can move the end of an event."""

_BEGIN = re.compile(rb"^(?=BEGIN:VEVENT[ \t\r]*$)", re.IGNORECASE | re.MULTILINE)
_END = re.compile(rb"^END:VEVENT[ \t\r]*$\n?", re.IGNORECASE | re.MULTILINE)
_FOLD = re.compile(rb"\r?\n[ \t]")
_OCCURS_ELSEWHERE = re.compile(rb"^(?:RRULE|RDATE|RECURRENCE-ID)\b", re.IGNORECASE | re.MULTILINE)
_NAME = re.compile(rb"^(DTSTART|DTEND|DURATION)\b", re.IGNORECASE | re.MULTILINE)
_VALUE = re.compile(
    rb"^(DTSTART|DTEND|DURATION)(?:;[^\n]*)?:(\d{8}(?:T\d{6}Z?)?|PT(?:\d\d?[HMS]){1,3}|P[1-5]D)[ \t\r]*$",
    re.IGNORECASE | re.MULTILINE,
)


def drop_past_events(text: bytes, now: datetime) -> bytes:
    """Return a calendar file without the events that were over long before `now`.

    What recurs, replaces an occurrence of another event or is written in an unusual way stays.
    """
    before = f"{now - LONG_AGO:%Y%m%d}".encode()
    return b"".join(_yield_kept(text, before))


def _yield_kept(text: bytes, before: bytes) -> Iterator[bytes]:
    for part in _BEGIN.split(text):
        end = _END.search(part)
        is_past = end is not None and _BEGIN.match(part) is not None and _is_past(part[: end.start()], before)
        yield part[end.end() :] if end is not None and is_past else part


def _is_past(event: bytes, before: bytes) -> bool:
    if b"\n\n" in event or b"\n\r\n" in event:
        return False  # a line may go on after empty ones
    lines = _FOLD.sub(b"", event)
    own, _, alarms = lines.partition(b"\nBEGIN:")
    if _OCCURS_ELSEWHERE.search(lines) or _NAME.findall(own) != [name for name, _ in _VALUE.findall(own)]:
        return False
    found = {name.upper(): value for name, value in _VALUE.findall(own)}
    further = {name.upper() for name in _NAME.findall(alarms)}
    if b"DTSTART" not in found or len(found) != len(_NAME.findall(own)) or {b"DTSTART", b"DTEND"} & further:
        return False
    if b"DURATION" in further and len(found) == 1:
        return False  # an alarm's, or the event's after its alarm
    return all(value[:1] in b"Pp" or value[:8] < before for value in found.values())
