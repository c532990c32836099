"""Hold what the facts say about a lead's clocks against what was flagged before, and say what is new.

Only a timer flags what nobody has done yet (`fired`): when an event is handled, others may still be on their way.
Each level of a clock is said once, for ever; what was said and proves wrong is taken back by a further event.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

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
from sla_monitor.domain.states import Clock, State, restated
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
    stored: Mapping[UUID, Clock],
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

    def playbook_of(identity: UUID) -> SlaPlaybook:
        return playbooks[stored[identity].playbook_version if identity in stored else in_force]

    taken = sum(clock.reassigned for clock in stored.values())
    changed, events, moments = [], [], []
    truths = derive(facts, playbook_of)
    for truth in truths:
        before = stored.get(truth.clock_id)
        playbook = playbook_of(truth.clock_id)
        flagging = _Flagging(facts, truth, restated(truth, before, facts, in_force), playbook, now)
        flagging.flag(fired=fired, may_reassign=taken < playbook.escalations.reassignments)
        taken += flagging.clock.reassigned and not (before and before.reassigned)
        moments.append(flagging.next_at())
        events += flagging.events
        if flagging.clock != before:
            changed.append(flagging.clock)
    gone = stored.keys() - {truth.clock_id for truth in truths}
    for identity in gone:
        events += _unsaid(facts, stored[identity], now)
    return Settled(changed, sorted(gone), events, min((at for at in moments if at), default=None))


class _Flagging:
    """One clock on its way from what was flagged to what is to be."""

    def __init__(self, facts: Facts, truth: Truth, clock: Clock, playbook: SlaPlaybook, now: datetime) -> None:
        self.facts = facts
        self.truth = truth
        self.clock = clock
        self.playbook = playbook
        self.now = now
        self.events: list[ClockEvent] = []

    @property
    def overdue(self) -> bool:
        return self.clock.due_at is not None and self.clock.due_at <= self.now

    def flag(self, *, fired: bool, may_reassign: bool) -> None:
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
        clock = self.clock
        if self.truth.verdict in ("late", "missed"):
            return None if clock.breached_at else clock.due_at
        if self.truth.verdict != "open" or clock.due_at is None:
            return None
        if clock.breached_at:
            steps = _steps(self.playbook, clock.clock)[clock.escalations :]
            return clock.due_at + _delay(steps[0]) if steps else None
        if self.overdue:
            return clock.due_at
        if clock.paused_until and clock.paused_until > self.now:
            return clock.paused_until
        return clock.due_at if clock.warned_at else clock.warn_at

    def _kept(self) -> None:
        if self.clock.breached_at is None:
            self._meet("met")
            return
        self.clock = replace(self.clock, state="rescinded")
        self._rescind()

    def _cancelled(self) -> None:
        self.clock = replace(self.clock, state="cancelled")
        if self.clock.breached_at is not None:
            self._rescind()

    def _open(self, *, fired: bool, may_reassign: bool) -> None:
        clock = self.clock
        if self.overdue and (fired or clock.breached_at):
            self._breach()
            if fired:
                self._escalate(may_reassign=may_reassign)
        elif fired and clock.warned_at is None and clock.warn_at and clock.warn_at <= self.now:
            self._warn()
        elif clock.paused_until and clock.paused_until > self.now:
            self.clock = replace(clock, state="paused")
        else:
            self.clock = replace(clock, state="warned" if clock.warned_at else "running")

    def _warn(self) -> None:
        self.clock = replace(self.clock, state="warned", warned_at=self.now)
        if self.clock.clock == "review":
            self._say(ReviewOpened, touches=len(self._touches()))
        else:
            self._say(ClockWarned)

    def _breach(self) -> None:
        said = self.clock.breached_at is not None
        missed_by = self.truth.missed_by
        self.clock = replace(
            self.clock,
            state="breached",
            breached_at=self.clock.breached_at or self.now,
            rep_id=missed_by.rep_id if missed_by else None,
            team=missed_by.team if missed_by else None,
        )
        if not said:
            self._say(ClockBreached, overdue_seconds=self._overdue_by(self.now))

    def _escalate(self, *, may_reassign: bool) -> None:
        for step in _steps(self.playbook, self.clock.clock)[self.clock.escalations :]:
            if self.clock.due_at is None or self.clock.due_at + _delay(step) > self.now:
                return
            action = step.action
            if action == "reassign" and not may_reassign:
                action = "manager"
            nth = self.clock.escalations + 1
            self.clock = replace(self.clock, escalations=nth, reassigned=self.clock.reassigned or action == "reassign")
            self._say(
                ClockEscalated,
                step=nth,
                action=action,
                reason=self._reason() if action == "recycle" else None,
                overdue_seconds=self._overdue_by(self.now),
            )

    def _meet(self, state: State) -> None:
        said = self.clock.kept_at is not None
        self.clock = replace(self.clock, state=state, kept_at=self.clock.kept_at or self.now)
        if not said and self.clock.met_at is not None:
            late_by = self._overdue_by(self.clock.met_at) if state == "met_late" else 0.0
            self._say(ClockMet, met_at=self.clock.met_at, overdue_seconds=late_by)

    def _rescind(self) -> None:
        if self.clock.rescinded_at is None:
            self.clock = replace(self.clock, rescinded_at=self.now)
            self._say(ClockRescinded, met_at=self.clock.met_at or self.clock.closed_at)

    def _reason(self) -> str:
        """Say why a lead goes back that nobody decided on; no touch at all is sales' miss."""
        made = len(self._touches())
        if made == 0:
            return "not_followed_up"
        return "unreachable" if made >= self.playbook.review.unreachable_after else "no_outcome"

    def _touches(self) -> list[datetime]:
        return [at for at in view(self.facts, self.playbook).touches if at <= self.now]

    def _overdue_by(self, at: datetime) -> float:
        return (at - self.clock.due_at).total_seconds() if self.clock.due_at else 0.0

    def _say(self, kind: type[ClockEvent], **extra: object) -> None:
        self.events.append(_event(kind, self.clock, self.facts, self.now, **extra))


def _steps(playbook: SlaPlaybook, clock: str) -> tuple[Step, ...]:
    steps: tuple[Step, ...] = getattr(playbook.escalations, clock, ())
    return steps


def _delay(step: Step) -> timedelta:
    return step.after.length if step.after else timedelta()


def _unsaid(facts: Facts, clock: Clock, now: datetime) -> list[ClockEvent]:
    """Take back the miss of a running that later facts show never was."""
    if clock.breached_at is None or clock.rescinded_at is not None:
        return []
    return [_event(ClockRescinded, clock, facts, now, met_at=clock.started_at)]


def _event(kind: type[ClockEvent], clock: Clock, facts: Facts, now: datetime, **extra: object) -> ClockEvent:
    return kind.model_validate(
        {
            "contact_id": facts.contact_id,
            "lead_id": facts.lead_id,
            "cycle": facts.cycle,
            "occurred_at": now,
            "playbook_version": clock.playbook_version,
            "clock_id": clock.clock_id,
            "clock": clock.clock,
            "policy": clock.policy,
            "started_at": clock.started_at,
            "due_at": clock.due_at,
            "rep_id": clock.rep_id,
            "team": clock.team,
            "lead_type": clock.lead_type,
            **extra,
        }
    )
