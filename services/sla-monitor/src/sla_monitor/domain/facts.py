"""What is known of one lead, as a set.

Every fact has a key of its own, so a repeated event or another order changes nothing. All clocks are computed from
this and from nothing else. A lead may be half known: a touch can arrive before the hand-over that it answers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

Deed = Literal["touch", "meeting", "accept", "reject", "confirm", "opportunity", "won", "lost"]

CONTEXT = ("company", "country", "employees", "industry", "job_title", "segment", "campaign", "content")
"""What marketing may deliver with a lead beyond its grade; the agreement says which of it it promises."""


@dataclass(frozen=True, slots=True)
class Qualified:
    """Scoring qualified the contact as a lead of this type from `at` on."""

    at: datetime
    lead_type: str
    fit: str
    source: str
    engagement: str
    captured_at: datetime
    segment: str | None = None
    prefers_at: datetime | None = None
    """When the contact asked to be called or to meet: `captured_at` where that is at once. None: they did not."""
    company: str | None = None
    lacks: str = ""
    """Which parts of the context were not delivered, by their names."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Where routing put the lead: with a rep, in a queue (no rep), or out of sales' hands (`released`)."""

    number: int
    at: datetime
    released: bool
    rep_id: str | None = None
    team: str | None = None
    lead_type: str = ""
    fit: str = ""
    source: str = ""
    segment: str | None = None
    captured_at: datetime | None = None
    handed_over_at: datetime | None = None
    meets_at: datetime | None = None
    """When the rep meets the contact, who booked that slot."""


@dataclass(frozen=True, slots=True)
class Act:
    """Something that a person (or a machine, if `automated`) did with the lead."""

    at: datetime
    deed: Deed
    by: str
    automated: bool = False
    outcome: str | None = None
    seconds: int | None = None
    """How long a call took."""
    until: datetime | None = None
    """When the meeting begins."""


@dataclass(frozen=True, slots=True)
class PreferredTime:
    """When the contact asked, after the lead was placed, to be called or to meet."""

    at: datetime
    """When they asked for it."""
    until: datetime
    """The time that they named; the instant at which they asked where that is at once."""


@dataclass(frozen=True, slots=True)
class CycleEnd:
    """Feedback closed the cycle."""

    at: datetime
    by: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known of one lead."""

    lead_id: UUID
    contact_id: UUID
    cycle: int
    qualified: Mapping[str, Qualified] = field(default_factory=dict)
    """By lead type of an upgrade; the qualification itself under the empty key."""
    places: Mapping[str, Placement] = field(default_factory=dict)
    """By placement number."""
    acts: Mapping[str, Act] = field(default_factory=dict)
    """By action id."""
    ends: Mapping[str, CycleEnd] = field(default_factory=dict)
    """By the kind of end and its instant."""
    preferred_times: Mapping[str, PreferredTime] = field(default_factory=dict)
    """By the engagement with which the contact asked; what came with a qualification stands there."""

    @property
    def rep_ids(self) -> set[str]:
        """Everybody who has or had the lead."""
        return {place.rep_id for place in self.places.values() if place.rep_id is not None}


def serialize_facts(facts: Facts) -> Mapping[str, Mapping[str, Qualified | Placement | Act | CycleEnd | PreferredTime]]:
    """Return the facts as values that serialise to JSON."""
    return {
        "raised": facts.qualified,
        "places": facts.places,
        "acts": facts.acts,
        "ends": facts.ends,
        "preferred": facts.preferred_times,
    }


def parse_facts(lead_id: UUID, contact_id: UUID, cycle: int, packed: Mapping[str, Any]) -> Facts:
    """Return the facts from the JSON of what `serialize_facts` returned."""
    return Facts(
        lead_id,
        contact_id,
        cycle,
        qualified={key: Qualified(**_parse_instants(part)) for key, part in packed["raised"].items()},
        places={key: Placement(**_parse_instants(part)) for key, part in packed["places"].items()},
        acts={key: Act(**_parse_instants(part)) for key, part in packed["acts"].items()},
        ends={key: CycleEnd(**_parse_instants(part)) for key, part in packed["ends"].items()},
        preferred_times={
            key: PreferredTime(**_parse_instants(part)) for key, part in packed.get("preferred", {}).items()
        },
    )


_INSTANTS = ("at", "captured_at", "handed_over_at", "prefers_at", "until", "meets_at")


def _parse_instants(part: Mapping[str, Any]) -> dict[str, Any]:
    instants = {name: datetime.fromisoformat(at) for name in _INSTANTS if (at := part.get(name)) is not None}
    return {**part, **instants}
