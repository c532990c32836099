"""When a promise is due whose clock pauses in between and whose calendar changes on the way."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from events.business_time import Calendar, PromiseLength, add_promised_time, measure_elapsed
from sla_monitor.domain.facts import Act, Facts, Placement
from sla_monitor.playbook.rules import PauseRule

Stretch = tuple[datetime, datetime]
OpenStretch = tuple[datetime, datetime | None]
"""None: it has not ended."""
Timetable = Sequence[tuple[datetime, Calendar]]
"""Calendars in turn, each with the instant from which it holds; the first one also held before."""


def compute_due_at(
    start: datetime, promise: PromiseLength, share: float, timetable: Timetable, pauses: Sequence[Stretch]
) -> datetime:
    """Return when `share` of a promise has run out, from `start`, counting only time outside the pauses."""
    left = promise.length if share == 1.0 else promise.length * share
    *bounded, (begins, _, calendar) = _yield_running_stretches(start, timetable, pauses)
    for since, until, by in bounded:
        done = measure_elapsed(since, until or since, promise, by)
        if left <= done:
            return add_promised_time(since, left, promise, by)
        left -= done
    return add_promised_time(begins, left, promise, calendar)


def _yield_running_stretches(
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


def compute_pauses(
    pauses: Iterable[PauseRule], begins: datetime, states: Callable[[str], Iterable[OpenStretch]]
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
    return tuple(join_stretches(found))


def find_stretches_in_state(
    state: str, facts: Facts, places: Sequence[Placement], before: datetime | None
) -> list[OpenStretch]:
    """Return when the lead was in a state; a state that has not ended has no end.

    `before` is when the clock was answered or stopped: what its contact asked for from then on moves it no more.
    """
    if state == "preferred_time":
        return list(_preferred_time_stretches(facts, places, before))
    if state == "queued":
        turns = pairwise((*places, None))
        return [(place.at, later.at if later else None) for place, later in turns if place and place.rep_id is None]
    by_time = sorted(facts.acts.items(), key=lambda known: (known[1].at, known[0]))
    meetings = [act for _, act in by_time if act.deed == "meeting"]
    return [
        (act.at, _end_of_state(act, later))
        for act, later in pairwise((*meetings, None))
        if act and act.outcome in _AHEAD
    ]


_AHEAD = ("booked", "rescheduled")
_CALLED_OFF = ("cancelled", "no_show")


def preferred_time_ends_at(facts: Facts, places: Sequence[Placement]) -> datetime | None:
    """Return until when the contact waits for the time that they asked for last; None where they asked for none."""
    return max((ends for _, ends in _preferred_time_stretches(facts, places, None)), default=None)


class _RequestedTime(NamedTuple):
    """What a contact asked for: to be called or to meet at a time."""

    at: datetime
    until: datetime
    """The time that they named."""
    ends: datetime
    """Until when they wait for it: it may have been called off."""


def _preferred_time_stretches(facts: Facts, places: Sequence[Placement], before: datetime | None) -> Iterator[Stretch]:
    """Yield from when to when the contact waits for the time they asked for; what they ask for later replaces it."""
    found: list[_RequestedTime] = []
    for request in sorted((*_requests_for_a_time(facts), *_booked_slot_requests(facts, places))):
        same = found[-1] if found and found[-1].until == request.until and request.at <= found[-1].ends else None
        if same is not None:
            found[-1] = same._replace(ends=max(same.ends, request.ends))
        elif before is None or request.at < before:
            found.append(request)
    for nth, request in enumerate(found, 1):
        ends = min([request.ends, *(later.at for later in found[nth:])])
        if request.at < ends:
            yield request.at, ends


def _requests_for_a_time(facts: Facts) -> Iterator[_RequestedTime]:
    """Yield the times that the contact named, with a form or later."""
    asked = [(each.captured_at, each.prefers_at) for each in facts.qualified.values() if each.prefers_at is not None]
    asked += [(each.at, each.until) for each in facts.preferred_times.values()]
    for at, until in asked:
        off = [act.at for act in _list_called_off_meetings(facts) if act.until == until and act.at >= at]
        yield _RequestedTime(at, until, min([until, *off]))


def _booked_slot_requests(facts: Facts, places: Sequence[Placement]) -> Iterator[_RequestedTime]:
    """Yield the slots that were booked: until the meeting, or until it is called off or the lead moves on without."""
    for place, later in pairwise((*places, None)):
        if place is not None and place.meets_at is not None:
            off = [act.at for act in _list_called_off_meetings(facts) if _is_called_off_after_booking(act, place)]
            moved = [later.at] if later and later.meets_at != place.meets_at else []
            yield _RequestedTime(place.at, place.meets_at, max(place.at, min([place.meets_at, *off, *moved])))


def _list_called_off_meetings(facts: Facts) -> list[Act]:
    return [act for act in facts.acts.values() if act.deed == "meeting" and act.outcome in _CALLED_OFF]


def _is_called_off_after_booking(act: Act, place: Placement) -> bool:
    """Whether a meeting was called off after a slot was booked: in one instant with it, only where it is that slot."""
    return act.at > place.at or (act.at == place.at and act.until == place.meets_at)


def _end_of_state(act: Act, later: Act | None) -> datetime:
    until = act.until or act.at
    return min(until, later.at) if later is not None else until


def join_stretches(stretches: Iterable[Stretch]) -> Iterator[Stretch]:
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
