"""Sign in at the company's identity provider: OpenID Connect, the code flow with PKCE, state and nonce.

What a browser must bring back is made of a secret that only its cookie has, so nothing is stored until somebody is in.
"""

import hashlib
import hmac
import secrets
import time
from typing import TYPE_CHECKING
from urllib.parse import quote

import httpx
import orjson
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from pydantic import JsonValue

from desk.handlers.errors import SignInFailed

if TYPE_CHECKING:
    from desk.settings import PageSettings
    from events.runtime import Service

SECONDS = 8.0
KEPT_SECONDS = 3600.0
"""How long the provider's addresses and keys are kept; a token of an unknown key asks for them anew."""
LEEWAY_SECONDS = 60
AWAY = "The company's sign-in does not answer just now. Try again in a moment."
NOT_VALID = "What the company's sign-in sent is not valid. Begin again."
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
"""Signatures that need the provider's private key: never `none`, and none that our own secret could make."""
Json = dict[str, JsonValue]
"""What the provider answers, and the claims of its tokens."""
_FAULTS = (JoseError, ValueError, TypeError, KeyError, AttributeError)
"""What reading an answer raises that is not what it should be."""


class IdentityProvider:
    """The identity provider as it describes itself, asked when it is first needed."""

    def __init__(self) -> None:
        self._known: tuple[float, str, Json, KeySet] | None = None

    async def begin_sign_in(self, service: "Service[PageSettings]") -> tuple[str, str]:
        """Return a new secret for the browser's cookie, and the provider's address to which it goes.

        Raises:
            SignInFailed: The provider does not answer.
        """
        settings = service.settings
        secret = secrets.token_urlsafe(32)
        async with httpx.AsyncClient(timeout=SECONDS) as client:
            metadata, _ = await self._describe(client, settings.oidc_issuer)
        url = prepare_grant_uri(
            str(metadata["authorization_endpoint"]), client_id=settings.oidc_client_id, response_type="code",
            redirect_uri=_back_to(settings), scope=settings.oidc_scopes, state=_made_of(service, secret, "state"),
            nonce=_made_of(service, secret, "nonce"), code_challenge_method="S256",
            code_challenge=create_s256_code_challenge(_made_of(service, secret, "verifier")),
        )  # fmt: skip
        return secret, str(url)

    async def finish_sign_in(self, service: "Service[PageSettings]", secret: str, code: str, state: str) -> Json:
        """Exchange the code with which a browser comes back for what the provider says of who that is.

        Raises:
            SignInFailed: Another browser began, the provider refuses the code, or its token is not valid.
        """
        if not code:
            raise SignInFailed("It was broken off at the company's sign-in. Begin again.", "no_code")
        if not hmac.compare_digest(state.encode(), _made_of(service, secret, "state").encode()):
            raise SignInFailed("It was begun in another browser, or too long ago. Begin again.", "state")
        settings = service.settings
        async with httpx.AsyncClient(timeout=SECONDS) as client:
            metadata, keys = await self._describe(client, settings.oidc_issuer)
            answer = await self._exchange(client, service, metadata, code, _made_of(service, secret, "verifier"))
            nonce = _made_of(service, secret, "nonce")
            try:
                try:
                    return verify_id_token(answer, keys, settings, nonce)
                except InvalidKeyIdError:
                    _, keys = await self._describe(client, settings.oidc_issuer, anew=True)
                    return verify_id_token(answer, keys, settings, nonce)
            except _FAULTS as fault:
                raise SignInFailed(NOT_VALID, type(fault).__name__) from None

    async def _exchange(
        self, client: httpx.AsyncClient, service: "Service[PageSettings]", metadata: Json, code: str,
        verifier: str,
    ) -> Json:  # fmt: skip
        """Return the provider's tokens for a code; where it names no way, the client shows its secret in the header."""
        settings = service.settings
        body = {"grant_type": "authorization_code", "code": code, "redirect_uri": _back_to(settings),
                "code_verifier": verifier, "client_id": settings.oidc_client_id}  # fmt: skip
        secret = settings.oidc_client_secret.get_secret_value() if settings.oidc_client_secret else None
        ways = str(metadata.get("token_endpoint_auth_methods_supported") or "client_secret_basic")
        auth: httpx.Auth = httpx.Auth()
        if secret is not None and "client_secret_basic" in ways:
            auth = httpx.BasicAuth(quote(settings.oidc_client_id, safe=""), quote(secret, safe=""))
        elif secret is not None:
            body["client_secret"] = secret
        try:
            answer = await client.post(str(metadata["token_endpoint"]), data=body, auth=auth)
        except httpx.HTTPError as error:
            raise SignInFailed(AWAY, type(error).__name__) from None
        found = _json(answer)
        if not answer.is_success or found is None:
            raise SignInFailed("The provider refused it. Begin again.", str((found or {}).get("error", "")))
        return found

    async def _describe(self, client: httpx.AsyncClient, issuer: str, *, anew: bool = False) -> tuple[Json, KeySet]:
        """Return the provider's addresses and its keys."""
        now = time.monotonic()
        known = self._known
        if known is None or anew or known[1] != issuer or known[0] < now - KEPT_SECONDS:
            try:
                metadata = _json(await client.get(f"{issuer.rstrip('/')}/.well-known/openid-configuration")) or {}
                if metadata["issuer"] != issuer:
                    raise SignInFailed(NOT_VALID, "issuer")
                keys = KeySet.import_key_set(_json(await client.get(str(metadata["jwks_uri"]))))  # type: ignore[arg-type]  # checked there
            except (httpx.HTTPError, httpx.InvalidURL, *_FAULTS) as error:
                raise SignInFailed(AWAY, type(error).__name__) from None
            known = self._known = (now, issuer, metadata, keys)
        return known[2], known[3]


def verify_id_token(answer: Json, keys: KeySet, settings: "PageSettings", nonce: str) -> Json:
    """Return the claims of an ID token: signed by the provider, for us, for this sign-in, and not over.

    Raises whatever the libraries raise for one that is none of that.
    """
    registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
    token = jwt.decode(str(answer["id_token"]), keys, registry=registry)
    claims = CodeIDToken(
        token.claims, token.header,
        {"iss": {"essential": True, "value": settings.oidc_issuer},
         "aud": {"essential": True, "value": settings.oidc_client_id}},
        {"nonce": nonce, "client_id": settings.oidc_client_id, "access_token": answer.get("access_token")},
    )  # fmt: skip
    claims.validate(leeway=LEEWAY_SECONDS)
    return dict(claims)


def _made_of(service: "Service[PageSettings]", secret: str, what: str) -> str:
    key = service.settings.secret.get_secret_value().encode()
    return hmac.new(key, f"sign-in|{what}|{secret}".encode(), hashlib.sha256).hexdigest()


def _back_to(settings: "PageSettings") -> str:
    return f"{settings.public_url.rstrip('/')}/sign-in/done"


def _json(answer: httpx.Response) -> Json | None:
    try:
        found = orjson.loads(answer.content)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) else None


PROVIDER = IdentityProvider()
