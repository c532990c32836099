"""The events of one lead, as the contract has them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from events import ids
from events.contacts import Preference
from events.leads import (
    Bant,
    LeadAccepted,
    LeadAssigned,
    LeadConfirmed,
    LeadDisqualified,
    LeadLost,
    LeadQualified,
    LeadQueued,
    LeadRecycled,
    LeadRejected,
    LeadReleased,
    LeadScheduled,
    LeadTouched,
    LeadType,
    LeadUpgraded,
    LeadWon,
    MeetingChanged,
    MeetingOutcome,
    OpportunityOpened,
)

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""Nine in the morning, as the office opens."""

SPACE = UUID("00000000-0000-0000-0000-0000000000aa")


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def days(number: float) -> timedelta:
    return timedelta(days=number)


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


@dataclass
class Story:
    """One lead, captured at `start`."""

    lead_type: LeadType = "content"
    fit: str = "A"
    source: str = "web_form"
    start: datetime = MONDAY
    name: str = "somebody"
    cycle: int = 1
    acts: int = field(default=0, init=False)

    @property
    def contact_id(self) -> UUID:
        return uuid5(SPACE, self.name)

    @property
    def lead_id(self) -> UUID:
        return ids.derive_lead_id(self.contact_id, self.cycle)

    @property
    def who(self) -> dict[str, Any]:
        return {"contact_id": self.contact_id, "lead_id": self.lead_id, "cycle": self.cycle}

    def clock_id(self, clock: str, run: int = 1) -> UUID:
        return ids.derive_clock_id(self.lead_id, clock, run)

    def _scored(self, at: datetime, **extra: Any) -> dict[str, Any]:
        given = {
            **self.who,
            "occurred_at": at,
            "playbook_version": "scoring",
            "lead_type": self.lead_type,
            "outcome": "mql",
            "fit": self.fit,
            "fit_points": 80.0,
            "fit_evidence": [],
            "readiness": 1,
            "readiness_points": 60.0,
            "readiness_evidence": [],
            "captured_at": at,
            "source": self.source,
            "engagement_id": uuid5(self.contact_id, "engagement"),
            "engagement": "content_download",
        }
        return given | extra

    def qualified(self, **extra: Any) -> LeadQualified:
        return LeadQualified.read(self._scored(self.start, **extra))

    def upgraded(self, at: datetime, lead_type: LeadType = "hand_raiser", **extra: Any) -> LeadUpgraded:
        return LeadUpgraded.read(self._scored(at, lead_type=lead_type, **extra))

    def _placed(self, at: datetime, number: int, extra: dict[str, Any]) -> dict[str, Any]:
        given = {
            **self.who,
            "occurred_at": at,
            "playbook_version": "routing",
            "placement": number,
            "lead_type": self.lead_type,
            "fit": self.fit,
            "source": self.source,
            "captured_at": self.start,
            "handed_over_at": self.start,
            "team": "inbound",
            "reason": "told so",
        }
        return given | extra

    def queued(self, at: datetime | None = None, number: int = 1, **extra: Any) -> LeadQueued:
        return LeadQueued(**self._placed(at or self.start, number, extra), position=1)

    def assigned(self, rep_id: str = "ann", at: datetime | None = None, number: int = 1, **extra: Any) -> LeadAssigned:
        return LeadAssigned(**self._placed(at or self.start, number, extra), rep_id=rep_id, role="bdr")

    def released(self, at: datetime, number: int = 2) -> LeadReleased:
        given: dict[str, Any] = {
            "occurred_at": at,
            "playbook_version": "routing",
            "placement": number,
            "reason": "cooled",
        }
        return LeadReleased(**self.who, **given)

    def scheduled(self, at: datetime, until: datetime | None, preference: Preference = "call_me") -> LeadScheduled:
        asked = uuid5(self.contact_id, f"asked {at} {until}")
        return LeadScheduled(**self.who, occurred_at=at, engagement_id=asked, preference=preference, preferred_at=until)

    def _worked(self, at: datetime, by: str) -> dict[str, Any]:
        self.acts += 1
        action_id = uuid5(self.lead_id, str(self.acts))
        return {**self.who, "occurred_at": at, "recorded_at": at, "action_id": action_id, "by": by}

    def touched(self, at: datetime, by: str = "ann", *, automated: bool = False) -> LeadTouched:
        return LeadTouched(**self._worked(at, by), kind="call", outcome="no_answer", automated=automated)

    def accepted(self, at: datetime, by: str = "ann") -> LeadAccepted:
        return LeadAccepted(**self._worked(at, by))

    def rejected(self, at: datetime, by: str = "ann") -> LeadRejected:
        return LeadRejected(**self._worked(at, by), reason="wrong_territory")

    def confirmed(self, at: datetime, by: str = "ann") -> LeadConfirmed:
        bant = Bant(budget=True, authority=True, need=True, timing=True)
        return LeadConfirmed(**self._worked(at, by), bant=bant)

    def meeting(self, at: datetime, outcome: MeetingOutcome = "booked", by: str = "ann") -> MeetingChanged:
        return MeetingChanged(**self._worked(at, by), outcome=outcome, starts_at=at + days(2))

    def opportunity(self, at: datetime, by: str = "ann") -> OpportunityOpened:
        return OpportunityOpened(**self._worked(at, by))

    def won(self, at: datetime, by: str = "ann") -> LeadWon:
        return LeadWon(**self._worked(at, by))

    def lost(self, at: datetime, by: str = "ann") -> LeadLost:
        return LeadLost(**self._worked(at, by), reason="no_budget")

    def recycled(self, at: datetime, reason: str = "not_ready") -> LeadRecycled:
        given: dict[str, Any] = {"occurred_at": at, "playbook_version": "feedback", "reason": reason, "by": "ann"}
        return LeadRecycled(**self.who, **given)

    def disqualified(self, at: datetime) -> LeadDisqualified:
        given: dict[str, Any] = {"occurred_at": at, "playbook_version": "feedback", "reason": "wrong_icp", "by": "ann"}
        return LeadDisqualified(**self.who, **given)
