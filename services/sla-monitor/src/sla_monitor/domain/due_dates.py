"""When a promise is due whose clock pauses in between and whose calendar changes on the way."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import pairwise

from events.business_time import Calendar, Span, passed, run_out
from sla_monitor.domain.facts import Act, Facts, Place
from sla_monitor.playbook.rules import Pause

Stretch = tuple[datetime, datetime]
OpenStretch = tuple[datetime, datetime | None]
"""None: it has not ended."""
Timetable = Sequence[tuple[datetime, Calendar]]
"""Calendars in turn, each with the instant from which it holds; the first one also held before."""


def due(start: datetime, promise: Span, share: float, timetable: Timetable, pauses: Sequence[Stretch]) -> datetime:
    """Return when `share` of a promise has run out, from `start`, counting only time outside the pauses."""
    left = promise.length if share == 1.0 else promise.length * share
    *bounded, (begins, _, calendar) = _stretches(start, timetable, pauses)
    for since, until, by in bounded:
        done = passed(since, until or since, promise, by)
        if left <= done:
            return run_out(since, left, promise, by)
        left -= done
    return run_out(begins, left, promise, calendar)


def _stretches(
    start: datetime, timetable: Timetable, pauses: Sequence[Stretch]
) -> Iterator[tuple[datetime, datetime | None, Calendar]]:
    """Yield when the clock runs, and by which calendar; pauses are in order and apart."""
    for nth, (since, calendar) in enumerate(timetable):
        begins = max(start, since)
        until = timetable[nth + 1][0] if nth + 1 < len(timetable) else None
        for stands, goes_on in pauses:
            if goes_on <= begins or (until is not None and stands >= until):
                continue
            if stands > begins:
                yield begins, stands, calendar
            begins = goes_on
        if until is None or begins < until:
            yield begins, until, calendar


def pauses_of(
    pauses: Iterable[Pause], begins: datetime, states: Callable[[str], Iterable[OpenStretch]]
) -> tuple[Stretch, ...]:
    """Return the pauses of a clock that starts at `begins`, in order and apart, each state capped at its `at_most`.

    `states` returns when the lead was in a state.
    """
    found: list[Stretch] = []
    for pause in pauses:
        left = pause.at_most.length
        for since, until in states(pause.state):
            stands = max(since, begins)
            goes_on = stands + left if until is None else min(until, stands + left)
            if stands < goes_on:
                found.append((stands, goes_on))
                left -= goes_on - stands
    return tuple(apart(found))


def states_of(
    state: str, facts: Facts, places: Sequence[Place], begins: datetime, prefers_at: datetime | None
) -> list[OpenStretch]:
    """Return when the lead was in a state; a state that has not ended has no end."""
    if state == "preferred_time":
        asked = [(begins, prefers_at)] if prefers_at is not None else []
        return list(apart((*asked, *_slots(facts, places))))
    if state == "queued":
        turns = pairwise((*places, None))
        return [(place.at, later.at if later else None) for place, later in turns if place and place.rep_id is None]
    by_time = sorted(facts.acts.items(), key=lambda known: (known[1].at, known[0]))
    meetings = [act for _, act in by_time if act.deed == "meeting"]
    return [(act.at, _ends(act, later)) for act, later in pairwise((*meetings, None)) if act and act.outcome in _AHEAD]


_AHEAD = ("booked", "rescheduled")
_CALLED_OFF = ("cancelled", "no_show")


def _slots(facts: Facts, places: Sequence[Place]) -> Iterator[Stretch]:
    """Yield from when to when a slot was booked: until the meeting, or until it is called off or the lead moves on."""
    called_off = [act.at for act in facts.acts.values() if act.deed == "meeting" and act.outcome in _CALLED_OFF]
    for place, later in pairwise((*places, None)):
        if place is not None and place.meets_at is not None:
            ends = [place.meets_at, *(at for at in called_off if at >= place.at), *([later.at] if later else ())]
            yield place.at, max(place.at, min(ends))


def _ends(act: Act, later: Act | None) -> datetime:
    until = act.until or act.at
    return min(until, later.at) if later is not None else until


def apart(stretches: Iterable[Stretch]) -> Iterator[Stretch]:
    """Yield stretches in order, those that touch or overlap joined."""
    running: Stretch | None = None
    for stands, goes_on in sorted(stretches):
        if running is not None and stands <= running[1]:
            running = running[0], max(running[1], goes_on)
            continue
        if running is not None:
            yield running
        running = stands, goes_on
    if running is not None:
        yield running
