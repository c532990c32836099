"""Rotation snapshots: what the decisions of a transaction can be replayed from, years later."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from events.runtime import Transaction
from routing.domain import Rotation, RotationSnapshot
from routing.models import Snapshots

_SNAPSHOTS = text("select * from scenes where scene_id = any(cast(:scenes as uuid[]))")


async def save(tx: Transaction, pools: Mapping[str, Rotation], assignments: Sequence[tuple[str, bool]]) -> UUID:
    """Save the rotations as the transaction found them and its assignments in order; return the snapshot's id."""
    snapshot_id = uuid4()
    await tx.insert(
        Snapshots,
        [
            {
                "scene_id": snapshot_id,
                "pools": RotationSnapshot.to_json(pools),
                "given": [list(each) for each in assignments],
            }
        ],
    )
    return snapshot_id


async def load(tx: Transaction, snapshot_ids: Collection[UUID]) -> dict[UUID, RotationSnapshot]:
    """Return snapshots by id."""
    if not snapshot_ids:
        return {}
    rows: list[dict[str, Any]] = await tx.fetch(_SNAPSHOTS, {"scenes": list(snapshot_ids)})
    return {row["scene_id"]: RotationSnapshot.from_json(row["pools"], row["given"]) for row in rows}
