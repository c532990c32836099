"""Hold what the facts say about a lead's clocks against what was flagged before, and say what is new.

Only a timer flags what nobody has done yet (`fired`): when an event is handled, others may still be on their way.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from events.sla import ClockEvent, ClockRescinded
from sla_monitor.domain.agreements import Agreements
from sla_monitor.domain.clocks import Truth, derive
from sla_monitor.domain.facts import Facts
from sla_monitor.domain.flagging import Flagging, reason_for
from sla_monitor.domain.promises import Views
from sla_monitor.domain.states import Clock, Name


@dataclass(frozen=True, slots=True)
class Settled:
    """What a lead's clocks have come to: rows that changed, rows that never were, what to say, when to look again."""

    changed: list[Clock]
    gone: list[UUID]
    events: list[ClockEvent]
    next_at: datetime | None


def settle(
    facts: Facts,
    stored: Mapping[Name, Clock],
    agreements: Agreements,
    now: datetime,
    *,
    fired: bool,
) -> Settled:
    """Bring a lead's clocks up to what is known at `now` (UTC).

    `agreements` has every version that a stored clock is pinned to. `fired` says that the lead's timer fell due, so
    that what is overdue and unanswered is flagged.
    """
    versions, in_force = agreements.versions, agreements.in_force
    pinned = {name: versions[clock.playbook_version] for name, clock in stored.items()}
    taken = sum(clock.reassigned for clock in stored.values())
    changed, events, moments = [], [], []
    views = Views(facts, agreements)
    truths = derive(views, pinned)
    for truth in truths:
        before = stored.get(truth.name)
        if before is not None and _rests(before, truth):
            continue
        version = before.playbook_version if before else in_force
        flagging = Flagging(views.by(versions[version]), truth, before, now)
        flagging.flag(fired=fired, may_reassign=taken < versions[version].escalations.reassignments)
        clock = flagging.clock(version)
        if clock != before:
            changed.append(clock)
            taken += clock.reassigned and not (before and before.reassigned)
            events += [_event(kind, clock, now, extra) for kind, extra in flagging.said]
        moments.append(flagging.next_at())
    never = [stored[name] for name in stored.keys() - {truth.name for truth in truths}]
    events += [_event(ClockRescinded, clock, now, {"met_at": clock.started_at}) for clock in never if _was_told(clock)]
    changed += [void for clock in never if _was_flagged(clock) and (void := _void(clock, now)) != clock]
    gone = [clock.clock_id for clock in never if not _was_flagged(clock)]
    return Settled(changed, gone, events, min((at for at in moments if at), default=None))


def _void(clock: Clock, now: datetime) -> Clock:
    """Give the record of a running that never was: it stays, so that no level is said again if it was after all."""
    rescinded_at = now if _was_told(clock) else clock.rescinded_at
    return clock._replace(state="cancelled", closed_at=clock.started_at, met_at=None, rescinded_at=rescinded_at)


_DECIDED: Mapping[str, str] = {"met": "kept", "rescinded": "kept", "met_late": "late", "cancelled": "cancelled"}


def _rests(before: Clock, truth: Truth) -> bool:
    """Tell whether a clock was decided and nothing new is known of it: most clocks, most of the time."""
    holder = truth.missed_by if truth.verdict == "late" else truth.owner
    return (
        _DECIDED.get(before.state) == truth.verdict
        and before.met_at == truth.met_at
        and before.due_at == truth.due_at
        and before.closed_at == truth.cut_at
        and before.policy == truth.policy
        and before.lead_type == truth.lead_type
        and before.started_at == truth.started_at
        and before.warn_at == truth.warn_at
        and before.paused_until == truth.paused_until
        and before.rep_id == (holder.rep_id if holder else None)
        and before.team == (holder.team if holder else None)
    )


def _was_flagged(clock: Clock) -> bool:
    return bool(clock.warned_at or clock.breached_at or clock.kept_at)


def _was_told(clock: Clock) -> bool:
    return clock.breached_at is not None and clock.rescinded_at is None


def _event(kind: type[ClockEvent], clock: Clock, now: datetime, extra: dict[str, Any]) -> ClockEvent:
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


def default_reason(facts: Facts, agreements: Agreements) -> str:
    """Say with which reason a lead would go back if its review ended now."""
    seen = Views(facts, agreements).by(agreements.current)
    return reason_for(seen, seen.touches("review"))
