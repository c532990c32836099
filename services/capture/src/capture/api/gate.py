"""Who may submit from a browser or with a signature, from where, and how often."""

import hmac
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from ipaddress import IPv6Address, ip_address
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from fastapi import Depends, Request
from limits import parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter
from standardwebhooks import Webhook, WebhookVerificationError

from capture.domain.forms import is_origin_allowed
from capture.domain.signatures import FormSigner
from capture.settings import CaptureSettings
from capture.store import key_bindings as store
from events.runtime import Service
from events.runtime.bodies import read_and_keep_body, read_body
from events.runtime.latest import LatestValue
from events.runtime.problems import Problem
from events.runtime.security import RESTRICTED_ROLES, TRUST_SECONDS, Caller
from events.runtime.transaction import driver_connection_of
from events.runtime.web import authorize, limit_key_rate

NETWORK_BITS = 64
"""Of an IPv6 address; a customer has the rest to choose from."""
NOBODY = "nobody"
"""Signs nothing; tried all the same, so that an installation without signing keys takes as long to refuse."""
SIGNED = ("webhook-id", "webhook-timestamp", "webhook-signature")


class CurrentKeyBindings(NamedTuple):
    """What the keys in force are bound to, and which of them sign."""

    forms: Mapping[str, tuple[str | None, frozenset[str]]]
    sources: Mapping[str, str | None]
    """Of every key in force that sends; None may speak for any."""
    signing: frozenset[str]


Look = Callable[[], Awaitable[CurrentKeyBindings]]


class SenderGate:
    """Decides which browsers and signed senders one process lets in: by key, origin, signature and rate."""

    def __init__(self, service: Service[CaptureSettings]) -> None:
        settings = service.settings
        self._service = service
        self._secret = settings.secret.get_secret_value().encode()
        self.signer = FormSigner(self._secret)
        self._rate = parse(settings.form_rate)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._bindings = LatestValue(self._load)

    @property
    def _looks(self) -> tuple[Look, Look]:
        """What keys are bound to as it was lately, then as it is now: what would be refused may be new."""
        return self._lately, self._bindings.read_anew

    async def _lately(self) -> CurrentKeyBindings:
        return await self._bindings.read_within_age(TRUST_SECONDS)

    async def _load(self) -> CurrentKeyBindings:
        async with self._service.connect() as connection:
            raw = await driver_connection_of(connection)
            forms = await store.load_form_keys(raw)
            others = await store.load_sender_keys(raw)
        return CurrentKeyBindings(
            {row["key_id"]: (row["form"], frozenset(row["origins"])) for row in forms},
            {row["key_id"]: row["source"] for row in others},
            frozenset(row["key_id"] for row in others if row["kind"] == "webhook"),
        )

    async def refuse_too_frequent(self, request: Request) -> None:
        """Refuse what comes too often from one sender, whatever its headers say."""
        who = find_sender_network(request)
        if not await self._limiter.hit(self._rate, who):
            reset, _ = await self._limiter.get_window_stats(self._rate, who)
            wait = max(1, round(reset - time.time()))
            raise Problem(429, "too_many_requests", headers={"Retry-After": str(wait)})

    async def check_origin(self, request: Request, form: str, key_id: str | None) -> str | None:
        """Return the origin that an answer may be read by, None for our own pages and for no browser.

        With a key, its own origins; without (a preflight cannot carry one) those of any key of the form.
        """
        origin = request.headers.get("origin")
        if origin is None or is_own_page(request, origin):
            return None
        for look in self._looks:
            bindings = await look()
            for name, (only, allowed) in bindings.forms.items():
                if key_id in (None, name) and only in (None, form) and is_origin_allowed(origin, allowed):
                    return origin
        raise Problem(403, "origin_refused", field="Origin")

    async def verify_form_key(self, key: str, form: str) -> Caller:
        """Return the caller behind a key that may submit this form."""
        caller = await self._service.keys.find_caller(key) if key else None
        if caller is None:
            code = "key_invalid" if key else "key_missing"
            raise Problem(401, code, headers={"WWW-Authenticate": 'Bearer error="invalid_token"' if key else "Bearer"})
        if caller.kind == "form":
            for look in self._looks:
                bindings = await look()
                bound = bindings.forms.get(caller.key_id)
                if bound is not None and bound[0] in (None, form):
                    return caller
            raise Problem(403, "form_refused")
        if not caller.has_scope("capture:write"):
            raise Problem(403, "scope_missing")
        return caller

    async def verify_signature(self, headers: Mapping[str, str], body: bytes) -> Caller:
        """Return the caller whose signature (Standard Webhooks) over these very bytes is right."""
        signature = {name: headers.get(name, "") for name in SIGNED}
        code = "signature_invalid"
        for look in self._looks:
            bindings = await look()
            for key_id in sorted(bindings.signing | {NOBODY}):
                right = _is_signed(derive_signing_secret(self._secret, key_id), signature, body)
                if right is not None and key_id != NOBODY:
                    if right:
                        return Caller(key_id, frozenset({"capture:write"}), kind="webhook")
                    code = "timestamp_out_of_tolerance"
        raise Problem(401, code, headers={"WWW-Authenticate": "Bearer"})

    async def bound_source_of(self, caller: Caller) -> str | None:
        """Return the source that a key is bound to, if any; a key that is new to us is looked up first."""
        for look in self._looks:
            bindings = await look()
            if caller.key_id in bindings.sources:
                return bindings.sources[caller.key_id]
        return None


