"""From bytes to a command on its way: its fields, its author, its key; and from its result back to bytes."""

from uuid import UUID, uuid4
from weakref import WeakKeyDictionary

from fastapi import Request, Response

from events.ids import derive
from events.runtime import Batcher, DomainError, Service
from events.runtime.bodies import JSON, body_of
from events.runtime.commands import body_hash, clean_key
from events.runtime.problems import ProblemDocument, document
from events.runtime.security import Caller
from feedback.domain.commands import COMMANDS, Asked, Command
from feedback.domain.orders import Order
from feedback.handlers import CommandResult, carry_out
from feedback.handlers.errors import ByMissing

NAMES = {model: name for name, model in COMMANDS.items()}

LANES = 2
"""Transactions of streams at the same time: while the database works on one, the next is thought through."""

_gathers: WeakKeyDictionary[Service, dict[int | None, Batcher[Order, CommandResult]]] = WeakKeyDictionary()


def gather_of(service: Service, lane: int | None = None) -> Batcher[Order, CommandResult]:
    """Return a gathering point of the service: commands that arrive together share a transaction.

    Single ones have their own, so that nobody who waits for an answer stands behind a stream.
    """
    lanes, lane = _gathers.setdefault(service, {}), None if lane is None else lane % LANES
    if lane not in lanes:
        lanes[lane] = Batcher(lambda: service, carry_out)
    return lanes[lane]


def author_of(caller: Caller, command: Command) -> str:
    """Return who did it: the rep to whom the key is bound, else `by`; raises `ByMissing`."""
    by = caller.rep_id or command.by
    if by is None:
        raise ByMissing(field="by")
    return by


def order_of(caller: Caller, lead_id: UUID, name: str, command: Asked, key: str | None) -> Order:
    """Return a command on its way; its id follows from its idempotency key."""
    by = author_of(caller, command)
    if key is None:
        return Order(lead_id, name, command, uuid4(), by, reach=caller.reach)
    digest = body_hash(f"{lead_id}|{name}|{by}|{command.model_dump_json()}".encode())
    action_id = derive("action", caller.key_id, key, digest)
    return Order(lead_id, name, command, action_id, by, key, caller.key_id, digest, caller.reach)


def answer_of(result: CommandResult) -> Response:
    """Return the response of a command that was carried out."""
    headers = {"Idempotent-Replayed": "true"} if result.replayed else {}
    return Response(result.body, result.status, media_type=JSON, headers=headers)


def problem_of(error: DomainError) -> ProblemDocument:
    """Return the problem document of an error."""
    return document(error.status, error.errors, title=error.title, extra=error.extra)


async def carry_out_single(
    service: Service, caller: Caller, request: Request, lead_id: UUID, *, model: type[Asked], key: str | None
) -> Response:
    """Carry out one command, together with whatever else arrives now."""
    command = await body_of(request, model)
    order = order_of(caller, lead_id, NAMES[model], command, clean_key(key, "key"))
    return answer_of(await gather_of(service).submit(order))
