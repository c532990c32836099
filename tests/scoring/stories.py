"""Short ways to say what a contact did, for the tests of scoring."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import yaml

from events.contacts import ContactCaptured
from events.ids import lead_id
from events.leads import LeadDisqualified, LeadRecycled, LeadTouched, LeadWoken, LeadWon
from scoring.domain import Engagement, History, Turn, engagement_of, turn_of
from scoring.playbook import ScoringPlaybook

ROOT = Path(__file__).parents[2]
BOOK = ScoringPlaybook.model_validate(yaml.safe_load((ROOT / "deploy/playbook/scoring.yaml").read_text()))

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
    """Give an instant so many days after Monday morning."""
    return MONDAY + timedelta(days=number)


def captured(engagement: str, at: float = 0, *, contact: UUID = ANN, name: str = "", **values: Any) -> ContactCaptured:
    """Tell that a contact did something; what is said twice is one engagement unless `name` differs."""
    occurred_at = day(at)
    return ContactCaptured(
        contact_id=contact,
        engagement_id=uuid5(contact, f"{engagement} {at} {name}"),
        engagement=engagement,
        source=values.pop("source", "web_form"),
        occurred_at=occurred_at,
        received_at=values.pop("received_at", occurred_at),
        **values,
    )


def did(engagement: str, at: float = 0, **values: Any) -> Engagement:
    """Give the same as scoring keeps it."""
    return engagement_of(captured(engagement, at, **values))


def recycled(at: float, cycle: int = 1, reason: str = "not_ready", contact: UUID = ANN) -> LeadRecycled:
    """Tell that a lead went back to nurture."""
    return LeadRecycled(
        occurred_at=day(at), contact_id=contact, lead_id=lead_id(contact, cycle), cycle=cycle,
        playbook_version="v", reason=reason, by="rep-1",
    )  # fmt: skip


def disqualified(at: float, cycle: int = 1, contact: UUID = ANN) -> LeadDisqualified:
    """Tell that a lead was closed for good."""
    return LeadDisqualified(
        occurred_at=day(at), contact_id=contact, lead_id=lead_id(contact, cycle), cycle=cycle,
        playbook_version="v", reason="wrong_icp", by="rep-1",
    )  # fmt: skip


def woken(at: float, cycle: int = 1, contact: UUID = ANN) -> LeadWoken:
    """Tell that a nurtured contact's day has come."""
    return LeadWoken(
        occurred_at=day(at), contact_id=contact, lead_id=lead_id(contact, cycle), cycle=cycle,
        playbook_version="v", reason="not_ready",
    )  # fmt: skip


def won(at: float, cycle: int = 1, contact: UUID = ANN) -> LeadWon:
    """Tell that the deal was won."""
    return LeadWon(**_worked(at, cycle, contact, "won"))


def touched(at: float, cycle: int = 1, contact: UUID = ANN, **values: Any) -> LeadTouched:
    """Tell that a rep called."""
    return LeadTouched(**_worked(at, cycle, contact, "touched"), kind="call", outcome="no_answer", **values)


def _worked(at: float, cycle: int, contact: UUID, what: str) -> dict[str, Any]:
    lead = lead_id(contact, cycle)
    return {
        "occurred_at": day(at), "recorded_at": day(at), "contact_id": contact, "lead_id": lead,
        "cycle": cycle, "action_id": uuid5(lead, f"{what} {at}"), "by": "rep-1",
    }  # fmt: skip


def became(*events: Any) -> list[Turn]:
    """Give what scoring keeps of feedback's events."""
    return [turn for event in events if (turn := turn_of(event)) is not None]


def history(*parts: Engagement | Turn, accounts: dict[str, str] | None = None) -> History:
    """Put a history together."""
    made = History(ANN, accounts=accounts or {})
    add(made, parts)
    return made


def add(known: History, parts: Iterable[Engagement | Turn]) -> None:
    """Add to a history."""
    for part in parts:
        if isinstance(part, Turn):
            known.turned(part)
        else:
            known.engaged(part)
