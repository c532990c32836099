"""What is known of one lead, as a set.

Every fact has a key of its own, so telling it again or in another order changes nothing. All clocks are computed from
this and from nothing else. A lead may be half known: a touch can be heard of before the hand-over that it answers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from events.leads import (
    LeadAccepted,
    LeadAssigned,
    LeadConfirmed,
    LeadDisqualified,
    LeadFacts,
    LeadLost,
    LeadQualified,
    LeadQueued,
    LeadRecycled,
    LeadRejected,
    LeadReleased,
    LeadTouched,
    LeadUpgraded,
    LeadWon,
    MeetingChanged,
    OpportunityOpened,
    Placed,
    Worked,
)

Deed = Literal["touch", "meeting", "accept", "reject", "confirm", "opportunity", "won", "lost"]

CONTEXT = ("company", "country", "employees", "industry", "job_title", "segment", "campaign", "content")
"""What marketing may deliver with a lead beyond its grade; the agreement says which of it it promises."""


@dataclass(frozen=True, slots=True)
class Raised:
    """Scoring's word that the contact is a lead of this type from `at` on."""

    at: datetime
    lead_type: str
    fit: str
    source: str
    engagement: str
    captured_at: datetime
    segment: str | None = None
    prefers_at: datetime | None = None
    """When the contact asked to be called, if not at once."""
    lacks: str = ""
    """Which parts of the context were not delivered, by their names."""


@dataclass(frozen=True, slots=True)
class Place:
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
class End:
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
    raised: Mapping[str, Raised] = field(default_factory=dict)
    """By lead type of an upgrade; the qualification itself under the empty key."""
    places: Mapping[str, Place] = field(default_factory=dict)
    """By placement number."""
    acts: Mapping[str, Act] = field(default_factory=dict)
    """By action id."""
    ends: Mapping[str, End] = field(default_factory=dict)
    """By the kind of end and its instant."""


def learn(facts: Facts, event: object) -> Facts:
    """Add what an event says; an event that says nothing about a clock changes nothing."""
    match event:
        case LeadQualified() | LeadUpgraded():
            upgrade = str(event.lead_type) if isinstance(event, LeadUpgraded) else ""
            return replace(facts, raised={**facts.raised, upgrade: _raised(event)})
        case LeadQueued() | LeadAssigned():
            return replace(facts, places={**facts.places, str(event.placement): _placed(event)})
        case LeadReleased():
            out = Place(event.placement, event.occurred_at, released=True, team=event.team)
            return replace(facts, places={**facts.places, str(event.placement): out})
        case LeadRecycled() | LeadDisqualified():
            key = f"{event.ce_type} {event.occurred_at.isoformat()}"
            return replace(facts, ends={**facts.ends, key: End(event.occurred_at, event.by, event.reason)})
        case Worked():
            return replace(facts, acts={**facts.acts, str(event.action_id): _act(event)})
        case _:
            return facts


def _raised(event: LeadFacts) -> Raised:
    waits = event.preference in ("call_me", "not_now")
    return Raised(
        at=event.occurred_at,
        lead_type=event.lead_type,
        fit=event.fit,
        source=event.source,
        segment=event.segment,
        engagement=event.engagement,
        captured_at=event.captured_at,
        prefers_at=event.preferred_at if waits else None,
        lacks=" ".join(name for name in CONTEXT if getattr(event, name) is None),
    )


def _placed(event: Placed) -> Place:
    return Place(
        number=event.placement,
        at=event.occurred_at,
        released=False,
        rep_id=event.rep_id if isinstance(event, LeadAssigned) else None,
        team=event.team,
        lead_type=event.lead_type,
        fit=event.fit,
        source=event.source,
        segment=event.segment,
        captured_at=event.captured_at,
        handed_over_at=event.handed_over_at,
    )


_DEEDS: dict[type[Worked], Deed] = {
    LeadTouched: "touch",
    MeetingChanged: "meeting",
    LeadAccepted: "accept",
    LeadRejected: "reject",
    LeadConfirmed: "confirm",
    OpportunityOpened: "opportunity",
    LeadWon: "won",
    LeadLost: "lost",
}


def _act(event: Worked) -> Act:
    outcome = event.outcome if isinstance(event, LeadTouched | MeetingChanged) else None
    touch = event if isinstance(event, LeadTouched) else None
    return Act(
        event.occurred_at,
        _DEEDS[type(event)],
        event.by,
        touch is not None and touch.automated,
        outcome,
        touch.seconds if touch else None,
        event.starts_at if isinstance(event, MeetingChanged) else None,
    )


def pack(facts: Facts) -> dict[str, Any]:
    """Give the facts as what serialises to JSON: mappings of dataclasses and instants."""
    return {"raised": facts.raised, "places": facts.places, "acts": facts.acts, "ends": facts.ends}


def unpack(lead_id: UUID, contact_id: UUID, cycle: int, packed: Mapping[str, Any]) -> Facts:
    """Read facts from the JSON of what `pack` gave."""
    return Facts(
        lead_id,
        contact_id,
        cycle,
        raised={key: Raised(**_rich(part)) for key, part in packed["raised"].items()},
        places={key: Place(**_rich(part)) for key, part in packed["places"].items()},
        acts={key: Act(**_rich(part)) for key, part in packed["acts"].items()},
        ends={key: End(**_rich(part)) for key, part in packed["ends"].items()},
    )


_INSTANTS = ("at", "captured_at", "handed_over_at", "prefers_at", "until")


def _rich(part: Mapping[str, Any]) -> dict[str, Any]:
    instants = {name: datetime.fromisoformat(at) for name in _INSTANTS if (at := part.get(name)) is not None}
    return {**part, **instants}
