"""Pages for people, in every service: each one leaves with a strict content policy, whoever wrote it.

`page()` is how a service answers with HTML. What is written otherwise is closed by `protect()` at the edge.
"""

import base64
import hashlib
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any

import fastapi_offline
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.responses import FileResponse, Response

from events.runtime.problems import Problem

CLOSED = {"default-src": "'none'", "base-uri": "'none'", "form-action": "'none'", "frame-ancestors": "'none'"}
"""The policy of a page that loads nothing, sends nothing and stands in no frame."""
POLICY = "Content-Security-Policy"
HEADERS = {"Referrer-Policy": "same-origin", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
ASSETS: Mapping[str, str] = {"swagger-ui-bundle.js": "text/javascript", "swagger-ui.css": "text/css"}
"""What the documentation loads, by its media type; the files are those of the package `fastapi-offline`."""

TOKENS = (Path(__file__).parent / "tokens.css").read_text(encoding="utf-8")
"""The colours that every page is drawn in; it stands before a page's own style."""


def answer_with_page(html: str, status: int = 200, **policy: str) -> Response:
    """Answer with a page. `policy` opens what it needs: `script_src="'self'"`; all else stays closed."""
    opened = {name.replace("_", "-"): sources for name, sources in policy.items()}
    return Response(html, status, {POLICY: _format_csp(CLOSED | opened), **HEADERS}, media_type="text/html")


def build_inline_source(text: str) -> str:
    """Return the source that allows exactly this inline script or style sheet."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def answer_with_documentation(title: str, openapi_url: str) -> Response:
    """Return the page that shows an OpenAPI document; it loads nothing from elsewhere, so it works offline."""
    script_url, style_url = (f"/docs/{name}" for name in ASSETS)
    written = get_swagger_ui_html(
        openapi_url=openapi_url, title=title, swagger_favicon_url="data:,", swagger_js_url=script_url,
        swagger_css_url=style_url,
    )  # fmt: skip
    html = bytes(written.body).decode()
    script = html.split("<script>")[1].split("</script>")[0]
    return answer_with_page(
        html, script_src=f"'self' {build_inline_source(script)}", style_src="'self' 'unsafe-inline'",
        img_src="data:", connect_src="'self'",
    )  # fmt: skip


def answer_with_asset(name: str) -> Response:
    """Return a file that the documentation loads.

    Raises:
        Problem: 404, it loads no such file.
    """
    kind = ASSETS.get(name)
    if kind is None:
        raise Problem(404, "file_unknown")
    path = Path(fastapi_offline.__file__).parent / "static" / name
    headers = {"Cache-Control": "public, max-age=3600", "X-Content-Type-Options": "nosniff"}
    return FileResponse(path, headers=headers, media_type=kind)


def add_security_headers(start: MutableMapping[str, Any]) -> None:
    """Add to the start of an answer what HTML needs and does not have yet."""
    given = dict(start["headers"])
    if not given.get(b"content-type", b"").lower().startswith((b"text/html", b"application/xhtml")):
        return
    needed = {POLICY: _format_csp(CLOSED), **HEADERS}
    encoded = {name.lower().encode(): text.encode() for name, text in needed.items()}
    start["headers"] = [*start["headers"], *((name, text) for name, text in encoded.items() if name not in given)]


def _format_csp(policy: dict[str, str]) -> str:
    return "; ".join(f"{name} {sources}" for name, sources in policy.items())
