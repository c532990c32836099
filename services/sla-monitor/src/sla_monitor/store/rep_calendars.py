"""When reps work, revision by revision, as routing published it."""

from collections.abc import Collection, Sequence
from functools import lru_cache
from uuid import UUID

from events.rep_calendars import absence_stretches, calendar_from_hours
from events.reps import RepChanged
from events.runtime import Transaction
from sla_monitor.domain import RepCalendarRevision
from sla_monitor.models import RepCalendarRow

READ_REP_CALENDARS = 0x0BA7_0014
"""An advisory lock: shared by transactions that compute clocks, exclusive for one that saves when reps work. So a lead
is computed by what was saved, or it is there when the leads of that rep are looked up."""

_LOCK = "select pg_advisory_xact_lock($1)"
_SCHEDULE_REPLANS = """
insert into timers (kind, key, contact_id, due_at)
select distinct $1, l.lead_id, l.contact_id, $2::timestamptz from rep_calendars r join leads l
    on (l.ended_at is null or l.ended_at > r.since)
    and exists (select from jsonb_each(l.facts->'places') as p where p.value->>'rep_id' = r.rep_id)
where r.event_id = any($3)
on conflict do nothing
"""


async def save_rep_calendars(tx: Transaction, events: Sequence[RepChanged]) -> None:
    """Save what these events say; the same again changes nothing."""
    await tx.raw.execute(_LOCK, READ_REP_CALENDARS)
    await tx.insert(
        RepCalendarRow,
        [
            {
                "event_id": event.ce_id,
                "rep_id": event.rep_id,
                "revision": event.revision,
                "since": event.occurred_at,
                "content": event.encode().decode(),
            }
            for event in events
        ],
    )


async def schedule_replans_of_reps(tx: Transaction, kind: str, event_ids: Collection[UUID]) -> None:
    """Set a timer of this kind, due now, for every lead that one of these events may concern."""
    await tx.raw.execute(_SCHEDULE_REPLANS, kind, tx.now, list(event_ids))


@lru_cache(maxsize=4096)
def parse_rep_calendar(content: str) -> RepCalendarRevision:
    """Return a revision as the domain has it."""
    event = RepChanged.decode(content.encode())
    hours = calendar_from_hours(event.hours, event.occurred_at)
    return RepCalendarRevision(event.occurred_at, hours, absence_stretches(event.absences))
