"""Render pages: written on the server, at work without JavaScript, under a strict content policy."""

import secrets
from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from fastapi import Request
from fastapi.routing import APIRoute
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import RedirectResponse, Response

from desk import handlers
from desk.api.forms import COOKIE
from desk.domain import OPEN, PAGES, Viewer, wording
from events.runtime import DomainError
from events.runtime.html import page as page_of
from events.runtime.problems import Problem

if TYPE_CHECKING:
    from desk.settings import PageSettings
    from events.runtime import Service

NOTICE = "baton_notice"
TITLES = {
    "leads": "My leads",
    "today": "Today",
    "promises": "Promises",
    "returned": "Returned",
    "funnel": "Funnel",
    "settings": "Settings",
}

_environment = Environment(
    loader=PackageLoader("desk.api", "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
    lstrip_blocks=True,
)  # fmt: skip
_environment.filters |= {
    "plain": wording.plain,
    "evidence": wording.evidence_line,
    "span": wording.span,
    "clock": lambda name: wording.CLOCKS.get(name, wording.plain(name)),
    "state": lambda name: wording.STATES.get(name, wording.plain(name)),
    "type": lambda name: wording.TYPES.get(name, wording.plain(name)),
    "percent": lambda share: f"{share * 100:.0f} %",
}
_environment.globals |= {
    "story_line": wording.story_line,
    "due_text": wording.due_text,
    "outcomes": wording.OUTCOMES,
    "OPEN": OPEN,
    "once": lambda: secrets.token_urlsafe(12),
    "instant": lambda text: datetime.fromisoformat(text) if text else None,
}


def render(
    service: "Service[PageSettings]", request: Request, viewer: Viewer | None, template: str,
    values: Mapping[str, Any], *, status: int = 200,
) -> Response:  # fmt: skip
    """Answer with a page for somebody; what their last action did stands on top, once."""
    notice = request.cookies.get(NOTICE)
    now = values.get("now")
    zone = viewer.zone if viewer else "UTC"
    html = _environment.get_template(template).render(
        {
            "viewer": viewer,
            "token": handlers.form_token(service, request.cookies.get(COOKIE, "")) if viewer else "",
            "nav": [(name, TITLES[name]) for name in (PAGES[viewer.role] if viewer else ()) if name in TITLES],
            "here": request.url.path,
            "back": request.url.path,
            "notice": None if notice is None else unquote(notice)[:300],
            "problem": None,
            "filled": {},
            "ticks": service.settings.clock == "system",
            "at": lambda instant: wording.moment(instant, now or instant, zone),
            **values,
        }
    )
    answer = page_of(
        html, status, script_src="'self'", style_src="'self'", img_src="'self' data:", connect_src="'self'",
        form_action="'self'", manifest_src="'self'",
    )  # fmt: skip
    if notice is not None:
        answer.delete_cookie(NOTICE)
    return answer


def to(path: str, notice: str | None = None) -> Response:
    """Lead to another page of ours, which shows what was done."""
    answer = RedirectResponse(path, 303, headers={"Cache-Control": "no-store"})
    if notice is not None:
        answer.set_cookie(NOTICE, quote(notice), max_age=20, httponly=True, samesite="strict")
    return answer


class PageRoute(APIRoute):
    """A route whose errors are pages where a browser asks, and problem documents for everybody else."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler, with what it raises turned into what a person reads."""
        handle = super().get_route_handler()

        async def shown(request: Request) -> Response:
            try:
                return await handle(request)
            except handlers.SignInFirst:
                if "hx-request" in request.headers:
                    return Response(status_code=401, headers={"HX-Redirect": "/sign-in"})
                if request.method == "GET" and _is_for_a_browser(request):
                    return to("/sign-in")
                raise
            except (DomainError, Problem) as error:
                if "hx-request" in request.headers and isinstance(error, handlers.LeadUnknown):
                    answer = to("/", "This lead is not with you any more.")
                    answer.status_code = 200
                    answer.headers["HX-Redirect"] = answer.headers["location"]
                    del answer.headers["location"]
                    return answer
                if not _is_for_a_browser(request):
                    raise
                sentence = SENTENCES.get(error.code) or str(error) or error.code
                values = {"title": sentence.rstrip("."), "status": error.status}
                return render(request.app.state.service, request, None, "message.html", values, status=error.status)

        return shown


SENTENCES = {
    "form_expired": "This page was open for too long, or you signed in again meanwhile. Go back and reload it.",
    "file_unknown": "There is no such page.",
}


def _is_for_a_browser(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")
