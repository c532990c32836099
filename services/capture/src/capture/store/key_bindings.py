"""SQL of what keys are bound to, and which of them sign."""

from typing import Any

from events.runtime.transaction import Connection

_FORMS = """
select key_id, form, origins from api_keys join key_bindings using (key_id)
where kind = 'form' and revoked_at is null and (expires_at is null or expires_at > now())
"""
_SOURCES = """
select key_id, kind, source from api_keys left join key_bindings using (key_id)
where kind <> 'form' and revoked_at is null and (expires_at is null or expires_at > now())
"""


async def load_forms(raw: Connection) -> list[Any]:
    """Return the public keys in force, with their forms and origins."""
    return await raw.fetch(_FORMS)


async def load_sources(raw: Connection) -> list[Any]:
    """Return the keys that send, by signature or not; `source` is null where a key may speak for every source."""
    return await raw.fetch(_SOURCES)
