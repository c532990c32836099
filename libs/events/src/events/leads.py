"""What happened to leads: qualified by scoring, given out by routing, worked and returned through feedback."""

from typing import ClassVar, Literal
from uuid import UUID

from events.contacts import Preference
from events.envelope import ContactEvent, Event, LeadDecision, LeadEvent
from events.parts import Instant, Part, Scalar

LeadType = Literal[
    "hand_raiser",
    "fast_track",
    "event_qualified",
    "event",
    "webinar",
    "content",
    "product",
    "referral",
    "customer",
]
Outcome = Literal["poor_fit", "nurture", "mql", "hand_raiser", "customer", "excluded"]
Grade = Literal["A", "B", "C", "D"]
Role = Literal["bdr", "ae", "am", "cs"]
TouchKind = Literal["call", "email", "meeting", "message"]
TouchOutcome = Literal["welcomed", "stalled", "brushed_off", "no_answer"]
MeetingOutcome = Literal["booked", "held", "no_show", "rescheduled", "cancelled"]


class Evidence(Part, frozen=True, kw_only=True):
    """One line of a score: what was looked at, what was found, and what it gave. Points sum to the score."""

    criterion: str
    points: float
    value: Scalar = None
    known: bool = True
    note: str | None = None


BecauseKind = Literal[
    "hard_rule",
    "cell",
    "request",
    "later_request",
    "override",
    "restored",
    "blocked",
    "kept_warm",
    "cooled",
    "knowledge",
    "not_evaluated",
]


class OutcomeReason(Part, frozen=True, kw_only=True):
    """One reason for an outcome. The reason that decided comes first; `why` says it in words."""

    kind: BecauseKind
    why: str
    rule: str | None = None
    """The name of the hard rule, of the engagement that asked, of what blocks or of the fact; the cell as in `B2`."""
    by: str | None = None
    """Who decided; of a fact, its source."""
    reason: str | None = None
    """What who decided gave as the reason."""
    at: Instant | None = None
    until: Instant | None = None
    """Until when it holds; of a later request, from when it counts."""
    lead_id: UUID | None = None
    """The lead of a colleague at the same account."""


class AccountPerson(Part, frozen=True, kw_only=True):
    """A person of an account who shows interest: who, role, readiness."""

    contact_id: UUID
    job_title: str | None = None
    seniority: str | None = None
    """The level of the job title by the playbook's tables; None: not known."""
    department: str | None = None
    roles: list[str] = []
    """The roles of the buying group that they have."""
    uses_product: bool = False
    fit: Grade
    readiness: int
    readiness_points: float


class InterestedAccount(Part, frozen=True, kw_only=True):
    """The people of an account who show interest, taken together."""

    email_domain: str
    points: float
    """The sum of their points of readiness."""
    fit: Grade
    """The best of them."""
    main_contact_id: UUID
    """The most senior: with whom sales should speak."""
    people: list[AccountPerson]
    """The most senior first."""
    missing_roles: list[str] = []
    """The roles of a buying group that none of them has."""


class TimelineEntry(Part, frozen=True, kw_only=True):
    """One engagement on the timeline that a rep gets with the lead."""

    engagement_id: UUID
    engagement: str
    occurred_at: Instant
    source: str | None = None
    content: str | None = None
    campaign: str | None = None
    content_title: str | None = None
    """The content's title, where the catalogue had one."""


class TriedCandidate(Part, frozen=True, kw_only=True):
    """One rule, queue or rep that was considered, and why it won or lost."""

    rule: str
    outcome: str
    why: str


class SilencedChannels(Part, frozen=True, kw_only=True):
    """Which of marketing's channels are silent (true) while sales talks to the contact."""

    email: bool = False
    ads: bool = False
    calls: bool = False


