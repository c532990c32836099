"""Touches that other systems tell: found their lead by who they were about, carried out like a rep's own words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from events.contacts import ContactProfile
from events.ids import derive
from events.runtime import Transaction
from feedback import store
from feedback.domain.activities import Activity, Keys
from feedback.domain.commands import Order, Touch


class Identities:
    """Keeps whom the keyed hashes stand for; the secret is asked for when it is needed."""

    def __init__(self, secret: Callable[[], bytes]) -> None:
        self._secret = secret

    async def on_contacts_profiles(self, batch: Sequence[ContactProfile], tx: Transaction) -> None:
        """Keep keyed hashes of e-mail and phone, and nothing else of a profile."""
        keys, latest = Keys(self._secret()), {event.contact_id: event for event in batch}
        gone = await store.erased_people(tx, latest)
        await store.keep_identities(
            tx, {one: keys.of(event.email, event.phone) for one, event in latest.items() if one not in gone}
        )


@dataclass(frozen=True, slots=True)
class Found:
    """An activity with the command that it amounts to; None where nobody knows whom it was about."""

    source: str
    activity: Activity
    order: Order | None


async def find_leads(tx: Transaction, source: str, activities: Sequence[Activity]) -> list[Found]:
    """Find each activity's open lead; what cannot be resolved is kept to try again. Learns ids of the other system."""
    known = await store.resolve(tx, (key for each in activities for key in each.keys))
    found: list[Found] = []
    learned: dict[str, UUID] = {}
    for each in activities:
        hit = next((known[key] for key in each.keys if key in known), None)
        if hit is not None:
            learned |= {key: hit[0] for key in each.keys if key not in known}
        found.append(Found(source, each, None if hit is None else _order(source, each, hit[1])))
    await store.learn(tx, learned)
    waiting = [_row(tx, one) for one in found if one.order is None]
    await store.keep_unresolved(tx, waiting)
    await store.drop_activities(tx, [(source, one.activity.external_id) for one in found if one.order is not None])
    return found


async def waiting_activities(tx: Transaction) -> Mapping[str, list[Activity]]:
    """Give what waits, by the system that told it."""
    rows = await store.unresolved(tx, after=None, limit=1000)
    by_source: dict[str, list[Activity]] = {}
    for row in rows:
        touch = Touch.model_validate(row["touch"])
        by_source.setdefault(row["source"], []).append(Activity(row["external_id"], touch, tuple(row["keys"])))
    return by_source


def _order(source: str, each: Activity, lead_id: UUID) -> Order:
    """The same activity told again is the same command: its key and its id follow from the other system's."""
    name = f"{source}:{each.external_id}"
    by = each.touch.by or source
    digest = each.touch.model_dump_json()
    return Order(lead_id, "touches", each.touch, derive("activity", name), by, name, "activities", digest)


def _row(tx: Transaction, one: Found) -> dict[str, Any]:
    activity = one.activity
    return {
        "source": one.source,
        "external_id": activity.external_id,
        "at": activity.touch.at or tx.now,
        "by": activity.touch.by,
        "touch": activity.touch.model_dump(mode="json", exclude_none=True),
        "keys": list(activity.keys),
        "problem": "nobody_known" if activity.keys else "nobody_named",
        "recorded_at": tx.now,
    }
