"""Touches from other systems: matched to a lead by contact, then carried out like a rep's own command."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from events.ids import derive
from events.runtime import Transaction
from feedback import store
from feedback.domain.activities import Activity
from feedback.domain.orders import Order
from feedback.store.activities import WaitingActivity


@dataclass(frozen=True, slots=True)
class MatchedActivity:
    """An activity with the command that it stands for; None where the contact is unknown."""

    source: str
    activity: Activity
    order: Order | None


async def find_leads(tx: Transaction, source: str, activities: Sequence[Activity]) -> list[MatchedActivity]:
    """Find each activity's open lead; an activity without one is saved to try again. Saves ids of the other system."""
    known = await store.resolve(tx, (key for each in activities for key in each.keys))
    found: list[MatchedActivity] = []
    learned: dict[str, UUID] = {}
    for each in activities:
        hit = next((known[key] for key in each.keys if key in known), None)
        if hit is not None:
            learned |= {key: hit[0] for key in each.keys if key not in known}
        found.append(MatchedActivity(source, each, None if hit is None else _order(source, each, hit[1])))
    await store.learn(tx, learned)
    waiting = [_waiting(tx, each) for each in found if each.order is None]
    await store.keep_unresolved(tx, waiting)
    await store.drop_activities(tx, [(source, each.activity.external_id) for each in found if each.order is not None])
    return found


def _order(source: str, each: Activity, lead_id: UUID) -> Order:
    """Return the command; its key and its id follow from the other system's, so sent again it is the same."""
    name = f"{source}:{each.external_id}"
    by = each.touch.by or source
    digest = each.touch.model_dump_json()
    return Order(lead_id, "touches", each.touch, derive("activity", name), by, name, "activities", digest)


def _waiting(tx: Transaction, found: MatchedActivity) -> WaitingActivity:
    activity = found.activity
    return WaitingActivity(
        source=found.source,
        external_id=activity.external_id,
        at=activity.touch.at or tx.now,
        by=activity.touch.by or found.source,
        touch=activity.touch.model_dump(mode="json", exclude_none=True),
        problem="nobody_known" if activity.keys else "nobody_named",
        keys=list(activity.keys),
        recorded_at=tx.now,
    )
