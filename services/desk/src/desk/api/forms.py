"""Read a form of ours: urlencoded, small, from a signed-in browser, with the token that no other site can know."""

import hmac
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fastapi import Request

from desk import handlers
from desk.handlers.upstream import SPENT
from events.runtime.bodies import read_form_pairs
from events.runtime.commands import parse_idempotency_key
from events.runtime.problems import Problem

if TYPE_CHECKING:
    from desk.settings import PageSettings
    from events.runtime import Service

COOKIE = "baton_session"
MOST_FIELDS = 60


async def read_form(request: Request, most: int = MOST_FIELDS) -> dict[str, str]:
    """Return a form's fields, `most` at most; the last of each name counts.

    Raises:
        Problem: No form, or not one that a browser sends.
    """
    _, pairs = await read_form_pairs(request, most)
    if any("\0" in text for pair in pairs for text in pair):
        raise Problem(422, "control_character", field="body")
    return dict(pairs)


async def read_signed_form(
    service: "Service[PageSettings]", request: Request, most: int = MOST_FIELDS
) -> dict[str, str]:
    """Return the fields of a form that one of our own pages sent.

    Raises:
        Problem: 403, its token is not that of the session; 422, `once` is not what our pages write.
    """
    form = await read_form(request, most)
    wanted = handlers.derive_form_token(service, request.cookies.get(COOKIE, ""))
    if not hmac.compare_digest(form.get("token", "").encode(), wanted.encode()):
        raise Problem(403, "form_expired", field="token")
    return form | {"once": parse_idempotency_key(form.get("once") or None, "once") or ""}


def without_used_key(form: Mapping[str, str], refused: handlers.ActionRefused) -> dict[str, str]:
    """Return a refused form as its page brings it back: sent again, it counts once.

    Where something else was done under its key before, or what was done holds no more, it gets a new one.
    """
    is_used = refused.cause in SPENT
    return {name: text for name, text in form.items() if name != "once" or not is_used}


def find_return_path(form: Mapping[str, str], otherwise: str = "/") -> str:
    """Return the page of ours to which a form leads back; never another site."""
    path = form.get("back", "")
    parts = urlsplit(path)
    ours = path.startswith("/") and not path.startswith(("//", "/\\")) and not parts.netloc and path.isprintable()
    return path if ours else otherwise
