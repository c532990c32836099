"""The scanner: a page for a phone at a booth, which works without a network and sends later what it kept."""

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import HTMLResponse, Response

from capture.api.pages import rendering as pages
from capture.playbook import CapturePlaybook
from events.runtime.bodies import OPEN_TO_ALL, Responses
from events.runtime.problems import Problem
from events.runtime.web import ServiceDep

router = APIRouter(tags=["scanner"])

ASSETS = {
    "baton.css": "text/css",
    "page.js": "text/javascript",
    "scan.js": "text/javascript",
    "store.js": "text/javascript",
    "pair.js": "text/javascript",
    "camera.js": "text/javascript",
    "vendor/qr/decode.js": "text/javascript",
    "vendor/qr/index.js": "text/javascript",
    "scan.webmanifest": "application/manifest+json",
    "icon.svg": "image/svg+xml",
    "visits.js": "text/javascript",
}
_FILES: Responses = {
    200: {
        "description": "The file",
        "content": {kind: {"schema": {"type": "string"}} for kind in sorted(set(ASSETS.values()))},
    }
}


@router.get("/scan", response_class=HTMLResponse, openapi_extra=OPEN_TO_ALL)
async def show_scanner(service: ServiceDep) -> Response:
    """Return the scanner page, with the questions of the playbook in force."""
    async with service.transaction() as tx:
        rules = tx.playbook(CapturePlaybook)
    html = pages.render_template("scan.html", questions=rules.scan_questions, consents=rules.scan_consents)
    return pages.page_response(html)


@router.get("/scan/worker.js", response_class=pages.ScriptResponse, openapi_extra=OPEN_TO_ALL)
async def show_worker() -> Response:
    """Return the service worker, which may answer for the page above its own folder."""
    return pages.asset_response(
        "worker.js", "text/javascript", **{"Service-Worker-Allowed": "/scan", "Cache-Control": "no-cache"}
    )


@router.get("/static/{name:path}", response_class=Response, responses=_FILES, openapi_extra=OPEN_TO_ALL)
async def show_asset(name: Annotated[str, Path(description="The name of the file")]) -> Response:
    """Return a file that the pages load."""
    kind = ASSETS.get(name)
    if kind is None:
        raise Problem(404, "file_unknown")
    elsewhere = {"Cross-Origin-Resource-Policy": "cross-origin"} if name == "visits.js" else {}
    return pages.asset_response(name, kind, **elsewhere)
