"""The events that sla-monitor publishes, built from a clock as it is stored."""

from datetime import datetime
from typing import Any

from events.sla import ClockEvent
from sla_monitor.domain.states import Clock


def clock_event(kind: type[ClockEvent], clock: Clock, now: datetime, extra: dict[str, Any]) -> ClockEvent:
    """Return an event of a clock that happens `now`; `extra` are the fields of its kind alone."""
    return kind(
        contact_id=clock.contact_id,
        lead_id=clock.lead_id,
        cycle=clock.cycle,
        occurred_at=now,
        playbook_version=clock.playbook_version,
        clock_id=clock.clock_id,
        clock=clock.clock,
        policy=clock.policy,
        started_at=clock.started_at,
        due_at=clock.due_at,
        rep_id=clock.rep_id,
        team=clock.team,
        lead_type=clock.lead_type,
        **extra,
    )
