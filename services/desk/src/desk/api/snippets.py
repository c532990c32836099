"""Forms for marketing's own pages: each as visitors see it, its snippet, and tests that call nobody."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from desk import handlers
from desk.api.access import ViewerDep
from desk.api.forms import read_signed_form, without_used_key
from desk.api.pages import PageRoute, redirect_to, render_page
from desk.api.queries import check_may_see_page
from desk.domain import Viewer
from desk.handlers.snippets import FormPage, MadeSnippet
from desk.settings import PageSettings
from events.contacts import FORM_TEST_ADDRESS
from events.runtime.html import build_inline_source
from events.runtime.problems import Problem
from events.runtime.web import ServiceDep

router = APIRouter(tags=["forms"], include_in_schema=False, route_class=PageRoute)

FormName = Annotated[str, Path(pattern=r"^[a-z][a-z0-9-]{0,63}$")]
Choice = Annotated[str, Query(max_length=100)]


@router.get("/forms")
async def show_forms(service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request) -> Response:
    """List the forms that may stand on pages elsewhere."""
    check_may_see_page(viewer, "forms")
    found = await handlers.snippets.load_forms(service, viewer)
    return render_page(service, request, viewer, "forms.html", found._asdict())


@router.get("/forms/{name}")
async def show_form(  # noqa: PLR0917 - a form and what was chosen for it
    service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request, name: FormName, language: Choice = "",
    campaign: Choice = "",
) -> Response:  # fmt: skip
    """Show a form as visitors see it, and its tests."""
    check_may_see_page(viewer, "forms")
    try:
        page = await _load(service, viewer, name, {"language": language, "campaign": campaign})
    except handlers.ActionRefused as refused:
        return redirect_to("/forms", refused.sentence)
    return _render(service, viewer, request, page, {})


@router.post("/forms/{name}")
async def make_snippet(
    service: ServiceDep[PageSettings], viewer: ViewerDep, request: Request, name: FormName
) -> Response:
    """Make a snippet with a key of its own, and show it this once; or send a test by it."""
    form = await read_signed_form(service, request)
    check_may_see_page(viewer, "forms")
    try:
        page = await _load(service, viewer, name, form)
    except handlers.ActionRefused as refused:
        return redirect_to("/forms", refused.sentence)
    made, notice = None, None
    try:
        if form.get("verb") == "test":
            made = handlers.snippets.show_snippet_again(service, page, form)
            await handlers.snippets.send_test(service, viewer, page, made)
            page = await _load(service, viewer, name, form)
            notice = "The test arrived. Nobody is called."
        else:
            made = await handlers.snippets.make_snippet(service, viewer, page, form)
    except handlers.ActionRefused as refused:
        filled = without_used_key(form, refused)
        return _render(service, viewer, request, page, filled, made, problem=refused.sentence)
    return _render(service, viewer, request, page, {}, made, notice=notice)


async def _load(service: "ServiceDep[PageSettings]", viewer: Viewer, name: str, chosen: Mapping[str, str]) -> FormPage:
    page = await handlers.snippets.load_form_page(service, viewer, name, chosen)
    if page is None:
        raise Problem(404, "file_unknown")
    return page


def _render(  # noqa: PLR0917 - a page, what was written on it, and what came of it
    service: "ServiceDep[PageSettings]", viewer: Viewer, request: Request, page: FormPage, filled: Mapping[str, str],
    made: MadeSnippet | None = None, problem: str | None = None, notice: str | None = None,
) -> Response:  # fmt: skip
    """Answer with the page; its policy allows the form's own style sheet, by its hash, and no frame from elsewhere."""
    values = {**page._asdict(), "made": made, "filled": filled, "problem": problem, "test_address": FORM_TEST_ADDRESS}
    if notice:
        values["done"] = notice
    style = f" {build_inline_source(page.preview['css'])}" if page.preview else ""
    return render_page(
        service, request, viewer, "form_snippet.html", values | {"back": "/forms"}, status=409 if problem else 200,
        style_src=f"'self'{style}",
    )  # fmt: skip
