"""What capture is sent. Written by `make docs`."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, NotRequired, TypedDict


class AccountBody(TypedDict):
    """What is known of a company; what is left out is unknown again."""

    name: NotRequired[str | None]
    kind: NotRequired[Literal["prospect", "customer", "competitor", "partner", "own"]]
    owner: NotRequired[str | None]
    parent: NotRequired[str | None]
    aliases: NotRequired[list[str]]
    open_opportunity: NotRequired[bool]


class ConsentBody(TypedDict):
    """One answer to one wording. Only a JSON `true` is a yes."""

    purpose: str
    granted: bool
    wording_version: str
    at: NotRequired[datetime | None]
    channel: NotRequired[str | None]
    form_version: NotRequired[str | None]
    confirmed: NotRequired[bool]


class BadgeScan(TypedDict):
    """One badge, read once by one person of ours; it may arrive days later."""

    scan_id: str
    event: str
    badge: str
    scanned_by: str
    occurred_at: datetime
    sent_at: NotRequired[datetime | None]
    rating: NotRequired[int | str | None]
    notes: NotRequired[str | None]
    answers: NotRequired[dict[str, Any]]
    talk_to_sales: NotRequired[bool]
    consent: NotRequired[list[ConsentBody] | None]


class CampaignBody(TypedDict):
    """What marketing runs; published before its leads arrive."""

    name: str
    starts_at: NotRequired[datetime | None]
    ends_at: NotRequired[datetime | None]
    brief: NotRequired[str | None]
    content: NotRequired[list[str]]
    spend: NotRequired[float | None]


class ContentBody(TypedDict):
    """A piece of content: what an opener and a suggestion draw on."""

    title: str
    url: NotRequired[str | None]
    stage: NotRequired[str | None]
    topic: NotRequired[str | None]
    persona: NotRequired[str | None]


class EndPairingBody(TypedDict):
    """Who ends it."""

    by: str


class FormLinkBody(TypedDict):
    """The form that a link opens, and for how many days (real time)."""

    form: str
    days: NotRequired[int]


class KeepApartBody(TypedDict):
    """The contact who is somebody else."""

    other_id: str


class LiftSuppressionBody(TypedDict):
    """Somebody, and the channels that are open to them again."""

    country: NotRequired[str | None]
    phone: NotRequired[str]
    email: NotRequired[str]
    channels: list[Literal["email", "phone", "ads", "all"]]


class UtmBody(TypedDict):
    """Campaign parameters of one touch."""

    source: NotRequired[str | None]
    medium: NotRequired[str | None]
    campaign: NotRequired[str | None]
    term: NotRequired[str | None]
    content: NotRequired[str | None]
    gclid: NotRequired[str | None]
    fbclid: NotRequired[str | None]
    msclkid: NotRequired[str | None]
    li_fat_id: NotRequired[str | None]
    ttclid: NotRequired[str | None]


class ListedAttendee(TypedDict):
    """Who wore a badge, as the organiser's list says."""

    country: NotRequired[str | None]
    phone: NotRequired[str]
    email: NotRequired[str]
    first_name: NotRequired[str | None]
    last_name: NotRequired[str | None]
    company: NotRequired[str | None]
    job_title: NotRequired[str | None]
    region: NotRequired[str | None]
    postal_code: NotRequired[str | None]
    industry: NotRequired[str | None]
    employees: NotRequired[int | None]
    source: NotRequired[str | None]
    engagement: NotRequired[str | None]
    content: NotRequired[str | None]
    campaign: NotRequired[str | None]
    referrer: NotRequired[str | None]
    talk_to_sales: NotRequired[bool]
    talk_to_sales_when: NotRequired[Literal["now", "after_event", "after_reading"] | None]
    preference: NotRequired[Literal["book", "call_me", "not_now"] | None]
    preferred_at: NotRequired[datetime | None]
    occurred_at: NotRequired[datetime | None]
    consent: NotRequired[list[ConsentBody] | None]
    utm: NotRequired[UtmBody | None]
    facts: NotRequired[dict[str, Any]]
    event_id: NotRequired[str | None]
    message: NotRequired[str | None]
    event: str
    badge: str


class MergeBody(TypedDict):
    """The contact that speaks for both from now on."""

    into: str


class NewPairingBody(TypedDict):
    """For which event a device is to scan, what it is called, and who asks for it."""

    event: str
    label: str
    by: str


class PairDeviceBody(TypedDict):
    """The code of a link, and the key that the device drew: its public part and its SHA-256."""

    code: str
    key_id: str
    hash: str


class SavedImportOptions(TypedDict):
    """What is asked of a kind of list each time it comes."""

    mapping: NotRequired[dict[str, str | None]]
    source: NotRequired[str | None]
    engagement: NotRequired[str | None]
    campaign: NotRequired[str | None]
    country: NotRequired[str | None]
    dates: NotRequired[Literal["dmy", "mdy", "ymd"] | None]
    time_zone: NotRequired[str | None]


class SenderKeyBody(TypedDict):
    """Who sends: a form and where its pages are, a webhook that signs, or a sender bound to a source."""

    kind: Literal["form", "webhook", "api"]
    label: str
    form: NotRequired[str | None]
    origins: NotRequired[list[str]]
    source: NotRequired[str | None]
    by: NotRequired[str | None]


class Submission(TypedDict):
    """Somebody did something, as a form, a scanner, a tool or an import tells it."""

    country: NotRequired[str | None]
    phone: NotRequired[str]
    email: NotRequired[str]
    first_name: NotRequired[str | None]
    last_name: NotRequired[str | None]
    company: NotRequired[str | None]
    job_title: NotRequired[str | None]
    region: NotRequired[str | None]
    postal_code: NotRequired[str | None]
    industry: NotRequired[str | None]
    employees: NotRequired[int | None]
    source: NotRequired[str | None]
    engagement: NotRequired[str | None]
    content: NotRequired[str | None]
    campaign: NotRequired[str | None]
    referrer: NotRequired[str | None]
    talk_to_sales: NotRequired[bool]
    talk_to_sales_when: NotRequired[Literal["now", "after_event", "after_reading"] | None]
    preference: NotRequired[Literal["book", "call_me", "not_now"] | None]
    preferred_at: NotRequired[datetime | None]
    occurred_at: NotRequired[datetime | None]
    consent: NotRequired[list[ConsentBody] | None]
    utm: NotRequired[UtmBody | None]
    facts: NotRequired[dict[str, Any]]
    event_id: NotRequired[str | None]
    message: NotRequired[str | None]


class SuppressionBody(TypedDict):
    """Somebody, the channels that are closed to them, and why."""

    country: NotRequired[str | None]
    phone: NotRequired[str]
    email: NotRequired[str]
    channels: NotRequired[list[Literal["email", "phone", "ads", "all"]]]
    reason: str
