"""One clock on its way from what was flagged to what is to be.

Each level of a clock is said once, for ever; what was said and proves wrong is taken back by a further event.
"""

from datetime import datetime, timedelta
from typing import Any

from events.ids import clock_id
from events.sla import ClockBreached, ClockEscalated, ClockEvent, ClockMet, ClockRescinded, ClockWarned, ReviewOpened
from sla_monitor.domain.clocks import Truth
from sla_monitor.domain.promises import View
from sla_monitor.domain.states import Clock, State
from sla_monitor.playbook import Step


class Flagging:
    """One clock on its way from what was flagged to what is to be."""

    def __init__(self, seen: View, truth: Truth, before: Clock | None, now: datetime) -> None:
        self.seen = seen
        self.truth = truth
        self.before = before
        self.now = now
        self.overdue = truth.due_at is not None and truth.due_at <= now
        self.said: list[tuple[type[ClockEvent], dict[str, Any]]] = []
        self.state: State = "running"
        self.holder = truth.owner
        self.warned_at = before.warned_at if before else None
        self.warnings = before.warnings if before else 0
        self.breached_at = before.breached_at if before else None
        self.kept_at = before.kept_at if before else None
        self.rescinded_at = before.rescinded_at if before else None
        self.escalations = before.escalations if before else 0
        self.reassigned = before.reassigned if before else False

    def clock(self, version: str) -> Clock:
        """Give the row that it comes to."""
        facts, truth = self.seen.facts, self.truth
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
            self.warnings,
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
        due_at = self.truth.due_at
        if self.truth.verdict in ("late", "missed"):
            return None if self.breached_at else due_at
        if self.truth.verdict != "open" or due_at is None:
            return None
        if self.overdue and self.breached_at:
            steps = self.truth.steps[self.escalations :]
            return due_at + _delay(steps[0]) if steps else None
        if self.overdue:
            return due_at
        moments = [due_at, *self.truth.warns[self.warnings :]]
        return min(moments if self._paused is None else [*moments, self._paused])

    @property
    def _paused(self) -> datetime | None:
        """Until when the clock stands still now."""
        return next((ends for begins, ends in self.truth.pauses if begins <= self.now < ends), None)

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
        if self.overdue and (fired or self.breached_at):
            self._breach()
            if fired:
                self._escalate(may_reassign=may_reassign)
        elif fired and self.truth.warns[self.warnings :] and self.truth.warns[self.warnings] <= self.now:
            self._warn()
        elif self._paused is not None:
            self.state = "paused"
        elif self.warned_at:
            self.state = "warned"

    def _warn(self) -> None:
        self.state, self.warned_at = "warned", self.now
        self.warnings = sum(at <= self.now for at in self.truth.warns)
        if self.truth.clock == "review":
            self._say(ReviewOpened, touches=len(self._touches()))
        else:
            self._say(ClockWarned, level=self.warnings)

    def _breach(self) -> None:
        self.state, self.holder = "breached", self.truth.missed_by
        if self.breached_at is None:
            self.breached_at = self.now
            self._say(ClockBreached, overdue_seconds=self._overdue_by(self.now))

    def _escalate(self, *, may_reassign: bool) -> None:
        for step in self.truth.steps[self.escalations :]:
            if self.truth.due_at is None or self.truth.due_at + _delay(step) > self.now:
                return
            action = "manager" if step.action == "reassign" and not may_reassign else step.action
            self.escalations += 1
            self.reassigned |= action == "reassign"
            self._say(
                ClockEscalated,
                step=self.escalations,
                action=action,
                reason=reason_for(self.seen, self._touches()) if action == "recycle" else None,
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

    def _touches(self) -> list[datetime]:
        return [at for at in self.seen.touches("review") if at <= self.now]

    def _overdue_by(self, at: datetime) -> float:
        return (at - self.truth.due_at).total_seconds() if self.truth.due_at else 0.0

    def _say(self, kind: type[ClockEvent], **extra: Any) -> None:
        self.said.append((kind, extra))


def _delay(step: Step) -> timedelta:
    return step.after.length if step.after else timedelta()


def reason_for(seen: View, touches: list[datetime]) -> str:
    """Say why a lead goes back that nobody decided on; no touch at all is sales' miss."""
    if not touches:
        return "not_followed_up"
    return "unreachable" if len(touches) >= seen.review.unreachable_after else "no_outcome"
