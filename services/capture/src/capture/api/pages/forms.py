"""Forms in browsers: a page of ours, a snippet on another site, or plain HTML anywhere that is allowed to."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import HTMLResponse, Response

from capture import handlers
from capture.api import answers
from capture.api.gate import Gate, gate_of
from capture.api.intake import intake_of
from capture.api.pages import rendering as pages
from capture.api.pages.form_requests import hidden_in, pairs_of, read_person, visits_before
from capture.api.pages.form_responses import (
    allow_origin,
    form_errors,
    form_page,
    problem_response,
    redirect,
    wants_json,
)
from capture.api.pages.rendering import Script, page, render
from capture.domain import forms
from capture.domain.form_fields import joined
from capture.domain.forms import FormInvalid, Stamp, Ticket
from capture.domain.intake import Captured
from capture.domain.submission import StrictModel, Values
from capture.handlers import Incoming, SubmissionResult
from capture.playbook import Form
from capture.settings import CaptureSettings
from events.contacts import Preference
from events.moments import Moment
from events.runtime import DomainError, Service
from events.runtime.bodies import FORM, OPEN_TO_ALL, Responses, validated
from events.runtime.commands import body_hash
from events.runtime.json_answers import json_answer
from events.runtime.problems import Invalid, KeyReused, Problem, allowed
from events.runtime.visitor_tickets import write_ticket
from events.runtime.web import ServiceDep

router = APIRouter(tags=["forms"])

Name = Annotated[str, Path(pattern=r"^[a-z][a-z0-9-]{0,63}$")]
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


class NextStep(StrictModel):
    """How somebody would like to go on."""

    preference: Preference
    preferred_at: Moment | None = None


@router.get("/f/{form}", response_class=HTMLResponse, openapi_extra=OPEN_TO_ALL)
async def show_form(request: Request, service: ServiceDep[CaptureSettings], form: Name) -> Response:
    """Return the form as a page."""
    async with service.transaction() as tx:
        rules = handlers.form_in_force(form, tx)
    return form_page(form, _shown(request, rules), hidden_in(request, form, rules), {}, [])


@router.options("/f/{form}", include_in_schema=False)
@router.options("/f/{form}/thanks", include_in_schema=False)
@router.options("/f/{form}/embed", include_in_schema=False)
async def ask_first(request: Request, form: Name) -> Response:
    """Answer a browser that asks whether a page elsewhere may submit this form."""
    origin = await gate_of(request).origin(request, form, None)
    answer = Response(None, 204, allowed(request.app, request.url.path) | (PREFLIGHT if origin else {}))
    return allow_origin(answer, origin)


@router.get("/f/{form}/snippet.js", response_class=Script, openapi_extra=OPEN_TO_ALL)
async def show_snippet(form: Name) -> Response:  # noqa: ARG001 - the script reads its own address
    """Return the script that puts the form into a page elsewhere."""
    return pages.asset("snippet.js", "text/javascript", **{"Cross-Origin-Resource-Policy": "cross-origin"})


@router.get("/f/{form}/embed", response_model=answers.Embedded, openapi_extra=OPEN_TO_ALL)
async def show_embedded(
    request: Request,
    service: ServiceDep[CaptureSettings],
    form: Name,
    key: Annotated[str, Query(description="The public key of the form")] = "",
) -> Response:
    """Return the form's parts to the snippet."""
    gate = gate_of(request)
    caller = await gate.submitter(key, form)
    origin = await gate.origin(request, form, caller.key_id)
    async with service.transaction() as tx:
        rules = handlers.form_in_force(form, tx)
    shown = _shown(request, rules)
    html = pages.fields(form, shown, hidden_in(request, form, rules) | {forms.KEY: key}, {}, [])
    messages = shown.texts["messages"]
    texts = {"title": shown.form.title, "messages": messages, "otherwise": messages["otherwise"]}
    body = {"html": html, "css": pages.style(), **texts}
    return allow_origin(json_answer(body, 200, {"Cache-Control": "no-store"}), origin)


