"""What happened to contacts, accounts and campaigns. Only `ContactProfile` carries direct identifiers."""

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from events.envelope import ContactEvent, Event
from events.parts import Instant, Part, Scalar

EmailKind = Literal["corporate", "free", "disposable", "role"]
TalkWhen = Literal["now", "after_event", "after_reading"]
Preference = Literal["book", "call_me", "not_now"]
SchedulingPreference = Literal["book", "call_me"]
ConsentState = Literal["granted", "pending", "withdrawn"]
AccountKind = Literal["prospect", "customer", "competitor", "partner", "own"]

FORM_TEST_ADDRESS = "form-test@baton.example"
"""Whoever fills in a form with it tests the form; `.example` is reserved (RFC 2606), so it is no person's."""


class Utm(Part, frozen=True, kw_only=True):
    """Campaign parameters of one touch, as the landing page saw them."""

    source: str | None = None
    medium: str | None = None
    campaign: str | None = None
    term: str | None = None
    content: str | None = None


class Consent(Part, frozen=True, kw_only=True):
    """One answer to one wording: granted or withdrawn."""

    purpose: str
    granted: bool
    """Whether it holds now: what waits for its confirmation does not."""
    wording_version: str
    at: Instant
    channel: str | None = None
    """None: whatever the purpose is served by."""
    form_version: str | None = None
    state: ConsentState | None = None


class ContactCaptured(ContactEvent, frozen=True, kw_only=True):
    """A contact did something that marketing wants to know: one engagement."""

    ce_type: ClassVar[str] = "contact.captured.v1"
    identity: ClassVar[tuple[str, ...]] = ("engagement_id",)

    engagement_id: UUID
    engagement: str
    source: str
    received_at: Instant
    content: str | None = None
    campaign: str | None = None
    utm: Utm | None = None
    email_domain: str | None = None
    email_kind: EmailKind | None = None
    company: str | None = None
    country: str | None = None
    region: str | None = None
    postal_code: str | None = None
    industry: str | None = None
    employees: int | None = None
    job_title: str | None = None
    preference: Preference | None = None
    preferred_at: Instant | None = None
    referrer: str | None = None
    """Never filled, since it may name the person; a field of `.v1` may not go."""
    talk_to_sales: bool = False
    talk_to_sales_when: TalkWhen | None = None
    facts: dict[str, Scalar] = {}
    consents: list[Consent] = []
    talk_to_sales_at: Instant | None = None
    """When a wish for a later talk is to be honoured; None: at once."""
    company_key: str | None = None
    """The company's name without case, accents, punctuation and legal form."""
    out_of_audience: list[str] = []
    """The facts that speak against this person as one whom marketing means to reach."""
    suppressed: list[str] = []
    """Channels by which this person must not be reached; `all` is every one."""
    content_stage: str | None = None
    """The buying stage that the content serves, by the catalogue of content."""
    content_title: str | None = None
    """Its title, by the same catalogue."""
    withheld: list[str] = []
    """The fields whose values stayed with capture, because they may name the person."""
    reachable: bool | None = None
    """Whether an e-mail or a phone is known; False of whoever is known by a badge alone. None: it was not said yet."""


class ContactProfile(ContactEvent, frozen=True, kw_only=True):
    """The current state of one contact: the only event with name, e-mail, phone and free text. Compacted."""

    ce_type: ClassVar[str] = "contact.profile.v1"
    identity: ClassVar[tuple[str, ...]] = ("contact_id", "revision")

    revision: int
    email: str | None = None
    email_kind: EmailKind | None = None
    phone: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    job_title: str | None = None
    country: str | None = None
    region: str | None = None
    postal_code: str | None = None
    industry: str | None = None
    employees: int | None = None
    referrer: str | None = None
    message: str | None = None
    """What they wrote last, in their own words."""
    consents: list[Consent] = []
    first_seen_at: Instant | None = None
    engagements: int = 0
    suppressed: list[str] = []
    """Channels by which this person must not be reached; `all` is every one."""


class ConsentChanged(ContactEvent, frozen=True, kw_only=True):
    """What a contact allows is another than before: their last answers, and the channels that are closed to them.

    Told where a refusal comes, changes or goes; a first answer that refuses nothing travels with its engagement.
    """

    ce_type: ClassVar[str] = "consent.changed.v1"
    identity: ClassVar[tuple[str, ...]] = ("contact_id", "revision")

    revision: int
    consents: list[Consent] = []
    suppressed: list[str] = []
    """Channels by which this person must not be reached; `all` is every one."""


