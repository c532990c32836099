"""The pages: who may see which, and what stands on them."""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from html import escape
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from desk import handlers, store
from desk.api.access import ViewerDep
from desk.api.pages import PageRoute, choose_page_language, redirect_to, render_page
from desk.domain import PAGES, Viewer
from desk.domain.rights import Page
from desk.handlers.queries import DigestListKind
from desk.settings import PageSettings
from desk.store.reports import By, PromiseBy, PromiseOutcome, Step
from desk.store.worklists import Work
from events.runtime.html import TOKENS, build_inline_source
from events.runtime.html import answer_with_page as page_of
from events.runtime.problems import Problem
from events.runtime.web import ServiceDep

router = APIRouter(tags=["pages"], include_in_schema=False, route_class=PageRoute)

STATIC = Path(__file__).parent / "static"
KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
Text = Annotated[str | None, Query(max_length=200)]
Week = Annotated[str | None, Query(pattern=r"^\d{4}-W\d{2}$")]
STYLES = re.compile(r"<style>(.*?)</style>", re.DOTALL)
Days = Annotated[int, Query(ge=1, le=3660)]
Skip = Annotated[int, Query(ge=0, le=10_000_000)]
"""After how many a page of a list begins."""


def check_may_see_page(viewer: Viewer, page: Page) -> None:
    """Raise `NotForYou` for a page of another role."""
    if not viewer.sees(page):
        raise handlers.NotForYou


def first_day_of_last_days(now: datetime, days: int) -> date:
    """Return the day, UTC, that was so many days ago: numbers and their lists begin with it."""
    return (now - timedelta(days=days)).date()


@router.get("/")
async def redirect_to_first_page(viewer: ViewerDep) -> Response:
    """Lead to the page where this role begins."""
    return redirect_to(f"/{PAGES[viewer.role][0]}")


@router.get("/leads")
async def show_leads(service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request) -> Response:
    """Show a rep's open leads by what is due next."""
    check_may_see_page(viewer, "leads")
    return render_page(
        service, request, viewer, "leads.html", (await handlers.queries.load_my_leads_page(service, viewer))._asdict()
    )


@router.get("/leads/list")
async def show_lead_list(service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request) -> Response:
    """Show the list alone, for a page that is open."""
    check_may_see_page(viewer, "leads")
    values = {**(await handlers.queries.load_my_leads_page(service, viewer))._asdict(), "back": "/leads"}
    return render_page(service, request, viewer, "lead_list.html", values)


@router.get("/people/{contact_id}")
async def show_person(
    service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request, contact_id: UUID
) -> Response:
    """Show a person: what to do now, why they are here, the whole story."""
    return await render_person_page(service, viewer, request, contact_id, {})


async def render_person_page(  # noqa: PLR0917 - what a page is made of
    service: ServiceDep[PageSettings],
    viewer: Viewer,
    request: Request,
    contact_id: UUID,
    more: Mapping[str, Any],
    status: int = 200,
) -> Response:
    """Answer with a person's page; `more` is what a refused form brings back."""
    values = (await handlers.queries.load_person_page(service, viewer, contact_id))._asdict()
    reasons = await handlers.UPSTREAM.fetch_return_reasons(service) if viewer.may("work") else {}
    values |= {"reasons": list(reasons.values()), "reason": reasons.get(more.get("filled", {}).get("reason", ""))}
    if viewer.may("reassign"):
        reps = await handlers.UPSTREAM.fetch_reps(service)
        values["reps"] = [rep for rep in reps if rep.status == "active" and viewer.reach[1] in (None, rep.team)]
    return render_page(
        service, request, viewer, "person.html",
        {"reps": [], **values, "back": f"/people/{contact_id}", **more}, status=status,
    )  # fmt: skip


@router.get("/leads/{lead_id}/return")
async def show_reason_fields(
    service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request, lead_id: UUID, reason: Text = None
) -> Response:
    """Show the fields that a reason needs, for the form that asks for them."""
    del lead_id
    found = (await handlers.UPSTREAM.fetch_return_reasons(service)).get(reason or "")
    return render_page(service, request, viewer, "reason_fields.html", {"reason": found})


