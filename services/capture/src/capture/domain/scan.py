"""Scans of badges, and the lists that tell who wore them: each comes to a submission like any other."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field, Strict, StrictBool, StringConstraints
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from capture.domain.badge_fields import LONGEST_ID, Badge
from capture.domain.badges import LONGEST_BADGE, read_badge
from capture.domain.submission import Consents, Facts, StrictModel, Submission
from capture.domain.text import Line, Text, Title
from events.moments import Moment
from events.names import CODE
from events.parts import Scalar

SOURCE = "event_scan"
LISTED = "event_registered"

Event = Annotated[str, Strict(), StringConstraints(pattern=CODE)]
"""The event's name, the same as its campaign's."""


def _check_badge_text(text: str) -> str:
    if not text.strip():
        raise PydanticCustomError("badge_empty", "Nothing was read.")
    if "\0" in text:
        raise PydanticCustomError("control_character", "A badge holds no NUL.")
    return text


BadgeText = Annotated[str, Strict(), StringConstraints(max_length=LONGEST_BADGE), AfterValidator(_check_badge_text)]
"""What a scanner read, with all that it adds."""


@dataclass(frozen=True, slots=True)
class ScannedSubmission:
    """A submission that came from a badge, `<event>:<id>` where the badge has an id."""

    submission: Submission
    badge: str | None
    sent_at: datetime | None = None


_SCAN: JsonDict = {
    "scan_id": "5f0c2f0e-7a52-5d0a-9a55-0c2f6f9c1d11",
    "event": "expo",
    "scanned_by": "inbound-1",
    "occurred_at": "2026-03-02T09:00:00Z",
}


class BadgeScan(StrictModel):
    """One badge, read once by one person of ours; it may arrive days later."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                _SCAN | {"badge": "10042", "rating": 5, "notes": "met at the booth", "talk_to_sales": True},
                _SCAN
                | {"badge": "MECARD:N:Lovelace,Ada;EMAIL:ada@lovelace.example;;", "sent_at": "2026-03-02T18:00:00Z"},
            ]
        }
    )

    scan_id: Title
    event: Event
    badge: BadgeText
    scanned_by: Title
    occurred_at: Moment
    sent_at: Moment | None = None
    """What the scanner's clock says while it sends: how far it is off is taken out of `occurred_at`."""
    rating: Annotated[int, Strict(), Field(ge=0, le=100)] | Line | None = None
    """Stars, or a word."""
    notes: Text | None = None
    answers: Facts = Field(default_factory=dict)
    talk_to_sales: StrictBool = False
    consent: Consents | None = None

    def as_submission(self) -> ScannedSubmission:
        """Return the scan as a submission; the text of the badge is kept as a fact, to be read again.

        Whoever wears a badge as all others do is somebody of their own at each scan.
        """
        badge = read_badge(self.badge)
        values = {"scanned_by": self.scanned_by, "rating": self.rating, "notes": self.notes, "badge": self.badge}
        submission = _badge_to_submission(
            badge,
            engagement=None,
            campaign=self.event,
            talk_to_sales=self.talk_to_sales,
            occurred_at=self.occurred_at,
            consent=self.consent,
            facts={**self.answers, **{name: value for name, value in values.items() if value is not None}},
            event_id=f"{self.event}|{self.scanned_by}|{self.scan_id}",
        )
        is_named = badge.email or badge.phone or badge.reference
        own = hashlib.blake2b(f"{self.scanned_by}|{self.scan_id}".encode(), digest_size=16).hexdigest()
        return ScannedSubmission(
            submission, badge_name_at_event(self.event, badge.reference if is_named else own), self.sent_at
        )


class ListedAttendee(Submission):
    """Who wore a badge, as the organiser's list says."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"event": "expo", "badge": "10042", "email": "ada@lovelace.example", "company": "Lovelace Ltd"},
                {"event": "expo", "badge": "10043", "phone": "+442079460000"},
            ]
        }
    )

    event: Event
    badge: Annotated[str, Strict(), StringConstraints(max_length=LONGEST_ID), AfterValidator(_check_badge_text)]

    def as_submission(self) -> ScannedSubmission:
        """Return the line as a submission that bears the badge: whoever was scanned under it is this person."""
        values = {name: getattr(self, name) for name in Submission.model_fields}
        event_id = self.event_id or f"{self.event}|{self.badge}|{self.email.canonical if self.email else self.phone}"
        values |= {"source": self.source or SOURCE, "engagement": self.engagement or LISTED, "event_id": event_id}
        values["campaign"] = self.campaign or self.event
        return ScannedSubmission(
            Submission.model_construct(**values), badge_name_at_event(self.event, read_badge(self.badge).reference)
        )


def badge_name_at_event(event: str, reference: str | None) -> str | None:
    """Return the name under which the badge of an event is known, None where it has no id."""
    return None if reference is None else f"{event}:{reference}"


def _badge_to_submission(badge: Badge, *, facts: dict[str, Scalar], **values: Any) -> Submission:
    names = ("email", "phone", "first_name", "last_name", "company", "job_title", "country")
    return Submission.model_construct(
        source=SOURCE, facts=facts, **{name: getattr(badge, name) for name in names}, **values
    )
