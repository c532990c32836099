"""API keys with scopes. A key is long and random, so a fast hash is enough; the secret itself is kept nowhere."""

import asyncio
import base64
import hashlib
import hmac
import math
import re
import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy.ext.asyncio import AsyncConnection

from events.runtime.deadlines import copy_context_without_request, timeout_at_request_deadline
from events.runtime.errors import LeadOutOfReach
from events.runtime.transaction import driver_connection_of

TRUST_SECONDS = 1.0
"""How long a key that was just checked is trusted without asking the database again: a revoked one works no longer."""

SCOPES = ("capture:write", "leads:read", "leads:work", "admin")


Role = Literal["rep", "manager", "marketing", "admin"]
RESTRICTED_ROLES = ("rep", "manager")
"""The roles whose keys are for some leads only."""


@dataclass(frozen=True, slots=True)
class LeadReach:
    """The leads that a key is for: those that one rep has now, or those of one team."""

    rep_id: str | None = None
    team: str | None = None

    def covers(self, rep_id: str | None, team: str | None) -> bool:
        """Check a lead by who has it now."""
        return self.rep_id == rep_id if self.rep_id is not None else self.team is not None and self.team == team

    def check_lead(self, rep_id: str | None, team: str | None) -> None:
        """Raise `LeadOutOfReach` for a lead of somebody else."""
        if not self.covers(rep_id, team):
            raise LeadOutOfReach


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: a key, what it may do, and whom it is bound to, if anybody."""

    key_id: str
    scopes: frozenset[str]
    rep_id: str | None = None
    kind: str = "api"
    role: Role | None = None
    """None: bound by `rep_id` alone, as keys were before there were roles."""
    team: str | None = None

    @property
    def bound_role(self) -> Literal["rep", "manager"] | None:
        """The role by which it is for some leads only; None where it is for all."""
        if self.role == "rep" or (self.role is None and self.rep_id is not None):
            return "rep"
        return "manager" if self.role == "manager" else None

    @property
    def reach(self) -> LeadReach | None:
        """The leads that it is for; None where it is for all."""
        match self.bound_role:
            case "rep":
                return LeadReach(rep_id=self.rep_id or "")
            case "manager":
                return LeadReach(team=self.team or "")
            case None:
                return None

    def has_scope(self, scope: str) -> bool:
        """Check a scope. `admin` is every scope, but for a key that is bound: what admins do concerns everybody."""
        return scope in self.scopes - {"admin"} if self.bound_role else bool(self.scopes & {scope, "admin"})


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A key as the database has it."""

    hash: str
    caller: Caller
    expires_at: datetime | None
    revoked_at: datetime | None


def draw_key() -> tuple[str, str, str]:
    """Make a key: (key_id, the key to show once, the hash to keep)."""
    key_id = secrets.token_hex(6)
    return key_id, *write_key(key_id, secrets.token_bytes(32))


def write_key(key_id: str, secret: bytes) -> tuple[str, str]:
    """Write a key of 32 secret bytes: (the key to show once, the hash to keep)."""
    key = f"bk_{key_id}_{base64.urlsafe_b64encode(secret).decode().rstrip('=')}"
    return key, hash_api_key(key)


def hash_api_key(key: str) -> str:
    """SHA-256 of the whole key, in hexadecimal digits."""
    return hashlib.sha256(key.encode()).hexdigest()


def parse_key_id(key: str) -> str | None:
    """Read the public part of a key, or None where it is none of ours."""
    ours = _KEY.match(key)
    return ours[1] if ours else None


_KEY = re.compile(r"bk_([0-9A-Za-z]{1,64})_", re.ASCII)
_NOBODY = hash_api_key("")


def verify_caller(key: str, known: StoredKey | None) -> Caller | None:
    """Return the caller behind a key, or None. Takes the same time whether the key is known or not."""
    right = hmac.compare_digest(hash_api_key(key), known.hash if known else _NOBODY)
    if known is None or not right or known.revoked_at is not None:
        return None
    if known.expires_at is not None and known.expires_at <= datetime.now(UTC):
        return None
    return known.caller


async def load_keys(connection: Any, key_ids: Sequence[str]) -> dict[str, StoredKey]:
    """Return those of these keys that the database has, by their id."""
    rows = await connection.fetch(
        "select key_id, hash, kind, scopes, rep_id, role, team, expires_at, revoked_at"
        " from api_keys where key_id = any($1)",
        list(key_ids),
    )
    return {
        row["key_id"]: StoredKey(
            row["hash"],
            Caller(row["key_id"], frozenset(row["scopes"]), row["rep_id"], row["kind"], row["role"], row["team"]),
            row["expires_at"],
            row["revoked_at"],
        )
        for row in rows
    }


async def insert_key(
    connection: Any, *, key_id: str, digest: str, scopes: list[str], label: str = "", kind: str = "api",
    rep_id: str | None = None, role: Role | None = None, team: str | None = None,
) -> None:  # fmt: skip
    """Write a key to a service's database; the same key again changes nothing."""
    await connection.execute(
        "insert into api_keys (key_id, hash, kind, label, scopes, rep_id, role, team)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (key_id) do nothing",
        key_id, digest, kind, label, scopes, rep_id, role, team,
    )  # fmt: skip


