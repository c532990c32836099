"""What people do on the pages: forms that lead back to the page they came from."""

from dataclasses import replace
from typing import Annotated, Literal
from uuid import UUID
from zoneinfo import available_timezones

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from desk import handlers, store
from desk.api.access import Token, ViewerDep
from desk.api.forms import back_of, signed_form
from desk.api.pages import LANGUAGES, PageRoute, render, to
from desk.api.queries import person_page
from desk.domain import letters
from desk.settings import PageSettings
from events.runtime.web import ServiceDep

router = APIRouter(tags=["actions"], include_in_schema=False, route_class=PageRoute)

Verb = Literal["accept", "touch", "book", "pass", "confirm", "return", "reassign"]
Name = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]


@router.post("/leads/{lead_id}/{verb}")
async def act(
    service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request, lead_id: UUID, verb: Verb
) -> Response:
    """Do something with a lead; a refused form comes back filled in, with the reason."""
    form = await signed_form(service, request)
    try:
        done = await handlers.act(service, viewer, lead_id, verb, form)
    except handlers.ActionRefused as refused:
        async with service.transaction() as tx:
            lead = await store.pages.lead(tx, viewer, lead_id)
        if lead is None:
            return to(back_of(form), refused.sentence)
        more = {"problem": refused.sentence, "filled": {**form, "verb": verb}}
        return await person_page(service, viewer, request, lead.contact_id, more, status=409)
    back = back_of(form)
    return to("/leads" if verb in ("pass", "return") and viewer.role == "rep" else back, done)


@router.post("/returned/{lead_id}/reply")
async def reply(service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request, lead_id: UUID) -> Response:
    """Answer sales about a lead that came back."""
    form = await signed_form(service, request)
    try:
        done = await handlers.reply(service, viewer, lead_id, form)
    except handlers.ActionRefused as refused:
        done = refused.sentence
    return to(back_of(form), done)


@router.post("/reviews/{lead_id}")
async def review(service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request, lead_id: UUID) -> Response:
    """Comment on a lead under review, or return it before its time."""
    form = await signed_form(service, request)
    try:
        done = await handlers.review(service, viewer, lead_id, form)
    except handlers.ActionRefused as refused:
        done = refused.sentence
    return to("/reviews", done)


@router.post("/reps/{rep_id}/status")
async def set_status(service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request, rep_id: Name) -> Response:
    """Pause a rep, or let them take leads again."""
    form = await signed_form(service, request)
    try:
        done = await handlers.set_status(service, viewer, rep_id, form.get("status", ""))
    except handlers.ActionRefused as refused:
        done = refused.sentence
    return to("/today", done)


@router.get("/a/{token}")
async def show_link(service: ServiceDep[PageSettings], request: Request, token: Token) -> Response:
    """Show what a link in a message does; looking at it, as mail scanners do, does nothing."""
    async with service.transaction() as tx:
        found = await store.messages.link(tx, store.access.fingerprint(token))
    if found is None:
        raise handlers.LinkUsed
    return render(service, request, None, "link.html", {"says": letters.ACTIONS[found.action]})


@router.post("/a/{token}")
async def use_link(service: ServiceDep[PageSettings], request: Request, token: Token) -> Response:
    """Do what a link in a message does, once."""
    try:
        done = await handlers.act_by_link(service, token)
    except handlers.ActionRefused as refused:
        done = refused.sentence
    return render(service, request, None, "message.html", {"title": done.rstrip("."), "status": 200})


@router.post("/settings")
async def save_settings(service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request) -> Response:
    """Save where somebody gets messages, and their time zone."""
    form = await signed_form(service, request)
    email, chat, zone, language = (form.get(name, "").strip() for name in ("email", "chat_url", "zone", "language"))
    problem = None
    if email and ("@" not in email.strip("@") or len(email) > 254 or not email.isprintable() or " " in email):  # noqa: PLR2004
        problem = "Write a whole e-mail address, or leave it empty."
    elif chat and not (len(chat) < 2000 and letters.is_chat(chat, service.settings.chat_hosts)):  # noqa: PLR2004
        problem = "The chat webhook is an https address of Slack or Teams."
    elif zone not in available_timezones():
        problem = "There is no such time zone; write one such as Europe/Berlin."
    if problem:
        return render(service, request, viewer, "settings.html", {"problem": problem, "filled": form}, status=422)
    async with service.transaction() as tx:
        chosen = language if language in LANGUAGES else None
        changed = replace(viewer, email=email or None, chat_url=chat or None, zone=zone, language=chosen)
        await store.access.save_settings(tx, changed)
    return to("/settings", "Saved.")
