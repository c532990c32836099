"""One clock: from what was flagged before to what is to be flagged.

Each level of a clock is published once, for ever; what proves wrong is taken back by a further event.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from events.ids import derive_clock_id
from events.sla import ClockBreached, ClockEscalated, ClockEvent, ClockMet, ClockRescinded, ClockWarned, ReviewOpened
from sla_monitor.domain.clocks import ClockRun
from sla_monitor.domain.promises import LeadUnderVersion
from sla_monitor.domain.states import State, StoredClock
from sla_monitor.domain.to_events import clock_event
from sla_monitor.playbook import EscalationStep


class ClockTransition:
    """One clock: from what was flagged before to what is to be flagged."""

    def __init__(self, seen: LeadUnderVersion, clock_run: ClockRun, before: StoredClock | None, now: datetime) -> None:
        self.seen = seen
        self.clock_run = clock_run
        self.before = before
        self.now = now
        self.overdue = clock_run.due_at is not None and clock_run.due_at <= now
        self.events: list[Callable[[StoredClock, datetime], ClockEvent]] = []
        """What is to be published of the clock as it is stored then."""
        self.state: State = "running"
        self.holder = clock_run.owner
        self.warned_at = before.warned_at if before else None
        self.warnings = before.warnings if before else 0
        self.breached_at = before.breached_at if before else None
        self.kept_at = before.kept_at if before else None
        self.rescinded_at = before.rescinded_at if before else None
        self.escalations = before.escalations if before else 0
        self.reassigned = before.reassigned if before else False

    def to_stored_clock(self, version: str) -> StoredClock:
        """Return the row to store."""
        facts, clock_run = self.seen.facts, self.clock_run
        return StoredClock(
            self.before.clock_id if self.before else derive_clock_id(facts.lead_id, *clock_run.name),
            facts.lead_id,
            facts.contact_id,
            facts.cycle,
            clock_run.clock,
            clock_run.run,
            clock_run.policy,
            version,
            clock_run.lead_type,
            self.holder.rep_id if self.holder else None,
            self.holder.team if self.holder else None,
            clock_run.started_at,
            clock_run.warn_at,
            clock_run.due_at,
            clock_run.paused_until,
            clock_run.met_at,
            clock_run.stopped_at,
            self.state,
            self.warned_at,
            self.breached_at,
            self.kept_at,
            self.rescinded_at,
            self.escalations,
            self.reassigned,
            self.warnings,
        )

    def decide_state_and_events(self, *, fired: bool, may_reassign: bool) -> None:
        """Decide the state, and which events to publish.

        Args:
            fired: Whether the lead's timer fell due; only then is something flagged that nobody has done yet.
            may_reassign: Whether a step may still take the lead from its rep; else it goes to the manager.
        """
        verdict = self.clock_run.verdict
        if verdict == "kept":
            self._handle_kept()
        elif verdict == "cancelled":
            self._handle_cancelled()
        elif verdict == "open" or not self.overdue:
            self._handle_open(fired=fired, may_reassign=may_reassign)
        else:
            self._publish_breach()
            if verdict == "late":
                self._publish_met("met_late")

    def next_flag_at(self) -> datetime | None:
        """Return the next instant at which this clock has something to flag, past or future; None: never."""
        due_at = self.clock_run.due_at
        if self.clock_run.verdict in ("late", "missed"):
            return None if self.breached_at and self.overdue else due_at
        if self.clock_run.verdict != "open" or due_at is None:
            return None
        if self.overdue and self.breached_at:
            steps = self.clock_run.steps[self.escalations :]
            return due_at + _delay_of_step(steps[0]) if steps else None
        if self.overdue:
            return due_at
        moments = [due_at, *self.clock_run.warns[self.warnings :]]
        return min(moments if self._paused_until is None else [*moments, self._paused_until])

    @property
    def _paused_until(self) -> datetime | None:
        """Until when the clock stands still now."""
        return next((ends for begins, ends in self.clock_run.pauses if begins <= self.now < ends), None)

    def _handle_kept(self) -> None:
        if self.breached_at is None:
            self._publish_met("met")
        else:
            self.state = "rescinded"
            self._publish_rescinded()

    def _handle_cancelled(self) -> None:
        self.state = "cancelled"
        if self.breached_at is not None:
            self._publish_rescinded()

    def _handle_open(self, *, fired: bool, may_reassign: bool) -> None:
        if self.overdue and (fired or self.breached_at):
            self._publish_breach()
            if fired:
                self._publish_escalations(may_reassign=may_reassign)
        elif fired and self.clock_run.warns[self.warnings :] and self.clock_run.warns[self.warnings] <= self.now:
            self._publish_warning()
        elif self._paused_until is not None:
            self.state = "paused"
        elif self.warned_at:
            self.state = "warned"

    def _publish_warning(self) -> None:
        self.state, self.warned_at = "warned", self.now
        self.warnings = sum(at <= self.now for at in self.clock_run.warns)
        if self.clock_run.clock == "review":
            self._add_event(ReviewOpened, touches=len(self._past_attempts()))
        else:
            self._add_event(ClockWarned, level=self.warnings)

    def _publish_breach(self) -> None:
        self.state, self.holder = "breached", self.clock_run.missed_by
        if self.breached_at is None:
            self.breached_at = self.now
            self._add_event(ClockBreached, overdue_seconds=self._overdue_seconds(self.now))

    def _publish_escalations(self, *, may_reassign: bool) -> None:
        for step in self.clock_run.steps[self.escalations :]:
            if self.clock_run.due_at is None or self.clock_run.due_at + _delay_of_step(step) > self.now:
                return
            action = "manager" if step.action == "reassign" and not may_reassign else step.action
            self.escalations += 1
            self.reassigned |= action == "reassign"
            self._add_event(
                ClockEscalated,
                step=self.escalations,
                action=action,
                reason=choose_return_reason(self.seen, self._past_attempts()) if action == "recycle" else None,
                overdue_seconds=self._overdue_seconds(self.now),
            )

    def _publish_met(self, state: State) -> None:
        self.state = state
        met_at = self.clock_run.met_at
        if self.kept_at is None and met_at is not None:
            self.kept_at = self.now
            late_by = self._overdue_seconds(met_at) if state == "met_late" else 0.0
            self._add_event(ClockMet, met_at=met_at, overdue_seconds=late_by)

    def _publish_rescinded(self) -> None:
        if self.rescinded_at is None:
            self.rescinded_at = self.now
            met_at = self.clock_run.met_at
            self._add_event(
                ClockRescinded,
                met_at=met_at or self.clock_run.stopped_at,
                kept=met_at is not None,
                was_late=self.kept_at is not None,
            )

    def _past_attempts(self) -> list[datetime]:
        return [at for at in self.seen.attempt_times() if at <= self.now]

    def _overdue_seconds(self, at: datetime) -> float:
        return (at - self.clock_run.due_at).total_seconds() if self.clock_run.due_at else 0.0

    def _add_event(self, kind: type[ClockEvent], **extra: Any) -> None:
        self.events.append(partial(clock_event, kind, **extra))


def _delay_of_step(step: EscalationStep) -> timedelta:
    return step.after.length if step.after else timedelta()


def choose_return_reason(seen: LeadUnderVersion, touches: list[datetime]) -> str:
    """Return the reason with which a lead is recycled that nobody decided on; no touch at all is sales' miss."""
    if not touches:
        return "not_followed_up"
    return "unreachable" if len(touches) >= seen.review_rule.unreachable_after else "no_outcome"
