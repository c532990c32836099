"""Feedback of sales as trends, the proposals that come of it, and those who are answered."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from events.parts import JsonObject, Scalar
from events.runtime import Transaction, bulk
from events.runtime.rows import Row, field, read_rows
from feedback.domain.proposals import Proposal
from feedback.models import FeedbackRow, ProposalRow, ProposalSourceRow
from feedback.store.reports import ActivatedVersion as InForce

MOST_SOURCES = 1_000
"""Pieces of feedback that one proposal answers: the latest ones."""

_SAVE_ACTIVATIONS = """
insert into activations as a (service, version, activated_at, last_activated_at)
select service, version, min(at), max(at)
from unnest($1::text[], $2::text[], $3::timestamptz[]) as u(service, version, at)
group by 1, 2 order by 1, 2
on conflict (service, version) do update
    set activated_at = least(a.activated_at, excluded.activated_at),
        last_activated_at = greatest(a.activated_at, a.last_activated_at, excluded.last_activated_at)
"""
_PROPOSALS_IN_FORCE = """
with last as (
    select service, version, coalesce(last_activated_at, activated_at) as since,
           row_number() over (partition by service order by coalesce(last_activated_at, activated_at) desc) as place
    from activations
)
select p.*, l.since from proposals p join last l on l.service = p.service and l.version = p.playbook_version
where p.state <> 'activated' and (l.place = 1 or l.since >= p.proposed_at) for update of p
"""
_SOURCES = f"""
select feedback_id, contact_id, campaign, rep_id from (
    select said_end as feedback_id, contact_id, campaign, ended_by as rep_id, ended_at as at from leads
    where reason = $1 and ended_at >= $4 and said_end is not null
    union all
    select feedback_id, contact_id, campaign, by, at from feedbacks
    where at >= $4 and (campaign = $2 or topic = $3)
) s order by at desc, feedback_id limit {MOST_SOURCES}
"""  # noqa: S608 - a number of ours
_MESSAGING = """
select f.campaign, c.name, f.told, f.notes, coalesce(t.leads, 0) as leads, coalesce(t.sql, 0) as sql,
       coalesce(t.recycled, 0) as recycled
from (
    select coalesce(campaign, '') as campaign, count(*) as told, count(note) as notes from feedbacks
    where about = 'messaging' and at >= $1 and at < $2 group by 1
) f
left join campaigns c on c.campaign = f.campaign
left join (
    select "group", sum(leads) as leads, sum(sql) as sql, sum(recycled) as recycled from tallies
    where dimension = 'campaign' group by 1
) t on t."group" = f.campaign
order by f.told desc, f.campaign limit 200
"""
_OF_FEEDBACK = """
select feedback_id, about, campaign, topic, content, contact_id, note, at, by, answered_at, answered_by, answer,
       answer_content, answer_note
from feedbacks
"""
_LOCK_FEEDBACK = f"{_OF_FEEDBACK} where feedback_id = any($1) order by feedback_id for update"
_FEEDBACK = f"""
{_OF_FEEDBACK}
where ($1::text is null or by = $1) and ($2::boolean is null or (answered_at is null) = $2)
  and ($3::timestamptz is null or (at, feedback_id) < ($3, $4::uuid))
  and ($6::text is null or exists (select from leads l where l.rep_id = feedbacks.by and l.team = $6))
order by at desc, feedback_id desc limit $5
"""
_ANSWERED = """
select p.proposal_id, p.service, p.change, p.activated_at, count(s.feedback_id) as sources
from proposals p left join proposal_sources s using (proposal_id)
where p.activated_at >= $1 and p.activated_at < $2 group by 1 order by 4
"""
_SHOWN = """
select p.proposal_id, p.service, p.change, p.diff, p.playbook_version,
    case p.state when 'activated' then p.state else 'open' end as state, p.proposed_by, p.reason, p.campaign,
    p.topic, p.simulation, p.trend, p.proposed_at, p.activated_at, count(s.feedback_id) as sources,
    count(distinct s.rep_id) as reps
