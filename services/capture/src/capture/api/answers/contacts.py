"""What is stored about a person, and what was done with it."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from capture.api.answers.submissions import QuarantinedSubmissionAnswer
from events.contacts import Consent, EmailKind
from events.parts import Scalar
from events.runtime.answers import ANOTHER_ID, EMPTY, EXAMPLE_ID, Answer, example, examples

_CONSENT = {
    "purpose": "marketing", "granted": True, "wording_version": "2026-01", "at": "2026-03-02T09:00:00Z",
    "channel": "email", "form_version": None, "state": "granted",
}  # fmt: skip
_LINK = f"1775034000000.{EXAMPLE_ID.replace('-', '')}.{'x' * 32}"
_PERSON = {
    "contact_id": EXAMPLE_ID, "revision": 1, "first_seen_at": "2026-03-02T09:00:00Z",
    "email": "ada@lovelace.example", "email_kind": "corporate", "phone": "+442079460000", "told": {},
    "engagement_count": 1, "current_consents": [], "merged": [], "engagements": [], "consents": [], "suppressed": [],
    "quarantined": [], "waiting_imports": [], "published": [], "parked": [], "keys": 1,
}  # fmt: skip


class ConsentsAnswer(Answer):
    """The current answer of each purpose and channel."""

    model_config: ClassVar[ConfigDict] = example({"consents": []}, contact_id=EXAMPLE_ID, consents=[_CONSENT])

    contact_id: UUID
    consents: list[Consent]


class MergeAnswer(Answer):
    """A merge: which contact stands for both."""

    model_config: ClassVar[ConfigDict] = example(
        {"survivor_id": ANOTHER_ID, "loser_id": EXAMPLE_ID},
        merge_id=EXAMPLE_ID,
        survivor_id=EXAMPLE_ID,
        loser_id=ANOTHER_ID,
    )

    merge_id: UUID
    survivor_id: UUID
    loser_id: UUID


class FormLinkAnswer(Answer):
    """A link that opens a form for one contact; `path` is at capture's address, and good until `expires_at`."""

    model_config: ClassVar[ConfigDict] = example(
        {"form": "contact", "path": f"/f/contact?form_link={_LINK}"},
        contact_id=EXAMPLE_ID,
        form="whitepaper",
        path=f"/f/whitepaper?form_link={_LINK}",
        expires_at="2026-04-01T09:00:00Z",
    )

    contact_id: UUID
    form: str
    path: str
    expires_at: datetime


class KeptApartAnswer(Answer):
    """Two contacts that are two people."""

    model_config: ClassVar[ConfigDict] = example(
        {"contact_id": ANOTHER_ID, "other_id": EXAMPLE_ID}, contact_id=EXAMPLE_ID, other_id=ANOTHER_ID
    )

    contact_id: UUID
    other_id: UUID


class ErasureStartedAnswer(Answer):
    """The erasure that was asked for."""

    model_config: ClassVar[ConfigDict] = example(
        {"erasure_id": ANOTHER_ID}, erasure_id=EXAMPLE_ID, contact_id=EXAMPLE_ID
    )

    erasure_id: UUID
    contact_id: UUID


class ErasureReceiptAnswer(Answer):
    """A service's receipt for an erasure."""

    service: str
    rows: int
    erased_at: datetime


class ErasureProgressAnswer(Answer):
    """An erasure: the receipts so far, and the services that have not answered."""

    model_config: ClassVar[ConfigDict] = example(
        {
            "receipts": [
                {"service": "capture", "rows": 4, "erased_at": "2026-03-02T09:00:00Z"},
                {"service": "feedback", "rows": 2, "erased_at": "2026-03-02T09:00:01Z"},
            ],
            "waiting_for": [], "complete": True,
        },
        erasure_id=EXAMPLE_ID, contact_id=EXAMPLE_ID, requested_at="2026-03-02T09:00:00Z",
        receipts=[{"service": "capture", "rows": 4, "erased_at": "2026-03-02T09:00:00Z"}],
        waiting_for=["feedback"], complete=False,
    )  # fmt: skip

    erasure_id: UUID
    contact_id: UUID
    requested_at: datetime
    receipts: list[ErasureReceiptAnswer]
    waiting_for: list[str]
    complete: bool


