"""Compare what the facts make of a lead's clocks with what was flagged before, and return what is new.

Only a timer flags what nobody has done yet (`fired`): when an event is handled, others may still be on their way.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from events.sla import ClockEvent, ClockRescinded
from sla_monitor.domain.agreements import Agreements
from sla_monitor.domain.clocks import ClockRun, compute_runs
from sla_monitor.domain.facts import Facts
from sla_monitor.domain.flagging import ClockTransition, choose_return_reason
from sla_monitor.domain.promises import LeadUnderVersions
from sla_monitor.domain.states import ClockRunName, StoredClock
from sla_monitor.domain.to_events import clock_event


@dataclass(frozen=True, slots=True)
class SettledClocks:
    """What became of a lead's clocks: rows to save, rows to delete, events to publish, the next instant to check."""

    changed: list[StoredClock]
    gone: list[UUID]
    events: list[ClockEvent]
    next_at: datetime | None


def settle_clocks(
    facts: Facts,
    stored: Mapping[ClockRunName, StoredClock],
    agreements: Agreements,
    now: datetime,
    *,
    fired: bool,
) -> SettledClocks:
    """Bring a lead's clocks up to date.

    Args:
        facts: All that is known of the lead.
        stored: Its clocks as they were saved.
        agreements: With every version that a stored clock started under.
        now: Business time, UTC.
        fired: Whether the lead's timer fell due, so that what is overdue and unanswered is flagged.
    """
    versions, in_force = agreements.versions, agreements.in_force
    pinned = {name: versions[clock.playbook_version] for name, clock in stored.items()}
    taken = sum(clock.reassigned for clock in stored.values())
    changed, events, moments = [], [], []
    views = LeadUnderVersions(facts, agreements)
    clock_runs = compute_runs(views, pinned)
    for clock_run in clock_runs:
        before = stored.get(clock_run.name)
        if before is not None and _is_decided_and_unchanged(before, clock_run):
            continue
        version = before.playbook_version if before else in_force
        flagging = ClockTransition(views.for_version(versions[version]), clock_run, before, now)
        flagging.decide_state_and_events(fired=fired, may_reassign=taken < versions[version].escalations.reassignments)
        clock = flagging.to_stored_clock(version)
        if clock != before:
            changed.append(clock)
            taken += clock.reassigned and not (before and before.reassigned)
            events += [event_of(clock, now) for event_of in flagging.events]
        moments.append(flagging.next_flag_at())
    never = [stored[name] for name in stored.keys() - {clock_run.name for clock_run in clock_runs}]
    events += [
        clock_event(ClockRescinded, clock, now, met_at=clock.started_at, kept=False)
        for clock in never
        if _is_open_breach(clock)
    ]
    changed += [void for clock in never if _was_flagged(clock) and (void := _void_clock(clock, now)) != clock]
    gone = [clock.clock_id for clock in never if not _was_flagged(clock)]
    return SettledClocks(changed, gone, events, min((at for at in moments if at), default=None))


def _void_clock(clock: StoredClock, now: datetime) -> StoredClock:
    """Return a clock for a run that never was: it stays, so that no level is published again if it was after all."""
    rescinded_at = now if _is_open_breach(clock) else clock.rescinded_at
    return clock._replace(state="cancelled", closed_at=clock.started_at, met_at=None, rescinded_at=rescinded_at)


_DECIDED: Mapping[str, str] = {"met": "kept", "rescinded": "kept", "met_late": "late", "cancelled": "cancelled"}


def _is_decided_and_unchanged(before: StoredClock, clock_run: ClockRun) -> bool:
    """Whether a clock was decided and nothing new is known of it: most clocks, most of the time."""
    holder = clock_run.missed_by if clock_run.verdict == "late" else clock_run.owner
    return (
        _DECIDED.get(before.state) == clock_run.verdict
        and before.met_at == clock_run.met_at
        and before.due_at == clock_run.due_at
        and before.closed_at == clock_run.stopped_at
        and before.policy == clock_run.policy
        and before.lead_type == clock_run.lead_type
        and before.started_at == clock_run.started_at
        and before.warn_at == clock_run.warn_at
        and before.paused_until == clock_run.paused_until
        and before.rep_id == (holder.rep_id if holder else None)
        and before.team == (holder.team if holder else None)
    )


def _was_flagged(clock: StoredClock) -> bool:
    return bool(clock.warned_at or clock.breached_at or clock.kept_at)


def _is_open_breach(clock: StoredClock) -> bool:
    return clock.breached_at is not None and clock.rescinded_at is None


def count_attempts(facts: Facts, agreements: Agreements) -> int:
    """Return how often people tried to reach the contact; tries within one spell are one attempt."""
    return len(LeadUnderVersions(facts, agreements).for_version(agreements.current).attempt_times())


def find_default_return_reason(facts: Facts, agreements: Agreements) -> str:
    """Return the reason with which a lead would be recycled if its review ended now."""
    seen = LeadUnderVersions(facts, agreements).for_version(agreements.current)
    return choose_return_reason(seen, seen.attempt_times())
