"""The scanner: a page for a phone at a booth, which works without a network and sends later what it kept."""

from fastapi import APIRouter
from starlette.responses import Response

from capture.api import pages

router = APIRouter(include_in_schema=False)

ASSETS = {
    "baton.css": "text/css",
    "page.js": "text/javascript",
    "scan.js": "text/javascript",
    "store.js": "text/javascript",
    "camera.js": "text/javascript",
    "vendor-qr-decode.js": "text/javascript",
    "vendor-qr-index.js": "text/javascript",
    "scan.webmanifest": "application/manifest+json",
    "icon.svg": "image/svg+xml",
}


@router.get("/scan")
async def show_scanner() -> Response:
    """Give the scanner page."""
    return pages.page(pages.render("scan.html"))


@router.get("/scan/worker.js")
async def show_worker() -> Response:
    """Give the service worker, which may answer for the page above its own folder."""
    return pages.asset(
        "worker.js", "text/javascript", **{"Service-Worker-Allowed": "/scan", "Cache-Control": "no-cache"}
    )


@router.get("/static/{name}")
async def show_asset(name: str) -> Response:
    """Give a file that the pages load."""
    kind = ASSETS.get(name)
    if kind is None:
        return pages.page(pages.render("page.html", title="Nothing here", part="", script=None), 404)
    return pages.asset(name, kind)
