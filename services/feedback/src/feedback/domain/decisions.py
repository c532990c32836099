"""Carry out what people command and what timers decided: a lead and a command in, a lead and its events out."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from events.envelope import LeadEvent
from events.ids import derive_id
from events.leads import (
    LeadReleased,
    LeadTouched,
    MeetingChanged,
)
from events.sla import ClockEscalated
from feedback.domain import commands as asked
from feedback.domain.decision_context import DecisionContext
from feedback.domain.lead import Lead, apply_meeting, count_touch
from feedback.domain.lifecycle import BY_BATON, COOLED, OUTCOMES, TAKEN_BACK, Move, State, find_target_state, fold_moves
from feedback.domain.merged_leads import make_duplicate_move
from feedback.domain.orders import CommandOrder
from feedback.domain.qualification import check_confirmation
from feedback.domain.refusals import CurrencyUnknown, IllegalMove, InTheFuture, WouldUndoLaterStep
from feedback.domain.to_events import (
    WITHOUT_REASON,
    build_command_events,
    build_correction_event,
    build_lead_event,
    build_unpublished_end_event,
)
from feedback.domain.verdict import FURTHEST, ReasonGiven, decide_by_complete_reason, decide_by_reason


@dataclass(frozen=True, slots=True)
class CarriedOutCommand:
    """A command carried out: the lead after it, the events to publish, and under which name it was done."""

    lead: Lead
    events: tuple[LeadEvent, ...]
    carried_out_as: str
    at: datetime


def carry_out_command(lead: Lead, order: CommandOrder, context: DecisionContext) -> CarriedOutCommand:
    """Carry out one command on one lead, placed where it happened; raises a `Refusal` where that cannot be."""
    command = order.command
    at = compute_occurrence_time(command.at, context)
    lead = lead.with_known_since(at)
    if isinstance(command, asked.Touch):
        answered = command.outcome != "no_answer" and not command.automated
        lead = count_touch(lead, at, automated=command.automated, answered=answered)
        event = build_lead_event(
            LeadTouched, lead, order, at, context,
            kind=command.kind, outcome=command.outcome, automated=command.automated, seconds=command.seconds,
            topics=list(command.topics),
        )  # fmt: skip
        return CarriedOutCommand(lead, (event,), "touches", at)
    if isinstance(command, asked.Meeting):
        lead = apply_meeting(lead, at, command.outcome, command.starts_at)
        event = build_lead_event(
            MeetingChanged, lead, order, at, context,
            outcome=command.outcome, starts_at=command.starts_at, with_rep=command.with_rep,
        )  # fmt: skip
        return CarriedOutCommand(lead, (event,), "meetings", at)
    if isinstance(command, asked.CorrectContactFacts):
        return CarriedOutCommand(lead, build_correction_event(lead, order, at, context), "corrections", at)
    then = compute_state_at(lead, at)
    moved = _apply_moves(lead, _command_to_moves(lead, order, command, at, context), then)
    primary = build_command_events(moved, order, at, context, then)
    moved, ended = build_unpublished_end_event(moved, context)
    carried_out_as = order.name
    if moved.standing.end is not None and order.name in ("recycle", "disqualify"):
        carried_out_as = "recycle" if moved.state == "recycled" else "disqualify"
    found = build_correction_event(moved, order, at, context)
    return CarriedOutCommand(moved, (*primary, *found, *ended), carried_out_as, at)


def compute_occurrence_time(at: datetime | None, context: DecisionContext) -> datetime:
    """Return when something happened: now where `at` is None; a clock that runs a little ahead is forgiven."""
    if at is None:
        return context.now
    if at > context.now + timedelta(seconds=context.rules.clock_skew_seconds):
        raise InTheFuture("at")
    return min(at, context.now)


def _command_to_moves(
    lead: Lead, order: CommandOrder, command: asked.MovingCommand, at: datetime, context: DecisionContext
) -> tuple[Move, ...]:
    """Return a command as moves: one, or two for a loss, which goes to a track in the same instant."""
    move = partial(Move, order.action_id, command.step, at, order.by, playbook_version=context.version)
    if isinstance(command, asked.Accept):
        return (move(role=command.role, owning=context.owning_roles),)
    if isinstance(command, asked.OpenOpportunity) and command.currency is not None:
        _refuse_unknown_currency(command.currency, context)
    if isinstance(command, asked.Confirm):
        check_confirmation(lead, order, command, context.rules.sql)
    if isinstance(command, asked.OpenOpportunity | asked.Won):
        return (move(amount=command.amount),)
    if not isinstance(command, asked.CommandWithReason):
        return (move(),)
    verdict = decide_by_reason(lead, _reason_of_command(command, at), context.rules)
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
    return lost, replace(decided, id=derive_id("return", decided.id), step="return")


def _refuse_unknown_currency(currency: str, context: DecisionContext) -> None:
    if currency not in context.rules.currencies:
        raise CurrencyUnknown("currency")


def _reason_of_command(command: asked.CommandWithReason, at: datetime) -> ReasonGiven:
    return ReasonGiven(
        reason=command.reason,
        at=at,
        context=command.context,
        wake_at=command.wake_at if isinstance(command, asked.Recycle) else None,
        renewal_at=command.renewal_at if isinstance(command, asked.Recycle) else None,
        routes_again=isinstance(command, asked.Reject),
    )


def _apply_moves(lead: Lead, moves: tuple[Move, ...], then: State) -> Lead:
    """Place moves where they happened. Refuses what was illegal there, and what would undo later work of people.

    An outcome may undo: it reopens what was ended, and later steps that it made impossible count no more.
    """
    moved = lead.with_facts(moves=(*lead.moves, *moves))
    first = moves[0]
    if find_target_state(then, first, lead.roles) is None:
        raise IllegalMove(then, first.step)
    if first.step not in OUTCOMES:
        by_people = {move.id for move in lead.moves if move.step not in BY_BATON}
        undone = not by_people & set(lead.standing.counted) <= set(moved.standing.counted)
        if undone or (lead.standing.end is not None and moved.is_open):
            raise WouldUndoLaterStep(lead.state)
    return moved


def compute_state_at(lead: Lead, at: datetime) -> State:
    """Return the state that a lead was in at an instant."""
    if all(move.at <= at for move in lead.moves):
        return lead.state
    return fold_moves((move for move in lead.moves if move.at <= at), lead.roles).state


def return_lead_after_review(lead: Lead, fact: ClockEscalated, context: DecisionContext) -> Lead:
    """Return a lead whose review ran out; counts only while it is open and without an opportunity."""
    return _apply_timer_move(
        lead, Move(fact.ce_id, "escalate", fact.occurred_at, "sla-monitor", reason=fact.reason), context
    )


def return_released_lead(lead: Lead, fact: LeadReleased, context: DecisionContext) -> Lead:
    """Return a lead that cooled before anybody had it, or whose contact refused or put off to be spoken to."""
    step, by, reason = TAKEN_BACK[fact.reason]
    known = reason if reason in context.rules.reasons else COOLED
    return _apply_timer_move(
        lead, Move(fact.ce_id, step, fact.occurred_at, by, reason=known, wake_at=fact.wake_at), context
    )


def return_stalled_lead(lead: Lead, context: DecisionContext) -> Lead:
    """Return a lead that rested too long in an open stage: no lead is forgotten.

    One whose contact named a later time is not returned: its timer may be older than this rule.
    """
    due, lead = lead.stalls_at, lead.with_facts(stalls_at=None)
    limit = context.limits.get(lead.state)
    waits = lead.waits_until
    if due is None or limit is None or (waits is not None and context.now < waits + timedelta(days=limit)):
        return lead
    move = Move(derive_id("stall", lead.lead_id, due), "escalate", context.now, "feedback", reason=WITHOUT_REASON)
    return _apply_timer_move(lead, move, context)


def end_as_duplicate(lead: Lead, survivor_id: UUID, merged_at: datetime, context: DecisionContext) -> Lead:
    """End a lead because its contact turned out to be somebody who has another open one."""
    move_id = derive_id("merge", lead.lead_id, survivor_id, merged_at.isoformat())
    if any(known.id == move_id for known in lead.moves):
        return lead
    return end_by_unnamed_reason(lead, make_duplicate_move(lead, survivor_id, merged_at, move_id), context)


def _apply_timer_move(lead: Lead, move: Move, context: DecisionContext) -> Lead:
    """Place a timer's decision after the last step of people, which it does not undo."""
    if any(known.id == move.id for known in lead.moves):
        return lead
    return end_by_unnamed_reason(lead, replace(move, at=max(move.at, lead.standing.last_by_people or move.at)), context)


def end_by_unnamed_reason(lead: Lead, move: Move, context: DecisionContext) -> Lead:
    """Decide by a reason that no person named; a reason that the playbook does not have counts as `no_outcome`."""
    name = move.reason if move.reason in context.rules.reasons else WITHOUT_REASON
    wake_at = move.wake_at if move.wake_at and move.at < move.wake_at <= move.at + FURTHEST else None
    given = ReasonGiven(name, move.at, {}, wake_at=wake_at)
    verdict = decide_by_complete_reason(lead, given, context.rules.reasons[name], context.rules)
    decided = replace(
        move,
        to=verdict.to,
        reason=name,
        track=verdict.track,
        wake_at=verdict.wake_at,
        wakes_on=verdict.wakes_on,
        playbook_version=context.version,
    )
    return lead.with_facts(moves=(*lead.moves, decided))
