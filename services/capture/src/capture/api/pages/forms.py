"""Forms in browsers: a page of ours, a snippet on another site, or plain HTML anywhere that is allowed to."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import HTMLResponse, Response

from capture import handlers
from capture.api import answers
from capture.api.gate import SenderGate, get_sender_gate
from capture.api.intake import get_submission_intake
from capture.api.pages import form_requests
from capture.api.pages import rendering as pages
from capture.api.pages.form_responses import (
    ANSWERS,
    BODY,
    SCRIPT,
    FormName,
    allow_origin,
    form_errors_response,
    form_page_response,
    form_shown_to,
    language_parameter,
    problem_response,
    redirect_response,
)
from capture.domain import forms
from capture.domain.form_fields import fields_by_name
from capture.domain.form_tests import is_form_test
from capture.domain.forms import FormInvalid
from capture.domain.intake import CaptureAnswer
from capture.domain.known_people import fill_in_email, form_for_person, form_for_validation
from capture.domain.signatures import FormStamp, FormTicket
from capture.domain.submission import Submission, Values
from capture.handlers import FormTestContext, IncomingSubmission, SubmissionResult
from capture.playbook import Form
from capture.settings import CaptureSettings
from events.runtime import DomainError, Service
from events.runtime.bodies import OPEN_TO_ALL
from events.runtime.commands import hash_body
from events.runtime.json_answers import json_answer
from events.runtime.problems import BodyInvalid, IdempotencyKeyReused, Problem, build_allow_header
from events.runtime.security import Caller
from events.runtime.web import ServiceDep

router = APIRouter(tags=["forms"])

PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "Content-Type, Authorization",
    "Access-Control-Max-Age": "600",
}


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
    return form_shown_to(request, asked, known=person is not None), form_requests.hidden_fields(
        request, form, asked, person
    )


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
    openapi_extra=BODY,
    responses=ANSWERS | {202: SCRIPT | {"model": answers.FormSubmissionAnswer}},
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
    caller = await _check_may_submit(request, form, rules, filled, stamp)
    asked = form_for_person(rules, known)
    shown = form_shown_to(request, asked, filled.get(forms.LANGUAGE, ""), known=known is not None)
    try:
        sent = form_for_validation(rules, asked).in_language(filled.get(forms.LANGUAGE, ""))
        person = forms.form_as_submission_values(sent, fill_in_email(filled, known))
        submission = await form_requests.read_filled_form(request, person, ours=bool(filled.get(forms.STAMP)))
        person |= {name: getattr(submission, name) for name in (*person, "phone", "facts") if name not in _AS_GIVEN}
    except (FormInvalid, BodyInvalid) as error:
        return form_errors_response(request, form, shown, filled, error)
    claim = (f"form:{form}", stamp.nonce, hash_body(body)) if stamp else None
    reason = forms.find_suspicion(rules, filled, stamp, datetime.now(UTC))
    if is_form_test(submission):
        origin, key_id = request.headers.get("origin"), caller.key_id if caller else None
        captured = await _take_test(request, FormTestContext(form, key_id, origin, shown.language, reason), submission)
        return redirect_response(request, *_after(gate, form, filled, rules, captured))
    visits = [] if reason else await form_requests.read_past_visits(request, filled.get(forms.VISITS, ""), submission)
    captured = await _take(request, form, person, [*visits, IncomingSubmission(submission, claim)], reason)
    return redirect_response(request, *_after(gate, form, filled, rules, captured))


def _after(
    gate: SenderGate, name: str, filled: Mapping[str, str], form: Form, captured: CaptureAnswer
) -> tuple[str, dict[str, str]]:
    """Return the page that follows a submission, and what a script is answered beside it."""
    ticket = gate.signer.write_ticket(name, FormTicket(captured.contact_id, captured.engagement_id, datetime.now(UTC)))
    after = filled.get(forms.NEXT, "")
    after = after if after in form.next_urls else f"/f/{name}/thanks?t={ticket}{language_parameter(filled, form)}"
    return after, SubmissionResult(captured).as_fields()


async def _take_test(request: Request, context: FormTestContext, submission: Submission) -> CaptureAnswer:
    """Keep a form that was filled in as a test: nobody is taken in."""
    async with request.app.state.service.transaction() as tx:
        return await handlers.save_form_test(context, submission, get_submission_intake(request).hasher, tx)


async def _check_may_submit(
    request: Request, form: str, rules: Form, filled: Mapping[str, str], stamp: FormStamp | None
) -> Caller | None:
    """Let in whoever shows a key for this form, and return whose it is; or a copy of it that we gave out.

    A key that is bound to a source fills in a form of that source alone: one of a phone that scans, none.
    """
    gate = get_sender_gate(request)
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    key = bearer.strip() if scheme.lower() == "bearer" else filled.get(forms.KEY, "")
    if key or stamp is None or scheme:
        caller = await gate.verify_form_key(key, form)
        if caller.kind == "form":
            await gate.check_origin(request, form, caller.key_id)
        elif await gate.bound_source_of(caller) not in (None, rules.source):
            raise Problem(403, "source_refused")
        return caller
    return None


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