class ContactPostponed(ContactEvent, frozen=True, kw_only=True):
    """A contact said: not now."""

    ce_type: ClassVar[str] = "contact.postponed.v1"
    identity: ClassVar[tuple[str, ...]] = ("engagement_id",)

    engagement_id: UUID
    preferred_at: Instant | None = None
    """When they asked to be spoken to instead."""


class ContactScheduled(ContactEvent, frozen=True, kw_only=True):
    """A contact said when they want to be called or to meet."""

    ce_type: ClassVar[str] = "contact.scheduled.v1"
    identity: ClassVar[tuple[str, ...]] = ("engagement_id",)

    engagement_id: UUID
    preference: SchedulingPreference
    preferred_at: Instant | None = None
    """The time that they named; None: at once."""


ContactPreferenceEvent = ConsentChanged | ContactPostponed | ContactScheduled
"""What a contact answers about being contacted, all on one topic."""


class ContactMerged(ContactEvent, frozen=True, kw_only=True):
    """Two contacts turned out to be one person. Published under both ids, so `contact_id` is either of them."""

    ce_type: ClassVar[str] = "contact.merged.v1"
    identity: ClassVar[tuple[str, ...]] = ("merge_id", "contact_id")

    merge_id: UUID
    survivor_id: UUID
    loser_id: UUID


class ContactUnmerged(ContactEvent, frozen=True, kw_only=True):
    """A merge was a mistake and is undone. Published under both ids."""

    ce_type: ClassVar[str] = "contact.unmerged.v1"
    identity: ClassVar[tuple[str, ...]] = ("merge_id", "contact_id")

    merge_id: UUID
    survivor_id: UUID
    loser_id: UUID


class ContactErased(ContactEvent, frozen=True, kw_only=True):
    """A person asked to be forgotten; every service erases and answers with a receipt."""

    ce_type: ClassVar[str] = "contact.erased.v1"
    identity: ClassVar[tuple[str, ...]] = ("erasure_id",)

    erasure_id: UUID

    def build_receipt(self, service: str, rows: int, at: datetime) -> "ErasureReceipt":
        """Return the receipt of a service that deleted so many rows about the contact."""
        return ErasureReceipt(
            occurred_at=at, contact_id=self.contact_id, erasure_id=self.erasure_id, service=service, rows=rows
        )


class ErasureReceipt(ContactEvent, frozen=True, kw_only=True):
    """One service has erased what it held about a contact."""

    ce_type: ClassVar[str] = "erasure.receipt.v1"
    identity: ClassVar[tuple[str, ...]] = ("erasure_id", "service")

    erasure_id: UUID
    service: str
    rows: int


class CampaignAnnounced(Event, frozen=True, kw_only=True):
    """Marketing tells sales what is about to run, before its leads arrive."""

    ce_type: ClassVar[str] = "campaign.announced.v1"
    identity: ClassVar[tuple[str, ...]] = ("campaign", "revision")

    campaign: str
    revision: int
    name: str
    starts_at: Instant | None = None
    ends_at: Instant | None = None
    brief: str | None = None
    content: list[str] = []
    spend: float | None = None
    content_titles: dict[str, str] = {}
    """The titles of its content, as far as the catalogue has them, by content."""

    @property
    def key(self) -> str:
        """Campaigns are ordered by themselves."""
        return self.campaign


class AccountChanged(Event, frozen=True, kw_only=True):
    """What is known of a company, by its registrable domain."""

    ce_type: ClassVar[str] = "account.changed.v1"
    identity: ClassVar[tuple[str, ...]] = ("domain", "revision")

    domain: str
    revision: int
    name: str | None = None
    kind: AccountKind = "prospect"
    owner: str | None = None
    parent: str | None = None
    aliases: list[str] = []
    open_opportunity: bool = False

    @property
    def key(self) -> str:
        """Accounts are ordered by their domain."""
        return self.domain


class PlaybookActivated(Event, frozen=True, kw_only=True):
    """A service decides by another version of its rules from now on."""

    ce_type: ClassVar[str] = "playbook.activated.v1"
    identity: ClassVar[tuple[str, ...]] = ("service", "version", "occurred_at")

    service: str
    version: str
    approvers: list[str] = []
    review_by: str | None = None
    promised_shares: dict[str, float] | None = None
    """How large a share of its promises sales promises to keep, by clock; None where a service has no promises."""

    @property
    def key(self) -> str:
        """Playbooks are ordered by the service they rule."""
        return self.service