@router.get("/today")
async def show_today_page(
    service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request, part: Text = None
) -> Response:
    """Show a leader what is due, late and waiting, and who has how much."""
    check_may_see_page(viewer, "today")
    page = await handlers.queries.load_today_page(service, viewer)
    template = "today_body.html" if part == "body" else "today.html"
    return render_page(service, request, viewer, template, {**page._asdict(), "back": "/today"})


@router.get("/today/list")
async def show_open_lead_list(  # noqa: PLR0917 - a filter, field by field
    service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request, what: Work = "open", rep: Text = None,
    skip: Skip = 0,
) -> Response:  # fmt: skip
    """Show the leads behind a number of today."""
    check_may_see_page(viewer, "today")
    async with service.transaction() as tx:
        rows = await store.worklists.load_open_leads(tx, viewer, what, rep, skip, handlers.queries.SHOWN + 1)
        values = {"rows": rows, "what": what, "rep": rep, "skip": skip, "now": tx.now}
    return render_page(service, request, viewer, "today_list.html", {**values, "page": handlers.queries.SHOWN})


@router.get("/promises")
async def show_promises(
    service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request, by: PromiseBy = "team", days: Days = 30
) -> Response:
    """Show promises kept, kept late and missed."""
    check_may_see_page(viewer, "promises")
    async with service.transaction() as tx:
        rows = await store.reports.count_promises(tx, viewer, by, first_day_of_last_days(tx.now, days))
        values = {"rows": rows, "by": by, "days": days, "now": tx.now}
    return render_page(service, request, viewer, "promises.html", values)


@router.get("/promises/list")
async def show_promises_list(  # noqa: PLR0917 - a filter, field by field
    service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request, by: PromiseBy = "team", group: Text = None,
    what: PromiseOutcome = "missed", days: Days = 30, skip: Skip = 0,
) -> Response:  # fmt: skip
    """Show the promises behind a number."""
    check_may_see_page(viewer, "promises")
    async with service.transaction() as tx:
        since = first_day_of_last_days(tx.now, days)
        rows = await store.reports.load_promises(tx, viewer, by, group, what, since, skip, handlers.queries.SHOWN + 1)
        values = {"rows": rows, "by": by, "group": group, "what": what, "days": days, "skip": skip, "now": tx.now}
    return render_page(service, request, viewer, "promises_list.html", {**values, "page": handlers.queries.SHOWN})


@router.get("/returned")
async def show_returned_leads(
    service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request, reason: Text = None, skip: Skip = 0
) -> Response:
    """Show marketing what came back and why."""
    check_may_see_page(viewer, "returned")
    async with service.transaction() as tx:
        found = await handlers.queries.load_returned_page(tx, viewer, reason or None, skip)
    values = {**found._asdict(), "reason": reason, "skip": skip, "page": handlers.queries.SHOWN_TODAY}
    return render_page(service, request, viewer, "returned.html", {**values, "back": "/returned"})


@router.get("/reviews")
async def show_reviews(
    service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request, cursor: Text = None
) -> Response:
    """Show the leads on whose outcome marketing decides by a day."""
    check_may_see_page(viewer, "reviews")
    page = await handlers.queries.load_reviews_page(service, viewer, cursor)
    reasons = await handlers.UPSTREAM.fetch_return_reasons(service)
    free = {name for name, reason in reasons.items() if not (reason.needs or reason.needs_any)}
    more = page.following and f"/reviews?{urlencode({'cursor': page.following})}"
    return render_page(service, request, viewer, "reviews.html", {**page._asdict(), "free": free, "more": more})


@router.get("/funnel")
async def show_funnel(
    service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request, by: By = "source", days: Days = 90
) -> Response:
    """Show how many leads came how far; each number opens its list."""
    check_may_see_page(viewer, "funnel")
    async with service.transaction() as tx:
        rows = await store.reports.count_funnel(tx, viewer, by, first_day_of_last_days(tx.now, days))
        values = {"rows": rows, "by": by, "days": days, "steps": list(store.reports.STEPS), "now": tx.now}
    return render_page(service, request, viewer, "funnel.html", values)


