"""Everything that a service's database holds about one contact, whatever tables the service has.

Read from the catalogue, so that a table which is added tomorrow is not forgotten: what names a contact in a column of
its own is part of the answer.
"""

from typing import Any
from uuid import UUID

import orjson

from events.parts import JsonObject
from events.runtime.transaction import Transaction

NAMES = ["contact_id", "survivor_id", "loser_id", "contact_ids"]
"""Columns that name a contact, or several."""

_TABLES = """
select c.relname as table, array_agg(a.attname::text order by a.attname) as columns,
    array_agg(a.atttypid = 'uuid[]'::regtype order by a.attname) as several
from pg_attribute a join pg_class c on c.oid = a.attrelid
where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
  and a.attname = any($1) and a.atttypid in ('uuid'::regtype, 'uuid[]'::regtype)
  and not a.attisdropped and c.relname <> 'contacts'
group by c.relname order by c.relname
"""


async def load_rows_about(tx: Transaction, contact_id: UUID) -> dict[str, list[JsonObject]]:
    """Return the rows about a contact by table, those that have any."""
    found = {}
    for row in await tx.raw.fetch(_TABLES, NAMES):
        columns = zip(row["columns"], row["several"], strict=True)
        named = " or ".join(f'$1 = any("{name}")' if several else f'"{name}" = $1' for name, several in columns)
        sql = f'select to_jsonb(t)::text as row from "{row["table"]}" t where {named}'  # noqa: S608 - the catalogue's
        rows = [_with_decoded_bytes(orjson.loads(each["row"])) for each in await tx.raw.fetch(sql, contact_id)]
        if rows:
            found[row["table"]] = sorted(rows, key=orjson.dumps)
    return found


def _with_decoded_bytes(row: JsonObject) -> JsonObject:
    """Show bytes that are JSON as what they say: published and parked values."""
    return {name: _decode_hex_json(value) for name, value in row.items()}


def _decode_hex_json(value: Any) -> Any:
    if isinstance(value, list):
        return [_decode_hex_json(each) for each in value]
    if not isinstance(value, str) or not value.startswith("\\x"):
        return value
    try:
        decoded = orjson.loads(bytes.fromhex(value[2:]))
        orjson.dumps(decoded)  # what is nested too deep can be read and not be written
    except (ValueError, TypeError):
        return value
    return decoded
