"""Short ways to say what a contact did, for the tests of scoring."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import yaml

from events.contacts import ContactCaptured
from events.ids import derive_lead_id
from events.leads import (
    Bant,
    LeadConfirmed,
    LeadDisqualified,
    LeadLost,
    LeadRecycled,
    LeadTouched,
    LeadWoken,
    LeadWon,
    OpportunityOpened,
)
from scoring.domain import Engagement, History, LifecycleFact, capture_as_engagement, find_deciding_fact
from scoring.playbook import ScoringPlaybook

ROOT = Path(__file__).parents[2]
PLAYBOOK = ScoringPlaybook.model_validate(yaml.safe_load((ROOT / "deploy/playbook/scoring.yaml").read_text()))

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ANN = UUID("0a0a0a0a-0000-4000-8000-000000000001")

IDEAL: dict[str, Any] = {
    "employees": 200,
    "industry": "Software",
    "country": "DE",
    "job_title": "Head of Marketing",
    "email_kind": "corporate",
    "email_domain": "example.com",
}
"""A contact of grade A."""
MODEST: dict[str, Any] = {**IDEAL, "employees": 20, "industry": "Fishing"}
"""Grade B, without the industry and with a small company: 10 + 0 + 15 + 20 + 15 + 5 = 65."""
FAIR: dict[str, Any] = {**IDEAL, "employees": 20, "industry": "Fishing", "country": "ZZ"}
"""Grade C: 50."""
POOR: dict[str, Any] = {
    "employees": 3,
    "industry": "Fishing",
    "country": "ZZ",
    "job_title": "Cook",
    "email_kind": "free",
}
"""Grade D: 5."""


def day(number: float) -> datetime:
    """Return an instant so many days after Monday morning."""
    return MONDAY + timedelta(days=number)


def captured(engagement: str, at: float = 0, *, contact: UUID = ANN, name: str = "", **values: Any) -> ContactCaptured:
    """Return the event: a contact did something; what is said twice is one engagement unless `name` differs."""
    occurred_at = day(at)
    engagement_id = uuid5(contact, f"{engagement} {at} {name}")
    return ContactCaptured.read({
        "contact_id": contact, "engagement_id": engagement_id, "engagement": engagement, "source": "web_form",
        "occurred_at": occurred_at, "received_at": occurred_at, **values,
    })  # fmt: skip


def did(engagement: str, at: float = 0, **values: Any) -> Engagement:
    """Return the same as scoring keeps it."""
    return capture_as_engagement(captured(engagement, at, **values))


def recycled(at: float, cycle: int = 1, reason: str = "not_ready", contact: UUID = ANN) -> LeadRecycled:
    """Return the event: a lead went back to nurture."""
    return LeadRecycled(
        occurred_at=day(at), contact_id=contact, lead_id=derive_lead_id(contact, cycle), cycle=cycle,
        playbook_version="v", reason=reason, by="rep-1",
    )  # fmt: skip


def disqualified(at: float, cycle: int = 1, contact: UUID = ANN) -> LeadDisqualified:
    """Return the event: a lead was closed for good."""
    return LeadDisqualified(
        occurred_at=day(at), contact_id=contact, lead_id=derive_lead_id(contact, cycle), cycle=cycle,
        playbook_version="v", reason="wrong_icp", by="rep-1",
    )  # fmt: skip


def woken(at: float, cycle: int = 1, contact: UUID = ANN, reason: str = "not_ready") -> LeadWoken:
    """Return the event: a nurtured contact's day has come."""
    return LeadWoken(
        occurred_at=day(at), contact_id=contact, lead_id=derive_lead_id(contact, cycle), cycle=cycle,
        playbook_version="v", reason=reason,
    )  # fmt: skip


def won(at: float, cycle: int = 1, contact: UUID = ANN) -> LeadWon:
    """Return the event: the deal was won."""
    return LeadWon(**_worked(at, cycle, contact, "won"))


def touched(at: float, cycle: int = 1, contact: UUID = ANN, **values: Any) -> LeadTouched:
    """Return the event: a rep called."""
    return LeadTouched(**_worked(at, cycle, contact, "touched"), kind="call", outcome="no_answer", **values)


def confirmed(at: float, cycle: int = 1, contact: UUID = ANN, **bant: bool) -> LeadConfirmed:
    """Return the event: a rep confirmed the lead; each of BANT is a yes unless it is given."""
    answers = {"budget": True, "authority": True, "need": True, "timing": True} | bant
    return LeadConfirmed(**_worked(at, cycle, contact, "confirmed"), bant=Bant(**answers))


def opportunity(at: float, cycle: int = 1, contact: UUID = ANN) -> OpportunityOpened:
    """Return the event: a deal was opened."""
    return OpportunityOpened(**_worked(at, cycle, contact, "opportunity"))


def lost(at: float, cycle: int = 1, contact: UUID = ANN, reason: str = "no_budget") -> LeadLost:
    """Return the event: the deal was lost."""
    return LeadLost(**_worked(at, cycle, contact, "lost"), reason=reason)


