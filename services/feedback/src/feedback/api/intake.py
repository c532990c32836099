"""From bytes to a command on its way: what it says, who did it, under which key; and from its answer back to bytes."""

from typing import Any
from uuid import UUID, uuid4
from weakref import WeakKeyDictionary

from fastapi import Request, Response

from events.ids import derive
from events.runtime import Gather, Service
from events.runtime.bodies import JSON, body_of
from events.runtime.commands import body_hash
from events.runtime.problems import Problem, document, respond
from events.runtime.security import Caller
from feedback.domain.commands import COMMANDS, Asked, Order
from feedback.domain.refusals import ByMissing, Refusal
from feedback.handlers import Answer, carry_out

LONGEST_KEY = 255
NAMES = {model: name for name, model in COMMANDS.items()}

LANES = 2
"""Transactions of streams at the same time: while the database works on one, the next is thought through."""

_gathers: WeakKeyDictionary[Service, dict[int | None, Gather[Order, Answer | Refusal]]] = WeakKeyDictionary()


def gather_of(service: Service, lane: int | None = None) -> Gather[Order, Answer | Refusal]:
    """Give one of the service's gathering points: commands that arrive together share a transaction.

    Single ones have their own, so that nobody who waits for an answer stands behind a stream.
    """
    lanes, lane = _gathers.setdefault(service, {}), None if lane is None else lane % LANES
    if lane not in lanes:
        lanes[lane] = Gather(lambda: service, carry_out)
    return lanes[lane]


def clean_key(text: str | None) -> str | None:
    """Read an idempotency key, quoted as in the IETF draft or plain."""
    if text is None:
        return None
    key = text.strip().removeprefix('"').removesuffix('"')
    if not 0 < len(key) <= LONGEST_KEY or not key.isascii() or not key.isprintable():
        raise Problem(422, "idempotency_key_invalid", field="key")
    return key


def order_of(caller: Caller, lead_id: UUID, name: str, command: Asked, key: str | None) -> Order:
    """Say who did it: a key that is bound to a rep speaks for that rep alone."""
    by = caller.rep_id or command.by
    if by is None:
        raise ByMissing("by")
    if key is None:
        return Order(lead_id, name, command, uuid4(), by, reach=caller.reach)
    digest = body_hash(f"{lead_id}|{name}|{by}|{command.model_dump_json()}".encode())
    action_id = derive("action", caller.key_id, key, digest)
    return Order(lead_id, name, command, action_id, by, key, caller.key_id, digest, caller.reach)


def answer_of(result: Answer | Refusal) -> Response:
    """Turn an answer or a refusal into a response."""
    if isinstance(result, Refusal):
        return respond(result.status, result.errors, title=result.title, extra=result.extra)
    headers = {"Idempotent-Replayed": "true"} if result.replayed else {}
    return Response(result.body, result.status, media_type=JSON, headers=headers)


def problem_of(refusal: Refusal) -> dict[str, Any]:
    """Turn a refusal into a problem document."""
    return document(refusal.status, refusal.errors, title=refusal.title, extra=refusal.extra)


async def carry_out_one(
    service: Service, caller: Caller, request: Request, lead_id: UUID, *, model: type[Asked], key: str | None
) -> Response:
    """Carry out one command, together with whatever else arrives now."""
    command = await body_of(request, model)
    try:
        order = order_of(caller, lead_id, NAMES[model], command, clean_key(key))
    except Refusal as refusal:
        return answer_of(refusal)
    return answer_of(await gather_of(service).submit(order))