from proposals p left join proposal_sources s using (proposal_id)
where ($1::uuid is null or p.proposal_id = $1) group by p.proposal_id order by p.proposed_at desc limit $2
"""


class MessagingCount(Row):
    """Feedback on the messaging of a campaign, beside what became of its leads."""

    campaign: str
    name: str | None
    times: int = field(name="told")
    notes: int
    leads: float
    sql: float
    recycled: float


class FeedbackSource(Row):
    """Whose feedback led to a proposal."""

    feedback_id: UUID
    contact_id: UUID | None
    campaign: str | None
    rep_id: str | None


class FeedbackWithAnswer(Row):
    """Feedback with its answer."""

    feedback_id: UUID
    about: str
    campaign: str | None
    topic: str | None
    content: str | None
    contact_id: UUID | None
    note: str | None
    at: datetime
    by: str
    answered_at: datetime | None
    answered_by: str | None
    answer: str | None
    answer_content: str | None
    answer_note: str | None


class NewFeedbackAnswer(Row):
    """What marketing answers to feedback."""

    feedback_id: UUID
    answered_at: datetime
    answered_by: str
    answer: str
    answer_content: str | None
    answer_note: str | None


class NewProposal(Row):
    """A proposal as it is saved first."""

    proposal_id: UUID
    service: str
    change: str
    diff: str
    playbook_version: str
    simulation: Mapping[str, Scalar]
    reason: str | None
    campaign: str | None
    topic: str | None
    trend: list[dict[str, str | int]]
    proposed_by: str
    proposed_at: datetime
    state: str = "open"
    approvals: dict[str, dict[str, str]] = {}


class ProposalSummary(Row):
    """A proposal, with how many pieces of feedback of how many reps led to it."""

    proposal_id: UUID
    service: str
    change: str
    diff: str
    playbook_version: str
    state: str
    proposed_by: str
    reason: str | None
    campaign: str | None
    topic: str | None
    simulation: JsonObject
    trend: list[dict[str, str | int]]
    proposed_at: datetime
    activated_at: datetime | None
    sources: int
    reps: int


class AnsweredProposal(Row):
    """What was changed because of feedback, and how many pieces of it that answered."""

    proposal_id: UUID
    service: str
    change: str
    activated_at: datetime
    sources: int


async def count_messaging_feedback(tx: Transaction, first: datetime, until: datetime) -> list[MessagingCount]:
    """Count the feedback on the messaging of each campaign, beside what became of its leads."""
    return await read_rows(tx, MessagingCount, _MESSAGING, first, until)


async def save_proposal(tx: Transaction, new: NewProposal, since: datetime) -> int:
    """Save a proposal with those whose feedback since then led to it; return their number."""
    await tx.insert(ProposalRow, [new])
    found = await tx.raw.fetch(_SOURCES, new.reason, new.campaign, new.topic, since)
    return await tx.insert(ProposalSourceRow, [{"proposal_id": new.proposal_id, **dict(each)} for each in found])


async def load_proposals(tx: Transaction, proposal_id: UUID | None, limit: int) -> list[ProposalSummary]:
    """Return proposals for people, the latest first."""
    return await read_rows(tx, ProposalSummary, _SHOWN, proposal_id, limit)


async def save_activations(tx: Transaction, found: Sequence[InForce]) -> None:
    """Keep since when each version of each playbook was in force first, and the last time."""
    await tx.raw.execute(
        _SAVE_ACTIVATIONS,
        [each.service for each in found], [each.version for each in found], [each.activated_at for each in found],
    )  # fmt: skip


async def lock_proposals_in_force(tx: Transaction) -> list[tuple[Proposal, datetime]]:
    """Return and lock the proposals without an answer whose version is in force, or was since they were made.

    A version that was in force before its proposal, and is no more, is not what was asked for.
    """
    rows = await tx.raw.fetch(_PROPOSALS_IN_FORCE)
    return [(_row_to_proposal(row), row["since"]) for row in rows]


async def mark_proposal_activated(tx: Transaction, proposal_id: UUID, at: datetime) -> list[FeedbackSource]:
    """Note that a proposal is in force; gives whom to answer."""
    await tx.raw.execute(
        "update proposals set state = 'activated', activated_at = $2 where proposal_id = $1", proposal_id, at
    )
    sources = await read_rows(
        tx, FeedbackSource,
        "select feedback_id, contact_id, campaign, rep_id from proposal_sources where proposal_id = $1"
        " order by feedback_id",
        proposal_id,
    )  # fmt: skip
    await tx.raw.execute(
        "update feedbacks set answered_at = $2 from proposal_sources s"
        " where s.proposal_id = $1 and s.feedback_id = feedbacks.feedback_id",
        proposal_id,
        at,
    )
    return sources


async def list_feedback_page(
    tx: Transaction,
    *,
    by: str | None,
    team: str | None,
    is_open: bool | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[FeedbackWithAnswer]:
    """Return feedback with its answers, the newest first; `by` is whose it is, `team` that of a lead they have."""
    return await read_rows(tx, FeedbackWithAnswer, _FEEDBACK, by, is_open, *(after or (None, None)), limit, team)


async def lock_feedback(tx: Transaction, feedback_ids: Sequence[UUID]) -> list[FeedbackWithAnswer]:
    """Return feedback by id, and lock it."""
    return await read_rows(tx, FeedbackWithAnswer, _LOCK_FEEDBACK, list(feedback_ids))


async def save_answers(tx: Transaction, rows: Sequence[NewFeedbackAnswer]) -> None:
    """Save what marketing answered to feedback."""
    sql, arrays = bulk.build_update(FeedbackRow, rows)
    await tx.raw.execute(sql, *arrays)


async def list_answered_proposals(tx: Transaction, first: date, until: date) -> list[AnsweredProposal]:
    """Return what was changed between two days because of feedback."""
    bounds = (datetime.combine(day, datetime.min.time(), UTC) for day in (first, until))
    return await read_rows(tx, AnsweredProposal, _ANSWERED, *bounds)


def _row_to_proposal(row: Mapping[str, Any]) -> Proposal:
    names = ("proposal_id", "service", "change", "playbook_version", "proposed_by", "proposed_at")
    return Proposal(**{name: row[name] for name in names})
