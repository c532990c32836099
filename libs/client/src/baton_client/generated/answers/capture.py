"""What capture answers. Written by `make docs`."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from baton_client.model import Model
from pydantic import ConfigDict


class AccountAnswer(Model):
    """A company, by its registrable domain."""

    domain: str
    revision: int
    name: str | None
    kind: Literal["prospect", "customer", "competitor", "partner", "own"]
    owner: str | None
    parent: str | None
    aliases: list[str]
    open_opportunity: bool


class BatchItemAnswer(Model):
    """The answer to one of many submissions: whose it is, or why it was rejected."""

    index: int
    status: Literal["accepted", "duplicate", "rejected"]
    contact_id: UUID | None = None
    engagement_id: UUID | None = None
    problem: dict[str, Any] | None = None
    no_address: bool | None = None


class BatchLineAnswer(Model):
    """A line of the answer to a stream: the answer to one submission, or, in the last line, the counts."""

    index: int | None = None
    status: Literal["accepted", "duplicate", "rejected"] | None = None
    contact_id: UUID | None = None
    engagement_id: UUID | None = None
    problem: dict[str, Any] | None = None
    no_address: bool | None = None
    accepted: int | None = None
    duplicates: int | None = None
    rejected: int | None = None


class CampaignAnswer(Model):
    """A campaign."""

    campaign: str
    revision: int
    name: str
    starts_at: datetime | None
    ends_at: datetime | None
    brief: str | None
    content: list[str]
    spend: float | None


class CampaignNameAnswer(Model):
    """What a campaign is called: by us, and in words."""

    campaign: str
    name: str


class CampaignNamesAnswer(Model):
    """The campaigns that have not ended, the latest first."""

    items: list[CampaignNameAnswer]


class ClosedChannelAnswer(Model):
    """A channel that is closed to somebody."""

    channel: str
    reason: str
    since: datetime


class ClosedChannelsAnswer(Model):
    """The channels that are closed to somebody now."""

    closed: list[str]


class ColumnPreviewAnswer(Model):
    """A column: the field that it was taken for, some of its values, and how many of its cells do not fit."""

    column: str
    field: str | None
    samples: list[str]
    unfit: int


class ComparedContactAnswer(Model):
    """What is compared of a contact."""

    contact_id: UUID
    email: str | None
    email_domain: str | None
    email_kind: Literal["corporate", "free", "disposable", "role"] | None
    phone: str | None
    first_name: str | None
    last_name: str | None
    company: str | None
    job_title: str | None
    country: str | None


class Consent(Model):
    """One answer to one wording: granted or withdrawn."""

    purpose: str
    granted: bool
    wording_version: str
    at: datetime
    channel: str | None = None
    form_version: str | None = None
    state: Literal["granted", "pending", "withdrawn"] | None = None


class ConsentsAnswer(Model):
    """The current answer of each purpose and channel."""

    contact_id: UUID
    consents: list[Consent]


class ContentAnswer(Model):
    """An entry of the content catalogue."""

    content: str
    title: str
    url: str | None
    stage: str | None
    topic: str | None
    persona: str | None


class EndedPairingAnswer(Model):
    """Since when a link, or a device's key, is worthless."""

    pairing_id: UUID
    ended_at: datetime


class ErasureReceiptAnswer(Model):
    """A service's receipt for an erasure."""

    service: str
    rows: int
    erased_at: datetime


class ErasureStartedAnswer(Model):
    """The erasure that was asked for."""

    erasure_id: UUID
    contact_id: UUID


class FormKeyAnswer(Model):
    """A public key of a form, without its secret."""

    key_id: str
    label: str
    origins: list[str]
    created_at: datetime
    last_used_at: datetime | None


class FormLinkAnswer(Model):
    """A link that opens a form for one contact; `path` is at capture's address, and good until `expires_at`."""

    contact_id: UUID
    form: str
    path: str
    expires_at: datetime


class FormPreviewAnswer(Model):
    """A form as visitors see it, in one language: its HTML, and the style sheet that it is drawn with."""

    title: str
    language: str
    html: str
    css: str


class FormQuestionAnswer(Model):
    """What a form asks of everybody."""

    name: str
    kind: str | None
    required: bool
    options: list[str]


