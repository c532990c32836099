"""The pages: who may see which, and what stands on them."""

import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from desk import handlers, store
from desk.api.access import ViewerDep
from desk.api.pages import PageRoute, render, to
from desk.domain import PAGES, Viewer
from desk.domain.rights import Page
from desk.settings import PageSettings
from desk.store.reports import By, PromiseBy, Step
from desk.store.worklists import Work
from events.runtime.html import TOKENS, inline
from events.runtime.html import page as page_of
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


def check(viewer: Viewer, page: Page) -> None:
    """Raise `NotForYou` for a page of another role."""
    if not viewer.sees(page):
        raise handlers.NotForYou


@router.get("/")
async def show_first(viewer: ViewerDep) -> Response:
    """Lead to the page where this role begins."""
    return to(f"/{PAGES[viewer.role][0]}")


@router.get("/leads")
async def show_leads(service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request) -> Response:
    """Show a rep's open leads by what is due next."""
    check(viewer, "leads")
    return render(service, request, viewer, "leads.html", (await handlers.queries.my_leads(service, viewer))._asdict())


@router.get("/leads/list")
async def show_list(service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request) -> Response:
    """Show the list alone, for a page that is open."""
    check(viewer, "leads")
    values = {**(await handlers.queries.my_leads(service, viewer))._asdict(), "back": "/leads"}
    return render(service, request, viewer, "lead_list.html", values)


@router.get("/people/{contact_id}")
async def show_person(
    service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request, contact_id: UUID
) -> Response:
    """Show a person: what to do now, why they are here, the whole story."""
    return await person_page(service, viewer, request, contact_id, {})


async def person_page(  # noqa: PLR0917 - what a page is made of
    service: ServiceDep[PageSettings],
    viewer: Viewer,
    request: Request,
    contact_id: UUID,
    more: Mapping[str, Any],
    status: int = 200,
) -> Response:
    """Answer with a person's page; `more` is what a refused form brings back."""
    values = (await handlers.queries.person(service, viewer, contact_id))._asdict()
    reasons = await handlers.UPSTREAM.reasons(service) if viewer.may("work") else {}
    values |= {"reasons": list(reasons.values()), "reason": reasons.get(more.get("filled", {}).get("reason", ""))}
    if viewer.may("reassign"):
        reps = await handlers.UPSTREAM.reps(service)
        values["reps"] = [rep for rep in reps if rep.status == "active" and viewer.reach[1] in (None, rep.team)]
    return render(
        service, request, viewer, "person.html",
        {"reps": [], **values, "back": f"/people/{contact_id}", **more}, status=status,
    )  # fmt: skip


@router.get("/leads/{lead_id}/return")
async def show_reason_fields(
    service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request, lead_id: UUID, reason: Text = None
) -> Response:
    """Show the fields that a reason needs, for the form that asks for them."""
    del lead_id
    found = (await handlers.UPSTREAM.reasons(service)).get(reason or "")
    return render(service, request, viewer, "reason_fields.html", {"reason": found})


@router.get("/today")
async def show_today(
    service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request, part: Text = None
) -> Response:
    """Show a leader what is due, late and waiting, and who has how much."""
    check(viewer, "today")
    page = await handlers.queries.today(service, viewer)
    template = "today_body.html" if part == "body" else "today.html"
    return render(service, request, viewer, template, {**page._asdict(), "back": "/today"})


@router.get("/today/list")
async def show_work(  # noqa: PLR0917 - a filter, field by field
    service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request, what: Work = "open", rep: Text = None,
    skip: Skip = 0,
) -> Response:  # fmt: skip
    """Show the leads behind a number of today."""
    check(viewer, "today")
    async with service.transaction() as tx:
        rows = await store.worklists.work(tx, viewer, what, rep, skip, handlers.queries.SHOWN + 1)
        values = {"rows": rows, "what": what, "rep": rep, "skip": skip, "now": tx.now}
    return render(service, request, viewer, "today_list.html", {**values, "page": handlers.queries.SHOWN})


@router.get("/promises")
async def show_promises(
    service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request, by: PromiseBy = "team", days: Days = 30
) -> Response:
    """Show promises kept, kept late and missed."""
    check(viewer, "promises")
    async with service.transaction() as tx:
        rows = await store.reports.promises(tx, viewer, by, tx.now - timedelta(days=days))
        values = {"rows": rows, "by": by, "days": days, "now": tx.now}
    return render(service, request, viewer, "promises.html", values)