@router.get("/funnel/list")
async def show_funnel_list(  # noqa: PLR0917 - a filter, field by field
    service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request, by: By = "source", group: Text = None,
    step: Step = "qualified", days: Days = 90, skip: Skip = 0,
) -> Response:  # fmt: skip
    """Show the leads behind a number."""
    check_may_see_page(viewer, "funnel")
    async with service.transaction() as tx:
        since = first_day_of_last_days(tx.now, days)
        rows = await store.reports.load_funnel_leads(
            tx, viewer, by, group, step, since, skip, handlers.queries.SHOWN + 1
        )
        values = {"rows": rows, "by": by, "group": group, "step": step, "days": days, "skip": skip, "now": tx.now}
    return render_page(service, request, viewer, "funnel_list.html", {**values, "page": handlers.queries.SHOWN})


@router.get("/digest")
async def show_digest(
    service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request, week: Week = None
) -> Response:
    """Show a week as both teams read it, to print; feedback draws the page."""
    check_may_see_page(viewer, "digest")
    html = await handlers.queries.load_digest_page(service, week)
    if html is None:
        values = {"title": "The digest cannot be read just now", "status": 503}
        return render_page(service, request, viewer, "message.html", values, status=503)
    back = escape(choose_page_language(viewer, request)("Back to the first page"))
    html = html.replace("<main>", f'<main><p class="back"><a href="/">{back}</a></p>', 1)
    return page_of(html, style_src=" ".join(map(build_inline_source, STYLES.findall(html))))


@router.get("/digest/{listed}")
async def show_digest_list(
    service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request, listed: DigestListKind
) -> Response:
    """Show the leads behind a number of the digest; which, the service says that counted them."""
    check_may_see_page(viewer, "digest")
    filters = [(name, text) for name, text in request.query_params.multi_items() if name not in {"cursor", "limit"}]
    cursor = [("cursor", text) for text in request.query_params.getlist("cursor")]
    found = await handlers.queries.load_digest_list(service, viewer, listed, [*filters, *cursor])
    if found is None:
        values = {"title": "The list cannot be read just now", "status": 503}
        return render_page(service, request, viewer, "message.html", values, status=503)
    more = found.following and f"/digest/{listed}?{urlencode([*filters, ('cursor', found.following)])}"
    values = {**found._asdict(), "listed": listed, "filters": filters, "more": more}
    return render_page(service, request, viewer, "digest_list.html", values)


@router.get("/settings")
async def show_message_settings(service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request) -> Response:
    """Show where somebody gets messages, and how reading their own calendar goes."""
    return await render_settings_page(service, viewer, request)


async def render_settings_page(
    service: ServiceDep[PageSettings], viewer: Viewer, request: Request, status: int = 200, **values: Any
) -> Response:
    """Return somebody's settings; `values` has what is wrong with what they sent."""
    calendar = await handlers.UPSTREAM.fetch_calendar(service, viewer.rep_id) if viewer.rep_id else None
    return render_page(service, request, viewer, "settings.html", {"calendar": calendar, **values}, status=status)


@router.get("/offline")
async def show_offline_page(service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request) -> Response:
    """Show what a browser shows without a network in the place of a page that it did not keep."""
    return render_page(service, request, viewer, "offline.html", {"back": "/leads"})


@router.get("/worker.js")
async def show_service_worker() -> Response:
    """Return the program that keeps pages in a browser; it stands at the top, or it could keep none of them."""
    return await show_static_file("worker.js")


@router.get("/static/{name}")
async def show_static_file(name: str) -> Response:
    """Return a file that the pages load."""
    for path in (STATIC / name, STATIC / "vendor" / name):
        if path.name == name and path.suffix in KINDS and path.is_file() and path.resolve().is_relative_to(STATIC):
            headers = {"Cache-Control": "public, max-age=300", "X-Content-Type-Options": "nosniff"}
            content = path.read_bytes()
            if path.suffix == ".css":
                content = TOKENS.encode() + content
            return Response(content, headers=headers, media_type=KINDS[path.suffix])
    raise Problem(404, "file_unknown")