class FurtherTablePreviewAnswer(Model):
    """What the columns of a further table were taken for."""

    mapping: dict[str, str]
    unmapped: list[str]
    dates: str | None
    columns: list[ColumnPreviewAnswer]


class ImportFileAnswer(Model):
    """What a file is and what became of its lines; without fields as long as it is read."""

    encoding: str | None = None
    separator: str | None = None
    header_line: int | None = None
    lines: int | None = None
    lines_above: int | None = None
    lines_blank: int | None = None
    lines_joined: int | None = None
    unmapped: list[str] | None = None


class KeptApartAnswer(Model):
    """Two contacts that are two people."""

    contact_id: UUID
    other_id: UUID


class MergeAnswer(Model):
    """A merge: which contact stands for both."""

    merge_id: UUID
    survivor_id: UUID
    loser_id: UUID


class MonthlyUseAnswer(Model):
    """How many people used the product in a month: active, new in it, and all so far."""

    month: str
    active: int
    new: int
    total: int


class NewPairingAnswer(Model):
    """A link that makes one phone a scanner; its code is shown this once."""

    pairing_id: UUID
    code: str
    path: str
    expires_at: datetime


class NewSenderKeyAnswer(Model):
    """A new key of a form, a webhook or a sender, shown this once."""

    key_id: str
    key: str


class PairedScannerAnswer(Model):
    """For which event a device scans now, and what it is called."""

    event: str
    label: str


class ParkedRecordAnswer(Model):
    """A record about somebody that could not be applied."""

    id: UUID
    topic: str
    reason: str
    parked_at: datetime


class PossibleDuplicateAnswer(Model):
    """Two contacts that may be one person, with what speaks for it and against it."""

    points: int
    people: list[ComparedContactAnswer]
    to_merge: list[str]
    to_keep_apart: list[str]


class PossibleDuplicatesPage(Model):
    """A page of pairs that may be one person."""

    items: list[PossibleDuplicateAnswer]
    next: str | None


class PublishedEventAnswer(Model):
    """What was published of somebody; `value` is as on the topic, null where it was erased there."""

    topic: str
    ce_id: UUID
    ce_type: str
    time: datetime
    value: dict[str, Any] | None


class PutAsideCellsAnswer(Model):
    """How many cells of a field were not taken as they stood, and why."""

    field: str
    code: str
    cells: int
    reason: str


class QuarantinedSubmissionAnswer(Model):
    """A submission in quarantine, or what became of it."""

    quarantine_id: UUID
    received_at: datetime
    reason: str
    form: str
    submission: dict[str, Any] | None
    state: Literal["held", "released", "discarded"]
    settled_at: datetime | None
    settled_by: str | None
    answer: dict[str, Any] | None


class RefusedRowAnswer(Model):
    """A row that would be refused, its number in the file, and why."""

    row: int
    field: str
    code: str
    reason: str


class SampleRowAnswer(Model):
    """A row that would be taken, and its number in the file."""

    row: int
    values: dict[str, Any]


class SavedMappingAnswer(Model):
    """What is asked of a kind of list each time it comes."""

    name: str
    mapping: dict[str, str | None]
    source: str | None
    engagement: str | None
    campaign: str | None
    country: str | None
    dates: str | None
    time_zone: str | None


class SavedMappingsAnswer(Model):
    """All saved mappings."""

    items: list[SavedMappingAnswer]


class ScannerPairingAnswer(Model):
    """A link that nobody opened yet, or the device that was paired by it."""

    pairing_id: UUID
    event: str
    label: str
    state: Literal["open", "paired", "ended"]
    created_at: datetime
    created_by: str
    expires_at: datetime
    paired_at: datetime | None
    key_id: str | None
    last_used_at: datetime | None
    ended_at: datetime | None
    ended_by: str | None


class ScannerPairingsAnswer(Model):
    """Links that still hold and paired devices, the newest first."""

    items: list[ScannerPairingAnswer]


class SettledSubmissionAnswer(Model):
    """What became of a quarantined submission, and whose it is where it was released."""

    state: Literal["released", "discarded"]
    contact_id: UUID | None = None
    engagement_id: UUID | None = None
    status: Literal["accepted", "duplicate"] | None = None


class StoredConsentAnswer(Model):
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


