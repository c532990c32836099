"""Carry out what people command and what timers decided: a lead and a command in, a lead and its events out."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from events.envelope import LeadEvent
from events.ids import derive
from events.leads import (
    Bant,
    LeadAccepted,
    LeadConfirmed,
    LeadDisqualified,
    LeadLost,
    LeadRecycled,
    LeadRejected,
    LeadReleased,
    LeadTouched,
    LeadWon,
    MeetingChanged,
    OpportunityOpened,
)
from events.sla import ClockEscalated
from feedback.domain import commands as asked
from feedback.domain.commands import Order
from feedback.domain.kin import duplicate
from feedback.domain.lead import Lead, hear, touch
from feedback.domain.lifecycle import BY_BATON, COOLED, OUTCOMES, TAKEN_BACK, Move, State, fold, target
from feedback.domain.refusals import CurrencyUnknown, IllegalMove, InTheFuture, WouldUndo
from feedback.domain.verdict import Plea, judge, sentence
from feedback.playbook import FeedbackPlaybook

WITHOUT_REASON = "no_outcome"


@dataclass(frozen=True, slots=True)
class Desk:
    """What a decision rests on beside the lead: the instant, the playbook in force, and the stages' limits."""

    now: datetime
    rules: FeedbackPlaybook
    version: str
    limits: Mapping[str, int] = field(default_factory=dict)
    """Days after which a lead returns from a stage by itself."""
    stages: frozenset[str] = frozenset()
    """The stages that the definitions name."""
    prospect_from: int = 2
    """Engagements from which on a contact is a prospect."""

    @property
    def owning(self) -> tuple[str, ...]:
        """The roles whose accept is a SAL."""
        return tuple(sorted(self.rules.sal_taken_by))


@dataclass(frozen=True, slots=True)
class Done:
    """A command carried out: the lead after it, what to say, and under which name it was done."""

    lead: Lead
    events: tuple[LeadEvent, ...]
    carried_out_as: str
    at: datetime


def perform(lead: Lead, order: Order, desk: Desk) -> Done:
    """Carry out one command on one lead, placed where it happened; raises a `Refusal` where that cannot be."""
    command = order.command
    at = happened(command.at, desk)
    lead = hear(lead, at)
    if isinstance(command, asked.Touch):
        answered = command.outcome != "no_answer" and not command.automated
        lead = touch(lead, at, automated=command.automated, answered=answered)
        return Done(lead, (_fact(LeadTouched, lead, order, at, desk, given=_touch_of(command)),), "touches", at)
    if isinstance(command, asked.Meeting):
        given = {"outcome": command.outcome, "starts_at": command.starts_at, "with_rep": command.with_rep}
        return Done(lead, (_fact(MeetingChanged, lead, order, at, desk, given=given),), "meetings", at)
    then = state_at(lead, at)
    moved = _move(lead, _moves(lead, order, command, at, desk), then)
    primary = _primary(moved, order, at, desk, then)
    moved, ended = say_end(moved)
    carried_out_as = order.name
    if moved.standing.end is not None and order.name in ("recycle", "disqualify"):
        carried_out_as = "recycle" if moved.state == "recycled" else "disqualify"
    return Done(moved, (*primary, *ended), carried_out_as, at)


def happened(at: datetime | None, desk: Desk) -> datetime:
    """Give when something happened: now unless said; a clock that runs a little ahead is forgiven."""
    if at is None:
        return desk.now
    if at > desk.now + timedelta(seconds=desk.rules.clock_skew_seconds):
        raise InTheFuture("at")
    return min(at, desk.now)


