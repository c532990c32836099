"""API keys with scopes. A key is long and random, so a fast hash is enough; the secret itself is kept nowhere."""

import asyncio
import hashlib
import hmac
import math
import re
import secrets
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from events.runtime.transaction import driver

TRUST_SECONDS = 5.0
"""How long a key that was just checked is trusted without asking the database again."""
PATIENCE_SECONDS = 2.0
"""How long a request waits for the database to know its key; then it is told to come back."""
MOST_KEPT = 10_000
"""Keys; more is a flood of made-up ones."""

SCOPES = ("capture:write", "leads:read", "leads:work", "admin")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: a key, what it may do, and the rep it is bound to, if any."""

    key_id: str
    scopes: frozenset[str]
    rep_id: str | None = None
    kind: str = "api"


@dataclass(frozen=True, slots=True)
class Known:
    """A key as the database has it."""

    hash: str
    caller: Caller
    expires_at: datetime | None
    revoked_at: datetime | None


def create() -> tuple[str, str, str]:
    """Make a key: (key_id, the key to show once, the hash to keep)."""
    key_id = secrets.token_hex(6)
    key = f"bk_{key_id}_{secrets.token_urlsafe(32)}"
    return key_id, key, fingerprint(key)


def fingerprint(key: str) -> str:
    """SHA-256 of the whole key, in hexadecimal digits."""
    return hashlib.sha256(key.encode()).hexdigest()


def key_id_of(key: str) -> str | None:
    """Read the public part of a key, or None where it is none of ours."""
    ours = _KEY.match(key)
    return ours[1] if ours else None


_KEY = re.compile(r"bk_([0-9A-Za-z]{1,64})_", re.ASCII)
_NOBODY = fingerprint("")


def admit(key: str, known: Known | None) -> Caller | None:
    """Give the caller behind a key, or None. Takes the same time whether the key is known or not."""
    right = hmac.compare_digest(fingerprint(key), known.hash if known else _NOBODY)
    if known is None or not right or known.revoked_at is not None:
        return None
    if known.expires_at is not None and known.expires_at <= datetime.now(UTC):
        return None
    return known.caller


async def load(raw: Any, key_id: str) -> Known | None:
    """Read one key from the database."""
    rows = await raw.fetch(
        "select hash, kind, scopes, rep_id, expires_at, revoked_at from api_keys where key_id = $1",
        key_id,
    )
    if not rows:
        return None
    row = rows[0]
    caller = Caller(key_id, frozenset(row["scopes"]), row["rep_id"], row["kind"])
    return Known(row["hash"], caller, row["expires_at"], row["revoked_at"])


async def keep(
    raw: Any, *, key_id: str, digest: str, scopes: list[str], label: str = "", kind: str = "api",
    rep_id: str | None = None,
) -> None:  # fmt: skip
    """Write a key to a service's database; the same key again changes nothing."""
    await raw.execute(
        "insert into api_keys (key_id, hash, kind, label, scopes, rep_id) values ($1, $2, $3, $4, $5, $6)"
        " on conflict (key_id) do nothing",
        key_id, digest, kind, label, scopes, rep_id,
    )  # fmt: skip


class Pace:
    """Tells whom to slow down: what a key may do in a second is there at once, and comes back evenly.

    One number for each valid key, so it costs next to nothing, and no header of the sender's is asked.
    """

    def __init__(self, per_second: float) -> None:
        self._gap = 1.0 / per_second
        self._ahead = max(0.0, 1.0 - self._gap) + 1e-9
        self._next: dict[str, float] = {}

    def wait(self, key_id: str, now: float) -> int:
        """Count a request at `now` (seconds); gives after how many whole seconds to come again, 0 where it may pass."""
        due = max(self._next.get(key_id, now), now)
        if due - now > self._ahead:
            return math.ceil(due - now - self._ahead)
        self._next[key_id] = due + self._gap
        return 0


class Keys:
    """Tells who is behind a key, and notes now and then when each was used last."""

    def __init__(self, connect: Callable[[], AbstractAsyncContextManager[AsyncConnection]]) -> None:
        self._connect = connect
        self._known: dict[str, tuple[float, asyncio.Task[Known | None]]] = {}
        self._used: dict[str, datetime] = {}

    async def caller(self, key: str) -> Caller | None:
        """Give the caller behind a key, or None."""
        key_id = key_id_of(key)
        if key_id is None:
            return admit(key, None)
        asked = time.monotonic()
        cached = self._known.get(key_id)
        if cached is None or asked - cached[0] > TRUST_SECONDS:
            if len(self._known) > MOST_KEPT:
                self._known.clear()
            task = asyncio.get_running_loop().create_task(self._load(key_id))
            cached = self._known[key_id] = (asked, task)
        if cached[1].done():
            caller = admit(key, cached[1].result())
        else:
            async with asyncio.timeout(PATIENCE_SECONDS):
                caller = admit(key, await asyncio.shield(cached[1]))
        if caller is not None:
            self._used[key_id] = datetime.now(UTC)
        return caller

    async def _load(self, key_id: str) -> Known | None:
        """Read a key once for all requests that wait for it; a read that fails is not kept."""
        try:
            async with self._connect() as connection:
                return await load(await driver(connection), key_id)
        except BaseException:
            self._known.pop(key_id, None)
            raise

    async def note_uses(self) -> None:
        """Write down when each key was used last."""
        if not self._used:
            return
        used, self._used = self._used, {}
        async with self._connect() as connection:
            raw = await driver(connection)
            await raw.execute(
                "update api_keys k set last_used_at = greatest(k.last_used_at, u.at)"
                " from unnest($1::text[], $2::timestamptz[]) as u(key_id, at) where k.key_id = u.key_id",
                *map(list, zip(*sorted(used.items()), strict=True)),
            )

    def forget(self) -> None:
        """Trust no key any longer without asking."""
        self._known.clear()