def _worked(at: float, cycle: int, contact: UUID, what: str) -> dict[str, Any]:
    lead = derive_lead_id(contact, cycle)
    return {
        "occurred_at": day(at), "recorded_at": day(at), "contact_id": contact, "lead_id": lead,
        "cycle": cycle, "action_id": uuid5(lead, f"{what} {at}"), "by": "rep-1",
    }  # fmt: skip


def became(*events: Any) -> list[LifecycleFact]:
    """Return what scoring keeps of feedback's events."""
    return [fact for event in events if (fact := find_deciding_fact(event)) is not None]


def history(*parts: Engagement | LifecycleFact, accounts: dict[str, str] | None = None) -> History:
    """Put a history together."""
    made = History(ANN, accounts=accounts or {})
    add(made, parts)
    return made


def add(known: History, parts: Iterable[Engagement | LifecycleFact]) -> None:
    """Add to a history."""
    for part in parts:
        if isinstance(part, LifecycleFact):
            known.add_lifecycle_fact(part)
        else:
            known.add_engagement(part)


def playbook_with(**changes: Any) -> ScoringPlaybook:
    """Return the default playbook with some parts of the file in the place of its own."""
    body = yaml.safe_load((ROOT / "deploy/playbook/scoring.yaml").read_text())
    return ScoringPlaybook.model_validate(body | changes)


def merged(*histories: History) -> History:
    """Put contacts together as one person; the first is the survivor."""
    first, *others = histories
    whole = History(first.contact_id, accounts=first.accounts)
    whole.contact_ids = tuple(each.contact_id for each in histories)
    for each in (first, *others):
        whole.engagements |= each.engagements
        whole.lifecycle |= each.lifecycle
        for lead in each.leads.values():
            whole.put_lead(lead)
    return whole


RICH = playbook_with(
    fit={
        "unknown_share": 0.4,
        "grades": {"A": 75, "B": 55, "C": 35},
        "groups": {"company": 40},
        "criteria": [
            {
                "name": "employees", "fact": "employees", "kind": "steps", "group": "company",
                "steps": [{"from": 0, "points": 0}, {"from": 50, "points": 30}],
            },
            {"name": "place", "fact": "country", "kind": "any_of", "points": 20, "any_of": ["DE"], "group": "company"},
            {"name": "pilot", "fact": "facts.pilot", "kind": "any_of", "points": 5, "any_of": [True]},
            {
                "name": "interests", "fact": "facts.interests", "kind": "interests",
                "points": 4, "cap": 10, "any_of": ["crm", "Lead Scoring", "Événements"],
            },
            {
                "name": "persona", "kind": "persona",
                "personas": [
                    {
                        "name": "economic buyer", "points": 30,
                        "titles": {"seniority": ["director"], "function": ["marketing", "sales"]},
                        "facts": {"industry": ["software"]},
                    },
                    {"name": "user", "points": 12, "titles": {"function": ["marketing", "sales", "operations"]}},
                ],
            },
            {"name": "seats", "fact": "account.seats", "kind": "steps", "steps": [{"from": 5, "points": 10}]},
        ],
    },
    readiness={
        "levels": {1: 55, 2: 30, 3: 15},
        "cools_below": 5,
        "affirmative": ["yes", "ja"],
        "groups": {"web": 25},
        "worth": [
            {
                "name": "pricing_view", "engagements": ["pricing_view"], "points": 15, "cap": 30,
                "half_life_days": 14, "repeats": 2, "group": "web", "lead_type": "content",
            },
            {
                "name": "social", "engagements": ["social"], "points": 6, "cap": 60,
                "linear_days": 20, "period_days": 7, "period_cap": 9, "group": "web", "lead_type": "content",
            },
            {
                "name": "webinar_attended", "engagements": ["webinar_attended"], "points": 20, "cap": 60,
                "half_life_days": 30, "within_days": 45, "lead_type": "webinar",
            },
            {
                "name": "colleagues_invited", "engagements": ["colleagues_invited", "seats_added"],
                "points": 35, "cap": 70, "half_life_days": 21, "lead_type": "product",
            },
        ],
        "signals": [
            {
                "name": "urgency", "if_any_is": {"facts.timeframe": ["this quarter"]},
                "points": 15, "cap": 15, "half_life_days": 30, "lead_type": "content",
            },
            {
                "name": "budget", "if_any_says_yes": ["facts.budget*"],
                "points": 10, "cap": 10, "linear_days": 60, "lead_type": "content",
            },
        ],
    },
    motions={
        "enterprise": {
            "grades": {"A": 60, "B": 40, "C": 20},
            "levels": {1: 60, 2: 45, 3: 15},
            "matrix": {
                "A": {1: "hand_raiser", 2: "mql", 3: "mql", 4: "nurture"},
                "B": {1: "mql", 2: "mql", 3: "nurture", 4: "nurture"},
                "C": {1: "mql", 2: "nurture", 3: "nurture", 4: "nurture"},
                "D": {1: "nurture", 2: "nurture", 3: "poor_fit", 4: "poor_fit"},
            },
            "cools_below": 3,
        }
    },
    segments=[{"name": "enterprise", "from": 1000, "motion": "enterprise"}, {"name": "small", "from": 0}],
)  # fmt: skip
"""A playbook that uses whatever a playbook may say."""
