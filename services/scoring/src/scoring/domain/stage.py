"""The buying stage of a contact, from the stages of the content it looked at."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from scoring.domain.history import STAGE, Engagement
from scoring.playbook import ScoringPlaybook


def buying_stage(engagements: Iterable[Engagement], book: ScoringPlaybook, at: datetime) -> str | None:
    """Give the furthest stage of the content that the contact has lately looked at (Q13)."""
    since = at - timedelta(days=book.buying_stage_days)
    seen = {one.facts.get(STAGE) for one in engagements if since < one.occurred_at <= at}
    return next((stage for stage in reversed(book.buying_stages) if stage in seen), None)
