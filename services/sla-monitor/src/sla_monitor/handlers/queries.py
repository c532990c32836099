"""Queries: open reviews, each with all that is known of its lead."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from events.runtime import Transaction
from events.runtime.security import Reach
from sla_monitor import domain, store
from sla_monitor.domain.history import Entry
from sla_monitor.store.reviews import CommentLine, OpenReview


class ReviewWithLead(OpenReview, kw_only=True):
    """An open review with all that is known of its lead; `reason` is what it would go back with now."""

    touches: int
    reason: str
    history: Sequence[Entry]
    comments: list[CommentLine]


async def open_reviews(
    tx: Transaction,
    given: Mapping[str, str | UUID | None],
    *,
    after: tuple[datetime | None, UUID] | None,
    limit: int,
    reach: Reach | None = None,
) -> list[ReviewWithLead]:
    """Return open reviews with `touches`, the `reason` each would get now, `history` and `comments`."""
    rows = await store.open_reviews(tx, given, after=after, limit=limit, reach=reach)
    leads = [row.lead_id for row in rows]
    facts, comments = await store.facts_of(tx, leads), await store.comments_on(tx, leads)
    agreements = await store.load_agreements(tx, ())
    return [
        ReviewWithLead(
            **row.as_dict(),
            touches=domain.human_touches(facts[row.lead_id]),
            reason=domain.default_reason(facts[row.lead_id], agreements),
            history=domain.history(facts[row.lead_id]),
            comments=comments[row.lead_id],
        )
        for row in rows
    ]
