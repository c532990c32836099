"""Sign in by a link that works once, stay signed in by a cookie, sign out."""

import hashlib
import hmac
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from desk import store
from desk.domain import Viewer
from desk.handlers.errors import LinkUsed
from desk.playbook import DeskPlaybook

if TYPE_CHECKING:
    from desk.settings import PageSettings
    from events.runtime import Service


def new_secret() -> str:
    """Return a long random text for a link or a cookie."""
    return secrets.token_urlsafe(32)


def form_token(service: "Service[PageSettings]", cookie: str) -> str:
    """Return what every form of a signed-in browser must carry: no other site can know it."""
    key = service.settings.secret.get_secret_value().encode()
    return hmac.new(key, f"form|{cookie}".encode(), hashlib.sha256).hexdigest()


async def invite(service: "Service[PageSettings]", viewer: Viewer) -> str:
    """Add somebody of ours, and return the token of a link that signs them in once."""
    token = new_secret()
    async with service.transaction() as tx:
        hours = tx.playbook(DeskPlaybook).invitation_hours
        await store.access.invite(tx, viewer, token, timedelta(hours=hours))
    return token


async def sign_in(service: "Service[PageSettings]", token: str) -> tuple[str, int]:
    """Use a link up; return the cookie of the new session and for how many seconds it works.

    Raises:
        LinkUsed: It was used already, is too old or never was one.
    """
    cookie = new_secret()
    async with service.transaction() as tx:
        user_id = await store.access.use_invitation(tx, token)
        if user_id is None:
            raise LinkUsed
        lasts = timedelta(hours=tx.playbook(DeskPlaybook).session_hours)
        await store.access.begin_session(tx, user_id, cookie, lasts)
    return cookie, int(lasts.total_seconds())
