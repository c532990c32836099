"""How many leads these rules would have made of what happened, had none been published."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from scoring.domain.cycles import episodes_of
from scoring.domain.history import History
from scoring.playbook import ScoringPlaybook


def count_leads(
    people: Iterable[History], playbook: ScoringPlaybook, *, since: datetime, now: datetime
) -> dict[str, int]:
    """Count the leads that would have opened since an instant, by score and by a raised hand."""
    counts = {"by_score": 0, "by_request": 0}
    for person in people:
        for episode in episodes_of(replace(person.until(now), leads={}, merged={}), playbook, now):
            opening = episode.opening
            if opening is not None and since <= opening.engagement.occurred_at:
                counts["by_request" if opening.by_request else "by_score"] += 1
    return counts
