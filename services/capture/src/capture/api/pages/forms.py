"""Forms in browsers: a page of ours, a snippet on another site, or plain HTML anywhere that is allowed to."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import HTMLResponse, Response

from capture import handlers
from capture.api import answers
from capture.api.gate import SenderGate, get_sender_gate
from capture.api.intake import get_submission_intake
from capture.api.pages import form_requests
from capture.api.pages import rendering as pages
from capture.api.pages.form_responses import (
    allow_origin,
    form_errors_response,
    form_page_response,
    problem_response,
    redirect_response,
    wants_json,
)
from capture.domain import forms
from capture.domain.form_fields import fields_by_name
from capture.domain.forms import FormInvalid
from capture.domain.intake import CaptureAnswer
from capture.domain.known_people import fill_in_email, form_for_person, form_for_validation
from capture.domain.signatures import FormStamp, FormTicket
from capture.domain.submission import StrictModel, Values
from capture.handlers import IncomingSubmission, SubmissionResult
from capture.playbook import Form
from capture.settings import CaptureSettings
from events.contacts import Preference
from events.moments import Moment
from events.runtime import DomainError, Service
from events.runtime.bodies import FORM, OPEN_TO_ALL, Responses, validate_as
from events.runtime.commands import hash_body
from events.runtime.json_answers import json_answer
from events.runtime.problems import BodyInvalid, IdempotencyKeyReused, Problem, build_allow_header
from events.runtime.visitor_tickets import write_ticket
from events.runtime.web import ServiceDep

router = APIRouter(tags=["forms"])

FormName = Annotated[str, Path(pattern=r"^[a-z][a-z0-9-]{0,63}$")]
PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "Content-Type, Authorization",
    "Access-Control-Max-Age": "600",
}
_FIELDS = {"type": "object", "additionalProperties": {"type": "string"}}
_BODY = {"requestBody": {"required": True, "content": {FORM: {"schema": _FIELDS}}}}
_TICKET = {**_BODY, **OPEN_TO_ALL}
"""A ticket opens it, and no key."""
_SCRIPT = {"description": "To a script that asks for JSON"}
_ANSWERS: Responses = {
    303: {"description": "To the thank-you page"},
}


class NextStepBody(StrictModel):
    """How somebody would like to go on."""

    preference: Preference
    preferred_at: Moment | None = None


@router.get("/f/{form}", response_class=HTMLResponse, openapi_extra=OPEN_TO_ALL)
async def show_form(request: Request, service: ServiceDep[CaptureSettings], form: FormName) -> Response:
    """Return the form as a page."""
    shown, hidden = await _given_out(request, service, form)
    return form_page_response(form, shown, hidden, {}, [])


async def _given_out(
    request: Request, service: Service[CaptureSettings], form: str
) -> tuple[pages.FormInLanguage, dict[str, str]]:
    """Return the form for whoever opens it, and its hidden fields."""
    link = request.query_params.get(forms.LINK, "")
    async with service.transaction() as tx:
        rules = handlers.load_form_in_force(form, tx)
        person = await form_requests.find_person_of_link(request, form, link, datetime.now(UTC), tx)
    asked = form_for_person(rules, person)
    return _shown(request, asked, known=person is not None), form_requests.hidden_fields(request, form, asked, person)


@router.options("/f/{form}", include_in_schema=False)
@router.options("/f/{form}/thanks", include_in_schema=False)
@router.options("/f/{form}/embed", include_in_schema=False)
async def answer_preflight(request: Request, form: FormName) -> Response:
    """Answer a browser that asks whether a page elsewhere may submit this form."""
    origin = await get_sender_gate(request).check_origin(request, form, None)
    answer = Response(None, 204, build_allow_header(request.app, request.url.path) | (PREFLIGHT if origin else {}))
    return allow_origin(answer, origin)


@router.get("/f/{form}/snippet.js", response_class=pages.ScriptResponse, openapi_extra=OPEN_TO_ALL)
async def show_snippet(form: FormName) -> Response:  # noqa: ARG001 - the script reads its own address
    """Return the script that puts the form into a page elsewhere."""
    return pages.asset_response("snippet.js", "text/javascript", **{"Cross-Origin-Resource-Policy": "cross-origin"})


@router.get("/f/{form}/embed", response_model=answers.EmbeddedFormAnswer, openapi_extra=OPEN_TO_ALL)
async def show_embedded(
    request: Request,
    service: ServiceDep[CaptureSettings],
    form: FormName,
    key: Annotated[str, Query(description="The public key of the form")] = "",
) -> Response:
    """Return the form's parts to the snippet."""
    gate = get_sender_gate(request)
    caller = await gate.verify_form_key(key, form)
    origin = await gate.check_origin(request, form, caller.key_id)
    shown, hidden = await _given_out(request, service, form)
    html = pages.render_form_fields(form, shown, hidden | {forms.KEY: key}, {}, [])
    messages = shown.page_texts["messages"]
    texts = {"title": shown.form.title, "messages": messages, "otherwise": messages["otherwise"]}
    body = {"html": html, "css": pages.load_style_sheet(), **texts}
    return allow_origin(json_answer(body, 200, {"Cache-Control": "no-store"}), origin)


