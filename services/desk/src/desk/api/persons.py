"""The pages behind a person's: what is stored of them, and who would get their lead now."""

from typing import Literal
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from desk import handlers
from desk.api.access import ViewerDep
from desk.api.forms import read_signed_form
from desk.api.pages import PageRoute, redirect_to, render_page
from desk.settings import PageSettings
from events.runtime.web import ServiceDep

router = APIRouter(tags=["pages"], include_in_schema=False, route_class=PageRoute)


@router.get("/people/{contact_id}/data")
async def show_personal_data(
    service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request, contact_id: UUID
) -> Response:
    """Show what is stored of a person, who they may be too, and how far an erasure is."""
    found = await handlers.person_data.fetch_personal_data(service, viewer, contact_id)
    return render_page(service, request, viewer, "person_data.html", found._asdict())


@router.post("/people/{contact_id}/data/{verb}")
async def decide_about_personal_data(
    service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request, contact_id: UUID,
    verb: Literal["withdraw", "merge", "unmerge", "keep-apart", "erase"],
) -> Response:  # fmt: skip
    """Withdraw a consent, say who is whom, or erase a person."""
    form = await read_signed_form(service, request)
    try:
        done = await handlers.person_data.carry_out_data_decision(service, viewer, contact_id, verb, form)
    except handlers.ActionRefused as refused:
        done = refused.sentence
    return redirect_to(f"/people/{contact_id}/data", done)


@router.get("/people/{contact_id}/route")
async def show_route_preview(
    service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request, contact_id: UUID
) -> Response:
    """Show who would get this person's lead now; nothing is decided by looking."""
    try:
        lead, found, now = await handlers.queries.preview_route(service, viewer, contact_id)
    except handlers.ActionRefused as refused:
        return redirect_to(f"/people/{contact_id}", refused.sentence)
    return render_page(service, request, viewer, "route.html", {"lead": lead, "found": found, "now": now})
