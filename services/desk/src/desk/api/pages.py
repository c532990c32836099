"""Render pages: written on the server, at work without JavaScript, under a strict content policy."""

import secrets
from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

import orjson
from fastapi import Request
from fastapi.routing import APIRoute
from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from starlette.responses import RedirectResponse, Response

from desk import handlers
from desk.api.forms import COOKIE
from desk.domain import OPEN, PAGES, Viewer, wording
from desk.domain.rule_changes import rule_text
from desk.domain.wording import ENGLISH, Language
from events.languages import language_of
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
    "reviews": "Reviews",
    "funnel": "Funnel",
    "digest": "Digest",
    "rules": "Rules",
    "operator": "Operator",
    "settings": "Settings",
}

LANGUAGES = {
    "en": ENGLISH,
    **{
        path.stem: Language(path.stem, orjson.loads(path.read_bytes()))
        for path in sorted((Path(__file__).parent / "wordings").glob("*.json"))
    },
}
"""What the pages say, by language; a further file is a further language."""
NAMES = {"en": "English", "de": "Deutsch", "es": "Espa\u00f1ol", "fr": "Fran\u00e7ais", "pt": "Portugu\u00eas"}

_environment = Environment(
    loader=PackageLoader("desk.api", "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
    lstrip_blocks=True,
)  # fmt: skip
_environment.filters |= {
    "plain": wording.plain,
    "rule": rule_text,
    "approver": lambda name: wording.plain(str(name)).replace(":", ": "),
    "evidence": pass_context(lambda context, line: wording.evidence_line(line, context["_"])),
    "clock": pass_context(lambda context, name: context["_"](wording.CLOCKS.get(name) or wording.plain(name))),
    "state": pass_context(lambda context, name: context["_"](wording.STATES.get(name) or wording.plain(name))),
    "type": pass_context(lambda context, name: context["_"](wording.TYPES.get(name) or wording.plain(name))),
    "percent": lambda share: f"{share * 100:.0f} %",
}
_environment.globals |= {
    "story_line": pass_context(lambda context, kind, body: wording.story_line(kind, body, context["_"])),
    "due_text": pass_context(lambda context, due_at, now: wording.due_text(due_at, now, context["_"])),
    "outcomes": wording.OUTCOMES,
    "OPEN": OPEN,
    "once": lambda: secrets.token_urlsafe(12),
    "languages": NAMES,
    "seconds": lambda number: wording.span(timedelta(seconds=number)),
    "instant": lambda text: datetime.fromisoformat(text) if text else None,
}


def spoken(viewer: Viewer | None, request: Request) -> Language:
    """Return the language that somebody chose, else the first of their browser's that there is."""
    chosen = viewer.language if viewer and viewer.language else ""
    return LANGUAGES[language_of(list(LANGUAGES), chosen, request.headers.get("accept-language", ""))]


def render(
    service: "Service[PageSettings]", request: Request, viewer: Viewer | None, template: str,
    values: Mapping[str, Any], *, status: int = 200,
) -> Response:  # fmt: skip
    """Answer with a page for somebody; what their last action did stands on top, once."""
    notice = request.cookies.get(NOTICE)
    now = values.get("now")
    zone = viewer.zone if viewer else "UTC"
    language = spoken(viewer, request)
    html = _environment.get_template(template).render(
        {
            "_": language,
            "viewer": viewer,
            "token": handlers.form_token(service, request.cookies.get(COOKIE, "")) if viewer else "",
            "nav": [
                (name, language(TITLES[name])) for name in (PAGES[viewer.role] if viewer else ()) if name in TITLES
            ],
            "here": request.url.path,
            "back": request.url.path,
            "notice": None if notice is None else language(unquote(notice)[:300]),
            "problem": None,
            "filled": {},
            "ticks": service.settings.clock == "system",
            "at": lambda instant: wording.moment(instant, now or instant, zone, language),
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
