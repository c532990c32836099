"""API keys as the services keep them: the SHA-256 of the whole key, never the key.

Each service checks keys against its own database, so a key for the whole stack is six rows.
"""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypedDict, cast

from baton.data_dir import draw_api_key
from baton.database import execute, fetch

SCOPES = ("capture:write", "leads:read", "leads:work", "admin")

ROLES: Mapping[str, tuple[str, ...]] = {
    "rep": ("leads:read", "leads:work"),
    "manager": ("leads:read", "leads:work"),
    "marketing": ("capture:write", "leads:read", "leads:work"),
    "admin": SCOPES,
}
"""What each role may do where nothing else is said; reps and managers with the leads of the rep or the team alone."""

INSERT = """
with done as (
insert into api_keys (key_id, hash, kind, label, scopes, rep_id, created_at, expires_at, role, team)
values ($1, $2, $3, $4, $5, $6, now(), $7, $8, $9)
on conflict (key_id) do nothing returning key_id)
insert into audit_log (by, action, subject, outcome) select 'command line', 'key.created', key_id, 'done' from done
"""
LIST = """
select key_id, kind, label, scopes, role, team, rep_id, created_at, expires_at, revoked_at, last_used_at
from api_keys order by created_at, key_id
"""
BIND = """
insert into key_bindings (key_id, form, origins, source) values ($1, $2, $3, $4) on conflict (key_id) do nothing
"""
UNBOUND = {"form": None, "origins": (), "source": None}
BINDINGS = "select key_id, form, origins, source from key_bindings"
RETIRE = """
with done as (
update api_keys set expires_at = least(coalesce(expires_at, 'infinity'), now() + $2::interval) where key_id = $1
returning key_id)
insert into audit_log (by, action, subject, outcome) select 'command line', 'key.rotated', key_id, 'done' from done
"""
REVOKE = """
with done as (update api_keys set revoked_at = now() where key_id = $1 and revoked_at is null returning key_id)
insert into audit_log (by, action, subject, outcome) select 'command line', 'key.revoked', key_id, 'done' from done
"""


@dataclass(frozen=True)
class KeyBinding:
    """What a key may do only: submit one form (None: every form) from these origins, or speak for one source."""

    form: str | None = None
    origins: tuple[str, ...] = ()
    source: str | None = None


def key_id_of(key: str) -> str:
    """Return the public part of a key."""
    return key.split("_", 2)[1]


async def store_key(
    databases: Mapping[str, str],
    key: str,
    *,
    kind: str = "api",
    label: str,
    scopes: Iterable[str] = SCOPES,
    rep_id: str | None = None,
    expires_at: datetime | None = None,
    role: str | None = None,
    team: str | None = None,
) -> None:
    """Make `key` valid in the services whose database URLs are given; once is enough."""
    digest = hashlib.sha256(key.encode()).hexdigest()
    row = (key_id_of(key), digest, kind, label, list(scopes), rep_id, expires_at, role, team)
    await asyncio.gather(*(execute(url, INSERT, *row) for url in databases.values()))


async def bind_key(databases: Mapping[str, str], which: str, binding: KeyBinding) -> None:
    """Bind a key; capture alone asks."""
    await execute(databases["capture"], BIND, which, binding.form, list(binding.origins), binding.source)


async def create_key(
    databases: Mapping[str, str],
    installation: str,
    *,
    kind: str = "api",
    binding: KeyBinding | None = None,
    **what: Any,
) -> tuple[str, str]:
    """Draw a key and store it; return its id, and the secret: the only time anybody sees it whole.

    The secret of a signing key is made from the installation's own, so no database holds it.
    """
    key = draw_api_key()
    if kind != "api":
        databases = {"capture": databases["capture"]}
    await store_key(databases, key, kind=kind, **what)
    if binding is not None:
        await bind_key(databases, key_id_of(key), binding)
    if kind == "webhook":
        return key_id_of(key), derive_signing_secret(installation, key_id_of(key))
    return key_id_of(key), key


def derive_signing_secret(installation: str, which: str) -> str:
    """Return what a sender signs with (Standard Webhooks)."""
    secret = hmac.digest(installation.encode(), f"webhook|{which}".encode(), "sha256")
    return f"whsec_{base64.b64encode(secret).decode()}"


async def rotate_key(
    databases: Mapping[str, str], installation: str, which: str, overlap: timedelta
) -> tuple[str, str] | None:
    """Draw a key that may do what an old one may, which ends after `overlap`; None where that one is worth nothing."""
    old = next((each for each in await list_keys(databases) if each["key_id"] == which), None)
    if old is None or old["revoked_at"] is not None:
        return None
    kept = await fetch(databases["capture"], f"{BINDINGS} where key_id = $1", which)
    binding = KeyBinding(kept[0]["form"], tuple(kept[0]["origins"]), kept[0]["source"]) if kept else None
    known = {name: url for name, url in databases.items() if name in old["services"]}
    made = await create_key(
        known,
        installation,
        kind=old["kind"],
        binding=binding,
        label=old["label"],
        scopes=old["scopes"],
        rep_id=old["rep_id"],
        role=old["role"],
        team=old["team"],
    )
    await asyncio.gather(*(execute(url, RETIRE, which, overlap) for url in known.values()))
    return made


class KeyLine(TypedDict):
    """A key with the services that know it and its last use anywhere; never the key itself."""

    key_id: str
    kind: str
    label: str
    scopes: list[str]
    role: str | None
    team: str | None
    rep_id: str | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    services: list[str]
    form: str | None
    origins: list[str]
    source: str | None


async def list_keys(databases: Mapping[str, str]) -> list[KeyLine]:
    """Return each key once, with the services that know it and the last use anywhere."""
    found: dict[str, KeyLine] = {}
    rows = await asyncio.gather(*(fetch(url, LIST) for url in databases.values()))
    bound = {row["key_id"]: row for row in await fetch(databases["capture"], BINDINGS)}
    for service, service_rows in zip(databases, rows, strict=True):
        for row in service_rows:
            new = {**row, "services": [], **UNBOUND, **bound.get(row["key_id"], {})}
            key = found.setdefault(row["key_id"], cast("KeyLine", new))
            key["services"].append(service)
            uses = [at for at in (key["last_used_at"], row["last_used_at"]) if at is not None]
            key["last_used_at"] = max(uses, default=None)
    return list(found.values())


async def revoke_key(databases: Mapping[str, str], which: str) -> int:
    """Revoke the key with this id (or the whole key) everywhere; return in how many services."""
    name = key_id_of(which) if which.startswith("bk_") else which
    answers = await asyncio.gather(*(execute(url, REVOKE, name) for url in databases.values()))
    return sum(answers)