@router.post(
    "/f/{form}",
    openapi_extra=_BODY,
    responses=_ANSWERS | {202: _SCRIPT | {"model": answers.FormSubmissionAnswer}},
    status_code=303,
)
async def post_form(request: Request, service: ServiceDep[CaptureSettings], form: FormName) -> Response:
    """Take in what somebody filled in, and lead on to the thank-you page."""
    origin = await get_sender_gate(request).check_origin(request, form, None)
    try:
        answer = await _submit(request, service, form)
    except (Problem, BodyInvalid, DomainError) as error:
        answer = problem_response(request, error)
    return allow_origin(answer, origin)


_AS_GIVEN = ("email", "consent", "utm", "talk_to_sales", "source", "engagement")
"""What is put into quarantine as it was sent; the rest as it was read."""


async def _submit(request: Request, service: ServiceDep[CaptureSettings], form: str) -> Response:
    gate = get_sender_gate(request)
    await gate.refuse_too_frequent(request)
    body, pairs = await form_requests.read_page_form(request)
    async with service.transaction() as tx:
        rules = handlers.load_form_in_force(form, tx)
        filled = fields_by_name(pairs, rules)
        stamp = gate.signer.read_stamp(form, filled.get(forms.STAMP, ""))
        given_out = stamp.at if stamp else datetime.now(UTC)
        known = await form_requests.find_person_of_link(request, form, filled.get(forms.LINK, ""), given_out, tx)
    await _may_submit(gate, request, form, filled, stamp)
    asked = form_for_person(rules, known)
    shown = _shown(request, asked, filled.get(forms.LANGUAGE, ""), known=known is not None)
    try:
        sent = form_for_validation(rules, asked).in_language(filled.get(forms.LANGUAGE, ""))
        person = forms.form_as_submission_values(sent, fill_in_email(filled, known))
        submission = await form_requests.read_filled_form(request, person, ours=bool(filled.get(forms.STAMP)))
        person |= {name: getattr(submission, name) for name in (*person, "phone", "facts") if name not in _AS_GIVEN}
    except (FormInvalid, BodyInvalid) as error:
        return form_errors_response(request, form, shown, filled, error)
    claim = (f"form:{form}", stamp.nonce, hash_body(body)) if stamp else None
    reason = forms.find_suspicion(rules, filled, stamp, datetime.now(UTC))
    visits = [] if reason else await form_requests.read_past_visits(request, filled.get(forms.VISITS, ""), submission)
    captured = await _take(request, form, person, [*visits, IncomingSubmission(submission, claim)], reason)
    ticket = gate.signer.write_ticket(form, FormTicket(captured.contact_id, captured.engagement_id, datetime.now(UTC)))
    after = filled.get(forms.NEXT, "")
    after = after if after in rules.next_urls else f"/f/{form}/thanks?t={ticket}{_in(filled, rules)}"
    return redirect_response(request, after, SubmissionResult(captured).as_fields())