@router.post(
    "/f/{form}",
    openapi_extra=_BODY,
    responses=_ANSWERS | {202: _SCRIPT | {"model": answers.FormAnswer}},
    status_code=303,
)
async def post_form(request: Request, service: ServiceDep[CaptureSettings], form: Name) -> Response:
    """Take in what somebody filled in, and lead on to the thank-you page."""
    origin = await gate_of(request).origin(request, form, None)
    try:
        answer = await _submit(request, service, form)
    except (Problem, Invalid, DomainError) as error:
        answer = problem_response(request, error)
    return allow_origin(answer, origin)


_AS_GIVEN = ("email", "consent", "utm", "talk_to_sales", "source", "engagement")
"""What is put into quarantine as it was sent; the rest as it was read."""


async def _submit(request: Request, service: ServiceDep[CaptureSettings], form: str) -> Response:
    gate = gate_of(request)
    await gate.slow_down(request)
    body, pairs = await pairs_of(request)
    async with service.transaction() as tx:
        rules = handlers.form_in_force(form, tx)
    filled = joined(pairs, rules)
    shown = _shown(request, rules, filled.get(forms.LANGUAGE, ""))
    stamp = gate.signer.read_stamp(form, filled.get(forms.STAMP, ""))
    await _may_submit(gate, request, form, filled, stamp)
    try:
        person = forms.submission_of(rules.in_language(filled.get(forms.LANGUAGE, "")), filled)
        submission = await read_person(request, person, ours=bool(filled.get(forms.STAMP)))
        person |= {name: getattr(submission, name) for name in (*person, "phone", "facts") if name not in _AS_GIVEN}
    except (FormInvalid, Invalid) as error:
        return form_errors(request, form, shown, filled, error)
    claim = (f"form:{form}", stamp.nonce, body_hash(body)) if stamp else None
    reason = forms.suspicion(rules, filled, stamp, datetime.now(UTC))
    visits = [] if reason else await visits_before(request, filled.get(forms.VISITS, ""), submission)
    captured = await _take(request, form, person, [*visits, Incoming(submission, claim)], reason)
    ticket = gate.signer.ticket(form, Ticket(captured.contact_id, captured.engagement_id, datetime.now(UTC)))
    after = filled.get(forms.NEXT, "")
    after = after if after in rules.next_urls else f"/f/{form}/thanks?t={ticket}{_in(filled, rules)}"
    return redirect(request, after, SubmissionResult(captured).fields())


async def _may_submit(gate: Gate, request: Request, form: str, filled: Mapping[str, str], stamp: Stamp | None) -> None:
    """Let in whoever shows a key for this form, or a copy of it that we gave out."""
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    key = bearer.strip() if scheme.lower() == "bearer" else filled.get(forms.KEY, "")
    if key or stamp is None or scheme:
        caller = await gate.submitter(key, form)
        if caller.kind == "form":
            await gate.origin(request, form, caller.key_id)


async def _take(
    request: Request, form: str, filled: Values, sent: Sequence[Incoming], reason: forms.Reason | None
) -> Captured:
    """Take a submission in after what its sender did before, or put it aside where something speaks against it."""
    intake, (*visits, incoming) = intake_of(request), sent
    if reason is None:
        try:
            return (await intake.take(incoming, visits)).captured
        except KeyReused:
            reason = "token_reused"
    copy = incoming.claim[1] if incoming.claim else ""
    async with request.app.state.service.transaction() as tx:
        return await handlers.put_in_quarantine(form, filled, reason, copy, intake.keyring, tx)


