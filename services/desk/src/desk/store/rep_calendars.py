"""When reps work, as routing published it last."""

from collections.abc import Collection, Sequence
from functools import lru_cache

from desk.domain.quiet_times import WorkTimes
from events.rep_calendars import absence_stretches, calendar_from_hours
from events.reps import RepChanged
from events.runtime import Transaction

_SAVE = """
insert into rep_calendars select * from unnest($1::text[], $2::integer[], $3::text[])
on conflict (rep_id) do update set (revision, content) = (excluded.revision, excluded.content)
where rep_calendars.revision < excluded.revision
"""


async def save_rep_calendars(tx: Transaction, events: Sequence[RepChanged]) -> None:
    """Save the newest of what these events say of each rep."""
    newest = {event.rep_id: event for event in sorted(events, key=lambda event: event.revision)}.values()
    columns = ([each.rep_id for each in newest], [each.revision for each in newest])
    await tx.raw.execute(_SAVE, *columns, [each.encode().decode() for each in newest])


async def load_work_times(tx: Transaction, rep_ids: Collection[str]) -> dict[str, WorkTimes]:
    """Return when these reps work; those of whom nothing was published are left out."""
    if not rep_ids:
        return {}
    rows = await tx.raw.fetch("select rep_id, content from rep_calendars where rep_id = any($1)", list(rep_ids))
    return {row["rep_id"]: parse_work_times(row["content"]) for row in rows}


@lru_cache(maxsize=4096)
def parse_work_times(content: str) -> WorkTimes:
    """Return a revision as the domain has it."""
    event = RepChanged.decode(content.encode())
    return WorkTimes(calendar_from_hours(event.hours, event.occurred_at), absence_stretches(event.absences))
