"""SQL of what keys are bound to, and which of them sign."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from events.runtime.rows import Row, read_rows
from events.runtime.transaction import DriverConnection, Transaction

_FORMS = """
select key_id, form, origins from api_keys join key_bindings using (key_id)
where kind = 'form' and revoked_at is null and (expires_at is null or expires_at > now())
"""
_SOURCES = """
select key_id, kind, source from api_keys left join key_bindings using (key_id)
where kind <> 'form' and revoked_at is null and (expires_at is null or expires_at > now())
"""
_LISTED = """
select key_id, label, form, origins, created_at, last_used_at from api_keys join key_bindings using (key_id)
where kind = 'form' and revoked_at is null and (expires_at is null or expires_at > now()) order by created_at desc
"""
_IN_FORCE = """
select from api_keys where key_id = $1 and revoked_at is null and (expires_at is null or expires_at > now())
"""
_CREATE = """
with made as (
    insert into api_keys (key_id, hash, kind, label, scopes) values ($1, $2, $3, $4, array['capture:write'])
    returning key_id
)
insert into key_bindings (key_id, form, origins, source) select key_id, $5, $6, $7 from made
"""


class SenderKeyBinding(NamedTuple):
    """Who sends, and what the key is bound to."""

    kind: str
    label: str
    form: str | None
    origins: Sequence[str]
    source: str | None


class FormKeyRow(Row):
    """A public key of a form that is in force, without its secret."""

    key_id: str
    label: str
    form: str | None
    origins: list[str]
    created_at: datetime
    last_used_at: datetime | None


async def list_form_keys(tx: Transaction) -> list[FormKeyRow]:
    """Return the public keys of forms that are in force, the newest first."""
    return await read_rows(tx, FormKeyRow, _LISTED)


async def create_key(connection: DriverConnection, key_id: str, digest: str, wanted: SenderKeyBinding) -> None:
    """Insert a key and what it is bound to."""
    await connection.execute(_CREATE, key_id, digest, *wanted)


async def is_in_force(connection: DriverConnection, key_id: str) -> bool:
    """Return whether a key is neither revoked nor expired."""
    return bool(await connection.fetch(_IN_FORCE, key_id))


async def load_form_keys(connection: DriverConnection) -> list[Any]:
    """Return the public keys in force, with their forms and origins."""
    return await connection.fetch(_FORMS)


async def load_sender_keys(connection: DriverConnection) -> list[Any]:
    """Return the keys that send, by signature or not; `source` is null where a key may speak for every source."""
    return await connection.fetch(_SOURCES)
