"""What scoring answers. Written by `make docs`."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from baton_client.model import Model


class AccountPerson(Model):
    """A person of an account who shows interest: who, role, readiness."""

    contact_id: UUID
    job_title: str | None = None
    seniority: str | None = None
    department: str | None = None
    roles: list[str] | None = None
    uses_product: bool | None = None
    fit: Literal["A", "B", "C", "D"]
    readiness: int
    readiness_points: float


class CellReliability(Model):
    """A cell's rate in the earlier half of the leads, and in the later one."""

    fit: str
    readiness: int
    predicted: float
    happened: float
    leads: int


class DifferingContactAnswer(Model):
    """A contact whose first lead since the start differs: type and grade on both sides, None where there is none."""

    contact_id: UUID
    difference: Literal["the same", "a lead in force alone", "a lead by the candidate alone", "another lead type", "another grade"]
    in_force: str | None
    candidate: str | None
    fit_in_force: str | None
    fit_candidate: str | None
    opened_at: datetime
    won: bool


class Engagement(Model):
    """Something the contact did, with the facts that were learned by it (known ones only). Never changed."""

    engagement_id: UUID
    contact_id: UUID
    engagement: str
    source: str
    occurred_at: datetime
    received_at: datetime
    content: str | None
    campaign: str | None
    talk_to_sales: bool
    preference: str | None
    preferred_at: datetime | None
    facts: dict[str, str | int | float | bool | None]


class Evidence(Model):
    """One line of a score: what was looked at, what was found, and what it gave. Points sum to the score."""

    criterion: str
    points: float
    value: str | int | float | bool | None = None
    known: bool | None = None
    note: str | None = None


class FitAnswer(Model):
    """Does this person have a problem we solve? `points` is the sum of the evidence."""

    grade: Literal["A", "B", "C", "D"]
    points: float
    evidence: list[Evidence]


class InterestedAccount(Model):
    """The people of an account who show interest, taken together."""

    email_domain: str
    points: float
    fit: Literal["A", "B", "C", "D"]
    main_contact_id: UUID
    people: list[AccountPerson]
    missing_roles: list[str] | None = None


class KnownFactAnswer(Model):
    """A fact that counts: whose it is and since when."""

    fact: str
    value: str | int | float | bool | None
    source: str
    at: datetime


class LabelledLeadAnswer(Model):
    """A lead as it was published, and what became of it."""

    lead_id: UUID
    lead_type: str
    cycle: int
    fit: str
    readiness: int
    readiness_points: float | None
    qualified_at: datetime
    playbook_version: str | None
    label: Literal["converted", "returned", "open"]
    won: bool
    bant: str | None
    reason: str | None


class LabelledLeadPage(Model):
    """A page of labelled leads, in the order they were published."""

    items: list[LabelledLeadAnswer]
    next: str | None


class LeadChangedByReevaluationAnswer(Model):
    """A lead that a run changed, or would have changed (`would_...`): it was only listed."""

    lead_id: UUID
    contact_id: UUID
    change: Literal["qualified", "upgraded", "regraded", "cooled", "would_qualify", "would_cool"]


class LeadCountsAnswer(Model):
    """How many leads would have opened: by points, and by a raised hand."""

    by_score: int
    by_request: int


class LeadOfPersonAnswer(Model):
    """A lead as it was published, and when its cycle ended."""

    contact_id: UUID
    cycle: int
    lead_type: Literal["hand_raiser", "fast_track", "event_qualified", "event", "webinar", "content", "product", "referral", "customer"]
    outcome: Literal["poor_fit", "nurture", "mql", "hand_raiser", "customer", "excluded"]
    by_request: bool
    points: float | None
    opened_at: datetime
    qualified_at: datetime
    ended_at: datetime | None


class LeadVolumesAnswer(Model):
    """The leads that each setting would have made of the last days."""

    setting: str
    days: int
    volumes: dict[str, dict[str, int]]


class LeadsChangedByReevaluationPage(Model):
    """A page of leads that a run changed, by change."""

    items: list[LeadChangedByReevaluationAnswer]
    next: str | None


class LearnedFactsAnswer(Model):
    """Learned facts as they are kept."""

    facts_id: UUID
    contact_id: UUID
    source: str
    at: datetime
    facts: dict[str, str | int | float | bool | None]


class LifecycleFact(Model):
    """What became of a contact or of one of its leads (`cycle`), at an instant of business time."""

    turn_id: UUID
    contact_id: UUID
    kind: Literal["recycled", "disqualified", "won", "worked", "customer", "churned", "confirmed", "opportunity", "lost"]
    at: datetime
    cycle: int | None = None
    reason: str | None = None


class MissingFactAnswer(Model):
    """An unknown fact that alone could change the outcome: the grade at its best, and the outcome that follows."""

    fact: str
    would_become: Literal["A", "B", "C", "D"]
    outcome: Literal["poor_fit", "nurture", "mql", "hand_raiser", "customer", "excluded"]


class OutcomeReason(Model):
    """One reason for an outcome. The reason that decided comes first; `why` says it in words."""

    kind: Literal["hard_rule", "cell", "request", "later_request", "override", "restored", "blocked", "kept_warm", "cooled", "knowledge", "not_evaluated"]
    why: str
    rule: str | None = None
    by: str | None = None
    reason: str | None = None
    at: datetime | None = None
    until: datetime | None = None
    lead_id: UUID | None = None


