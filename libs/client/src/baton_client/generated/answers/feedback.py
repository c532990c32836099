"""What feedback answers. Written by `make docs`."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from baton_client.model import Model
from pydantic import ConfigDict, Field


class ActivatedVersion(Model):
    """A version of a service's rules that came into force."""

    service: str
    version: str
    activated_at: datetime


class ActivityAnswer(Model):
    """What became of one record of another system."""

    index: int | None = None
    source: str | None = None
    id: str | None = None
    lead_id: UUID | None = None
    status: Literal["done", "replayed", "unresolved", "refused"]
    code: str | None = None
    problem: dict[str, Any] | None = None


class AttemptRule(Model):
    """How hard somebody must have tried before a contact is called unreachable; a spell of touches is one attempt."""

    at_least: int
    over_days: int


class CampaignLine(Model):
    """One campaign, and what its results cost."""

    qualified: int
    actions: int
    accepted: int
    sal: int
    sql: int
    opportunity: int
    sqo: int
    won: int
    lost: int
    recycled: int
    disqualified: int
    open: int
    won_amount: float
    pipeline: float
    poor_fit_share: float | None
    rates: dict[str, float | None]
    intervals: dict[str, list[float] | None]
    days_to_sql: float | None
    days_to_won: float | None
    days_in_stage: dict[str, float | None]
    lists: dict[str, str] | None = None
    campaign: str
    name: str | None
    spend: float | None
    cost_per: dict[str, float | None]


class ChangeFromWeekBefore(Model):
    """A number beside that of the week before."""

    now: float
    before: float
    change: float | None


class CohortRate(Model):
    """MQL to SQL of the leads that qualified in one week."""

    label: str
    rate: float | None
    low: float
    high: float
    qualified: int
    sql: int
    lists: dict[str, str]


class CommandAnswer(Model):
    """What became of a command, and where the lead stands now."""

    lead_id: UUID
    contact_id: UUID
    cycle: int
    action_id: UUID
    command: str
    carried_out_as: str
    at: datetime
    state: Literal["mql", "accepted", "sal", "sql", "opportunity", "won", "customer", "lost", "recycled", "disqualified"]
    side: Literal["marketing", "sales", "customer_success", "nobody"]
    reason: str | None
    track: str | None
    wake_at: datetime | None
    legal: list[Literal["accept", "reject", "confirm", "opportunity", "won", "lost", "recycle", "disqualify", "return", "escalate", "cool", "withdraw", "merge", "grow", "churn", "hand_back"]]


class CreditLine(Model):
    """The credit of one source or campaign."""

    group: str | None
    deals: int
    opportunities: float
    won: float
    won_amount: float
    lists: dict[str, str] | None = None


class CustomerChangeRecorded(Model):
    """What became of a customer, as it was published."""

    occurred_at: datetime
    contact_id: UUID
    action_id: UUID
    change: Literal["upsold", "renewed", "churned", "handed_back"]
    amount: float | None
    by: str
    lead_id: UUID | None
    recorded_at: datetime
    state: Literal["mql", "accepted", "sal", "sql", "opportunity", "won", "customer", "lost", "recycled", "disqualified"] | None
    from_state: Literal["mql", "accepted", "sal", "sql", "opportunity", "won", "customer", "lost", "recycled", "disqualified"] | None
    playbook_version: str
    stage: str | None


class DaySpan(Model):
    """From one day to another, both included."""

    from_: date = Field(..., alias="from")
    to: date


class DealPathStep(Model):
    """An engagement that led to the deal."""

    at: datetime
    source: str | None
    campaign: str | None


class DurationSpread(Model):
    """How long something took: half and nine of ten within so long."""

    median: int | None
    p90: int | None
    leads: int
    lists: dict[str, str] | None = None


class Evidence(Model):
    """One line of a score: what was looked at, what was found, and what it gave. Points sum to the score."""

    criterion: str
    points: float
    value: str | int | float | bool | None = None
    known: bool | None = None
    note: str | None = None


