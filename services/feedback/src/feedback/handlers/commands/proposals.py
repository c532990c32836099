"""From feedback to a changed rule and back: proposed, approved by both sides, in force, answered."""

from datetime import datetime, timedelta
from uuid import UUID

from events.leads import FeedbackAnswered
from events.runtime import Transaction
from events.runtime.rows import Row
from feedback import store
from feedback.domain.proposals import Approval, Proposed
from feedback.handlers.errors import ProposalUnknown, refusals
from feedback.store.proposals import NewProposal, ProposalSummary


class OpenedProposal(Row):
    """A proposal that was saved, with its trend by week and how many pieces of feedback led to it."""

    proposal_id: UUID
    state: str
    trend: list[dict[str, str | int]]
    sources: int


async def propose(tx: Transaction, by: str, proposal_id: UUID, asked: Proposed) -> OpenedProposal:
    """Save a proposal with the trend that led to it and those whose feedback it was."""
    trend = await _trend(tx, asked)
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
    sources = await store.propose(tx, new, since)
    return OpenedProposal(proposal_id, "open", trend, sources)


async def approve(tx: Transaction, by: str, proposal_id: UUID, asked: Approval) -> ProposalSummary:
    """Save a side's approval; if the version is in force already, the answers are published at once."""
    found = await store.load_proposal(tx, proposal_id)
    if found is None:
        raise ProposalUnknown(field="proposal_id")
    with refusals():
        found = found.approve(asked.side, by, tx.now)
    await store.approve(tx, found)
    await answer_proposals(tx)
    return (await store.proposals(tx, proposal_id, 1))[0]


async def answer_proposals(tx: Transaction) -> None:
    """Publish the answers of approved proposals whose version is in force."""
    for proposal, since in await store.in_force(tx):
        for source in await store.activate_proposal(tx, proposal.proposal_id, since):
            tx.emit(
                FeedbackAnswered(
                    occurred_at=max(
                        since, *(datetime.fromisoformat(each["at"]) for each in proposal.approvals.values())
                    ),
                    by=proposal.approvals["marketing"]["by"],
                    playbook_version=proposal.playbook_version,
                    change=proposal.change,
                    proposal_id=proposal.proposal_id,
                    service=proposal.service,
                    **source.as_dict(),
                )
            )


async def _trend(tx: Transaction, asked: Proposed) -> list[dict[str, str | int]]:
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
                counted[row.cohort] = counted.get(row.cohort, 0.0) + row.of(measure)
    return [{"week": week, "times": int(times)} for week, times in sorted(counted.items())]
