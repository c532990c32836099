"""How calendars leave: as iCalendar files."""

from typing import Any

CALENDAR = "text/calendar; charset=utf-8"
FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "An iCalendar file", "content": {"text/calendar": {"schema": {"type": "string"}}}}
}