class ExportedLead(Model):
    """What was known of a lead when it qualified, and what became of it. It names nobody."""

    lead_id: UUID
    contact_id: UUID
    cycle: int
    qualified_at: datetime
    lead_type: str | None
    fit: str | None
    fit_points: float | None
    fit_evidence: list[Evidence] | None
    readiness: int | None
    readiness_points: float | None
    readiness_evidence: list[Evidence] | None
    source: str | None
    campaign: str | None
    segment: str | None
    playbook_version: str | None
    team: str | None
    handed_over_at: datetime | None
    first_touched_at: datetime | None
    touches: int
    automated_touches: int
    accepted_at: datetime | None
    sal_at: datetime | None
    confirmed_at: datetime | None
    opportunity_at: datetime | None
    won_at: datetime | None
    lost_at: datetime | None
    ended_at: datetime | None
    reason: str | None
    track: str | None
    amount: float | None
    revenue: float
    state: Literal["mql", "accepted", "sal", "sql", "opportunity", "won", "customer", "lost", "recycled", "disqualified"]
    label: Literal["won", "sql", "returned", "open"]


class FeedbackAnswered(Model):
    """Which feedback was answered, and how."""

    feedback_ids: list[UUID]
    answer: Literal["copy_changed", "new_content", "reply", "declined"]


class FeedbackLine(Model):
    """Feedback of sales, and what marketing answered."""

    feedback_id: UUID
    about: Literal["messaging", "topic", "content"]
    campaign: str | None
    topic: str | None
    content: str | None
    contact_id: UUID | None
    note: str | None
    at: datetime
    by: str
    answered_at: datetime | None
    answered_by: str | None
    answer: str | None
    answer_content: str | None
    answer_note: str | None


class FeedbackPage(Model):
    """Feedback, the newest first."""

    items: list[FeedbackLine]
    next: str | None


class FeedbackRecorded(Model):
    """Feedback as it was published; the note stays with the service."""

    occurred_at: datetime
    feedback_id: UUID
    about: Literal["messaging", "topic", "content"]
    by: str
    contact_id: UUID | None
    campaign: str | None
    has_note: bool
    topic: str | None
    content: str | None


class FunnelItem(Model):
    """One group of one cohort; of a campaign also what was spent."""

    qualified: int
    actions: int
    accepted: int
    sal: int
    sql: int
    opportunity: int
    sqo: int
    won: int
    lost: int
    recycled: int
    disqualified: int
    open: int
    won_amount: float
    pipeline: float
    poor_fit_share: float | None
    rates: dict[str, float | None]
    intervals: dict[str, list[float] | None]
    days_to_sql: float | None
    days_to_won: float | None
    days_in_stage: dict[str, float | None]
    lists: dict[str, str] | None = None
    group: str | None
    cohort: str | None
    name: str | None = None
    spend: float | None = None
    cost_per: dict[str, float | None] | None = None


class FunnelLine(Model):
    """One group of leads: volume beside quality."""

    qualified: int
    actions: int
    accepted: int
    sal: int
    sql: int
    opportunity: int
    sqo: int
    won: int
    lost: int
    recycled: int
    disqualified: int
    open: int
    won_amount: float
    pipeline: float
    poor_fit_share: float | None
    rates: dict[str, float | None]
    intervals: dict[str, list[float] | None]
    days_to_sql: float | None
    days_to_won: float | None
    days_in_stage: dict[str, float | None]
    lists: dict[str, str] | None = None


class HistoryEntry(Model):
    """One thing that happened to a lead, as it was reported."""

    entry_id: UUID
    kind: str
    at: datetime
    recorded_at: datetime
    by: str | None
    details: dict[str, Any]


class LeadAccount(Model):
    """The company behind a lead, as it was announced."""

    domain: str
    name: str | None
    kind: str
    owner: str | None


class LeadNote(Model):
    """What a person wrote with a command."""

    action_id: UUID
    at: datetime
    by: str
    note: str | None
    context: dict[str, Any]


