"""What is only added, never changed: history, notes, evidence, signals."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from events.contacts import AccountChanged, CampaignAnnounced
from events.envelope import LeadEvent
from events.leads import CustomerChanged, FeedbackGiven, LeadFacts
from events.parts import JsonObject
from events.runtime import Transaction
from events.runtime.rows import Row
from feedback.domain.contact import LeadToWake
from feedback.domain.lead import Touchpoint
from feedback.models import (
    AccountRow,
    CampaignRow,
    CustomerChangeRow,
    EvidenceRow,
    FeedbackRow,
    HistoryRow,
    NoteRow,
    SignalRow,
)

_KEPT_ELSEWHERE = {
    "contact_id", "lead_id", "cycle", "occurred_at", "recorded_at", "action_id", "by", "fit_evidence",
    "readiness_evidence", "timeline", "opener", "suggested_content", "brief",
}  # fmt: skip
"""What has a column of its own, or is evidence."""

_FIRST_SIGNALS = """
select w.lead_id, min(s.at) as at
from unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::boolean[]) as w(lead_id, contact_id, after, any_signal)
join signals s on s.contact_id = w.contact_id and s.at > w.after and (w.any_signal or s.hand_raise)
group by w.lead_id
"""


_MERGED_AT = """
select c.contact_id, max(m.merged_at) as at from unnest($1::uuid[]) as c(contact_id)
join merges m on c.contact_id in (m.loser_id, m.survivor_id) and not m.undone group by 1
"""
LONGEST_PATH = 200
"""Engagements that share the credit for a deal: the latest ones."""

_PATHS = f"""
select w.lead_id, s.at, s.source, s.campaign
from unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) as w(lead_id, contact_id, until)
cross join lateral (
    select at, source, campaign, engagement_id from signals
    where contact_id = w.contact_id and at <= w.until order by at desc, engagement_id desc limit {LONGEST_PATH}
) s
order by w.lead_id, s.at, s.engagement_id
"""  # noqa: S608 - a number of ours


class HistoryLine(Row):
    """One thing that happened to a lead, as it was reported."""

    entry_id: UUID
    lead_id: UUID | None
    contact_id: UUID
    kind: str
    at: datetime
    recorded_at: datetime
    by: str | None
    details: JsonObject


class Note(Row):
    """What a person wrote with a command about a lead: the note and the context."""

    action_id: UUID
    lead_id: UUID
    contact_id: UUID
    by: str
    at: datetime
    note: str | None
    context: JsonObject


class Engagement(Row):
    """One engagement of a contact; `hand_raise` wakes it."""

    engagement_id: UUID
    contact_id: UUID
    at: datetime
    hand_raise: bool
    source: str | None
    campaign: str | None


class NewFeedback(Row):
    """Feedback of sales to marketing, with its text."""

    feedback_id: UUID
    contact_id: UUID | None
    about: str
    campaign: str | None
    topic: str | None
    content: str | None
    note: str | None
    at: datetime
    by: str


def make_history_line(event: LeadEvent, now: datetime) -> HistoryLine:
    """Return an event, applied or published, as a line of a lead's history."""
    return HistoryLine(
        getattr(event, "action_id", None) or event.ce_id,
        event.lead_id,
        event.contact_id,
        event.ce_type.rpartition(".")[0],
        event.occurred_at,
        now,
        getattr(event, "by", None),
        event.as_json(without=_KEPT_ELSEWHERE, filled=True),
    )


def make_new_feedback(event: FeedbackGiven, note: str | None) -> NewFeedback:
    """Return feedback as it is saved; events have no note."""
    return NewFeedback(
        event.feedback_id,
        event.contact_id,
        event.about,
        event.campaign,
        event.topic,
        event.content,
        note,
        event.occurred_at,
        event.by,
    )


def make_customer_change_line(event: CustomerChanged, now: datetime) -> HistoryLine:
    """Return what became of a customer as a line of the history of the lead that won them."""
    details = event.as_json(only={"change", "amount"}, filled=True)
    return HistoryLine(
        event.action_id, event.lead_id, event.contact_id, "customer.changed", event.occurred_at, now, event.by, details
    )


async def save_history(tx: Transaction, lines: Iterable[HistoryLine]) -> None:
    """Add lines of history; what is there already stays."""
    await tx.insert(HistoryRow, lines)


async def save_notes(tx: Transaction, notes: Iterable[Note]) -> None:
    """Save what people wrote."""
    await tx.insert(NoteRow, notes)