@router.get("/promises/list")
async def show_promises_list(  # noqa: PLR0917 - a filter, field by field
    service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request, by: PromiseBy = "team", group: Text = None,
    what: Literal["kept", "late", "missed"] = "missed", days: Days = 30, skip: Skip = 0,
) -> Response:  # fmt: skip
    """Show the promises behind a number."""
    check(viewer, "promises")
    async with service.transaction() as tx:
        since = tx.now - timedelta(days=days)
        rows = await store.reports.promises_list(tx, viewer, by, group, what, since, skip, handlers.queries.SHOWN + 1)
        values = {"rows": rows, "by": by, "group": group, "what": what, "days": days, "skip": skip, "now": tx.now}
    return render(service, request, viewer, "promises_list.html", {**values, "page": handlers.queries.SHOWN})


@router.get("/returned")
async def show_returned(
    service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request, reason: Text = None, skip: Skip = 0
) -> Response:
    """Show marketing what came back and why."""
    check(viewer, "returned")
    async with service.transaction() as tx:
        found = await handlers.queries.returned(tx, viewer, reason or None, skip)
    values = {**found._asdict(), "reason": reason, "skip": skip, "page": handlers.queries.SHOWN_TODAY}
    return render(service, request, viewer, "returned.html", {**values, "back": "/returned"})


@router.get("/reviews")
async def show_reviews(service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request) -> Response:
    """Show the leads on whose outcome marketing decides by a day."""
    check(viewer, "reviews")
    page = await handlers.queries.reviews(service, viewer)
    reasons = await handlers.UPSTREAM.reasons(service)
    free = {name for name, reason in reasons.items() if not (reason.needs or reason.needs_any)}
    return render(service, request, viewer, "reviews.html", {**page._asdict(), "free": free})


@router.get("/funnel")
async def show_funnel(
    service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request, by: By = "source", days: Days = 90
) -> Response:
    """Show how many leads came how far; each number opens its list."""
    check(viewer, "funnel")
    async with service.transaction() as tx:
        rows = await store.reports.funnel(tx, viewer, by, tx.now - timedelta(days=days))
        values = {"rows": rows, "by": by, "days": days, "steps": list(store.reports.STEPS), "now": tx.now}
    return render(service, request, viewer, "funnel.html", values)


@router.get("/funnel/list")
async def show_funnel_list(  # noqa: PLR0917 - a filter, field by field
    service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request, by: By = "source", group: Text = None,
    step: Step = "qualified", days: Days = 90, skip: Skip = 0,
) -> Response:  # fmt: skip
    """Show the leads behind a number."""
    check(viewer, "funnel")
    async with service.transaction() as tx:
        since = tx.now - timedelta(days=days)
        rows = await store.reports.funnel_list(tx, viewer, by, group, step, since, skip, handlers.queries.SHOWN + 1)
        values = {"rows": rows, "by": by, "group": group, "step": step, "days": days, "skip": skip, "now": tx.now}
    return render(service, request, viewer, "funnel_list.html", {**values, "page": handlers.queries.SHOWN})


@router.get("/digest")
async def show_digest(
    service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request, week: Week = None
) -> Response:
    """Show a week as both teams read it, to print; feedback draws the page."""
    check(viewer, "digest")
    html = await handlers.queries.digest(service, week)
    if html is None:
        values = {"title": "The digest cannot be read just now", "status": 503}
        return render(service, request, viewer, "message.html", values, status=503)
    return page_of(html, style_src=" ".join(map(inline, STYLES.findall(html))))


@router.get("/settings")
async def show_settings(service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request) -> Response:
    """Show where somebody gets messages."""
    return render(service, request, viewer, "settings.html", {})


@router.get("/static/{name}")
async def show_file(name: str) -> Response:
    """Return a file that the pages load."""
    for path in (STATIC / name, STATIC / "vendor" / name):
        if path.name == name and path.suffix in KINDS and path.is_file() and path.resolve().is_relative_to(STATIC):
            headers = {"Cache-Control": "public, max-age=300", "X-Content-Type-Options": "nosniff"}
            content = path.read_bytes()
            if path.suffix == ".css":
                content = TOKENS.encode() + content
            return Response(content, headers=headers, media_type=KINDS[path.suffix])
    raise Problem(404, "file_unknown")