class ListedLead(Model):
    """A lead and where it stands."""

    lead_id: UUID
    contact_id: UUID
    cycle: int
    state: Literal["mql", "accepted", "sal", "sql", "opportunity", "won", "customer", "lost", "recycled", "disqualified"]
    side: Literal["marketing", "sales", "customer_success", "nobody"]
    since: datetime
    lead_type: str | None
    fit: str | None
    source: str | None
    campaign: str | None
    company: str | None
    rep_id: str | None
    team: str | None
    queue: str | None
    qualified_at: datetime | None
    handed_over_at: datetime | None
    first_touched_at: datetime | None
    touches: int
    reason: str | None
    track: str | None
    wake_at: datetime | None
    amount: float | None


class LoosenedVersionLine(Model):
    """A version of the rules that made more leads of less fit, begun shortly before a period's end."""

    version: str
    before: str
    since: date
    period_ends: date
    a_day: float
    a_day_before: float
    poor_share: float | None
    poor_share_before: float | None
    leads: int
    leads_before: int
    lists: dict[str, str]


class MessagingLine(Model):
    """The feedback on one campaign's messaging, beside what became of its leads."""

    campaign: str | None
    name: str | None
    told: int
    notes: int
    qualified: int
    told_per_lead: float | None
    lead_to_sql: float | None
    returned_share: float | None


class OtherCycle(Model):
    """Another cycle of the same contact."""

    lead_id: UUID
    cycle: int
    state: Literal["mql", "accepted", "sal", "sql", "opportunity", "won", "customer", "lost", "recycled", "disqualified"]
    reason: str | None
    since: datetime


class PromiseCountsLine(Model):
    """How one promise was kept by one team."""

    clock: str
    policy: str
    team: str | None
    kept: int
    missed: int
    late: int
    share: float | None
    interval: list[float] | None
    promised: float | None
    is_kept: bool | None
    short: int
    clocks: dict[str, str]


class ProposalSourceLine(Model):
    """A piece of feedback that led to a proposal."""

    feedback_id: UUID
    kind: Literal["return", "feedback"]
    lead_id: UUID | None
    contact_id: UUID | None
    at: datetime
    by: str | None
    about: str | None
    campaign: str | None
    topic: str | None
    content: str | None


class ProposalSourcesAnswer(Model):
    """A page of what led to a proposal, the newest first."""

    items: list[ProposalSourceLine]
    next: str | None


class RateDipLine(Model):
    """A step whose rate fell by more than chance explains."""

    step: str
    now: float
    before: float
    now_interval: list[float]
    before_interval: list[float]
    now_counted: int
    now_of: int
    before_counted: int
    before_of: int
    lists: dict[str, str]


class RuleChangeFromFeedback(Model):
    """A rule that was changed because of feedback."""

    proposal_id: UUID
    service: str
    change: str
    activated_at: datetime
    sources: int
    lists: dict[str, str] | None = None


class SourceLine(Model):
    """One source of leads."""

    qualified: int
    actions: int
    accepted: int
    sal: int
    sql: int
    opportunity: int
    sqo: int
    won: int
    lost: int
    recycled: int
    disqualified: int
    open: int
    won_amount: float
    pipeline: float
    poor_fit_share: float | None
    rates: dict[str, float | None]
    intervals: dict[str, list[float] | None]
    days_to_sql: float | None
    days_to_won: float | None
    days_in_stage: dict[str, float | None]
    lists: dict[str, str] | None = None
    source: str | None


class SqlShare(Model):
    """How many became SQL of how many that qualified."""

    qualified: int
    sql: int
    rate: float | None
    interval: list[float] | None
    lists: dict[str, str] | None = None


class StageLine(Model):
    """A stage: who owns it, how many leads are in it and stuck there, and what it is worth."""

    stage: str
    means: str
    side: Literal["marketing", "sales", "customer_success", "nobody"]
    open: bool
    goal: str | None
    target: float | None
    leads: int
    stuck: int
    stuck_days: int | None
    days_in_stage: float | None
    won_share: float | None
    revenue_per_lead: float | None
    expected_revenue: float | None
    share_of_revenue: float | None
    lists: dict[str, str] | None = None


