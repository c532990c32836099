"""Everything that is known of one lead."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from events.parts import JsonObject
from events.runtime import Transaction
from events.runtime.rows import Row, field, read_row, read_rows


class LeadDetailsRow(Row):
    """A lead as its row has it, without what no caller sees."""

    lead_id: UUID
    contact_id: UUID
    cycle: int
    lead_type: str | None
    outcome: str | None
    fit: str | None
    source: str | None
    campaign: str | None
    company: str | None
    segment: str | None
    playbook_version: str | None
    qualified_at: datetime | None
    captured_at: datetime | None
    handed_over_at: datetime | None
    placement: int
    placed: str | None
    rep_id: str | None
    team: str | None
    queue: str | None
    roles: dict[str, str]
    moves: list[JsonObject]
    touches: int
    automated_touches: int
    first_touched_at: datetime | None
    last_touched_at: datetime | None
    review_opened_at: datetime | None
    review_closed_at: datetime | None
    woken_at: datetime | None
    state: str
    side: str
    since: datetime
    accepted_at: datetime | None
    sal_at: datetime | None
    confirmed_at: datetime | None
    opportunity_at: datetime | None
    won_at: datetime | None
    lost_at: datetime | None
    ended_at: datetime | None
    amount: float | None
    reason: str | None
    track: str | None
    wake_at: datetime | None
    answered_at: datetime | None
    path: list[Any]
    revenue: float
    ended_by: str | None


class LeadEvidence(Row):
    """Why a lead qualified, by both axes as scoring published them last."""

    lead_id: UUID
    published_at: datetime = field(name="said_at")
    email_domain: str | None
    fit: JsonObject
    readiness: JsonObject


class LeadAccount(Row):
    """The company of a lead, as it was announced."""

    domain: str
    name: str | None
    kind: str
    owner: str | None


class HistoryEntry(Row):
    """One thing that happened to a lead, as it was reported."""

    kind: str
    at: datetime
    recorded_at: datetime
    by: str | None
    details: JsonObject
    entry_id: UUID


class LeadNote(Row):
    """What a person wrote about a lead."""

    action_id: UUID
    at: datetime
    by: str
    note: str | None
    context: JsonObject


class OtherCycle(Row):
    """Another lead of the same contact."""

    lead_id: UUID
    cycle: int
    state: str
    reason: str | None
    since: datetime


class LeadDetails(NamedTuple):
    """A lead with its evidence, its company and what happened to it."""

    lead: LeadDetailsRow
    evidence: LeadEvidence | None
    account: LeadAccount | None
    history: list[HistoryEntry]
    notes: list[LeadNote]
    other_cycles: list[OtherCycle]


_LEAD = f"select {', '.join(LeadDetailsRow.names())} from leads where lead_id = $1"  # noqa: S608 - names of columns
_EVIDENCE = "select lead_id, said_at, email_domain, fit, readiness from evidence where lead_id = $1"
_ACCOUNT = """
select a.domain, a.name, a.kind, a.owner from evidence e join accounts a on a.domain = e.email_domain
where e.lead_id = $1
"""
_HISTORY = """
select kind, at, recorded_at, by, details, entry_id from history where lead_id = $1 order by at, recorded_at, entry_id
"""
_NOTES = "select action_id, at, by, note, context from notes where lead_id = $1 order by at, action_id"
_OTHER_CYCLES = """
select o.lead_id, o.cycle, o.state, o.reason, o.since from leads l
join leads o on o.contact_id = l.contact_id and o.lead_id <> l.lead_id where l.lead_id = $1 order by o.cycle
"""


async def load_details(tx: Transaction, lead_id: UUID) -> LeadDetails | None:
    """Return everything that is known of a lead, or None."""
    lead = await read_row(tx, LeadDetailsRow, _LEAD, lead_id)
    if lead is None:
        return None
    return LeadDetails(
        lead,
        evidence=await read_row(tx, LeadEvidence, _EVIDENCE, lead_id),
        account=await read_row(tx, LeadAccount, _ACCOUNT, lead_id),
        history=await read_rows(tx, HistoryEntry, _HISTORY, lead_id),
        notes=await read_rows(tx, LeadNote, _NOTES, lead_id),
        other_cycles=await read_rows(tx, OtherCycle, _OTHER_CYCLES, lead_id),
    )
