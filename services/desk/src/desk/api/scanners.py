"""The phones that scan badges: which there are, a link that pairs one more, and their end."""

from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from desk import handlers
from desk.api.access import ViewerDep
from desk.api.forms import read_signed_form, without_used_key
from desk.api.pages import PageRoute, redirect_to, render_page
from desk.api.queries import check_may_see_page
from desk.settings import PageSettings
from events.runtime.web import ServiceDep

router = APIRouter(tags=["operator"], include_in_schema=False, route_class=PageRoute)

HERE = "/operator/scanners"


@router.get(HERE)
async def show_scanners(service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request) -> Response:
    """Show the paired devices, and the form that makes a link for one more."""
    check_may_see_page(viewer, "operator")
    found = await handlers.scanners.load_scanners(service, viewer)
    return render_page(service, request, viewer, "scanners.html", {**found._asdict(), "link": None})


@router.post(HERE)
async def invite_scanner(service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request) -> Response:
    """Make a link, and show it this once: as a picture for a camera, and as an address to be typed."""
    form = await read_signed_form(service, request)
    link, problem, filled = None, None, {}
    try:
        link = await handlers.scanners.invite_scanner(service, viewer, form)
    except handlers.ActionRefused as refused:
        problem, filled = refused.sentence, without_used_key(form, refused)
    found = await handlers.scanners.load_scanners(service, viewer)
    values = {**found._asdict(), "link": link, "problem": problem, "filled": filled, "back": HERE}
    return render_page(service, request, viewer, "scanners.html", values, status=200 if link else 409)


@router.post(HERE + "/{pairing_id}/end")
async def end_scanner(
    service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request, pairing_id: UUID
) -> Response:
    """End a device, or a link that nobody opened yet."""
    await read_signed_form(service, request)
    try:
        await handlers.scanners.end_scanner(service, viewer, pairing_id)
    except handlers.ActionRefused as refused:
        return redirect_to(HERE, refused.sentence)
    return redirect_to(HERE, "Ended: it scans no more.")