class StoredEngagementAnswer(Model):
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
    facts: dict[str, str | int | float | bool | None]
    out_of_audience: list[str]


class SubmissionAnswer(Model):
    """Whose a submission is, and whether it is a repeat of an earlier one."""

    contact_id: UUID
    engagement_id: UUID
    status: Literal["accepted", "duplicate"]


class WaitingImportRowAnswer(Model):
    """A row of an import that waits for its release, as it was sent."""

    import_id: UUID
    row: int
    told: dict[str, Any]


class AccountWithUseAnswer(Model):
    """A company with its subsidiaries and the use of the product by all of them."""

    domain: str
    revision: int
    name: str | None
    kind: Literal["prospect", "customer", "competitor", "partner", "own"]
    owner: str | None
    parent: str | None
    aliases: list[str]
    open_opportunity: bool
    subsidiaries: list[str]
    users: list[MonthlyUseAnswer]


class BatchAnswer(Model):
    """How many submissions were accepted, repeated and rejected, and the answer to each."""

    accepted: int
    duplicates: int
    rejected: int
    items: list[BatchItemAnswer]


class ContactAnswer(Model):
    """All that is stored about a person; what else their profile holds stands beside these fields."""

    model_config = ConfigDict(
        extra="allow",
    )
    contact_id: UUID
    revision: int
    first_seen_at: datetime
    email: str | None
    email_kind: Literal["corporate", "free", "disposable", "role"] | None
    phone: str | None
    told: dict[str, datetime]
    engagement_count: int
    current_consents: list[Consent]
    merged: list[dict[str, Any]]
    engagements: list[StoredEngagementAnswer]
    consents: list[StoredConsentAnswer]
    suppressed: list[ClosedChannelAnswer]
    quarantined: list[QuarantinedSubmissionAnswer]
    waiting_imports: list[WaitingImportRowAnswer]
    published: list[PublishedEventAnswer]
    parked: list[ParkedRecordAnswer]
    keys: int


class ErasureProgressAnswer(Model):
    """An erasure: the receipts so far, and the services that have not answered."""

    erasure_id: UUID
    contact_id: UUID
    requested_at: datetime
    receipts: list[ErasureReceiptAnswer]
    waiting_for: list[str]
    complete: bool


class FormAnswer(Model):
    """A form of the playbook in force."""

    form: str
    title: str
    languages: list[str]
    engagement: str
    source: str
    campaign: str | None
    content: str | None
    questions: list[FormQuestionAnswer]
    keys: list[FormKeyAnswer]


class FormTestAnswer(Model):
    """A form that was filled in as a test, and what would have been published of it."""

    test_id: UUID
    form: str
    received_at: datetime
    key_id: str | None
    origin: str | None
    language: str
    suspicion: str | None
    captured: dict[str, Any]


class FormTestsAnswer(Model):
    """The tests of a form, the newest first."""

    items: list[FormTestAnswer]


class FormsAnswer(Model):
    """The forms of the playbook in force."""

    items: list[FormAnswer]


class ImportPreviewAnswer(Model):
    """What an import would make of a file; nothing of it was stored."""

    good: int
    bad: int
    file: ImportFileAnswer
    mapping: dict[str, str]
    unmapped: list[str]
    dates: str | None
    columns: list[ColumnPreviewAnswer]
    further_tables: list[FurtherTablePreviewAnswer]
    put_aside: list[PutAsideCellsAnswer]
    sample: list[SampleRowAnswer]
    rejected: list[RefusedRowAnswer]


class ImportProgressAnswer(Model):
    """How far an import is."""

    import_id: UUID
    state: Literal["reading", "releasing", "done", "broken_off"]
    sent_by: str
    begun_at: datetime
    ended_at: datetime | None
    header: list[str]
    mapping: dict[str, str]
    per_day: int | None
    rows: int
    accepted: int
    duplicates: int
    rejected: int
    waiting: int
    file: ImportFileAnswer
    put_aside: list[PutAsideCellsAnswer]


class ImportsPage(Model):
    """Imports, the latest first."""

    items: list[ImportProgressAnswer]
    next: str | None


class QuarantinePage(Model):
    """Submissions in quarantine, newest first."""

    items: list[QuarantinedSubmissionAnswer]
    next: str | None
