"""Rotation snapshots: what the decisions of a transaction can be replayed from, years later."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from events.runtime import Transaction, bulk
from events.runtime.rows import Row, field, read_rows
from routing.domain import Rotation, RotationSnapshot
from routing.domain.replay import StoredRotation
from routing.models import Snapshots

_SNAPSHOTS = "select scene_id, pools, given from scenes where scene_id = any($1::uuid[])"


class SnapshotRow(Row):
    """Rotations as a transaction found them, and its assignments in order."""

    snapshot_id: UUID = field(name="scene_id")
    pools: dict[str, StoredRotation]
    assignments: list[list[Any]] = field(name="given")


def build_snapshot_write(
    snapshot_id: UUID, pools: Mapping[str, Rotation], assignments: Sequence[tuple[str, bool]]
) -> bulk.Write:
    """Return what saves the rotations as the transaction found them and its assignments in order."""
    row = {
        "scene_id": snapshot_id,
        "pools": RotationSnapshot.to_json(pools),
        "given": [list(each) for each in assignments],
    }
    return bulk.build_insert(Snapshots, [row])


async def load_snapshots(tx: Transaction, snapshot_ids: Collection[UUID]) -> dict[UUID, RotationSnapshot]:
    """Return snapshots by id."""
    if not snapshot_ids:
        return {}
    rows = await read_rows(tx, SnapshotRow, _SNAPSHOTS, list(snapshot_ids))
    return {row.snapshot_id: RotationSnapshot.from_json(row.pools, row.assignments) for row in rows}
