"""Queries: open reviews, each with all that is known of its lead."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from events.runtime import Transaction
from events.runtime.security import Reach
from sla_monitor import domain, store


async def open_reviews(
    tx: Transaction,
    given: Mapping[str, Any],
    *,
    after: tuple[datetime | None, UUID] | None,
    limit: int,
    reach: Reach | None = None,
) -> list[dict[str, Any]]:
    """Return open reviews with `touches`, the `reason` each would get now, `history` and `comments`."""
    rows = await store.open_reviews(tx, given, after=after, limit=limit, reach=reach)
    leads = [row["lead_id"] for row in rows]
    facts, comments = await store.facts_of(tx, leads), await store.comments_on(tx, leads)
    agreements = await store.load_agreements(tx, ())
    return [
        row
        | {
            "touches": domain.human_touches(facts[row["lead_id"]]),
            "reason": domain.default_reason(facts[row["lead_id"]], agreements),
            "history": [entry._asdict() for entry in domain.history(facts[row["lead_id"]])],
            "comments": comments[row["lead_id"]],
        }
        for row in rows
    ]
