"""The events that other services publish of a contact and its leads."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import UUID, uuid5

from events import ids
from events.contacts import ContactCaptured, ContactErased, ContactMerged, ContactUnmerged
from events.leads import LeadAssigned, LeadQualified, LeadQueued, LeadReleased, LeadUpgraded
from events.sla import ClockBreached, ClockEscalated, ClockMet, ClockWarned, ReviewOpened

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SPACE = UUID("00000000-0000-0000-0000-0000000000fb")


def days(number: float) -> timedelta:
    return timedelta(days=number)


@dataclass(frozen=True)
class LeadStory:
    """One contact, from `start` on; `cycle` is the one of the events."""

    name: str = "somebody"
    cycle: int = 1
    start: datetime = MONDAY

    @property
    def contact_id(self) -> UUID:
        return uuid5(SPACE, self.name)

    @property
    def lead_id(self) -> UUID:
        return ids.derive_lead_id(self.contact_id, self.cycle)

    @property
    def who(self) -> dict[str, Any]:
        return {"contact_id": self.contact_id, "lead_id": self.lead_id, "cycle": self.cycle}

    def captured(
        self, at: datetime | None = None, engagement: str = "content_download", **extra: Any
    ) -> ContactCaptured:
        at = at or self.start
        given = {"source": "web_form", "received_at": at, "engagement_id": uuid5(self.contact_id, f"{engagement} {at}")}
        who = {"contact_id": self.contact_id, "occurred_at": at, "engagement": engagement}
        return ContactCaptured.read({**who, **given, **extra})

    def _scored(self, at: datetime, extra: dict[str, Any]) -> dict[str, Any]:
        given = {
            **self.who,
            "occurred_at": at,
            "playbook_version": "scoring-1",
            "lead_type": "content",
            "outcome": "mql",
            "fit": "A",
            "fit_points": 80.0,
            "fit_evidence": [{"criterion": "employees", "points": 25, "value": 200}],
            "readiness": 2,
            "readiness_points": 35.0,
            "readiness_evidence": [{"criterion": "trial_started", "points": 35}],
            "captured_at": at,
            "source": "web_form",
            "campaign": "spring",
            "engagement_id": uuid5(self.contact_id, f"opened {self.cycle}"),
            "engagement": "trial_started",
            "email_domain": "customer.example",
            "segment": "midmarket",
        }
        return given | extra

    def qualified(self, at: datetime | None = None, **extra: Any) -> LeadQualified:
        return LeadQualified.read(self._scored(at or self.start, extra))

    def upgraded(self, at: datetime, **extra: Any) -> LeadUpgraded:
        return LeadUpgraded.read(self._scored(at, {"lead_type": "hand_raiser", "fit": "B", **extra}))

    def _placed(self, at: datetime, number: int, extra: dict[str, Any]) -> dict[str, Any]:
        given = {
            **self.who,
            "occurred_at": at,
            "playbook_version": "routing-1",
            "placement": number,
            "lead_type": "content",
            "fit": "A",
            "source": "web_form",
            "captured_at": self.start,
            "handed_over_at": self.start,
            "team": "development",
            "queue": "development",
            "reason": "rule",
        }
        return given | extra

    def queued(self, at: datetime | None = None, number: int = 1, **extra: Any) -> LeadQueued:
        return LeadQueued(**self._placed(at or self.start, number, extra), position=1)

    def assigned(
        self,
        rep_id: str = "ann",
        at: datetime | None = None,
        number: int = 1,
        role: Literal["bdr", "ae", "am"] = "bdr",
        **extra: Any,
    ) -> LeadAssigned:
        return LeadAssigned(**self._placed(at or self.start, number, extra), rep_id=rep_id, role=role)

    def released(self, at: datetime, number: int = 2, reason: str = "cooled", **extra: Any) -> LeadReleased:
        given: dict[str, Any] = {
            "occurred_at": at,
            "playbook_version": "routing-1",
            "placement": number,
            "reason": reason,
        }
        return LeadReleased(**self.who, **given, **extra)

    def flagged(self, at: datetime, clock: str) -> dict[str, Any]:
        given = {
            "occurred_at": at,
            "playbook_version": "sla-1",
            "clock_id": ids.derive_clock_id(self.lead_id, clock),
            "clock": clock,
            "policy": "usual",
            "started_at": self.start,
        }
        return {**self.who, **given}

    def warned(self, at: datetime) -> ClockWarned:
        return ClockWarned(**self.flagged(at, "first_touch"))

    def review_opened(self, at: datetime) -> ReviewOpened:
        return ReviewOpened(**self.flagged(at, "review"))

    def review_met(self, at: datetime) -> ClockMet:
        return ClockMet(**self.flagged(at, "review"), met_at=at)

    def review_missed(self, at: datetime) -> ClockBreached:
        return ClockBreached(**self.flagged(at, "review"))

    def escalated(self, at: datetime, reason: str = "no_outcome") -> ClockEscalated:
        return ClockEscalated(**self.flagged(at, "review"), step=1, action="recycle", reason=reason)

    def merged(self, into: "LeadStory", at: datetime) -> tuple[ContactMerged, ContactMerged]:
        """This contact turned out to be another: published under both ids."""
        return tuple(ContactMerged(**each) for each in self._merge(into, at))  # type: ignore[return-value]

    def unmerged(self, of: "LeadStory", at: datetime) -> tuple[ContactUnmerged, ContactUnmerged]:
        """And turned out not to be."""
        return tuple(ContactUnmerged(**each) for each in self._merge(of, at))  # type: ignore[return-value]

    def _merge(self, into: "LeadStory", at: datetime) -> list[dict[str, Any]]:
        both = {"survivor_id": into.contact_id, "loser_id": self.contact_id, "occurred_at": at}
        merge = {"merge_id": uuid5(self.contact_id, f"is {into.contact_id}"), **both}
        return [{"contact_id": each, **merge} for each in (self.contact_id, into.contact_id)]

    def erased(self, at: datetime) -> ContactErased:
        return ContactErased(contact_id=self.contact_id, occurred_at=at, erasure_id=uuid5(self.contact_id, "erasure"))
