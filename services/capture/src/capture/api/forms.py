"""Forms in browsers: a page of ours, a snippet on another site, or plain HTML anywhere that is allowed to."""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import parse_qsl

import orjson
from fastapi import APIRouter, Path, Request
from starlette.responses import HTMLResponse, Response

from capture import handlers
from capture.api import pages
from capture.api.answering import form_page, led, readable, told, unfit, wants_json
from capture.api.door import door_of
from capture.api.gate import Gate, gate_of
from capture.api.pages import OPEN, Script, page, render
from capture.domain import forms
from capture.domain.forms import Signer, Stamp, Ticket, Unfit
from capture.domain.intake import Captured
from capture.domain.submission import LONGEST_FACT, Strictly, Submission
from capture.handlers import Answer, Incoming
from events.contacts import Preference
from events.moments import Moment
from events.runtime import DomainError
from events.runtime.bodies import FORM, JSON, media_type, validated, whole
from events.runtime.commands import body_hash
from events.runtime.problems import Invalid, KeyReused, Problem, allowed
from events.runtime.web import ServiceDep

router = APIRouter(tags=["forms"])

Name = Annotated[str, Path(pattern=r"^[a-z][a-z0-9-]{0,63}$")]
MOST_FIELDS = 100
LONGEST_CARRIED = 200
PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "Content-Type, Authorization",
    "Access-Control-Max-Age": "600",
}
_FIELDS = {"type": "object", "additionalProperties": {"type": "string"}}
_BODY = {"requestBody": {"required": True, "content": {FORM: {"schema": _FIELDS}}}}
_TICKET = {**_BODY, **OPEN}
"""A ticket opens it, and no key."""
_ANSWERS: dict[int | str, dict[str, Any]] = {
    202: {"description": "To a script that asks for JSON", "content": {JSON: {"schema": {"type": "object"}}}},
    303: {"description": "To the thank-you page"},
}


class Wish(Strictly):
    """How somebody would like to go on."""

    preference: Preference
    preferred_at: Moment | None = None


@router.get("/f/{form}", response_class=HTMLResponse, openapi_extra=OPEN)
async def show_form(request: Request, service: ServiceDep, form: Name) -> Response:
    """Give the form as a page."""
    async with service.transaction() as tx:
        rules = handlers.form_in_force(form, tx)
    return form_page(form, rules, _hidden(request, form), {}, [])


@router.options("/f/{form}", include_in_schema=False)
@router.options("/f/{form}/thanks", include_in_schema=False)
@router.options("/f/{form}/embed", include_in_schema=False)
async def ask_first(request: Request, form: Name) -> Response:
    """Answer a browser that asks whether a page elsewhere may submit this form."""
    origin = await gate_of(request).origin(request, form, None)
    answer = Response(None, 204, allowed(request.app, request.url.path) | (PREFLIGHT if origin else {}))
    return readable(answer, origin)


@router.get("/f/{form}/snippet.js", response_class=Script, openapi_extra=OPEN)
async def show_snippet(form: Name) -> Response:  # noqa: ARG001 - the script reads its own address
    """Give the script that puts the form into a page elsewhere."""
    return pages.asset("snippet.js", "text/javascript", **{"Cross-Origin-Resource-Policy": "cross-origin"})


@router.get("/f/{form}/embed", openapi_extra=OPEN)
async def show_embedded(request: Request, service: ServiceDep, form: Name, key: str = "") -> Response:
    """Give the form's parts to the snippet."""
    gate = gate_of(request)
    caller = await gate.submitter(key, form)
    origin = await gate.origin(request, form, caller.key_id)
    async with service.transaction() as tx:
        rules = handlers.form_in_force(form, tx)
    html = pages.fields(form, rules, _hidden(request, form) | {forms.KEY: key}, {}, [])
    style = (pages.STATIC / "baton.css").read_text(encoding="utf-8")
    body = {"html": html, "css": style, "title": rules.title, "messages": pages.MESSAGES, "otherwise": pages.OTHERWISE}
    return readable(Response(orjson.dumps(body), 200, {"Cache-Control": "no-store"}, JSON), origin)


@router.post("/f/{form}", openapi_extra=_BODY, responses=_ANSWERS, status_code=303)
async def post_form(request: Request, service: ServiceDep, form: Name) -> Response:
    """Take in what somebody filled in, and lead on to the thank-you page."""
    origin = await gate_of(request).origin(request, form, None)
    try:
        answer = await _submit(request, service, form)
    except (Problem, Invalid, DomainError) as error:
        answer = told(request, error)
    return readable(answer, origin)


async def _submit(request: Request, service: ServiceDep, form: str) -> Response:
    gate = gate_of(request)
    await gate.slow_down(request)
    body, filled = await _filled(request)
    async with service.transaction() as tx:
        rules = handlers.form_in_force(form, tx)
    stamp = gate.signer.read_stamp(form, filled.get(forms.STAMP, ""))
    await _may_submit(gate, request, form, filled, stamp)
    try:
        person = forms.submission_of(rules, filled)
        submission = await _read(request, person)
        person |= {"phone": submission.phone, "facts": submission.facts}
    except (Unfit, Invalid) as error:
        return unfit(request, form, rules, filled, error)
    claim = (f"form:{form}", stamp.nonce, body_hash(body)) if stamp else None
    reason = forms.suspicion(rules, filled, stamp, datetime.now(UTC))
    captured = await _take(request, form, person, Incoming(submission, claim), reason)
    ticket = gate.signer.ticket(form, Ticket(captured.contact_id, captured.engagement_id, datetime.now(UTC)))
    after = filled.get(forms.NEXT, "")
    after = after if after in rules.next_urls else f"/f/{form}/thanks?t={ticket}"
    return led(request, after, Answer(captured).fields())


