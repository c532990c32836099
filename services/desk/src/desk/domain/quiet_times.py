"""When somebody may be disturbed: not in quiet hours, and a rep only at work, unless a promise ends before that."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from desk.domain.facts import Fact
from desk.domain.leads import NOT_OF_REPS, parse_instant
from desk.domain.wording import zone_or_utc
from desk.playbook import QuietHours
from desk.playbook.messages import Wakes
from events.business_time import Calendar, NeverDue, find_next_opening

LONG_ABSENCE = timedelta(hours=12)
"""Who is absent for less, such as in a meeting, is at work all the same: what is urgent reaches them."""
MOST_STEPS = 200
"""Openings and absences that are looked at for a moment at which both working time and quiet hours let pass."""
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class WorkTimes(NamedTuple):
    """When a rep works, as routing published it last: hours (None: none of their own), and stretches of absence."""

    calendar: Calendar | None = None
    absences: tuple[tuple[datetime, datetime], ...] = ()


class Sending(NamedTuple):
    """When a message is sent, and whether others should know now, because the rep is away past the promise."""

    at: datetime
    stand_in: bool = False


def decide_sending(  # noqa: PLR0917 - one message to one person, fact by fact
    now: datetime, wakes: Wakes, left: timedelta | None, quiet: QuietHours, zone: str, times: WorkTimes
) -> Sending:
    """Return when a message that is due now is sent.

    Args:
        now: Real time.
        wakes: Whether it is sent at any time, never outside the person's own times, or where it is urgent.
        left: How much time the promise has that it is about; None: no promise runs.
        quiet: The quiet hours of the rules.
        zone: The person's own, in which quiet hours count.
        times: When they work; without hours of their own only quiet hours count.
    """
    if wakes is True:
        return Sending(now)
    opens = find_open_moment(now, quiet, zone, times)
    if wakes != "urgent" or left is None or opens <= now or now + left > opens:
        return Sending(opens)
    away = any(begins <= now < ends and ends - begins >= LONG_ABSENCE for begins, ends in times.absences)
    return Sending(opens, stand_in=True) if away else Sending(now)


def find_open_moment(now: datetime, quiet: QuietHours, zone: str, times: WorkTimes) -> datetime:
    """Return the first moment from `now` on at which somebody works and no quiet hours are.

    Whoever works in quiet hours alone is reached when they work: what waits for neither would never be sent.
    """
    awake = make_awake_calendar(quiet.begins, quiet.ends, zone)
    works = at = find_working_moment(now, times)
    for _ in range(MOST_STEPS):
        later = _find_opening(at, awake)
        if later == at:
            return at
        at = find_working_moment(later, times)
        if at == later:
            return at
    return works


def find_working_moment(now: datetime, times: WorkTimes) -> datetime:
    """Return the first moment from `now` on at which somebody is at work and not absent."""
    at = now
    for _ in range(MOST_STEPS):
        opens = _find_opening(at, times.calendar)
        over = max((ends for begins, ends in times.absences if begins <= opens < ends), default=opens)
        if over == opens:
            return opens
        at = over
    return at


def _find_opening(at: datetime, calendar: Calendar | None) -> datetime:
    """Return the next moment of a calendar; `at` where there is none, or none any more."""
    try:
        return at if calendar is None else find_next_opening(at, calendar)
    except NeverDue:
        return at


@lru_cache(maxsize=1024)
def make_awake_calendar(begins: str, ends: str, zone: str) -> Calendar | None:
    """Return the times of a zone that are no quiet hours; None where there are none."""
    if begins == ends:
        return None
    inside = begins < ends
    blocks = [("00:00", begins), (ends, "24:00")] if inside else [(ends, begins)]
    hours = [f"{first}-{last}" for first, last in blocks if first != last]
    return Calendar.model_validate({"zone": zone_or_utc(zone).key} | dict.fromkeys(_DAYS, hours))


def find_time_left(clocks: Sequence[Fact], now: datetime) -> timedelta | None:
    """Return how much time the promise has that ends next; `now` is business time, None where none of a rep runs."""
    ends = [
        due_at
        for clock in clocks
        if clock["clock"] not in NOT_OF_REPS and (due_at := parse_instant(clock["due_at"])) is not None and due_at > now
    ]
    return min(ends) - now if ends else None
