"""Consents, merges and the erasure of a contact."""

from dataclasses import asdict
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import RootModel
from starlette.responses import Response

from capture import handlers
from capture.api import answers
from capture.domain.submission import Consents, StrictModel
from events.runtime.answers import ANOTHER_ID, EXAMPLE_ID, example, examples
from events.runtime.audit_log import record
from events.runtime.bodies import body_of, described
from events.runtime.json_answers import json_answer
from events.runtime.security import Caller
from events.runtime.web import ServiceDep, requires

router = APIRouter()

_CONSENT = {"purpose": "marketing", "granted": True, "wording_version": "2026-01", "channel": "email"}


class ConsentsGiven(RootModel[Consents]):
    """One consent, or a list of them."""

    model_config = examples([_CONSENT], [_CONSENT, _CONSENT | {"channel": "phone", "granted": False}])


class Into(StrictModel):
    """The contact that speaks for both from now on."""

    model_config = example({"into": ANOTHER_ID}, into=EXAMPLE_ID)

    into: UUID


class Other(StrictModel):
    """The contact who is somebody else."""

    model_config = example({"other_id": ANOTHER_ID}, other_id=EXAMPLE_ID)

    other_id: UUID


@router.post(
    "/contacts/{contact_id}/consents", response_model=answers.ConsentsAnswer, openapi_extra=described(ConsentsGiven)
)
async def post_consents(
    request: Request,
    service: ServiceDep,
    _: Annotated[Caller, requires("capture:write")],
    contact_id: UUID,
) -> Response:
    """Record consent, granted or withdrawn; returns the current answer of each purpose."""
    given = await body_of(request, ConsentsGiven)
    async with service.transaction() as tx:
        consents = await handlers.record_consents(contact_id, given.root, tx)
    current = [consent.as_json() for consent in consents]
    return json_answer({"contact_id": contact_id, "consents": current})


@router.post("/contacts/{contact_id}/merge", response_model=answers.MergeAnswer, openapi_extra=described(Into))
async def post_merge(
    request: Request, service: ServiceDep, caller: Annotated[Caller, requires("capture:write")], contact_id: UUID
) -> Response:
    """Merge two contacts that are one person; published under both ids on `contacts.merged.v1`."""
    body = await body_of(request, Into)
    async with service.transaction() as tx:
        made = await handlers.merge(contact_id, body.into, tx)
        await record(tx.raw, caller, "contact.merged", contact_id, f"into {body.into}")
    return json_answer(asdict(made))


@router.post("/contacts/{contact_id}/unmerge", response_model=answers.MergeAnswer)
async def post_unmerge(
    service: ServiceDep, caller: Annotated[Caller, requires("capture:write")], contact_id: UUID
) -> Response:
    """Undo the merge that made this contact part of another."""
    async with service.transaction() as tx:
        undone = await handlers.unmerge(contact_id, tx)
        await record(tx.raw, caller, "contact.unmerged", contact_id)
    return json_answer(asdict(undone))


@router.post("/contacts/{contact_id}/keep-apart", response_model=answers.ApartAnswer, openapi_extra=described(Other))
async def post_keep_apart(
    request: Request, service: ServiceDep, caller: Annotated[Caller, requires("capture:write")], contact_id: UUID
) -> Response:
    """Remember that two contacts are two people: they are no possible duplicates, and only a hand merges them."""
    body = await body_of(request, Other)
    async with service.transaction() as tx:
        await handlers.keep_apart(contact_id, body.other_id, caller.key_id, tx)
        await record(tx.raw, caller, "contact.kept_apart", contact_id, f"from {body.other_id}")
    return json_answer({"contact_id": contact_id, "other_id": body.other_id})


@router.delete("/contacts/{contact_id}", response_model=answers.ErasureBegun, status_code=202)
async def erase_contact(
    service: ServiceDep,
    caller: Annotated[Caller, requires("admin")],
    contact_id: UUID,
    suppress: Annotated[Literal["true", "false"], Query(description="Close all channels to them for ever")] = "false",
) -> Response:
    """Forget a contact: here at once, in the other services within moments; suppressed, if asked, ever after."""
    async with service.transaction() as tx:
        erasure_id = await handlers.erase(contact_id, caller.key_id, tx, suppress=suppress == "true")
        await record(tx.raw, caller, "contact.erased", contact_id, f"erasure {erasure_id}")
    body = {"erasure_id": erasure_id, "contact_id": contact_id}
    return json_answer(body, 202, {"Location": f"/v1/erasures/{erasure_id}"})
