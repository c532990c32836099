"""Render pages: written on the server, at work without JavaScript, under a strict content policy."""

import secrets
from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote
from zoneinfo import available_timezones

from fastapi import Request
from fastapi.routing import APIRoute
from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from starlette.responses import RedirectResponse, Response

from desk import handlers
from desk.api.forms import COOKIE
from desk.domain import OPEN, PAGES, Viewer, wording
from desk.domain.rule_changes import format_rule_value
from desk.domain.rule_numbers import group_by_section
from desk.domain.wording import Language
from desk.handlers.languages import LANGUAGES
from events.languages import choose_language
from events.runtime import DomainError
from events.runtime.html import answer_with_page as page_of
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
    "forms": "Forms",
    "operator": "Operator",
    "settings": "Settings",
}

NAMES = {"en": "English", "de": "Deutsch", "es": "Espa\u00f1ol", "fr": "Fran\u00e7ais", "pt": "Portugu\u00eas"}

_environment = Environment(
    loader=PackageLoader("desk.api", "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
    lstrip_blocks=True,
)  # fmt: skip
_environment.filters |= {
    "plain": wording.id_as_text,
    "rule": format_rule_value,
    "approver": lambda name: wording.id_as_text(str(name)).replace(":", ": "),
    "evidence": pass_context(lambda context, line: wording.write_evidence_line(line, context["_"])),
    "clock": pass_context(lambda context, name: context["_"](wording.CLOCKS.get(name) or wording.id_as_text(name))),
    "state": pass_context(lambda context, name: context["_"](wording.STATES.get(name) or wording.id_as_text(name))),
    "preference": pass_context(lambda context, name: context["_"](wording.PREFERENCES[name])),
    "placed": pass_context(
        lambda context, name: context["_"](wording.PLACEMENTS.get(name) or wording.id_as_text(name).capitalize())
    ),
    "filters": pass_context(lambda context, pairs: wording.write_filters(pairs, context["_"])),
    "type": pass_context(lambda context, name: context["_"](wording.TYPES.get(name) or wording.id_as_text(name))),
    "because": pass_context(lambda context, reason, lead_type: wording.write_reason(reason, lead_type, context["_"])),
    "percent": lambda share: f"{share * 100:.0f} %",
}
_environment.globals |= {
    "story_line": pass_context(lambda context, kind, body: wording.write_story_sentence(kind, body, context["_"])),
    "group_name": pass_context(
        lambda context, by, group, name: wording.write_group_name(by, group, name, context["_"])
    ),
    "due_text": pass_context(lambda context, due_at, now: wording.due_text(due_at, now, context["_"])),
    "outcomes": wording.OUTCOMES,
    "OPEN": OPEN,
    "once": lambda: secrets.token_urlsafe(12),
    "in_order": group_by_section,
    "languages": NAMES,
    "zones": sorted(
        zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "SystemV/"))
    ),
    "seconds": lambda number: wording.duration_text(timedelta(seconds=number)),
    "instant": lambda text: datetime.fromisoformat(text) if text else None,
}


def choose_page_language(viewer: Viewer | None, request: Request) -> Language:
    """Return the language that somebody chose, else the first of their browser's that there is."""
    chosen = viewer.language if viewer and viewer.language else ""
    return LANGUAGES[choose_language(list(LANGUAGES), chosen, request.headers.get("accept-language", ""))]


def render_page(
    service: "Service[PageSettings]", request: Request, viewer: Viewer | None, template: str,
    values: Mapping[str, Any], *, status: int = 200, style_src: str = "'self'",
) -> Response:  # fmt: skip
    """Answer with a page for somebody; what their last action did stands on top, once."""
    notice = request.cookies.get(NOTICE)
    now = values.get("now")
    zone = viewer.zone if viewer else "UTC"
    language = choose_page_language(viewer, request)
    html = _environment.get_template(template).render(
        {
            "_": language,
            "viewer": viewer,
            "token": handlers.derive_form_token(service, request.cookies.get(COOKIE, "")) if viewer else "",
            "nav": [
                (name, language(TITLES[name])) for name in (PAGES[viewer.role] if viewer else ()) if name in TITLES
            ],
            "here": request.url.path,
            "back": request.url.path,
            "notice": None if notice is None else language(unquote(notice)[:300]),
            "problem": None,
            "filled": {},
            "ticks": service.settings.clock == "system",
            "at": lambda instant: wording.format_moment(instant, now or instant, zone, language),
            **values,
        }
    )
    answer = page_of(
        html, status, script_src="'self'", style_src=style_src, img_src="'self' data:", connect_src="'self'",
        form_action="'self'", manifest_src="'self'",
    )  # fmt: skip
    if notice is not None:
        answer.delete_cookie(NOTICE)
    return answer


def redirect_to(path: str, notice: str | None = None) -> Response:
    """Lead to another page of ours, which shows what was done."""
    answer = RedirectResponse(path, 303, headers={"Cache-Control": "no-store"})
    if notice is not None:
        answer.set_cookie(NOTICE, quote(notice), max_age=20, httponly=True, samesite="strict")
    return answer


def answer_with_download(content: bytes | str, name: str, kind: str) -> Response:
    """Answer with a file that the browser saves and never shows."""
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }  # fmt: skip
    return Response(content, headers=headers, media_type=kind)


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
                    return redirect_to("/sign-in")
                raise
            except (DomainError, Problem) as error:
                if "hx-request" in request.headers and isinstance(error, handlers.LeadUnknown):
                    answer = redirect_to("/", "This lead is not with you any more.")
                    answer.status_code = 200
                    answer.headers["HX-Redirect"] = answer.headers["location"]
                    del answer.headers["location"]
                    return answer
                if not _is_for_a_browser(request):
                    raise
                sentence = SENTENCES.get(error.code) or str(error) or error.code
                values = {"title": sentence.rstrip("."), "status": error.status}
                return render_page(
                    request.app.state.service, request, None, "message.html", values, status=error.status
                )

        return shown


SENTENCES = {
    "form_expired": "This page was open for too long, or you signed in again meanwhile. Go back and reload it.",
    "file_unknown": "There is no such page.",
}


def _is_for_a_browser(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")
