"""What handlers load and save: leads as sets of facts, and the clocks computed from them."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from events.runtime import Transaction, bulk
from events.runtime.bulk import get_table
from events.yaml_text import load_yaml
from sla_monitor import domain
from sla_monitor.domain import (
    Agreements,
    ClockRunName,
    Facts,
    RepCalendarRevision,
    StoredClock,
    parse_facts,
    serialize_facts,
)
from sla_monitor.models import ClockRow, LeadRow
from sla_monitor.playbook import SlaPlaybook
from sla_monitor.store.rep_calendars import READ_REP_CALENDARS, parse_rep_calendar

clocks = get_table(ClockRow)

_COLUMNS = StoredClock._fields
_PARSED: dict[str, SlaPlaybook] = {}
"""Versions are hashes of their text, so what was parsed once stays right."""


@dataclass(frozen=True, slots=True)
class WatchedLead:
    """A lead as stored: its facts, its clocks, and when its timer is set to."""

    facts: Facts
    clocks: Mapping[ClockRunName, StoredClock]
    next_at: datetime | None
    promises: int = 0
    """How often its open promises were published."""


def build_is_in_array(column: sa.Column[Any], kind: Any) -> sa.ColumnElement[bool]:
    """Compare with a bound array: one statement text for any number of values."""
    return column == sa.func.any(sa.bindparam("among", type_=ARRAY(kind)))


_LEADS = f"""
select lead_id, contact_id, cycle, facts::text, next_at, promises from leads where lead_id = any($1)
union all
select null, contact_id, null, null, null, null from erasures where contact_id = any($2)
union all
select null, null, null, pg_advisory_xact_lock_shared({READ_REP_CALENDARS})::text, null, null
"""  # noqa: S608 - our own number
_CLOCKS = f"select {', '.join(_COLUMNS)} from clocks where lead_id = any($1)"  # noqa: S608 - columns of our own model
_SCHEDULE_REPLANS = """
insert into timers (kind, key, contact_id, due_at)
select $1, lead_id, contact_id, $2 from leads where next_at is not null and ended_at is null
on conflict do nothing
"""
_TIMERS = """
update leads l set next_at = n.next_at, promises = n.promises
from unnest($1::uuid[], $2::timestamptz[], $3::integer[]) as n(lead_id, next_at, promises)
where l.lead_id = n.lead_id
"""
_DROP_CLOCKS = sa.delete(clocks).where(build_is_in_array(clocks.c.clock_id, sa.Uuid))
_TURNS = """
select activated_at as at, version, null as rep_id, null as content, nth from playbooks
union all
select since, null, rep_id, content, revision from rep_calendars where rep_id = any($1::text[])
order by nth
"""
_PLAYBOOKS = "select distinct version, body from playbooks where version = any($1::text[])"


async def load_leads(
    tx: Transaction, lead_ids: Collection[UUID], contact_ids: Collection[UUID] = ()
) -> tuple[dict[UUID, WatchedLead], set[UUID]]:
    """Load leads with their clocks, and those of some contacts who were erased.

    Asked of the driver itself: a thousand leads have five thousand clocks of two dozen columns, and a mapping a row
    costs more than all the rest of a batch.
    """
    ids = list(lead_ids)
    found = await tx.raw.fetch(_LEADS, ids, list(contact_ids))
    rows = [row for row in found if row["lead_id"] is not None]
    running: dict[UUID, dict[ClockRunName, StoredClock]] = {row["lead_id"]: {} for row in rows}
    for row in await tx.raw.fetch(_CLOCKS, ids) if rows else ():
        clock = StoredClock._make(row)
        running[clock.lead_id][clock.clock, clock.run] = clock
    leads = {
        lead_id: WatchedLead(
            parse_facts(lead_id, contact_id, cycle, orjson.loads(facts)), running[lead_id], next_at, promises
        )
        for lead_id, contact_id, cycle, facts, next_at, promises in rows
    }
    return leads, {row["contact_id"] for row in found if row["lead_id"] is None and row["contact_id"] is not None}


async def load_agreements(tx: Transaction, versions: Collection[str], rep_ids: Collection[str] = ()) -> Agreements:
    """Return the playbook in force, those of these versions, whose calendars applied when, and when reps work."""
    rows = await tx.raw.fetch(_TURNS, list(rep_ids))
    activations = tuple((row["at"], row["version"]) for row in rows if row["version"] is not None)
    own: dict[str, list[RepCalendarRevision]] = {}
    for row in rows:
        if row["rep_id"] is not None:
            own.setdefault(row["rep_id"], []).append(parse_rep_calendar(row["content"]))
    current = tx.playbook(SlaPlaybook)
    wanted = {*versions, *(version for _, version in activations)} - {tx.playbook_version}
    missing = [version for version in wanted if version not in _PARSED]
    if missing:
        for row in await tx.raw.fetch(_PLAYBOOKS, missing):
            _PARSED[row["version"]] = SlaPlaybook.model_validate(load_yaml(row["body"]))
    found = {version: _PARSED[version] for version in wanted} | {tx.playbook_version: current}
    return Agreements(
        found,
        tx.playbook_version,
        _calendar_versions([(at, found[version]) for at, version in activations]),
        own,
    )


def _calendar_versions(
    activations: list[tuple[datetime, SlaPlaybook]],
) -> list[tuple[datetime, SlaPlaybook]]:
    """Return the versions that changed a calendar."""
    kept = activations[:1]
    for at, playbook in activations[1:]:
        if playbook.working_time_rules != kept[-1][1].working_time_rules:
            kept.append((at, playbook))
    return kept


async def schedule_replans(tx: Transaction, kind: str) -> None:
    """Set a timer of this kind, due now, for every lead with a clock that runs: new rows, so that nobody waits."""
    await tx.raw.execute(_SCHEDULE_REPLANS, kind, tx.now)


async def save_leads(
    tx: Transaction,
    leads: Iterable[tuple[Facts, datetime | None, int]],
    changed: Iterable[StoredClock] = (),
    *,
    fired: bool = False,
) -> None:
    """Save leads, each with its next instant to check and how often its promises were published, and changed clocks.

    With `fired` nothing else is new of these leads.
    """
    given, runs = list(leads), [clock._asdict() for clock in changed]
    writes: list[bulk.Write] = [bulk.build_upsert(ClockRow, runs)] if runs else []
    if fired:
        columns = [(facts.lead_id, next_at, promises) for facts, next_at, promises in given]
        writes.append((_TIMERS, [[each[nth] for each in columns] for nth in range(3)]))
    elif given:
        playbook = tx.playbook(SlaPlaybook)
        rows = [_facts_to_row(facts, next_at, promises, playbook) for facts, next_at, promises in given]
        writes.append(bulk.build_upsert(LeadRow, rows))
    await tx.write_together(*writes)


def _facts_to_row(facts: Facts, next_at: datetime | None, promises: int, playbook: SlaPlaybook) -> dict[str, Any]:
    places, qualified = domain.list_placements_in_order(facts), facts.qualified.get("")
    first, last = (places[0], places[-1]) if places else (None, None)
    known = first or qualified
    return {
        "lead_id": facts.lead_id,
        "contact_id": facts.contact_id,
        "cycle": facts.cycle,
        "facts": serialize_facts(facts),
        "handed_over_at": (first.handed_over_at or first.at) if first else None,
        "ended_at": domain.lead_ended_at(facts),
        "next_at": next_at,
        "promises": promises,
        "qualified_at": qualified.at if qualified else None,
        "lead_type": known.lead_type if known else None,
        "source": known.source if known else None,
        "segment": known.segment if known else None,
        "fit": known.fit if known else None,
        "company": qualified.company if qualified else None,
        "lacks": qualified.lacks if qualified else None,
        "rep_id": last.rep_id if last else None,
        "team": last.team if last else None,
        "touches": domain.count_each_human_touch(facts),
        "outcome": domain.find_first_deal_time(facts) is not None,
        "waits_until": domain.preferred_time_ends_at(facts, places),
        "odd": [list(odd) for odd in domain.find_suspicious_acts(facts, playbook)] or None,
    }


async def delete_clocks(tx: Transaction, gone: Collection[UUID]) -> None:
    """Delete runs that never were, as later facts show."""
    if gone:
        await tx.execute(_DROP_CLOCKS, {"among": list(gone)})
