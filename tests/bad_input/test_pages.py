"""Every way to an answer in HTML, of every service, leaves with the policy that keeps pages harmless."""

import re

import pytest

from tests.bad_input.conftest import Target
from tests.bad_input.doors import NAMES

HTML = {"Accept": "text/html"}
EXTRA = ["/docs", "/nowhere"]
"""Not in the documents: the document's own page, and what is no page."""


@pytest.mark.parametrize("target", NAMES, indirect=True)
async def test_whatever_is_html_is_under_a_strict_policy(target: Target) -> None:
    """Issue 20, 11: asked of every route, with what makes it answer in HTML where it can."""
    paths = [target.url(door) + door.needed() for door in target.doors if door.method == "GET"]
    found = []
    for path in [*paths, *EXTRA]:
        answer = await target.harness.http.get(path, headers=HTML)
        if not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        found.append(path)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy, path
        assert "frame-ancestors 'none'" in policy, path
        assert answer.headers["x-content-type-options"] == "nosniff", path
        assert answer.headers["referrer-policy"] == "same-origin", path
        assert answer.headers["cache-control"] == "no-store", path
        if "<style" in answer.text and path != "/docs":
            assert "'sha256-" in policy, path
    listed = [target.url(door) for door in target.doors if door.method == "GET" and "text/html" in door.answers]
    assert {path.partition("?")[0] for path in found} >= {"/docs", *listed}


@pytest.mark.parametrize("target", NAMES, indirect=True)
async def test_the_documentation_loads_nothing_from_elsewhere(target: Target) -> None:
    """What it names is answered by the service itself, and its policy allows no other host."""
    shown = await target.harness.http.get("/docs")
    assert "http" not in shown.headers["content-security-policy"]
    loaded = [path for path in re.findall(r'(?:src|href)="([^"]*)"', shown.text) if not path.startswith("data:")]
    kinds = {}
    for path in loaded:
        answer = await target.harness.http.get(path)
        assert (answer.status_code, answer.headers["x-content-type-options"]) == (200, "nosniff"), path
        kinds[path] = answer.headers["content-type"].partition(";")[0]
    assert kinds == {"/docs/swagger-ui.css": "text/css", "/docs/swagger-ui-bundle.js": "text/javascript"}
    assert re.findall(r"url: '([^']*)'", shown.text) == ["/openapi.json"]
    missing = await target.harness.http.get("/docs/redoc.standalone.js")
    assert (missing.status_code, missing.json()["errors"][0]["code"]) == (404, "file_unknown")
