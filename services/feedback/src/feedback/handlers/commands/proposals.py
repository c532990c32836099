"""From feedback to a changed rule and back: proposed, in force once both sides approved it at the desk, answered."""

from datetime import timedelta
from uuid import UUID

from events.leads import FeedbackAnswered
from events.runtime import Transaction
from events.runtime.rows import Row
from feedback import store
from feedback.domain.proposals import ProposedChange
from feedback.store.proposals import NewProposal


class OpenedProposal(Row):
    """A proposal that was saved, with its trend by week and how many pieces of feedback led to it."""

    proposal_id: UUID
    state: str
    trend: list[dict[str, str | int]]
    sources: int


async def open_proposal(tx: Transaction, by: str, proposal_id: UUID, asked: ProposedChange) -> OpenedProposal:
    """Save a proposal with the trend that led to it and those whose feedback it was.

    If its version is in force already, the answers are published at once.
    """
    trend = await _count_trend_by_week(tx, asked)
    since = tx.now - timedelta(weeks=asked.weeks)
    new = NewProposal(
        proposal_id=proposal_id,
        service=asked.service,
        change=asked.change,
        diff=asked.diff,
        playbook_version=asked.playbook_version,
        simulation=asked.simulation,
        reason=asked.reason,
        campaign=asked.campaign,
        topic=asked.topic,
        trend=trend,
        proposed_by=by,
        proposed_at=tx.now,
    )
    sources = await store.save_proposal(tx, new, since)
    await publish_proposal_answers(tx)
    (saved,) = await store.load_proposals(tx, proposal_id, 1)
    return OpenedProposal(proposal_id, saved.state, trend, sources)


async def publish_proposal_answers(tx: Transaction) -> None:
    """Publish the answers of proposals whose version is in force: all its approvers have agreed then."""
    for proposal, since in await store.lock_proposals_in_force(tx):
        for source in await store.mark_proposal_activated(tx, proposal.proposal_id, since):
            tx.emit(
                FeedbackAnswered(
                    occurred_at=max(since, proposal.proposed_at),
                    by=proposal.proposed_by,
                    playbook_version=proposal.playbook_version,
                    change=proposal.change,
                    proposal_id=proposal.proposal_id,
                    service=proposal.service,
                    **source.as_dict(),
                )
            )


async def _count_trend_by_week(tx: Transaction, asked: ProposedChange) -> list[dict[str, str | int]]:
    """Count, week by week, how often feedback named what the proposal is about."""
    first = (tx.now - timedelta(weeks=asked.weeks)).date()
    counted: dict[str, float] = {}
    for dimension, group, measure in (
        ("reason", asked.reason, "leads"), ("told:messaging", asked.campaign, "actions"),
        ("topic", asked.topic, "actions"),
    ):  # fmt: skip
        if group is None:
            continue
        for row in await store.read_funnel(tx, dimension, cohort="week", first=first):
            if row.group == group and row.cohort:
                counted[row.cohort] = counted.get(row.cohort, 0.0) + row.value_of(measure)
    return [{"week": week, "times": int(times)} for week, times in sorted(counted.items())]