@router.get("/f/{form}/thanks", response_class=HTMLResponse, openapi_extra=OPEN_TO_ALL)
async def show_thanks(
    request: Request,
    service: ServiceDep[CaptureSettings],
    form: Name,
    t: Annotated[str, Query(description="The ticket of the submission")] = "",
    choice: Annotated[str, Query(alias="said", description="The choice that was made")] = "",
) -> Response:
    """Return the page that thanks, and asks how to go on."""
    gate = gate_of(request)
    origin = await gate.origin(request, form, None)
    async with service.transaction() as tx:
        rules = handlers.form_in_force(form, tx)
    ticket = gate.signer.read_ticket(form, t, datetime.now(UTC))
    async with service.transaction() as tx:
        paper = await handlers.find_paper(ticket.engagement_id, tx) if ticket else None
    shown = _shown(request, rules)
    part = render(
        "thanks.html",
        name=form,
        form=shown.form,
        words=shown.texts["page"],
        language=shown.language,
        ticket=t if ticket else None,
        choice=choice if choice in rules.offers else None,
        paper=paper,
    )
    if wants_json(request):
        return allow_origin(json_answer({"html": part}, 200, {"Cache-Control": "no-store"}), origin)
    leads_to = [where for where in (rules.booking_url or service.settings.booking_url,) if where]
    title = shown.texts["page"]["thanks_title"]
    html = render("page.html", title=title, part=part, script="page.js", language=shown.language)
    return page(html, leads_to=leads_to)


@router.post(
    "/f/{form}/thanks",
    openapi_extra=_TICKET,
    responses=_ANSWERS | {202: _SCRIPT | {"model": answers.NextStepAnswer}},
    status_code=303,
)
async def post_next_step(request: Request, service: ServiceDep[CaptureSettings], form: Name) -> Response:
    """Record how somebody would like to go on."""
    origin = await gate_of(request).origin(request, form, None)
    try:
        answer = await _next_step(request, service, form)
    except (Problem, Invalid, DomainError) as error:
        answer = problem_response(request, error)
    return allow_origin(answer, origin)


async def _next_step(request: Request, service: ServiceDep[CaptureSettings], form: str) -> Response:
    gate = gate_of(request)
    await gate.slow_down(request)
    filled = dict((await pairs_of(request))[1])
    async with service.transaction() as tx:
        rules = handlers.form_in_force(form, tx)
    text = filled.get("t", "")
    ticket = gate.signer.read_ticket(form, text, datetime.now(UTC))
    if ticket is None:
        raise Problem(401, "ticket_invalid", field="t", headers={"WWW-Authenticate": "Bearer"})
    choice = {"preference": filled.get("preference", "")}
    try:
        if filled.get("preferred_at"):
            choice["preferred_at"] = forms.preferred_time(filled["preferred_at"], filled.get("zone", ""), rules)
    except FormInvalid as error:
        raise Invalid([fault._asdict() for fault in error.faults]) from None
    record_next_step = validated(NextStep, choice)
    if record_next_step.preference not in rules.offers:
        raise Problem(422, "not_offered", field="preference")
    async with service.transaction() as tx:
        await handlers.record_next_step(rules, ticket, choice, intake_of(request).keyring, tx)
    booking = _booking_page(service, rules, ticket, filled) if record_next_step.preference == "book" else None
    after = booking or f"/f/{form}/thanks?t={text}&said={record_next_step.preference}{_in(filled, rules)}"
    return redirect(request, after, {"status": "accepted"})


def _booking_page(
    service: Service[CaptureSettings], form: Form, ticket: Ticket, filled: Mapping[str, str]
) -> str | None:
    """Return where somebody chooses a time themselves: the form's own page, else routing's, opened by a ticket."""
    base = service.settings.booking_url
    if form.booking_url or not base:
        return form.booking_url
    secret = service.settings.secret.get_secret_value().encode()
    visitor = write_ticket(secret, "booking", ticket.contact_id, datetime.now(UTC))
    asked = {"zone": filled.get("zone", "")[:64] or form.time_zone, "language": filled.get(forms.LANGUAGE, "")[:35]}
    return f"{base.rstrip('/')}/book/{visitor}?{urlencode(asked)}"


def _shown(request: Request, form: Form, language: str = "") -> pages.Shown:
    """Return a form in the language of the address or the browser."""
    asked = language or request.query_params.get(forms.LANGUAGE, "")
    return pages.in_language(form, asked, request.headers.get("accept-language", ""))


def _in(filled: Mapping[str, str], form: Form) -> str:
    """Return the part of an address that keeps the language in which the form was filled in."""
    language = filled.get(forms.LANGUAGE, "")
    return f"&language={language}" if language in form.translations else ""
