"""Touches from other systems: matched to a lead by contact, then carried out like a rep's own command."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from events.ids import derive_id
from events.runtime import Transaction
from events.runtime.security import LeadReach
from feedback import store
from feedback.domain.activities import Activity
from feedback.domain.orders import CommandOrder
from feedback.store.activities import UnresolvedActivity


@dataclass(frozen=True, slots=True)
class MatchedActivity:
    """An activity with the command that it stands for; None where the contact is unknown or the lead out of reach."""

    source: str
    activity: Activity
    order: CommandOrder | None
    out_of_reach: bool = False


async def match_or_save_activities(
    tx: Transaction, source: str, activities: Sequence[Activity], reach: LeadReach | None = None
) -> list[MatchedActivity]:
    """Find each activity's open lead; an activity without one is saved to try again. Saves ids of the other system.

    A key that is bound leaves nothing but touches on the leads in its `reach`, a rep's in that rep's name: what it
    would save counts for everybody's leads.
    """
    known = await store.find_leads_by_key(tx, (key for each in activities for key in each.keys))
    found: list[MatchedActivity] = []
    learned: dict[str, UUID] = {}
    for each in activities:
        hit = next((known[key] for key in each.keys if key in known), None)
        if hit is None or (reach is not None and not reach.covers(hit.rep_id, hit.team)):
            found.append(MatchedActivity(source, each, None, out_of_reach=hit is not None))
            continue
        learned |= {key: hit.contact_id for key in each.keys if key not in known}
        found.append(
            MatchedActivity(
                source, each, _activity_to_command_order(source, _with_author_of_key(each, reach), hit.lead_id)
            )
        )
    if reach is None:
        await store.save_learned_contact_ids(tx, learned)
        await store.save_unresolved_activities(
            tx, [_to_unresolved_activity(tx, each) for each in found if each.order is None]
        )
        done = [(source, each.activity.external_id) for each in found if each.order is not None]
        await store.delete_resolved_activities(tx, done)
    return found


def _with_author_of_key(activity: Activity, reach: LeadReach | None) -> Activity:
    if reach is None or reach.rep_id is None:
        return activity
    return replace(activity, touch=activity.touch.model_copy(update={"by": reach.rep_id}))


def _activity_to_command_order(source: str, each: Activity, lead_id: UUID) -> CommandOrder:
    """Return the command; its key and its id follow from the other system's, so sent again it is the same."""
    name = f"{source}:{each.external_id}"
    by = each.touch.by or source
    digest = each.touch.model_dump_json()
    return CommandOrder(lead_id, "touches", each.touch, derive_id("activity", name), by, name, "activities", digest)


def _to_unresolved_activity(tx: Transaction, found: MatchedActivity) -> UnresolvedActivity:
    activity = found.activity
    return UnresolvedActivity(
        source=found.source,
        external_id=activity.external_id,
        at=activity.touch.at or tx.now,
        by=activity.touch.by or found.source,
        touch=activity.touch.model_dump(mode="json", exclude_none=True),
        problem="nobody_known" if activity.keys else "nobody_named",
        keys=list(activity.keys),
        recorded_at=tx.now,
    )
