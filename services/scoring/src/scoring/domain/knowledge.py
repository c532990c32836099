"""What is known of a contact: of several values of a fact the best source's counts, and of a source's the latest.

Fit is judged by what is known now, however late it was learned; readiness by when things happened. What holds only from
an instant on (consent, a lifted exclusion) is no knowledge, see `select_momentary_facts`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from events.parts import Scalar
from scoring.domain.history import OF_ITS_TIME, Engagement
from scoring.playbook import ScoringPlaybook

RANKS = 3
CONFIDENCE = "learned.confidence"
"""How sure the source of learned facts is, from 0 to 1."""


@dataclass(frozen=True, slots=True)
class KnownFact:
    """A fact, who it comes from and since when."""

    value: Scalar
    source: str
    at: datetime
    received_at: datetime


def choose_best_facts(ordered: Sequence[Engagement], playbook: ScoringPlaybook) -> dict[str, Scalar]:
    """Return the facts that count; `ordered` is the history in the order in which things happened."""
    rules = playbook.knowledge
    ranks = [rules.rank(engagement.source) for engagement in ordered]
    found: dict[str, Scalar] = {}
    for rank in sorted(set(ranks)):
        of_rank: dict[str, Scalar] = {}
        for engagement, its_rank in zip(ordered, ranks, strict=True):
            if its_rank == rank and rules.trusts(engagement.facts.get(CONFIDENCE)):
                of_rank.update(engagement.facts)
        found.update((name, value) for name, value in of_rank.items() if value is not None)
    return {name: value for name, value in found.items() if not name.startswith(OF_ITS_TIME)}


def choose_best_facts_with_sources(ordered: Iterable[Engagement], playbook: ScoringPlaybook) -> dict[str, KnownFact]:
    """Return the same facts with the source and the date of each."""
    rules, found = playbook.knowledge, dict[str, KnownFact]()
    layers: list[dict[str, KnownFact]] = [{} for _ in range(RANKS)]
    for engagement in ordered:
        if rules.trusts(engagement.facts.get(CONFIDENCE)):
            layer, source, at = layers[rules.rank(engagement.source)], engagement.source, engagement.occurred_at
            for name, value in engagement.facts.items():
                if not name.startswith(OF_ITS_TIME):
                    layer[name] = KnownFact(value, source, at, engagement.received_at)
    for layer in layers:
        found.update((name, fact) for name, fact in layer.items() if fact.value is not None)
    return found


def select_momentary_facts(facts: dict[str, Scalar]) -> dict[str, Scalar]:
    """Return those facts of an engagement that hold from its instant on, until a later one says otherwise."""
    return {name: value for name, value in facts.items() if name.startswith(OF_ITS_TIME)}