class StageToday(Model):
    """A stage with the leads that are in it today."""

    stage: str
    side: Literal["marketing", "sales", "customer_success", "nobody"]
    leads: int
    stuck: int
    stuck_days: int | None
    lists: dict[str, str] | None = None


class StagesAnswer(Model):
    """The stages in their order, and the number that both teams follow."""

    north_star: str
    revenue: float
    items: list[StageLine]


class StreamedCommandAnswer(Model):
    """A line of the answer to a stream of commands; the last line has the counts alone."""

    index: int | None = None
    status: Literal["done", "replayed", "refused"] | None = None
    code: str | None = None
    problem: dict[str, Any] | None = None
    lead_id: UUID | None = None
    contact_id: UUID | None = None
    cycle: int | None = None
    action_id: UUID | None = None
    command: str | None = None
    carried_out_as: str | None = None
    at: datetime | None = None
    state: Literal["mql", "accepted", "sal", "sql", "opportunity", "won", "customer", "lost", "recycled", "disqualified"] | None = (
        None
    )
    side: Literal["marketing", "sales", "customer_success", "nobody"] | None = None
    reason: str | None = None
    track: str | None = None
    wake_at: datetime | None = None
    legal: list[Literal["accept", "reject", "confirm", "opportunity", "won", "lost", "recycle", "disqualify", "return", "escalate", "cool", "withdraw", "merge", "grow", "churn", "hand_back"]] | None = (
        None
    )
    done: int | None = None
    replayed: int | None = None
    refused: int | None = None


class TopicLine(Model):
    """A topic that contacts raised: how often, and how the touches came out."""

    topic: str
    cohort: str | None
    times: int
    outcomes: dict[str, int]
    lists: dict[str, str]


class TopicsAnswer(Model):
    """Topics by cohort, the most frequent first."""

    cohort: Literal["day", "week", "month"] | None
    items: list[TopicLine]


class TouchLine(Model):
    """A touch in which a contact raised a topic."""

    action_id: UUID
    lead_id: UUID
    contact_id: UUID
    at: datetime
    by: str | None
    kind: str
    outcome: str
    rep_id: str | None
    team: str | None


class TouchesAnswer(Model):
    """A page of touches, the newest first."""

    items: list[TouchLine]
    next: str | None


class TrendPoint(Model):
    """How often feedback named the subject of a proposal in a week."""

    week: str
    times: int


class UnresolvedActivity(Model):
    """A touch from another system, of somebody who is not known yet."""

    source: str
    external_id: str
    at: datetime
    by: str
    touch: dict[str, Any]
    problem: str
    recorded_at: datetime


class WakeAfterDays(Model):
    """Wake so many days after the return."""

    kind: Literal["after"]
    days: int


class WakeAtOnce(Model):
    """Wake with the return itself: nobody gave the lead its chance. The cool-down does not delay it."""

    kind: Literal["at_once"]


class WakeBeforeFiscalYear(Model):
    """Wake so many days before the contact's next fiscal year."""

    kind: Literal["fiscal_year"]
    days_before: int


class WakeBeforeRenewal(Model):
    """Wake so many days before the renewal of the competitor's contract, or after `unknown_days` without its date."""

    kind: Literal["renewal"]
    days_before: int
    unknown_days: int


class WakeOnCrossing(Model):
    """No date: the next crossing of the line, which scoring sees, opens the next cycle."""

    kind: Literal["crossing"]


class WakeOnEngagement(Model):
    """No date: whatever the contact does next brings fresh data, and wakes."""

    kind: Literal["engagement"]


class WakeOnHandRaise(Model):
    """No date: a hand-raise alone wakes."""

    kind: Literal["hand_raise"]


class WakeOnSizeCheck(Model):
    """Ask for the company's size again after so many days, and wake once the size known then fits."""

    kind: Literal["size_check"]
    days: int
    at_least: int | None = None
    at_most: int | None = None


class WeekSpan(Model):
    """A week, Monday to Sunday, UTC."""

    name: str
    from_: date = Field(..., alias="from")
    to: date


class WokenLeadCounts(Model):
    """Returned leads that woke, and that qualified again."""

    woken: int
    qualified_again: int
    lists: dict[str, str] | None = None


