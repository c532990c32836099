"""What is suspicious about how a lead was worked: calls too short to be real, returns just before a review.

Touches just before a deadline are found in the clocks themselves.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from sla_monitor.domain.facts import Facts
from sla_monitor.domain.promises import first_placement
from sla_monitor.playbook import SlaPlaybook


class SuspiciousAct(NamedTuple):
    """A suspicious act of one person."""

    kind: str
    by: str
    at: datetime


def find_suspicious_acts(facts: Facts, playbook: SlaPlaybook) -> list[SuspiciousAct]:
    """Return what is suspicious about a lead, in order."""
    return sorted([*_find_short_calls(facts, playbook), *_find_early_returns(facts, playbook)])


def _find_short_calls(facts: Facts, playbook: SlaPlaybook) -> Iterator[SuspiciousAct]:
    for act in facts.acts.values():
        if act.seconds is not None and not act.automated and act.seconds <= playbook.suspicions.call_seconds:
            yield SuspiciousAct("short_call", act.by, act.at)


def _find_early_returns(facts: Facts, playbook: SlaPlaybook) -> Iterator[SuspiciousAct]:
    first = first_placement(facts)
    if first is None:
        return
    opens = (first.handed_over_at or first.at) + playbook.review.opens.length
    for end in facts.ends.values():
        if opens - playbook.suspicions.before_review.length <= end.at < opens:
            yield SuspiciousAct("returned_before_review", end.by, end.at)
