"""A rep's calendar: the blocks that the API set, on top of the calendar of their team."""

from collections.abc import Sequence
from typing import TypedDict

from events.business_time import Calendar
from events.parts import JsonObject
from routing.playbook import Team

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ALWAYS = {day: ["00:00-24:00"] for day in WEEK}


WorkingBlock = TypedDict("WorkingBlock", {"days": list[str], "from": str, "to": str})
"""A block of working hours on some days of the week, `HH:MM` to `HH:MM`."""


def rep_calendar_of(hours: Sequence[WorkingBlock], works: JsonObject, team: Team) -> Calendar | None:
    """Return a rep's calendar; None where they always work.

    Args:
        hours: Blocks in the calendar's zone; empty: the team's hours.
        works: The calendar's other fields (zone, holidays, half days); empty: the team's.
        team: The rep's team.

    Raises:
        ValueError: The blocks overlap or end before they begin, or a zone or place does not exist.
    """
    if not hours and not works:
        return team.works
    usual = team.works if team.works is not None and not team.works.shifts else None
    written = usual.model_dump(mode="json", exclude_unset=True) if usual else {"zone": team.zone, **ALWAYS}
    if hours:
        blocks: dict[str, list[str]] = {day: [] for day in WEEK}
        for block in hours:
            for day in block["days"]:
                blocks[day].append(f"{block['from']}-{block['to']}")
        written |= blocks
    return Calendar.model_validate(written | works)
