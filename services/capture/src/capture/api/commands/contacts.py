"""Consents, merges and the erasure of a contact."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import Field, RootModel
from starlette.responses import Response

from capture import handlers
from capture.api import answers
from capture.api.commands.registers import Code
from capture.api.gate import get_sender_gate, requires_right_to_change
from capture.domain import forms
from capture.domain.submission import Consents, StrictModel
from events.runtime.answers import ANOTHER_ID, EXAMPLE_ID, example, examples
from events.runtime.audit_log import record_action
from events.runtime.bodies import describe_body, read_body_as
from events.runtime.json_answers import json_answer
from events.runtime.security import Caller
from events.runtime.web import ServiceDep, requires

router = APIRouter()

_CONSENT = {"purpose": "marketing", "granted": True, "wording_version": "2026-01", "channel": "email"}


class ConsentsBody(RootModel[Consents]):
    """One consent, or a list of them."""

    model_config = examples([_CONSENT], [_CONSENT, _CONSENT | {"channel": "phone", "granted": False}])


class MergeBody(StrictModel):
    """The contact that speaks for both from now on."""

    model_config = example({"into": ANOTHER_ID}, into=EXAMPLE_ID)

    into: UUID


class KeepApartBody(StrictModel):
    """The contact who is somebody else."""

    model_config = example({"other_id": ANOTHER_ID}, other_id=EXAMPLE_ID)

    other_id: UUID


class FormLinkBody(StrictModel):
    """The form that a link opens, and for how many days (real time)."""

    model_config = example({"form": "whitepaper"}, form="contact", days=7)

    form: Code
    days: Annotated[int, Field(strict=True, ge=1, le=365)] = 30


@router.post(
    "/contacts/{contact_id}/consents", response_model=answers.ConsentsAnswer, openapi_extra=describe_body(ConsentsBody)
)
async def post_consents(
    request: Request,
    service: ServiceDep,
    _: Annotated[Caller, requires_right_to_change()],
    contact_id: UUID,
) -> Response:
    """Record consent, granted or withdrawn; returns the current answer of each purpose."""
    given = await read_body_as(request, ConsentsBody)
    async with service.transaction() as tx:
        consents = await handlers.record_consents(contact_id, given.root, tx)
    current = [consent.as_json() for consent in consents]
    return json_answer({"contact_id": contact_id, "consents": current})


@router.post("/contacts/{contact_id}/merge", response_model=answers.MergeAnswer, openapi_extra=describe_body(MergeBody))
async def post_merge(
    request: Request, service: ServiceDep, caller: Annotated[Caller, requires_right_to_change()], contact_id: UUID
) -> Response:
    """Merge two contacts that are one person; published under both ids on `contacts.merged.v1`."""
    body = await read_body_as(request, MergeBody)
    async with service.transaction() as tx:
        made = await handlers.merge_contacts(contact_id, body.into, tx)
        await record_action(tx.raw, caller, "contact.merged", contact_id, f"into {body.into}")
    return json_answer(asdict(made))


@router.post("/contacts/{contact_id}/unmerge", response_model=answers.MergeAnswer)
async def post_unmerge(
    service: ServiceDep, caller: Annotated[Caller, requires_right_to_change()], contact_id: UUID
) -> Response:
    """Undo the merge that made this contact part of another."""
    async with service.transaction() as tx:
        undone = await handlers.unmerge_contact(contact_id, tx)
        await record_action(tx.raw, caller, "contact.unmerged", contact_id)
    return json_answer(asdict(undone))


@router.post(
    "/contacts/{contact_id}/keep-apart",
    response_model=answers.KeptApartAnswer,
    openapi_extra=describe_body(KeepApartBody),
)
async def post_keep_apart(
    request: Request, service: ServiceDep, caller: Annotated[Caller, requires_right_to_change()], contact_id: UUID
) -> Response:
    """Remember that two contacts are two people: they are no possible duplicates, and only a hand merges them."""
    body = await read_body_as(request, KeepApartBody)
    async with service.transaction() as tx:
        await handlers.keep_apart(contact_id, body.other_id, caller.key_id, tx)
        await record_action(tx.raw, caller, "contact.kept_apart", contact_id, f"from {body.other_id}")
    return json_answer({"contact_id": contact_id, "other_id": body.other_id})


@router.post(
    "/contacts/{contact_id}/form-links",
    status_code=201,
    response_model=answers.FormLinkAnswer,
    openapi_extra=describe_body(FormLinkBody),
)
async def create_form_link(
    request: Request, service: ServiceDep, caller: Annotated[Caller, requires_right_to_change()], contact_id: UUID
) -> Response:
    """Make the link that opens a form for this contact: it asks what is missing, and shows nothing of what is known."""
    body = await read_body_as(request, FormLinkBody)
    async with service.transaction() as tx:
        await handlers.check_may_have_form_link(contact_id, body.form, tx)
        await record_action(tx.raw, caller, "contact.form_link_made", contact_id, f"form {body.form}")
    until = datetime.now(UTC) + timedelta(days=body.days)
    link = get_sender_gate(request).signer.write_link(body.form, contact_id, until)
    path = f"/f/{body.form}?{forms.LINK}={link}"
    return json_answer({"contact_id": contact_id, "form": body.form, "path": path, "expires_at": until}, 201)


@router.delete("/contacts/{contact_id}", response_model=answers.ErasureStartedAnswer, status_code=202)
async def erase_contact(
    service: ServiceDep,
    caller: Annotated[Caller, requires("admin")],
    contact_id: UUID,
    suppress: Annotated[Literal["true", "false"], Query(description="Close all channels to them for ever")] = "false",
) -> Response:
    """Forget a contact: here at once, in the other services within moments; suppressed, if asked, ever after."""
    async with service.transaction() as tx:
        erasure_id = await handlers.erase_person(contact_id, caller.key_id, tx, suppress=suppress == "true")
        await record_action(tx.raw, caller, "contact.erased", contact_id, f"erasure {erasure_id}")
    body = {"erasure_id": erasure_id, "contact_id": contact_id}
    return json_answer(body, 202, {"Location": f"/v1/erasures/{erasure_id}"})
