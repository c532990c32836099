"""When a rep works: the blocks that the API said, on top of the calendar of their team."""

from collections.abc import Mapping, Sequence
from typing import Any

from events.business_time import Calendar
from routing.playbook import Team

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ALWAYS = {day: ["00:00-24:00"] for day in WEEK}


def calendar_of(hours: Sequence[Mapping[str, Any]], works: Mapping[str, Any], team: Team) -> Calendar | None:
    """Give a rep's calendar: their own blocks and days off, or their team's where they have none; None is always.

    `hours` are blocks `{days, from, to}`; `works` are the calendar's other words (zone, holidays, half days).
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
    return Calendar.model_validate(written | dict(works))