async def _read(request: Request, person: dict[str, Any]) -> Submission:
    """Read what was filled in. Who left an e-mail is not turned away for a phone: its text is kept."""
    try:
        return validated(Submission, person)
    except Invalid as unread:
        if not any(each["field"] == "phone" for each in unread.errors):
            raise
    (at_home,) = await door_of(request).at_home([person])
    try:
        return validated(Submission, at_home)
    except Invalid as unread:
        if not person.get("email") or any(each["field"] != "phone" for each in unread.errors):
            raise
    facts = {**person.get("facts", {}), "phone_given": str(person["phone"])[:LONGEST_FACT]}
    return validated(Submission, {**person, "phone": None, "facts": facts})


async def _may_submit(gate: Gate, request: Request, form: str, filled: Mapping[str, str], stamp: Stamp | None) -> None:
    """Let in whoever shows a key for this form, or a copy of it that we gave out."""
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    key = bearer.strip() if scheme.lower() == "bearer" else filled.get(forms.KEY, "")
    if key or stamp is None or scheme:
        caller = await gate.submitter(key, form)
        if caller.kind == "form":
            await gate.origin(request, form, caller.key_id)


async def _take(
    request: Request, form: str, filled: dict[str, Any], incoming: Incoming, reason: forms.Reason | None
) -> Captured:
    """Take a submission in, or put it aside where something speaks against it."""
    door = door_of(request)
    if reason is None:
        try:
            return (await door.take(incoming)).captured
        except KeyReused:
            reason = "token_reused"
    copy = incoming.claim[1] if incoming.claim else ""
    async with request.app.state.service.transaction() as tx:
        return await handlers.hold(form, filled, reason, copy, door.keyring, tx)


@router.get("/f/{form}/thanks", response_class=HTMLResponse, openapi_extra=OPEN)
async def show_thanks(request: Request, service: ServiceDep, form: Name, t: str = "", said: str = "") -> Response:
    """Say thank you, and ask how to go on."""
    gate = gate_of(request)
    origin = await gate.origin(request, form, None)
    async with service.transaction() as tx:
        rules = handlers.form_in_force(form, tx)
    known = gate.signer.read_ticket(form, t, datetime.now(UTC)) is not None
    part = render(
        "thanks.html",
        name=form,
        form=rules,
        ticket=t if known else None,
        said=said if said in rules.offers else None,
        wrong=None,
    )
    if wants_json(request):
        return readable(Response(orjson.dumps({"html": part}), 200, {"Cache-Control": "no-store"}, JSON), origin)
    leads_to = [rules.booking_url] if rules.booking_url else []
    return page(render("page.html", title="Thank you", part=part, script="page.js"), leads_to=leads_to)


@router.post("/f/{form}/thanks", openapi_extra=_TICKET, responses=_ANSWERS, status_code=303)
async def post_wish(request: Request, service: ServiceDep, form: Name) -> Response:
    """Take in how somebody would like to go on."""
    origin = await gate_of(request).origin(request, form, None)
    try:
        answer = await _wish(request, service, form)
    except (Problem, Invalid, DomainError) as error:
        answer = told(request, error)
    return readable(answer, origin)


async def _wish(request: Request, service: ServiceDep, form: str) -> Response:
    gate = gate_of(request)
    await gate.slow_down(request)
    _, filled = await _filled(request)
    async with service.transaction() as tx:
        rules = handlers.form_in_force(form, tx)
    text = filled.get("t", "")
    ticket = gate.signer.read_ticket(form, text, datetime.now(UTC))
    if ticket is None:
        raise Problem(401, "ticket_invalid", field="t", headers={"WWW-Authenticate": "Bearer"})
    said = {"preference": filled.get("preference", "")}
    try:
        if filled.get("preferred_at") and said["preference"] != "not_now":
            said["preferred_at"] = forms.wished_at(filled["preferred_at"], filled.get("zone", ""), rules)
    except Unfit as error:
        raise Invalid([fault._asdict() for fault in error.faults]) from None
    wish = validated(Wish, said)
    if wish.preference not in rules.offers:
        raise Problem(422, "not_offered", field="preference")
    async with service.transaction() as tx:
        await handlers.wish(rules, ticket, said, door_of(request).keyring, tx)
    books = rules.booking_url if wish.preference == "book" else None
    after = books or f"/f/{form}/thanks?t={text}&said={wish.preference}"
    return led(request, after, {"status": "accepted"})


async def _filled(request: Request) -> tuple[bytes, dict[str, str]]:
    """Read what a browser sends of a form, in UTF-8 or as old pages do; of two equal names the last counts."""
    media_type(request, FORM)
    body = await whole(request)
    for encoding in ("utf-8", "cp1252"):
        try:
            pairs = parse_qsl(
                body.decode("ascii"),
                keep_blank_values=True,
                strict_parsing=bool(body),
                encoding=encoding,
                errors="strict",
                max_num_fields=MOST_FIELDS,
            )
        except UnicodeDecodeError:
            continue
        except ValueError:
            break
        return body, {name: text for name, text in pairs if name != "_charset_"}
    raise Problem(400, "form_invalid", field="body")


def _hidden(request: Request, form: str) -> dict[str, str]:
    """Give what a form carries unseen: its stamp, and what the landing page handed on."""
    told = request.query_params
    stamp = Stamp(datetime.now(UTC), secrets.token_hex(8))
    signer: Signer = gate_of(request).signer
    carried = {
        name: told[name]
        for name in forms.CARRIED
        if 0 < len(told.get(name, "")) <= LONGEST_CARRIED and told[name].isprintable()
    }
    return {forms.STAMP: signer.stamp(form, stamp), **carried}