class OverrideAnswer(Model):
    """An override as it is kept."""

    override_id: UUID
    contact_id: UUID
    kind: Literal["lift_exclusion", "push"]
    by: str
    reason: str
    at: datetime


class OverrideCountAnswer(Model):
    """How many of a kind somebody made in a week or month."""

    period: str
    kind: Literal["lift_exclusion", "push"]
    by: str
    overrides: int


class OverrideCountsAnswer(Model):
    """Overrides by period."""

    items: list[OverrideCountAnswer]


class OverridePage(Model):
    """A page of overrides, the newest first."""

    items: list[OverrideAnswer]
    next: str | None


class PersonHistoryAnswer(Model):
    """One person, whatever contacts they are: what they did, what became of it, and their leads."""

    contact_id: UUID
    engagements: list[Engagement]
    lifecycle: list[LifecycleFact]
    accounts: dict[str, str]
    leads: list[LeadOfPersonAnswer]


class RateWithInterval(Model):
    """How many of the decided leads; `low` and `high` bound the true share in 95 of 100 cases; None of no lead."""

    leads: int
    count: int
    rate: float | None
    low: float
    high: float


class ReadinessAnswer(Model):
    """Ready to talk to sales about it? `points` is the sum of the evidence; level 1 is the highest."""

    level: Literal[1, 2, 3, 4]
    points: float
    evidence: list[Evidence]


class ReevaluationRunAnswer(Model):
    """A run over everybody near the line after new rules came into force, and how many leads it changed."""

    reevaluation_id: UUID
    version: str
    activated_at: datetime
    evaluated: int
    finished_at: datetime | None
    publishes: bool
    most_qualified: int | None
    most_qualified_a_day: int | None
    qualified: int
    upgraded: int
    regraded: int
    cooled: int
    would_qualify: int
    would_cool: int


class ReevaluationRunPage(Model):
    """A page of runs, the newest first."""

    items: list[ReevaluationRunAnswer]
    next: str | None


class RulesComparisonAnswer(Model):
    """What both would have made of those who did something in these days, had no lead been published before."""

    days: int
    contacts: int
    in_force: LeadCountsAnswer
    candidate: LeadCountsAnswer
    becoming: int
    no_longer: int
    first_becoming: list[UUID]
    first_no_longer: list[UUID]


class ScoreAnswer(Model):
    """A contact's score as of an instant."""

    contact_id: UUID
    fit: FitAnswer
    readiness: ReadinessAnswer
    outcome: Literal["poor_fit", "nurture", "mql", "hand_raiser", "customer", "excluded"]
    because: list[OutcomeReason]
    lead_type: Literal["hand_raiser", "fast_track", "event_qualified", "event", "webinar", "content", "product", "referral", "customer"] | None
    playbook_version: str
    missing: list[MissingFactAnswer]
    facts: list[KnownFactAnswer]
    buying_stage: str | None
    probability: float | None
    account: InterestedAccount | None


class ShadowReportAnswer(Model):
    """The candidate that was started last, and how its leads differ from those that were published since."""

    version: str
    started_at: datetime
    started_by: str
    stopped_at: datetime | None
    stopped_by: str | None
    leads_in_force: int
    leads_candidate: int
    won_in_force: int
    won_candidate: int
    contacts: dict[str, int]
    differing: list[DifferingContactAnswer]


class ShadowVersionAnswer(Model):
    """Which candidate was started or stopped."""

    version: str


class TrialScoreAnswer(Model):
    """What would be scored, and why; `outcome` is `mql` or `hand_raiser` where a lead would be published."""

    fit: FitAnswer
    readiness: ReadinessAnswer
    outcome: Literal["poor_fit", "nurture", "mql", "hand_raiser", "customer", "excluded"]
    because: list[OutcomeReason]
    lead_type: Literal["hand_raiser", "fast_track", "event_qualified", "event", "webinar", "content", "product", "referral", "customer"] | None
    playbook_version: str
    missing: list[MissingFactAnswer]


class BantAgreement(Model):
    """Score against BANT (Q12): whether leads of the strong cells were confirmed with all four answers."""

    strong_and_bant: int
    strong_not_bant: int
    weak_but_bant: int
    weak_not_bant: int
    agreement: float | None
    kappa: float | None
    answers: dict[str, RateWithInterval]


class CellRate(Model):
    """One cell of the matrix: MQL to SQL, and how many were won."""

    fit: str
    readiness: int
    converted: RateWithInterval
    won: int


class HistoryPage(Model):
    """A page of people, in the order of their contacts; it may hold fewer than asked for though others follow."""

    items: list[PersonHistoryAnswer]
    next: str | None


class Outcomes(Model):
    """All that became of a set of leads."""

    leads: int
    still_open: int
    enough: bool
    mql: RateWithInterval
    hand_raisers: RateWithInterval
    requalified: RateWithInterval
    cells: list[CellRate]
    bant: BantAgreement
    returned: dict[str, int]
    too_early: RateWithInterval
    too_late: RateWithInterval
    reliability: list[CellReliability]
    calibration_error: float | None


class OutcomesAnswer(Model):
    """What became of the leads that were published in a time."""

    since: datetime
    until: datetime
    playbook_version: str | None
    held_back: int
    outcomes: Outcomes
