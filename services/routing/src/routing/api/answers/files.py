"""How calendars leave: as iCalendar files."""

from events.runtime.bodies import Responses

CALENDAR = "text/calendar; charset=utf-8"
FILE: Responses = {
    200: {"description": "An iCalendar file", "content": {"text/calendar": {"schema": {"type": "string"}}}}
}
