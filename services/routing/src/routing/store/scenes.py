"""The rotations as a transaction found them: what its decisions can be replayed on, years later."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text

from events.runtime import Transaction
from routing.domain import Rotation, Scene
from routing.models import Scenes

_SCENES = text("select * from scenes where scene_id = any(cast(:scenes as uuid[]))")


async def keep(tx: Transaction, pools: Mapping[str, Rotation], given: Sequence[tuple[str, bool]]) -> UUID:
    """Keep a scene: the rotations at its beginning, and to whom it gave leads, in order."""
    scene_id = uuid4()
    await tx.insert(
        Scenes, [{"scene_id": scene_id, "pools": Scene.written(pools), "given": [list(one) for one in given]}]
    )
    return scene_id


async def find(tx: Transaction, scene_ids: Collection[UUID]) -> dict[UUID, Scene]:
    """Give scenes."""
    if not scene_ids:
        return {}
    rows: list[dict[str, Any]] = await tx.fetch(_SCENES, {"scenes": list(scene_ids)})
    return {row["scene_id"]: Scene.read(row["pools"], row["given"]) for row in rows}