async def save_customer_change(tx: Transaction, event: CustomerChanged) -> None:
    """Save what became of a customer."""
    names = ("action_id", "contact_id", "lead_id", "change", "amount", "by")
    await tx.insert(CustomerChangeRow, [{name: getattr(event, name) for name in names} | {"at": event.occurred_at}])


async def save_feedback(tx: Transaction, given: NewFeedback) -> None:
    """Save feedback of sales to marketing, its text included."""
    await tx.insert(FeedbackRow, [given])


async def save_signals(tx: Transaction, engagements: Iterable[Engagement]) -> None:
    """Add engagements."""
    await tx.insert(SignalRow, engagements)


async def save_evidence(tx: Transaction, facts: Iterable[LeadFacts]) -> None:
    """Save why leads qualified, as scoring published it last."""
    await tx.upsert(
        EvidenceRow,
        [
            {
                "lead_id": fact.lead_id,
                "contact_id": fact.contact_id,
                "said_at": fact.occurred_at,
                "email_domain": fact.email_domain,
                "fit": {
                    "grade": fact.fit,
                    "points": fact.fit_points,
                    "evidence": [line.as_json() for line in fact.fit_evidence],
                },
                "readiness": {
                    "level": fact.readiness,
                    "points": fact.readiness_points,
                    "evidence": [line.as_json() for line in fact.readiness_evidence],
                },
            }
            for fact in facts
        ],
    )


async def save_campaigns(tx: Transaction, announced: Sequence[CampaignAnnounced]) -> None:
    """Save each campaign as announced last."""
    known = await _load_revisions(tx, CampaignRow, "campaign", [fact.campaign for fact in announced])
    await tx.upsert(
        CampaignRow,
        [
            {name: getattr(fact, name) for name in ("campaign", "revision", "name", "starts_at", "ends_at", "spend")}
            for fact in sorted(announced, key=lambda fact: fact.revision)
            if fact.revision > known.get(fact.campaign, 0)
        ],
    )


async def save_accounts(tx: Transaction, changed: Sequence[AccountChanged]) -> None:
    """Save each company as announced last."""
    known = await _load_revisions(tx, AccountRow, "domain", [fact.domain for fact in changed])
    await tx.upsert(
        AccountRow,
        [
            {name: getattr(fact, name) for name in ("domain", "revision", "name", "kind", "owner")}
            for fact in sorted(changed, key=lambda fact: fact.revision)
            if fact.revision > known.get(fact.domain, 0)
        ],
    )


async def _load_revisions(
    tx: Transaction, table: type[CampaignRow | AccountRow], key: str, names: Sequence[str]
) -> dict[str, int]:
    column = col(getattr(table, key))
    rows = await tx.fetch(select(column.label("name"), col(table.revision)).where(column.in_(names)))
    return {row["name"]: row["revision"] for row in rows}


async def load_first_signals(tx: Transaction, waiting: Sequence[LeadToWake]) -> dict[UUID, datetime]:
    """Return, for each ended lead, the first signal after its end that may wake it."""
    if not waiting:
        return {}
    rows = await tx.raw.fetch(
        _FIRST_SIGNALS,
        [lead.lead_id for lead in waiting],
        [lead.contact_id for lead in waiting],
        [lead.after for lead in waiting],
        [lead.any_signal for lead in waiting],
    )
    return {row["lead_id"]: row["at"] for row in rows}


async def load_merge_times(tx: Transaction, contact_ids: Sequence[UUID]) -> dict[UUID, datetime]:
    """Return when merged contacts were last merged."""
    rows = await tx.raw.fetch(_MERGED_AT, contact_ids)
    return {row["contact_id"]: row["at"] for row in rows}


async def load_touchpoints_before(
    tx: Transaction, wanted: Sequence[tuple[UUID, UUID, datetime]]
) -> dict[UUID, tuple[Touchpoint, ...]]:
    """Return the engagements that led to each lead's deal, of (lead, contact, up to), in their order."""
    rows = await tx.raw.fetch(
        _PATHS,
        [lead_id for lead_id, _, _ in wanted],
        [contact_id for _, contact_id, _ in wanted],
        [until for _, _, until in wanted],
    )
    found: dict[UUID, list[Touchpoint]] = {}
    for row in rows:
        found.setdefault(row["lead_id"], []).append(Touchpoint(row["at"], row["source"], row["campaign"]))
    return {lead_id: tuple(path) for lead_id, path in found.items()}
