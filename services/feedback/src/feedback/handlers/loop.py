"""The loop from a rep's word to a changed rule and back: proposed, approved by both sides, in force, answered."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from events.contacts import PlaybookActivated
from events.leads import FeedbackAnswered
from events.runtime import Transaction
from feedback import store
from feedback.domain.proposals import Approval, Proposed
from feedback.domain.refusals import ProposalUnknown


async def propose(tx: Transaction, by: str, proposal_id: UUID, asked: Proposed) -> dict[str, Any]:
    """Keep a proposal with the trend that led to it and those whose feedback it was."""
    trend = await _trend(tx, asked)
    since = tx.now - timedelta(weeks=asked.weeks)
    row = asked.model_dump(mode="json", exclude={"by", "at", "weeks"}) | {
        "proposal_id": proposal_id, "trend": trend, "state": "open", "approvals": {}, "proposed_by": by,
        "proposed_at": tx.now,
    }  # fmt: skip
    sources = await store.propose(tx, row, since)
    return {"proposal_id": proposal_id, "state": "open", "trend": trend, "sources": sources}


async def approve(tx: Transaction, by: str, proposal_id: UUID, asked: Approval) -> dict[str, Any]:
    """Take one side's word; raises a `Refusal`. What is in force already is answered at once."""
    found = await store.proposal(tx, proposal_id)
    if found is None:
        raise ProposalUnknown("proposal_id")
    found = found.approve(asked.side, by, tx.now)
    await store.approve(tx, found)
    await _answer(tx)
    return (await store.proposals(tx, proposal_id, 1))[0]


async def on_playbooks_activated(batch: Sequence[PlaybookActivated], tx: Transaction) -> None:
    """Note which rules are in force, and answer whoever asked for them."""
    await store.keep_activations(
        tx,
        [
            {"service": event.service, "version": event.version, "activated_at": event.occurred_at}
            for event in sorted(batch, key=lambda event: event.occurred_at)
        ],
    )
    await _answer(tx)


async def _answer(tx: Transaction) -> None:
    for one, since in await store.in_force(tx):
        for source in await store.settle_proposal(tx, one.proposal_id, since):
            tx.emit(
                FeedbackAnswered(
                    occurred_at=max(since, *(datetime.fromisoformat(each["at"]) for each in one.approvals.values())),
                    by=one.approvals["marketing"]["by"],
                    playbook_version=one.playbook_version,
                    change=one.change,
                    proposal_id=one.proposal_id,
                    service=one.service,
                    **source,
                )
            )


async def _trend(tx: Transaction, asked: Proposed) -> list[dict[str, Any]]:
    """Count, week by week, how often what the proposal is about was said."""
    first = (tx.now - timedelta(weeks=asked.weeks)).date()
    counted: dict[str, float] = {}
    for dimension, group, measure in (
        ("reason", asked.reason, "leads"), ("told:messaging", asked.campaign, "actions"),
        ("topic", asked.topic, "actions"),
    ):  # fmt: skip
        if group is None:
            continue
        for row in await store.read_funnel(tx, dimension, cohort="week", first=first):
            if row["group"] == group:
                counted[row["cohort"]] = counted.get(row["cohort"], 0.0) + row[measure]
    return [{"week": week, "times": int(times)} for week, times in sorted(counted.items())]