class LeadFacts(LeadDecision, frozen=True, kw_only=True):
    """What scoring says of a lead, with everything that others need to act on it."""

    lead_type: LeadType
    outcome: Outcome
    fit: Grade
    fit_points: float
    fit_evidence: list[Evidence]
    readiness: int
    readiness_points: float
    readiness_evidence: list[Evidence]
    confirmed: Literal[False] = False
    captured_at: Instant
    source: str
    engagement_id: UUID
    engagement: str
    campaign: str | None = None
    content: str | None = None
    segment: str | None = None
    email_domain: str | None = None
    email_kind: str | None = None
    company: str | None = None
    country: str | None = None
    region: str | None = None
    postal_code: str | None = None
    employees: int | None = None
    industry: str | None = None
    job_title: str | None = None
    preference: str | None = None
    preferred_at: Instant | None = None
    timeline: list[TimelineEntry] = []
    buying_stage: str | None = None
    """The furthest stage of the content that the contact has lately looked at."""
    wish: str | None = None
    """What the lead is for beyond its type: `meet_leadership`, where no senior person of the account is known."""
    product: str | None = None
    """The product they asked about, where they said."""
    consents: dict[str, bool] = {}
    """The contact's last answer to each purpose: a hand-over stands on a request or on one of these."""
    because: list[OutcomeReason] = []
    main_contact_id: UUID | None = None
    """The most senior person of the account who shows interest, as far as that was published."""
    facts: dict[str, Scalar] = {}
    """What else is known of the contact, by the names of their facts, and `utm.source` and the like: for rules."""
    probability: float | None = None
    """How likely it is confirmed or won (0 to 1), by the model of the scoring playbook; None: there is no model."""
    probability_model: str | None = None
    """The version of that model."""


class LeadQualified(LeadFacts, frozen=True, kw_only=True):
    """A contact crossed the line: one MQL or hand-raiser per crossing and cycle."""

    ce_type: ClassVar[str] = "lead.qualified.v1"
    identity: ClassVar[tuple[str, ...]] = ("lead_id",)


class LeadUpgraded(LeadFacts, frozen=True, kw_only=True):
    """A hand-raise inside an open cycle: the same lead, a stronger type, a faster promise."""

    ce_type: ClassVar[str] = "lead.upgraded.v1"
    identity: ClassVar[tuple[str, ...]] = ("lead_id", "lead_type")


class LeadCooled(LeadDecision, frozen=True, kw_only=True):
    """The score fell below the line; it takes back unassigned leads only."""

    ce_type: ClassVar[str] = "lead.cooled.v1"
    identity: ClassVar[tuple[str, ...]] = ("lead_id", "occurred_at")

    fit: Grade
    readiness: int
    readiness_points: float
    readiness_evidence: list[Evidence]
    because: list[OutcomeReason] = []


class LeadRegraded(LeadDecision, frozen=True, kw_only=True):
    """What is known now gives a published lead another grade; nothing else of it changes."""

    ce_type: ClassVar[str] = "lead.regraded.v1"
    identity: ClassVar[tuple[str, ...]] = ("lead_id", "revision")

    revision: int
    """Rises by one with each new grade of the lead, from 1."""
    previous_fit: Grade
    fit: Grade
    fit_points: float
    fit_evidence: list[Evidence]
    outcome: Outcome
    segment: str | None = None
    company: str | None = None
    country: str | None = None
    region: str | None = None
    postal_code: str | None = None
    employees: int | None = None
    industry: str | None = None
    job_title: str | None = None
    because: list[OutcomeReason] = []


class AccountPeopleChange(Part, frozen=True, kw_only=True):
    """One thing that is new about the people of an account; `why` says it in words."""

    kind: str
    """`joined`, `role`, `left` or `main_contact`."""
    why: str


class LeadStrengthened(LeadDecision, frozen=True, kw_only=True):
    """The people behind an open lead are others than before: somebody of the account joined, rose or left."""

    ce_type: ClassVar[str] = "lead.strengthened.v1"
    identity: ClassVar[tuple[str, ...]] = ("lead_id", "revision")

    revision: int
    """Rises by one with each picture of the account that is published with the lead, from 1."""
    account: InterestedAccount
    joined: list[UUID] = []
    """Who is new in it."""
    because: list[AccountPeopleChange] = []


class LeadPlacementEvent(LeadDecision, frozen=True, kw_only=True):
    """Where routing put a lead; carries what a clock or a report needs without a second look-up."""

    placement: int
    """Rises by one with each queueing, assignment and release of the lead: the later one is in force."""
    lead_type: LeadType
    fit: Grade
    source: str
    captured_at: Instant
    handed_over_at: Instant
    readiness: int = 4
    segment: str | None = None
    campaign: str | None = None
    team: str | None = None
    queue: str | None = None
    reason: str
    tried: list[TriedCandidate] = []


