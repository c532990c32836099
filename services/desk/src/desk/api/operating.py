"""The operator's page: what every service answers about itself, and what is decided about it."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from desk import handlers
from desk.api.access import ViewerDep
from desk.api.forms import signed_form
from desk.api.pages import PageRoute, render, to
from desk.api.queries import check
from desk.domain import orders
from desk.domain.orders import Target
from desk.settings import PageSettings
from events.runtime.problems import Problem
from events.runtime.web import ServiceDep

router = APIRouter(tags=["operator"], include_in_schema=False, route_class=PageRoute)

KeyId = Annotated[str, Path(pattern=r"^[0-9A-Za-z]{1,64}$")]


@router.get("/operator")
async def show_operator(service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request) -> Response:
    """Show the flow, what is parked or in quarantine, keys and imports."""
    check(viewer, "operator")
    return render(service, request, viewer, "operator.html", (await handlers.operating.overview(service))._asdict())


@router.get("/operator/audit")
async def show_audit(service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request) -> Response:
    """Show what breaks an invariant; each service looks through its tables for it."""
    check(viewer, "operator")
    return render(service, request, viewer, "audit.html", {"audits": await handlers.operating.audit(service)})


@router.get("/operator/imports/{import_id}/rejects")
async def download_rejects(service: ServiceDep[PageSettings], viewer: ViewerDep, import_id: UUID) -> Response:
    """Return the rejected rows of an import as a file to repair."""
    check(viewer, "operator")
    content = await handlers.operating.rejects(service, import_id)
    if content is None:
        raise Problem(404, "file_unknown")
    headers = {"Content-Disposition": f'attachment; filename="rejects-{import_id}.csv"', "Cache-Control": "no-store"}
    return Response(content, headers=headers, media_type="text/csv")


@router.post("/operator/parked/{target}/{parked_id}/{verb}")
async def settle_parked(  # noqa: PLR0917 - which record, and what is done with it
    service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request, target: Target, parked_id: UUID,
    verb: Literal["replay", "discard"],
) -> Response:  # fmt: skip
    """Replay or discard a parked record."""
    await signed_form(service, request)
    try:
        order = orders.close_parked(target, parked_id, verb)
        await handlers.operating.settle(service, viewer, order, f"parked.{verb}", parked_id)
    except handlers.ActionRefused as refused:
        return to("/operator", refused.sentence)
    return to("/operator", "Applied again." if verb == "replay" else "Discarded.")


@router.post("/operator/quarantine/{quarantine_id}/{verb}")
async def settle_quarantined(
    service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request, quarantine_id: UUID,
    verb: Literal["release", "discard"],
) -> Response:  # fmt: skip
    """Release or discard a quarantined submission."""
    await signed_form(service, request)
    try:
        order = orders.close_quarantined(quarantine_id, verb)
        await handlers.operating.settle(service, viewer, order, f"quarantine.{verb}", quarantine_id)
    except handlers.ActionRefused as refused:
        return to("/operator", refused.sentence)
    return to("/operator", "Released: it is taken in now." if verb == "release" else "Discarded.")


@router.post("/operator/keys/{key_id}/revoke")
async def revoke_key(service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request, key_id: KeyId) -> Response:
    """Revoke a key in every service."""
    await signed_form(service, request)
    try:
        await handlers.operating.revoke(service, viewer, key_id)
    except handlers.ActionRefused as refused:
        return to("/operator", refused.sentence)
    return to("/operator", "Revoked in every service.")