class ActivitiesAnswer(Model):
    """What became of each record, and how many came out how."""

    done: int
    replayed: int
    unresolved: int
    refused: int
    items: list[ActivityAnswer]


class AttributionAnswer(Model):
    """The credit for deals, shared among the engagements that led to them."""

    by: Literal["source", "campaign"]
    model: Literal["first", "last", "linear", "u_shaped", "w_shaped", "time_decay"]
    items: list[CreditLine]


class AxisEvidence(Model):
    """One axis of why a lead qualified: its points, and the evidence whose points sum to them."""

    model_config = ConfigDict(
        extra="allow",
    )
    points: float | None = None
    evidence: list[Evidence] | None = None


class BothAxesEvidence(Model):
    """Why a lead qualified, as scoring published it."""

    fit: AxisEvidence
    readiness: AxisEvidence


class FlagsAnswer(Model):
    """Steps that convert worse than before, and rules that were loosened near a period's end."""

    compared: DaySpan
    dips: list[RateDipLine]
    loosened: list[LoosenedVersionLine]


class HeadlineRate(Model):
    """MQL to SQL of one kind of lead, and of those cohorts alone whose leads were all decided."""

    qualified: int
    sql: int
    rate: float | None
    interval: list[float] | None
    lists: dict[str, str] | None = None
    mature: SqlShare | None


class LeadEvidence(Model):
    """Why this lead qualified, and when that was published."""

    fit: AxisEvidence
    readiness: AxisEvidence
    lead_id: UUID
    said_at: datetime
    email_domain: str | None


class LeadsAnswer(Model):
    """Leads, in the order that was asked for."""

    items: list[ListedLead]
    next: UUID | None


class MessagingAnswer(Model):
    """Campaigns, those with the most feedback first."""

    items: list[MessagingLine]


class ProposalAnswer(Model):
    """A proposal as it stands."""

    proposal_id: UUID
    service: str
    change: str
    playbook_version: str
    reason: str | None
    campaign: str | None
    topic: str | None
    trend: list[TrendPoint]
    state: Literal["open", "activated"]
    proposed_by: str
    proposed_at: datetime
    activated_at: datetime | None
    sources: int
    reps: int
    diff: str
    simulation: dict[str, Any]


class ProposalLine(Model):
    """A proposal without its diff and its simulation."""

    proposal_id: UUID
    service: str
    change: str
    playbook_version: str
    reason: str | None
    campaign: str | None
    topic: str | None
    trend: list[TrendPoint]
    state: Literal["open", "activated"]
    proposed_by: str
    proposed_at: datetime
    activated_at: datetime | None
    sources: int
    reps: int


class ProposalOpened(Model):
    """A proposal that was saved."""

    proposal_id: UUID
    state: Literal["open", "activated"]
    trend: list[TrendPoint]
    sources: int


class ProposalsAnswer(Model):
    """Proposals, the latest first."""

    items: list[ProposalLine]


class ReasonLine(Model):
    """A reason: what it decides and needs, and how often it was given."""

    reason: str
    does: str
    says: str | None = None
    track: str | None = None
    wake: (
        WakeAfterDays
        | WakeBeforeFiscalYear
        | WakeBeforeRenewal
        | WakeOnSizeCheck
        | WakeAtOnce
        | WakeOnCrossing
        | WakeOnEngagement
        | WakeOnHandRaise
        | None
    ) = None
    needs: list[str] | None = None
    needs_any: list[str] | None = None
    attempts: AttemptRule | None = None
    wakes_at: Literal["marketing", "sales"] | None = None
    leads: int
    woken: int
    share: float | None
    cumulative: float | None
    lists: dict[str, str] | None = None


class ReasonsAnswer(Model):
    """Reasons, the most frequent first."""

    playbook_version: str
    items: list[ReasonLine]
    next: None


class UnresolvedActivitiesAnswer(Model):
    """Activities whose contact is not known yet."""

    items: list[UnresolvedActivity]
    next: str | None


