"""SQL of the links that make a phone a scanner, and of the keys that phones drew."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from events.runtime.rows import Row, read_rows
from events.runtime.transaction import DriverConnection, Transaction

_CREATE = """
insert into scanner_pairings (pairing_id, code_hash, event, label, created_at, created_by, expires_at)
values ($1, $2, $3, $4, now(), $5, now() + $6::interval) returning expires_at
"""
_FORGET = """
delete from scanner_pairings where key_id is null and expires_at < now() - interval '1 day'
"""
_LOCK = "select from scanner_pairings where code_hash = $1 for update"
_LOCK_TO_END = "select from scanner_pairings where pairing_id = $1 for update"
"""A statement of its own: one that waits for a lock sees its row as it is then, and every other as it was before."""
_UNUSED = """
select from scanner_pairings where pairing_id = $1 and key_id is null and ended_at is null and expires_at > now()
"""
_LOCKED = """
select p.pairing_id, p.event, p.label, p.created_by, p.key_id, k.hash as key_hash,
    p.ended_at is null and k.revoked_at is null and (p.key_id is not null or p.expires_at > now()) as is_open
from scanner_pairings p left join api_keys k using (key_id) where p.code_hash = $1
"""
_DRAWN = """
with made as (
    insert into api_keys (key_id, hash, kind, label, scopes) values ($1, $2, 'api', $3, array['capture:write'])
    on conflict (key_id) do nothing returning key_id
)
insert into key_bindings (key_id, origins, source) select key_id, '{}', $4 from made returning key_id
"""
_PAIRED = "update scanner_pairings set key_id = $2, paired_at = now() where pairing_id = $1"
_END = """
with ended as (
    update scanner_pairings set ended_at = coalesce(ended_at, now()), ended_by = coalesce(ended_by, $2)
    where pairing_id = $1 returning key_id, ended_at
), revoked as (
    update api_keys set revoked_at = coalesce(revoked_at, now()) where key_id in (select key_id from ended)
)
select ended_at from ended
"""
_LIST = """
select p.pairing_id, p.event, p.label,
    case when coalesce(p.ended_at, k.revoked_at) is not null then 'ended'
        when p.key_id is null then 'open' else 'paired' end as state,
    p.created_at, p.created_by, p.expires_at, p.paired_at, p.key_id, k.last_used_at,
    coalesce(p.ended_at, k.revoked_at) as ended_at, p.ended_by
from scanner_pairings p left join api_keys k using (key_id)
where (p.key_id is not null or (p.ended_at is null and p.expires_at > now()))
    and coalesce(p.ended_at, k.revoked_at, now()) > now() - interval '30 days'
order by p.created_at desc, p.pairing_id limit $1
"""


class WantedPairing(NamedTuple):
    """Which device is to scan, for which event, and who asks."""

    event: str
    label: str
    by: str


class LockedPairing(NamedTuple):
    """A link as the database has it; `is_open` is whether it makes a device a scanner, or made one that still is."""

    pairing_id: UUID
    event: str
    label: str
    created_by: str
    key_id: str | None
    key_hash: str | None
    is_open: bool


class ScannerPairingRow(Row):
    """A link that still holds, or a device that was paired by one."""

    pairing_id: UUID
    event: str
    label: str
    state: str
    created_at: datetime
    created_by: str
    expires_at: datetime
    paired_at: datetime | None
    key_id: str | None
    last_used_at: datetime | None
    ended_at: datetime | None
    ended_by: str | None


async def create_pairing(
    connection: DriverConnection, pairing_id: UUID, code_hash: str, wanted: WantedPairing, open_for: timedelta
) -> datetime:
    """Insert a link and return when it ends; links that nobody opened are forgotten a day after their end."""
    await connection.execute(_FORGET)
    (row,) = await connection.fetch(_CREATE, pairing_id, code_hash, wanted.event, wanted.label, wanted.by, open_for)
    ends: datetime = row["expires_at"]
    return ends


async def lock_pairing(connection: DriverConnection, code_hash: str) -> LockedPairing | None:
    """Return and lock the link of a code; None where there is none."""
    await connection.execute(_LOCK, code_hash)
    rows = await connection.fetch(_LOCKED, code_hash)
    return LockedPairing(**dict(rows[0])) if rows else None


async def is_unused(connection: DriverConnection, pairing_id: UUID) -> bool:
    """Return whether a link still makes a device a scanner, and has made none."""
    return bool(await connection.fetch(_UNUSED, pairing_id))


async def save_device_key(
    connection: DriverConnection, pairing: LockedPairing, key_id: str, digest: str, source: str
) -> bool:
    """Save the key that a device drew, for one source alone; False where another key has its id."""
    if not await connection.fetch(_DRAWN, key_id, digest, pairing.label, source):
        return False
    await connection.execute(_PAIRED, pairing.pairing_id, key_id)
    return True


async def end_pairing(connection: DriverConnection, pairing_id: UUID, by: str) -> datetime | None:
    """End a link or a device with its key, once; return since when, None where there is none."""
    await connection.execute(_LOCK_TO_END, pairing_id)
    rows = await connection.fetch(_END, pairing_id, by)
    return rows[0]["ended_at"] if rows else None


async def list_pairings(tx: Transaction, most: int) -> list[ScannerPairingRow]:
    """Return links that still hold and paired devices, newest first; those that ended for thirty days more."""
    return await read_rows(tx, ScannerPairingRow, _LIST, most)
