"""What sla-monitor answers. Written by `make docs`."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from baton_client.model import Model
from pydantic import Field


class Calendar(Model):
    """
    When somebody works: local hours a weekday (lunch is the gap between two blocks), less the days off.

    Or when somebody of several works (`shifts`): support that follows the sun.
    """

    zone: str | None = None
    mon: list[str] | None = None
    tue: list[str] | None = None
    wed: list[str] | None = None
    thu: list[str] | None = None
    fri: list[str] | None = None
    sat: list[str] | None = None
    sun: list[str] | None = None
    holidays: list[date] | None = None
    public_holidays: str | None = None
    half_days: dict[str, list[str]] | None = None
    special_days: dict[str, list[str]] | None = None
    shifts: list[Calendar] | None = None


class ClockView(Model):
    """One run of one clock."""

    clock_id: UUID
    lead_id: UUID
    contact_id: UUID
    cycle: int
    clock: str
    run: int
    policy: str
    playbook_version: str
    lead_type: str
    state: Literal["running", "paused", "warned", "breached", "met", "met_late", "rescinded", "cancelled"]
    rep_id: str | None
    team: str | None
    company: str | None
    started_at: datetime
    warn_at: datetime | None
    due_at: datetime | None
    paused_until: datetime | None
    met_at: datetime | None
    closed_at: datetime | None
    warned_at: datetime | None
    breached_at: datetime | None
    rescinded_at: datetime | None
    escalations: int
    overdue_seconds: float


class ClocksAnswer(Model):
    """A page of clocks."""

    items: list[ClockView]
    next: str | None


class CommentView(Model):
    """A comment on a lead."""

    at: datetime
    by: str
    comment: str


class ComplianceItem(Model):
    """How one clock came out for one team, rep, policy or week. Each lead is counted once."""

    key: str | None
    clock: str
    due: int
    met: int
    rescinded: int
    met_late: int
    breached: int
    cancelled: int
    open: int
    attainment: float | None
    median_seconds: float | None
    lists: dict[str, str]


class ContextPromise(Model):
    """So large a share of the leads comes with all these facts."""

    facts: list[Literal["company", "country", "employees", "industry", "job_title", "segment", "campaign", "content"]] | None = (
        None
    )
    share: float | None = None


class DeliveryView(Model):
    """A message and what became of it. `digested` ones came as part of the digest `digest_id`."""

    delivery_id: UUID
    webhook: str
    kind: str
    state: Literal["waiting", "sent", "failed", "digested"]
    made_at: datetime
    attempts: int
    due_at: datetime | None
    sent_at: datetime | None
    failed_at: datetime | None
    last_error: str | None
    digest_id: UUID | None


class EscalationStep(Model):
    """What happens `after` a breach, if the clock still runs then."""

    action: Literal["rep", "manager", "reassign", "recycle"]
    after: str | None = None


class HistoryEntryView(Model):
    """One entry of a lead's history."""

    at: datetime
    what: str
    by: str | None
    detail: str | None


class IgnoredLeadsView(Model):
    """The open leads of a team that no human touched in time, and still has not."""

    key: str | None
    leads: int
    oldest_due_at: datetime
    worst_seconds: float
    lists: dict[str, str]


class MonthlyPromise(Model):
    """One promise of one side in one month. `kept` is null where nothing was promised."""

    month: str
    side: Literal["marketing", "sales"]
    promise: str
    promised: float | None
    delivered: float
    of: int
    leads: int
    kept: bool | None
    lists: dict[str, str]


class MonthlyPromisesAnswer(Model):
    """Both sides, month by month, under the agreement in force."""

    items: list[MonthlyPromise]
    next: None = Field(None)
    playbook_version: str


class OpenMissesView(Model):
    """The open misses of one team, rep, policy or clock, by how long ago they fell due."""

    key: str | None
    breaches: int
    oldest_due_at: datetime
    median_seconds: float
    worst_seconds: float
    under_an_hour: int
    under_a_day: int
    under_a_week: int
    older: int
    lists: dict[str, str]


class OrphanLead(Model):
    """An open lead that nobody has, or that no promise watches."""

    kind: Literal["ownerless", "clockless"]
    lead_id: UUID
    contact_id: UUID
    team: str | None
    since: datetime


class OrphanLeadsAnswer(Model):
    """A page of orphans, the oldest first."""

    items: list[OrphanLead]
    next: str | None


class PolicyCondition(Model):
    """Which leads a policy is for; an absent list takes all."""

    lead_type: list[Literal["hand_raiser", "fast_track", "event_qualified", "event", "webinar", "content", "product", "referral", "customer"]] | None = (
        None
    )
    source: list[str] | None = None
    segment: list[str] | None = None
    fit: list[Literal["A", "B", "C", "D"]] | None = None
    team: list[str] | None = None