class LeadQueued(LeadPlacementEvent, frozen=True, kw_only=True):
    """Nobody was eligible: the lead waits in a queue, loudly."""

    ce_type: ClassVar[str] = "lead.queued.v1"
    identity: ClassVar[tuple[str, ...]] = ("lead_id", "placement")

    position: int


class SameAccountLead(Part, frozen=True, kw_only=True):
    """Another open lead of the same account, and who works it."""

    contact_id: UUID
    lead_id: UUID
    lead_type: str | None = None
    rep_id: str | None = None
    team: str | None = None


class LeadAssigned(LeadPlacementEvent, frozen=True, kw_only=True):
    """A rep has the lead from now on."""

    ce_type: ClassVar[str] = "lead.assigned.v1"
    identity: ClassVar[tuple[str, ...]] = ("lead_id", "placement")

    rep_id: str
    role: Role
    previous_rep_id: str | None = None
    suppress: SilencedChannels = SilencedChannels()
    opener: str | None = None
    suggested_content: list[str] = []
    suggested_titles: dict[str, str] = {}
    """The titles of what is suggested, as far as they are known, by content."""
    first_sentences: str | None = None
    """What the rep may say or write to the contact first, in `language`."""
    language: str | None = None
    """The tag (`de`) of the language of `first_sentences`: the contact's own, where that is known and has words."""
    fit_evidence: list[Evidence] = []
    readiness_evidence: list[Evidence] = []
    timeline: list[TimelineEntry] = []
    company: str | None = None
    country: str | None = None
    email_domain: str | None = None
    job_title: str | None = None
    brief: str | None = None
    origin_rep_id: str | None = None
    """Who booked the meeting for which it was handed over; a meeting that falls through brings it back."""
    colleagues: list[SameAccountLead] = []
    meeting_at: Instant | None = None
    """When the rep meets the contact, where they booked a slot."""
    main_contact_id: UUID | None = None
    """The most senior person of the account who shows interest, where that is somebody else than the contact."""


class LeadReleased(LeadDecision, frozen=True, kw_only=True):
    """Sales has the lead no more: it cooled, was recycled or was closed."""

    ce_type: ClassVar[str] = "lead.released.v1"
    identity: ClassVar[tuple[str, ...]] = ("lead_id", "placement")

    placement: int
    reason: str
    rep_id: str | None = None
    team: str | None = None
    suppress: SilencedChannels = SilencedChannels()
    wake_at: Instant | None = None
    """When its contact asked to be spoken to, where they put it off."""


class LeadScheduled(LeadEvent, frozen=True, kw_only=True):
    """The contact of a lead that sales has said when to call or to meet them: no promise runs before that.

    `occurred_at` is when they said so; the latest counts.
    """

    ce_type: ClassVar[str] = "lead.scheduled.v1"
    identity: ClassVar[tuple[str, ...]] = ("lead_id", "engagement_id")

    engagement_id: UUID
    preference: Preference
    preferred_at: Instant | None = None
    """The time that they named; None: at once, or with `not_now` at no time that they know."""


class LeadWorkEvent(LeadEvent, frozen=True, kw_only=True):
    """Something that a person did with a lead; `occurred_at` is when it really happened."""

    action_id: UUID
    by: str
    recorded_at: Instant
    state: str | None = None
    """The lead's state after it."""
    from_state: str | None = None
    """The lead's state before it, at the instant at which it is placed."""
    playbook_version: str | None = None


class LeadTouched(LeadWorkEvent, frozen=True, kw_only=True):
    """A rep (or a machine, when `automated`) tried to reach the contact."""

    ce_type: ClassVar[str] = "lead.touched.v1"
    identity: ClassVar[tuple[str, ...]] = ("action_id",)

    kind: TouchKind
    outcome: TouchOutcome
    automated: bool = False
    seconds: int | None = None
    topics: list[str] = []


class MeetingChanged(LeadWorkEvent, frozen=True, kw_only=True):
    """A meeting was booked, held, missed, moved or called off."""

    ce_type: ClassVar[str] = "meeting.changed.v1"
    identity: ClassVar[tuple[str, ...]] = ("action_id",)

    outcome: MeetingOutcome
    starts_at: Instant
    with_rep: str | None = None


