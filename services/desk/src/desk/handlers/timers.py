"""Nothing here falls due by business time: deadlines are sla-monitor's, and messages go by real time."""

from collections.abc import Mapping

from events.runtime.timers import TimerHandler

TIMERS: Mapping[str, TimerHandler] = {}
