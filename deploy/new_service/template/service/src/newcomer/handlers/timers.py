"""Nothing falls due here yet; a kind of timer and its handler would stand in `TIMERS`."""

from collections.abc import Mapping

from events.runtime.timers import TimerHandler

TIMERS: Mapping[str, TimerHandler] = {}
