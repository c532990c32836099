"""Whether the simulation makes the leads that production published, lead by lead."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from baton.database import fetch
from baton.simulation.past import read_past_from_database
from baton.simulation.replay import SimulatedLead, simulate_leads
from scoring.playbook import ScoringPlaybook

MOST_EXAMPLES = 20
_PUBLISHED = """
select contact_id, cycle, told_type as lead_type, outcome, opened_at from leads
"""


@dataclass(frozen=True)
class PublishedMatch:
    """The leads that were published beside those that the same rules make of the same history."""

    published: int
    agreeing: int
    differing: tuple[str, ...]
    """Sentences, each about one lead."""

    @property
    def is_whole(self) -> bool:
        """Whether the two sides made the same leads."""
        return not self.differing

    def as_json(self) -> dict[str, Any]:
        """Return the agreement as plain values, ready for JSON."""
        return {
            "published": self.published,
            "agreeing": self.agreeing,
            "differing": list(self.differing[:MOST_EXAMPLES]),
        }


class PublishedLeads:
    """The leads that production published, with which those that are made again are compared one contact at a time.

    A lead agrees where both sides have it in the same cycle, opened at the same instant, of the same type and outcome.
    Leads of colleagues that one account's lead kept back are no lead of production's, and are listed.
    """

    def __init__(self, rows: Iterable[Mapping[str, Any]] = ()) -> None:
        self._left: dict[tuple[UUID, int], Mapping[str, Any]] = {}
        self._published = 0
        self._agreeing = 0
        self._differing: list[tuple[str, str]] = []
        self.add_published(rows)

    @classmethod
    async def load(cls, url: str) -> "PublishedLeads":
        """Read them from scoring's database."""
        return cls(await fetch(url, _PUBLISHED))

    def add_published(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Add leads that production published, before those of their contact are compared."""
        found = {(row["contact_id"], row["cycle"]): row for row in rows}
        self._left |= found
        self._published += len(found)

    def compare_contact(self, made: Iterable[SimulatedLead]) -> None:
        """Compare the leads that the rules in force make of one contact."""
        for lead in made:
            key = lead.contact_id, lead.cycle
            self._compare_lead(key, self._left.pop(key, None), lead)

    def finish_comparison(self) -> PublishedMatch:
        """Return what was found, once every contact was added; published leads that nobody made differ too."""
        while self._left:
            key, row = self._left.popitem()
            self._compare_lead(key, row, None)
        return PublishedMatch(self._published, self._agreeing, tuple(text for _, text in sorted(self._differing)))

    def _compare_lead(self, key: tuple[UUID, int], published: Any, made: SimulatedLead | None) -> None:
        sentence = _describe_difference(key, published, made)
        if sentence is None:
            self._agreeing += 1
        else:
            self._differing.append((str(key), sentence))


async def compare_with_published(url: str, playbook: ScoringPlaybook) -> PublishedMatch:
    """Make the leads of everybody in scoring's database again, and compare each with what was published."""
    published = await PublishedLeads.load(url)
    _, histories = await read_past_from_database(url)
    async for history in histories:
        published.compare_contact(simulate_leads(history, playbook))
    return published.finish_comparison()


def _describe_difference(key: tuple[UUID, int], published: Any, made: SimulatedLead | None) -> str | None:
    """Return how the two sides differ about a lead, None where they do not."""
    who = f"contact {key[0]}, cycle {key[1]}"
    if published is None:
        return f"{who}: the simulation alone makes a lead"
    if made is None:
        return f"{who}: production alone published a lead"
    sides = [
        f"{lead_type} {outcome} {opened_at.isoformat()}"
        for lead_type, outcome, opened_at in (
            (published["lead_type"], published["outcome"], published["opened_at"]),
            (made.lead_type, made.outcome, made.opened_at),
        )
    ]
    return None if sides[0] == sides[1] else f"{who}: published {sides[0]}, simulated {sides[1]}"
