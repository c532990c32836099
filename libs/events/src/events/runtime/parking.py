"""What an operator does with parked records: look, replay once the cause is mended, or discard."""

import time
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text

from events.runtime.inbox import Record
from events.runtime.transaction import Transaction

_LIST = text(
    'select id, topic, partition, "offset", ce_id, ce_type, contact_id, reason, detail, attempts, parked_at, state'
    " from parked order by parked_at desc limit :most"
)


async def listed(tx: Transaction, most: int) -> list[dict[str, Any]]:
    """Give parked records, newest first, without their bytes."""
    return await tx.fetch(_LIST, {"most": most})


async def claim(tx: Transaction, parked_id: UUID, state: str) -> tuple[str, Record | None]:
    """Settle a parked record as `replayed` or `discarded`; gives its state and, if it is ours to act on, its bytes."""
    rows = await tx.raw.fetch(
        'select topic, partition, "offset", key, value, headers::text as headers, state'
        " from parked where id = $1 for update",
        parked_id,
    )
    if not rows:
        return "unknown", None
    row = rows[0]
    if row["state"] != "parked":
        return str(row["state"]), None
    await tx.raw.execute("update parked set state = $2 where id = $1", parked_id, state)

    headers = tuple((name, bytes.fromhex(value)) for name, value in orjson.loads(row["headers"]))
    record = Record(
        row["topic"],
        row["partition"] or 0,
        row["offset"] or 0,
        int(time.time() * 1000),
        row["key"],
        row["value"],
        headers,
    )
    return state, record
