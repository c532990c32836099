"""Sign in by a link that works once or at the identity provider, stay signed in by a cookie, sign out."""

import hashlib
import hmac
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from desk import store
from desk.domain import Viewer
from desk.domain.claims import (
    ClaimRules,
    ClaimsRefused,
    ProviderUser,
    may_sign_in_as,
    parse_role_grants,
    read_provider_subject,
    read_provider_user,
)
from desk.handlers.errors import LinkUsed, SignInFailed
from desk.playbook import DeskPlaybook
from events.runtime import Transaction

if TYPE_CHECKING:
    from desk.handlers.provider import IdentityProvider
    from desk.settings import PageSettings
    from events.runtime import Service


log = structlog.get_logger()


def draw_secret() -> str:
    """Return a long random text for a link or a cookie."""
    return secrets.token_urlsafe(32)


def derive_form_token(service: "Service[PageSettings]", cookie: str) -> str:
    """Return what every form of a signed-in browser must carry: no other site can know it."""
    key = service.settings.secret.get_secret_value().encode()
    return hmac.new(key, f"form|{cookie}".encode(), hashlib.sha256).hexdigest()


async def invite_user(service: "Service[PageSettings]", viewer: Viewer) -> str:
    """Add somebody of ours, and return the token of a link that signs them in once."""
    token = draw_secret()
    async with service.transaction() as tx:
        hours = tx.playbook(DeskPlaybook).invitation_hours
        await store.access.save_user_with_invitation(tx, viewer, token, timedelta(hours=hours))
    return token


async def sign_in_by_invitation(service: "Service[PageSettings]", token: str) -> tuple[str, int]:
    """Use a link up; return the cookie of the new session and for how many seconds it works.

    Raises:
        LinkUsed: It was used already, is too old or never was one.
    """
    async with service.transaction() as tx:
        user_id = await store.access.use_invitation(tx, token)
        if user_id is None:
            raise LinkUsed
        return await _begin_session(tx, user_id)


def load_identity_provider(service: "Service[PageSettings]") -> "IdentityProvider":
    """Return the company's identity provider.

    Raises:
        SignInFailed: None is set.
    """
    if not service.settings.oidc_issuer:
        raise SignInFailed("No provider is set here. Ask your operator for a link.")
    from desk.handlers.provider import PROVIDER  # noqa: PLC0415 - 10 MB that who signs in by links never needs

    return PROVIDER


async def sign_in_by_provider(service: "Service[PageSettings]", secret: str, code: str, state: str) -> tuple[str, int]:
    """Sign in whoever comes back from the identity provider; return the cookie and for how many seconds it works.

    The role is what the provider says now. Who has none any longer loses the sessions that they still had.

    Raises:
        SignInFailed: With the sentence that the person reads.
    """
    try:
        claims = await load_identity_provider(service).finish_sign_in(service, secret, code, state)
        try:
            person = read_provider_user(claims, _read_claim_rules(service.settings))
        except ClaimsRefused as refused:
            async with service.transaction() as tx:
                await store.access.end_sessions_of(tx, read_provider_subject(claims))
            raise SignInFailed(str(refused), "claims") from None
        async with service.transaction() as tx:
            return await _begin_session(tx, await _admit(tx, person))
    except SignInFailed as failed:
        log.warning("sign_in_failed", reason=failed.detail or "refused")
        raise


def _read_claim_rules(settings: "PageSettings") -> ClaimRules:
    """Return in which claim stands what, by the settings."""
    return ClaimRules(
        settings.oidc_user_claim, settings.oidc_roles_claim, parse_role_grants(settings.oidc_roles),
        settings.oidc_rep_claim, settings.oidc_team_claim,
    )  # fmt: skip


async def _admit(tx: Transaction, person: ProviderUser) -> str:
    """Save who signs in with their role of now, and return their user id."""
    user = await store.access.load_or_add_user(tx, person)
    if user.disabled or not may_sign_in_as(person, user.subject, user.email):
        raise SignInFailed(
            f"{person.viewer.user_id} is somebody else here, or was closed. Ask your operator.", "user_taken"
        )
    await store.access.update_user(tx, user.user_id, person)
    return user.user_id


async def _begin_session(tx: Transaction, user_id: str) -> tuple[str, int]:
    cookie = draw_secret()
    lasts = timedelta(hours=tx.playbook(DeskPlaybook).session_hours)
    await store.access.begin_session(tx, user_id, cookie, lasts)
    return cookie, int(lasts.total_seconds())