def _moves(lead: Lead, order: Order, command: asked.Moving, at: datetime, desk: Desk) -> tuple[Move, ...]:
    """Write a command as moves: one, or two for a loss, which goes to a track in the same instant."""
    move = partial(Move, order.action_id, command.step, at, order.by, playbook_version=desk.version)
    if isinstance(command, asked.Accept):
        return (move(role=command.role, owning=desk.owning),)
    if isinstance(command, asked.Opportunity) and command.currency is not None:
        _check_currency(command.currency, desk)
    if isinstance(command, asked.Opportunity | asked.Won):
        return (move(amount=command.amount),)
    if not isinstance(command, asked.WithReason):
        return (move(),)
    verdict = judge(lead, _plea(command, at), desk.rules)
    decided = move(
        to=verdict.to,
        reason=command.reason,
        track=verdict.track,
        wake_at=verdict.wake_at,
        wakes_on=verdict.wakes_on,
        has_note=command.note is not None,
    )
    if command.step != "lost":
        return (decided,)
    lost = move(reason=command.reason, has_note=decided.has_note)
    return lost, replace(decided, id=derive("return", decided.id), step="return")


def _check_currency(currency: str, desk: Desk) -> None:
    if currency not in desk.rules.currencies:
        raise CurrencyUnknown("currency")


def _plea(command: asked.WithReason, at: datetime) -> Plea:
    return Plea(
        reason=command.reason,
        at=at,
        context=command.context,
        wake_at=command.wake_at if isinstance(command, asked.Recycle) else None,
        renewal_at=command.renewal_at if isinstance(command, asked.Recycle) else None,
        routes_again=isinstance(command, asked.Reject),
    )


def _move(lead: Lead, moves: tuple[Move, ...], then: State) -> Lead:
    """Place moves where they happened. Refuses what was illegal there, and what would undo later work of people.

    An outcome may undo: it reopens what was ended, and later steps that it made impossible count no more.
    """
    moved = lead.having(moves=(*lead.moves, *moves))
    first = moves[0]
    if target(then, first, lead.roles) is None:
        raise IllegalMove(then, first.step)
    if first.step not in OUTCOMES:
        by_people = {move.id for move in lead.moves if move.step not in BY_BATON}
        undone = not by_people & set(lead.standing.counted) <= set(moved.standing.counted)
        if undone or (lead.standing.end is not None and moved.is_open):
            raise WouldUndo(lead.state)
    return moved


def state_at(lead: Lead, at: datetime) -> State:
    """Give the state that a lead was in at an instant."""
    if all(move.at <= at for move in lead.moves):
        return lead.state
    return fold((move for move in lead.moves if move.at <= at), lead.roles).state


def say_end(lead: Lead) -> tuple[Lead, tuple[LeadEvent, ...]]:
    """Give the event for the end of a cycle that was not published yet, and remember that it is."""
    end = lead.standing.end
    said = end.id if end is not None else None
    if said == lead.said_end:
        return lead, ()
    lead = lead.having(said_end=said)
    if end is None:
        return lead, ()
    kind = LeadRecycled if lead.state == "recycled" else LeadDisqualified
    event = kind(
        occurred_at=end.at,
        contact_id=lead.contact_id,
        lead_id=lead.lead_id,
        cycle=lead.cycle,
        playbook_version=end.playbook_version,
        reason=end.reason or WITHOUT_REASON,
        by=end.by,
        attempts=lead.touches,
        has_note=end.has_note,
        track=end.track,
        wake_at=end.wake_at,
        segment=lead.segment,
        rep_id=lead.rep_id,
        from_state=lead.standing.ended_from,
        state=lead.state,
    )
    return lead, (event,)


def escalate(lead: Lead, fact: ClockEscalated, desk: Desk) -> Lead:
    """Return a lead whose review ran out; counts only while it is open and without an opportunity."""
    return _by_timer(lead, Move(fact.ce_id, "escalate", fact.occurred_at, "sla-monitor", reason=fact.reason), desk)


def take_back(lead: Lead, fact: LeadReleased, desk: Desk) -> Lead:
    """Return a lead that cooled before anybody had it, or whose contact refused or put off to be spoken to."""
    step, by, reason = TAKEN_BACK[fact.reason]
    known = reason if reason in desk.rules.reasons else COOLED
    return _by_timer(lead, Move(fact.ce_id, step, fact.occurred_at, by, reason=known), desk)


