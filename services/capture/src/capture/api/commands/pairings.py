"""Scanners: a link that works once, the phone that opens it, and its end."""

from typing import Annotated
from uuid import UUID

import orjson
from fastapi import APIRouter, Path, Request
from pydantic import Strict, StringConstraints
from starlette.responses import Response

from capture import handlers
from capture.api import answers
from capture.api.commands.registers import Code
from capture.api.gate import get_sender_gate, refuse_pages_elsewhere
from capture.api.shown_once import ShownOnce
from capture.domain.pairing import write_pairing_code
from capture.domain.submission import StrictModel
from capture.domain.text import Title
from events.parts import JsonObject
from events.runtime.answers import examples
from events.runtime.bodies import OPEN_TO_ALL, describe_body, describe_repeatable_body, read_body_as
from events.runtime.commands import carry_out_request_once
from events.runtime.json_answers import json_answer
from events.runtime.security import Caller
from events.runtime.web import ServiceDep, requires

router = APIRouter()

Admin = Annotated[Caller, requires("admin")]
KeyId = Annotated[str, Strict(), StringConstraints(pattern=r"^[0-9a-f]{12,64}$")]
Fingerprint = Annotated[str, Strict(), StringConstraints(pattern=r"^[0-9a-f]{64}$")]
PairingId = Annotated[UUID, Path(description="The link, or the device that came of it")]
PairingCode = Annotated[str, Strict(), StringConstraints(min_length=1, max_length=40)]


class NewPairingBody(StrictModel):
    """For which event a device is to scan, what it is called, and who asks for it."""

    model_config = examples(
        {"event": "expo-2026", "label": "Booth 1", "by": "ola"},
        {"event": "summit", "label": "Mia's phone", "by": "ola"},
    )

    event: Code
    label: Title
    by: Title


class PairDeviceBody(StrictModel):
    """The code of a link, and the key that the device drew: its public part and its SHA-256."""

    model_config = examples(
        {"code": "7K3M-Q8ZD-4TXA", "key_id": "4b1f0a7c9d2e", "hash": "9f" * 32},
        {"code": "7k3m q8zd 4txa", "key_id": "4b1f0a7c9d2e", "hash": "9f" * 32},
    )

    code: PairingCode
    key_id: KeyId
    hash: Fingerprint


class EndPairingBody(StrictModel):
    """Who ends it."""

    model_config = examples({"by": "ola"}, {"by": "max"})

    by: Title


@router.post(
    "/scanner-pairings", status_code=201, response_model=answers.NewPairingAnswer,
    openapi_extra=describe_repeatable_body(NewPairingBody),
)  # fmt: skip
async def create_pairing(service: ServiceDep, caller: Admin, request: Request) -> Response:
    """Create the link that makes one phone a scanner, once, within ten minutes; its code is in the answer alone."""
    body = await read_body_as(request, NewPairingBody)
    wanted, shown = handlers.WantedPairing(body.event, body.label, body.by), ShownOnce(service, request)

    def code_of(pairing_id: object) -> str:
        return write_pairing_code(shown.derive_secret("pairing", pairing_id))

    async def create() -> JsonObject:
        return (await handlers.create_pairing(tx, caller, wanted, code_of))._asdict()

    async with service.transaction() as tx:
        found = await carry_out_request_once(tx, caller, request, create)
        made = orjson.loads(found.body)
        if found.replayed:
            await handlers.check_pairing_holds(tx, made["pairing_id"])
    code = code_of(made["pairing_id"])
    return json_answer({**made, "code": code, "path": f"/scan#pair={code}"}, 201, found.headers)


@router.post(
    "/scanner-pairings/redeem", response_model=answers.PairedScannerAnswer,
    openapi_extra={**describe_body(PairDeviceBody), **OPEN_TO_ALL},
)  # fmt: skip
async def redeem_pairing(service: ServiceDep, request: Request) -> Response:
    """Accept the key that a device drew, which takes scans alone: once a code, and again for the same device."""
    refuse_pages_elsewhere(request)
    await get_sender_gate(request).refuse_too_frequent(request)
    body = await read_body_as(request, PairDeviceBody)
    async with service.transaction() as tx:
        found = await handlers.pair_device(tx, body.code, body.key_id, body.hash)
    return json_answer({"event": found.event, "label": found.label})


@router.post(
    "/scanner-pairings/{pairing_id}/end", response_model=answers.EndedPairingAnswer,
    openapi_extra=describe_body(EndPairingBody),
)  # fmt: skip
async def end_pairing(service: ServiceDep, caller: Admin, pairing_id: PairingId, request: Request) -> Response:
    """End a link, or a device: its key is worthless within a second. A second time changes nothing."""
    body = await read_body_as(request, EndPairingBody)
    async with service.transaction() as tx:
        ended_at = await handlers.end_pairing(tx, caller, pairing_id, body.by)
    return json_answer({"pairing_id": pairing_id, "ended_at": ended_at})
