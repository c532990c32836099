"""Hold what the facts say about a lead's clocks against what was flagged before, and say what is new.

Only a timer flags what nobody has done yet (`fired`): when an event is handled, others may still be on their way.
Each level of a clock is said once, for ever; what was said and proves wrong is taken back by a further event.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from events.ids import clock_id
from events.sla import (
    ClockBreached,
    ClockEscalated,
    ClockEvent,
    ClockMet,
    ClockRescinded,
    ClockWarned,
    ReviewOpened,
)
from sla_monitor.domain.clocks import Truth, derive
from sla_monitor.domain.facts import Facts
from sla_monitor.domain.promises import view
from sla_monitor.domain.states import Clock, Name, State
from sla_monitor.playbook import SlaPlaybook, Step


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
    playbooks: Mapping[str, SlaPlaybook],
    in_force: str,
    now: datetime,
    *,
    fired: bool,
) -> Settled:
    """Bring a lead's clocks up to what is known at `now` (UTC).

    `playbooks` holds every version that a stored clock is pinned to, and the one `in_force`, which new clocks get.
    `fired` says that the lead's timer fell due, so that what is overdue and unanswered is flagged.
    """
    pinned = {name: playbooks[clock.playbook_version] for name, clock in stored.items()}
    current = playbooks[in_force]
    taken = sum(clock.reassigned for clock in stored.values())
    changed, events, moments = [], [], []
    truths = derive(facts, lambda name: pinned.get(name, current))
    for truth in truths:
        before = stored.get(truth.name)
        if before is not None and _rests(before, truth):
            continue
        version = before.playbook_version if before else in_force
        flagging = _Flagging(facts, truth, before, playbooks[version], now)
        flagging.flag(fired=fired, may_reassign=taken < playbooks[version].escalations.reassignments)
        clock = flagging.clock(version)
        if clock != before:
            changed.append(clock)
            taken += clock.reassigned and not (before and before.reassigned)
            events += [_event(kind, clock, now, extra) for kind, extra in flagging.said]
        moments.append(flagging.next_at())
    gone = [stored[name] for name in stored.keys() - {truth.name for truth in truths}]
    events += [_event(ClockRescinded, clock, now, {"met_at": clock.started_at}) for clock in gone if _was_told(clock)]
    next_at = min((at for at in moments if at), default=None)
    return Settled(changed, [clock.clock_id for clock in gone], events, next_at)


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


class _Flagging:
    """One clock on its way from what was flagged to what is to be."""

    def __init__(self, facts: Facts, truth: Truth, before: Clock | None, playbook: SlaPlaybook, now: datetime) -> None:
        self.facts = facts
        self.truth = truth
        self.before = before
        self.playbook = playbook
        self.now = now
        self.overdue = truth.due_at is not None and truth.due_at <= now
        self.said: list[tuple[type[ClockEvent], dict[str, Any]]] = []
        self.state: State = "running"
        self.holder = truth.owner
        self.warned_at = before.warned_at if before else None
        self.breached_at = before.breached_at if before else None
        self.kept_at = before.kept_at if before else None
        self.rescinded_at = before.rescinded_at if before else None
        self.escalations = before.escalations if before else 0
        self.reassigned = before.reassigned if before else False

    def clock(self, version: str) -> Clock:
        """Give the row that it comes to."""
        facts, truth = self.facts, self.truth
        return Clock(
            self.before.clock_id if self.before else clock_id(facts.lead_id, *truth.name),
            facts.lead_id,
            facts.contact_id,
            facts.cycle,
            truth.clock,
            truth.run,
            truth.policy,
            version,
            truth.lead_type,
            self.holder.rep_id if self.holder else None,
            self.holder.team if self.holder else None,
            truth.started_at,
            truth.warn_at,
            truth.due_at,
            truth.paused_until,
            truth.met_at,
            truth.cut_at,
            self.state,
            self.warned_at,
            self.breached_at,
            self.kept_at,
            self.rescinded_at,
            self.escalations,
            self.reassigned,
        )

    def flag(self, *, fired: bool, may_reassign: bool) -> None:
        """Decide the state, and what is to be said."""
        verdict = self.truth.verdict
        if verdict == "kept":
            self._kept()
        elif verdict == "cancelled":
            self._cancelled()
        elif verdict == "open" or not self.overdue:
            self._open(fired=fired, may_reassign=may_reassign)
        else:
            self._breach()
            if verdict == "late":
                self._meet("met_late")

    def next_at(self) -> datetime | None:
        """Give the next instant at which this clock has something to flag, past or future."""
        due_at, paused_until = self.truth.due_at, self.truth.paused_until
        if self.truth.verdict in ("late", "missed"):
            return None if self.breached_at else due_at
        if self.truth.verdict != "open" or due_at is None:
            return None
        if self.overdue and self.breached_at:
            steps = _steps(self.playbook, self.truth.clock)[self.escalations :]
            return due_at + _delay(steps[0]) if steps else None
        if self.overdue:
            return due_at
        if paused_until and paused_until > self.now:
            return paused_until
        return due_at if self.warned_at else self.truth.warn_at

    def _kept(self) -> None:
        if self.breached_at is None:
            self._meet("met")
        else:
            self.state = "rescinded"
            self._rescind()

    def _cancelled(self) -> None:
        self.state = "cancelled"
        if self.breached_at is not None:
            self._rescind()

    def _open(self, *, fired: bool, may_reassign: bool) -> None:
        warn_at, paused_until = self.truth.warn_at, self.truth.paused_until
        if self.overdue and (fired or self.breached_at):
            self._breach()
            if fired:
                self._escalate(may_reassign=may_reassign)
        elif fired and self.warned_at is None and warn_at and warn_at <= self.now:
            self._warn()
        elif paused_until and paused_until > self.now:
            self.state = "paused"
        elif self.warned_at:
            self.state = "warned"

    def _warn(self) -> None:
        self.state, self.warned_at = "warned", self.now
        if self.truth.clock == "review":
            self._say(ReviewOpened, touches=len(self._touches()))
        else:
            self._say(ClockWarned)

    def _breach(self) -> None:
        self.state, self.holder = "breached", self.truth.missed_by
        if self.breached_at is None:
            self.breached_at = self.now
            self._say(ClockBreached, overdue_seconds=self._overdue_by(self.now))

    def _escalate(self, *, may_reassign: bool) -> None:
        for step in _steps(self.playbook, self.truth.clock)[self.escalations :]:
            if self.truth.due_at is None or self.truth.due_at + _delay(step) > self.now:
                return
            action = "manager" if step.action == "reassign" and not may_reassign else step.action
            self.escalations += 1
            self.reassigned |= action == "reassign"
            self._say(
                ClockEscalated,
                step=self.escalations,
                action=action,
                reason=self._reason() if action == "recycle" else None,
                overdue_seconds=self._overdue_by(self.now),
            )

    def _meet(self, state: State) -> None:
        self.state = state
        met_at = self.truth.met_at
        if self.kept_at is None and met_at is not None:
            self.kept_at = self.now
            late_by = self._overdue_by(met_at) if state == "met_late" else 0.0
            self._say(ClockMet, met_at=met_at, overdue_seconds=late_by)

    def _rescind(self) -> None:
        if self.rescinded_at is None:
            self.rescinded_at = self.now
            self._say(ClockRescinded, met_at=self.truth.met_at or self.truth.cut_at)

    def _reason(self) -> str:
        """Say why a lead goes back that nobody decided on; no touch at all is sales' miss."""
        made = len(self._touches())
        if made == 0:
            return "not_followed_up"
        return "unreachable" if made >= self.playbook.review.unreachable_after else "no_outcome"

    def _touches(self) -> list[datetime]:
        return [at for at in view(self.facts, self.playbook).touches if at <= self.now]

    def _overdue_by(self, at: datetime) -> float:
        return (at - self.truth.due_at).total_seconds() if self.truth.due_at else 0.0

    def _say(self, kind: type[ClockEvent], **extra: Any) -> None:
        self.said.append((kind, extra))


def _steps(playbook: SlaPlaybook, clock: str) -> tuple[Step, ...]:
    steps: tuple[Step, ...] = getattr(playbook.escalations, clock, ())
    return steps


def _delay(step: Step) -> timedelta:
    return step.after.length if step.after else timedelta()


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
