"""The buying stage of a contact, from the stages of the content it looked at."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from scoring.domain.history import STAGE, Engagement
from scoring.playbook import ScoringPlaybook


def find_buying_stage(engagements: Iterable[Engagement], playbook: ScoringPlaybook, at: datetime) -> str | None:
    """Return the furthest stage of the content that the contact has lately looked at (Q13)."""
    since = at - timedelta(days=playbook.buying_stage_days)
    seen = {engagement.facts.get(STAGE) for engagement in engagements if since < engagement.occurred_at <= at}
    return next((stage for stage in reversed(playbook.buying_stages) if stage in seen), None)