class LeadAccepted(LeadWorkEvent, frozen=True, kw_only=True):
    """A rep said: I work it."""

    ce_type: ClassVar[str] = "lead.accepted.v1"
    identity: ClassVar[tuple[str, ...]] = ("action_id",)


class ContactCorrections(Part, frozen=True, kw_only=True):
    """What a person found to be otherwise than was known; None: not corrected."""

    country: str | None = None
    region: str | None = None
    postal_code: str | None = None
    company: str | None = None
    industry: str | None = None
    employees: int | None = None
    job_title: str | None = None


class LeadRejected(LeadWorkEvent, frozen=True, kw_only=True):
    """A rep gave a lead back with a reason; the reason decides what follows."""

    ce_type: ClassVar[str] = "lead.rejected.v1"
    identity: ClassVar[tuple[str, ...]] = ("action_id",)

    reason: str
    has_note: bool = False
    corrected: ContactCorrections | None = None
    """The facts by which the lead is routed again."""


class SalesFindings(ContactCorrections, frozen=True, kw_only=True):
    """What sales found out about a contact: corrected facts of the profile, and what it knows beside them."""

    competitor: str | None = None
    renewal_at: Instant | None = None
    """When the contract with the competitor ends."""


class LeadCorrected(LeadWorkEvent, frozen=True, kw_only=True):
    """Sales found out what a contact really is; the facts outrank what forms and imports brought, from here on."""

    ce_type: ClassVar[str] = "lead.corrected.v1"
    identity: ClassVar[tuple[str, ...]] = ("action_id",)

    found: SalesFindings
    reason: str | None = None
    """The reason with which it was found out; None where facts alone were corrected."""


class Bant(Part, frozen=True, kw_only=True):
    """A rep's four answers at sales qualification."""

    budget: bool
    authority: bool
    need: bool
    timing: bool


class LeadConfirmed(LeadWorkEvent, frozen=True, kw_only=True):
    """A rep confirmed the lead: an SQL, with BANT."""

    ce_type: ClassVar[str] = "lead.confirmed.v1"
    identity: ClassVar[tuple[str, ...]] = ("action_id",)

    bant: Bant


class OpportunityOpened(LeadWorkEvent, frozen=True, kw_only=True):
    """A deal was opened on the lead."""

    ce_type: ClassVar[str] = "opportunity.opened.v1"
    identity: ClassVar[tuple[str, ...]] = ("action_id",)

    amount: float | None = None
    currency: str | None = None
    external_id: str | None = None


class LeadWon(LeadWorkEvent, frozen=True, kw_only=True):
    """The deal was won."""

    ce_type: ClassVar[str] = "lead.won.v1"
    identity: ClassVar[tuple[str, ...]] = ("action_id",)

    amount: float | None = None


class LeadLost(LeadWorkEvent, frozen=True, kw_only=True):
    """The deal was lost, with a reason."""

    ce_type: ClassVar[str] = "lead.lost.v1"
    identity: ClassVar[tuple[str, ...]] = ("action_id",)

    reason: str
    has_note: bool = False


class CustomerChanged(ContactEvent, frozen=True, kw_only=True):
    """A customer bought more, renewed, left, or was handed back by customer success."""

    ce_type: ClassVar[str] = "customer.changed.v1"
    identity: ClassVar[tuple[str, ...]] = ("action_id",)

    action_id: UUID
    change: Literal["upsold", "renewed", "churned", "handed_back"]
    amount: float | None = None
    by: str
    lead_id: UUID | None = None
    """The lead that won the customer, where it is known."""
    recorded_at: Instant | None = None
    state: str | None = None
    from_state: str | None = None
    playbook_version: str | None = None


class CycleEndEvent(LeadDecision, frozen=True, kw_only=True):
    """A cycle ended without a win: why, and what comes next."""

    reason: str
    by: str
    attempts: int = 0
    has_note: bool = False
    track: str | None = None
    wake_at: Instant | None = None
    segment: str | None = None
    suppress: SilencedChannels = SilencedChannels()
    rep_id: str | None = None
    engaged_until: Instant | None = None
    """Never filled; a field of `.v1` may not go."""
    from_state: str | None = None
    state: str | None = None