async def insert_bootstrap_key(connection: Any, key: str) -> bool:
    """Write the key that an installation begins with; return whether it is in force: once revoked, it stays so."""
    key_id = parse_key_id(key) or ""
    await insert_key(
        connection,
        key_id=key_id,
        digest=hash_api_key(key),
        scopes=list(SCOPES),
        label="BATON_BOOTSTRAP_KEY",
        role="admin",
    )
    return verify_caller(key, (await load_keys(connection, [key_id])).get(key_id)) is not None


class KeyRateLimit:
    """Tells whom to slow down: what a key may do in a second is there at once, and comes back evenly.

    One number for each valid key, so it costs next to nothing, and no header of the sender's is asked.
    """

    def __init__(self, per_second: float) -> None:
        self._gap = 1.0 / per_second
        self._ahead = max(0.0, 1.0 - self._gap) + 1e-9
        self._next: dict[str, float] = {}

    def seconds_to_wait(self, key_id: str, now: float) -> int:
        """Count a request at `now` (seconds); gives after how many whole seconds to come again, 0 where it may pass."""
        due = max(self._next.get(key_id, now), now)
        if due - now > self._ahead:
            return math.ceil(due - now - self._ahead)
        self._next[key_id] = due + self._gap
        return 0


class CallerLookup:
    """Finds who is behind a key, and notes now and then when each was used last.

    Only what is right is kept. A key that would be refused is always asked for again, by a query that begins after the
    request came, so a key works from the answer that names it. One query runs at a time, for all keys that wait by
    then: a flood of made-up keys costs no more than one statement after the other.
    """

    def __init__(self, connect: Callable[[], AbstractAsyncContextManager[AsyncConnection]]) -> None:
        self._connect = connect
        self._known: dict[str, tuple[float, StoredKey]] = {}
        """Each key as the database had it, and when we asked."""
        self._wanted: dict[str, asyncio.Future[StoredKey | Exception | None]] = {}
        self._reading: asyncio.Task[None] | None = None
        self._used: dict[str, datetime] = {}

    async def find_caller(self, key: str) -> Caller | None:
        """Return the caller behind a key, or None where the key is not in force. Raises what kept the database away."""
        key_id = parse_key_id(key)
        if key_id is None:
            return verify_caller(key, None)
        kept = self._known.get(key_id)
        trusted = kept is not None and time.monotonic() - kept[0] <= TRUST_SECONDS
        caller = verify_caller(key, kept[1]) if kept is not None and trusted else None
        if caller is None:
            caller = verify_caller(key, await self._request_key(key_id))
        if caller is not None:
            self._used[key_id] = datetime.now(UTC)
        return caller

    async def _request_key(self, key_id: str) -> StoredKey | None:
        """Read a key by the next query, once for all requests that wait for it."""
        loop = asyncio.get_running_loop()
        answer = self._wanted.get(key_id)
        if answer is None:
            answer = self._wanted[key_id] = loop.create_future()
        if self._reading is None:
            self._reading = loop.create_task(self._read_requested_keys(), context=copy_context_without_request())
        async with timeout_at_request_deadline():
            found = await asyncio.shield(answer)
        if isinstance(found, Exception):
            raise found
        return found

    async def _read_requested_keys(self) -> None:
        """Answer whoever waits, until nobody does. A failure is answered, not raised: those who wait may have gone."""
        try:
            while self._wanted:
                wanted, self._wanted = self._wanted, {}
                began = time.monotonic()
                found: dict[str, StoredKey] = {}
                error: Exception | None = None
                try:
                    async with self._connect() as connection:
                        found = await load_keys(await driver_connection_of(connection), list(wanted))
                except Exception as failure:  # noqa: BLE001 - each request learns it
                    error = failure
                for key_id, answer in wanted.items():
                    known = found.get(key_id)
                    if known is not None:
                        self._known[key_id] = (began, known)
                    elif error is None:
                        self._known.pop(key_id, None)
                    answer.set_result(error or known)
        finally:
            self._reading = None

    async def finish_reading(self) -> None:
        """Wait until nothing is read any longer."""
        if self._reading is not None:
            await asyncio.wait([self._reading])

    async def save_last_uses(self) -> None:
        """Write down when each key was used last."""
        if not self._used:
            return
        used, self._used = self._used, {}
        async with self._connect() as connection:
            raw = await driver_connection_of(connection)
            await raw.execute(
                "update api_keys k set last_used_at = greatest(k.last_used_at, u.at)"
                " from unnest($1::text[], $2::timestamptz[]) as u(key_id, at) where k.key_id = u.key_id",
                *map(list, zip(*sorted(used.items()), strict=True)),
            )

    def forget_keys(self) -> None:
        """Trust no key any longer without asking."""
        self._known.clear()