async def _may_submit(
    gate: SenderGate, request: Request, form: str, filled: Mapping[str, str], stamp: FormStamp | None
) -> None:
    """Let in whoever shows a key for this form, or a copy of it that we gave out."""
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    key = bearer.strip() if scheme.lower() == "bearer" else filled.get(forms.KEY, "")
    if key or stamp is None or scheme:
        caller = await gate.verify_form_key(key, form)
        if caller.kind == "form":
            await gate.check_origin(request, form, caller.key_id)


async def _take(
    request: Request, form: str, filled: Values, sent: Sequence[IncomingSubmission], reason: forms.Reason | None
) -> CaptureAnswer:
    """Take a submission in after what its sender did before, or put it aside where something speaks against it."""
    intake, (*visits, incoming) = get_submission_intake(request), sent
    if reason is None:
        try:
            return (await intake.take(incoming, visits)).captured
        except IdempotencyKeyReused:
            reason = "token_reused"
    copy = incoming.claim[1] if incoming.claim else ""
    async with request.app.state.service.transaction() as tx:
        return await handlers.put_in_quarantine(form, filled, reason, copy, intake.hasher, tx)


@router.get("/f/{form}/thanks", response_class=HTMLResponse, openapi_extra=OPEN_TO_ALL)
async def show_thanks(
    request: Request,
    service: ServiceDep[CaptureSettings],
    form: FormName,
    t: Annotated[str, Query(description="The ticket of the submission")] = "",
    choice: Annotated[str, Query(alias="said", description="The choice that was made")] = "",
) -> Response:
    """Return the page that thanks, and asks how to go on."""
    gate = get_sender_gate(request)
    origin = await gate.check_origin(request, form, None)
    async with service.transaction() as tx:
        rules = handlers.load_form_in_force(form, tx)
    ticket = gate.signer.read_ticket(form, t, datetime.now(UTC))
    async with service.transaction() as tx:
        paper = await handlers.find_requested_content(ticket.engagement_id, tx) if ticket else None
    shown = _shown(request, rules)
    part = pages.render_template(
        "thanks.html",
        name=form,
        form=shown.form,
        words=shown.page_texts["page"],
        language=shown.language,
        ticket=t if ticket else None,
        choice=choice if choice in rules.offers else None,
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
    responses=_ANSWERS | {202: _SCRIPT | {"model": answers.NextStepAnswer}},
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
    record_next_step = validate_as(NextStepBody, choice)
    if record_next_step.preference not in rules.offers:
        raise Problem(422, "not_offered", field="preference")
    async with service.transaction() as tx:
        await handlers.record_next_step(rules, ticket, choice, get_submission_intake(request).hasher, tx)
    booking = _booking_page(service, rules, ticket, filled) if record_next_step.preference == "book" else None
    after = booking or f"/f/{form}/thanks?t={text}&said={record_next_step.preference}{_in(filled, rules)}"
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


def _shown(request: Request, form: Form, language: str = "", *, known: bool = False) -> pages.FormInLanguage:
    """Return a form in the language of the address or the browser."""
    asked = language or request.query_params.get(forms.LANGUAGE, "")
    return pages.form_in_language(form, asked, request.headers.get("accept-language", ""))._replace(known=known)


def _in(filled: Mapping[str, str], form: Form) -> str:
    """Return the part of an address that keeps the language in which the form was filled in."""
    language = filled.get(forms.LANGUAGE, "")
    return f"&language={language}" if language in form.translations else ""
