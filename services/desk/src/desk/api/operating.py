"""The operator's page: what every service answers about itself, and what is decided about it."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from desk import handlers
from desk.api.access import ViewerDep
from desk.api.forms import read_signed_form
from desk.api.pages import PageRoute, answer_with_download, redirect_to, render_page
from desk.api.queries import check_may_see_page
from desk.domain import orders
from desk.domain.orders import Target
from desk.settings import PageSettings
from events.runtime.problems import Problem
from events.runtime.web import ServiceDep

router = APIRouter(tags=["operator"], include_in_schema=False, route_class=PageRoute)

KeyId = Annotated[str, Path(pattern=r"^[0-9A-Za-z]{1,64}$")]


@router.get("/operator")
async def show_operator_page(service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request) -> Response:
    """Show the flow, what is parked or in quarantine, keys and imports."""
    check_may_see_page(viewer, "operator")
    return render_page(
        service, request, viewer, "operator.html", (await handlers.operating.load_overview(service))._asdict()
    )


@router.get("/operator/audit")
async def show_audit_page(service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request) -> Response:
    """Show what breaks an invariant; each service looks through its tables for it."""
    check_may_see_page(viewer, "operator")
    return render_page(
        service, request, viewer, "audit.html", {"audits": await handlers.operating.audit_all_services(service)}
    )


@router.get("/operator/imports/{import_id}/rejects")
async def download_rejects(service: ServiceDep[PageSettings], viewer: ViewerDep, import_id: UUID) -> Response:
    """Return the rejected rows of an import as a file to repair."""
    check_may_see_page(viewer, "operator")
    content = await handlers.operating.fetch_rejected_rows(service, import_id)
    if content is None:
        raise Problem(404, "file_unknown")
    return answer_with_download(content, f"rejects-{import_id}.csv", "text/csv")


@router.post("/operator/parked/{target}/{parked_id}/{verb}")
async def settle_parked(  # noqa: PLR0917 - which record, and what is done with it
    service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request, target: Target, parked_id: UUID,
    verb: Literal["replay", "discard"],
) -> Response:  # fmt: skip
    """Replay or discard a parked record."""
    await read_signed_form(service, request)
    try:
        order = orders.build_close_parked_command(target, parked_id, verb)
        await handlers.operating.carry_out_operator_decision(service, viewer, order, f"parked.{verb}", parked_id)
    except handlers.ActionRefused as refused:
        return redirect_to("/operator", refused.sentence)
    return redirect_to("/operator", "Applied again." if verb == "replay" else "Discarded.")


@router.post("/operator/quarantine/{quarantine_id}/{verb}")
async def settle_quarantined(
    service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request, quarantine_id: UUID,
    verb: Literal["release", "discard"],
) -> Response:  # fmt: skip
    """Release or discard a quarantined submission."""
    await read_signed_form(service, request)
    try:
        order = orders.build_close_quarantined_command(quarantine_id, verb)
        await handlers.operating.carry_out_operator_decision(
            service, viewer, order, f"quarantine.{verb}", quarantine_id
        )
    except handlers.ActionRefused as refused:
        return redirect_to("/operator", refused.sentence)
    return redirect_to("/operator", "Released: it is taken in now." if verb == "release" else "Discarded.")


@router.post("/operator/keys/{key_id}/revoke")
async def revoke_key(service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request, key_id: KeyId) -> Response:
    """Revoke a key in every service."""
    await read_signed_form(service, request)
    try:
        await handlers.operating.revoke_key_everywhere(service, viewer, key_id)
    except handlers.ActionRefused as refused:
        return redirect_to("/operator", refused.sentence)
    return redirect_to("/operator", "Revoked in every service.")
