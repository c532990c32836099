"""What people do on the pages: forms that lead back to the page they came from."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID
from zoneinfo import available_timezones

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from desk import handlers, store
from desk.api.access import Token, ViewerDep
from desk.api.forms import find_return_path, read_signed_form, without_used_key
from desk.api.pages import PageRoute, redirect_to, render_page
from desk.api.queries import render_person_page, render_settings_page
from desk.domain import letter_forms, letters
from desk.handlers.languages import LANGUAGES
from desk.settings import PageSettings
from events.names import PATH_SAFE_NAME
from events.runtime.web import ServiceDep

router = APIRouter(tags=["actions"], include_in_schema=False, route_class=PageRoute)

RETRY_SECONDS = "20"
"""When a form may be sent again that a service did not take because it was away."""
Verb = Literal["accept", "touch", "book", "pass", "confirm", "return", "reassign"]
RepId = Annotated[str, Path(pattern=PATH_SAFE_NAME)]


@router.post("/leads/{lead_id}/{verb}")
async def act_on_lead(
    service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request, lead_id: UUID, verb: Verb
) -> Response:
    """Do something with a lead; a refused form comes back filled in, with the reason."""
    form = await read_signed_form(service, request)
    try:
        done = await handlers.act_on_lead(service, viewer, lead_id, verb, form)
    except handlers.ActionRefused as refused:
        async with service.transaction() as tx:
            lead = await store.pages.load_lead(tx, viewer, lead_id)
        if lead is None:
            return redirect_to(find_return_path(form), refused.sentence)
        more = {"problem": refused.sentence, "filled": without_used_key(form, refused) | {"verb": verb}}
        answer = await render_person_page(service, viewer, request, lead.contact_id, more, status=409)
        if isinstance(refused, handlers.ServiceAway):
            answer.headers["Retry-After"] = RETRY_SECONDS
        return answer
    back = find_return_path(form)
    return redirect_to("/leads" if verb in ("pass", "return") and viewer.role == "rep" else back, done)


@router.post("/returned/{lead_id}/reply")
async def answer_returned_lead(
    service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request, lead_id: UUID
) -> Response:
    """Answer sales about a lead that came back."""
    form = await read_signed_form(service, request)
    try:
        done = await handlers.answer_returned_lead(service, viewer, lead_id, form)
    except handlers.ActionRefused as refused:
        done = refused.sentence
    return redirect_to(find_return_path(form), done)


@router.post("/reviews/{lead_id}")
async def act_on_lead_under_review(
    service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request, lead_id: UUID
) -> Response:
    """Comment on a lead under review, or return it before its time."""
    form = await read_signed_form(service, request)
    try:
        done = await handlers.act_on_lead_under_review(service, viewer, lead_id, form)
    except handlers.ActionRefused as refused:
        done = refused.sentence
    return redirect_to("/reviews", done)


@router.post("/reps/{rep_id}/status")
async def set_rep_status(
    service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request, rep_id: RepId
) -> Response:
    """Pause a rep, or let them take leads again."""
    form = await read_signed_form(service, request)
    try:
        done = await handlers.set_rep_status(service, viewer, rep_id, form.get("status", ""))
    except handlers.ActionRefused as refused:
        done = refused.sentence
    return redirect_to("/today", done)


@router.get("/a/{token}")
async def show_action_link(service: ServiceDep[PageSettings], request: Request, token: Token) -> Response:
    """Show what a link in a message does; looking at it, as mail scanners do, does nothing."""
    async with service.transaction() as tx:
        found = await store.messages.read_action_link(tx, store.access.hash_secret(token))
    if found is None:
        raise handlers.LinkUsed
    values = {"says": letters.ACTIONS[found.action], "name": found.name, "company": found.company}
    return render_page(service, request, None, "link.html", values)


@router.post("/a/{token}")
async def use_action_link(service: ServiceDep[PageSettings], request: Request, token: Token) -> Response:
    """Do what a link in a message does, once."""
    try:
        done = await handlers.act_by_link(service, token)
    except handlers.ActionRefused as refused:
        done = refused.sentence
    return render_page(service, request, None, "message.html", {"title": done.rstrip("."), "status": 200})


@router.post("/settings")
async def save_message_settings(service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request) -> Response:
    """Save where somebody gets messages, and their time zone."""
    form = await read_signed_form(service, request)
    email, chat, zone, language = (form.get(name, "").strip() for name in ("email", "chat_url", "zone", "language"))
    problem = None
    if email and ("@" not in email.strip("@") or len(email) > 254 or not email.isprintable() or " " in email):  # noqa: PLR2004
        problem = "Write a whole e-mail address, or leave it empty."
    elif chat and not (len(chat) < 2000 and letter_forms.is_chat_address(chat, service.settings.chat_hosts)):  # noqa: PLR2004
        problem = "The chat webhook is an https address of Slack or Teams."
    elif zone not in available_timezones():
        problem = "There is no such time zone; write one such as Europe/Berlin."
    if problem:
        return await render_settings_page(service, viewer, request, status=422, problem=problem, filled=form)
    async with service.transaction() as tx:
        chosen = language if language in LANGUAGES else None
        changed = replace(viewer, email=email or None, chat_url=chat or None, zone=zone, language=chosen)
        await store.access.save_settings(tx, changed)
        await store.messages.look_again(tx, datetime.now(UTC), user=viewer.user_id)
    return redirect_to("/settings", "Saved.")


@router.post("/settings/calendar")
async def save_own_calendar(service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request) -> Response:
    """Have a rep's own calendar read at an address, or no more; a refused one does not come back: it is a secret."""
    form = await read_signed_form(service, request)
    url = form.get("calendar_url", "").strip()
    try:
        done = await handlers.set_own_calendar(service, viewer, None if "stop" in form else url)
    except handlers.ActionRefused as refused:
        return await render_settings_page(service, viewer, request, status=409, problem=refused.sentence)
    return redirect_to("/settings", done)
