"""What is asked of a kind of list, saved under a name, so that the next such list needs no mapping by hand."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from capture import handlers
from capture.api import answers
from capture.api.import_files import SAVED, SavedOptions, refused, zone_of
from capture.domain.headings import is_field
from events.runtime.audit_log import record
from events.runtime.bodies import body_of, described
from events.runtime.json_answers import json_answer
from events.runtime.security import Caller
from events.runtime.web import ServiceDep, requires

router = APIRouter()

Name = Annotated[str, Path(pattern=SAVED, description="The name of the mapping")]


@router.put("/mappings/{name}", response_model=answers.MappingAnswer, openapi_extra=described(SavedOptions))
async def put_mapping(
    request: Request, service: ServiceDep, caller: Annotated[Caller, requires("capture:write")], name: Name
) -> Response:
    """Save what is asked of a kind of list; an import names it as `saved`."""
    body = await body_of(request, SavedOptions)
    zone_of(body.time_zone or "UTC")
    if not all(map(is_field, body.mapping)):
        raise refused("mapping_field_unknown", "mapping")
    async with service.transaction() as tx:
        found = await handlers.save_mapping(name, body.model_dump(), tx)
        await record(tx.raw, caller, "mapping.saved", name)
    return json_answer({"name": found.name, **found.asked})


@router.delete("/mappings/{name}", status_code=204)
async def delete_mapping(
    service: ServiceDep, caller: Annotated[Caller, requires("capture:write")], name: Name
) -> Response:
    """Delete a saved mapping."""
    async with service.transaction() as tx:
        await handlers.delete_mapping(name, tx)
        await record(tx.raw, caller, "mapping.deleted", name)
    return Response(None, 204)
