"""Runs that evaluate everybody near the line again: how far they came, and whom they changed."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from events.envelope import LeadEvent
from events.runtime import Transaction
from events.runtime.rows import Row, read_rows
from scoring.models import ReevaluatedLeadRow, ReevaluationRunRow
from scoring.playbook import ReevaluationRules

_START = """
insert into reevaluations
    (reevaluation_id, version, activated_at, evaluated, publishes, most_qualified, most_qualified_a_day)
values ($1, $2, $3, 0, $4, $5, $6)
on conflict do nothing
"""
_RUN = """
select version, activated_at, last_contact_id, evaluated, publishes, most_qualified, most_qualified_a_day
from reevaluations where reevaluation_id = $1
"""
_PAGE = """
with page as (
    select distinct contact_id from engagements where $1::uuid is null or contact_id > $1 order by contact_id limit $3
)
select contact_id, exists (
    select from engagements e where e.contact_id = page.contact_id and e.occurred_at >= $2
) or exists (
    select from leads l where l.contact_id = page.contact_id and l.ended_at is null
) as is_near from page order by contact_id
"""
_PROGRESS = """
update reevaluations set last_contact_id = coalesce($2, last_contact_id), evaluated = evaluated + $3, finished_at = $4
where reevaluation_id = $1
"""
_COUNTS = """
select count(*) filter (where change = 'qualified') as qualified, count(*) filter (where change = 'cooled') as cooled,
    count(*) filter (where change = 'qualified' and at >= $2) as today
from reevaluated where reevaluation_id = $1
"""
_LISTED = {"qualified": "would_qualify", "cooled": "would_cool"}
_LIST = """
    select r.reevaluation_id, r.version, r.activated_at, r.evaluated, r.finished_at, r.publishes, r.most_qualified,
        r.most_qualified_a_day,
        count(c.lead_id) filter (where c.change = 'qualified') as qualified,
        count(c.lead_id) filter (where c.change = 'upgraded') as upgraded,
        count(c.lead_id) filter (where c.change = 'regraded') as regraded,
        count(c.lead_id) filter (where c.change = 'cooled') as cooled,
        count(c.lead_id) filter (where c.change = 'would_qualify') as would_qualify,
        count(c.lead_id) filter (where c.change = 'would_cool') as would_cool
    from (
        select * from reevaluations
        where $1::timestamptz is null or (activated_at, reevaluation_id) < ($1, $2::uuid)
        order by activated_at desc, reevaluation_id desc limit $3
    ) r
    left join reevaluated c using (reevaluation_id)
    group by r.reevaluation_id, r.version, r.activated_at, r.evaluated, r.finished_at, r.publishes, r.most_qualified,
        r.most_qualified_a_day
    order by r.activated_at desc, r.reevaluation_id desc
    """
_CHANGES = """
select lead_id, contact_id, change from reevaluated where reevaluation_id = $1
and ($2::text is null or (change, lead_id) > ($2, $3::uuid)) order by change, lead_id limit $4
"""


class ReevaluationRun(Row):
    """A run, and how many leads it changed or only listed (`would_…`)."""

    reevaluation_id: UUID
    version: str
    activated_at: datetime
    evaluated: int
    finished_at: datetime | None
    publishes: bool
    most_qualified: int | None
    most_qualified_a_day: int | None
    qualified: int
    upgraded: int
    regraded: int
    cooled: int
    would_qualify: int
    would_cool: int


class ReevaluatedLead(Row):
    """A lead that a run changed."""

    lead_id: UUID
    contact_id: UUID
    change: str


async def start_or_load_run(
    tx: Transaction, reevaluation_id: UUID, activated_at: datetime, rules: ReevaluationRules
) -> ReevaluationRunRow:
    """Load a run; one that is new starts for the version in force, with the limits of its rules.

    Where whoever activated chose other limits, the row is there already.
    """
    limits = (rules.publishes, rules.most_qualified, rules.most_qualified_a_day)
    await tx.raw.execute(_START, reevaluation_id, tx.playbook_version, activated_at, *limits)
    (row,) = await tx.raw.fetch(_RUN, reevaluation_id)
    return ReevaluationRunRow(reevaluation_id=reevaluation_id, finished_at=None, **dict(row))


def with_limits_of_run(run: ReevaluationRunRow, rules: ReevaluationRules) -> ReevaluationRules:
    """Return the rules with the limits that a run has."""
    chosen = run.model_dump(include={"publishes", "most_qualified", "most_qualified_a_day"})
    return rules.model_copy(update=chosen)


async def load_next_contacts(
    tx: Transaction, after: UUID | None, since: datetime, most: int
) -> tuple[list[UUID], UUID | None]:
    """Return who of the next `most` contacts has an open lead or did something since an instant, and the last of all.

    The last is None where fewer than `most` were left.
    """
    rows = await tx.raw.fetch(_PAGE, after, since, most)
    near = [row["contact_id"] for row in rows if row["is_near"]]
    return near, rows[-1]["contact_id"] if len(rows) == most else None


async def save_progress(
    tx: Transaction,
    reevaluation_id: UUID,
    last: UUID | None,
    evaluated: int,
    changes: Iterable[LeadEvent],
    *,
    listed: Iterable[LeadEvent] = (),
    is_finished: bool,
) -> None:
    """Save how far a run came, whom it changed and whom it only listed."""
    await tx.raw.execute(_PROGRESS, reevaluation_id, last, evaluated, tx.now if is_finished else None)
    found = [(event, _change_kind_of_event(event)) for event in changes] + [
        (event, _LISTED[_change_kind_of_event(event)]) for event in listed
    ]
    rows = [
        {
            "reevaluation_id": reevaluation_id,
            "lead_id": event.lead_id,
            "change": change,
            "contact_id": event.contact_id,
            "at": tx.now,
        }
        for event, change in found
    ]
    await tx.insert(ReevaluatedLeadRow, rows)


def _change_kind_of_event(event: LeadEvent) -> str:
    """Return what an event of a lead says happened, as in `qualified`."""
    return event.ce_type.split(".")[1]


async def count_changes(tx: Transaction, reevaluation_id: UUID, today: datetime) -> Mapping[str, int]:
    """Count the leads that a run has published, let cool, and published since the beginning of `today`."""
    (row,) = await tx.raw.fetch(_COUNTS, reevaluation_id, today)
    return dict(row)


async def list_runs(tx: Transaction, after: tuple[datetime, UUID] | None, most: int) -> list[ReevaluationRun]:
    """Return runs, the newest first, with how many leads each changed."""
    return await read_rows(tx, ReevaluationRun, _LIST, *(after or (None, None)), most)


async def list_affected_leads(
    tx: Transaction, reevaluation_id: UUID, after: tuple[str, UUID] | None, most: int
) -> list[ReevaluatedLead]:
    """Return the leads that a run changed."""
    return await read_rows(tx, ReevaluatedLead, _CHANGES, reevaluation_id, *(after or (None, None)), most)
