"""API keys as the services keep them: the SHA-256 of the whole key, never the key.

Each service checks keys against its own database, so a key for the whole stack is five rows.
"""

import asyncio
import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from baton.database import execute, fetch
from baton.place import new_key

SCOPES = ("capture:write", "leads:read", "leads:work", "admin")

INSERT = """
insert into api_keys (key_id, hash, kind, label, scopes, rep_id, created_at, expires_at)
values ($1, $2, $3, $4, $5, $6, now(), $7)
on conflict (key_id) do nothing
"""
LIST = """
select key_id, kind, label, scopes, rep_id, created_at, expires_at, revoked_at, last_used_at
from api_keys order by created_at, key_id
"""
REVOKE = "update api_keys set revoked_at = now() where key_id = $1 and revoked_at is null"


def key_id(key: str) -> str:
    """Return the public part of a key."""
    return key.split("_", 2)[1]


async def store(
    databases: Mapping[str, str],
    key: str,
    *,
    kind: str = "api",
    label: str,
    scopes: Iterable[str] = SCOPES,
    rep_id: str | None = None,
    expires_at: datetime | None = None,
) -> None:
    """Make `key` valid in the services whose database URLs are given; once is enough."""
    digest = hashlib.sha256(key.encode()).hexdigest()
    row = (key_id(key), digest, kind, label, list(scopes), rep_id, expires_at)
    await asyncio.gather(*(execute(url, INSERT, *row) for url in databases.values()))


async def create(databases: Mapping[str, str], **what: Any) -> str:
    """Draw a key, store it, return it: the only time anybody sees it whole."""
    key = new_key()
    await store(databases, key, **what)
    return key


async def listed(databases: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return each key once, with the services that know it and the last use anywhere."""
    found: dict[str, dict[str, Any]] = {}
    rows = await asyncio.gather(*(fetch(url, LIST) for url in databases.values()))
    for service, service_rows in zip(databases, rows, strict=True):
        for row in service_rows:
            key = found.setdefault(row["key_id"], {**row, "services": []})
            key["services"].append(service)
            uses = [at for at in (key["last_used_at"], row["last_used_at"]) if at is not None]
            key["last_used_at"] = max(uses, default=None)
    return list(found.values())


async def revoke(databases: Mapping[str, str], which: str) -> int:
    """Revoke the key with this id (or the whole key) everywhere; return in how many services."""
    name = key_id(which) if which.startswith("bk_") else which
    answers = await asyncio.gather(*(execute(url, REVOKE, name) for url in databases.values()))
    return sum(answers)
