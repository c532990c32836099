"""What is asked of a kind of list, saved under a name, so that the next such list needs no mapping by hand."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from capture import handlers
from capture.api import answers
from capture.api.gate import requires_right_to_change
from capture.api.import_files import SavedImportOptions, make_import_problem, parse_time_zone
from capture.domain.headings import is_mappable_field
from events.names import CODE
from events.runtime.audit_log import record_action
from events.runtime.bodies import describe_body, read_body_as
from events.runtime.json_answers import json_answer
from events.runtime.security import Caller
from events.runtime.web import ServiceDep

router = APIRouter()

MappingName = Annotated[str, Path(pattern=CODE, description="The name of the mapping")]


@router.put(
    "/mappings/{name}", response_model=answers.SavedMappingAnswer, openapi_extra=describe_body(SavedImportOptions)
)
async def put_mapping(
    request: Request, service: ServiceDep, caller: Annotated[Caller, requires_right_to_change()], name: MappingName
) -> Response:
    """Save what is asked of a kind of list; an import names it as `saved`."""
    body = await read_body_as(request, SavedImportOptions)
    parse_time_zone(body.time_zone or "UTC")
    if not all(map(is_mappable_field, body.mapping)):
        raise make_import_problem("mapping_field_unknown", "mapping")
    async with service.transaction() as tx:
        found = await handlers.save_mapping(name, body.model_dump(), tx)
        await record_action(tx.raw, caller, "mapping.saved", name)
    return json_answer({"name": found.name, **found.asked})


@router.delete("/mappings/{name}", status_code=204)
async def delete_mapping(
    service: ServiceDep, caller: Annotated[Caller, requires_right_to_change()], name: MappingName
) -> Response:
    """Delete a saved mapping."""
    async with service.transaction() as tx:
        await handlers.delete_mapping(name, tx)
        await record_action(tx.raw, caller, "mapping.deleted", name)
    return Response(None, 204)
