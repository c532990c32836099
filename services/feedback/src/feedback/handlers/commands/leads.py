"""Carry out commands, many in one transaction: each gets its own answer, and a repeated one the answer it had."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import orjson

from events.leads import LeadCorrected
from events.parts import JsonObject
from events.runtime import DomainError, Transaction
from events.runtime.commands import RecalledAnswer, claim_or_recall, release_claims, save_answers
from events.runtime.problems import IdempotencyKeyReused
from events.runtime.yielding import yielding_to_others
from feedback import store
from feedback.domain.commands import CommandWithReason, Confirm, Touch
from feedback.domain.decisions import CarriedOutCommand, carry_out_command
from feedback.domain.lead import Lead
from feedback.domain.lifecycle import legal_steps_for_people
from feedback.domain.orders import CommandOrder
from feedback.domain.refusals import Refusal
from feedback.handlers.contact_changes import ContactChanges
from feedback.handlers.errors import CommandRefused, LeadErased, LeadUnknown, OutOfReach
from feedback.store.facts import HistoryLine, Note

OK = 200


@dataclass(frozen=True, slots=True)
class CommandResult:
    """What became of a command; `replayed` when it had been carried out before."""

    status: int
    body: bytes
    replayed: bool = False


class _IdempotencyAnswers:
    """The answers under idempotency keys, before this transaction and in it."""

    def __init__(self, asked: Sequence[tuple[str, str, str]], recalled: dict[tuple[str, str], RecalledAnswer]) -> None:
        self._asked = {(scope, key): digest for scope, key, digest in asked}
        self._recalled = recalled
        self._answered: dict[tuple[str, str], tuple[str, bytes]] = {}
        self.fresh: list[tuple[str, str, str, int, bytes]] = []

    def find(self, order: CommandOrder) -> CommandResult | None:
        """Return the answer of this key, if any. Raises `IdempotencyKeyReused` where the body was another."""
        if order.key is None:
            return None
        answered = self._answered.get((order.scope, order.key))
        if answered is not None:
            if answered[0] != order.digest:
                raise IdempotencyKeyReused(field="key")
            return CommandResult(OK, answered[1], replayed=True)
        before = self._recalled.get((order.scope, order.key))
        if before is None:
            return None
        if not before.same or order.digest != self._asked[order.scope, order.key]:
            raise IdempotencyKeyReused(field="key")
        return CommandResult(before.status, before.body, replayed=True)

    @property
    def idle(self) -> list[tuple[str, str]]:
        """The keys under which nothing was carried out, now or before."""
        return [name for name in self._asked if name not in self._answered and name not in self._recalled]

    def keep(self, order: CommandOrder, answer: CommandResult) -> None:
        """Save an answer. A refusal changed nothing and is not saved, so the same key may try again."""
        if order.key is not None:
            self._answered[order.scope, order.key] = (order.digest, answer.body)
            self.fresh.append((order.scope, order.key, order.digest, answer.status, answer.body))


async def carry_out_commands(orders: Sequence[CommandOrder], tx: Transaction) -> list[CommandResult | DomainError]:
    """Carry out commands in their order, in one transaction."""
    contact_of = await store.load_contact_ids_by_lead(tx, (order.lead_id for order in orders))
    unknown = {order.lead_id for order in orders} - contact_of.keys()
    erased = await store.find_erased_leads(tx, unknown) if unknown else set()
    await tx.lock_contacts(contact_of.values())
    tx.continue_request_traces(contact_of.get(order.lead_id) for order in orders)
    keyed = _distinct_keys(orders)
    memory = _IdempotencyAnswers(keyed, await claim_or_recall(tx, keyed))
    changes = await ContactChanges.load(tx, contact_of.values())
    answers: list[CommandResult | DomainError] = []
    notes: list[Note] = []
    async for order in yielding_to_others(orders):
        try:
            answer = memory.find(order)
            if answer is None:
                lead = _find_lead_of_order(changes, order, contact_of.get(order.lead_id), erased)
                done = carry_out_command(lead, order, changes.context)
                answer = _add_outcome_to_changes(changes, order, done, notes)
                memory.keep(order, answer)
            answers.append(answer)
        except Refusal as refusal:
            answers.append(CommandRefused(refusal))
        except DomainError as error:
            answers.append(error)
    await changes.save()
    await store.save_notes(tx, notes)
    await save_answers(tx, memory.fresh)
    await release_claims(tx, memory.idle)
    return answers


def _distinct_keys(orders: Sequence[CommandOrder]) -> list[tuple[str, str, str]]:
    """Return each key once, with the first body that came with it."""
    first: dict[tuple[str, str], str] = {}
    for order in orders:
        if order.key is not None:
            first.setdefault((order.scope, order.key), order.digest)
    return [(scope, key, digest) for (scope, key), digest in first.items()]


def _find_lead_of_order(
    changes: ContactChanges, order: CommandOrder, contact_id: UUID | None, erased: set[UUID]
) -> Lead:
    if order.lead_id in erased:
        raise LeadErased(field="lead_id")
    if contact_id is None or contact_id not in changes:
        raise LeadUnknown(field="lead_id")
    lead = changes.get_contact(contact_id).leads.get(order.lead_id)
    if lead is None:
        raise LeadUnknown(field="lead_id")
    if order.reach is not None and not order.reach.covers(lead.rep_id, lead.team):
        raise OutOfReach(field="lead_id")
    return lead


def _add_outcome_to_changes(
    changes: ContactChanges, order: CommandOrder, done: CarriedOutCommand, notes: list[Note]
) -> CommandResult:
    """Add a command that was carried out to the changes, and return its answer."""
    lead, command = done.lead, order.command
    changes.put_lead(lead)
    for event in done.events:
        changes.publish(event)
        if isinstance(event, LeadCorrected):
            contact = changes.get_contact(lead.contact_id)
            changes.put_contact(contact.with_company_size(event.found.employees, event.occurred_at))
    if isinstance(command, Touch):
        changes.funnel.count_topics(command.topics, done.at.date(), command.outcome)
    if not done.events:
        changes.add_history_line(_history_line_of_overtaken_return(order, done, changes))
    if isinstance(command, CommandWithReason) and (command.note is not None or command.context):
        notes.append(_build_note(order, done, command.note, dict(command.context)))
    if isinstance(command, Confirm) and command.bant.details:
        notes.append(_build_note(order, done, None, {"bant": command.bant.details}))
    end = lead.standing.end
    body = {
        "lead_id": lead.lead_id,
        "contact_id": lead.contact_id,
        "cycle": lead.cycle,
        "action_id": order.action_id,
        "command": order.name,
        "carried_out_as": done.carried_out_as,
        "at": done.at,
        "state": lead.state,
        "side": lead.side,
        "reason": end.reason if end else None,
        "track": end.track if end else None,
        "wake_at": end.wake_at if end else None,
        "legal": legal_steps_for_people(lead.state),
    }
    return CommandResult(OK, orjson.dumps(body, default=str))


def _build_note(order: CommandOrder, done: CarriedOutCommand, note: str | None, context: JsonObject) -> Note:
    return Note(order.action_id, done.lead.lead_id, done.lead.contact_id, order.by, done.at, note, context)


def _history_line_of_overtaken_return(
    order: CommandOrder, done: CarriedOutCommand, changes: ContactChanges
) -> HistoryLine:
    """Return the line of history of a return that a later outcome had overtaken: it has no event."""
    details: JsonObject = {"reason": order.command.reason} if isinstance(order.command, CommandWithReason) else {}
    lead, kind = done.lead, f"{order.name}.overtaken"
    return HistoryLine(order.action_id, lead.lead_id, lead.contact_id, kind, done.at, changes.tx.now, order.by, details)
