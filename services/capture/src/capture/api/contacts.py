"""One contact: what is held, what they agree to, and to be forgotten."""

from dataclasses import asdict
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from fastapi import APIRouter, Query, Request
from pydantic import RootModel
from pydantic_core import PydanticCustomError
from starlette.responses import Response

from capture import handlers
from capture.api.door import door_of
from capture.domain.identity import read_email
from capture.domain.submission import Consents, Strictly
from events.contacts import Consent
from events.runtime.audit_log import record
from events.runtime.bodies import JSON, body_of, described
from events.runtime.problems import Problem
from events.runtime.security import Caller
from events.runtime.web import ServiceDep, requires

router = APIRouter()


class ConsentsGiven(RootModel[Consents]):
    """One consent, or a list of them."""


class Into(Strictly):
    """The contact that speaks for both from now on."""

    into: UUID


def _json(body: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(body, default=_plain), status, media_type=JSON)


def _plain(value: object) -> Any:
    return value.model_dump(mode="json") if isinstance(value, Consent) else str(value)


@router.get("/contacts")
async def find_contact(
    request: Request,
    service: ServiceDep,
    _: Annotated[Caller, requires("leads:read")],
    email: Annotated[str, Query(max_length=300)],
) -> Response:
    """Give the contact behind an e-mail, in whatever spelling."""
    try:
        wanted = read_email(email)
    except PydanticCustomError as error:
        raise Problem(422, error.type, field="email") from None
    if wanted is None:
        raise Problem(422, "email_invalid", field="email")
    async with service.transaction() as tx:
        found = await handlers.find_contact(wanted, door_of(request).keyring, tx)
    return _json(found)


@router.get("/contacts/{contact_id}")
async def show_contact(service: ServiceDep, _: Annotated[Caller, requires("leads:read")], contact_id: UUID) -> Response:
    """Give a contact with all engagements and consents."""
    async with service.transaction() as tx:
        found = await handlers.show_contact(contact_id, tx)
    return _json(found)


@router.post("/contacts/{contact_id}/consents", openapi_extra=described(ConsentsGiven))
async def post_consents(
    request: Request,
    service: ServiceDep,
    _: Annotated[Caller, requires("capture:write")],
    contact_id: UUID,
) -> Response:
    """Give or withdraw consent; gives the current answer of each purpose."""
    given = await body_of(request, ConsentsGiven)
    async with service.transaction() as tx:
        consents = await handlers.record_consents(contact_id, given.root, tx)
    current = [consent.model_dump(mode="json") for consent in consents]
    return _json({"contact_id": contact_id, "consents": current})


@router.post("/contacts/{contact_id}/merge", openapi_extra=described(Into))
async def post_merge(
    request: Request, service: ServiceDep, caller: Annotated[Caller, requires("capture:write")], contact_id: UUID
) -> Response:
    """Say that two contacts are one person; told under both ids on `contacts.merged.v1`."""
    told = await body_of(request, Into)
    async with service.transaction() as tx:
        made = await handlers.merge(contact_id, told.into, tx)
        await record(tx.raw, caller, "contact.merged", contact_id, f"into {told.into}")
    return _json(asdict(made))


@router.post("/contacts/{contact_id}/unmerge")
async def post_unmerge(
    service: ServiceDep, caller: Annotated[Caller, requires("capture:write")], contact_id: UUID
) -> Response:
    """Undo the merge that made this contact part of another."""
    async with service.transaction() as tx:
        undone = await handlers.unmerge(contact_id, tx)
        await record(tx.raw, caller, "contact.unmerged", contact_id)
    return _json(asdict(undone))


@router.delete("/contacts/{contact_id}", status_code=202)
async def erase_contact(
    service: ServiceDep,
    caller: Annotated[Caller, requires("admin")],
    contact_id: UUID,
    suppress: Literal["true", "false"] = "false",
) -> Response:
    """Forget a contact: here at once, in the other services within moments; suppressed, if asked, ever after."""
    async with service.transaction() as tx:
        erasure_id = await handlers.erase(contact_id, caller.key_id, tx, suppress=suppress == "true")
        await record(tx.raw, caller, "contact.erased", contact_id, f"erasure {erasure_id}")
    body = {"erasure_id": erasure_id, "contact_id": contact_id}
    return Response(orjson.dumps(body, default=str), 202, {"Location": f"/v1/erasures/{erasure_id}"}, media_type=JSON)


@router.get("/erasures/{erasure_id}")
async def show_erasure(service: ServiceDep, _: Annotated[Caller, requires("leads:read")], erasure_id: UUID) -> Response:
    """Give each service's receipt, and who has not answered yet."""
    async with service.transaction() as tx:
        found = await handlers.show_erasure(erasure_id, tx)
    return _json(found)