class WorklistItem(Model):
    """A lead that waits for marketing."""

    kind: Literal["returned", "check", "review", "nurture"]
    at: datetime
    lead_id: UUID
    contact_id: UUID
    cycle: int
    state: Literal["mql", "accepted", "sal", "sql", "opportunity", "won", "customer", "lost", "recycled", "disqualified"]
    reason: str | None
    track: str | None
    wake_at: datetime | None
    touches: int
    lead_type: str | None
    fit: str | None
    source: str | None
    campaign: str | None
    rep_id: str | None
    team: str | None
    segment: str | None
    evidence: BothAxesEvidence | None


class DigestAnswer(Model):
    """A week beside the week before."""

    promises: list[PromiseCountsLine]
    untouched: dict[str, int]
    untouched_list: str
    hours_to_touch: DurationSpread
    came_back: WokenLeadCounts
    campaigns: list[CampaignLine]
    changed: list[ActivatedVersion]
    week: WeekSpan
    before: WeekSpan
    as_of: datetime
    north_star: str
    numbers: dict[str, ChangeFromWeekBefore]
    lists: dict[str, str]
    lists_before: dict[str, str]
    weeks: list[str]
    qualified: list[float]
    sql: list[float]
    week_lists: dict[str, list[str]]
    mql_to_sql: list[CohortRate]
    mature: FunnelLine
    early: FunnelLine
    reasons: list[list[Any]]
    reason_lists: dict[str, dict[str, str]]
    topics: list[list[Any]]
    topic_lists: dict[str, dict[str, str]]
    sources: list[SourceLine]
    stages: list[StageToday]
    flags: FlagsAnswer
    answered: list[RuleChangeFromFeedback]


class FunnelAnswer(Model):
    """The funnel by group and cohort."""

    by: str
    cohort: Literal["day", "week", "month"] | None
    mature_until: date
    mql_to_sql: dict[str, HeadlineRate]
    total: FunnelLine
    mature: FunnelLine
    days_to_won: DurationSpread
    items: list[FunnelItem]


class LeadAnswer(Model):
    """A lead: where it stands, what may be done, why it qualified, and everything that happened to it."""

    lead_id: UUID
    contact_id: UUID
    cycle: int
    state: Literal["mql", "accepted", "sal", "sql", "opportunity", "won", "customer", "lost", "recycled", "disqualified"]
    side: Literal["marketing", "sales", "customer_success", "nobody"]
    since: datetime
    lead_type: str | None
    fit: str | None
    source: str | None
    campaign: str | None
    company: str | None
    rep_id: str | None
    team: str | None
    queue: str | None
    qualified_at: datetime | None
    handed_over_at: datetime | None
    first_touched_at: datetime | None
    touches: int
    reason: str | None
    track: str | None
    wake_at: datetime | None
    amount: float | None
    outcome: str | None
    segment: str | None
    playbook_version: str | None
    captured_at: datetime | None
    placement: int
    placed: Literal["queued", "assigned", "released"] | None
    roles: dict[str, str]
    moves: list[dict[str, Any]]
    automated_touches: int
    last_touched_at: datetime | None
    answered_at: datetime | None
    path: list[DealPathStep]
    review_opened_at: datetime | None
    review_closed_at: datetime | None
    woken_at: datetime | None
    accepted_at: datetime | None
    sal_at: datetime | None
    confirmed_at: datetime | None
    opportunity_at: datetime | None
    won_at: datetime | None
    lost_at: datetime | None
    ended_at: datetime | None
    revenue: float
    ended_by: str | None
    stage: str
    new: bool
    cold: bool
    legal: list[Literal["accept", "reject", "confirm", "opportunity", "won", "lost", "recycle", "disqualify", "return", "escalate", "cool", "withdraw", "merge", "grow", "churn", "hand_back"]]
    evidence: LeadEvidence | None
    account: LeadAccount | None
    history: list[HistoryEntry]
    notes: list[LeadNote]
    other_cycles: list[OtherCycle]


class WorklistAnswer(Model):
    """What waits for marketing, the newest first."""

    items: list[WorklistItem]
    next: str | None
