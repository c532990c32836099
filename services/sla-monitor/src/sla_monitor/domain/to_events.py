"""The events that sla-monitor publishes, built from a clock as it is stored."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from events.sla import ClockEvent, LeadPromised, OpenClock
from sla_monitor.domain.facts import Facts
from sla_monitor.domain.states import ClockRunName, StoredClock

if TYPE_CHECKING:
    from sla_monitor.domain.settling import SettledClocks


def clock_event(kind: type[ClockEvent], clock: StoredClock, now: datetime, **extra: Any) -> ClockEvent:
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


def promised_event(
    facts: Facts, stored: Mapping[ClockRunName, StoredClock], settled: "SettledClocks", revision: int, now: datetime
) -> LeadPromised | None:
    """Return the open promises about a lead as an event, or None where they are as they were."""
    gone = set(settled.gone)
    after = {clock.name: clock for clock in stored.values() if clock.clock_id not in gone}
    after |= {clock.name: clock for clock in settled.changed}
    clocks = _open_clocks(after.values())
    if [_shown(clock) for clock in clocks] == [_shown(clock) for clock in _open_clocks(stored.values())]:
        return None
    return LeadPromised(
        contact_id=facts.contact_id,
        lead_id=facts.lead_id,
        cycle=facts.cycle,
        occurred_at=now,
        revision=revision,
        clocks=[OpenClock.read(dict(zip(OpenClock.fields(), _shown(clock), strict=True))) for clock in clocks],
    )


def _open_clocks(clocks: Iterable[StoredClock]) -> list[StoredClock]:
    """Return the clocks that somebody has to answer, in the order of their names."""
    return sorted(
        (clock for clock in clocks if clock.state in ("running", "paused", "warned", "breached")),
        key=lambda clock: clock.name,
    )


_shown = attrgetter(*OpenClock.fields())
"""What is published of an open clock, as a tuple."""