class StoredEngagementAnswer(Answer):
    """What somebody did, as they sent it."""

    engagement_id: UUID
    contact_id: UUID
    engagement: str
    source: str
    occurred_at: datetime
    received_at: datetime
    event_id: str | None
    content: str | None
    campaign: str | None
    utm: dict[str, str] | None
    referrer: str | None
    talk_to_sales: bool
    talk_to_sales_when: str | None
    preference: str | None
    preferred_at: datetime | None
    facts: dict[str, Scalar]
    out_of_audience: list[str]


class StoredConsentAnswer(Answer):
    """An answer that somebody gave to a question of consent."""

    contact_id: UUID
    purpose: str
    channel: str | None
    granted: bool
    state: str
    wording_version: str
    form_version: str | None
    at: datetime
    source: str
    received_at: datetime


class ClosedChannelAnswer(Answer):
    """A channel that is closed to somebody."""

    channel: str
    reason: str
    since: datetime


class WaitingImportRowAnswer(Answer):
    """A row of an import that waits for its release, as it was sent."""

    import_id: UUID
    row: int
    values: dict[str, Any] = Field(alias="told")


class PublishedEventAnswer(Answer):
    """What was published of somebody; `value` is as on the topic, null where it was erased there."""

    topic: str
    ce_id: UUID
    ce_type: str
    time: datetime
    value: dict[str, Any] | None


class ParkedRecordAnswer(Answer):
    """A record about somebody that could not be applied."""

    id: UUID
    topic: str
    reason: str
    parked_at: datetime


class ContactAnswer(BaseModel):
    """All that is stored about a person; what else their profile holds stands beside these fields."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="allow") | examples(
        _PERSON,
        _PERSON | {"revision": 2, "email": None, "email_kind": None, "told": {"company": "2026-03-02T09:00:00Z"}},
    )

    contact_id: UUID
    revision: int
    first_seen_at: datetime
    email: str | None
    email_kind: EmailKind | None
    phone: str | None
    fact_times: dict[str, datetime] = Field(alias="told")
    """When each fact was last sent."""
    engagement_count: int
    current_consents: list[Consent]
    merged: list[dict[str, Any]]
    """The profiles that were merged into this one."""
    engagements: list[StoredEngagementAnswer]
    consents: list[StoredConsentAnswer]
    suppressed: list[ClosedChannelAnswer]
    quarantined: list[QuarantinedSubmissionAnswer]
    waiting_imports: list[WaitingImportRowAnswer]
    published: list[PublishedEventAnswer]
    parked: list[ParkedRecordAnswer]
    keys: int


class ClosedChannelsAnswer(Answer):
    """The channels that are closed to somebody now."""

    model_config: ClassVar[ConfigDict] = example({"closed": []}, closed=["email"])

    closed: list[str]


class ComparedContactAnswer(Answer):
    """What is compared of a contact."""

    contact_id: UUID
    email: str | None
    email_domain: str | None
    email_kind: EmailKind | None
    phone: str | None
    first_name: str | None
    last_name: str | None
    company: str | None
    job_title: str | None
    country: str | None


class PossibleDuplicateAnswer(Answer):
    """Two contacts that may be one person, with what speaks for it and against it."""

    points: int
    """50 to 100: the more, the likelier."""
    people: list[ComparedContactAnswer]
    to_merge: list[str]
    to_keep_apart: list[str]


class PossibleDuplicatesPage(Answer):
    """A page of pairs that may be one person."""

    model_config: ClassVar[ConfigDict] = example(
        EMPTY,
        items=[
            {
                "points": 75,
                "people": [
                    {"contact_id": EXAMPLE_ID, "email": "ada.long@works.example", "email_domain": "works.example",
                     "email_kind": "corporate", "phone": None, "first_name": "Ada", "last_name": "Long",
                     "company": "Works Ltd", "job_title": None, "country": "GB"},
                    {"contact_id": "0b0b0b0b-0000-4000-8000-000000000002", "email": "ada.long@mail.example",
                     "email_domain": "mail.example", "email_kind": "free", "phone": "+442079460000",
                     "first_name": "Ada", "last_name": "Long", "company": None, "job_title": None, "country": "GB"},
                ],
                "to_merge": ["The same name", "The same address at two providers"],
                "to_keep_apart": [],
            }
        ],
        next=None,
    )  # fmt: skip

    items: list[PossibleDuplicateAnswer]
    next: str | None
