"""Queries: open reviews, each with all that is known of its lead."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from events.runtime import Transaction
from events.runtime.security import LeadReach
from sla_monitor import domain, store
from sla_monitor.domain.history import HistoryEntry
from sla_monitor.store.reviews import CommentLine, OpenReview


class ReviewWithLead(OpenReview, kw_only=True):
    """An open review with all that is known of its lead; `reason` is what it would go back with now."""

    touches: int
    attempts: int
    reason: str
    history: Sequence[HistoryEntry]
    comments: list[CommentLine]


async def load_open_reviews(
    tx: Transaction,
    given: Mapping[str, str | UUID | None],
    *,
    after: tuple[datetime | None, UUID] | None,
    limit: int,
    reach: LeadReach | None = None,
) -> list[ReviewWithLead]:
    """Return open reviews with `touches`, `attempts`, the `reason` each would get now, `history` and `comments`."""
    rows = await store.list_open_reviews(tx, given, after=after, limit=limit, reach=reach)
    leads = [row.lead_id for row in rows]
    facts, comments = await store.load_facts(tx, leads), await store.load_comments(tx, leads)
    agreements = await store.load_agreements(tx, ())
    return [
        ReviewWithLead(
            **row.as_dict(),
            touches=domain.count_each_human_touch(facts[row.lead_id]),
            attempts=domain.count_attempts(facts[row.lead_id], agreements),
            reason=domain.find_default_return_reason(facts[row.lead_id], agreements),
            history=domain.list_history(facts[row.lead_id]),
            comments=comments[row.lead_id],
        )
        for row in rows
    ]