def stall(lead: Lead, desk: Desk) -> Lead:
    """Return a lead that rested too long in an open stage: nothing is left lying."""
    due, lead = lead.stalls_at, lead.having(stalls_at=None)
    if due is None or lead.state not in desk.limits:
        return lead
    move = Move(derive("stall", lead.lead_id, due), "escalate", desk.now, "feedback", reason=WITHOUT_REASON)
    return _by_timer(lead, move, desk)


def end_as_duplicate(lead: Lead, survivor_id: UUID, merged_at: datetime, desk: Desk) -> Lead:
    """End a lead because its contact turned out to be somebody who has another open one."""
    move_id = derive("merge", lead.lead_id, survivor_id, merged_at.isoformat())
    if any(known.id == move_id for known in lead.moves):
        return lead
    return by_rule(lead, duplicate(lead, survivor_id, merged_at, move_id), desk)


def _by_timer(lead: Lead, move: Move, desk: Desk) -> Lead:
    """Place a timer's decision after the last that people did: what they said meanwhile is not undone by it."""
    if any(known.id == move.id for known in lead.moves):
        return lead
    return by_rule(lead, replace(move, at=max(move.at, lead.standing.last_by_people or move.at)), desk)


def by_rule(lead: Lead, move: Move, desk: Desk) -> Lead:
    """Let a reason decide that no person argued for; one that the playbook does not know is taken as no outcome."""
    name = move.reason if move.reason in desk.rules.reasons else WITHOUT_REASON
    verdict = sentence(lead, Plea(name, move.at, {}), desk.rules.reasons[name], desk.rules)
    decided = replace(
        move,
        to=verdict.to,
        reason=name,
        track=verdict.track,
        wake_at=verdict.wake_at,
        wakes_on=verdict.wakes_on,
        playbook_version=desk.version,
    )
    return lead.having(moves=(*lead.moves, decided))


def _touch_of(command: asked.Touch) -> dict[str, Any]:
    return {
        "kind": command.kind,
        "outcome": command.outcome,
        "automated": command.automated,
        "seconds": command.seconds,
        "topics": list(command.topics),
    }


def _primary(lead: Lead, order: Order, at: datetime, desk: Desk, then: State) -> tuple[LeadEvent, ...]:
    """Say what a person did. A return and a disqualification are said by the end of the cycle itself."""
    command = order.command
    kind: type[LeadEvent]
    given: dict[str, Any] = {}
    if isinstance(command, asked.Accept):
        kind = LeadAccepted
    elif isinstance(command, asked.Reject | asked.Lost):
        kind = LeadRejected if isinstance(command, asked.Reject) else LeadLost
        given = {"reason": command.reason, "has_note": command.note is not None}
    elif isinstance(command, asked.Confirm):
        kind, given = LeadConfirmed, {"bant": Bant(**command.bant.model_dump())}
    elif isinstance(command, asked.Opportunity):
        kind = OpportunityOpened
        given = {"amount": command.amount, "currency": command.currency, "external_id": command.external_id}
    elif isinstance(command, asked.Won):
        kind, given = LeadWon, {"amount": command.amount}
    else:
        return ()
    return (_fact(kind, lead, order, at, desk, given=given | {"from_state": then}),)


def _fact(
    kind: type[LeadEvent], lead: Lead, order: Order, at: datetime, desk: Desk, *, given: dict[str, Any]
) -> LeadEvent:
    return kind(
        occurred_at=at,
        contact_id=lead.contact_id,
        lead_id=lead.lead_id,
        cycle=lead.cycle,
        action_id=order.action_id,
        by=order.by,
        recorded_at=desk.now,
        state="lost" if kind is LeadLost else lead.state,
        playbook_version=desk.version,
        **given,
    )