def _is_signed(secret: bytes, signature: dict[str, str], body: bytes) -> bool | None:
    """Return True where the signature is right, False where it is and its time is too far from ours, else None."""
    hook = Webhook(secret)
    try:
        hook.verify(body, signature, json_parse=False)
    except ValueError:
        return None
    except WebhookVerificationError:
        return False if _is_of_another_time(hook, signature, body) else None
    return True


def _is_of_another_time(hook: Webhook, signature: dict[str, str], body: bytes) -> bool:
    try:
        at = datetime.fromtimestamp(int(signature["webhook-timestamp"]), UTC)
        right = hook.sign(signature["webhook-id"], at, body.decode())
    except (ValueError, OverflowError, OSError):
        return False
    given = signature["webhook-signature"].split(" ")
    return any(hmac.compare_digest(right.encode(), each.encode()) for each in given)


def refuse_pages_elsewhere(request: Request) -> None:
    """Keep pages of other sites away from what takes an API key: they have forms, and a key in a page is no secret."""
    origin = request.headers.get("origin")
    if origin is not None and not is_own_page(request, origin):
        raise Problem(403, "origin_refused", field="Origin")


async def _sender(request: Request, body: Callable[[Request], Awaitable[bytes]]) -> Caller:
    """Return who sends: by an API key, or by a signature over the body, which is read whole first."""
    refuse_pages_elsewhere(request)
    if "webhook-id" in request.headers and "authorization" not in request.headers:
        caller = await get_sender_gate(request).verify_signature(request.headers, await body(request))
        limit_key_rate(request.app.state.service, caller)
        return caller
    return await authorize(request, "capture:write", *RESTRICTED_ROLES)


async def verify_sender(request: Request) -> Caller:
    """Return who sends one submission."""
    return await _sender(request, read_body)


async def verify_bulk_sender(request: Request) -> Caller:
    """Return who sends many at once; a signed body is no larger than an array may be."""
    settings: CaptureSettings = request.app.state.service.settings
    return await _sender(request, partial(read_and_keep_body, limit=settings.array_limit))


def requires_bulk_sender(source: str | None = None) -> Any:
    """Depend on who sends many at once: a key that is bound to a source sends what comes from there."""

    async def check(request: Request) -> Caller:
        caller = await verify_bulk_sender(request)
        if await get_sender_gate(request).bound_source_of(caller) not in (None, source):
            raise Problem(403, "source_refused")
        return caller

    return Depends(check)


def requires_right_to_change() -> Any:
    """Depend on a caller who may change what capture holds: a key that is bound to a source takes in, and no more."""

    async def check(request: Request) -> Caller:
        caller = await authorize(request, "capture:write")
        if await get_sender_gate(request).bound_source_of(caller) is not None:
            raise Problem(403, "source_refused")
        return caller

    return Depends(check)


def derive_signing_secret(installation: bytes, key_id: str) -> bytes:
    """Make a signing key's secret: drawn from the installation's own, so that no database holds it."""
    return hmac.digest(installation, f"webhook|{key_id}".encode(), "sha256")


def find_sender_network(request: Request) -> str:
    """Name whom a request comes from by the socket; headers count only behind a proxy that is trusted by settings."""
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return str(int(address) >> (128 - NETWORK_BITS))
    return host


def is_own_page(request: Request, origin: str) -> bool:
    """Return whether a page of ours sent this."""
    return origin.startswith(("http://", "https://")) and urlsplit(origin).netloc == request.headers.get("host")


def get_sender_gate(request: Request) -> SenderGate:
    """Return the application's gate; made at the first request, when the settings are read."""
    state: Any = request.app.state
    if not hasattr(state, "gate"):
        state.gate = SenderGate(state.service)
    gate: SenderGate = state.gate
    return gate