class PromisedLeadView(Model):
    """A lead of which a promise takes its share."""

    lead_id: UUID
    contact_id: UUID
    at: datetime
    delivered: bool


class PromisedLeadsAnswer(Model):
    """A page of leads."""

    items: list[PromisedLeadView]
    next: str | None


class ReviewRule(Model):
    """Marketing's look at what became of a lead: opens, then decides."""

    opens: str | None = None
    decides: str | None = None
    unreachable_after: int | None = None
    unreachable_over: str | None = None


class ReviewView(Model):
    """A lead on whose outcome marketing decides."""

    lead_id: UUID
    contact_id: UUID
    cycle: int
    lead_type: str
    policy: str
    rep_id: str | None
    team: str | None
    started_at: datetime
    opened_at: datetime
    due_at: datetime
    touches: int
    attempts: int
    reason: str
    history: list[HistoryEntryView]
    comments: list[CommentView]


class ReviewsAnswer(Model):
    """A page of open reviews, the first to have opened first."""

    items: list[ReviewView]
    next: str | None


class SalesPromises(Model):
    """How large a share of each clock's promises sales promises to keep."""

    attainment: dict[str, float] | None = None


class SuspiciousActView(Model):
    """One suspicious act."""

    lead_id: UUID
    contact_id: UUID
    at: datetime


class SuspiciousActsAnswer(Model):
    """A page of acts, the earliest first."""

    items: list[SuspiciousActView]
    next: str | None


class SuspiciousPattern(Model):
    """A suspicious pattern of one person: how often, and of how many."""

    kind: Literal["hurried_touch", "short_call", "mass_return"]
    by: str
    count: int
    of: int | None
    week: datetime | None
    examples: list[UUID]
    lists: dict[str, str]


class SuspiciousPatternsAnswer(Model):
    """The suspicious patterns, the most frequent first."""

    items: list[SuspiciousPattern]
    next: None = Field(None)


class TouchRules(Model):
    """What counts as touching a lead."""

    automated_count: bool | None = None
    second_after: str | None = None
    conversation_sources: list[str] | None = None
    conversation_engagements: list[str] | None = None
    spell: str | None = None


class VolumePromise(Model):
    """So many leads of a kind a month."""

    name: str
    when: PolicyCondition | None = None
    per_month: int


class WebhookSecret(Model):
    """A webhook's new secret, shown this once."""

    secret: str


class WebhookView(Model):
    """A webhook. The secret (Standard Webhooks) is shown when it is made, and never again."""

    name: str
    url: str
    events: list[str]
    teams: list[str]
    clocks: list[str]
    each_hour: int
    secret: str | None = None


class WebhooksAnswer(Model):
    """All webhooks."""

    items: list[WebhookView]
    next: None = Field(None)


class ComplianceAnswer(Model):
    """A page of compliance."""

    items: list[ComplianceItem]
    next: str | None


class DeliveriesAnswer(Model):
    """A page of messages, the latest first."""

    items: list[DeliveryView]
    next: str | None


class EscalationRules(Model):
    """The steps after a breach of each clock."""

    acceptance: list[EscalationStep] | None = None
    first_touch: list[EscalationStep] | None = None
    second_touch: list[EscalationStep] | None = None
    review: list[EscalationStep] | None = None
    reassignments: int | None = None


class IgnoredLeadsAnswer(Model):
    """A page of teams."""

    items: list[IgnoredLeadsView]
    next: str | None


class MarketingPromises(Model):
    """What marketing promises sales about the leads that it hands over."""

    volume: list[VolumePromise] | None = None
    context: ContextPromise | None = None
    grades: dict[str, float] | None = None


class OpenMissesAnswer(Model):
    """A page of ages."""

    items: list[OpenMissesView]
    next: str | None


class Policy(Model):
    """One promise: how soon a rep accepts, how soon a human touches, and touches again. Absent is not promised."""

    name: str
    when: PolicyCondition | None = None
    speed_to_lead: str | dict[str, Any] | None = None
    accept: str | dict[str, Any] | None = None
    first_touch: str | dict[str, Any]
    second_touch: str | dict[str, Any] | None = None
    own: dict[str, str | dict[str, Any]] | None = None
    review: ReviewRule | None = None


class PoliciesAnswer(Model):
    """The agreement in force, policy by policy, in the order in which they are tried."""

    items: list[Policy]
    next: None = Field(None)
    playbook_version: str
    review: ReviewRule
    escalations: EscalationRules
    touches: TouchRules
    clocks: dict[str, Any]
    marketing: MarketingPromises
    sales: SalesPromises
    profile: str | None
    calendars: dict[str, Calendar]
    team_calendars: dict[str, str]
    calendar: str


Calendar.model_rebuild()
