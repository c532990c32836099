"""What contacts said that may keep a lead from sales, whether they have one or not."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from events.contacts import ConsentChanged, ContactPostponed
from events.runtime import Transaction
from routing.domain import NO_WISHES, Wishes
from routing.models import WishesSaid

_KNOWN = text(
    "select contact_id, said, false as erased from wishes where contact_id = any(cast(:contacts as uuid[]))"
    " union all select contact_id, null, true from erased where contact_id = any(cast(:contacts as uuid[]))"
)


async def hear(tx: Transaction, batch: Sequence[ConsentChanged | ContactPostponed]) -> dict[UUID, Wishes]:
    """Keep what contacts wish; gives all that each of them said, without those who were erased."""
    rows = await tx.fetch(_KNOWN, {"contacts": list({event.contact_id for event in batch})})
    erased = {row["contact_id"] for row in rows if row["erased"]}
    found = {row["contact_id"]: Wishes.model_validate(row["said"]) for row in rows if not row["erased"]}
    for event in batch:
        if event.contact_id not in erased:
            found[event.contact_id] = found.get(event.contact_id, NO_WISHES).hear(event)
    await tx.upsert(
        WishesSaid, [{"contact_id": one, "said": wishes.model_dump(mode="json")} for one, wishes in found.items()]
    )
    return found
