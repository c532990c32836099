"""What is known of one person, and how far an erasure is."""

from dataclasses import asdict
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic_core import PydanticCustomError
from starlette.responses import Response

from capture import handlers
from capture.api import answers
from capture.api.intake import get_submission_intake
from capture.domain.identity import read_email
from capture.domain.profile import Profile
from events.runtime.json_answers import json_answer
from events.runtime.problems import Problem
from events.runtime.security import Caller
from events.runtime.web import ServiceDep, requires

router = APIRouter()

_NAMES = {"engagements": "engagement_count", "consents": "current_consents", "fact_times": "told"}


@router.get("/contacts", response_model=answers.ContactAnswer)
async def find_contact(
    request: Request,
    service: ServiceDep,
    _: Annotated[Caller, requires("leads:read")],
    email: Annotated[str, Query(max_length=300, description="The e-mail, in any spelling")],
) -> Response:
    """Return the contact behind an e-mail, in whatever spelling."""
    try:
        wanted = read_email(email)
    except PydanticCustomError as error:
        raise Problem(422, error.type, field="email") from None
    if wanted is None:
        raise Problem(422, "email_invalid", field="email")
    async with service.transaction() as tx:
        found = await handlers.find_contact(wanted, get_submission_intake(request).hasher, tx)
    return json_answer(_contact_document(found))


@router.get("/contacts/{contact_id}", response_model=answers.ContactAnswer)
async def show_contact(service: ServiceDep, _: Annotated[Caller, requires("leads:read")], contact_id: UUID) -> Response:
    """Return a contact with all engagements and consents."""
    async with service.transaction() as tx:
        found = await handlers.show_contact(contact_id, tx)
    return json_answer(_contact_document(found))


@router.get("/erasures/{erasure_id}", response_model=answers.ErasureProgressAnswer)
async def show_erasure(service: ServiceDep, _: Annotated[Caller, requires("leads:read")], erasure_id: UUID) -> Response:
    """Return each service's receipt, and who has not answered yet."""
    async with service.transaction() as tx:
        found = await handlers.show_erasure(erasure_id, tx)
    return json_answer(found)


def _contact_document(known: handlers.StoredContact) -> dict[str, Any]:
    """Return the profile with all that is stored beside it in one object."""
    return (
        _profile_fields_for_document(known.profile)
        | {"merged": [_profile_fields_for_document(each) for each in known.merged]}
        | known.history.as_dict()
    )


def _profile_fields_for_document(profile: Profile) -> dict[str, Any]:
    """Return the fields of a profile under their names in the document, which has lists of some."""
    return asdict(profile, dict_factory=lambda pairs: {_NAMES.get(name, name): value for name, value in pairs})