class LeadRecycled(CycleEndEvent, frozen=True, kw_only=True):
    """Back to nurture with a reason, a track and a wake-up date: the default verb."""

    ce_type: ClassVar[str] = "lead.recycled.v1"
    identity: ClassVar[tuple[str, ...]] = ("lead_id", "occurred_at")


class LeadDisqualified(CycleEndEvent, frozen=True, kw_only=True):
    """Closed for the wrong ICP or persona."""

    ce_type: ClassVar[str] = "lead.disqualified.v1"
    identity: ClassVar[tuple[str, ...]] = ("lead_id", "occurred_at")


class LeadWoken(LeadDecision, frozen=True, kw_only=True):
    """A nurtured contact's wake-up date came, or a strong signal came first.

    Marketing starts nurture by track and segment; where it is for sales, scoring may make the next lead.
    """

    ce_type: ClassVar[str] = "lead.woken.v1"
    identity: ClassVar[tuple[str, ...]] = ("lead_id", "occurred_at")

    reason: str
    track: str | None = None
    early: bool = False
    rep_id: str | None = None
    starts_at: Literal["marketing", "sales"] = "sales"
    """Sales where the playbook says so for the reason, or where the contact engaged since the return."""
    segment: str | None = None


class FeedbackGiven(Event, frozen=True, kw_only=True):
    """Sales tells marketing about messaging, a topic or a piece of content; the words stay with the profile."""

    ce_type: ClassVar[str] = "feedback.given.v1"
    identity: ClassVar[tuple[str, ...]] = ("feedback_id",)

    feedback_id: UUID
    about: Literal["messaging", "topic", "content"]
    by: str
    contact_id: UUID | None = None
    campaign: str | None = None
    has_note: bool = False
    topic: str | None = None
    content: str | None = None

    @property
    def key(self) -> str:
        """By contact where there is one, else by campaign."""
        return str(self.contact_id or self.campaign or self.feedback_id)


class FeedbackAnswered(Event, frozen=True, kw_only=True):
    """Marketing says what it changed because of a piece of feedback."""

    ce_type: ClassVar[str] = "feedback.answered.v1"
    identity: ClassVar[tuple[str, ...]] = ("feedback_id", "occurred_at")

    feedback_id: UUID
    by: str
    contact_id: UUID | None = None
    campaign: str | None = None
    playbook_version: str | None = None
    rep_id: str | None = None
    """Whose feedback is answered."""
    change: str | None = None
    """What was changed, in the approvers' words: about the rules, never about a person."""
    proposal_id: UUID | None = None
    service: str | None = None
    """Whose playbook was changed."""
    answer: Literal["reply", "copy_changed", "new_content", "declined"] | None = None
    """What marketing answered by itself; None where a rule was changed."""
    content: str | None = None
    has_note: bool = False
    """Whether there are words; they stay with feedback, for the rep to read."""

    @property
    def key(self) -> str:
        """By contact where there is one, else by campaign."""
        return str(self.contact_id or self.campaign or self.feedback_id)


class LeadCycle(Part, frozen=True, kw_only=True):
    """One cycle in the snapshot of a contact's life as a lead."""

    lead_id: UUID
    cycle: int
    state: str
    side: Literal["marketing", "sales", "customer_success", "nobody"]
    since: Instant
    lead_type: str | None = None
    fit: str | None = None
    source: str | None = None
    campaign: str | None = None
    qualified_at: Instant | None = None
    handed_over_at: Instant | None = None
    rep_id: str | None = None
    team: str | None = None
    first_touched_at: Instant | None = None
    touches: int = 0
    accepted_at: Instant | None = None
    confirmed_at: Instant | None = None
    opportunity_at: Instant | None = None
    closed_at: Instant | None = None
    reason: str | None = None
    track: str | None = None
    wake_at: Instant | None = None
    amount: float | None = None
    contact_id: UUID | None = None
    """Whose cycle it is, where it is another contact's that turned out to be the same person."""
    stage: str | None = None
    """The stage by the definitions: the state, or a finer word for it."""


class LeadLifecycle(ContactEvent, frozen=True, kw_only=True):
    """The current state of all of a contact's cycles, for a CRM or a warehouse to mirror. Compacted."""

    ce_type: ClassVar[str] = "lead.lifecycle.v1"
    identity: ClassVar[tuple[str, ...]] = ("contact_id", "revision")

    revision: int
    cycles: list[LeadCycle]
