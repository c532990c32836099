"""The agreement as a page, and the candidate beside it."""

from collections.abc import Mapping
from typing import Literal
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from desk import handlers
from desk.api.access import ViewerDep
from desk.api.forms import read_signed_form
from desk.api.pages import PageRoute, answer_with_download, redirect_to, render_page
from desk.api.queries import check_may_see_page
from desk.domain import Viewer
from desk.domain.orders import Target
from desk.settings import PageSettings
from events.runtime.problems import Problem
from events.runtime.web import ServiceDep

router = APIRouter(tags=["rules"], route_class=PageRoute)

MOST_NUMBERS = 1000
"""Fields of a form with all numbers of a file."""


@router.get("/rules", include_in_schema=False)
async def show_rules(service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request) -> Response:
    """Show the agreement in force, and the candidate with what it would change."""
    check_may_see_page(viewer, "rules")
    return render_page(
        service, request, viewer, "rules.html", (await handlers.rules.load_agreement(service, viewer))._asdict()
    )


@router.get("/rules/change/{target}", include_in_schema=False)
async def show_numbers(
    service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request, target: Target
) -> Response:
    """Show the numbers of a service's rules, to be changed."""
    check_may_see_page(viewer, "rules")
    try:
        draft = await handlers.rule_drafts.open_draft(service, viewer, target)
    except handlers.ActionRefused as refused:
        return redirect_to("/rules", refused.sentence)
    return render_page(service, request, viewer, "rules_change.html", {**draft._asdict(), "back": "/rules"})


@router.post("/rules/change/{target}", include_in_schema=False)
async def change_numbers(
    service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request, target: Target
) -> Response:
    """Try other numbers, or propose them as the candidate."""
    form = await read_signed_form(service, request, MOST_NUMBERS)
    try:
        if form.get("verb") == "propose":
            await handlers.rule_drafts.propose_draft(service, viewer, target, form)
            return redirect_to("/rules", "Proposed. It is in force once both teams have signed.")
        draft = await handlers.rule_drafts.try_draft(service, viewer, target, form)
    except handlers.ActionRefused as refused:
        return await _refused(service, viewer, request, target, form, refused.sentence)
    return render_page(service, request, viewer, "rules_change.html", {**draft._asdict(), "back": "/rules"})


async def _refused(  # noqa: PLR0917 - a page with what was written on it
    service: "ServiceDep[PageSettings]", viewer: Viewer, request: Request, target: Target, form: Mapping[str, str],
    sentence: str,
) -> Response:  # fmt: skip
    """Show the numbers again, as they were written where they are still those of the same text."""
    try:
        draft = await handlers.rule_drafts.open_draft(service, viewer, target)
    except handlers.ActionRefused:
        return redirect_to("/rules", sentence)
    filled = form if form.get("fingerprint") == draft.fingerprint else {}
    values = {**draft._asdict(), "back": "/rules", "filled": filled, "problem": sentence}
    return render_page(service, request, viewer, "rules_change.html", values, status=409)


@router.get("/rules/files/{which}/{name}.yaml", include_in_schema=False)
async def export_rules(
    service: ServiceDep[PageSettings], viewer: ViewerDep, which: Literal["in-force", "candidate"],
    name: Literal["definitions", "capture", "scoring", "routing", "sla", "feedback", "desk"],
) -> Response:  # fmt: skip
    """Return a file of the rules as it is written, to be kept where the others are."""
    check_may_see_page(viewer, "rules")
    target = None if name == "definitions" else "sla-monitor" if name == "sla" else name
    text = await handlers.rule_drafts.read_rule_file(service, target, candidate=which == "candidate")
    if text is None:
        raise Problem(404, "file_unknown")
    return answer_with_download(text, f"{name}.yaml", "application/yaml; charset=utf-8")


@router.post("/rules/{candidate_id}/{verb}", include_in_schema=False)
async def decide(
    service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request, candidate_id: UUID,
    verb: Literal["sign", "activate", "back"],
) -> Response:  # fmt: skip
    """Sign a candidate, put it in force, or go back to the rules before it."""
    await read_signed_form(service, request)
    try:
        done = await _carry_out(service, viewer, candidate_id, verb)
    except handlers.ActionRefused as refused:
        done = refused.sentence
    return redirect_to("/rules", done)


async def _carry_out(
    service: "ServiceDep[PageSettings]", viewer: Viewer, candidate_id: UUID, verb: Literal["sign", "activate", "back"]
) -> str:
    """Do what a button says, and return what the page says then."""
    if verb == "sign":
        await handlers.rules.sign_candidate(service, viewer, candidate_id)
        return "Signed."
    if verb == "activate":
        await handlers.rule_activation.activate_candidate(service, viewer, candidate_id)
        return "In force in every service."
    newer = await handlers.rule_activation.restore_rules_before(service, viewer, candidate_id)
    but = f" Other rules were put in force since in {', '.join(newer)}: they stay." if newer else ""
    return f"The rules before it are in force again.{but}"
