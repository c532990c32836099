"""From bytes to a command on its way: its fields, its author, its key; and from its result back to bytes."""

from uuid import UUID, uuid4
from weakref import WeakKeyDictionary

from fastapi import Request, Response

from events.ids import derive_id
from events.runtime import Batcher, DomainError, Service
from events.runtime.bodies import JSON, read_body_as
from events.runtime.commands import hash_body, parse_idempotency_key
from events.runtime.problems import ProblemDocument, build_problem
from events.runtime.security import Caller
from feedback.domain.commands import COMMANDS, Command, LeadCommand
from feedback.domain.orders import CommandOrder
from feedback.handlers import CommandResult, carry_out_commands
from feedback.handlers.errors import AuthorMissing

NAMES = {model: name for name, model in COMMANDS.items()}

LANES = 2
"""Transactions of streams at the same time: while the database works on one, the next is thought through."""

_batchers: WeakKeyDictionary[Service, dict[int | None, Batcher[CommandOrder, CommandResult]]] = WeakKeyDictionary()


def get_batcher(service: Service, lane: int | None = None) -> Batcher[CommandOrder, CommandResult]:
    """Return the batcher of a lane: commands that arrive together share a transaction.

    Single ones have their own, so that nobody who waits for an answer stands behind a stream.
    """
    lanes, lane = _batchers.setdefault(service, {}), None if lane is None else lane % LANES
    if lane not in lanes:
        lanes[lane] = Batcher(lambda: service, carry_out_commands, is_stream=lane is not None)
    return lanes[lane]


def find_author(caller: Caller, command: Command) -> str:
    """Return who did it: the rep to whom the key is bound, else `by`; raises `AuthorMissing`."""
    by = caller.rep_id or command.by
    if by is None:
        raise AuthorMissing(field="by")
    return by


def make_command_order(caller: Caller, lead_id: UUID, name: str, command: LeadCommand, key: str | None) -> CommandOrder:
    """Return a command on its way; its id follows from its idempotency key."""
    by = find_author(caller, command)
    if key is None:
        return CommandOrder(lead_id, name, command, uuid4(), by, reach=caller.reach)
    digest = hash_body(f"{lead_id}|{name}|{by}|{command.model_dump_json()}".encode())
    action_id = derive_id("action", caller.key_id, key, digest)
    return CommandOrder(lead_id, name, command, action_id, by, key, caller.key_id, digest, caller.reach)


def make_command_response(result: CommandResult) -> Response:
    """Return the response of a command that was carried out."""
    headers = {"Idempotent-Replayed": "true"} if result.replayed else {}
    return Response(result.body, result.status, media_type=JSON, headers=headers)


def make_problem_document(error: DomainError) -> ProblemDocument:
    """Return the problem document of an error."""
    return build_problem(error.status, error.errors, title=error.title, extra=error.extra)


async def carry_out_single(
    service: Service, caller: Caller, request: Request, lead_id: UUID, *, model: type[LeadCommand], key: str | None
) -> Response:
    """Carry out one command, together with whatever else arrives now."""
    command = await read_body_as(request, model)
    order = make_command_order(caller, lead_id, NAMES[model], command, parse_idempotency_key(key, "key"))
    return make_command_response(await get_batcher(service).submit(order))
