"""Whoever wants to see a page finds it in `docs/pages`, on a phone and on a desktop."""

from importlib import import_module
from pathlib import Path

from baton.services import SERVICES
from tests.browser.pictures import DRAWN, all_pictures
from tests.desk.every_page import routes

PAGES = Path(__file__).parents[2] / "docs" / "pages"
NO_PAGES = {
    "desk /": "leads on to the first page",
    "desk /leads/list": "the list of /leads alone, which an open page asks for",
    "desk /leads/{lead_id}/return": "the fields of a reason, within a person's page",
    "desk /sign-in/start": "leads to the identity provider",
    "desk /sign-in/done": "leads back from it",
    "desk /events": "a stream",
    "desk /worker.js": "a file",
    "desk /static/{name}": "a file",
    "desk /rules/files/{which}/{name}.yaml": "a file",
    "desk /operator/imports/{import_id}/rejects": "a file",
}
"""What a browser gets of the desk that is no page."""


def routes_of_pages() -> set[str]:
    """Return each address of the six services that answers with a page."""
    found = {f"desk {path}" for path in routes()} - set(NO_PAGES)
    for service in SERVICES:
        for path, methods in import_module(f"{service.module}.app").service.document()["paths"].items():
            kinds = methods.get("get", {}).get("responses", {}).get("200", {}).get("content", {})
            if "text/html" in kinds:
                found.add(f"{service.name} {path}")
    return found


def test_every_page_has_a_picture() -> None:
    assert routes_of_pages() == set(DRAWN)


def test_every_picture_is_there_and_no_other() -> None:
    assert {path.name for path in PAGES.glob("*.png")} == all_pictures()
