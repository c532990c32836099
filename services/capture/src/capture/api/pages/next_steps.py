"""The page after a form: it thanks, and asks how somebody would like to go on."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse, Response

from capture import handlers
from capture.api import answers
from capture.api.gate import get_sender_gate
from capture.api.intake import get_submission_intake
from capture.api.pages import form_requests
from capture.api.pages import rendering as pages
from capture.api.pages.form_responses import (
    ANSWERS,
    BODY,
    SCRIPT,
    FormName,
    allow_origin,
    form_shown_to,
    language_parameter,
    problem_response,
    redirect_response,
    wants_json,
)
from capture.domain import forms
from capture.domain.forms import FormInvalid
from capture.domain.signatures import FormTicket
from capture.domain.submission import StrictModel
from capture.playbook import Form
from capture.settings import CaptureSettings
from events.contacts import Preference
from events.moments import Moment
from events.runtime import DomainError, Service
from events.runtime.bodies import OPEN_TO_ALL, validate_as
from events.runtime.json_answers import json_answer
from events.runtime.problems import BodyInvalid, Problem
from events.runtime.visitor_tickets import write_ticket
from events.runtime.web import ServiceDep

router = APIRouter(tags=["forms"])

_TICKET = {**BODY, **OPEN_TO_ALL}
"""A ticket opens it, and no key."""


class NextStepBody(StrictModel):
    """How somebody would like to go on."""

    preference: Preference
    preferred_at: Moment | None = None


@router.get("/f/{form}/thanks", response_class=HTMLResponse, openapi_extra=OPEN_TO_ALL)
async def show_thanks(  # noqa: PLR0917 - a query has no order
    request: Request,
    service: ServiceDep[CaptureSettings],
    form: FormName,
    t: Annotated[str, Query(description="The ticket of the submission")] = "",
    choice: Annotated[str, Query(description="The choice that was made")] = "",
    choice_before: Annotated[
        str, Query(alias="said", description="The same, as the release before called it", deprecated=True)
    ] = "",
) -> Response:
    """Return the page that thanks, and asks how to go on."""
    gate = get_sender_gate(request)
    origin = await gate.check_origin(request, form, None)
    async with service.transaction() as tx:
        rules = handlers.load_form_in_force(form, tx)
    ticket = gate.signer.read_ticket(form, t, datetime.now(UTC))
    async with service.transaction() as tx:
        paper = await handlers.find_requested_content(ticket.engagement_id, tx) if ticket else None
    shown = form_shown_to(request, rules)
    part = pages.render_template(
        "thanks.html",
        name=form,
        form=shown.form,
        words=shown.page_texts["page"],
        language=shown.language,
        ticket=t if ticket else None,
        choice=next((each for each in (choice, choice_before) if each in rules.offers), None),
        paper=paper,
    )
    if wants_json(request):
        return allow_origin(json_answer({"html": part}, 200, {"Cache-Control": "no-store"}), origin)
    leads_to = [where for where in (rules.booking_url or service.settings.booking_url,) if where]
    title = shown.page_texts["page"]["thanks_title"]
    html = pages.render_template("page.html", title=title, part=part, script="page.js", language=shown.language)
    return pages.page_response(html, leads_to=leads_to)


@router.post(
    "/f/{form}/thanks",
    openapi_extra=_TICKET,
    responses=ANSWERS | {202: SCRIPT | {"model": answers.NextStepAnswer}},
    status_code=303,
)
async def post_next_step(request: Request, service: ServiceDep[CaptureSettings], form: FormName) -> Response:
    """Record how somebody would like to go on."""
    origin = await get_sender_gate(request).check_origin(request, form, None)
    try:
        answer = await _next_step(request, service, form)
    except (Problem, BodyInvalid, DomainError) as error:
        answer = problem_response(request, error)
    return allow_origin(answer, origin)


async def _next_step(request: Request, service: ServiceDep[CaptureSettings], form: str) -> Response:
    gate = get_sender_gate(request)
    await gate.refuse_too_frequent(request)
    filled = dict((await form_requests.read_page_form(request))[1])
    async with service.transaction() as tx:
        rules = handlers.load_form_in_force(form, tx)
    text = filled.get("t", "")
    ticket = gate.signer.read_ticket(form, text, datetime.now(UTC))
    if ticket is None:
        raise Problem(401, "ticket_invalid", field="t", headers={"WWW-Authenticate": "Bearer"})
    choice = {"preference": filled.get("preference", "")}
    try:
        if filled.get("preferred_at"):
            choice["preferred_at"] = forms.parse_preferred_time(filled["preferred_at"], filled.get("zone", ""), rules)
    except FormInvalid as error:
        raise BodyInvalid([fault._asdict() for fault in error.faults]) from None
    chosen = validate_as(NextStepBody, choice).preference
    if chosen not in rules.offers:
        raise Problem(422, "not_offered", field="preference")
    async with service.transaction() as tx:
        await handlers.record_next_step(rules, ticket, choice, get_submission_intake(request).hasher, tx)
    booking = _booking_page(service, rules, ticket, filled) if chosen == "book" else None
    after = booking or f"/f/{form}/thanks?t={text}&choice={chosen}{language_parameter(filled, rules)}"
    return redirect_response(request, after, {"status": "accepted"})


def _booking_page(
    service: Service[CaptureSettings], form: Form, ticket: FormTicket, filled: Mapping[str, str]
) -> str | None:
    """Return where somebody chooses a time themselves: the form's own page, else routing's, opened by a ticket."""
    base = service.settings.booking_url
    if form.booking_url or not base:
        return form.booking_url
    secret = service.settings.secret.get_secret_value().encode()
    visitor = write_ticket(secret, "booking", ticket.contact_id, datetime.now(UTC))
    asked = {"zone": filled.get("zone", "")[:64] or form.time_zone, "language": filled.get(forms.LANGUAGE, "")[:35]}
    return f"{base.rstrip('/')}/book/{visitor}?{urlencode(asked)}"
