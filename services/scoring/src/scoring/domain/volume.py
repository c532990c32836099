"""How many leads rules would have made of what happened, had none been published; and who differs by two of them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from scoring.domain.crossings import Crossing
from scoring.domain.cycles import split_into_episodes
from scoring.domain.history import History
from scoring.playbook import ScoringPlaybook


@dataclass(slots=True)
class VolumeComparison:
    """The leads that two versions of the rules make of the same people, and who is a lead by one of them alone."""

    in_force: dict[str, int] = field(default_factory=lambda: {"by_score": 0, "by_request": 0})
    candidate: dict[str, int] = field(default_factory=lambda: {"by_score": 0, "by_request": 0})
    becoming: list[UUID] = field(default_factory=list)
    """Contacts that the candidate alone makes a lead."""
    no_longer: list[UUID] = field(default_factory=list)
    """Contacts that the rules in force alone make a lead."""


def count_hypothetical_leads(
    people: Iterable[History], playbook: ScoringPlaybook, *, since: datetime, now: datetime
) -> dict[str, int]:
    """Count the leads that would have opened since an instant, by score and by a raised hand."""
    counts = {"by_score": 0, "by_request": 0}
    for person in people:
        for opening in _yield_opening_crossings(person, playbook, since, now):
            counts[_opening_kind(opening)] += 1
    return counts


def compare_volumes(
    people: Iterable[History],
    in_force: ScoringPlaybook,
    candidate: ScoringPlaybook,
    *,
    since: datetime,
    now: datetime,
) -> VolumeComparison:
    """Count the leads that would have opened since an instant by the rules in force and by a candidate."""
    found = VolumeComparison()
    for person in people:
        before, after = ([*_yield_opening_crossings(person, each, since, now)] for each in (in_force, candidate))
        for counts, openings in ((found.in_force, before), (found.candidate, after)):
            for opening in openings:
                counts[_opening_kind(opening)] += 1
        if bool(before) != bool(after):
            (found.becoming if after else found.no_longer).append(person.contact_id)
    return found


def _yield_opening_crossings(
    person: History, playbook: ScoringPlaybook, since: datetime, now: datetime
) -> Iterator[Crossing]:
    """Yield the crossings that would have opened leads of a person since an instant."""
    for episode in split_into_episodes(replace(person.as_of(now), leads={}, merged={}), playbook, now):
        if episode.opening is not None and since <= episode.opening.engagement.occurred_at:
            yield episode.opening


def _opening_kind(opening: Crossing) -> str:
    return "by_request" if opening.by_request else "by_score"
