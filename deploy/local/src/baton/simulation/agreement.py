"""Whether the simulation makes the leads that production published, lead by lead."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from baton.database import fetch
from baton.simulation.past import from_database
from baton.simulation.replay import Made, leads_of
from scoring.playbook import ScoringPlaybook

MOST_EXAMPLES = 20
_PUBLISHED = """
select contact_id, cycle, told_type as lead_type, outcome, opened_at from leads
"""


@dataclass(frozen=True)
class Agreement:
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


async def agreement(url: str, playbook: ScoringPlaybook) -> Agreement:
    """Decide about everybody again and compare with scoring's leads; `url` is its database's.

    A lead agrees where both sides have it in the same cycle, opened at the same instant, of the same type and outcome.
    Leads of colleagues that one account's lead kept back are no lead of production's, and are listed.
    """
    published = {(row["contact_id"], row["cycle"]): row for row in await fetch(url, _PUBLISHED)}
    _, histories = await from_database(url)
    made = {(lead.contact_id, lead.cycle): lead async for history in histories for lead in leads_of(history, playbook)}
    differing = [
        sentence
        for key in sorted(published.keys() | made.keys(), key=str)
        if (sentence := _difference(key, published.get(key), made.get(key))) is not None
    ]
    return Agreement(len(published), len(published.keys() | made.keys()) - len(differing), tuple(differing))


def _difference(key: tuple[UUID, int], published: Any, made: Made | None) -> str | None:
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
